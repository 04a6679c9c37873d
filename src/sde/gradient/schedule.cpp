// SPDX-License-Identifier: BSD-3-Clause
#include "sde/gradient/schedule.hpp"

#include <algorithm>
#include <limits>

namespace driftwood::sde {
namespace {

/// Steps that s slots manage with each taken forwards r times at most: (s + r)! / (s! r!).
std::int64_t reach(std::int64_t slots, std::int64_t repeats) {
  constexpr std::int64_t most = std::numeric_limits<std::int64_t>::max() / 2;
  std::int64_t out = 1;
  for (std::int64_t i = 1; i <= std::min(slots, repeats); ++i) {
    const std::int64_t factor = std::max(slots, repeats) + i;
    if (out > most / factor) return most;
    out = out * factor / i;
  }
  return out;
}

class WayBack {
 public:
  explicit WayBack(std::int64_t slots) : slots_(slots) {}

  /// Over the steps [first, last), the state at `first` being current and in the slot `top`.
  void over(std::int64_t first, std::int64_t last, std::int64_t top) {
    if (last - first <= slots_ - top) return over_all(first, last, top);
    while (last - first > 1 && top + 1 < slots_) {
      const std::int64_t middle = first + left_part(last - first, slots_ - top - 1);
      actions_.push_back({Action::advance, middle});
      actions_.push_back({Action::store, middle, top + 1});
      over(middle, last, top + 1);
      actions_.push_back({Action::restore, first, top});
      last = middle;
    }
    for (std::int64_t node = last - 1; node > first; --node) {
      actions_.push_back({Action::advance, node});
      actions_.push_back({Action::sweep, node});
      actions_.push_back({Action::restore, first, top});
    }
    actions_.push_back({Action::sweep, first});
  }

  [[nodiscard]] std::vector<Action> take() { return std::move(actions_); }

 private:
  /// The same with a slot for each step.
  void over_all(std::int64_t first, std::int64_t last, std::int64_t top) {
    for (std::int64_t node = first + 1; node < last; ++node) {
      actions_.push_back({Action::advance, node});
      actions_.push_back({Action::store, node, top + node - first});
    }
    for (std::int64_t node = last - 1; node > first; --node) {
      actions_.push_back({Action::sweep, node});
      actions_.push_back({Action::restore, node - 1, top + node - 1 - first});
    }
    actions_.push_back({Action::sweep, first});
  }

  /// Of `steps` steps those before the next state to store, with `free` slots left.
  static std::int64_t left_part(std::int64_t steps, std::int64_t free) {
    std::int64_t repeats = 1;
    while (reach(free, repeats) < steps) ++repeats;
    return std::min(steps - 1, reach(free, repeats - 1));
  }

  std::int64_t slots_;
  std::vector<Action> actions_;
};

}  // namespace

std::vector<Action> way_back(std::int64_t steps, std::int64_t slots) {
  WayBack way(std::max<std::int64_t>(slots, 1));
  if (steps > 0) way.over(0, steps, 0);
  return way.take();
}

std::int64_t steps_forward(const std::vector<Action>& actions) {
  std::int64_t at = 0;
  std::int64_t sum = 0;
  for (const Action& action : actions) {
    if (action.kind == Action::advance) sum += action.node - at;
    at = action.node;
  }
  return sum;
}

}  // namespace driftwood::sde
