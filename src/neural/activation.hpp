// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "base/math.hpp"
#include "neural/shape.hpp"

namespace driftwood::neural {

/// An activation and its derivative at one number.
template <class R>
struct Activated {
  R value;
  R slope;
};

/// Kidger et al. (2021), "Efficient and accurate gradients for neural SDEs", section 5: the largest
/// slope of swish is 1 / 0.909 to three digits, from below.
template <class T>
inline constexpr T lipswish_scale = T(0.909);

/// Where the slope is not used the compiler leaves it out.
template <Activation a, class R>
KOKKOS_FORCEINLINE_FUNCTION Activated<R> activated(const R& x) {
  if constexpr (a == Activation::tanh) {
    const R value = math::tanh(x);
    return {value, fma(-value, value, R(1))};
  } else if constexpr (a == Activation::sigmoid) {
    const math::Logistic<R> p(x);
    return {p.value, p.value * p.rest};
  } else if constexpr (a == Activation::softplus) {
    return {math::softplus(x), math::Logistic<R>(x).value};
  } else if constexpr (a == Activation::swish) {
    const math::Logistic<R> p(x);
    const R value = x * p.value;
    return {value, fma(value, p.rest, p.value)};
  } else if constexpr (a == Activation::lipswish) {
    const R scale(lipswish_scale<value_of<R>>);
    const auto swish = activated<Activation::swish>(x);
    return {scale * swish.value, scale * swish.slope};
  } else {
    static_assert(a == Activation::identity);
    return {x, R(1)};
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
