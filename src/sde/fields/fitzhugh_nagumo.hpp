// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "sde/concepts.hpp"

namespace driftwood::sde {

/// A neuron with channel noise: dV = (V - V^3/3 - W + current) dt + sigma dB, dW = epsilon (V + a -
/// b W) dt. FitzHugh (1961), Nagumo, Arimoto and Yoshizawa (1962), with FitzHugh's a, b and
/// epsilon; without noise it rests below a current of about 0.33 and fires above. Noise: Lindner,
/// Garcia-Ojalvo, Neiman and Schimansky-Geier (2004), section 2.
template <class P = double>
struct FitzHughNagumo {
  static constexpr std::string_view name = "fitzhugh_nagumo";
  static constexpr std::string_view summary =
      "dV = (V - V^3/3 - W + current) dt + sigma dB, dW = epsilon (V + a - b W) dt";
  static constexpr Calculus calculus = Calculus::ito;
  static constexpr Noise noise = Noise::additive;
  static constexpr int dim = 2;
  static constexpr int noise_dim = 1;
  static constexpr std::array<Component, dim> components = {
      {{"voltage", "1", "membrane potential"}, {"recovery", "1", "recovery variable"}}};

  P a{0.7};
  P b{0.8};
  P epsilon{0.08};
  P current{0.25};
  P sigma{0.15};

  void describe(deck::Schema& s) {
    s.key("a", a, deck::finite, "offset of the recovery [1]");
    s.key("b", b, deck::finite, "decay of the recovery [1]");
    s.key("epsilon", epsilon, deck::positive, "rate of the recovery [1/time]");
    s.key("current", current, deck::finite, "applied current [1/time]");
    s.key("sigma", sigma, deck::non_negative, "noise of the voltage [1/sqrt(time)]");
  }

  template <class R>
  KOKKOS_FORCEINLINE_FUNCTION Vec<R, 2> drift(const auto&, const Vec<R, 2>& x) const {
    using T = value_of<R>;
    const R spike = x[0] * fma(R(T(-1.0 / 3)) * x[0], x[0], R(1));
    return {spike - x[1] + R(current), R(epsilon) * fma(R(-b), x[1], x[0] + R(a))};
  }
  template <class R>
  KOKKOS_FORCEINLINE_FUNCTION Mat<R, 2, 1> diffusion(const auto&, const Vec<R, 2>&) const {
    return {{{R(sigma)}, {R(0)}}};
  }
};
static_assert(VectorField<FitzHughNagumo<>>);

}  // namespace driftwood::sde
