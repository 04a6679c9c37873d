// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// The same equation as a field of fixed size and as one of run-time size, path by path.

#include <gtest/gtest.h>

#include <vector>

#include "sde/launch/make_propagator.hpp"

namespace driftwood::sde::test {

inline constexpr std::int64_t paths = 200;  // not a whole number of packs

inline std::vector<double> end_states(Propagator& propagator, int dim) {
  const Channels state("state", static_cast<std::size_t>(dim), 256);
  propagator.start({1000, paths});
  propagator.advance({0, 7});
  propagator.advance({7, 20});
  propagator.read(state);
  const auto host = Kokkos::create_mirror_view_and_copy(Kokkos::HostSpace(), state);
  std::vector<double> out;
  for (int i = 0; i < dim; ++i) {
    for (int p = 0; p < paths; ++p) out.push_back(host(i, p));
  }
  return out;
}

inline const PropagatorOptions options{1.0, 20, 5, paths};

/// Every scheme that integrates F, in both precisions.
template <class F, class B>
void expect_equal(const F& fixed, const B& run_time, const Kokkos::View<double*, Memory>& held,
                  const std::vector<double>& initial) {
  int compared = 0;
  for (const Precision precision : {Precision::double_, Precision::single_}) {
    for (const auto& scheme : schemes_for<F>()) {
      const auto one = make_propagator(fixed, initial, scheme, precision, options);
      const auto other = make_propagator(run_time, held, initial, scheme, precision, options);
      const auto expected = end_states(*one, F::dim);
      EXPECT_EQ(expected, end_states(*other, F::dim)) << scheme;
      EXPECT_NE(expected.front(), initial.front()) << scheme;
      EXPECT_EQ(expected, expected) << scheme << " gives NaN";
      ++compared;
    }
  }
  EXPECT_GE(compared, 8);
}

}  // namespace driftwood::sde::test
