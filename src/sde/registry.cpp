// SPDX-License-Identifier: BSD-3-Clause
#include "sde/registry.hpp"

#include <fmt/format.h>

#include <array>
#include <cmath>

#include "base/error.hpp"

namespace driftwood::sde {
namespace {

constexpr std::array all_noises = {Noise::additive, Noise::scalar, Noise::diagonal,
                                   Noise::commutative, Noise::general};

std::string order(double value) {
  return std::isinf(value) ? std::string("exact") : fmt::format("{}", value);
}

/// Strong and weak order by the kind of noise, kinds of the same orders together.
std::string orders(const SchemeInfo& scheme) {
  std::string text;
  std::string last;
  for (const Noise noise : all_noises) {
    if (scheme.weak_order(noise) == 0) continue;
    const double strong = scheme.strong_order(noise);
    const std::string now =
        fmt::format("{}weak {}", strong > 0 ? fmt::format("strong {}, ", order(strong)) : "",
                    order(scheme.weak_order(noise)));
    if (now == last) {
      text.insert(text.size() - now.size() - 2, fmt::format(", {}", to_string(noise)));
    } else {
      text += fmt::format("{}{}: {}", text.empty() ? "" : "; ", to_string(noise), now);
    }
    last = now;
  }
  return text;
}

}  // namespace

std::vector<deck::Alternative<Model>> models() {
  return {
      {"double_well", "dX = (a X - b X^3) dt + sigma dW", make_double_well},
      {"geometric_brownian_motion",
       "correlated assets, dS_i = drift_i S_i dt + volatility_i S_i dW_i",
       make_geometric_brownian_motion},
      {"heston", "dS = rate S dt + sqrt(v) S dW1, dv = kappa (theta - v) dt + sigma sqrt(v) dW2",
       make_heston},
      {"ornstein_uhlenbeck", "dX = rate (mean - X) dt + sigma dW", make_ornstein_uhlenbeck},
      {"reaction_network", "chemical Langevin equation of reactions written in the deck",
       make_reaction_network},
  };
}

SchemeInfo scheme_info(std::string_view name) {
  for (const SchemeInfo& scheme : schemes()) {
    if (scheme.name == name) return scheme;
  }
  throw Error("there is no scheme '" + std::string(name) + "'");
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
    text += fmt::format("  {}\n      {}\n      {}\n", scheme.name, scheme.summary, orders(scheme));
  }
  return text;
}

}  // namespace driftwood::sde
