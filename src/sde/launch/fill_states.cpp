// SPDX-License-Identifier: BSD-3-Clause
#include "sde/launch/fill_states.hpp"

#include <algorithm>
#include <span>
#include <stdexcept>

#include "sde/draw_law.hpp"

namespace driftwood::sde {
namespace {

/// One draw of one path. In single precision too: a start costs no more than a step.
KOKKOS_FUNCTION double drawn(const StartLaws& laws, std::size_t i, const random::Stream& stream,
                             std::uint64_t path) {
  using Kind = deck::Distribution::Kind;
  const StartLaw& law = laws.law(i);
  if (law.kind == Kind::column) {
    return laws.columns(law.offset +
                        static_cast<std::int64_t>(path % static_cast<std::uint64_t>(law.count)));
  }
  const random::Ids<double> id{path};
  if (law.kind == Kind::constant) return law.first;
  return drawn_from(law.kind, law.first, law.second, stream.words<double>(id, 0));
}

template <class T>
struct FillStates {
  StartLaws laws;
  std::uint64_t seed;
  random::Purpose purpose;
  Columns columns;
  States<T> states;

  KOKKOS_FUNCTION void operator()(std::int64_t p) const {
    const std::size_t components = laws.law.extent(0);
    for (std::size_t i = 0; i < components; ++i) {
      const random::Stream stream(seed, purpose, laws.law(i).component);
      const std::uint64_t path = columns.first + static_cast<std::uint64_t>(p);
      const double x = drawn(laws, i, stream, columns.antithetic ? path / 2 : path);
      for (std::size_t row = i; row < states.extent(0); row += components) {
        states(row, p) = static_cast<T>(x);
      }
    }
  }
};

template <class T>
struct BeginWatch {
  Watch<T> watch;
  States<T> states;

  KOKKOS_FUNCTION void operator()(std::int64_t p) const {
    for (int i = 0; i < watch.count(); ++i) {
      const Watcher& w = watch.list(i);
      const T x = states(w.component, p);
      const bool inside = static_cast<T>(w.level) <= x && x <= static_cast<T>(w.high);
      watch.rows(w.row, p) = w.kind == Watcher::Kind::passage      ? T(0)
                             : w.kind == Watcher::Kind::occupation ? T(inside ? 1 : 0)
                                                                   : x;
      if (w.kind == Watcher::Kind::passage) watch.rows(w.row + 1, p) = 0;
    }
  }
};

/// What the law's column holds, if it has one.
std::span<const double> column_of(const deck::Distribution& law) {
  if (!law.column) return {};
  if (law.column->values == nullptr) {
    throw std::logic_error("the column '" + law.column->dataset + "' has not been read");
  }
  return *law.column->values;
}

StartLaws uploaded(const DrawnParameters& laws) {
  std::vector<double> numbers;
  const Kokkos::View<StartLaw*, Memory> out("laws", laws.size());
  const auto host = Kokkos::create_mirror_view(out);
  for (std::size_t i = 0; i < laws.size(); ++i) {
    const deck::Distribution& law = laws[i].law;
    const std::span<const double> column = column_of(law);
    host(i) = {law.kind,
               law.first,
               law.second,
               laws[i].index,
               static_cast<std::int64_t>(numbers.size()),
               static_cast<std::int64_t>(column.size())};
    numbers.insert(numbers.end(), column.begin(), column.end());
  }
  Kokkos::deep_copy(out, host);
  const Kokkos::View<double*, Memory> columns("columns", numbers.size());
  const auto host_columns = Kokkos::create_mirror_view(columns);
  std::copy(numbers.begin(), numbers.end(), host_columns.data());
  Kokkos::deep_copy(columns, host_columns);
  return {out, columns};
}

}  // namespace

StartLaws upload(const InitialState& initial) {
  DrawnParameters laws;
  for (std::size_t i = 0; i < initial.size(); ++i) {
    laws.push_back({static_cast<int>(i), initial[i]});
  }
  return uploaded(laws);
}

StartLaws upload(const DrawnParameters& parameters) { return uploaded(parameters); }

template <class T>
void fill_states(const States<T>& states, const StartLaws& laws, std::uint64_t seed,
                 random::Purpose purpose, const Columns& columns) {
  Kokkos::parallel_for("sde::start", Kokkos::RangePolicy<Exec>(0, columns.count),
                       FillStates<T>{laws, seed, purpose, columns, states});
}
template void fill_states(const States<double>&, const StartLaws&, std::uint64_t, random::Purpose,
                          const Columns&);
template void fill_states(const States<float>&, const StartLaws&, std::uint64_t, random::Purpose,
                          const Columns&);

template <class T>
Watch<T> make_watch(const std::vector<Watcher>& watchers, std::int64_t paths) {
  const Kokkos::View<Watcher*, Memory> list("watchers", watchers.size());
  const auto host = Kokkos::create_mirror_view(list);
  std::copy(watchers.begin(), watchers.end(), host.data());
  Kokkos::deep_copy(list, host);
  return {list, States<T>("watched", static_cast<std::size_t>(rows_of(watchers)),
                          static_cast<std::size_t>(paths))};
}
template Watch<double> make_watch(const std::vector<Watcher>&, std::int64_t);
template Watch<float> make_watch(const std::vector<Watcher>&, std::int64_t);

template <class T>
void begin_watch(const Watch<T>& watch, const States<T>& states, std::int64_t paths) {
  if (watch.is_empty()) return;
  Kokkos::parallel_for("sde::begin_watch", Kokkos::RangePolicy<Exec>(0, paths),
                       BeginWatch<T>{watch, states});
}
template void begin_watch(const Watch<double>&, const States<double>&, std::int64_t);
template void begin_watch(const Watch<float>&, const States<float>&, std::int64_t);

}  // namespace driftwood::sde
