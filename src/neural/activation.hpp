// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "base/math.hpp"
#include "neural/shape.hpp"

namespace driftwood::neural {

/// Kidger et al. (2021), "Efficient and accurate gradients for neural SDEs", section 5: the largest
/// slope of swish is 1 / 0.909 to three digits, from below.
template <class T>
inline constexpr T lipswish_scale = T(0.909);

/// An activation and its derivative at x. Where one is not used the compiler leaves it out.
template <Activation a, class R>
KOKKOS_FORCEINLINE_FUNCTION void activate(const R& x, R& value, R& slope) {
  if constexpr (a == Activation::tanh) {
    value = math::tanh(x);
    slope = fma(-value, value, R(1));
  } else if constexpr (a == Activation::sigmoid) {
    R rest;
    math::logistic(x, value, rest);
    slope = value * rest;
  } else if constexpr (a == Activation::softplus) {
    R rest;
    value = math::softplus(x);
    math::logistic(x, slope, rest);
  } else if constexpr (a == Activation::swish) {
    R p;
    R rest;
    math::logistic(x, p, rest);
    value = x * p;
    slope = fma(value, rest, p);
  } else if constexpr (a == Activation::lipswish) {
    const R scale(lipswish_scale<value_of<R>>);
    activate<Activation::swish>(x, value, slope);
    value = scale * value;
    slope = scale * slope;
  } else {
    static_assert(a == Activation::identity);
    value = x;
    slope = R(1);
  }
}

/// Calls f with the activation as a constant.
template <class F>
KOKKOS_FORCEINLINE_FUNCTION void with_constant(Activation activation, F&& f) {
  using enum Activation;
  switch (activation) {
    case identity:
      return f(std::integral_constant<Activation, identity>{});
    case tanh:
      return f(std::integral_constant<Activation, tanh>{});
    case sigmoid:
      return f(std::integral_constant<Activation, sigmoid>{});
    case softplus:
      return f(std::integral_constant<Activation, softplus>{});
    case swish:
      return f(std::integral_constant<Activation, swish>{});
    case lipswish:
      return f(std::integral_constant<Activation, lipswish>{});
  }
}

}  // namespace driftwood::neural
