// SPDX-License-Identifier: BSD-3-Clause
#include "formula/symbol.hpp"

#include "base/math.hpp"

namespace driftwood::formula {

KOKKOS_FUNCTION Symbol Symbol::input(Recording& recording, Op kind, int index) {
  return {&recording, recording.add({kind, {-1, -1, -1}, 0, index, {}})};
}
KOKKOS_FUNCTION Symbol Symbol::of(Op op, const Symbol& a) {
  return {a.recording_, a.recording_->add({op, {a.entry_, -1, -1}, 0, 0, {}})};
}
KOKKOS_FUNCTION Symbol Symbol::of(Op op, const Symbol& a, const Symbol& b) {
  Recording& r = *(a.is_number() ? b : a).recording_;
  const int first = a.entry(r);
  const int second = b.entry(r);
  return {&r, r.add({op, {first, second, -1}, 0, 0, {}})};
}
KOKKOS_FUNCTION Symbol Symbol::of(Op op, const Symbol& a, const Symbol& b, const Symbol& c) {
  Recording& r = *(a.is_number() ? (b.is_number() ? c : b) : a).recording_;
  const int first = a.entry(r);
  const int second = b.entry(r);
  const int third = c.entry(r);
  return {&r, r.add({op, {first, second, third}, 0, 0, {}})};
}
KOKKOS_FUNCTION Symbol Symbol::of(Op op, const Points& table, const Symbol& a) {
  return {a.recording_, a.recording_->add({op, {a.entry_, -1, -1}, 0, 0, table})};
}
KOKKOS_FUNCTION Symbol operator-(const Symbol& a) {
  return a.is_number() ? Symbol(-a.number_) : Symbol::of(Op::negate, a);
}
KOKKOS_FUNCTION Symbol operator+(const Symbol& a, const Symbol& b) {
  if (a.is_number() && b.is_number()) return a.number_ + b.number_;
  if (a.is_number(0)) return b;
  if (b.is_number(0)) return a;
  return Symbol::of(Op::add, a, b);
}
KOKKOS_FUNCTION Symbol operator-(const Symbol& a, const Symbol& b) {
  if (a.is_number() && b.is_number()) return a.number_ - b.number_;
  if (a.is_number(0)) return -b;
  if (b.is_number(0)) return a;
  return Symbol::of(Op::subtract, a, b);
}
KOKKOS_FUNCTION Symbol operator*(const Symbol& a, const Symbol& b) {
  if (a.is_number() && b.is_number()) return a.number_ * b.number_;
  if (a.is_number(0) || b.is_number(0)) return 0.0;
  if (a.is_number(1)) return b;
  if (b.is_number(1)) return a;
  return Symbol::of(Op::multiply, a, b);
}
KOKKOS_FUNCTION Symbol operator/(const Symbol& a, const Symbol& b) {
  if (a.is_number() && b.is_number()) return a.number_ / b.number_;
  if (a.is_number(0)) return 0.0;
  if (b.is_number(1)) return a;
  return Symbol::of(Op::divide, a, b);
}
KOKKOS_FUNCTION Symbol fma(const Symbol& a, const Symbol& b, const Symbol& c) {
  if (a.is_number() && b.is_number() && c.is_number()) {
    return driftwood::fma(a.number(), b.number(), c.number());
  }
  if (a.is_number(0) || b.is_number(0)) return c;
  if (c.is_number(0)) return a * b;
  if (a.is_number(1)) return b + c;
  if (b.is_number(1)) return a + c;
  return Symbol::of(Op::multiply_add, a, b, c);
}
KOKKOS_FUNCTION Symbol sqrt(const Symbol& a) {
  return a.is_number() ? Symbol(driftwood::sqrt(a.number())) : Symbol::of(Op::sqrt, a);
}
KOKKOS_FUNCTION Symbol abs(const Symbol& a) {
  return a.is_number() ? Symbol(driftwood::abs(a.number())) : Symbol::of(Op::abs, a);
}
KOKKOS_FUNCTION Symbol less(const Symbol& a, const Symbol& b) {
  if (a.is_number() && b.is_number()) return a.number() < b.number() ? 1.0 : 0.0;
  return Symbol::of(Op::less, a, b);
}
KOKKOS_FUNCTION Symbol equal(const Symbol& a, const Symbol& b) {
  if (a.is_number() && b.is_number()) return a.number() == b.number() ? 1.0 : 0.0;
  return Symbol::of(Op::equal, a, b);
}
KOKKOS_FUNCTION Symbol select(const Symbol& m, const Symbol& yes, const Symbol& no) {
  if (m.is_number()) return m.number() == 0 ? no : yes;
  return Symbol::of(Op::choose, m, yes, no);
}
KOKKOS_FUNCTION Symbol operator&(const Symbol& a, const Symbol& b) { return a * b; }
KOKKOS_FUNCTION Symbol operator|(const Symbol& a, const Symbol& b) { return select(a, 1.0, b); }
KOKKOS_FUNCTION Symbol operator!(const Symbol& a) { return Symbol(1) - a; }
KOKKOS_FUNCTION Symbol max(const Symbol& a, const Symbol& b) { return select(less(b, a), a, b); }
KOKKOS_FUNCTION Symbol min(const Symbol& a, const Symbol& b) { return select(less(a, b), a, b); }
KOKKOS_FUNCTION Symbol minimum(const Symbol& a, const Symbol& b) {
  if (a.is_number() && b.is_number()) return b.number() < a.number() ? b : a;
  return Symbol::of(Op::minimum, a, b);
}
KOKKOS_FUNCTION Symbol maximum(const Symbol& a, const Symbol& b) {
  if (a.is_number() && b.is_number()) return a.number() < b.number() ? b : a;
  return Symbol::of(Op::maximum, a, b);
}
KOKKOS_FUNCTION Symbol step(const Symbol& a) {
  return a.is_number() ? Symbol(a.number() < 0 ? 0.0 : 1.0) : Symbol::of(Op::step, a);
}
KOKKOS_FUNCTION Symbol interpolate(const Points& points, const Symbol& x, Symbol& slope) {
  if (x.is_number()) {
    const ValueAndSlope at = interpolate(points, x.number());
    slope = at.slope;
    return at.value;
  }
  slope = Symbol::of(Op::table_slope, points, x);
  return Symbol::of(Op::table, points, x);
}

}  // namespace driftwood::formula

namespace driftwood::math {

KOKKOS_FUNCTION Symbol exp(const Symbol& a) {
  return a.is_number() ? Symbol(exp(a.number())) : Symbol::of(formula::Op::exp, a);
}
KOKKOS_FUNCTION Symbol log(const Symbol& a) {
  return a.is_number() ? Symbol(log(a.number())) : Symbol::of(formula::Op::log, a);
}
KOKKOS_FUNCTION Symbol log1p(const Symbol& a) {
  return a.is_number() ? Symbol(log1p(a.number())) : Symbol::of(formula::Op::log1p, a);
}
KOKKOS_FUNCTION Symbol expm1(const Symbol& a) {
  return a.is_number() ? Symbol(expm1(a.number())) : Symbol::of(formula::Op::expm1, a);
}
KOKKOS_FUNCTION Symbol sin(const Symbol& a) {
  return a.is_number() ? Symbol(sin(a.number())) : Symbol::of(formula::Op::sin, a);
}
KOKKOS_FUNCTION Symbol cos(const Symbol& a) {
  return a.is_number() ? Symbol(cos(a.number())) : Symbol::of(formula::Op::cos, a);
}
KOKKOS_FUNCTION Symbol tan(const Symbol& a) {
  return a.is_number() ? Symbol(tan(a.number())) : Symbol::of(formula::Op::tan, a);
}
KOKKOS_FUNCTION Symbol sinh(const Symbol& a) {
  return a.is_number() ? Symbol(sinh(a.number())) : Symbol::of(formula::Op::sinh, a);
}
KOKKOS_FUNCTION Symbol cosh(const Symbol& a) {
  return a.is_number() ? Symbol(cosh(a.number())) : Symbol::of(formula::Op::cosh, a);
}
KOKKOS_FUNCTION Symbol tanh(const Symbol& a) {
  return a.is_number() ? Symbol(tanh(a.number())) : Symbol::of(formula::Op::tanh, a);
}
KOKKOS_FUNCTION Symbol atan(const Symbol& a) {
  return a.is_number() ? Symbol(atan(a.number())) : Symbol::of(formula::Op::atan, a);
}
KOKKOS_FUNCTION Symbol sigmoid(const Symbol& a) {
  return a.is_number() ? Symbol(sigmoid(a.number())) : Symbol::of(formula::Op::sigmoid, a);
}
KOKKOS_FUNCTION void sincos(const Symbol& a, Symbol& sine, Symbol& cosine) {
  sine = sin(a);
  cosine = cos(a);
}

}  // namespace driftwood::math
