// SPDX-License-Identifier: BSD-3-Clause
/// How studies of natgrad_sweep hand out their tasks.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "natgrad/found_tasks.hpp"
#include "run/checkpoints.hpp"
#include "run/context.hpp"

namespace driftwood::natgrad_sweep {

/// Takes what was saved, and has ranks do the tasks that are left in this order, the costliest best
/// first; `work` puts what it finds into `found`. False: the run is to stop. Collective.
[[nodiscard]] bool do_tasks(run::Context& context, natgrad::FoundTasks& found,
                            const std::vector<std::int64_t>& order, const std::string& noun,
                            const std::function<void(std::int64_t)>& work,
                            run::Checkpoints& checkpoints);

/// The same of what has `found()`, `order()` and `work(task)`.
template <class Runs>
[[nodiscard]] bool do_tasks(run::Context& context, Runs& runs, const std::string& noun,
                            run::Checkpoints& checkpoints) {
  return do_tasks(
      context, runs.found(), runs.order(), noun, [&](std::int64_t task) { runs.work(task); },
      checkpoints);
}

}  // namespace driftwood::natgrad_sweep
