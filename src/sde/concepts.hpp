// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <array>
#include <concepts>
#include <string_view>
#include <type_traits>

#include "base/dual.hpp"  // fields are evaluated on dual numbers too
#include "deck/schema.hpp"
#include "formula/symbol.hpp"  // and on symbols
#include "random/brownian.hpp"
#include "sde/calculus.hpp"
#include "sde/parameters.hpp"

namespace driftwood::sde {

using random::Increment;
using random::Increments;

/// A component of the state, as results name it.
struct Component {
  std::string_view name;
  std::string_view units;
  std::string_view long_name;
};

/// Fields whose numbers of components and noises the compiler knows; the others have them as data
/// members of the same names.
template <class F>
concept FixedSize = std::is_pointer_v<decltype(&F::dim)>;  // a static member, not a data member

/// The state of a field, and a vector of its noises.
template <class F, class R>
struct StateOf {
  using State = Block<R>;
  using Noise = Block<R>;
};
template <FixedSize F, class R>
struct StateOf<F, R> {
  using State = Vec<R, F::dim>;
  using Noise = Vec<R, F::noise_dim>;
};
template <class F, class R>
using State = typename StateOf<F, R>::State;
template <class F, class R>
using NoiseVec = typename StateOf<F, R>::Noise;

/// A vector field dX = f(t, X) dt + g(t, X) dW: a plain value, callable on lanes. Its parameters
/// are its members. Diffusions are Diagonal, Lower, Mat, or what has `fma` and `entry` like them.
template <class F>
concept VectorField = std::is_trivially_copyable_v<F> &&
    requires(const F f, double t, State<F, double> x) {
  { F::calculus } -> std::convertible_to<Calculus>;
  { F::noise } -> std::convertible_to<Noise>;
  { f.dim } -> std::convertible_to<int>;
  { f.noise_dim } -> std::convertible_to<int>;
  { f.drift(t, x) } -> std::same_as<State<F, double>>;
  { entry(f.diffusion(t, x), 0, 0) } -> std::convertible_to<double>;
};

/// A field whose law over one step is known: `transition(h)` is a plain value that carries a state
/// x and an increment dw ~ N(0, h) to the state after h.
template <class F>
concept HasNormalTransition = VectorField<F> &&
    requires(const F f, State<F, double> x, NoiseVec<F, double> dw) {
  { f.transition(0.1)(x, dw) } -> std::same_as<State<F, double>>;
};

/// The same where no normal increment gives the law: `transition(h)` draws words of its own.
template <class F>
concept HasSampledTransition = VectorField<F> &&
    requires(const F f, State<F, double> x,
             Increment<NoiseVec<F, double>, Increments::words> words) {
  { f.transition(0.1)(x, words) } -> std::same_as<State<F, double>>;
};

template <class F>
concept HasTransition = HasNormalTransition<F> || HasSampledTransition<F>;

/// A field whose solution is a known function of time, its state at time 0 and the Brownian motion
/// at that time.
template <class F>
concept HasSolution = VectorField<F> &&
    requires(const F f, double t, State<F, double> x, NoiseVec<F, double> w) {
  { f.solution(t, x, w) } -> std::same_as<State<F, double>>;
};

/// A one-step scheme: stateless, and explicit about what it needs and how fast it converges.
/// `Step<F>` is the device value that takes one step of the field F.
template <class S>
concept Scheme = std::is_empty_v<S> && requires(Noise n) {
  { S::name } -> std::convertible_to<std::string_view>;
  { S::summary } -> std::convertible_to<std::string_view>;
  { S::calculus } -> std::convertible_to<Calculus>;
  { S::increments(n) } -> std::same_as<Increments>;
  { S::evaluations } -> std::convertible_to<int>;  ///< of the drift, per step
  { S::strong_order(n) } -> std::same_as<double>;  ///< 0: not pathwise convergent
  { S::weak_order(n) } -> std::same_as<double>;    ///< 0: does not converge for this noise
};

/// Schemes that use the field's own transition instead of its coefficients.
template <class S>
concept UsesTransition = requires {
  requires S::uses_transition;
};

/// What the scheme asks of the noise of this field.
template <class S, class F>
[[nodiscard]] constexpr Increments increments_for() {
  if constexpr (UsesTransition<S> && HasSampledTransition<F>) return Increments::words;
  return S::increments(F::noise);
}

/// Schemes that carry a second state from step to step.
template <class S>
concept CarriesState = requires {
  requires S::carries_state;
};

/// How the scheme takes the drift. Implicit and tamed schemes declare a `drift_rule`.
template <class S>
constexpr DriftRule drift_rule_of() {
  if constexpr (UsesTransition<S>) {
    return DriftRule::exact;
  } else if constexpr (requires { S::drift_rule; }) {
    return S::drift_rule;
  } else {
    return DriftRule::plain;
  }
}

/// The strong order of schemes right to second order in W that see no Levy areas; noise that
/// commutes needs none. Clark and Cameron (1980): no such scheme does better in general.
constexpr double order_of_increments(Noise n) { return n == Noise::general ? 0.5 : 1.0; }

/// The one rule for which pairs make sense; the deck, the registry and the kernels all use it. A
/// field of the other calculus is converted, see sde/convert.hpp.
template <class S, class F>
concept Integrates = Scheme<S> && VectorField<F> &&(S::weak_order(F::noise) > 0.0) &&
                     (!UsesTransition<S> || HasTransition<F>);

/// Whether each path may take steps of its own size: schemes that know steps as lanes, and noise
/// that can be drawn for steps of any size.
template <class S>
constexpr bool has_own_steps([[maybe_unused]] Noise n) {
  if constexpr (requires { S::adapts(n); }) return S::increments(n) <= Increments::with_area;
  return false;
}
/// Fields whose normal transition takes a step of each path's own.
template <class F>
concept HasTransitionOfLanes = HasNormalTransition<F> && requires {
  requires F::transition_takes_lanes;
};
template <class S, class F>
concept TakesOwnSteps = Integrates<S, F> &&
    (UsesTransition<S> ? HasTransitionOfLanes<F> : has_own_steps<S>(F::noise));

/// Pairs of which steps may adapt: the scheme knows how well it does, and converges whatever steps
/// the paths take, which they choose by what they see of the noise. Euler-Maruyama does not for
/// noise that depends on the state: Gaines and Lyons (1997).
template <class S, class F>
concept Adapts = TakesOwnSteps<S, F> && requires {
  requires S::adapts(F::noise);
};

}  // namespace driftwood::sde
