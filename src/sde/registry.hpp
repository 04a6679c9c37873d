// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <array>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "random/increments.hpp"
#include "sde/model.hpp"

namespace driftwood::sde {

// One per file of src/sde/models/, compiled there; null where DRIFTWOOD_MODELS leaves it out.
[[nodiscard]] std::shared_ptr<Model> make_additive_time_dependent();
[[nodiscard]] std::shared_ptr<Model> make_arctan();
[[nodiscard]] std::shared_ptr<Model> make_brusselator();
[[nodiscard]] std::shared_ptr<Model> make_cox_ingersoll_ross();
[[nodiscard]] std::shared_ptr<Model> make_double_well();
[[nodiscard]] std::shared_ptr<Model> make_expression();
[[nodiscard]] std::shared_ptr<Model> make_fitzhugh_nagumo();
[[nodiscard]] std::shared_ptr<Model> make_geometric_brownian_motion();
[[nodiscard]] std::shared_ptr<Model> make_ginzburg_landau();
[[nodiscard]] std::shared_ptr<Model> make_heston();
[[nodiscard]] std::shared_ptr<Model> make_kubo_oscillator();
[[nodiscard]] std::shared_ptr<Model> make_levy_area();
[[nodiscard]] std::shared_ptr<Model> make_linear_noncommuting();
[[nodiscard]] std::shared_ptr<Model> make_lotka_volterra();
[[nodiscard]] std::shared_ptr<Model> make_multivariate_ornstein_uhlenbeck();
[[nodiscard]] std::shared_ptr<Model> make_neural();
[[nodiscard]] std::shared_ptr<Model> make_ornstein_uhlenbeck();
[[nodiscard]] std::shared_ptr<Model> make_reaction_network();
[[nodiscard]] std::shared_ptr<Model> make_sine_drift();
[[nodiscard]] std::shared_ptr<Model> make_sinh_problem();
[[nodiscard]] std::shared_ptr<Model> make_stiff_linear();
[[nodiscard]] std::shared_ptr<Model> make_stochastic_lorenz();
[[nodiscard]] std::shared_ptr<Model> make_underdamped_langevin();

/// Every model of this build, for `[model] name`.
[[nodiscard]] std::vector<deck::Alternative<Model>> models();

/// What there is to say of a scheme without its kernels.
struct SchemeInfo {
  std::string_view name;
  std::string_view summary;
  Calculus calculus;
  DriftRule drift_rule;
  int evaluations;                          ///< of the drift, per step
  random::Increments (*increments)(Noise);  ///< what it asks of the noise
  double (*strong_order)(Noise);            ///< 0: does not converge path by path
  double (*weak_order)(Noise);              ///< 0: does not integrate such noise
  bool (*adapts)(Noise);                    ///< whether its steps may adapt to their errors
  bool (*has_own_steps)(Noise);             ///< whether paths may have steps of their own size
};

/// Kinds of noise, from special to general.
inline constexpr std::array all_noises = {Noise::additive, Noise::scalar, Noise::diagonal,
                                          Noise::commutative, Noise::general};

/// Every scheme there is.
[[nodiscard]] std::vector<SchemeInfo> schemes();

/// The scheme of that name; throws `Error` where there is none.
[[nodiscard]] SchemeInfo scheme_info(std::string_view name);

/// Names of every scheme there is.
[[nodiscard]] std::vector<std::string> scheme_names();

/// What to try where a drift is too steep for the steps of a plain scheme: names of the implicit
/// and tamed schemes that integrate the model. Empty where the scheme is one of those, or exact.
[[nodiscard]] std::string steep_drift_hint(const Model& model, std::string_view scheme);

/// What a run makes of the equation: the model's remarks, and how the scheme takes it.
[[nodiscard]] std::vector<std::string> remarks(const Model& model, std::string_view scheme);

/// The page src/sde/SCHEMES.md: how to choose a scheme, and tables of them all.
[[nodiscard]] std::string scheme_page();

/// The text of `--list`: models with the schemes that integrate them, and schemes with their
/// orders.
[[nodiscard]] std::string listing();

}  // namespace driftwood::sde
