// SPDX-License-Identifier: BSD-3-Clause
#include "mcmc/reference_draws.hpp"

#include <algorithm>
#include <cmath>

#include "io/json.hpp"
#include "io/stored_draws.hpp"

namespace driftwood::mcmc {
namespace {

/// (number, draw) of every number of a parameter.
using Columns = std::vector<std::vector<double>>;

Columns columns_of(const io::StoredDraws& stored) {
  Columns out(static_cast<std::size_t>(stored.numbers));
  for (std::size_t i = 0; i < stored.values.size(); ++i) {
    out[i % out.size()].push_back(stored.values[i]);
  }
  return out;
}

Columns columns_of(const std::vector<io::JsonObject>& chains, const Parameter& parameter) {
  Columns out;
  for (std::int64_t k = 0; k < parameter.numbers(); ++k) {
    const std::string name =
        parameter.count == 0 ? parameter.name : parameter.name + "[" + std::to_string(k + 1) + "]";
    out.emplace_back();
    for (const io::JsonObject& chain : chains) {
      const std::vector<double> draws = chain.numbers(name);
      out.back().insert(out.back().end(), draws.begin(), draws.end());
    }
  }
  return out;
}

}  // namespace

std::vector<double> read_reference_draws(const std::string& file,
                                         const std::vector<Parameter>& parameters) {
  std::vector<io::JsonObject> chains;
  const bool is_json = file.ends_with(".json");
  if (is_json) chains = io::JsonObject::list(file);
  Columns all;
  for (const Parameter& parameter : parameters) {
    Columns columns =
        is_json ? columns_of(chains, parameter) : columns_of(io::read_draws(file, parameter.name));
    if (std::ssize(columns) != parameter.numbers()) {
      throw UsageError(file + ": '" + parameter.name + "' has " + std::to_string(columns.size()) +
                           " numbers, and not " + std::to_string(parameter.numbers()),
                       "", "give draws of the same target");
    }
    for (auto& column : columns) all.push_back(std::move(column));
  }
  const std::size_t draws = all.front().size();
  std::vector<double> out(draws * all.size());
  for (std::size_t i = 0; i < all.size(); ++i) {
    const auto is_number = [](double v) { return std::isfinite(v); };
    if (all[i].size() != draws || !std::all_of(all[i].begin(), all[i].end(), is_number)) {
      throw UsageError(file + ": there are not as many finite draws of every parameter");
    }
    for (std::size_t d = 0; d < draws; ++d) out[d * all.size() + i] = all[i][d];
  }
  return out;
}

}  // namespace driftwood::mcmc
