// SPDX-License-Identifier: BSD-3-Clause
#include "sde/schemes.hpp"

#include "sde/registry.hpp"

namespace driftwood::sde {
namespace {

template <class S>
bool adapts(Noise n) {
  if constexpr (requires { S::adapts(n); }) return S::adapts(n);
  return false;
}

}  // namespace

std::vector<SchemeInfo> schemes() {
  std::vector<SchemeInfo> found;
  for_each_type(Schemes{}, [&]<class S>(TypeTag<S>) {
    found.push_back({S::name, S::summary, S::calculus, drift_rule_of<S>(), S::evaluations,
                     S::increments, S::strong_order, S::weak_order, adapts<S>, has_own_steps<S>});
  });
  return found;
}

}  // namespace driftwood::sde
