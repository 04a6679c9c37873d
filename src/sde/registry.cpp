// SPDX-License-Identifier: BSD-3-Clause
#include "sde/registry.hpp"

#include <fmt/format.h>

namespace driftwood::sde {

std::vector<deck::Alternative<Model>> models() {
  return {
      {"double_well", "dX = (a X - b X^3) dt + sigma dW", make_double_well},
      {"geometric_brownian_motion",
       "correlated assets, dS_i = drift_i S_i dt + volatility_i S_i dW_i",
       make_geometric_brownian_motion},
      {"heston", "dS = rate S dt + sqrt(v) S dW1, dv = kappa (theta - v) dt + sigma sqrt(v) dW2",
       make_heston},
      {"ornstein_uhlenbeck", "dX = rate (mean - X) dt + sigma dW", make_ornstein_uhlenbeck},
  };
}

std::vector<std::string> scheme_names() {
  std::vector<std::string> names;
  for (const SchemeInfo& scheme : schemes()) names.emplace_back(scheme.name);
  return names;
}

std::string listing() {
  std::string text = "Models ([model] name) and the schemes that integrate them\n\n";
  for (const auto& alternative : models()) {
    const auto model = alternative.make();
    text += fmt::format("  {}\n      {}\n      {}, {} noise; schemes: {}\n", alternative.name,
                        alternative.summary, to_string(model->calculus()),
                        to_string(model->noise()), fmt::join(model->schemes(), ", "));
  }
  text += "\nSchemes ([time] scheme)\n\n";
  for (const SchemeInfo& scheme : schemes()) {
    text += fmt::format("  {}\n      {}\n      strong order {}, {} for additive noise; weak {}\n",
                        scheme.name, scheme.summary, scheme.strong_order,
                        scheme.additive_strong_order, scheme.weak_order);
  }
  return text;
}

}  // namespace driftwood::sde
