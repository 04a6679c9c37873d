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
  KOKKOS_FUNCTION static Symbol input(Recording& recording, Op kind, int index);

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
  KOKKOS_FUNCTION static Symbol of(Op op, const Symbol& a);
  KOKKOS_FUNCTION static Symbol of(Op op, const Symbol& a, const Symbol& b);
  KOKKOS_FUNCTION static Symbol of(Op op, const Symbol& a, const Symbol& b, const Symbol& c);
  /// The value of a table, or where `op` says so its slope, at a symbol that is no number.
  KOKKOS_FUNCTION static Symbol of(Op op, const Points& table, const Symbol& a);

  // What a factor of zero, or of one, or a term of zero leaves out costs a kernel nothing.
  friend KOKKOS_FUNCTION Symbol operator-(const Symbol& a);
  friend KOKKOS_FUNCTION Symbol operator+(const Symbol& a, const Symbol& b);
  friend KOKKOS_FUNCTION Symbol operator-(const Symbol& a, const Symbol& b);
  friend KOKKOS_FUNCTION Symbol operator*(const Symbol& a, const Symbol& b);
  friend KOKKOS_FUNCTION Symbol operator/(const Symbol& a, const Symbol& b);

  friend KOKKOS_FUNCTION Symbol fma(const Symbol& a, const Symbol& b, const Symbol& c);
  friend KOKKOS_FUNCTION Symbol sqrt(const Symbol& a);
  friend KOKKOS_FUNCTION Symbol abs(const Symbol& a);

  // A condition is 1 where it holds, else 0.
  friend KOKKOS_FUNCTION Symbol less(const Symbol& a, const Symbol& b);
  friend KOKKOS_FUNCTION Symbol equal(const Symbol& a, const Symbol& b);
  friend KOKKOS_FUNCTION Symbol select(const Symbol& m, const Symbol& yes, const Symbol& no);
  friend KOKKOS_FUNCTION Symbol operator&(const Symbol& a, const Symbol& b);
  friend KOKKOS_FUNCTION Symbol operator|(const Symbol& a, const Symbol& b);
  friend KOKKOS_FUNCTION Symbol operator!(const Symbol& a);
  // As those of lanes, see base/lane.hpp.
  friend KOKKOS_FUNCTION Symbol max(const Symbol& a, const Symbol& b);
  friend KOKKOS_FUNCTION Symbol min(const Symbol& a, const Symbol& b);
  // Those of formulas.
  friend KOKKOS_FUNCTION Symbol minimum(const Symbol& a, const Symbol& b);
  friend KOKKOS_FUNCTION Symbol maximum(const Symbol& a, const Symbol& b);
  friend KOKKOS_FUNCTION Symbol step(const Symbol& a);

 private:
  KOKKOS_INLINE_FUNCTION Symbol(Recording* recording, int entry)
      : recording_(recording), entry_(entry) {}

  Recording* recording_ = nullptr;
  int entry_ = -1;
  double number_ = 0;
};

/// The value of a table, and its slope.
KOKKOS_FUNCTION Symbol interpolate(const Points& points, const Symbol& x, Symbol& slope);

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

KOKKOS_FUNCTION Symbol exp(const Symbol& a);
KOKKOS_FUNCTION Symbol log(const Symbol& a);
KOKKOS_FUNCTION Symbol log1p(const Symbol& a);
KOKKOS_FUNCTION Symbol expm1(const Symbol& a);
KOKKOS_FUNCTION Symbol sin(const Symbol& a);
KOKKOS_FUNCTION Symbol cos(const Symbol& a);
KOKKOS_FUNCTION Symbol tan(const Symbol& a);
KOKKOS_FUNCTION Symbol sinh(const Symbol& a);
KOKKOS_FUNCTION Symbol cosh(const Symbol& a);
KOKKOS_FUNCTION Symbol tanh(const Symbol& a);
KOKKOS_FUNCTION Symbol atan(const Symbol& a);
KOKKOS_FUNCTION Symbol sigmoid(const Symbol& a);
KOKKOS_FUNCTION void sincos(const Symbol& a, Symbol& sine, Symbol& cosine);
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
