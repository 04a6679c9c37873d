// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <utility>
#include <vector>

#include "formula/uploaded_program.hpp"
#include "sde/contract.hpp"
#include "sde/observed_formulas.hpp"
#include "sde/propagator.hpp"

namespace driftwood::sde {

/// Blocks [first, first + count) of `stats::block_paths` paths each, simulated together.
struct Wave {
  std::int64_t first;
  std::int64_t count;
};

/// The waves of at most `most` blocks that cover blocks [first, last), in order.
[[nodiscard]] std::vector<Wave> waves(std::int64_t first, std::int64_t last, std::int64_t most);

/// Sets the last row of `channels`, the weights, to 1 for the first `paths` of `columns` paths and
/// to 0 for the others.
void fill_weights(const Channels& channels, std::int64_t paths, std::int64_t columns);

/// One wave of paths at a time: their states, and the channels that statistics are taken of (the
/// components, then what is watched, then contracts, then formulas). A path that is once not finite
/// never counts again.
///
/// Of antithetic paths there follow as many channels with the means of pairs, the same for both
/// paths of a pair; a pair counts where both of its paths do.
class Ensemble {
 public:
  /// What is in the channels.
  struct Contents {
    std::int64_t components = 0;
    std::int64_t watched = 0;  ///< numbers that the propagator's watchers remember
    std::vector<Contract> contracts = {};
    ObservedFormulas formulas = {};
  };

  /// `paths` in the whole ensemble; waves of at most `most_blocks` blocks.
  Ensemble(std::unique_ptr<Propagator> propagator, const Contents& contents, std::int64_t paths,
           std::int64_t most_blocks, bool antithetic = false);

  /// Puts the paths of a wave at their initial states.
  void start(const Wave& wave);
  /// The same for any paths, of which a wave has room for as many as it has in whole blocks.
  void start_paths(const PathRange& paths);

  /// Takes them over some steps.
  void advance(const Steps& steps) { propagator_->advance(steps); }

  /// Evaluates the channels of the present states, at the given time.
  void observe(double time);

  /// What the paths of this wave carry on, for a checkpoint, and which of them still count.
  void save(stats::ByteWriter& out) const;
  /// Starts the wave that was saved, where it was.
  void restore(stats::ByteReader& in);

  /// Blocks of this wave.
  [[nodiscard]] std::int64_t blocks() const;
  /// The first of them.
  [[nodiscard]] std::int64_t first_block() const;
  /// Paths of this wave.
  [[nodiscard]] const PathRange& paths() const { return paths_; }
  /// Channels and weights on the device, blocks whole: what lies beyond the last path has weight 0.
  [[nodiscard]] const Channels& channels() const { return channels_; }

  /// Brings the channels of the last `observe` to the host, for the functions below.
  void fetch();
  /// Values of one channel for the paths of this wave; after `fetch`.
  [[nodiscard]] std::span<const double> values(std::int64_t channel) const;
  /// One byte per path of this wave, 0 where it does not count; after `fetch`.
  [[nodiscard]] std::span<const std::uint8_t> counts() const { return counts_; }

  [[nodiscard]] Propagator& propagator() { return *propagator_; }
  [[nodiscard]] const Propagator& propagator() const { return *propagator_; }

 private:
  std::unique_ptr<Propagator> propagator_;
  std::int64_t components_;
  std::int64_t watched_;
  std::int64_t total_paths_;
  bool antithetic_;
  PathRange paths_{0, 0};
  Channels channels_;
  decltype(Kokkos::create_mirror_view(std::declval<Channels>())) host_;
  std::vector<std::uint8_t> counts_;
  Kokkos::View<PayoffKind*, Memory> kinds_;
  Kokkos::View<double**, Kokkos::LayoutRight, Memory> terms_;  ///< strike, discount rate, weights
  formula::UploadedProgram program_;                           ///< of the formulas
  Kokkos::View<double*, Memory> parameters_;
  Kokkos::Experimental::UniqueToken<Exec> tokens_;
  Kokkos::View<WideLane<double>**, Kokkos::LayoutRight, Memory> banks_;  ///< a row per token
};

}  // namespace driftwood::sde
