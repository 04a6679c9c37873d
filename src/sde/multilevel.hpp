// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "comm/communicator.hpp"
#include "io/result_file.hpp"
#include "sde/ensemble.hpp"
#include "sde/multilevel_options.hpp"
#include "stats/bytes.hpp"
#include "stats/merge_tree.hpp"

namespace driftwood::sde {

/// Means at the end of time by multilevel Monte Carlo: Giles (2008), "Multilevel Monte Carlo path
/// simulation"; Giles (2015), "Multilevel Monte Carlo methods", section 3.
///
/// Level 0 is a plain ensemble of coarse paths; level l > 0 samples the difference that twice as
/// many steps make, on the same Brownian motions. The levels' means add up to that of the finest
/// grid. Samples are drawn in batches, each a function of the seed, the level and its number alone,
/// and the plan follows from merged statistics, so that results do not depend on the ranks.
class Multilevel {
 public:
  Multilevel(const TaskOptions& task, const TimeOptions& time, const EnsembleOptions& ensemble,
             const ObserveOptions& observe, const Events& events, const Model& model,
             const deck::Source& source, std::int64_t most_blocks);

  /// Samples of one level that are drawn together.
  struct Batch {
    int level;
    std::int64_t number;  ///< among the level's
    std::int64_t first;   ///< sample
    std::int64_t count;
  };
  /// What the plan wants drawn before it looks again; none when it is done.
  [[nodiscard]] const std::vector<Batch>& due() const { return due_; }
  /// Consecutive batches of one level are drawn in one wave.
  [[nodiscard]] std::vector<std::span<const Batch>> waves(std::span<const Batch> batches) const;
  /// This rank's part of what is due, by cost.
  [[nodiscard]] std::span<const Batch> share(const comm::Communicator& comm) const;
  /// Steps that a wave takes, of fine and coarse paths together.
  [[nodiscard]] std::int64_t cost(std::span<const Batch> batches) const;

  /// Draws the samples of one wave.
  void sample(std::span<const Batch> wave);

  /// All that this rank has, for a checkpoint.
  [[nodiscard]] comm::Bytes saved() const;
  /// Goes on from what ranks of an earlier job had, if there was one. Collective.
  void restore(const comm::Communicator& comm, const std::vector<comm::Bytes>& parts);

  /// Merges over ranks what was due, and plans what is due next. Collective.
  void plan(const comm::Communicator& comm);

  // On every rank, after `plan`:
  /// Name of the mean that the accuracy is of.
  [[nodiscard]] const std::string& quantity() const { return names_[leading_].name; }
  [[nodiscard]] double mean() const;
  [[nodiscard]] double standard_error() const;
  /// What the levels beyond the last would add, by the decay of those there are.
  [[nodiscard]] double bias() const { return bias_; }
  [[nodiscard]] int levels() const { return static_cast<int>(levels_.size()); }
  /// Whether the levels end before the bias is small enough.
  [[nodiscard]] bool lacks_levels() const { return lacks_levels_; }
  /// Steps taken so far, of fine and coarse paths together.
  [[nodiscard]] std::int64_t steps_taken() const;
  [[nodiscard]] std::int64_t samples() const;
  /// Samples that are not finite, and where to find the first: its level and path.
  [[nodiscard]] std::int64_t nonfinite() const;
  [[nodiscard]] std::optional<std::pair<int, std::uint64_t>> first_nonfinite() const;
  /// What takes the finer paths of a level.
  [[nodiscard]] Propagator& propagator(int level) {
    return levels_[static_cast<std::size_t>(level)].fine->propagator();
  }
  /// Steps of the finer paths of a level.
  [[nodiscard]] std::int64_t steps(int level) const { return time_.steps() << level; }

  /// Writes all results but the provenance. Collective.
  void write(io::ResultFile& file) const;

 private:
  using Tree = stats::MergeTree<double, stats::MomentMerge>;

  /// What is known of the leading quantity at one level.
  struct Estimate {
    double count = 0;
    double mean = 0;
    double variance = 0;
  };
  struct Level {
    std::unique_ptr<Ensemble> fine;
    std::unique_ptr<Ensemble> coarse;  ///< null at level 0
    Tree tree;
    std::int64_t batches = 0;  ///< done, or due
    std::int64_t samples = 0;  ///< done, or due
    Estimate estimate = {};
    std::vector<double> record = {};  ///< on rank 0
    std::int64_t first_nonfinite;     ///< path on this rank
  };
  struct Name {
    std::string name;
    std::string units;
    std::string what;
    bool is_component;
  };

  void read_plan(stats::ByteReader& in);
  void add_level();
  void want(int level, std::int64_t samples);
  void collect(const comm::Communicator& comm);
  /// How the finest levels' means and variances fall with the level, in powers of two.
  [[nodiscard]] double decay(bool of_variance, double least, double most) const;
  [[nodiscard]] std::unique_ptr<Ensemble> make_ensemble(std::int64_t steps, bool joins) const;
  [[nodiscard]] std::int64_t cost_of_sample(int level) const;

  TaskOptions task_;
  TimeOptions time_;
  EnsembleOptions ensemble_;
  const Model* model_;
  WatchPlan plan_;
  Ensemble::Contents contents_;
  std::string time_units_;
  bool writes_components_;
  double weak_order_;
  double strong_order_;
  std::int64_t most_blocks_;
  std::vector<Name> names_;  ///< of the channels
  std::size_t leading_;
  stats::MomentLayout layout_;
  std::vector<Level> levels_;
  std::vector<Batch> due_;
  double bias_ = 0;
  bool lacks_levels_ = false;
};

}  // namespace driftwood::sde
