// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <span>
#include <vector>

#include "comm/communicator.hpp"

namespace driftwood::natgrad {

/// Numbers that tasks of a farm found, by task: what a rank keeps of its own, saves, and in the end
/// brings together with that of others. Which rank did what leaves no trace.
class FoundTasks {
 public:
  /// So many tasks of `numbers` numbers each.
  FoundTasks(std::int64_t tasks, std::size_t numbers) : tasks_(tasks), numbers_(numbers) {}

  void put(std::int64_t task, std::vector<double> numbers);
  [[nodiscard]] std::int64_t tasks() const { return tasks_; }
  [[nodiscard]] std::int64_t done() const { return std::ssize(found_); }

  /// Those of `order` that no rank has done. Collective.
  [[nodiscard]] std::vector<std::int64_t> rest(const comm::Communicator& comm,
                                               const std::vector<std::int64_t>& order) const;
  [[nodiscard]] comm::Bytes saved() const;
  /// Throws `Error` where that was saved of other tasks.
  void absorb(std::span<const std::byte> saved);

  /// (task, number) of all ranks on rank 0, nothing on the others. Throws `Error`
  /// where tasks are left. Collective.
  [[nodiscard]] std::vector<double> merged(const comm::Communicator& comm) const;

 private:
  std::int64_t tasks_;
  std::size_t numbers_;
  std::map<std::int64_t, std::vector<double>> found_;
};

}  // namespace driftwood::natgrad
