// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// The non-central chi-squared law and those it is made of, sampled exactly, one path at a time. It
/// is the transition law of the square-root process dX = a (b - X) dt + sigma sqrt(X) dW:
///
///     X(t + h) = c chi'^2_d(lambda),  c = sigma^2 (1 - exp(-a h)) / (4 a),
///     d = 4 a b / sigma^2,  lambda = X(t) exp(-a h) / c,
///
/// Glasserman (2004), "Monte Carlo methods in financial engineering", section 3.4. Samplers return
/// NaN for a parameter that is NaN.

#include "random/normal.hpp"

namespace driftwood::random {

/// The random numbers of one path in one step, handed out one after another, as many as rejection
/// takes. They are a pure function of seed, purpose, component, path and step.
///
/// Step n < 2^44 has the draws [2^20 n, 2^20 (n + 1)) to itself. A try of a sampler below takes at
/// most two of them and is accepted with a probability above 0.7 whatever came before, so that the
/// chance to use up a thousandth of them is below 1e-200.
class Cursor {
 public:
  KOKKOS_INLINE_FUNCTION Cursor(const Stream& stream, std::uint64_t id, std::uint64_t step)
      : stream_(stream), id_{id}, next_(step << 20) {}

  /// Uniform on (0, 1).
  KOKKOS_INLINE_FUNCTION double uniform() {
    has_uniform_ = !has_uniform_;
    if (!has_uniform_) return uniform_;
    const Words<double> words = stream_.words<double>(id_, next_++);
    uniform_ = random::uniform(words.word[1]);
    return random::uniform(words.word[0]);
  }
  /// Standard normal.
  KOKKOS_INLINE_FUNCTION double normal() {
    has_normal_ = !has_normal_;
    if (!has_normal_) return normal_;
    const Normals<double> normals = random::normals<double>(stream_, id_, next_++, 1.0);
    normal_ = normals.z[1];
    return normals.z[0];
  }

 private:
  Stream stream_;
  Ids<double> id_;
  std::uint64_t next_;
  double uniform_ = 0;  ///< what the last draw has left, if anything
  double normal_ = 0;
  bool has_uniform_ = false;
  bool has_normal_ = false;
};

/// r - 1 - log(r) for normal r > 0, also near 1, where the terms cancel: by log r = 2 atanh s.
KOKKOS_INLINE_FUNCTION double excess_over_log(double r) {
  if (!(abs(r - 1) < 0.25)) return r - 1 - math::log_of_normal(r);
  const double s = (r - 1) / (r + 1);
  const double tail = math::horner(
      s * s, {2.0 / 3, 2.0 / 5, 2.0 / 7, 2.0 / 9, 2.0 / 11, 2.0 / 13, 2.0 / 15, 2.0 / 17});
  return s * (r - 1 - s * s * tail);
}

/// log(mean^k exp(-mean) / k!) for a whole k >= 0 and mean > 0. Relative to its peak, so that it
/// keeps its accuracy for large means: Loader (2000), "Fast and accurate computation of binomial
/// probabilities"; the factorial by Stirling's series, from k = 10 on within 2e-14.
KOKKOS_INLINE_FUNCTION double log_poisson_mass(double k, double mean) {
  if (k < 10) {
    double factorial = 1;
    for (double i = 2; i <= k; i += 1) factorial *= i;
    return k * math::log_of_normal(mean) - mean - math::log_of_normal(factorial);
  }
  const double series =
      math::horner(1 / (k * k), {1.0 / 12, -1.0 / 360, 1.0 / 1260, -1.0 / 1680, 1.0 / 1188});
  constexpr double two_pi = 6.283185307179586;
  return -k * excess_over_log(mean / k) - series / k - math::log_of_normal(two_pi * k) / 2;
}

/// Poisson variate, a whole number: inversion by sequential search for means below 10, else PTRS of
/// Hoermann (1993), "The transformed rejection method for generating Poisson random variables".
/// Above a mean of 2^53 rounded as doubles are.
KOKKOS_INLINE_FUNCTION double poisson(Cursor& cursor, double mean) {
  if (!(mean < std::numeric_limits<double>::infinity())) return mean;
  if (mean < 10) {
    double mass = math::exp(-mean);
    double rest = cursor.uniform();
    double k = 0;
    // A count above 64 has probability 1e-29, which a uniform of 53 bits does not resolve.
    while (rest > mass && k < 64) {
      rest -= mass;
      k += 1;
      mass *= mean / k;
    }
    return k;
  }
  const double b = 0.931 + 2.53 * sqrt(mean);
  const double a = -0.059 + 0.02483 * b;
  const double inverse_alpha = 1.1239 + 1.1328 / (b - 3.4);
  const double squeeze = 0.9277 - 3.6224 / (b - 2);
  while (true) {
    const double u = cursor.uniform() - 0.5;
    const double v = cursor.uniform();
    const double side = 0.5 - abs(u);
    const double k = ::floor((2 * a / side + b) * u + mean + 0.43);
    if (side >= 0.07 && v <= squeeze) return k;
    if (k < 0 || (side < 0.013 && v > side)) continue;
    const double hat = v * inverse_alpha / (a / (side * side) + b);
    if (math::log_of_normal(hat) <= log_poisson_mass(k, mean)) return k;
  }
}

/// Gamma variate of scale 1: Marsaglia and Tsang (2000), "A simple method for generating gamma
/// variables", with their boost for shapes below 1. Zero for shape 0, its limit, and where the
/// variate is below the normal numbers.
KOKKOS_INLINE_FUNCTION double gamma(Cursor& cursor, double shape) {
  if (shape <= 0) return 0;
  if (!(shape < std::numeric_limits<double>::infinity())) return shape;
  const double d = (shape < 1 ? shape + 1 : shape) - 1.0 / 3;
  const double c = 1 / (3 * sqrt(d));
  while (true) {
    const double z = cursor.normal();
    const double u = cursor.uniform();
    const double root = 1 + c * z;
    if (root <= 0) continue;
    const double v = root * root * root;
    // log u < z^2 / 2 + d - d v + d log v
    if (u >= 1 - 0.0331 * z * z * z * z &&
        math::log_of_normal(u) >= 0.5 * z * z - d * excess_over_log(v)) {
      continue;
    }
    if (shape >= 1) return d * v;
    return d * v * math::exp(math::log_of_normal(cursor.uniform()) / shape);
  }
}

/// Non-central chi-squared variate with d >= 0 degrees of freedom (any real number) and
/// non-centrality lambda >= 0, whose mean is d + lambda and variance 2 d + 4 lambda. By one squared
/// normal for d >= 1, else as chi^2 of d + 2 N degrees with N Poisson of mean lambda / 2; the law
/// for d = 0 has an atom exp(-lambda / 2) at 0. Glasserman (2004), section 3.4; Siegel (1979).
KOKKOS_INLINE_FUNCTION double non_central_chi_squared(Cursor& cursor, double d, double lambda) {
  if (d >= 1) {
    const double shifted = cursor.normal() + sqrt(lambda);
    return shifted * shifted + 2 * gamma(cursor, (d - 1) / 2);
  }
  return 2 * gamma(cursor, d / 2 + poisson(cursor, lambda / 2));
}

}  // namespace driftwood::random
