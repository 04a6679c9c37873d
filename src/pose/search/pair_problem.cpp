// SPDX-License-Identifier: BSD-3-Clause
#include "pose/search/pair_problem.hpp"

#include <algorithm>
#include <cmath>

#include "pose/draws.hpp"

namespace driftwood::pose {
namespace {

/// sin of the tilt above which a pair tells little.
const double most_tilt = std::sin(20 * pi / 180);

}  // namespace

static_assert(bnb::Problem<PairProblem>);

std::vector<Pair> ring_of_pairs(std::span<const Correspondence> all, double per_correspondence,
                                std::uint64_t seed) {
  const std::size_t n = all.size();
  const auto wanted =
      static_cast<std::size_t>(std::llround(per_correspondence * static_cast<double>(n)));
  const std::vector<std::size_t> order = drawn_order(seed, Draw::ring, n, 0);
  std::vector<Pair> out;
  for (std::size_t s = 1; 2 * s <= n && out.size() < wanted; ++s) {
    for (std::size_t i = 0; i < n && out.size() < wanted; ++i) {
      const Pair pair(all[order[i]], all[order[(i + s) % n]]);
      if (pair.kind == PairKind::tested && pair.tilt.sine <= most_tilt) out.push_back(pair);
    }
  }
  return out;
}

void PairProblem::evaluate(std::span<Node> batch, Value) {
  keys_.clear();
  for (const Node& n : batch) keys_.push_back(n.key());
  found_.resize(keys_.size());
  counts_.most(keys_, found_);
  for (std::size_t k = 0; k < batch.size(); ++k) {
    batch[k].bound = std::min(batch[k].bound, found_[k]);
  }
}

std::optional<bnb::Candidate<PairProblem::Value, PairProblem::Payload>> PairProblem::try_improve(
    const Node& node) {
  const BoxKey key = node.key();
  int reached = 0;
  counts_.at_middles(std::span(&key, 1), std::span(&reached, 1));
  return bnb::Candidate<Value, Payload>{reached, node.box().middle()};
}

bool PairProblem::prefers(const Payload& a, const Payload& b) const {
  return std::lexicographical_compare(a.data, a.data + 4, b.data, b.data + 4);
}

}  // namespace driftwood::pose
