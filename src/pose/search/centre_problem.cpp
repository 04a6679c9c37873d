// SPDX-License-Identifier: BSD-3-Clause
#include "pose/search/centre_problem.hpp"

#include <algorithm>

#include "bnb/search.hpp"

namespace driftwood::pose {
namespace {

/// Cells that are branched together: enough for a launch to be worth its while.
constexpr int batch = 16;

}  // namespace

static_assert(bnb::Problem<CentreProblem>);

std::vector<CentreProblem::Node> CentreProblem::roots() const {
  std::vector<Node> out;
  for (int chart = 0; chart < centre_charts; ++chart) {
    out.push_back({BoxKey(chart, 0, 0).word, counts_.size()});
  }
  return out;
}

void CentreProblem::children(const Node& node, std::vector<Node>& out) const {
  const BoxKey key(node.key);
  for (int part = 0; part < 8; ++part) out.push_back({key.child(part).word, node.bound});
}

void CentreProblem::evaluate(std::span<Node> batch_of, Value) {
  cells_.clear();
  for (const Node& n : batch_of) cells_.push_back(cell_of(BoxKey(n.key)));
  found_.resize(batch_of.size());
  counts_(cells_, found_);
  for (std::size_t k = 0; k < batch_of.size(); ++k) {
    batch_of[k].bound = std::min(batch_of[k].bound, found_[k]);
  }
}

bool CentreProblem::goes_first(const Node& a, const Node& b) const {
  const int level_a = BoxKey(a.key).level();
  const int level_b = BoxKey(b.key).level();
  return level_a != level_b ? level_a > level_b : a.key < b.key;
}

std::optional<bnb::Candidate<CentreProblem::Value, CentreProblem::Payload>>
CentreProblem::try_improve(const Node& node) const {
  const Centre<double> centre = cell_of(BoxKey(node.key)).middle;
  return bnb::Candidate<Value, Payload>{counts_.exactly(centre), centre};
}

MostAtRotation most_at_rotation(CentreCounts& counts, int enough, std::int64_t most_cells) {
  CentreProblem problem(counts);
  bnb::Search<CentreProblem> search(problem, {.gap = {}, .batch = batch});
  search.offer({enough, {}});
  search.begin(problem.roots());
  MostAtRotation out;
  const auto is_above = [&] { return search.incumbent()->value > enough; };
  while (!is_above() && search.counts().evaluated < most_cells && search.step()) {
  }
  out.cells = search.counts().evaluated;
  if (is_above()) out.witness = search.incumbent()->payload;
  std::int64_t most = 0;
  for (const auto& bound :
       {search.largest_open(), search.largest_unresolved(), search.largest_closed()}) {
    most = std::max(most, bound.value_or(0));
  }
  out.bound = static_cast<int>(most);
  return out;
}

MostAtRotation best_centre(CentreCounts& counts) {
  CentreProblem problem(counts);
  bnb::Search<CentreProblem> search(problem, {.gap = {}, .batch = batch});
  search.begin(problem.roots());
  while (search.step()) {
  }
  MostAtRotation out{static_cast<int>(search.upper_bound()), std::nullopt,
                     search.counts().evaluated};
  if (search.incumbent()) out.witness = search.incumbent()->payload;
  return out;
}

}  // namespace driftwood::pose
