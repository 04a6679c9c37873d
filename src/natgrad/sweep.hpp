// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "comm/communicator.hpp"
#include "natgrad/ensemble/replica.hpp"
#include "natgrad/found_tasks.hpp"
#include "natgrad/options.hpp"

namespace driftwood::natgrad {

/// The points of a sweep. Loops are nested in the order alignment, gamma, preconditioner, ridge,
/// time, noise; risks are linear in the noise, so that a cell, a point without it, is what is
/// computed.
class Grid {
 public:
  /// Options must have been validated.
  Grid(const ProblemOptions& problem, const EstimatorOptions& estimator);

  struct Cell {
    std::size_t alignment;
    std::size_t gamma;
    std::size_t preconditioner;
    std::size_t ridge;
    std::size_t time;
  };
  [[nodiscard]] std::size_t cells() const {
    return problem_.alignment.size() * problem_.gamma.size() * estimators();
  }
  [[nodiscard]] std::size_t points() const { return cells() * problem_.noise.size(); }
  /// Of one alignment and gamma.
  [[nodiscard]] std::size_t estimators() const { return estimator_.count(); }
  [[nodiscard]] Cell cell(std::size_t number) const;
  [[nodiscard]] std::size_t number(const Cell& cell) const;

  [[nodiscard]] const ProblemOptions& problem() const { return problem_; }
  [[nodiscard]] const EstimatorOptions& estimator() const { return estimator_; }
  [[nodiscard]] Estimator estimator(const Cell& cell) const;

  /// Eigenvalues of Sigma_X for the gamma of that number, and of Sigma_theta.
  [[nodiscard]] const std::vector<double>& features(std::size_t gamma) const {
    return features_[gamma];
  }
  [[nodiscard]] const std::vector<double>& prior(std::size_t alignment, std::size_t gamma) const {
    return priors_[alignment * problem_.gamma.size() + gamma];
  }
  /// d / n after rounding.
  [[nodiscard]] double true_gamma(std::size_t gamma) const {
    return static_cast<double>(features_[gamma].size()) / static_cast<double>(problem_.n);
  }

 private:
  const ProblemOptions& problem_;
  const EstimatorOptions& estimator_;
  std::vector<std::vector<double>> features_;
  std::vector<std::vector<double>> priors_;
};

/// What theory says of every cell. Collective.
[[nodiscard]] std::vector<BiasVariance> predict(const comm::Communicator& comm, const Grid& grid);

/// Sums over the replicas of one cell.
struct Spread {
  BiasVariance mean;
  double bias_square = 0;      ///< sample variance over replicas
  double variance_square = 0;  ///< likewise
  double product = 0;          ///< sample covariance

  /// Of the risk, over `replicas` designs.
  [[nodiscard]] double standard_error(double noise, std::int64_t replicas) const;
};

/// Drawn designs. A task is one design of one gamma, on which every estimator and alignment is
/// evaluated: differences between these have little noise, and that of labels none at all.
class Ensemble {
 public:
  /// `petsc`: options of the user, for designs that are left to it.
  Ensemble(const Grid& grid, const EnsembleOptions& options, std::vector<std::string> petsc = {});

  [[nodiscard]] std::int64_t tasks() const {
    return static_cast<std::int64_t>(grid_.problem().gamma.size()) * options_.replicas;
  }
  /// All tasks, the costliest first.
  [[nodiscard]] std::vector<std::int64_t> order() const;
  /// Draws a design and keeps what estimators make of it. Throws as `Replica`.
  void work(std::int64_t task);
  /// (alignment, estimator, bias and variance) of tasks.
  [[nodiscard]] FoundTasks& found() { return found_; }

  /// Options of PETSc that no design of this rank asked for.
  [[nodiscard]] std::vector<std::string> unused_options() const {
    return unused_options_.value_or(std::vector<std::string>{});
  }

  /// What all ranks found, of every cell: sums in the order of the replicas, the same bits whoever
  /// did what. Collective.
  [[nodiscard]] std::vector<Spread> merged(const comm::Communicator& comm) const;

 private:
  void keep_unused(const std::vector<std::string>& now);
  [[nodiscard]] std::size_t per_task() const {
    return grid_.problem().alignment.size() * grid_.estimators();
  }

  /// `all`: what `found` has of all ranks.
  [[nodiscard]] Spread spread(std::size_t cell, std::span<const double> all) const;

  const Grid& grid_;
  const EnsembleOptions& options_;
  LargeOptions large_;
  Replica replica_;
  std::optional<std::vector<std::string>> unused_options_{};
  FoundTasks found_;
};

}  // namespace driftwood::natgrad
