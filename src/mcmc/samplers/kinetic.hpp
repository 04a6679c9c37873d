// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// What samplers of kinetic Langevin dynamics share,
///
///     dq = v dt,   dv = -grad U(q) dt - friction v dt + sqrt(2 friction) dW,
///
/// whose positions have the density exp(-U) in equilibrium, and whose velocities are standard
/// normal.

#include "base/math.hpp"
#include "mcmc/launch/tile.hpp"
#include "mcmc/sampler_traits.hpp"

namespace driftwood::mcmc {

/// Velocities are the first of a kinetic sampler's own vectors.
inline constexpr int velocity_slot = Slot::own;

/// Draws standard normal velocities.
struct StartVelocities {
  template <class C>
  KOKKOS_FUNCTION void operator()(const C& chain) const {
    using R = typename C::Lane;
    const auto v = chain.vector(velocity_slot);
    for_each_normal(chain.noise, NormalKind::start, chain.dim(),
                    [&](int i, const R& xi) { v.set(i, xi); });
  }
};

/// The key of kinetic samplers, and their start.
struct Kinetic {
  double friction = 2;

  void describe(deck::Schema& s) {
    s.key("friction", friction, deck::positive,
          "friction of the velocities, in the unit of 1 / step size");
  }
  void begin(auto& tile) const { tile.apply(StartVelocities{}); }
};

/// y - 2 tanh(y / 2) for y >= 0, without cancellation.
template <class R>
KOKKOS_FORCEINLINE_FUNCTION R lag(const R& y) {
  const R z = R(0.5) * y;
  const R z2 = z * z;
  const R series =
      R(2) * z * z2 *
      math::horner(z2, {1.0 / 3, -2.0 / 15, 17.0 / 315, -62.0 / 2835, 1382.0 / 155925});
  return select(less(z, R(0.05)), series, y - R(2) * math::tanh(z));
}

/// Free motion, without a force, over a time t: exactly
///
///     q' = q + reach v + along a + across b,   v' = decay v + noise a
///
/// with independent standard normals a and b. With y = friction t and e = exp(-y) the noises of q
/// and v are jointly normal: Var n_v = 1 - e^2, Cov = (1 - e)^2 / friction and
/// Var n_q = (2 y - 3 + 4 e - e^2) / friction^2, from the Ito isometry; what of n_q does not follow
/// from n_v has the variance Var n_q - Cov^2 / Var n_v = 2 (y - 2 tanh(y/2)) / friction^2.
template <class R>
struct FreeFlow {
  R decay;
  R reach;
  R noise;
  R along;
  R across;
  R drop;  ///< a constant acceleration from rest moves q by so much times itself

  KOKKOS_FORCEINLINE_FUNCTION static FreeFlow over(const R& t, double friction) {
    const R y = R(friction) * t;
    const R lost = -math::expm1(-y);
    const R decay = R(1) - lost;
    const R reach = lost / R(friction);
    return {decay,
            reach,
            sqrt(lost * (R(1) + decay)),
            reach * sqrt(lost / (R(1) + decay)),
            sqrt(R(2) * lag(y)) / R(friction),
            (t - reach) / R(friction)};
  }
};

/// Position and velocity of one coordinate, and the pieces of which steps are made.
template <class R>
struct Phase {
  R q;
  R v;

  /// A: free flight.
  KOKKOS_FORCEINLINE_FUNCTION void drift(double t) { q = fma(R(t), v, q); }
  /// B: the force alone.
  KOKKOS_FORCEINLINE_FUNCTION void kick(double t, const R& gradient) {
    v = fma(R(-t), gradient, v);
  }
  /// O: friction and noise alone.
  template <class F>
  KOKKOS_FORCEINLINE_FUNCTION void rub(const FreeFlow<F>& over, const R& a) {
    v = fma(R(over.decay), v, R(over.noise) * a);
  }
  /// U: all but the force.
  template <class F>
  KOKKOS_FORCEINLINE_FUNCTION void flow(const FreeFlow<F>& over, const R& a, const R& b) {
    q = fma(R(over.reach), v, fma(R(over.along), a, fma(R(over.across), b, q)));
    rub(over, a);
  }
};

/// Over which times the pieces of a step go.
struct PieceTimes {
  double kick = 0;
  double drift = 0;
  FreeFlow<double> flow = {};  ///< of O and U
};

/// Pieces of a step, from left to right, with at most one O or U among them, whose normals are of
/// the kind `noise`.
template <int noise, char... letters>
struct Pieces {
  static constexpr int count(char letter) { return ((letters == letter ? 1 : 0) + ...); }

  struct Move {
    PieceTimes times;

    template <char letter, class R>
    KOKKOS_FORCEINLINE_FUNCTION void piece(Phase<R>& p, const R& g, const R& a, const R& b) const {
      if constexpr (letter == 'A') p.drift(times.drift);
      if constexpr (letter == 'B') p.kick(times.kick, g);
      if constexpr (letter == 'O') p.rub(times.flow, a);
      if constexpr (letter == 'U') p.flow(times.flow, a, b);
    }
    template <class C>
    KOKKOS_FUNCTION void operator()(const C& chain) const {
      using R = typename C::Lane;
      const auto q = chain.position();
      const auto v = chain.vector(velocity_slot);
      const auto g = chain.gradient();
      const auto all = [&](int i, const R& a, const R& b) {
        Phase<R> p{q[i], v[i]};
        (piece<letters>(p, g[i], a, b), ...);
        q.set(i, p.q);
        v.set(i, p.v);
      };
      if constexpr (count('U') > 0) {
        for_each_normal(chain.noise, noise, noise + 2, chain.dim(), all);
      } else if constexpr (count('O') > 0) {
        for_each_normal(chain.noise, noise, chain.dim(),
                        [&](int i, const R& a) { all(i, a, R(0)); });
      } else {
        for (int i = 0; i < chain.dim(); ++i) all(i, R(0), R(0));
      }
    }
  };
};

/// A step of pieces of which each kind shares the step's time equally: those before the gradient is
/// evaluated, and those after. The gradient is carried over to the next step.
template <class Before, class After>
struct Splitting : Kinetic {
  static constexpr int count(char letter) { return Before::count(letter) + After::count(letter); }

  template <class T>
  void step(T& tile, double h) const {
    const auto share = [h](int pieces) { return pieces == 0 ? 0.0 : h / pieces; };
    const PieceTimes times{share(count('B')), share(count('A')),
                           FreeFlow<double>::over(share(count('O') + count('U')), this->friction)};
    tile.apply(typename Before::Move{times});
    tile.evaluate();
    tile.apply(typename After::Move{times});
  }
};

}  // namespace driftwood::mcmc
