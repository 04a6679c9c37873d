// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// What is done with replicas, as values for `Tile::apply`; and swaps.

#include <cmath>

#include "base/math.hpp"
#include "mcmc/launch/tile.hpp"
#include "mcmc/tempered_density.hpp"

namespace driftwood::mcmc {

/// The most rungs of a ladder.
inline constexpr int most_rungs = static_cast<int>(block_chains);

/// The reference, of x = map(y).
struct MappedReference {
  Reference law;
  CoordinateMap map;

  /// Where x is, of chains whose target has been evaluated at y.
  template <class R>
  [[nodiscard]] KOKKOS_FORCEINLINE_FUNCTION static Coordinates<R> x(const Chain<R>& chain) {
    const RowLayout& layout = chain.layout;
    if (!layout.is_scaled) return chain.vector(layout.stretched());
    return {chain.data + layout.x() * block_chains, layout.dim};
  }
  /// How many standard deviations x_i is from the mean.
  template <class R>
  [[nodiscard]] KOKKOS_FORCEINLINE_FUNCTION R deviation(const R& x) const {
    return (x - R(law.mean)) * R(1 / law.sd);
  }
  /// Minus the logarithm of the density of x, with its constant.
  template <class R>
  [[nodiscard]] KOKKOS_FORCEINLINE_FUNCTION R potential(const Coordinates<R>& x) const {
    constexpr double half_log_two_pi = 0.91893853320467274178;
    R sum(0);
    for (int i = 0; i < x.size(); ++i) {
      const R d = deviation(x[i]);
      sum = fma(d, d, sum);
    }
    return fma(R(0.5), sum,
               R(static_cast<double>(x.size()) * (half_log_two_pi + math::log(law.sd))));
  }
  /// Component i of its gradient by y.
  template <class R>
  [[nodiscard]] KOKKOS_FORCEINLINE_FUNCTION R slope(const Chain<R>& chain, const Coordinates<R>& x,
                                                    int i) const {
    const auto by_x = [&](int j) { return deviation(x[j]) * R(1 / law.sd); };
    if (!chain.layout.is_scaled) return by_x(i);
    return map.template pulled_back<R>(i, x.size(), by_x);
  }
};

/// Fills y = stretch z.
struct StretchReplica {
  int at = Slot::position;

  template <class R>
  KOKKOS_FUNCTION void operator()(const Chain<R>& chain) const {
    const auto z = chain.vector(at);
    const auto y = chain.vector(chain.layout.stretched());
    const R stretch = chain.number(chain.layout.of_replica(Replica::stretch));
    for (int i = 0; i < chain.dim(); ++i) y.set(i, stretch * z[i]);
  }
};

/// Of the target's potential and its gradient by y makes those of each replica by z. At beta = 0
/// the target may be anything, infinite or undefined.
struct MixReplica {
  MappedReference reference;
  int gradient = Slot::gradient;
  int potential = Number::potential;

  template <class R>
  KOKKOS_FUNCTION void operator()(const Chain<R>& chain) const {
    const auto x = reference.x(chain);
    const auto g = chain.vector(gradient);
    const R beta = chain.number(chain.layout.of_replica(Replica::beta));
    const R stretch = chain.number(chain.layout.of_replica(Replica::stretch));
    const R rest = R(1) - beta;
    const auto counts = less(R(0), beta);
    for (int i = 0; i < chain.dim(); ++i) {
      const R slope = reference.slope(chain, x, i);
      const R mixed = fma(beta, g[i], rest * slope);
      g.set(i, stretch * select(counts, mixed, slope));
    }
    const R far = reference.potential(x);
    const R mixed = fma(beta, chain.number(potential), rest * far);
    chain.set_number(potential, select(counts, mixed, far));
  }
};

/// Puts replicas of the hottest rung, where beta = 0, at draws from the reference. One that is lost
/// stays so.
struct RedrawHottest {
  MappedReference reference;
  int hottest;
  std::uint64_t round;

  template <class R>
  KOKKOS_FUNCTION void operator()(const Chain<R>& chain) const {
    const auto z = chain.position();
    R sum(0);
    for (int i = 0; i < chain.dim(); ++i) sum = sum + (z[i] - z[i]);
    const R rung = chain.number(chain.layout.of_replica(Replica::rung));
    const auto drawn = equal(rung + sum, R(hottest));
    const R stretch = chain.number(chain.layout.of_replica(Replica::stretch));
    const auto there = reference.x(chain);  // which is filled anew before it counts
    for (int i = 0; i < chain.dim(); i += 2) {
      const random::Stream stream(chain.noise.seed, random::Purpose::swap, most_rungs + i / 2);
      const auto words = stream.template words<R>(chain.noise.ids, round);
      R normal[2];
      random::normal_pair(words.word[0], words.word[1], 1.0, normal[0], normal[1]);
      for (int k = 0; k < 2 && i + k < chain.dim(); ++k) {
        there.set(i + k, fma(R(reference.law.sd), normal[k], R(reference.law.mean)));
      }
    }
    if (chain.layout.is_scaled) reference.map.solve(there, there);
    for (int i = 0; i < chain.dim(); ++i) z.set(i, select(drawn, there[i] / stretch, z[i]));
  }
};

/// Notes the difference of the potentials of target and reference, from the target's at y. Infinite
/// where the target's is not finite, and not a number where the replica is lost.
struct NoteDifference {
  MappedReference reference;

  template <class R>
  KOKKOS_FUNCTION void operator()(const Chain<R>& chain) const {
    const R near = chain.number(Number::potential);
    const R far = reference.potential(reference.x(chain));
    const R zero = far - far;  // not a number where it is not finite
    const R difference = select(is_finite(near), near - far, R(HUGE_VAL));
    chain.set_number(chain.layout.of_replica(Replica::difference),
                     select(equal(zero, R(0)), difference, zero));
  }
};

/// Takes z from y, at the stretch of now.
struct SettleReplica {
  template <class R>
  KOKKOS_FUNCTION void operator()(const Chain<R>& chain) const {
    const auto z = chain.position();
    const auto y = chain.vector(chain.layout.stretched());
    const R stretch = chain.number(chain.layout.of_replica(Replica::stretch));
    for (int i = 0; i < chain.dim(); ++i) z.set(i, y[i] / stretch);
  }
};

/// The probability with which replicas at the inverse temperatures a > b exchange them, whose
/// potentials differ from the reference's by these.
KOKKOS_FORCEINLINE_FUNCTION double swap_probability(double a, double b, double at_a, double at_b) {
  if (!is_finite(at_b) || at_a != at_a) return 0;
  if (!is_finite(at_a)) return 1;
  const double log_ratio = (a - b) * (at_a - at_b);
  return log_ratio < 0 ? math::exp(log_ratio) : 1.0;
}

/// Ends of a ladder between which round trips are counted.
struct Way {
  static constexpr int none = 0;
  static constexpr int from_cold = 1;
  static constexpr int from_hot = 2;
};

/// Rows of what is summed over the rounds of a ladder; probabilities in units of `unit`, so that
/// their sums are exact.
struct LadderRows {
  static constexpr double unit = 0x1p-24;

  int rungs;

  /// (rungs) difference of the potentials of target and reference
  [[nodiscard]] KOKKOS_FORCEINLINE_FUNCTION int difference() const { return 0; }
  /// (rungs) probability of acceptance of the last step before the round
  [[nodiscard]] KOKKOS_FORCEINLINE_FUNCTION int step() const { return rungs; }
  /// (rungs - 1) probability of a swap with the next rung
  [[nodiscard]] KOKKOS_FORCEINLINE_FUNCTION int swap() const { return 2 * rungs; }
  /// (rungs - 1 each) the weights exp(-(beta_k - beta_k+1) difference) of the replica at rung k +
  /// 1, summed as exp(largest) sum
  [[nodiscard]] KOKKOS_FORCEINLINE_FUNCTION int largest() const { return 3 * rungs - 1; }
  [[nodiscard]] KOKKOS_FORCEINLINE_FUNCTION int weight() const { return 4 * rungs - 2; }
  [[nodiscard]] KOKKOS_FORCEINLINE_FUNCTION int count() const { return 5 * rungs - 3; }
};

/// Adds exp(value) sum to exp(largest) sum.
KOKKOS_FORCEINLINE_FUNCTION void add_exponential(double value, double sum, double& largest,
                                                 double& total) {
  if (value > largest) {
    total = fma(total, math::exp(largest - value), sum);
    largest = value;
  } else {
    total = fma(sum, math::exp(value - largest), total);
  }
}

/// One round of swaps of one ladder: one work item. Even pairs of rungs on even rounds, odd ones on
/// odd rounds: non-reversible, see `equalised`.
struct SwapLadder {
  ChainRows rows;
  RowLayout layout;
  std::int64_t first_block;   ///< of the rank's
  std::int64_t per_block;     ///< ladders
  std::int64_t first_ladder;  ///< of the run, at the first item
  std::uint64_t seed;
  std::uint64_t round;
  const double* beta;                                         ///< (rungs)
  const double* stretch;                                      ///< (rungs)
  Kokkos::View<double***, Kokkos::LayoutRight, Memory> sums;  ///< (block, LadderRows, ladder)

  KOKKOS_FUNCTION void operator()(std::int64_t item) const {
    const std::int64_t block = first_block + item / per_block;
    const std::int64_t ladder = item % per_block;
    const int rungs = layout.ladder;
    const auto number = [&](int k, int replica) -> double& {
      return rows(block, layout.number(layout.of_replica(k)), ladder * rungs + replica);
    };
    int at[most_rungs];
    double difference[most_rungs];
    for (int i = 0; i < rungs; ++i) at[static_cast<int>(number(Replica::rung, i))] = i;
    for (int k = 0; k < rungs; ++k) difference[k] = number(Replica::difference, at[k]);
    const auto sum = [&](int row) -> double& { return sums(block, row, ladder); };
    const LadderRows of{rungs};
    for (int k = 0; k < rungs; ++k) {
      sum(of.difference() + k) += difference[k];
      sum(of.step() + k) +=
          in_units(rows(block, layout.number(Number::acceptance), ladder * rungs + at[k]));
    }
    for (int k = 0; k + 1 < rungs; ++k) {
      add_exponential((beta[k + 1] - beta[k]) * difference[k + 1], 1, sum(of.largest() + k),
                      sum(of.weight() + k));
      const double probability =
          swap_probability(beta[k], beta[k + 1], difference[k], difference[k + 1]);
      sum(of.swap() + k) += in_units(probability);
      if ((static_cast<std::uint64_t>(k) + round) % 2 != 0) continue;
      const random::Stream stream(seed, random::Purpose::swap, k);
      const auto words =
          stream.words<double>({static_cast<std::uint64_t>(first_ladder + item)}, round);
      if (random::uniform(words.word[0]) < probability) {
        number(Replica::rung, at[k]) = k + 1;
        number(Replica::rung, at[k + 1]) = k;
        // What is known of the last step is of the rung.
        exchange(Number::acceptance, block, ladder * rungs + at[k], ladder * rungs + at[k + 1]);
        exchange(Number::energy_error, block, ladder * rungs + at[k], ladder * rungs + at[k + 1]);
      }
    }
    for (int i = 0; i < rungs; ++i) {
      const int rung = static_cast<int>(number(Replica::rung, i));
      number(Replica::beta, i) = beta[rung];
      number(Replica::stretch, i) = stretch[rung];
      double& way = number(Replica::way, i);
      if (rung == 0) {
        number(Replica::trips, i) += way == Way::from_hot ? 1 : 0;
        way = Way::from_cold;
      } else if (rung == rungs - 1 && way == Way::from_cold) {
        way = Way::from_hot;
      }
    }
  }

 private:
  KOKKOS_FORCEINLINE_FUNCTION void exchange(int k, std::int64_t block, std::int64_t a,
                                            std::int64_t b) const {
    double& first = rows(block, layout.number(k), a);
    double& second = rows(block, layout.number(k), b);
    const double held = first;
    first = second;
    second = held;
  }
  KOKKOS_FORCEINLINE_FUNCTION static double in_units(double probability) {
    return static_cast<double>(static_cast<std::int64_t>(probability / LadderRows::unit));
  }
};

}  // namespace driftwood::mcmc
