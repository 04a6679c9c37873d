// SPDX-License-Identifier: BSD-3-Clause
#include "mcmc/reference.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "io/json.hpp"

namespace driftwood::mcmc {
namespace {

bool has(const std::vector<std::string>& names, const std::string& name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

ReferenceMoments moments_in(const io::JsonObject& entry) {
  ReferenceMoments out{entry.number("mean"), entry.number("sd"),
                       std::numeric_limits<double>::infinity()};
  if (!(out.sd > 0)) throw entry.error("sd", "is not positive");
  if (has(entry.names(), "draws")) out.draws = entry.number("draws");
  if (!(out.draws > 0)) throw entry.error("draws", "is not positive");
  return out;
}

}  // namespace

std::vector<ReferenceMoments> read_reference(const std::string& file,
                                             const std::vector<std::string>& names) {
  const io::JsonObject reference(file);
  for (const std::string& name : reference.names()) {
    if (!has(names, name)) throw reference.error(name, "is no parameter of the target");
  }
  std::vector<ReferenceMoments> out;
  for (const std::string& name : names) out.push_back(moments_in(reference.object(name)));
  return out;
}

double standard_errors(const ReferenceMoments& reference, double mean, double mcse) {
  return (mean - reference.mean) /
         std::sqrt(mcse * mcse + reference.sd * reference.sd / reference.draws);
}

}  // namespace driftwood::mcmc
