// SPDX-License-Identifier: BSD-3-Clause
#include "natgrad_sweep_farm.hpp"

#include <algorithm>

#include "comm/task_farm.hpp"
#include "run/progress.hpp"

namespace driftwood::natgrad_sweep {

bool do_tasks(run::Context& context, natgrad::FoundTasks& found,
              const std::vector<std::int64_t>& order, const std::string& noun,
              const std::function<void(std::int64_t)>& work, run::Checkpoints& checkpoints) {
  const comm::Communicator& comm = context.comm();
  comm.agree([&] {
    for (const comm::Bytes& part : checkpoints.parts()) found.absorb(part);
  });
  const auto state = [&] { return found.saved(); };
  const std::vector<std::int64_t> rest = found.rest(comm, order);
  const std::int64_t before = std::ssize(order) - std::ssize(rest);
  std::int64_t mine = 0;
  run::Progress progress(context, std::ssize(order), noun);
  comm::TaskFarm farm;
  bool is_whole = farm.run(
      rest,
      [&](std::int64_t task) {
        work(task);
        // Ranks are about as fast as each other.
        progress.update(std::min(before + ++mine * comm.size(), std::ssize(order)));
      },
      [&] { return checkpoints.pass(state); });
  is_whole = is_whole && checkpoints.wait_for_others(state);
  if (is_whole) checkpoints.save_last(state);
  farm.settle();
  return is_whole;
}

}  // namespace driftwood::natgrad_sweep
