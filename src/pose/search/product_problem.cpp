// SPDX-License-Identifier: BSD-3-Clause
#include "pose/search/product_problem.hpp"

#include <algorithm>
#include <cmath>

#include "bnb/search.hpp"

namespace driftwood::pose {
namespace {

/// Cells that are branched together: enough for a launch to be worth its while.
constexpr int batch = 4;

}  // namespace

static_assert(bnb::Problem<ProductProblem>);

ProductProblem::ProductProblem(CentreCounts& counts, const Box<double>& box,
                               std::span<const Correspondence> all, std::span<const int> members,
                               const LinearOptions& options)
    : CentreTree(counts), box_(box), all_(all), members_(members), options_(options) {
  for (const int i : members) {
    widest_sine_ = std::max(widest_sine_, std::sin(all[static_cast<std::size_t>(i)].threshold));
  }
}

void ProductProblem::evaluate(std::span<Node> batch_of, Value enough_value) {
  const int enough = static_cast<int>(enough_value);
  count(batch_of);
  for (Node& node : batch_of) {
    if (!open_ && options_.is_on && node.bound > enough && node.bound <= enough + options_.excess) {
      bound_linearly(node, enough);
    }
  }
}

void ProductProblem::bound_linearly(Node& node, int enough) {
  const Product product(box_, cell(node));
  // What remainders are at least, in thresholds: most products are too large at a glance.
  const Centre<double>& middle = product.cell.middle;
  const double share = norm(product.cell.half.c) / (norm(middle.c) + middle.w);
  const double least = product.most_turn * (product.most_turn + 2 * share) / widest_sine_;
  if (least > options_.within) return;
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
