// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "sde/concepts.hpp"

namespace driftwood::sde {

/// A half-open range of steps, [first, last).
struct Steps {
  std::int64_t first;
  std::int64_t last;
};

/// Takes the states x of the paths `ids` over the given steps of size h. What a path becomes
/// depends on its id, its state and the steps alone, not on the lanes beside it.
template <class S, class F, class R>
KOKKOS_FORCEINLINE_FUNCTION void integrate(const typename S::template Step<F>& step,
                                           const random::GridBrownian& noise,
                                           const random::Ids<R>& ids, const Steps& steps,
                                           Vec<R, F::dim>& x) {
  constexpr int per_draw = random::words_per_draw<R>;
  const std::int64_t first_draw = steps.first / per_draw;
  for (std::int64_t d = first_draw; d * per_draw < steps.last; ++d) {
    const auto draw =
        noise.template draw<R, F::noise_dim, S::levy>(ids, static_cast<std::uint64_t>(d));
    for (int s = 0; s < per_draw; ++s) {
      const std::int64_t n = d * per_draw + s;
      if (n < steps.first || n >= steps.last) continue;
      x = step(static_cast<double>(n) * noise.step, x, draw.step[s]);
    }
  }
}

}  // namespace driftwood::sde
