// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <vector>

#include "base/on_device.hpp"
#include "neural/network.hpp"

namespace driftwood::test {

/// What a network makes of one group of paths, and its vector-Jacobian product.
template <class T>
struct GroupResults {
  std::vector<T> out;            ///< outputs x group_paths
  std::vector<T> in_bar;         ///< inputs x group_paths
  std::vector<double> gradient;  ///< of all parameters
};

/// Everything that a group's call needs.
template <class T>
struct GroupCase {
  neural::Shape shape;
  std::vector<T> parameters;
  std::vector<T> in;       ///< inputs x group_paths
  std::vector<T> out_bar;  ///< outputs x group_paths
  T time = 0;
};

/// Evaluates and pulls back on lanes R by a team of one thread. With `keep` the results come from
/// the call that keeps what is needed to pull back, else from one that does not.
template <class R, class T = value_of<R>>
GroupResults<T> run_group(const GroupCase<T>& c, bool keep = true) {
  using Values = Kokkos::View<T*, Memory>;
  const auto room = [](int rows) {
    return Values("values", static_cast<std::size_t>(rows) * neural::group_paths);
  };
  const Values parameters = on_device("parameters", c.parameters);
  const Values in = on_device("in", c.in);
  const Values out_bar = on_device("out_bar", c.out_bar);
  const Values out = room(c.shape.outputs);
  const Values without = room(c.shape.outputs);
  const Values in_bar = room(c.shape.inputs);
  const Values kept = room(neural::kept_values<T>(c.shape));
  const Values scratch = room(neural::scratch_values<T>(c.shape));
  const Kokkos::View<double*, Memory> gradient("gradient", c.parameters.size());
  const neural::Shape shape = c.shape;
  const T time = c.time;
  using Policy = Kokkos::TeamPolicy<Exec>;
  Kokkos::parallel_for(
      "group", Policy(1, 1), KOKKOS_LAMBDA(const Policy::member_type& team) {
        const neural::Network<T> network{shape, parameters.data()};
        T* const nowhere = nullptr;
        neural::evaluate_on<R>(team, network, time, in.data(), without.data(), nowhere,
                               scratch.data());
        neural::evaluate_on<R>(team, network, time, in.data(), out.data(), kept.data(),
                               scratch.data());
        neural::pull_back_on<R>(team, network, time, in.data(), static_cast<const T*>(kept.data()),
                                static_cast<const T*>(out_bar.data()), in_bar.data(),
                                gradient.data(), scratch.data());
      });
  const auto on_host = [](const auto& view) {
    const auto mirror = Kokkos::create_mirror_view_and_copy(Kokkos::HostSpace(), view);
    return std::vector(mirror.data(), mirror.data() + mirror.size());
  };
  return {on_host(keep ? out : without), on_host(in_bar), on_host(gradient)};
}

}  // namespace driftwood::test
