// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <string_view>

#include "sde/calculus.hpp"

namespace driftwood::sde {

/// A Runge-Kutta scheme of one or two stages that weighs drift and noise alike: with increments
/// k_i = h f(t_i, y_i) + g(t_i, y_i) W,
///
///     t_1 = t,  y_1 = y,  t_2 = t + c h,  y_2 = y + a k_1,  y' = y + b_1 k_1 + b_2 k_2.
struct NeuralTableau {
  int stages;
  double a;
  double b[2];
  double c;
};

struct NeuralScheme {
  std::string_view name;
  Calculus calculus;
  bool is_reversible;  ///< reversible Heun, which is no such scheme
  NeuralTableau tableau;
};

/// Schemes by which equations of networks are solved.
inline constexpr NeuralScheme neural_schemes[] = {
    {"euler_maruyama", Calculus::ito, false, {1, 0, {1, 0}, 0}},
    {"heun", Calculus::stratonovich, false, {2, 1, {0.5, 0.5}, 1}},
    {"midpoint", Calculus::stratonovich, false, {2, 0.5, {0, 1}, 0.5}},
    {"reversible_heun", Calculus::stratonovich, true, {1, 0, {1, 0}, 0}},
};

}  // namespace driftwood::sde
