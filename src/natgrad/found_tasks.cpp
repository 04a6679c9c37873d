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
  if (!comm.is_root()) return {};
  std::vector<double> out(static_cast<std::size_t>(tasks_) * numbers_);
  std::vector<bool> is_there(static_cast<std::size_t>(tasks_));
  for (stats::ByteReader in(bytes); !in.at_end();) {
    const auto task = static_cast<std::size_t>(in.get<std::int64_t>());
    is_there[task] = true;
    const auto numbers = in.get_vector<double>();
    std::copy(numbers.begin(), numbers.end(),
              out.begin() + static_cast<std::ptrdiff_t>(task * numbers_));
  }
  if (std::find(is_there.begin(), is_there.end(), false) != is_there.end()) {
    throw Error("not all tasks were done");
  }
  return out;
}

}  // namespace driftwood::natgrad
