// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// A lane that is no number but the place of one in a record of operations: code that is a template
/// over the lane, run once on symbols, leaves a list of what it computes, which a `Graph` takes up.
/// Griewank and Walther (2008), section 6.1: tracing by overloading.
///
/// Before everything that evaluates elementary functions of lanes by their qualified names.

#include "base/dual.hpp"
#include "formula/interpolate.hpp"
#include "formula/op.hpp"

namespace driftwood::formula {

/// An operation of a record, or a leaf; operands are earlier entries.
struct Recorded {
  Op op;
  int operand[3];
  double number;  ///< of a number
  int index;      ///< of an input
  Points table;   ///< where it is one
};

/// The record of one piece of code, in memory of the caller. Entries beyond it are counted, not
/// kept.
struct Recording {
  Recorded* entry;
  int capacity;
  int size = 0;

  KOKKOS_INLINE_FUNCTION int add(const Recorded& r) {
    if (size < capacity) entry[size] = r;
    return size++;
  }
  [[nodiscard]] bool is_whole() const { return size <= capacity; }
};

/// A value that the recorded code computes, or a number that it knows.
class Symbol {
 public:
  Symbol() = default;
  KOKKOS_INLINE_FUNCTION Symbol(double number) : number_(number) {}  // NOLINT: a constant

  /// Input `index` of the kind `varying` or `fixed`, or the time.
  KOKKOS_INLINE_FUNCTION static Symbol input(Recording& recording, Op kind, int index) {
    return {&recording, recording.add({kind, {-1, -1, -1}, 0, index, {}})};
  }

  [[nodiscard]] KOKKOS_INLINE_FUNCTION bool is_number() const { return recording_ == nullptr; }
  [[nodiscard]] KOKKOS_INLINE_FUNCTION bool is_number(double value) const {
    return is_number() && number_ == value;
  }
  [[nodiscard]] KOKKOS_INLINE_FUNCTION double number() const { return number_; }

  /// Its entry in the record, where numbers get one.
  [[nodiscard]] KOKKOS_INLINE_FUNCTION int entry(Recording& recording) const {
    if (!is_number()) return entry_;
    return recording.add({Op::number, {-1, -1, -1}, number_, 0, {}});
  }

  /// The result of an operation of which not all operands are numbers.
  KOKKOS_INLINE_FUNCTION static Symbol of(Op op, const Symbol& a) {
    return {a.recording_, a.recording_->add({op, {a.entry_, -1, -1}, 0, 0, {}})};
  }
  KOKKOS_INLINE_FUNCTION static Symbol of(Op op, const Symbol& a, const Symbol& b) {
    Recording& r = *(a.is_number() ? b : a).recording_;
    const int first = a.entry(r);
    const int second = b.entry(r);
    return {&r, r.add({op, {first, second, -1}, 0, 0, {}})};
  }
  KOKKOS_INLINE_FUNCTION static Symbol of(Op op, const Symbol& a, const Symbol& b,
                                          const Symbol& c) {
    Recording& r = *(a.is_number() ? (b.is_number() ? c : b) : a).recording_;
    const int first = a.entry(r);
    const int second = b.entry(r);
    const int third = c.entry(r);
    return {&r, r.add({op, {first, second, third}, 0, 0, {}})};
  }
  /// The value of a table, or where `op` says so its slope, at a symbol that is no number.
  KOKKOS_INLINE_FUNCTION static Symbol of(Op op, const Points& table, const Symbol& a) {
    return {a.recording_, a.recording_->add({op, {a.entry_, -1, -1}, 0, 0, table})};
  }

  // What a factor of zero, or of one, or a term of zero leaves out costs a kernel nothing.
  friend KOKKOS_INLINE_FUNCTION Symbol operator-(const Symbol& a) {
    return a.is_number() ? Symbol(-a.number_) : of(Op::negate, a);
  }
  friend KOKKOS_INLINE_FUNCTION Symbol operator+(const Symbol& a, const Symbol& b) {
    if (a.is_number() && b.is_number()) return a.number_ + b.number_;
    if (a.is_number(0)) return b;
    if (b.is_number(0)) return a;
    return of(Op::add, a, b);
  }
  friend KOKKOS_INLINE_FUNCTION Symbol operator-(const Symbol& a, const Symbol& b) {
    if (a.is_number() && b.is_number()) return a.number_ - b.number_;
    if (a.is_number(0)) return -b;
    if (b.is_number(0)) return a;
    return of(Op::subtract, a, b);
  }
  friend KOKKOS_INLINE_FUNCTION Symbol operator*(const Symbol& a, const Symbol& b) {
    if (a.is_number() && b.is_number()) return a.number_ * b.number_;
    if (a.is_number(0) || b.is_number(0)) return 0.0;
    if (a.is_number(1)) return b;
    if (b.is_number(1)) return a;
    return of(Op::multiply, a, b);
  }
  friend KOKKOS_INLINE_FUNCTION Symbol operator/(const Symbol& a, const Symbol& b) {
    if (a.is_number() && b.is_number()) return a.number_ / b.number_;
    if (a.is_number(0)) return 0.0;
    if (b.is_number(1)) return a;
    return of(Op::divide, a, b);
  }

  // A condition is 1 where it holds, else 0.
  friend KOKKOS_INLINE_FUNCTION Symbol fma(const Symbol& a, const Symbol& b, const Symbol& c) {
    if (a.is_number() && b.is_number() && c.is_number()) {
      return driftwood::fma(a.number(), b.number(), c.number());
    }
    if (a.is_number(0) || b.is_number(0)) return c;
    if (c.is_number(0)) return a * b;
    if (a.is_number(1)) return b + c;
    if (b.is_number(1)) return a + c;
    return of(Op::multiply_add, a, b, c);
  }
  friend KOKKOS_INLINE_FUNCTION Symbol sqrt(const Symbol& a) {
    return a.is_number() ? Symbol(driftwood::sqrt(a.number())) : of(Op::sqrt, a);
  }
  friend KOKKOS_INLINE_FUNCTION Symbol abs(const Symbol& a) {
    return a.is_number() ? Symbol(driftwood::abs(a.number())) : of(Op::abs, a);
  }

  friend KOKKOS_INLINE_FUNCTION Symbol less(const Symbol& a, const Symbol& b) {
    if (a.is_number() && b.is_number()) return a.number() < b.number() ? 1.0 : 0.0;
    return of(Op::less, a, b);
  }
  friend KOKKOS_INLINE_FUNCTION Symbol equal(const Symbol& a, const Symbol& b) {
    if (a.is_number() && b.is_number()) return a.number() == b.number() ? 1.0 : 0.0;
    return of(Op::equal, a, b);
  }
  friend KOKKOS_INLINE_FUNCTION Symbol select(const Symbol& m, const Symbol& yes,
                                              const Symbol& no) {
    if (m.is_number()) return m.number() == 0 ? no : yes;
    return of(Op::choose, m, yes, no);
  }
  friend KOKKOS_INLINE_FUNCTION Symbol operator&(const Symbol& a, const Symbol& b) { return a * b; }
  friend KOKKOS_INLINE_FUNCTION Symbol operator|(const Symbol& a, const Symbol& b) {
    return select(a, 1.0, b);
  }
  friend KOKKOS_INLINE_FUNCTION Symbol operator!(const Symbol& a) { return Symbol(1) - a; }
  // As those of lanes, see base/lane.hpp.
  friend KOKKOS_INLINE_FUNCTION Symbol max(const Symbol& a, const Symbol& b) {
    return select(less(b, a), a, b);
  }
  friend KOKKOS_INLINE_FUNCTION Symbol min(const Symbol& a, const Symbol& b) {
    return select(less(a, b), a, b);
  }
  // Those of formulas.
  friend KOKKOS_INLINE_FUNCTION Symbol minimum(const Symbol& a, const Symbol& b) {
    if (a.is_number() && b.is_number()) return b.number() < a.number() ? b : a;
    return of(Op::minimum, a, b);
  }
  friend KOKKOS_INLINE_FUNCTION Symbol maximum(const Symbol& a, const Symbol& b) {
    if (a.is_number() && b.is_number()) return a.number() < b.number() ? b : a;
    return of(Op::maximum, a, b);
  }
  friend KOKKOS_INLINE_FUNCTION Symbol step(const Symbol& a) {
    return a.is_number() ? Symbol(a.number() < 0 ? 0.0 : 1.0) : of(Op::step, a);
  }

 private:
  KOKKOS_INLINE_FUNCTION Symbol(Recording* recording, int entry)
      : recording_(recording), entry_(entry) {}

  Recording* recording_ = nullptr;
  int entry_ = -1;
  double number_ = 0;
};

/// The value of a table, and its slope.
KOKKOS_INLINE_FUNCTION Symbol interpolate(const Points& points, const Symbol& x, Symbol& slope) {
  if (x.is_number()) {
    const ValueAndSlope at = interpolate(points, x.number());
    slope = at.slope;
    return at.value;
  }
  slope = Symbol::of(Op::table_slope, points, x);
  return Symbol::of(Op::table, points, x);
}

}  // namespace driftwood::formula

namespace driftwood {
template <>
struct LaneTraits<formula::Symbol> {
  using value_type = double;
  using mask_type = formula::Symbol;
  static constexpr int width = 1;
};
}  // namespace driftwood

namespace driftwood::math {
using formula::Symbol;

KOKKOS_INLINE_FUNCTION Symbol exp(const Symbol& a) {
  return a.is_number() ? Symbol(exp(a.number())) : Symbol::of(formula::Op::exp, a);
}
KOKKOS_INLINE_FUNCTION Symbol log(const Symbol& a) {
  return a.is_number() ? Symbol(log(a.number())) : Symbol::of(formula::Op::log, a);
}
KOKKOS_INLINE_FUNCTION Symbol log1p(const Symbol& a) {
  return a.is_number() ? Symbol(log1p(a.number())) : Symbol::of(formula::Op::log1p, a);
}
KOKKOS_INLINE_FUNCTION Symbol expm1(const Symbol& a) {
  return a.is_number() ? Symbol(expm1(a.number())) : Symbol::of(formula::Op::expm1, a);
}
KOKKOS_INLINE_FUNCTION Symbol sin(const Symbol& a) {
  return a.is_number() ? Symbol(sin(a.number())) : Symbol::of(formula::Op::sin, a);
}
KOKKOS_INLINE_FUNCTION Symbol cos(const Symbol& a) {
  return a.is_number() ? Symbol(cos(a.number())) : Symbol::of(formula::Op::cos, a);
}
KOKKOS_INLINE_FUNCTION Symbol tan(const Symbol& a) {
  return a.is_number() ? Symbol(tan(a.number())) : Symbol::of(formula::Op::tan, a);
}
KOKKOS_INLINE_FUNCTION Symbol sinh(const Symbol& a) {
  return a.is_number() ? Symbol(sinh(a.number())) : Symbol::of(formula::Op::sinh, a);
}
KOKKOS_INLINE_FUNCTION Symbol cosh(const Symbol& a) {
  return a.is_number() ? Symbol(cosh(a.number())) : Symbol::of(formula::Op::cosh, a);
}
KOKKOS_INLINE_FUNCTION Symbol tanh(const Symbol& a) {
  return a.is_number() ? Symbol(tanh(a.number())) : Symbol::of(formula::Op::tanh, a);
}
KOKKOS_INLINE_FUNCTION Symbol atan(const Symbol& a) {
  return a.is_number() ? Symbol(atan(a.number())) : Symbol::of(formula::Op::atan, a);
}
KOKKOS_INLINE_FUNCTION Symbol sigmoid(const Symbol& a) {
  return a.is_number() ? Symbol(sigmoid(a.number())) : Symbol::of(formula::Op::sigmoid, a);
}
KOKKOS_INLINE_FUNCTION Symbol sigmoid_slope(const Symbol& a) {
  const Symbol e = exp(-abs(a));
  const Symbol sum = Symbol(1) + e;
  return e / (sum * sum);
}
KOKKOS_INLINE_FUNCTION void sincos(const Symbol& a, Symbol& sine, Symbol& cosine) {
  sine = sin(a);
  cosine = cos(a);
}
}  // namespace driftwood::math

namespace driftwood::formula {
// Where dual numbers of symbols look for them.
using math::atan;
using math::cos;
using math::cosh;
using math::exp;
using math::expm1;
using math::log;
using math::log1p;
using math::sigmoid;
using math::sigmoid_slope;
using math::sin;
using math::sincos;
using math::sinh;
using math::tan;
using math::tanh;
}  // namespace driftwood::formula
