// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "comm/communicator.hpp"
#include "io/result_file.hpp"
#include "sde/ensemble.hpp"
#include "sde/gradient/solver.hpp"
#include "sde/observations.hpp"
#include "stats/block_moments.hpp"
#include "stats/merge_tree.hpp"
#include "stats/moments.hpp"

namespace driftwood::sde {

/// What the means of samples are called in results.
struct GradientLabels {
  std::vector<std::string> formulas;
  std::vector<std::string> units;  ///< of the formulas
  std::vector<std::string> texts;  ///< of the formulas, as written
  std::vector<double> times;
  std::string time_units;
};

/// Means over paths of formulas at some times and of their derivatives, with standard errors.
/// Blocks of paths are merged in a fixed order, so that results have the same bits on any number of
/// ranks.
///
/// Every formula at every time is an objective of its own, in this order: `unit_weights`.
class GradientStudy {
 public:
  /// Of `paths` paths in all; antithetic ones come in pairs, of which each is one independent
  /// value. Throws `Error` where the solver's samples have another shape.
  GradientStudy(std::unique_ptr<GradientSolver> solver, GradientLabels labels, std::int64_t paths,
                bool antithetic);

  /// Solves for the paths of these blocks.
  void measure(const Wave& blocks);

  [[nodiscard]] GradientSolver& solver() { return *solver_; }
  /// From here on, of so many paths: trials of plans have few.
  void limit(std::int64_t paths) { paths_ = paths; }
  /// What is kept of a block, and of blocks that are merged [byte].
  [[nodiscard]] std::int64_t bytes_per_record() const {
    return layout_.size() * static_cast<std::int64_t>(sizeof(double));
  }

  /// What this rank has, for a checkpoint; and takes over what a rank had.
  void save(stats::ByteWriter& out) const;
  void absorb(stats::ByteReader& in);
  [[nodiscard]] std::vector<comm::Share> finished() const { return tree_.covered(); }

  /// The mean of the first formula at the last time over this rank's paths.
  [[nodiscard]] const RunningMean& running() const { return running_; }
  /// Standard error of that mean over all ranks' paths so far; infinite where there are too few.
  /// Collective.
  [[nodiscard]] double standard_error(const comm::Communicator& comm) const;

  /// Brings the blocks of all ranks together, which are `paths` paths. Collective.
  void merge(const comm::Communicator& comm, std::int64_t paths);

  // After `merge`, the same on every rank:
  [[nodiscard]] std::int64_t nonfinite() const { return nonfinite_; }
  /// The first path that is not finite, or whose group is not.
  [[nodiscard]] std::optional<std::uint64_t> first_nonfinite() const;
  [[nodiscard]] const GradientRecord& record() const { return record_; }

  /// Names of the derivatives.
  [[nodiscard]] const std::vector<std::string>& derivatives() const { return derivatives_; }
  /// Values at the last time, beside their standard errors; after `merge`, on rank 0.
  [[nodiscard]] std::string table_text() const;

  /// Writes all results but the provenance; after `merge`. Collective.
  void write(io::ResultFile& file, GradientMode mode) const;

 private:
  using Tree = stats::MergeTree<double, stats::MomentMerge>;
  struct Estimate {
    double mean;
    double variance;
    double standard_error;
  };

  [[nodiscard]] std::int64_t formula_times() const {
    return static_cast<std::int64_t>(labels_.formulas.size() * labels_.times.size());
  }
  /// The row of a formula at a time, and of its derivative.
  [[nodiscard]] std::int64_t row(std::size_t formula, std::size_t time) const {
    return static_cast<std::int64_t>(formula * labels_.times.size() + time);
  }
  [[nodiscard]] std::int64_t row(std::size_t formula, std::size_t time, std::size_t by) const {
    const auto width = static_cast<std::int64_t>(derivatives_.size());
    return formula_times() + row(formula, time) * width + static_cast<std::int64_t>(by);
  }
  /// The channel whose variance tells the error of the mean of channel k.
  [[nodiscard]] std::int64_t error_channel(std::int64_t k) const {
    return copies_ == 1 ? k : rows_ + k;
  }
  [[nodiscard]] Estimate estimate(const std::vector<double>& record, std::int64_t row) const;
  /// The samples of the last wave with the means of pairs, where there are any.
  [[nodiscard]] Channels channels_of(std::int64_t columns);
  void push_blocks(const Wave& blocks, const Channels& channels);
  /// The same for samples that are groups of paths, of which a block has few.
  void push_groups(const Wave& blocks, const Channels& samples, std::int64_t count);
  void push(std::int64_t block, std::vector<double> record);
  void note_first_nonfinite(const Channels& samples, std::int64_t count, std::int64_t first_path);
  void write_formulas(io::ResultFile& file, const std::vector<double>& record) const;

  std::unique_ptr<GradientSolver> solver_;
  GradientLabels labels_;
  std::vector<std::string> derivatives_;
  std::int64_t paths_;
  std::int64_t group_;
  std::int64_t rows_;
  int copies_;
  stats::MomentLayout layout_;
  Tree tree_;
  Channels pairs_;  ///< samples with the means of pairs below
  stats::BlockRecords records_;
  RunningMean running_;
  GradientRecord record_;
  std::int64_t nonfinite_ = 0;
  std::int64_t first_nonfinite_;  ///< on this rank; after `merge` of all
  std::vector<double> root_;      ///< on rank 0
};

/// The model's solver; what it refuses is said of the deck, at the key `where`, and a jump that is
/// found at the scheme or at the formula, which has one of these names.
[[nodiscard]] std::unique_ptr<GradientSolver> solver_of(
    const Model& model, const std::string& scheme, Precision precision, const GradientPlan& plan,
    const deck::Source& deck, const std::string& where,
    const std::vector<std::string>& formulas = {});

/// Throws `UsageError` unless the paths are whole groups of the solver's samples.
void require_groups(const deck::Source& deck, std::int64_t paths, const GradientSolver& solver);

/// The weights of objectives that are one formula at one time each.
[[nodiscard]] std::vector<std::vector<double>> unit_weights(std::int64_t formulas,
                                                            std::int64_t times);

}  // namespace driftwood::sde
