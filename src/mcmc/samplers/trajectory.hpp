// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// What samplers share that follow a trajectory of many small steps, and accept where it ends or
/// stay where they were.

#include <algorithm>
#include <cmath>
#include <optional>
#include <type_traits>

#include "mcmc/launch/tile.hpp"
#include "mcmc/metropolis.hpp"
#include "mcmc/sampler_traits.hpp"
#include "mcmc/samplers/kinetic.hpp"

namespace driftwood::mcmc {

/// The vectors and numbers of these samplers.
struct TrajectorySlots {
  static constexpr int velocity = velocity_slot;
  static constexpr int end = Slot::own + 1;
  static constexpr int at_end = Slot::own + 2;  ///< gradient there
  static constexpr int vectors = 3;

  static constexpr int potential_at_end = Number::own;
  static constexpr int energy = Number::own + 1;  ///< gained until now, without the potential
  static constexpr int numbers = 2;
};

/// Size of the steps of a trajectory: all are as long, but from trajectory to trajectory their size
/// changes by a random factor, each chain's own, so that none is in step with what it follows.
struct StepSize {
  double mean;
  double jitter;

  template <class Noise>
  [[nodiscard]] KOKKOS_FORCEINLINE_FUNCTION auto of(const Noise& noise) const {
    const auto u = noise.uniform(1);
    using R = std::remove_const_t<decltype(u)>;
    return fma(R(2 * mean * jitter), u, R(mean * (1 - jitter)));
  }
};

/// How many steps trajectories have, the same number for all chains. Where the length is given and
/// no multiple of the step size, there is now one more step and now one less, so that the length is
/// right in the mean: acceptance is then continuous in the step size, and can be adapted to.
struct TrajectoryLength {
  static constexpr double most_steps = 1024;

  std::optional<std::int64_t> leapfrogs;
  std::optional<double> length;
  double jitter = 0.2;

  struct Steps {
    int count;
    StepSize size;
  };
  [[nodiscard]] Steps steps(const auto& tile, double h, double usual_length) const {
    const double count =
        leapfrogs ? static_cast<double>(*leapfrogs)
                  : std::floor(length.value_or(usual_length) / h + tile.shared_uniform());
    const double most = std::min(most_steps, tile.most_leapfrogs());
    return {static_cast<int>(std::clamp(count, 1.0, most)), {h, jitter}};
  }

  void describe(deck::Schema& s) {
    s.key("leapfrogs", leapfrogs, deck::between(1, static_cast<std::int64_t>(most_steps)),
          "leapfrog steps of each trajectory")
        .instead_of({"trajectory"});
    s.key("trajectory", length, deck::positive,
          "length of each trajectory in the unit of the step size, instead of 'leapfrogs'; left "
          "out: "
          "a quarter of the period of a unit oscillator, pi / 2")
        .instead_of({"leapfrogs"});
    describe_jitter(s);
  }
  void validate(const deck::Source& deck, const std::string& path, const Situation&) const {
    if (leapfrogs && length) {
      throw deck.error(path + ".trajectory", "trajectories have two lengths", "",
                       "give 'leapfrogs' or 'trajectory'");
    }
  }
  void describe_jitter(deck::Schema& s) {
    s.key("jitter", jitter, deck::Range{.low = 0, .high = 1, .high_open = true},
          "the size of the steps of a trajectory is uniform in h (1 - jitter), h (1 + jitter)");
  }
};

/// Hamiltonian Monte Carlo, and with friction Metropolis-adjusted Langevin trajectories: from a
/// velocity drawn anew, leapfrog steps between which friction and noise act on the velocity.
struct HamiltonianTrajectory : TrajectorySlots {
  static constexpr double usual_length = 1.5707963267948966;  ///< a quarter of a unit oscillation
  static constexpr int energy_at_start = Number::own + TrajectorySlots::numbers;
  static constexpr int numbers = TrajectorySlots::numbers + 1;

  struct Begin {
    StepSize size;

    template <class C>
    KOKKOS_FUNCTION void operator()(const C& chain) const {
      using R = typename C::Lane;
      const R h = size.of(chain.noise);
      const auto x = chain.position();
      const auto g = chain.gradient();
      const auto v = chain.vector(velocity);
      const auto y = chain.vector(end);
      R square(0);
      for_each_normal(chain.noise, 0, chain.dim(), [&](int i, const R& xi) {
        square = fma(xi, xi, square);
        const R kicked = fma(R(-0.5) * h, g[i], xi);
        v.set(i, kicked);
        y.set(i, fma(h, kicked, x[i]));
      });
      chain.set_number(energy, R(-0.5) * square);
      chain.set_number(energy_at_start, fma(R(0.5), square, chain.number(Number::potential)));
    }
  };
  /// The rest of a step, and the start of the next.
  struct Go {
    StepSize size;

    template <class C>
    KOKKOS_FUNCTION void operator()(const C& chain) const {
      using R = typename C::Lane;
      const R h = size.of(chain.noise);
      const auto v = chain.vector(velocity);
      const auto y = chain.vector(end);
      const auto g = chain.vector(at_end);
      for (int i = 0; i < chain.dim(); ++i) {
        const R kicked = fma(-h, g[i], v[i]);
        v.set(i, kicked);
        y.set(i, fma(h, kicked, y[i]));
      }
    }
  };
  /// The same with friction and noise in between, whose heat is no error.
  struct GoWithFriction {
    StepSize size;
    double friction;
    int number;  ///< of the step

    template <class C>
    KOKKOS_FUNCTION void operator()(const C& chain) const {
      using R = typename C::Lane;
      const R h = size.of(chain.noise);
      const auto v = chain.vector(velocity);
      const auto y = chain.vector(end);
      const auto g = chain.vector(at_end);
      const auto flow = FreeFlow<R>::over(h, friction);
      R cooled(0);
      for_each_normal(chain.noise.part(number), 0, chain.dim(), [&](int i, const R& xi) {
        const R before = fma(R(-0.5) * h, g[i], v[i]);
        const R after = fma(flow.decay, before, flow.noise * xi);
        cooled = fma(before - after, before + after, cooled);
        const R kicked = fma(R(-0.5) * h, g[i], after);
        v.set(i, kicked);
        y.set(i, fma(h, kicked, y[i]));
      });
      chain.set_number(energy, fma(R(0.5), cooled, chain.number(energy)));
    }
  };
  struct Decide {
    StepSize size;

    template <class C>
    KOKKOS_FUNCTION void operator()(const C& chain) const {
      using R = typename C::Lane;
      const R h = size.of(chain.noise);
      const auto v = chain.vector(velocity);
      const auto gy = chain.vector(at_end);
      R square(0);
      for (int i = 0; i < chain.dim(); ++i) {
        const R kicked = fma(R(-0.5) * h, gy[i], v[i]);
        square = fma(kicked, kicked, square);
      }
      decide(chain, fma(R(0.5), square, chain.number(energy)));
    }
  };

  /// Accepts the end of a trajectory on which energies other than the potential grew by `gained`,
  /// or not.
  template <class C>
  KOKKOS_FORCEINLINE_FUNCTION static void decide(const C& chain, const typename C::Lane& gained) {
    using R = typename C::Lane;
    const R potential = chain.number(Number::potential);
    const R proposed = chain.number(potential_at_end);
    const auto accepted = accept(chain, proposed - potential_to_leave(chain) + gained);
    copy_where(accepted, chain.position(), chain.vector(end));
    copy_where(accepted, chain.gradient(), chain.vector(at_end));
    chain.set_number(Number::potential, select(accepted, proposed, potential));
  }

  static void follow(auto& tile, const TrajectoryLength::Steps& steps, double friction) {
    tile.apply(Begin{steps.size});
    for (int k = 1; k < steps.count; ++k) {
      if (tile.is_cut()) return;
      tile.evaluate(end, at_end, potential_at_end);
      if (friction > 0) {
        tile.apply(GoWithFriction{steps.size, friction, k});
      } else {
        tile.apply(Go{steps.size});
      }
    }
    tile.evaluate(end, at_end, potential_at_end);
    tile.apply(Decide{steps.size});
  }
};

}  // namespace driftwood::mcmc
