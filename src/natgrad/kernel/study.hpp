// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "comm/communicator.hpp"
#include "natgrad/found_tasks.hpp"
#include "natgrad/kernel/conjugate_gradients.hpp"
#include "natgrad/kernel/options.hpp"

namespace driftwood::natgrad {

/// What one lambda gives. Errors are mean squares over rows, of each target.
struct KernelErrors {
  std::vector<double> left_out;         ///< (K), NaN where the solver does not know them
  std::vector<double> cross_validated;  ///< (K) what they are nearly
  double trace_error = 0;               ///< relative standard error of the trace in these
  std::vector<double> test;             ///< (K), NaN without rows to test
  std::vector<double> train;            ///< (K)
  std::int64_t iterations = 0;          ///< of conjugate gradients
  std::vector<double> predictions;      ///< (tested, K)
};

/// Fits for every lambda. `eigen` is one task, `cholesky` one for each lambda; `cg` is done by all
/// ranks together, one lambda after the other.
class KernelFits {
 public:
  explicit KernelFits(const KernelOptions& options);

  [[nodiscard]] const Kernel& kernel() const { return kernel_; }
  /// What a farm hands out, in this order; for `cg` what all ranks do together.
  [[nodiscard]] std::vector<std::int64_t> order() const;
  /// Of `eigen` and `cholesky`. Throws as the solver.
  void work(std::int64_t task);
  /// Of `cg`. Collective.
  void work_together(const comm::Communicator& comm, std::int64_t lambda);

  [[nodiscard]] FoundTasks& found() { return found_; }
  /// Of the numbers of all tasks, as `FoundTasks::merged` has them.
  [[nodiscard]] std::vector<KernelErrors> errors(std::span<const double> found) const;

 private:
  [[nodiscard]] double shift(std::int64_t lambda) const;
  /// Errors and predictions as plain numbers.
  [[nodiscard]] std::vector<double> judged(const RidgeFit& fit, double shift,
                                           std::int64_t iterations = 0,
                                           double trace_error = 0) const;
  /// Labels, and signs that a trace is estimated from, side by side.
  [[nodiscard]] Dense with_probes() const;
  [[nodiscard]] std::size_t numbers() const;

  const KernelOptions& options_;
  Kernel kernel_;
  FoundTasks found_;
  std::optional<ConjugateGradients> iterative_;
};

/// Errors that lambda is chosen by: of left-out rows, or cross-validated where these are not known.
[[nodiscard]] const std::vector<double>& choosing(const KernelOptions& options,
                                                  const KernelErrors& errors);

/// The lambda whose errors of that kind are least, relative to the variance of each target.
[[nodiscard]] std::size_t best_of(const KernelOptions& options,
                                  const std::vector<KernelErrors>& errors);

}  // namespace driftwood::natgrad
