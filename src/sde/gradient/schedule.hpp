// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>
#include <vector>

namespace driftwood::sde {

/// What is done next on the way back through a solution of which only some states are kept.
struct Action {
  enum Kind : std::int32_t {
    store,    ///< the state, which is at `node`, into `slot`
    restore,  ///< the state at `node` from `slot`
    advance,  ///< the state to `node`
    sweep,    ///< back over the step after `node`, where the state is
  };
  Kind kind;
  std::int64_t node;
  std::int64_t slot = -1;
};

/// The way back from node `steps` to node 0, the state being at node 0 and stored in the first of
/// `slots` >= 1 slots: the fewest steps taken twice or more often. With as many slots as steps none
/// is. Griewank and Walther (2000), "Algorithm 799: revolve".
[[nodiscard]] std::vector<Action> way_back(std::int64_t steps, std::int64_t slots);

/// Steps that it takes forwards; the sweeps evaluate each once more.
[[nodiscard]] std::int64_t steps_forward(const std::vector<Action>& actions);

}  // namespace driftwood::sde
