// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "comm/communicator.hpp"
#include "natgrad/advice/grid.hpp"
#include "natgrad/advice/table.hpp"
#include "natgrad/ensemble/replica.hpp"
#include "natgrad/found_tasks.hpp"

namespace driftwood::natgrad {

/// What one choice of rows showed: bias and variance of every cell of its n, and where rows have
/// labels the mean square error on all others of every (P, filter), labels having variance 1. NaN
/// where a matrix is singular.
struct TrialFinding {
  std::vector<BiasVariance> cells;
  std::vector<double> errors;
};

/// Tries what theory predicts on the rows themselves. A task chooses n rows, every set of n being
/// as likely, and takes the covariance of all rows as the population's: bias and variance are then
/// traces, of no drawn signal. Rows that are real are not normal, nor of any law that theory asks
/// for; that is what is tried.
class AdviceTrial {
 public:
  /// Tries each n that `rows` of the grid have and that leaves at least as many rows besides.
  AdviceTrial(const AdviceGrid& grid, const AdviceRows& rows, std::int64_t replicas,
              std::uint64_t seed);

  [[nodiscard]] std::int64_t replicas() const { return replicas_; }
  /// Numbers of `grid.rows()` that are tried.
  [[nodiscard]] const std::vector<std::size_t>& tried() const { return tried_; }
  [[nodiscard]] std::int64_t tasks() const { return found_.tasks(); }
  /// The costliest first.
  [[nodiscard]] std::vector<std::int64_t> order() const;
  void work(std::int64_t task);
  [[nodiscard]] FoundTasks& found() { return found_; }
  /// What all ranks found, (tried n, replica), on all of them. Collective.
  [[nodiscard]] std::vector<TrialFinding> collected(const comm::Communicator& comm) const;

 private:
  /// The n rows of the smallest of as many independent numbers as there are rows.
  [[nodiscard]] std::vector<std::size_t> chosen(const DesignKey& key, std::size_t n) const;
  [[nodiscard]] std::vector<BiasVariance> traces_of(std::size_t signal, std::size_t preconditioner);
  /// Of all filters of one P, learnt from the rows x that were picked, on all others.
  [[nodiscard]] std::vector<double> errors_of(const Dense& x, std::span<const double> y,
                                              std::size_t preconditioner) const;
  /// Numbers that a task finds.
  [[nodiscard]] std::size_t numbers() const;

  const AdviceGrid& grid_;
  const AdviceRows& rows_;
  std::int64_t replicas_;
  std::uint64_t seed_;
  std::vector<std::size_t> tried_;
  std::vector<double> products_{};  ///< (d) X^T y / N
  Replica replica_;
  FoundTasks found_;
};

}  // namespace driftwood::natgrad
