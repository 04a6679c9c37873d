// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// Elementary functions on lanes, written once for one path and for a pack of paths, so that a path
/// gets the same bits either way. Coefficients: scripts/fit_polynomials.py. Error bounds are those
/// that tests/unit/base/math_test.cpp enforces against long double.

#include <limits>

#include "base/lane.hpp"

namespace driftwood::math {

/// Constants of the binary format of `T`.
template <class T>
struct Format;
template <>
struct Format<double> {
  using Word = std::uint64_t;
  static constexpr int mantissa = 52;
  static constexpr Word bias = 1023;
  static constexpr Word exponent_mask = 0x7ff0000000000000;
  static constexpr Word one = 0x3ff0000000000000;
  static constexpr Word root_half = 0x3fe6a09e667f3bcd;  ///< sqrt(1/2)
  static constexpr Word integers = 0x4330000000000000;   ///< 2^52: or-ing i gives 2^52 + i
  static constexpr double integers_value = 0x1p52;
  static constexpr double round = 0x1.8p52;  ///< adding it rounds to an integer
};
template <>
struct Format<float> {
  using Word = std::uint32_t;
  static constexpr int mantissa = 23;
  static constexpr Word bias = 127;
  static constexpr Word exponent_mask = 0x7f800000;
  static constexpr Word one = 0x3f800000;
  static constexpr Word root_half = 0x3f3504f3;
  static constexpr Word integers = 0x4b000000;
  static constexpr float integers_value = 0x1p23f;
  static constexpr float round = 0x1.8p23f;
};

/// Sum of c[i] x^i by Horner's rule.
template <class R, int N>
KOKKOS_FORCEINLINE_FUNCTION R horner(const R& x, const value_of<R> (&c)[N]) {
  R p = R(c[N - 1]);
  for (int i = N - 2; i >= 0; --i) p = fma(p, x, R(c[i]));
  return p;
}

/// log(x) for positive normal x, within 1 ulp. Cheaper than `log`; meaningless elsewhere.
template <class R>
KOKKOS_FORCEINLINE_FUNCTION R log_of_normal(const R& x) {
  using T = value_of<R>;
  using F = Format<T>;
  using Word = word_of<R>;
  // x = 2^e m with m in [sqrt(1/2), sqrt(2)); the exponent field of `shifted` is e + bias.
  const Word shifted = bits_as<Word>(x) + Word(F::one - F::root_half);
  const R e =
      bits_as<R>((shifted >> F::mantissa) | Word(F::integers)) - R(F::integers_value + T(F::bias));
  const R f =
      bits_as<R>(bits_as<Word>(x) - (shifted & Word(F::exponent_mask)) + Word(F::one)) - R(1);
  // log m = f - f^2/2 + s (f^2/2 + tail(s^2)) with s = f / (2 + f), from log m = 2 atanh s.
  const R s = f / (f + R(2));
  const R z = s * s;
  const R half_square = R(T(0.5)) * f * f;
  R tail;
  if constexpr (is_single<R>) {
    tail = z * horner(z, {0.6666677638325047f, 0.39977541375987813f, 0.29871732922265126f});
  } else {
    tail = z * horner(z, {0.6666666666666734, 0.39999999999414654, 0.28571428742391597,
                          0.22222198572840465, 0.18183564342221895, 0.15314050162244672,
                          0.1479595352520824});
  }
  // ln 2 in two parts; the first ends in zeros enough for its product with e to be exact.
  constexpr T ln2_high = is_single<R> ? T(0x1.62e4p-1) : T(0x1.62e42fefa3p-1);
  constexpr T ln2_low = is_single<R> ? T(0x1.7f7d1cp-20) : T(0x1.3de6af278ece6p-42);
  const R correction = fma(s, half_square + tail, e * R(ln2_low));
  return fma(e, R(ln2_high), f - (half_square - correction));
}

/// log(x) within 1 ulp for normal x; -inf for zero and subnormal x, NaN for x < 0 and NaN.
template <class R>
KOKKOS_FORCEINLINE_FUNCTION R log(const R& x) {
  using Limits = std::numeric_limits<value_of<R>>;
  const R inside = log_of_normal(x);
  const R low = select(less(x, R(0)), R(Limits::quiet_NaN()), R(-Limits::infinity()));
  const R high = select(equal(x, R(Limits::infinity())), x, inside);
  return select(equal(x, x), select(less(x, R(Limits::min())), low, high), x);
}

/// exp(x) as 2^n (1 + rest), for x within the range of results.
template <class R>
struct ExpParts {
  using F = Format<value_of<R>>;
  /// Adding it rounds to an integer, and to this the bias of exponents is added.
  static constexpr value_of<R> offset = F::round + value_of<R>(F::bias);

  R rest;     ///< exp(r) - 1 with |r| <= ln2 / 2
  R rounded;  ///< n + offset

  KOKKOS_FORCEINLINE_FUNCTION explicit ExpParts(const R& x) {
    using T = value_of<R>;
    constexpr T ln2_high = is_single<R> ? T(0x1.62e4p-1) : T(0x1.62e42fefa3p-1);
    constexpr T ln2_low = is_single<R> ? T(0x1.7f7d1cp-20) : T(0x1.3de6af278ece6p-42);
    rounded = fma(x, R(T(1.4426950408889634)), R(offset));
    const R n = rounded - R(offset);
    const R r = fma(n, R(-ln2_low), fma(n, R(-ln2_high), x));
    R tail;
    if constexpr (is_single<R>) {
      tail = horner(r, {0.49999991520444115f, 0.1666651668751569f, 0.04166906567315975f,
                        0.008369181517308128f, 0.0013765920544430291f});
    } else {
      tail = horner(
          r, {0.5000000000000011, 0.16666666666666255, 0.04166666666652742, 0.008333333333606441,
              0.0013888888944708223, 0.00019841269243077848, 2.480149170260087e-05,
              2.7557838713359388e-06, 2.7630825047536883e-07, 2.4915253722422247e-08});
    }
    rest = fma(r * r, tail, r);
  }
  /// n in the exponent field, modulo.
  KOKKOS_FORCEINLINE_FUNCTION word_of<R> scale() const {
    return (bits_as<word_of<R>>(rounded) << F::mantissa) - word_of<R>(F::one);
  }
  /// 2^n where that is a normal number.
  KOKKOS_FORCEINLINE_FUNCTION R power() const {
    return bits_as<R>(bits_as<word_of<R>>(rounded) << F::mantissa);
  }
};

/// exp(x) within 1.1 ulp for |x| up to `longest_exponent`, and exp of that beyond it.
template <class R>
inline constexpr value_of<R> longest_exponent = is_single<R> ? value_of<R>(87.33654f)
                                                             : value_of<R>(708.3964185322641);
template <class R>
KOKKOS_FORCEINLINE_FUNCTION R exp_within(const R& x) {
  constexpr auto bound = longest_exponent<R>;
  // The bounds come first, so that what is not a number stays what it is.
  const ExpParts<R> parts(min(R(bound), max(R(-bound), x)));
  const R power = parts.power();
  return fma(power, parts.rest, power);
}

/// exp(x) within 1.1 ulp; results below the normal range become 0, above it infinity.
template <class R>
KOKKOS_FORCEINLINE_FUNCTION R exp(const R& x) {
  using T = value_of<R>;
  constexpr T lowest = is_single<R> ? T(-87.33654f) : T(-708.3964185322641);
  constexpr T highest = is_single<R> ? T(88.72283f) : T(709.782712893384);
  const ExpParts<R> parts(min(max(x, R(lowest)), R(highest)));
  const R scaled = bits_as<R>(bits_as<word_of<R>>(R(1) + parts.rest) + parts.scale());
  const R top = select(less(R(highest), x), R(std::numeric_limits<T>::infinity()), scaled);
  return select(equal(x, x), select(less(x, R(lowest)), R(0), top), x);
}

/// exp(x) - 1 within 2.5 ulp for |x| <= 50, for small x too.
template <class R>
KOKKOS_FORCEINLINE_FUNCTION R expm1_within(const R& x) {
  const ExpParts<R> parts(x);
  const R power = parts.power();
  return fma(power, parts.rest, power - R(1));
}
/// exp(x) - 1 within 2.5 ulp.
template <class R>
KOKKOS_FORCEINLINE_FUNCTION R expm1(const R& x) {
  using T = value_of<R>;
  constexpr T bound = 50;  // beyond it -1, or the same as exp(x)
  const R inside = expm1_within(min(max(x, R(-bound)), R(bound)));
  const R top = select(less(R(bound), x), exp(x), inside);
  return select(equal(x, x), top, x);
}

/// Sine and cosine of pi r / 2 for |r| <= 1/2, within 1 ulp.
template <class R>
KOKKOS_FORCEINLINE_FUNCTION void sincos_quarter(const R& r, R& sine, R& cosine) {
  const R z = r * r;
  if constexpr (is_single<R>) {
    sine = r * horner(z, {1.5707963217084682f, -0.6459634602401234f, 0.07968003279769965f,
                          -0.004601657893953024f});
    cosine = fma(z,
                 horner(z, {-1.2337005425977892f, 0.2536692259672875f, -0.020860165121283088f,
                            0.0009037665609280501f}),
                 R(1));
  } else {
    sine = r * horner(z, {1.5707963267948966, -0.6459640975062443, 0.07969262624603957,
                          -0.004681754132282454, 0.00016044115029189453, -3.5986417551299964e-06,
                          5.633721075556274e-08});
    cosine = fma(z,
                 horner(z, {-1.2337005501361697, 0.2536695079010468, -0.02086348076331257,
                            0.0009192602741910826, -2.5202036788364266e-05, 4.7106096711099197e-07,
                            -6.321202225895778e-09}),
                 R(1));
  }
}

/// Exchanges a and b in the lanes whose bits in `all_ones` are set.
template <class R>
KOKKOS_FORCEINLINE_FUNCTION void swap_where(const word_of<R>& all_ones, R& a, R& b) {
  using Word = word_of<R>;
  const Word difference = (bits_as<Word>(a) ^ bits_as<Word>(b)) & all_ones;
  a = bits_as<R>(bits_as<Word>(a) ^ difference);
  b = bits_as<R>(bits_as<Word>(b) ^ difference);
}

/// Turns sine and cosine of the rest by so many quarter turns: the low bits of `rounded`, a number
/// that `Format::round` was added to.
template <class R>
KOKKOS_FORCEINLINE_FUNCTION void turn(const R& rounded, R& sine, R& cosine) {
  using Word = word_of<R>;
  constexpr int sign_bit = 8 * static_cast<int>(sizeof(value_of<R>)) - 1;
  // Odd quadrants swap sine and cosine; bit 1 of the quadrant (of its successor) is the sign.
  const Word quadrant = bits_as<Word>(rounded);
  swap_where<R>(Word(0) - (quadrant & Word(1)), sine, cosine);
  sine = bits_as<R>(bits_as<Word>(sine) ^ ((quadrant >> 1) << sign_bit));
  cosine = bits_as<R>(bits_as<Word>(cosine) ^ (((quadrant + Word(1)) >> 1) << sign_bit));
}

/// Sine and cosine of 2 pi v for |v| < 2^20 (double) or 2^10 (single); within 2 ulp.
template <class R>
KOKKOS_FORCEINLINE_FUNCTION void sincos_turns(const R& v, R& sine, R& cosine) {
  using T = value_of<R>;
  // 4 v = quadrant + r with |r| <= 1/2
  const R rounded = fma(v, R(4), R(Format<T>::round));
  sincos_quarter(fma(v, R(4), R(Format<T>::round) - rounded), sine, cosine);
  turn(rounded, sine, cosine);
}

/// Sine and cosine of x [rad] for |x| < 2^20 (double) or 2^10 (single); within 3 ulp.
template <class R>
KOKKOS_FORCEINLINE_FUNCTION void sincos(const R& x, R& sine, R& cosine) {
  using T = value_of<R>;
  constexpr T two_over_pi = T(0.6366197723675814);
  // pi / 2 in three parts: a small integer times the first is exact within a fused product and sum.
  constexpr T high = is_single<R> ? T(0x1.921fb6p+0) : T(0x1.921fb54442d18p+0);
  constexpr T middle = is_single<R> ? T(-0x1.777a5cp-25) : T(0x1.1a62633145c07p-54);
  constexpr T low = is_single<R> ? T(-0x1.ee59dap-50) : T(-0x1.f1976b7ed8fbcp-110);
  const R rounded = fma(x, R(two_over_pi), R(Format<T>::round));
  const R n = rounded - R(Format<T>::round);
  const R r = fma(n, R(-low), fma(n, R(-middle), fma(n, R(-high), x)));
  sincos_quarter(r * R(two_over_pi), sine, cosine);
  turn(rounded, sine, cosine);
}

/// |x| up to which `sin`, `cos` and `tan` answer; NaN beyond, where a quarter turn is less than a
/// few units in the last place of x.
template <class T>
inline constexpr T longest_angle = sizeof(T) == 8 ? T(0x1p45) : T(0x1p20);

/// sin(x): `sincos` within its range, beyond it with an absolute error of 2 ulp of 1.
template <class R>
KOKKOS_FORCEINLINE_FUNCTION R sin(const R& x) {
  using T = value_of<R>;
  R s;
  R c;
  sincos(x, s, c);
  return select(less(abs(x), R(longest_angle<T>)), s, R(std::numeric_limits<T>::quiet_NaN()));
}
/// cos(x), as `sin`.
template <class R>
KOKKOS_FORCEINLINE_FUNCTION R cos(const R& x) {
  using T = value_of<R>;
  R s;
  R c;
  sincos(x, s, c);
  return select(less(abs(x), R(longest_angle<T>)), c, R(std::numeric_limits<T>::quiet_NaN()));
}
/// tan(x) within 6 ulp in the range of `sincos`.
template <class R>
KOKKOS_FORCEINLINE_FUNCTION R tan(const R& x) {
  using T = value_of<R>;
  R s;
  R c;
  sincos(x, s, c);
  return select(less(abs(x), R(longest_angle<T>)), s / c, R(std::numeric_limits<T>::quiet_NaN()));
}

/// log(1 + x) within 3 ulp, for small x too; special values as `log`. What 1 + x loses by rounding
/// is added again: Higham (2002), "Accuracy and Stability of Numerical Algorithms", section 1.14.1.
template <class R>
KOKKOS_FORCEINLINE_FUNCTION R log1p(const R& x) {
  const R sum = R(1) + x;
  const R lost = (x - (sum - R(1))) / sum;
  const R positive = select(less(R(0), sum), lost, R(0));
  const R infinity(std::numeric_limits<value_of<R>>::infinity());
  return log(sum) + select(equal(sum, infinity), R(0), positive);
}

/// The magnitude of a with the sign of b; a is not negative.
template <class R>
KOKKOS_FORCEINLINE_FUNCTION R with_sign_of(const R& a, const R& b) {
  using Word = word_of<R>;
  constexpr int sign_bit = 8 * static_cast<int>(sizeof(value_of<R>)) - 1;
  return bits_as<R>(bits_as<Word>(a) | ((bits_as<Word>(b) >> sign_bit) << sign_bit));
}

/// sinh(x) within 4 ulp; infinite where exp(|x|) is.
template <class R>
KOKKOS_FORCEINLINE_FUNCTION R sinh(const R& x) {
  using T = value_of<R>;
  const R grown = expm1(abs(x));
  const R infinity(std::numeric_limits<T>::infinity());
  const R ratio = select(equal(grown, infinity), R(1), grown / (grown + R(1)));
  return with_sign_of(R(T(0.5)) * (grown + ratio), x);
}
/// cosh(x) within 3 ulp; infinite where exp(|x|) is.
template <class R>
KOKKOS_FORCEINLINE_FUNCTION R cosh(const R& x) {
  using T = value_of<R>;
  const R grown = exp(abs(x));
  return R(T(0.5)) * grown + R(T(0.5)) / grown;
}
/// tanh(x) within 4 ulp.
template <class R>
KOKKOS_FORCEINLINE_FUNCTION R tanh(const R& x) {
  const R bounded = min(R(22), abs(x));  // beyond it 1; NaN stays
  const R grown = expm1_within(bounded + bounded);
  return with_sign_of(grown / (grown + R(2)), x);
}

/// p = 1 / (1 + exp(-x)) and `rest` = 1 - p, each within 3 ulp; where exp(-|x|) is below the normal
/// range, those at the end of that range.
template <class R>
KOKKOS_FORCEINLINE_FUNCTION void logistic(const R& x, R& p, R& rest) {
  const R e = exp_within(-x);
  p = R(1) / (R(1) + e);
  rest = e * p;
}
/// 1 / (1 + exp(-x)) within 3 ulp; 0 where that is below the normal range.
template <class R>
KOKKOS_FORCEINLINE_FUNCTION R sigmoid(const R& x) {
  const R inside = R(1) / (R(1) + exp_within(-x));
  return select(less(x, R(-longest_exponent<R>)), R(0), inside);
}
/// log(1 + exp(x)), the integral of `sigmoid`, within 4 ulp.
template <class R>
KOKKOS_FORCEINLINE_FUNCTION R softplus(const R& x) {
  return max(x, R(0)) + log1p(exp_within(-abs(x)));
}
/// The derivative of `sigmoid`, the density of the logistic distribution, within 5 ulp.
template <class R>
KOKKOS_FORCEINLINE_FUNCTION R sigmoid_slope(const R& x) {
  const R e = exp(-abs(x));
  const R sum = R(1) + e;
  return e / (sum * sum);
}

/// atan(x) within 2.5 ulp. Arguments beyond tan(pi / 8) are turned by an eighth or a quarter of a
/// circle first.
template <class R>
KOKKOS_FORCEINLINE_FUNCTION R atan(const R& x) {
  using T = value_of<R>;
  constexpr T high = is_single<R> ? T(0x1.921fb6p+0) : T(0x1.921fb54442d18p+0);  // pi / 2
  constexpr T low = is_single<R> ? T(-0x1.777a5cp-25) : T(0x1.1a62633145c07p-54);
  const R a = abs(x);
  const auto eighth = less(R(T(0.41421356237309503)), a);
  const auto quarter = less(R(T(2.414213562373095)), a);
  const R above = select(quarter, R(-1), select(eighth, a - R(1), a));
  const R below = select(quarter, a, select(eighth, a + R(1), R(1)));
  const R turned = select(quarter, R(1), select(eighth, R(T(0.5)), R(0)));  // quarters of a circle
  const R r = above / below;
  const R z = r * r;
  R tail;
  if constexpr (is_single<R>) {
    tail = horner(z, {-0.3333331518743575f, 0.19998471463252304f, -0.1424353258259792f,
                      0.10593809089007497f, -0.06078211220825149f});
  } else {
    tail = horner(
        z, {-0.333333333333332, 0.19999999999953252, -0.14285714280166953, 0.111111107821722,
            -0.09090897725699658, 0.07692059724758189, -0.06663099281152934, 0.058478598005196156,
            -0.05039192664884091, 0.038062193819493155, -0.017905095757677316});
  }
  const R rest = fma(r * z, tail, fma(turned, R(low), r));
  return with_sign_of(fma(turned, R(high), rest), x);
}

}  // namespace driftwood::math
