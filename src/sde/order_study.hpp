// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "comm/communicator.hpp"
#include "io/result_file.hpp"
#include "sde/noise_levels.hpp"
#include "sde/order_options.hpp"
#include "stats/block_moments.hpp"
#include "stats/merge_tree.hpp"
#include "stats/moments.hpp"
#include "stats/slope.hpp"

namespace driftwood::sde {

/// Errors of one scheme on all grids, and the order they show. What a scheme does not claim, such
/// as the strong order of a weak scheme, is NaN.
struct OrderTable {
  struct Errors {
    std::vector<double> error;           ///< one per grid
    std::vector<double> standard_error;  ///< of the same
    double declared = 0;
    stats::Slope slope{};  ///< of log(error) against log(step)
  };
  std::string scheme;
  double finite_paths = 0;  ///< paths that stayed finite on all grids
  Errors strong;            ///< root mean square distance from the reference at the end
  Errors mean;              ///< |E X - E reference|, of the component
  Errors second_moment;     ///< |E X^2 - E reference^2|
};

/// Measures strong and weak orders. All grids and all schemes see the same Brownian paths, so that
/// their differences have little variance. Blocks of paths are merged in a fixed order.
class OrderStudy {
 public:
  OrderStudy(const OrderOptions& options, const Model& model);

  /// Simulates the paths of one block on all grids by all schemes.
  void measure(std::int64_t block);

  /// The blocks that this rank has measured, for a checkpoint; and takes over those of one.
  [[nodiscard]] comm::Bytes saved() const { return tree_.bytes(); }
  void absorb(const comm::Bytes& saved) { tree_.absorb(saved); }
  [[nodiscard]] std::vector<comm::Share> finished() const { return tree_.covered(); }

  /// Brings the blocks of all ranks together. Collective.
  void merge(const comm::Communicator& comm);

  /// One entry per scheme; after `merge`, on rank 0.
  [[nodiscard]] const std::vector<OrderTable>& tables() const { return tables_; }
  [[nodiscard]] const std::string& reference() const { return reference_name_; }
  /// Steps of all grids together, reference included, per path.
  [[nodiscard]] std::int64_t steps_per_path() const;

  /// Writes the tables; after `merge`. Collective.
  void write(io::ResultFile& file) const;

 private:
  /// A propagator and the noise it follows.
  struct Follower {
    std::unique_ptr<Propagator> propagator;
    NoiseLevels* noise;
    int level;
  };
  struct Measured {
    std::string name;
    std::vector<Follower> levels;
  };

  NoiseLevels& noise_for(random::Increments kind);
  void measure_chunk(const PathRange& paths, std::int64_t column);
  [[nodiscard]] OrderTable table_of(std::size_t scheme, const stats::MomentSummary& summary) const;

  OrderOptions options_;
  std::size_t component_;
  std::vector<ComponentInfo> components_;
  std::string reference_name_;
  Noise noise_class_;
  NoiseLevels::Shape shape_;
  std::vector<std::unique_ptr<NoiseLevels>> noises_;
  std::vector<random::Increments> kinds_;
  Follower reference_;
  std::vector<Measured> schemes_;
  Channels reference_state_;
  Channels state_;
  std::vector<Channels> channels_;  ///< of one block, one per scheme
  stats::MomentLayout layout_;
  stats::MergeTree<double, stats::MomentMerge> tree_;
  std::vector<OrderTable> tables_;
};

}  // namespace driftwood::sde
