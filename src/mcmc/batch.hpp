// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>
#include <vector>

namespace driftwood::mcmc {

struct Evaluation;

/// How a sampler takes batches of a target's rows of data, each chain its own in each step.
struct BatchRule {
  std::int64_t size = 0;  ///< rows of a batch; 0: it takes none
  bool replacement = false;
  bool control_variate = false;
};

/// A point, and what a density says there: estimates may be of differences from it.
struct Anchor {
  std::vector<double> x;
  double potential = 0;
  std::vector<double> gradient;  ///< by x
};

/// Which batches: they are a pure function of (seed, chain, number).
struct BatchDraw {
  std::uint64_t seed;
  std::uint64_t first_chain;  ///< id of the first chain of block 0
  std::uint64_t number;
};

/// Estimates without bias of a potential and its gradient, from batches of the rows of data. A
/// launch as `Density` is.
///
/// With N rows, a batch of B, terms f_i of the rows and a prior p, the potential p + sum f_i is
/// estimated by
///
///     p(x) + N / B sum_batch f_i(x)
///
/// or, with control variates at an anchor a (Baker, Fearnhead, Fox and Nemeth 2019, "Control
/// variates for stochastic gradient MCMC", section 3), by what knows all rows to first order in
/// x - a:
///
///     U(a) + U'(a) (x - a) + D[p] + N / B sum_batch D[f_i],  D[f] = f(x) - f(a) - f'(a) (x - a)
///
/// whose gradient is U'(a) + p'(x) - p'(a) + N / B sum_batch (f_i'(x) - f_i'(a)).
class BatchDensity {
 public:
  BatchDensity() = default;
  BatchDensity(const BatchDensity&) = delete;
  BatchDensity& operator=(const BatchDensity&) = delete;
  virtual ~BatchDensity() = default;

  /// Rows of data, and of each batch.
  [[nodiscard]] virtual std::int64_t rows() const = 0;
  [[nodiscard]] virtual std::int64_t batch() const = 0;
  virtual void estimate(const Evaluation& what, const BatchDraw& draw) const = 0;
};

}  // namespace driftwood::mcmc
