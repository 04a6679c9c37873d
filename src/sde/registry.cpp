// SPDX-License-Identifier: BSD-3-Clause
#include "sde/registry.hpp"

#include <fmt/format.h>

#include <cmath>

#include "base/error.hpp"

namespace driftwood::sde {
namespace {

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

std::string Model::traits() const {
  return fmt::format("{}, {} noise; schemes: {}", to_string(calculus()), to_string(noise()),
                     fmt::join(schemes(), ", "));
}

bool Model::has_own_steps(const std::string& scheme) const {
  return scheme_info(scheme).has_own_steps(noise());
}

std::vector<deck::Alternative<Model>> models() {
  std::vector<deck::Alternative<Model>> all = {
      {"additive_time_dependent",
       "dX = (b / sqrt(1 + t) - X / (2 (1 + t))) dt + a b / sqrt(1 + t) dW",
       make_additive_time_dependent},
      {"arctan", "dX = -p^2 sin X cos^3 X dt + p cos^2 X dW", make_arctan},
      {"brusselator",
       "dX = (a - (b + 1) X + X^2 Y) dt - sigma X o dW, dY = (b X - X^2 Y) dt + sigma X o dW",
       make_brusselator},
      {"cox_ingersoll_ross", "dX = rate (mean - X) dt + sigma sqrt(X) dW", make_cox_ingersoll_ross},
      {"double_well", "dX = (a X - b X^3) dt + sigma dW", make_double_well},
      {"expression", "any equation, its drift and diffusion written as formulas in the deck",
       make_expression},
      {"fitzhugh_nagumo",
       "dV = (V - V^3/3 - W + current) dt + sigma dB, dW = epsilon (V + a - b W) dt",
       make_fitzhugh_nagumo},
      {"geometric_brownian_motion",
       "correlated assets, dS_i = drift_i S_i dt + volatility_i S_i dW_i",
       make_geometric_brownian_motion},
      {"ginzburg_landau", "dX = (a X - b X^3) dt + sigma X dW", make_ginzburg_landau},
      {"heston", "dS = rate S dt + sqrt(v) S dW1, dv = kappa (theta - v) dt + sigma sqrt(v) dW2",
       make_heston},
      {"kubo_oscillator", "dZ = i frequency Z dt + i sigma Z o dW, Z = X + i Y",
       make_kubo_oscillator},
      {"levy_area", "dX1 = dW1, dX2 = dW2, dX3 = (X1 o dW2 - X2 o dW1) / 2", make_levy_area},
      {"linear_noncommuting", "dX = A X dt + B1 X dW1 + B2 X dW2 with 2 x 2 matrices",
       make_linear_noncommuting},
      {"lotka_volterra",
       "dX = X (alpha - beta Y) dt + sigma_prey X dW1, dY = Y (delta X - gamma) dt + "
       "sigma_predator Y dW2",
       make_lotka_volterra},
      {"multivariate_ornstein_uhlenbeck", "dX = A (mean - X) dt + B dW with matrices A and B",
       make_multivariate_ornstein_uhlenbeck},
      {"neural", "dX = f(X) dt + g(X) o dW, where f and g are networks, for sde_gradient",
       make_neural},
      {"ornstein_uhlenbeck", "dX = rate (mean - X) dt + sigma dW", make_ornstein_uhlenbeck},
      {"reaction_network", "chemical Langevin equation of reactions written in the deck",
       make_reaction_network},
      {"sine_drift", "dX = sin X dt + sigma dW", make_sine_drift},
      {"sinh_problem", "dX = X/2 dt + sqrt(1 + X^2) dW", make_sinh_problem},
      {"stiff_linear", "dX = -rate (X - cos t) dt + sigma dW", make_stiff_linear},
      {"stochastic_lorenz",
       "dX = s (Y - X) dt, dY = (X (r - Z) - Y) dt, dZ = (X Y - b Z) dt, each + sigma (X|Y|Z) dW",
       make_stochastic_lorenz},
      {"underdamped_langevin",
       "dQ = V dt, dV = (-stiffness Q - quartic Q^3 - friction V) dt + sqrt(2 friction "
       "temperature) dW",
       make_underdamped_langevin},
  };
  std::erase_if(all, [](const auto& alternative) { return alternative.make() == nullptr; });
  return all;
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

std::string steep_drift_hint(const Model& model, std::string_view scheme) {
  if (scheme_info(scheme).drift_rule != DriftRule::plain) return "";
  std::vector<std::string> implicit;
  std::vector<std::string> tamed;
  for (const std::string& name : model.schemes()) {
    const DriftRule rule = scheme_info(name).drift_rule;
    if (rule == DriftRule::implicit) implicit.push_back(name);
    if (rule == DriftRule::tamed) tamed.push_back(name);
  }
  return fmt::format(
      "an implicit scheme where the drift is stiff ({}), a tamed one where it grows fast ({})",
      fmt::join(implicit, ", "), fmt::join(tamed, ", "));
}

std::vector<std::string> remarks(const Model& model, std::string_view scheme) {
  const SchemeInfo info = scheme_info(scheme);
  const std::string_view written = to_string(model.calculus());
  std::vector<std::string> out = model.remarks();
  if (info.calculus == model.calculus() || model.noise() == Noise::additive ||
      info.drift_rule == DriftRule::exact) {
    out.push_back(fmt::format("{} takes the {} equation as it is", scheme, written));
  } else {
    out.push_back(
        fmt::format("{} is for {} equations: the drift is converted from {}, with exact "
                    "derivatives of the diffusion",
                    scheme, to_string(info.calculus), written));
  }
  return out;
}

std::string listing() {
  std::string text = "Models ([model] name) and the schemes that integrate them\n\n";
  for (const auto& alternative : models()) {
    const auto model = alternative.make();
    text += fmt::format("  {}\n      {}\n      {}\n", alternative.name, alternative.summary,
                        model->traits());
  }
  text += "\nSchemes ([time] scheme)\n\n";
  for (const SchemeInfo& scheme : schemes()) {
    text += fmt::format("  {}\n      {}\n      {}\n", scheme.name, scheme.summary, orders(scheme));
  }
  return text;
}

}  // namespace driftwood::sde
