// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// From a scheme's name to compiled kernels: included only by the files that instantiate a model.

#include "sde/launch/block_propagator.hpp"
#include "sde/launch/field_propagator.hpp"
#include "sde/launch/on_device.hpp"
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

/// What `make` gives for the scheme of that name and the precision; `make` takes a `TypeTag` of
/// each. Throws `UsageError` where the scheme does not integrate F.
template <class F, class Make>
[[nodiscard]] std::unique_ptr<Propagator> dispatch(const std::string& scheme, Precision precision,
                                                   const Make& make) {
  std::unique_ptr<Propagator> made;
  for_each_type(Schemes{}, [&]<class S>(TypeTag<S> tag) {
    if constexpr (Integrates<S, F>) {
      if (scheme != S::name) return;
      made = precision == Precision::double_ ? make(tag, TypeTag<double>{})
                                             : make(tag, TypeTag<float>{});
    }
  });
  if (!made) throw UsageError("scheme '" + scheme + "' does not integrate this model");
  return made;
}

/// The propagator of a field of fixed size by the scheme of that name. Throws `UsageError` when
/// there is none.
template <FixedSize F>
[[nodiscard]] std::unique_ptr<Propagator> make_propagator(
    const F& field, const InitialState& initial, const std::string& scheme, Precision precision,
    const PropagatorOptions& options, const DrawnParameters& drawn = {}) {
  return dispatch<F>(scheme, precision,
                     [&]<class S, class T>(TypeTag<S>, TypeTag<T>) -> std::unique_ptr<Propagator> {
                       return std::make_unique<FieldPropagator<S, F, T>>(field, initial, options,
                                                                         drawn);
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
template <class F>
[[nodiscard]] std::unique_ptr<Propagator> make_propagator(
    const F& field, const std::any& coefficients, const InitialState& initial,
    const std::string& scheme, Precision precision, const PropagatorOptions& options,
    const DrawnParameters& drawn = {}) {
  return dispatch<F>(scheme, precision,
                     [&]<class S, class T>(TypeTag<S>, TypeTag<T>) -> std::unique_ptr<Propagator> {
                       return std::make_unique<BlockPropagator<S, F, T>>(field, coefficients,
                                                                         initial, options, drawn);
                     });
}

}  // namespace driftwood::sde
