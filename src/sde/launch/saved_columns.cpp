// SPDX-License-Identifier: BSD-3-Clause
#include "sde/launch/saved_columns.hpp"

#include <algorithm>
#include <span>
#include <utility>
#include <vector>

namespace driftwood::sde {
namespace {

/// As many columns of the states, alone.
template <class T>
auto first_of(const States<T>& states, std::int64_t columns) {
  const auto most = static_cast<std::int64_t>(states.extent(1));
  return Kokkos::subview(states, Kokkos::ALL,
                         std::pair<std::int64_t, std::int64_t>(0, std::min(columns, most)));
}

template <class T>
States<T> compact(const States<T>& states, std::int64_t columns) {
  return States<T>(Kokkos::view_alloc("saved columns", Kokkos::WithoutInitializing),
                   states.extent(0), first_of(states, columns).extent(1));
}

}  // namespace

template <class T>
void save_columns(stats::ByteWriter& out, const States<T>& states, std::int64_t columns) {
  const States<T> held = compact(states, columns);
  Kokkos::deep_copy(held, first_of(states, columns));
  const auto host = Kokkos::create_mirror_view_and_copy(Kokkos::HostSpace(), held);
  out.put_vector(std::vector<T>(host.data(), host.data() + host.size()));
}

template <class T>
void restore_columns(stats::ByteReader& in, const States<T>& states, std::int64_t columns) {
  const States<T> held = compact(states, columns);
  const auto host = Kokkos::create_mirror_view(held);
  const std::vector<T> values = in.get_vector<T>();
  if (values.size() != host.size()) {
    throw Error("saved states have another shape", "they are of another build or deck");
  }
  std::copy(values.begin(), values.end(), host.data());
  Kokkos::deep_copy(held, host);
  Kokkos::deep_copy(first_of(states, columns), held);
}

template void save_columns(stats::ByteWriter&, const States<double>&, std::int64_t);
template void save_columns(stats::ByteWriter&, const States<float>&, std::int64_t);
template void restore_columns(stats::ByteReader&, const States<double>&, std::int64_t);
template void restore_columns(stats::ByteReader&, const States<float>&, std::int64_t);

}  // namespace driftwood::sde
