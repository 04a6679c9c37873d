// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "comm/communicator.hpp"
#include "io/result_file.hpp"
#include "sde/ensemble.hpp"
#include "sde/first_passages.hpp"
#include "sde/options.hpp"
#include "stats/histogram.hpp"
#include "stats/merge_tree.hpp"
#include "stats/quantiles.hpp"

namespace driftwood::sde {

/// A mean as it stands, for the progress line.
struct RunningMean {
  std::string name;
  double count = 0;
  double mean = 0;
  double m2 = 0;
  int copies = 1;  ///< how many times each independent value is counted

  void merge(double right_count, double right_mean, double right_m2);
  [[nodiscard]] double standard_error() const;
};

/// What results say of a formula, a payoff or what is watched.
struct ObservedFormula {
  std::string name;
  std::string units;
  std::string what;
};

/// Everything whose statistics are under /formulas, in the order of an ensemble's channels: what is
/// watched, then payoffs, then formulas.
[[nodiscard]] std::vector<ObservedFormula> observed_formulas(const ObserveOptions& options,
                                                             const WatchPlan& plan);

/// What is in the channels of an ensemble that is observed so. Throws `UsageError` as
/// `read_formulas` does.
[[nodiscard]] Ensemble::Contents contents_of(const ObserveOptions& options, const WatchPlan& plan,
                                             const Model& model, const deck::Source& deck);

/// Everything the deck asks to know of an ensemble: fed wave by wave, merged over ranks, written.
class Observations {
 public:
  /// `most_blocks`: as many as this rank may record, beside those of what it absorbs.
  Observations(const ObserveOptions& options, const Events& events, const JumpTable& jumps,
               const TimeOptions& time, const EnsembleOptions& ensemble, const Model& model,
               std::int64_t most_blocks);

  /// Times of the results, as numbers of steps.
  [[nodiscard]] const std::vector<std::int64_t>& steps() const { return steps_; }
  [[nodiscard]] const std::vector<double>& times() const { return times_; }
  [[nodiscard]] const std::string& time_units() const { return time_units_; }

  /// Whether `pilot` is to be called for every time, with the first block, before any `record`.
  [[nodiscard]] bool wants_pilot() const;
  /// Chooses the ranges of histograms. The first block is the same on every rank.
  void pilot(Ensemble& ensemble, std::int64_t time);
  void end_pilot(const comm::Communicator& comm);

  /// Takes in the present states of a wave, observed at time number `time`.
  void record(Ensemble& ensemble, std::int64_t time);
  /// Merges a wave after its last `record`.
  void finish(Ensemble& ensemble);

  /// What this rank has seen, for a checkpoint.
  void save(stats::ByteWriter& out) const;
  /// Adds what a rank of the same run saved.
  void absorb(stats::ByteReader& in);
  /// What was recorded of a wave that is on its way.
  void save_wave(stats::ByteWriter& out, const Ensemble& ensemble) const;
  /// Takes it back, the ensemble being at that wave.
  void restore_wave(stats::ByteReader& in, const Ensemble& ensemble);
  /// The blocks that are finished, as ranges in order.
  [[nodiscard]] std::vector<comm::Share> finished() const { return tree_.covered(); }

  /// What quantiles keep of every path [bytes]; 0 where they are binned, or there are none.
  [[nodiscard]] std::int64_t bytes_per_path() const;
  /// What quantiles hold on this rank beyond that [bytes].
  [[nodiscard]] std::int64_t bytes_of_bins() const;
  /// What each saved path takes [bytes].
  [[nodiscard]] std::int64_t bytes_per_saved_path() const;
  /// What each record of a block, or of many that are merged, takes [bytes].
  [[nodiscard]] std::int64_t bytes_per_record() const;

  /// Mean of the first payoff or formula (else component) at the last time over this rank's paths.
  [[nodiscard]] const RunningMean& running() const { return running_; }

  /// Standard error of that mean over all ranks' paths so far; infinite where there are too few.
  /// Collective.
  [[nodiscard]] double standard_error(const comm::Communicator& comm) const;

  /// Merges over ranks what are all together `paths` paths. Collective.
  void merge(const comm::Communicator& comm, std::int64_t paths);

  /// For a prediction, after `merge`: what is written has the shapes of an ensemble of so many
  /// paths.
  void stand_for(std::int64_t paths) { total_paths_ = paths; }

  // After `merge`, the same on every rank:
  /// Paths that are not finite at the end.
  [[nodiscard]] std::int64_t nonfinite() const { return nonfinite_; }
  /// The lowest id among them.
  [[nodiscard]] std::optional<std::uint64_t> first_nonfinite() const;

  /// On rank 0, the first time, by its number, at which finite paths have a variance that is not.
  [[nodiscard]] std::optional<std::int64_t> first_overflow() const;

  /// Writes all results but the provenance. Collective.
  void write(io::ResultFile& file) const;

 private:
  using Tree = stats::MergeTree<double, stats::MomentMerge>;
  struct Prefix {
    std::vector<double> count;           ///< (formulas)
    std::vector<double> mean;            ///< (formulas)
    std::vector<double> standard_error;  ///< (formulas)
  };

  [[nodiscard]] Tree make_tree();
  /// The channel whose variance tells the error of the mean of channel k.
  [[nodiscard]] std::int64_t error_channel(std::int64_t k) const {
    return copies_ == 1 ? k : layout_.components + count_of_formulas() + k;
  }
  /// The channel of `running`.
  [[nodiscard]] std::int64_t leading_channel() const {
    const auto watched = static_cast<std::int64_t>(plan_.numbers.size());
    return count_of_formulas() == watched ? 0 : layout_.components + watched;
  }
  [[nodiscard]] std::int64_t count_of_formulas() const {
    return static_cast<std::int64_t>(formulas_.size());
  }
  [[nodiscard]] stats::MomentSummary summary() const;
  void reserve_records(const Ensemble& ensemble);
  void save_values(const Ensemble& ensemble, std::int64_t time);
  void note_prefix(std::int64_t blocks, const std::vector<double>& record);
  void write_moments(io::ResultFile& file, const stats::MomentSummary& summary) const;
  void write_covariance(io::ResultFile& file, const stats::MomentSummary& summary) const;
  void write_formulas(io::ResultFile& file, const stats::MomentSummary& summary) const;
  void write_running(io::ResultFile& file, std::size_t formula) const;
  void write_quantiles(io::ResultFile& file) const;
  void write_histogram(io::ResultFile& file) const;
  void write_paths(io::ResultFile& file) const;

  ObserveOptions options_;
  std::int64_t total_paths_;
  std::vector<ComponentInfo> components_;
  WatchPlan plan_;
  std::vector<ObservedFormula> formulas_;
  std::string time_units_;
  int copies_;  ///< 2 for antithetic pairs, whose means are counted for both paths
  std::vector<std::int64_t> steps_;
  std::vector<double> times_;
  stats::MomentLayout layout_;
  stats::Cells cells_;

  stats::BlockRecords records_;
  Tree tree_;
  std::unique_ptr<stats::QuantileCollector> quantiles_;
  std::optional<stats::Histogram> histogram_;
  std::optional<FirstPassages> passages_;
  std::map<std::int64_t, std::vector<double>> saved_;  ///< by path: (time, component)
  RunningMean running_;
  std::int64_t first_nonfinite_;

  // After merging.
  std::map<std::int64_t, Prefix> prefixes_;  ///< by number of blocks
  std::vector<double> root_;
  std::vector<double> quantile_values_;
  std::int64_t nonfinite_ = 0;
};

}  // namespace driftwood::sde
