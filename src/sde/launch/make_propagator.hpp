// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// From a scheme's name to compiled kernels: included only by the files that instantiate a model.

#include "base/on_device.hpp"
#include "sde/launch/block_propagator.hpp"
#include "sde/launch/field_propagator.hpp"
#include "sde/launch/solution_propagator.hpp"
#include "sde/model.hpp"
#include "sde/schemes.hpp"

namespace driftwood::sde {

/// Names of the schemes that integrate F.
template <class F>
[[nodiscard]] std::vector<std::string> schemes_for() {
  std::vector<std::string> names;
  for_each_type(Schemes{}, [&]<class S>(TypeTag<S>) {
    if constexpr (Integrates<S, F>) names.emplace_back(S::name);
  });
  return names;
}

/// Ways to move that are compiled for a field: equal steps, or those and steps of the paths' own.
enum class Motions { equal, all };

/// What `make` gives for the scheme S; `make` takes a `TypeTag` each of the precision and of how
/// paths move. Null where paths are to take steps of their own, but cannot.
template <Motions motions, class S, class F, class Make>
[[nodiscard]] std::unique_ptr<Propagator> make_moving(Precision precision,
                                                      const PropagatorOptions& options,
                                                      const Make& make) {
  if (options.control || options.jumps != nullptr) {
    if constexpr (motions == Motions::all && TakesOwnSteps<S, F>) {
      if (Adapts<S, F> || !options.control) return make(TypeTag<double>{}, TypeTag<OwnMotion>{});
    }
    return nullptr;
  }
  return precision == Precision::double_ ? make(TypeTag<double>{}, TypeTag<FixedMotion>{})
                                         : make(TypeTag<float>{}, TypeTag<FixedMotion>{});
}

/// What `make` gives for the scheme of that name, of which it takes a `TypeTag`, then those of
/// `make_moving`. Throws `UsageError` where the scheme does not integrate F.
template <Motions motions, class F, class Make>
[[nodiscard]] std::unique_ptr<Propagator> dispatch(const std::string& scheme, Precision precision,
                                                   const PropagatorOptions& options,
                                                   const Make& make) {
  std::unique_ptr<Propagator> made;
  for_each_type(Schemes{}, [&]<class S>(TypeTag<S> tag) {
    if constexpr (Integrates<S, F>) {
      if (scheme != S::name) return;
      made = make_moving<motions, S, F>(
          precision, options, [&](auto number, auto motion) { return make(tag, number, motion); });
    }
  });
  if (!made) throw UsageError("scheme '" + scheme + "' does not integrate this model");
  return made;
}

/// The propagator of a field of fixed size by the scheme of that name. Throws `UsageError` when
/// there is none.
template <Motions motions = Motions::equal, FixedSize F>
[[nodiscard]] std::unique_ptr<Propagator> make_propagator(
    const F& field, const InitialState& initial, const std::string& scheme, Precision precision,
    const PropagatorOptions& options, const DrawnParameters& drawn = {}) {
  return dispatch<motions, F>(
      scheme, precision, options,
      [&]<class S, class T, class M>(TypeTag<S>, TypeTag<T>,
                                     TypeTag<M>) -> std::unique_ptr<Propagator> {
        return std::make_unique<FieldPropagator<S, F, T, M>>(field, initial, options, drawn);
      });
}

/// The solution of a field of fixed size, where the field knows it.
template <FixedSize F>
[[nodiscard]] std::unique_ptr<Propagator> make_solution(const F& field, const InitialState& initial,
                                                        const PropagatorOptions& options,
                                                        const DrawnParameters& drawn = {}) {
  if constexpr (HasSolution<F>) {
    return std::make_unique<SolutionPropagator<F>>(field, initial, options, drawn);
  } else {
    return nullptr;
  }
}

/// The same for a field of run-time size, which points into `coefficients` or what they hold.
template <Motions motions = Motions::equal, class F>
[[nodiscard]] std::unique_ptr<Propagator> make_propagator(
    const F& field, const std::any& coefficients, const InitialState& initial,
    const std::string& scheme, Precision precision, const PropagatorOptions& options,
    const DrawnParameters& drawn = {}) {
  return dispatch<motions, F>(
      scheme, precision, options,
      [&]<class S, class T, class M>(TypeTag<S>, TypeTag<T>,
                                     TypeTag<M>) -> std::unique_ptr<Propagator> {
        return std::make_unique<BlockPropagator<S, F, T, M>>(field, coefficients, initial, options,
                                                             drawn);
      });
}

}  // namespace driftwood::sde
