// SPDX-License-Identifier: BSD-3-Clause
#include "natgrad/found_tasks.hpp"

#include <algorithm>
#include <utility>

#include "base/error.hpp"
#include "comm/gather.hpp"
#include "stats/bytes.hpp"

namespace driftwood::natgrad {

void FoundTasks::put(std::int64_t task, std::vector<double> numbers) {
  if (task < 0 || task >= tasks_ || numbers.size() != numbers_) {
    throw Error("what a task found is of another study");
  }
  found_.insert_or_assign(task, std::move(numbers));
}

std::vector<std::int64_t> FoundTasks::rest(const comm::Communicator& comm,
                                           const std::vector<std::int64_t>& order) const {
  std::vector<std::int64_t> is_done(static_cast<std::size_t>(tasks_));
  for (const auto& [task, unused] : found_) is_done[static_cast<std::size_t>(task)] = 1;
  comm.all_reduce_max(std::span(is_done));
  std::vector<std::int64_t> out;
  std::copy_if(order.begin(), order.end(), std::back_inserter(out),
               [&](std::int64_t task) { return is_done[static_cast<std::size_t>(task)] == 0; });
  return out;
}

comm::Bytes FoundTasks::saved() const {
  stats::ByteWriter out;
  for (const auto& [task, numbers] : found_) {
    out.put(task);
    out.put_vector(numbers);
  }
  return out.take();
}

void FoundTasks::absorb(std::span<const std::byte> saved) {
  for (stats::ByteReader in(saved); !in.at_end();) {
    const auto task = in.get<std::int64_t>();
    put(task, in.get_vector<double>());
  }
}

std::vector<double> FoundTasks::merged(const comm::Communicator& comm) const {
  const comm::Bytes bytes = comm::gathered(comm, saved());
  std::vector<double> out;
  if (!comm.is_root()) return out;
  FoundTasks all(tasks_, numbers_);
  all.absorb(bytes);
  for (std::int64_t task = 0; task < tasks_; ++task) {
    const std::vector<double>& numbers = all.found_.at(task);
    out.insert(out.end(), numbers.begin(), numbers.end());
  }
  return out;
}

}  // namespace driftwood::natgrad
