// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <initializer_list>
#include <vector>

#include "deck/distribution.hpp"

namespace driftwood::sde {

/// Where paths start: for each component a number, or the law that every path draws it from on its
/// own.
class InitialState {
 public:
  InitialState(std::vector<deck::Distribution> laws) : laws_(std::move(laws)) {}  // NOLINT
  InitialState(const std::vector<double>& state)  // NOLINT(google-explicit-constructor): a state
      : laws_(state.begin(), state.end()) {}
  InitialState(std::initializer_list<double> state) : laws_(state.begin(), state.end()) {}

  [[nodiscard]] std::size_t size() const noexcept { return laws_.size(); }
  [[nodiscard]] const deck::Distribution& operator[](std::size_t i) const { return laws_[i]; }

 private:
  std::vector<deck::Distribution> laws_;
};

}  // namespace driftwood::sde
