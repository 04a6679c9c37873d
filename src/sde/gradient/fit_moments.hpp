// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "comm/communicator.hpp"
#include "sde/gradient/fit_search.hpp"
#include "sde/gradient/solver.hpp"
#include "stats/merge_tree.hpp"

namespace driftwood::sde {

/// Adds records, number by number.
struct SumMerge {
  void operator()(std::span<double> left, std::span<const double> right) const {
    for (std::size_t i = 0; i < left.size(); ++i) left[i] += right[i];
  }
};

/// What simulated moments are compared with, M of them. A term is a transition of a series, whose
/// mean is over `draws` paths from where it begins; or, with one draw, a path.
struct MomentPlan {
  std::vector<std::string> names;   ///< (M)
  std::vector<std::int64_t> row;    ///< (M) where the solver's samples have them
  std::int64_t terms = 0;           ///<
  std::int64_t draws = 1;           ///< paths of each term
  std::vector<double> data;         ///< (M, terms), or (M) where they are given
  std::vector<double> data_errors;  ///< (M) standard errors of given data; empty: data vary

  [[nodiscard]] std::int64_t moments() const { return static_cast<std::int64_t>(names.size()); }
  /// Whether data are given numbers with errors, the same for all terms.
  [[nodiscard]] bool is_given() const { return !data_errors.empty(); }
  [[nodiscard]] double data_of(std::int64_t moment, std::int64_t term) const {
    return data[static_cast<std::size_t>(is_given() ? moment : moment * terms + term)];
  }
  [[nodiscard]] double data_mean(std::int64_t moment) const;
  /// Terms rounded up to whole blocks: draw k of term i is path k padded_terms() + i.
  [[nodiscard]] std::int64_t padded_terms() const;
};

/// Simulates moments and their derivatives, block of terms by block. Noise is that of the paths'
/// numbers: the same for all parameters. Blocks are merged in a fixed order, so that gaps have the
/// same bits on any number of ranks.
///
/// With G_i = data_i - mean of draws_i the gap is their mean over terms, and its covariance that of
/// the G_i over their number, to which errors of given data are added. G_i have the noise of data
/// and of `draws` draws: (1 + 1 / draws) times that of data, were the model true.
class SimulatedMoments {
 public:
  /// Objective m of the solver is moment m. Throws `Error` where samples have another shape, and
  /// where draws of a term are not paths of their own.
  SimulatedMoments(std::unique_ptr<GradientSolver> solver, MomentPlan plan,
                   std::int64_t most_blocks);

  [[nodiscard]] const MomentPlan& plan() const noexcept { return plan_; }
  [[nodiscard]] GradientSolver& solver() noexcept { return *solver_; }
  /// Blocks of terms.
  [[nodiscard]] std::int64_t blocks() const;

  /// All parameters of the model, from here on.
  void set_parameters(const std::vector<double>& parameters) {
    solver_->set_parameters(parameters);
  }
  /// Forgets what was measured.
  void forget() { tree_ = stats::MergeTree<double, SumMerge>(record_size()); }
  /// Simulates these blocks, at most as many as the solver has room for.
  void measure(const comm::Share& blocks);
  /// The blocks that this rank has measured, for a checkpoint; and takes over those of one.
  [[nodiscard]] comm::Bytes saved() const { return tree_.bytes(); }
  void absorb(std::span<const std::byte> saved) { tree_.absorb(saved); }
  [[nodiscard]] std::vector<comm::Share> finished() const { return tree_.covered(); }
  /// What all ranks measured, on every rank. Collective.
  [[nodiscard]] MomentGaps merged(const comm::Communicator& comm) const;

 private:
  [[nodiscard]] std::size_t record_size() const;
  void run(const comm::Share& blocks, std::int64_t draw);
  void add_samples(const comm::Share& blocks, std::int64_t samples);
  [[nodiscard]] std::vector<double> record_of(std::int64_t block, std::int64_t place) const;

  std::unique_ptr<GradientSolver> solver_;
  MomentPlan plan_;
  std::int64_t derivatives_;  ///< P
  std::int64_t first_derivative_row_;
  std::int64_t block_samples_;  ///< samples of a block
  stats::MergeTree<double, SumMerge> tree_;

  // Of the wave that is measured.
  std::vector<double> sums_;       ///< (M, samples) over draws
  std::vector<double> counts_;     ///< (samples) draws that are finite
  std::vector<double> jacobians_;  ///< (block, M, P) sums over terms and draws
};

}  // namespace driftwood::sde
