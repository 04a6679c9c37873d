// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <algorithm>
#include <cstddef>
#include <iterator>
#include <span>
#include <utility>
#include <vector>

#include "bnb/search.hpp"
#include "bnb/team.hpp"
#include "comm/gather.hpp"

namespace driftwood::bnb {

/// Deals the roots of a problem, or descendants of theirs, to the searches of all ranks: evaluates
/// level after level until so many nodes per rank are to be branched. Each node is evaluated by the
/// one rank that its key is dealt to, as if that had branched it, and what it found is told to all:
/// were others to bound the node for themselves, they might disagree on whether it is branched.
template <Problem P>
class Start {
 public:
  using Node = typename P::Node;

  /// `own` is this rank's search; all ranks must have the same incumbent.
  Start(const P& problem, Search<P>& own, const comm::Communicator& comm, std::size_t per_rank)
      : problem_(problem), own_(own), comm_(comm), per_rank_(per_rank) {}

  /// Collective.
  void deal() {
    std::vector<Node> level = problem_.roots();
    while (!level.empty()) {
      std::vector<Node> mine = own_of(level);
      comm_.agree([&] { own_.evaluate(mine); });
      level = of_all(mine);
      descend(mine, level);
    }
  }

 private:
  /// Levels that are dealt, at most.
  static constexpr int deepest = 24;

  [[nodiscard]] bool is_own(const Node& node) const {
    return owner_of(problem_.key(node), comm_.size()) == comm_.rank();
  }
  [[nodiscard]] bool is_branched(const Node& node) const {
    return problem_.bound(node) > own_.enough() && !problem_.is_minimal(node);
  }

  [[nodiscard]] std::vector<Node> own_of(const std::vector<Node>& level) const {
    std::vector<Node> out;
    std::copy_if(level.begin(), level.end(), std::back_inserter(out),
                 [&](const Node& node) { return is_own(node); });
    return out;
  }
  [[nodiscard]] std::vector<Node> of_all(const std::vector<Node>& mine) const {
    stats::ByteWriter bytes;
    bytes.put_all(std::span<const Node>(mine));
    const comm::Bytes all = comm::gathered_by_all(comm_, bytes.take());
    return stats::ByteReader(all).get_all<Node>(all.size() / sizeof(Node));
  }

  /// Replaces an evaluated level by the next, or by none where ranks go their own ways from here:
  /// `mine`, this rank's part of it, is then in its search.
  void descend(std::vector<Node>& mine, std::vector<Node>& level) {
    const std::vector<Node> parents = std::exchange(level, {});
    const auto branched = std::count_if(parents.begin(), parents.end(),
                                        [&](const Node& n) { return is_branched(n); });
    const std::size_t wanted = per_rank_ * static_cast<std::size_t>(comm_.size());
    if (static_cast<std::size_t>(branched) >= wanted || depth_++ == deepest) {
      own_.put(mine);
      return;
    }
    const auto rest =
        std::partition(mine.begin(), mine.end(), [&](const Node& n) { return is_branched(n); });
    std::for_each(mine.begin(), rest, [&](const Node& node) { own_.count_branched(node); });
    own_.put({rest, mine.end()});
    for (const Node& node : parents) {
      if (is_branched(node)) problem_.children(node, level);
    }
  }

  const P& problem_;
  Search<P>& own_;
  const comm::Communicator& comm_;
  std::size_t per_rank_;
  int depth_ = 0;
};

}  // namespace driftwood::bnb
