// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <string>
#include <vector>

#include "deck/distribution.hpp"
#include "formula/program.hpp"

namespace driftwood::sde {

/// How much is known ahead of the rate at which jumps come.
enum class RateLaw {
  constant,  ///< it stays: waiting times are exponential
  bounded,   ///< it has a bound, at whose rate jumps come that are taken with the probability
             ///< rate / bound: thinning, Lewis and Shedler (1979)
  held       ///< it is taken at the beginning of each step, and after each jump
};

/// Jumps that come at random times and change the state: X = X- + change(t, X-, marks).
struct JumpKind {
  std::string name;
  RateLaw law;
  double bound;                           ///< of the rate, if it has one [1/time]
  formula::Program rate;                  ///< of the components [1/time]
  std::vector<deck::Distribution> marks;  ///< numbers that each jump draws: no columns
  std::vector<int> components;            ///< those that it changes
  formula::Program change;  ///< output i is added to components[i]; inputs: components, then marks
};

/// All jumps of an equation.
struct JumpPlan {
  std::vector<JumpKind> kinds;
  std::vector<double> parameters;  ///< the inputs of the formulas that stay; of those that paths
                                   ///< draw, any number
};

}  // namespace driftwood::sde
