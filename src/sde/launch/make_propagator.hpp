// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// From a scheme's name to compiled kernels: included only by the files that instantiate a model.

#include "sde/launch/advance.hpp"
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

/// The propagator of F by the scheme of that name. Throws `UsageError` when there is none.
template <class F>
[[nodiscard]] std::unique_ptr<Propagator> make_propagator(const F& field,
                                                          const std::array<double, F::dim>& initial,
                                                          const std::string& scheme,
                                                          Precision precision,
                                                          const PropagatorOptions& options) {
  std::unique_ptr<Propagator> made;
  for_each_type(Schemes{}, [&]<class S>(TypeTag<S>) {
    if constexpr (Integrates<S, F>) {
      if (scheme != S::name) return;
      if (precision == Precision::double_) {
        made = std::make_unique<FieldPropagator<S, F, double>>(field, initial, options);
      } else {
        made = std::make_unique<FieldPropagator<S, F, float>>(field, initial, options);
      }
    }
  });
  if (!made) throw UsageError("scheme '" + scheme + "' does not integrate this model");
  return made;
}

}  // namespace driftwood::sde
