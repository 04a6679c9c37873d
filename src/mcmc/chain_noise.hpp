// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "random/normal.hpp"

namespace driftwood::mcmc {

/// Kinds of normals that have names.
struct NormalKind {
  static constexpr int first_half = 2;
  static constexpr int second_half = 3;
  static constexpr int other = 4;   ///< from here on they stand for nothing
  static constexpr int start = 64;  ///< what chains begin with
};

/// What moves the chains of one lane in one step: a pure function of (seed, chain, step).
///
/// The normals of a step have kinds, numbered from 0. Those of kinds 0 and 1, xi and eta, stand for
/// Brownian motion over the step h: W = sqrt(h) xi, and its integral is
/// h^(3/2) (xi + eta / sqrt(3)) / 2. Those of kinds 2 and 3 stand for W over the two halves of the
/// step, another Brownian motion. With `joins_steps` a step is as long as two of the numbered ones,
/// and follows the same Brownian motions.
template <class R>
struct ChainNoise {
  std::uint64_t seed;
  random::Ids<R> ids;
  std::uint64_t step;
  bool joins_steps = false;

  /// The noise of part k of a step, k < 2^20: a step may have many parts, each with normals and
  /// uniform numbers of its own.
  [[nodiscard]] KOKKOS_FORCEINLINE_FUNCTION ChainNoise part(int k) const {
    return {seed, ids, step + (static_cast<std::uint64_t>(k) << 40), joins_steps};
  }

  /// Two numbers, of the coordinates 2j and 2j + 1.
  struct Pair {
    R first;
    R second;
  };

  /// Standard normals number `kind`.
  [[nodiscard]] KOKKOS_FORCEINLINE_FUNCTION Pair normals(int kind, int j) const {
    if (!joins_steps) return drawn(kind, j, step);
    if (kind == NormalKind::first_half || kind == NormalKind::second_half) {
      const std::uint64_t at = 2 * step + (kind == NormalKind::second_half ? 1 : 0);
      return combined(half_root, drawn(NormalKind::first_half, j, at), half_root,
                      drawn(NormalKind::second_half, j, at));
    }
    const Pair a = drawn(kind, j, 2 * step);
    if (kind > 1) return a;
    const Pair b = drawn(kind, j, 2 * step + 1);
    if (kind == 0) return combined(half_root, a, half_root, b);
    const Pair across = combined(root_3 * eighth_root, drawn(0, j, 2 * step), -root_3 * eighth_root,
                                 drawn(0, j, 2 * step + 1));
    const Pair sum = combined(eighth_root, a, eighth_root, b);
    return {across.first + sum.first, across.second + sum.second};
  }

  /// A number uniform on (0, 1), number `kind` of the step.
  [[nodiscard]] KOKKOS_FORCEINLINE_FUNCTION R uniform(int kind) const {
    const random::Stream stream(seed, random::Purpose::accept, kind / 2);
    const auto words = stream.words<R>(ids, joins_steps ? 2 * step : step);
    return random::uniform(words.word[kind % 2]);
  }

 private:
  static constexpr int most_pairs = 1 << 24;  ///< of coordinates, in the numbering of streams
  static constexpr double half_root = 0.70710678118654752440;    ///< sqrt(1/2)
  static constexpr double eighth_root = 0.35355339059327376220;  ///< sqrt(1/8)
  static constexpr double root_3 = 1.7320508075688772935;

  [[nodiscard]] KOKKOS_FORCEINLINE_FUNCTION Pair drawn(int kind, int j, std::uint64_t at) const {
    const random::Stream stream(seed, random::Purpose::kick, kind * most_pairs + j);
    const auto z = random::normals<R>(stream, ids, at, 1.0);
    return {z.z[0], z.z[1]};
  }
  KOKKOS_FORCEINLINE_FUNCTION static Pair combined(double a, const Pair& x, double b,
                                                   const Pair& y) {
    return {fma(R(a), x.first, R(b) * y.first), fma(R(a), x.second, R(b) * y.second)};
  }
};

/// A number uniform on (0, 1) that all chains share in a step.
[[nodiscard]] inline double shared_uniform(std::uint64_t seed, std::uint64_t step) {
  const random::Stream stream(seed, random::Purpose::accept, -1);
  return random::uniform(stream.words<double>({0}, step).word[0]);
}

/// Calls f(i, xi_i) for every coordinate, with normals of a kind.
template <class Noise, class F>
KOKKOS_FORCEINLINE_FUNCTION void for_each_normal(const Noise& noise, int kind, int dim,
                                                 const F& f) {
  for (int j = 0; 2 * j < dim; ++j) {
    const auto xi = noise.normals(kind, j);
    f(2 * j, xi.first);
    if (2 * j + 1 < dim) f(2 * j + 1, xi.second);
  }
}

/// Calls f(i, xi_i, eta_i) for every coordinate, with normals of two kinds.
template <class Noise, class F>
KOKKOS_FORCEINLINE_FUNCTION void for_each_normal(const Noise& noise, int first_kind,
                                                 int second_kind, int dim, const F& f) {
  for (int j = 0; 2 * j < dim; ++j) {
    const auto xi = noise.normals(first_kind, j);
    const auto eta = noise.normals(second_kind, j);
    f(2 * j, xi.first, eta.first);
    if (2 * j + 1 < dim) f(2 * j + 1, xi.second, eta.second);
  }
}

}  // namespace driftwood::mcmc
