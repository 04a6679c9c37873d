// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <array>
#include <concepts>
#include <string_view>
#include <type_traits>

#include "base/vec.hpp"
#include "deck/schema.hpp"
#include "random/brownian.hpp"
#include "sde/calculus.hpp"

namespace driftwood::sde {

using random::Increment;
using random::Levy;

/// A component of the state, as results name it.
struct Component {
  std::string_view name;
  std::string_view units;
  std::string_view long_name;
};

/// A vector field dX = f(t, X) dt + g(t, X) dW: a plain value, described to the deck, callable on
/// lanes. Its parameters are its members.
template <class F>
concept VectorField = deck::Described<F> && std::is_trivially_copyable_v<F> &&
    requires(const F f, double t, Vec<double, F::dim> x) {
  { F::calculus } -> std::convertible_to<Calculus>;
  { F::noise } -> std::convertible_to<Noise>;
  { F::noise_dim } -> std::convertible_to<int>;
  { f.drift(t, x) } -> std::same_as<Vec<double, F::dim>>;
  f.diffusion(t, x);  // Diagonal, Lower or Mat
};

/// A field whose law over one step is known: `transition(h)` is a plain value that carries a state
/// x and an increment dw ~ N(0, h) to the state after h.
template <class F>
concept HasTransition = VectorField<F> &&
    requires(const F f, Vec<double, F::dim> x, Vec<double, F::noise_dim> dw) {
  { f.transition(0.1)(x, dw) } -> std::same_as<Vec<double, F::dim>>;
};

/// A one-step scheme: stateless, and explicit about what it needs and how fast it converges.
/// `Step<F>` is the device value that takes one step of the field F.
template <class S>
concept Scheme = std::is_empty_v<S> && requires(Noise n) {
  { S::name } -> std::convertible_to<std::string_view>;
  { S::calculus } -> std::convertible_to<Calculus>;
  { S::levy } -> std::convertible_to<Levy>;
  { S::strong_order(n) } -> std::same_as<double>;  ///< 0: does not converge for this noise
  { S::weak_order(n) } -> std::same_as<double>;
};

/// The one rule for which pairs make sense; the deck, the registry and the kernels all use it.
template <class S, class F>
concept Integrates = Scheme<S> && VectorField<F> &&(S::strong_order(F::noise) > 0.0) &&
                     (S::calculus == F::calculus || F::noise == Noise::additive ||
                      S::needs_transition) &&
                     (!S::needs_transition || HasTransition<F>);

}  // namespace driftwood::sde
