// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <algorithm>
#include <cstdint>
#include <string>
#include <vector>

#include "base/error.hpp"
#include "random/interval_tree.hpp"
#include "random/interval_values.hpp"

namespace driftwood::random {

/// Where the values of a batch are: numbers by item (one component of the paths of a lane of
/// counters), slot, word and lane. On a host an item's are together, on a device those of its
/// neighbours.
template <class R, bool with_area>
struct IntervalSlots {
  using T = value_of<R>;
  using Value = IntervalValue<R, with_area>;
  static constexpr int words = IntervalGroup<R>::words;
  static constexpr int rows = with_area ? 2 * words : words;

  Kokkos::View<T****, Memory> numbers;

  KOKKOS_FORCEINLINE_FUNCTION Value get(std::int64_t item, int slot, int k) const {
    const R w = load<R>(&numbers(item, slot, k, 0));
    if constexpr (with_area) {
      return {w, load<R>(&numbers(item, slot, words + k, 0))};
    } else {
      return w;
    }
  }
  KOKKOS_FORCEINLINE_FUNCTION void set(std::int64_t item, int slot, int k,
                                       const Value& value) const {
    if constexpr (with_area) {
      store_lanes(&numbers(item, slot, k, 0), value.w);
      store_lanes(&numbers(item, slot, words + k, 0), value.h);
    } else {
      store_lanes(&numbers(item, slot, k, 0), value);
    }
  }
};

/// Which paths, and which component of theirs, an item of a batch is.
struct IntervalItem {
  std::int64_t number;
  int component;
  std::int64_t path;  ///< that has word 0 of the first counter, from the first of the batch on
  std::uint64_t counter;
};

/// The items of a batch.
template <class R>
struct IntervalItems {
  std::uint64_t first;  ///< counter
  std::int64_t each;    ///< items of a component

  KOKKOS_FORCEINLINE_FUNCTION IntervalItem operator()(std::int64_t number) const {
    const std::int64_t counter = number % each * width_of<R>;
    return {number, static_cast<int>(number / each), IntervalGroup<R>::path(counter),
            first + static_cast<std::uint64_t>(counter)};
  }
};

/// Carries out a plan for one item after the other, each the whole plan, so that its values stay in
/// the nearest cache.
template <class R, bool with_area, class Give>
struct IntervalKernel {
  using Noise = IntervalNoise<R, with_area>;
  using Op = IntervalOp<value_of<R>, with_area>;
  using Value = typename Noise::Value;
  using Group = IntervalGroup<R>;

  IntervalSlots<R, with_area> slots;
  Kokkos::View<Op*, Memory> ops;
  std::int64_t count;  ///< of ops
  std::uint64_t seed;
  IntervalItems<R> items;
  Give give;

  KOKKOS_FUNCTION void operator()(std::int64_t number) const {
    const IntervalItem item = items(number);
    const Noise noise(seed, item.component, item.counter);
    for (std::int64_t n = 0; n < count; ++n) {
      const Op& op = ops(n);
      switch (op.step.kind) {
        case IntervalStep::Kind::bridge:
          bridge(noise, op, item);
          break;
        case IntervalStep::Kind::answer:
          answer(op.step, item);
          break;
        case IntervalStep::Kind::zero:
          zero(op.step, item);
          break;
      }
    }
  }

 private:
  KOKKOS_FORCEINLINE_FUNCTION void bridge(const Noise& noise, const Op& op,
                                          const IntervalItem& item) const {
    const IntervalStep& step = op.step;
    noise.split_all(
        op, [&](int k) { return slots.get(item.number, step.from, k); },
        [&](int k, const Value& left, const Value& right) {
          if (step.left >= 0) slots.set(item.number, step.left, k, left);
          if (step.right >= 0) slots.set(item.number, step.right, k, right);
        });
  }

  KOKKOS_FORCEINLINE_FUNCTION void answer(const IntervalStep& step,
                                          const IntervalItem& item) const {
    if (!step.is_only_piece()) add_piece(step, item);
    if (!step.last) return;
    const int slot = step.is_only_piece() ? step.from : IntervalStep::sum_slot;
    for (int k = 0; k < Group::words; ++k) tell(step, item, k, slots.get(item.number, slot, k));
  }

  /// Pieces are joined in the slot that is kept for sums.
  KOKKOS_FORCEINLINE_FUNCTION void add_piece(const IntervalStep& step,
                                             const IntervalItem& item) const {
    for (int k = 0; k < Group::words; ++k) {
      const Value value = slots.get(item.number, step.from, k);
      if (step.before > 0) {
        const Value sum = slots.get(item.number, IntervalStep::sum_slot, k);
        slots.set(item.number, IntervalStep::sum_slot, k, Noise::joined(sum, step, value));
      } else {
        slots.set(item.number, IntervalStep::sum_slot, k, value);
      }
    }
  }

  KOKKOS_FORCEINLINE_FUNCTION void zero(const IntervalStep& step, const IntervalItem& item) const {
    for (int k = 0; k < Group::words; ++k) tell(step, item, k, Noise::zero());
  }

  KOKKOS_FORCEINLINE_FUNCTION void tell(const IntervalStep& step, const IntervalItem& item, int k,
                                        const Value& value) const {
    const auto query = static_cast<std::int64_t>(step.number);
    const std::int64_t path = item.path + k * Group::counters;
    if constexpr (with_area) {
      const R h = step.mirrored ? -value.h : value.h;
      give(query, item.component, path, Value{value.w, h});
    } else {
      give(query, item.component, path, value);
    }
  }
};

/// Values at roots: drawn, or where there are numbers by component and path, these.
template <class R, bool with_area>
struct IntervalRoots {
  using T = value_of<R>;
  using Noise = IntervalNoise<R, with_area>;
  using Group = IntervalGroup<R>;
  using Given = Kokkos::View<const T**, Kokkos::LayoutRight, Memory>;

  IntervalSlots<R, with_area> slots;
  std::uint64_t seed;
  IntervalItems<R> items;
  T length;  ///< [time]
  Given w;
  Given h;

  KOKKOS_FUNCTION void operator()(std::int64_t number) const {
    const IntervalItem item = items(number);
    const Noise noise(seed, item.component, item.counter);
    noise.root(length, [&](int k, const typename Noise::Value& drawn) {
      const auto given = [&](const Given& numbers, const R& otherwise) {
        const std::int64_t path = item.path + k * Group::counters;
        return numbers.size() > 0 ? load<R>(&numbers(item.component, path)) : otherwise;
      };
      if constexpr (with_area) {
        slots.set(number, IntervalStep::root_slot, k, {given(w, drawn.w), given(h, drawn.h)});
      } else {
        slots.set(number, IntervalStep::root_slot, k, given(w, drawn));
      }
    });
  }
};

/// Takes what is in the slots of a batch to larger memory.
template <class Numbers>
struct MoveSlots {
  Numbers from;
  Numbers to;

  KOKKOS_FUNCTION void operator()(std::int64_t item) const {
    for (std::size_t s = 0; s < from.extent(1); ++s) {
      for (std::size_t k = 0; k < from.extent(2); ++k) {
        for (std::size_t l = 0; l < from.extent(3); ++l) to(item, s, k, l) = from(item, s, k, l);
      }
    }
  }
};

/// Writes answers to a view by query, component and path, `padded_paths` of them.
template <class R>
struct WriteIncrements {
  Kokkos::View<value_of<R>***, Kokkos::LayoutRight, Memory> out;

  KOKKOS_FORCEINLINE_FUNCTION void operator()(std::int64_t query, int component, std::int64_t path,
                                              const R& w) const {
    store_lanes(&out(query, component, path), w);
  }
};
template <class R>
struct WriteSegments {
  Kokkos::View<value_of<R>***, Kokkos::LayoutRight, Memory> w;
  Kokkos::View<value_of<R>***, Kokkos::LayoutRight, Memory> h;

  KOKKOS_FORCEINLINE_FUNCTION void operator()(std::int64_t query, int component, std::int64_t path,
                                              const Segment<R>& value) const {
    store_lanes(&w(query, component, path), value.w);
    store_lanes(&h(query, component, path), value.h);
  }
};

/// The values of the nodes of an `IntervalTree` for a batch of consecutive paths, all components:
/// those that the tree's cache names. A path's values do not depend on the batch it is in.
///
/// A plan that begins with the first query of its tree can be carried out for one batch after the
/// other (`start`); memory is that of one: (cache + 2) values of each path and component. A solver
/// that wants all components of a step before the next asks for a few steps at a time: a plan may
/// come in parts, one plan after the other.
template <class R, bool with_area = false>
class IntervalBatch {
 public:
  using T = value_of<R>;
  using Group = IntervalGroup<R>;
  using Given = typename IntervalRoots<R, with_area>::Given;

  /// The paths [first, first + paths), of which `first` is a multiple of `Group::paths`, over an
  /// interval of given length [time]. Throws `Error` for other paths, and without any.
  IntervalBatch(std::uint64_t seed, std::uint64_t first, std::int64_t paths, int components,
                double length)
      : seed_(seed), paths_(paths), components_(components), length_(static_cast<T>(length)) {
    if (paths < 1 || components < 1) {
      throw Error("no batch of Brownian Intervals", std::to_string(paths) + " paths of " +
                                                        std::to_string(components) + " components");
    }
    const std::int64_t rest = paths % Group::paths;
    const std::int64_t counters =
        paths / Group::paths * Group::counters + std::min<std::int64_t>(rest, Group::counters);
    items_.each = (counters + width_of<R> - 1) / width_of<R>;
    reserve(IntervalStep::sum_slot + 1);
    start(first);
  }

  /// As many other paths from `first` on, at the root of their trees: values of what a tree did so
  /// far are lost. Increments over the whole interval are drawn, or where given, those of component
  /// and path; their areas likewise. Views are of `padded_paths`. Throws `Error` for other ones.
  void start(std::uint64_t first, const Given& w = {}, const Given& h = {}) {
    if (first % Group::paths != 0) {
      throw Error("a batch of Brownian Intervals starts at path " + std::to_string(first),
                  "paths are drawn in groups of " + std::to_string(Group::paths));
    }
    check(w);
    check(h);
    items_.first = first / Group::words;
    launch("interval roots", IntervalRoots<R, with_area>{slots_, seed_, items_, length_, w, h});
  }

  /// What a plan's queries are answered by, in their order for each path and component:
  /// `give(query, component, path, value)`, a device value, gets the value, a lane, of the paths
  /// from number `path` of the batch on. Some are beyond the last, up to `padded_paths`.
  template <class Give>
  void run(const IntervalPlan& plan, const Give& give) {
    int slots = 0;
    for (const IntervalStep& step : plan.steps) {
      slots = std::max({slots, step.from + 1, step.left + 1, step.right + 1});
    }
    reserve(slots);
    load(plan);
    launch("interval",
           IntervalKernel<R, with_area, Give>{
               slots_, ops_, static_cast<std::int64_t>(plan.steps.size()), seed_, items_, give});
  }

  [[nodiscard]] std::int64_t padded_paths() const {
    return (paths_ + Group::paths - 1) / Group::paths * Group::paths;
  }
  /// Memory of values [bytes].
  [[nodiscard]] std::size_t bytes() const { return slots_.numbers.span() * sizeof(T); }

 private:
  using Numbers = Kokkos::View<T****, Memory>;
  using Ops = Kokkos::View<IntervalOp<T, with_area>*, Memory>;

  /// Room for so many slots; what is in those that are there stays.
  void reserve(int slots) {
    const Numbers from = slots_.numbers;
    const auto wanted = static_cast<std::size_t>(slots);
    if (wanted <= from.extent(1)) return;
    slots_.numbers = Numbers(Kokkos::view_alloc("interval values", Kokkos::WithoutInitializing),
                             static_cast<std::size_t>(components_ * items_.each),
                             std::max(wanted, 2 * from.extent(1)),
                             static_cast<std::size_t>(IntervalSlots<R, with_area>::rows),
                             static_cast<std::size_t>(width_of<R>));
    if (from.size() > 0) launch("interval slots", MoveSlots<Numbers>{from, slots_.numbers});
  }

  void load(const IntervalPlan& plan) {
    if (ops_.extent(0) < plan.steps.size()) {
      ops_ = Ops(Kokkos::view_alloc("interval ops", Kokkos::WithoutInitializing),
                 std::max(plan.steps.size(), 2 * ops_.extent(0)));
      staged_ = Kokkos::create_mirror_view(ops_);
    }
    for (std::size_t n = 0; n < plan.steps.size(); ++n) {
      staged_(n) = IntervalOp<T, with_area>::of(plan.steps[n]);
    }
    Kokkos::deep_copy(ops_, staged_);
  }

  void check(const Given& given) const {
    if (given.size() == 0) return;
    if (given.extent(0) != static_cast<std::size_t>(components_) ||
        given.extent(1) != static_cast<std::size_t>(padded_paths())) {
      throw Error("no roots of Brownian Intervals from " + std::to_string(given.extent(0)) + " x " +
                      std::to_string(given.extent(1)) + " numbers",
                  "there are " + std::to_string(components_) + " components of " +
                      std::to_string(padded_paths()) + " paths");
    }
  }

  template <class Kernel>
  void launch(const char* name, const Kernel& kernel) const {
    Kokkos::parallel_for(name, Kokkos::RangePolicy<Exec>(0, components_ * items_.each), kernel);
    Kokkos::fence();
  }

  std::uint64_t seed_;
  std::int64_t paths_;
  int components_;
  IntervalItems<R> items_{};
  T length_;  ///< of the root [time]
  IntervalSlots<R, with_area> slots_;
  Ops ops_;
  typename Ops::HostMirror staged_;
};

}  // namespace driftwood::random
