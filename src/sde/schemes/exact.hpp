// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <limits>
#include <utility>

#include "sde/concepts.hpp"

namespace driftwood::sde {

/// The exact law of a field over a step of any size, where the field knows it.
struct Exact {
  static constexpr std::string_view name = "exact";
  static constexpr std::string_view summary = "the closed-form law, for any step";
  static constexpr Calculus calculus = Calculus::ito;
  static constexpr bool uses_transition = true;
  static constexpr int evaluations = 1;
  static constexpr Increments increments(Noise) { return Increments::brownian; }
  static constexpr double strong_order(Noise) { return std::numeric_limits<double>::infinity(); }
  static constexpr double weak_order(Noise) { return std::numeric_limits<double>::infinity(); }

  template <HasTransition F, class H = double>
  struct Step {
    decltype(std::declval<const F&>().transition(std::declval<const H&>())) transition;

    KOKKOS_FUNCTION Step(const F& f, const H& step_size) : transition(f.transition(step_size)) {}

    template <class Time, class X, class W>
    KOKKOS_FORCEINLINE_FUNCTION X operator()(const Time&, const X& x, const W& w) const {
      if constexpr (HasSampledTransition<F>) {
        return transition(x, w);
      } else {
        return transition(x, w.dw);
      }
    }
  };
};
static_assert(Scheme<Exact>);

}  // namespace driftwood::sde
