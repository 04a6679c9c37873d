// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// The operations of formulas on lanes and dual numbers.

#include "base/dual.hpp"
#include "formula/op.hpp"
#include "formula/symbol.hpp"

namespace driftwood::formula {

/// A lane as parts that fit into registers: functions of many operations work on these.
template <class R>
struct Parts {
  using Part = R;
  static constexpr int count = 1;
  KOKKOS_FORCEINLINE_FUNCTION static const R& get(const R& a, int) { return a; }
  KOKKOS_FORCEINLINE_FUNCTION static void set(R& to, int, const R& from) { to = from; }
};
template <template <class, int> class P, class T, int K>
requires is_wide<P<T, K>>
struct Parts<P<T, K>> {
  using Part = Lane<T>;
  static constexpr int count = width_of<P<T, K>> / width_of<Part>;
  static_assert(count * width_of<Part> == width_of<P<T, K>>);
  KOKKOS_FORCEINLINE_FUNCTION static Part get(const P<T, K>& a, int p) {
    return part_of<Part>(a, p);
  }
  KOKKOS_FORCEINLINE_FUNCTION static void set(P<T, K>& to, int p, const Part& from) {
    set_part(to, p, from);
  }
};
template <class R>
struct Parts<Dual<R>> {
  using Part = Dual<typename Parts<R>::Part>;
  static constexpr int count = Parts<R>::count;
  KOKKOS_FORCEINLINE_FUNCTION static Part get(const Dual<R>& a, int p) {
    return {Parts<R>::get(a.value, p), Parts<R>::get(a.tangent, p)};
  }
  KOKKOS_FORCEINLINE_FUNCTION static void set(Dual<R>& to, int p, const Part& from) {
    Parts<R>::set(to.value, p, from.value);
    Parts<R>::set(to.tangent, p, from.tangent);
  }
};

/// to = f(a), part by part.
template <class R, class F>
KOKKOS_FORCEINLINE_FUNCTION void each_part(R& to, const R& a, const F& f) {
  for (int p = 0; p < Parts<R>::count; ++p) Parts<R>::set(to, p, f(Parts<R>::get(a, p)));
}

/// The smaller; the first where they are equal, NaN where either is.
template <class R>
KOKKOS_FORCEINLINE_FUNCTION R minimum(const R& a, const R& b) {
  return select(less(b, a), b, select(equal(b, b), a, b));
}
/// The larger; the first where they are equal, NaN where either is.
template <class R>
KOKKOS_FORCEINLINE_FUNCTION R maximum(const R& a, const R& b) {
  return select(less(a, b), b, select(equal(b, b), a, b));
}
/// 0 below zero, 1 from zero on, NaN for NaN.
template <class R>
KOKKOS_FORCEINLINE_FUNCTION R step(const R& a) {
  return select(less(a, R(0)), R(0), select(equal(a, a), R(1), a));
}

/// to = op(a, b, c), the result of an operation of a tape; `to` may be one of the operands.
/// look_up(to, a) does it for tables.
template <class R, class F>
KOKKOS_FORCEINLINE_FUNCTION void apply(Op op, R& to, const R& a, const R& b, const R& c,
                                       const F& look_up) {
  switch (op) {
    case Op::negate:
      to = -a;
      return;
    case Op::add:
      to = a + b;
      return;
    case Op::subtract:
      to = a - b;
      return;
    case Op::multiply:
      to = a * b;
      return;
    case Op::divide:
      to = a / b;
      return;
    case Op::multiply_add:
      to = fma(a, b, c);
      return;
    case Op::multiply_subtract:
      to = fma(a, b, -c);
      return;
    case Op::subtract_product:
      to = fma(-a, b, c);
      return;
    case Op::minimum:
      to = minimum(a, b);
      return;
    case Op::maximum:
      to = maximum(a, b);
      return;
    case Op::step:
      to = step(a);
      return;
    case Op::less:
      to = select(less(a, b), R(1), R(0));
      return;
    case Op::equal:
      to = select(equal(a, b), R(1), R(0));
      return;
    case Op::choose:
      to = select(equal(a, R(0)), c, b);
      return;
    case Op::abs:
      to = abs(a);
      return;
    case Op::sqrt:
      to = sqrt(a);
      return;
    case Op::exp:
      return each_part(to, a, [](const auto& x) { return math::exp(x); });
    case Op::log:
      return each_part(to, a, [](const auto& x) { return math::log(x); });
    case Op::log1p:
      return each_part(to, a, [](const auto& x) { return math::log1p(x); });
    case Op::expm1:
      return each_part(to, a, [](const auto& x) { return math::expm1(x); });
    case Op::sin:
      return each_part(to, a, [](const auto& x) { return math::sin(x); });
    case Op::cos:
      return each_part(to, a, [](const auto& x) { return math::cos(x); });
    case Op::tan:
      return each_part(to, a, [](const auto& x) { return math::tan(x); });
    case Op::sinh:
      return each_part(to, a, [](const auto& x) { return math::sinh(x); });
    case Op::cosh:
      return each_part(to, a, [](const auto& x) { return math::cosh(x); });
    case Op::tanh:
      return each_part(to, a, [](const auto& x) { return math::tanh(x); });
    case Op::atan:
      return each_part(to, a, [](const auto& x) { return math::atan(x); });
    case Op::sigmoid:
      return each_part(to, a, [](const auto& x) { return math::sigmoid(x); });
    case Op::table:
      return look_up(to, a);
    case Op::number:
    case Op::time:
    case Op::varying:
    case Op::fixed:
    case Op::power:
    case Op::whole_power:
    case Op::table_slope:
      return;
  }
}

/// to = g f'(a) of a function f of one argument, where `value` is f(a). At kinks as dual numbers.
template <class R>
KOKKOS_FORCEINLINE_FUNCTION void pull_back(Op op, R& to, const R& g, const R& a, const R& value) {
  using T = value_of<R>;
  const auto times = [&](const auto& slope) {
    each_part(to, a, slope);
    to = g * to;
  };
  switch (op) {
    case Op::negate:
      to = -g;
      return;
    case Op::abs:
      to = select(less(R(0), a), g, select(less(a, R(0)), -g, R(0)));
      return;
    case Op::sqrt:
      to = select(less(R(0), value), R(T(0.5)) / value, R(0)) * g;
      return;
    case Op::exp:
      to = g * value;
      return;
    case Op::log:
      to = g / a;
      return;
    case Op::log1p:
      to = g / (R(1) + a);
      return;
    case Op::expm1:
      return times([](const auto& x) { return math::exp(x); });
    case Op::sin:
      return times([](const auto& x) { return math::cos(x); });
    case Op::cos:
      return times([](const auto& x) { return -math::sin(x); });
    case Op::tan:
      to = g * fma(value, value, R(1));
      return;
    case Op::sinh:
      return times([](const auto& x) { return math::cosh(x); });
    case Op::cosh:
      return times([](const auto& x) { return math::sinh(x); });
    case Op::tanh:
      each_part(to, a, [](const auto& x) { return math::sigmoid_slope(x + x); });
      to = R(4) * g * to;
      return;
    case Op::atan:
      to = g / fma(a, a, R(1));
      return;
    case Op::sigmoid:
      return times([](const auto& x) { return math::sigmoid_slope(x); });
    default:  // step, less, equal
      to = R(0);
      return;
  }
}

}  // namespace driftwood::formula
