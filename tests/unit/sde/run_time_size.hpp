// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// The same equation as a field of fixed size and as one of run-time size, path by path.

#include <gtest/gtest.h>

#include <vector>

#include "base/on_device.hpp"
#include "sde/launch/block_propagator.hpp"
#include "sde/launch/field_propagator.hpp"
#include "sde/schemes.hpp"

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

/// By the scheme S, in the precision T.
template <class S, class T, class F, class B>
void expect_equal_paths(const F& fixed, const B& run_time,
                        const Kokkos::View<double*, Memory>& held,
                        const std::vector<double>& initial) {
  FieldPropagator<S, F, T> one(fixed, initial, options);
  BlockPropagator<S, B, T> other(run_time, held, initial, options);
  const auto expected = end_states(one, F::dim);
  EXPECT_EQ(expected, end_states(other, F::dim)) << S::name;
  EXPECT_NE(expected.front(), initial.front()) << S::name;
  EXPECT_EQ(expected, expected) << S::name << " gives NaN";
}

/// What is tried in single precision too: a scheme without stages, and one of each family with
/// them.
using TriedInSingle = TypeList<EulerMaruyama, ReversibleHeun, Sra1, Sriw1, GeneralShark, Dri1>;

/// Every scheme that integrates F.
template <class F, class B>
void expect_equal(const F& fixed, const B& run_time, const Kokkos::View<double*, Memory>& held,
                  const std::vector<double>& initial) {
  int compared = 0;
  const auto compare = [&]<class T>(auto schemes, TypeTag<T>) {
    for_each_type(schemes, [&]<class S>(TypeTag<S>) {
      if constexpr (Integrates<S, F>) {
        expect_equal_paths<S, T>(fixed, run_time, held, initial);
        ++compared;
      }
    });
  };
  compare(Schemes{}, TypeTag<double>{});
  compare(TriedInSingle{}, TypeTag<float>{});
  EXPECT_GE(compared, 6);
}

}  // namespace driftwood::sde::test
