// SPDX-License-Identifier: BSD-3-Clause
#include "pose/search/product_problem.hpp"

#include <algorithm>

#include "bnb/search.hpp"

namespace driftwood::pose {
namespace {

/// Cells that are branched together: enough for a launch to be worth its while.
constexpr int batch = 4;

}  // namespace

static_assert(bnb::Problem<ProductProblem>);

std::vector<ProductProblem::Node> ProductProblem::roots() const {
  std::vector<Node> out;
  for (int chart = 0; chart < centre_charts; ++chart) {
    out.push_back({BoxKey(chart, 0, 0).word, counts_.size()});
  }
  return out;
}

void ProductProblem::children(const Node& node, std::vector<Node>& out) const {
  const BoxKey key(node.key);
  for (int part = 0; part < 8; ++part) out.push_back({key.child(part).word, node.bound});
}

bool ProductProblem::goes_first(const Node& a, const Node& b) const {
  const int level_a = BoxKey(a.key).level();
  const int level_b = BoxKey(b.key).level();
  return level_a != level_b ? level_a > level_b : a.key < b.key;
}

void ProductProblem::evaluate(std::span<Node> batch_of, Value enough_value) {
  const int enough = static_cast<int>(enough_value);
  cells_.clear();
  for (const Node& n : batch_of) cells_.push_back(cell_of(BoxKey(n.key)));
  found_.resize(batch_of.size());
  counts_(cells_, found_);
  for (std::size_t k = 0; k < batch_of.size(); ++k) {
    Node& node = batch_of[k];
    node.bound = std::min(node.bound, found_[k]);
    if (!open_ && options_.is_on && node.bound > enough &&
        node.bound <= enough + options_.excess) {
      bound_linearly(node, enough);
    }
  }
}

void ProductProblem::bound_linearly(Node& node, int enough) {
  const Product product(box_, cell_of(BoxKey(node.key)));
  const LinearSights sights(product, all_, members_);
  node.bound = std::min(node.bound, static_cast<std::int32_t>(sights.members().size()));
  if (node.bound <= enough || sights.typical_remainder() > options_.within) return;
  LinearBound found = linear_bound(sights, enough, options_.most_fits);
  fits_ += found.fits;
  if (found.is_proven) {
    node.bound = enough;
  } else if (found.is_for_rotations) {
    open_ = {product.rotation_at(found.point->data()), product.centre_at(found.point->data()),
             std::move(found.members), found.is_for_poses};
  }
}

ProductOutcome most_in_box(CentreCounts& counts, const Box<double>& box,
                           std::span<const Correspondence> all, std::span<const int> members,
                           int enough, std::int64_t most_cells, const LinearOptions& options) {
  ProductProblem problem(counts, box, all, members, options);
  bnb::Search<ProductProblem> search(problem, {.gap = {}, .batch = batch});
  search.offer({enough, {}});
  search.begin(problem.roots());
  while (!problem.open() && search.counts().evaluated < most_cells && search.step()) {
  }
  ProductOutcome out;
  out.cells = search.counts().evaluated;
  out.fits = problem.fits();
  out.open = problem.open();
  out.is_proven = !out.open && search.is_complete() && search.unresolved().empty();
  return out;
}

}  // namespace driftwood::pose
