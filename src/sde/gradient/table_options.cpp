// SPDX-License-Identifier: BSD-3-Clause
#include "sde/gradient/table_options.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <optional>

#include "base/suggest.hpp"
#include "sde/gradient/options.hpp"

namespace driftwood::sde {
namespace {

/// "heun adjoint"; empty where there is no such mode.
std::optional<GradientCase> case_of(const std::string& text) {
  const std::size_t gap = text.find(' ');
  if (gap == std::string::npos) return std::nullopt;
  for (const GradientMode mode : all_gradient_modes) {
    if (text.substr(gap + 1) == to_string(mode)) return GradientCase{text.substr(0, gap), mode};
  }
  return std::nullopt;
}

}  // namespace

void ErrorTableOptions::describe(deck::Schema& s) {
  s.key("cases", case_names, deck::non_empty,
        "whose gradients are compared with those of mode pathwise of the same scheme: a scheme and "
        "a mode each, such as \"heun adjoint\"")
      .also(deck::distinct);
  s.key("steps", given_steps, deck::length(1, 64), "numbers of steps, one grid each")
      .also(deck::positive)
      .also(deck::increasing);
}

void ErrorTableOptions::validate(const deck::Source& deck, const Model& model) const {
  const std::vector<std::string> schemes = model.schemes();
  for (std::size_t i = 0; i < case_names.size(); ++i) {
    const std::string key = fmt::format("table.cases[{}]", i);
    const auto found = case_of(case_names[i]);
    if (!found) {
      throw deck.error(key, fmt::format("'{}' is not a scheme and a mode", case_names[i]),
                       fmt::format("modes are: {}", fmt::join(gradient_mode_names(), ", ")),
                       "write for example \"heun adjoint\"");
    }
    if (std::find(schemes.begin(), schemes.end(), found->scheme) == schemes.end()) {
      const std::string near = nearest(found->scheme, schemes);
      throw deck.error(
          key, fmt::format("scheme '{}' does not integrate '{}'", found->scheme, model.name()),
          fmt::format("these do: {}", fmt::join(schemes, ", ")),
          near.empty() ? "choose one of them" : fmt::format("did you mean '{}'?", near));
    }
    require_gradients(deck, key, found->scheme, model);
    require_mode(deck, key, found->mode, found->scheme, model);
  }
  for (std::size_t i = 0; i < given_steps.size(); ++i) {
    if (given_steps[i] == std::floor(given_steps[i]) && given_steps[i] <= 0x1p30) continue;
    throw deck.error(fmt::format("table.steps[{}]", i),
                     fmt::format("{} is not a number of steps", given_steps[i]),
                     "it must be whole, from 1 to 2^30");
  }
}

std::vector<GradientCase> ErrorTableOptions::cases() const {
  std::vector<GradientCase> out;
  for (const std::string& name : case_names) out.push_back(case_of(name).value());
  return out;
}

std::vector<std::int64_t> ErrorTableOptions::steps() const {
  std::vector<std::int64_t> out;
  for (const double n : given_steps) out.push_back(static_cast<std::int64_t>(n));
  return out;
}

}  // namespace driftwood::sde
