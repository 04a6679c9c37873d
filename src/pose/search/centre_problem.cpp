// SPDX-License-Identifier: BSD-3-Clause
#include "pose/search/centre_problem.hpp"

#include "bnb/search.hpp"

namespace driftwood::pose {
namespace {

/// Cells that are branched together: enough for a launch to be worth its while.
constexpr int batch = 16;

}  // namespace

static_assert(bnb::Problem<CentreProblem>);

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
