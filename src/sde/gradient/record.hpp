// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// Programs from code on symbols.

#include <algorithm>
#include <cstddef>
#include <utility>
#include <vector>

#include "base/block.hpp"
#include "formula/program.hpp"

namespace driftwood::sde {

/// Inputs of a program, in the order in which code takes them.
class Inputs {
 public:
  explicit Inputs(formula::Recording& recording) : recording_(recording) {}

  [[nodiscard]] formula::Symbol time() {
    return formula::Symbol::input(recording_, formula::Op::time, 0);
  }
  /// The next one of those that change along a path.
  [[nodiscard]] formula::Symbol varying() {
    return formula::Symbol::input(recording_, formula::Op::varying, next_++);
  }
  /// Parameter j.
  [[nodiscard]] formula::Symbol fixed(int j) {
    return formula::Symbol::input(recording_, formula::Op::fixed, j);
  }
  [[nodiscard]] int taken() const { return next_; }

 private:
  formula::Recording& recording_;
  int next_ = 0;
};

/// The program of what `code(inputs, arena)` returns, a vector of symbols, of so many fixed inputs.
/// Blocks of symbols may be taken from the arena. The code may be run several times.
template <class Code>
[[nodiscard]] formula::Program record(int fixed, const Code& code) {
  std::vector<formula::Recorded> entries(1024);
  std::vector<std::byte> memory(std::size_t{1} << 16);
  for (;;) {
    formula::Recording recording{entries.data(), static_cast<int>(entries.size())};
    Arena arena{memory.data(), memory.size()};
    Inputs inputs(recording);
    const std::vector<formula::Symbol> outputs = code(inputs, arena);
    std::vector<int> places;
    for (const formula::Symbol& output : outputs) places.push_back(output.entry(recording));
    if (recording.is_whole() && arena.most <= arena.capacity) {
      formula::Graph graph(inputs.taken(), fixed);
      return formula::Program(graph, graph.add(recording, places), formula::Keep::all);
    }
    entries.resize(std::max(entries.size(), static_cast<std::size_t>(recording.size)));
    memory.resize(std::max(memory.size(), arena.most));
  }
}

}  // namespace driftwood::sde
