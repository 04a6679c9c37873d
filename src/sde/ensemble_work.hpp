// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <vector>

#include "comm/share_rest.hpp"
#include "sde/ensemble.hpp"
#include "sde/observations.hpp"

namespace driftwood::sde {

/// How far a wave is.
struct Place {
  Wave wave;
  std::int64_t time = 0;  ///< times of results that are behind it
  std::int64_t step = 0;
};

/// Throws `UsageError` where an ensemble cannot go on from one of `earlier_paths` paths, of which
/// this rank has `taken` blocks: as ensembles may grow, but not by paths of a block that was done.
/// Collective.
void require_growth(const comm::Communicator& comm, std::int64_t earlier_paths,
                    const std::vector<comm::Share>& taken, const EnsembleOptions& ensemble,
                    const deck::Source& deck);

/// The work of one rank of an ensemble: waves that an earlier job had begun, then blocks that
/// nobody has begun; and all of it as bytes, for checkpoints.
class EnsembleWork {
 public:
  /// Reads what ranks of an earlier job saved, if there was one. Collective. Throws `UsageError`
  /// where the ensemble has grown in a way that this does not go with.
  EnsembleWork(const comm::Communicator& comm, const std::vector<comm::Bytes>& parts,
               const EnsembleOptions& ensemble, const deck::Source& deck);

  /// Blocks of this round and those before.
  [[nodiscard]] std::int64_t last() const { return last_; }
  /// Goes on to the round that ends at block `last`. Collective.
  void next_round(const comm::Communicator& comm, std::int64_t last);

  /// Blocks that this rank has yet to simulate, in part or as a whole.
  [[nodiscard]] std::int64_t blocks_left() const;
  /// The most blocks of a wave that was begun; 0 without one.
  [[nodiscard]] std::int64_t largest_wave() const;

  /// Paths of the whole ensemble that are done, judged by this rank's, of which a wave is at
  /// `place` on its way to step `end`.
  [[nodiscard]] std::int64_t paths_done(const Place& place, std::int64_t end) const;

  /// Gives what was saved to those that it is of. Once, before the first wave.
  void give_back(Observations& seen);
  /// Steps of the propagator's that belong to no path of the ensemble.
  void leave_out(const StepCounts& steps) { steps_ -= steps; }
  /// As the propagator's, with those of earlier jobs.
  [[nodiscard]] StepCounts step_counts(const Propagator& propagator) const;
  [[nodiscard]] std::vector<double> rates_above_bounds(const Propagator& propagator) const;

  /// Puts the ensemble at the next wave, of at most `most` blocks if it is new; none is left:
  /// empty.
  [[nodiscard]] std::optional<Place> next(Ensemble& ensemble, Observations& seen,
                                          std::int64_t most);

  /// All that this rank has, the wave at `place` being on its way in the ensemble.
  [[nodiscard]] comm::Bytes saved(const Ensemble& ensemble, const Observations& seen,
                                  const std::optional<Place>& place) const;

 private:
  struct Begun {
    Place place;
    comm::Bytes states;
  };

  void read(const comm::Bytes& part);
  void begin_round(const comm::Communicator& comm);

  std::int64_t paths_;              ///< of the whole ensemble
  std::int64_t earlier_paths_ = 0;  ///< as an earlier job had it; 0 without one
  std::int64_t last_ = 0;
  std::vector<comm::Share> finished_;  ///< by earlier jobs
  std::deque<Begun> begun_;
  std::vector<comm::Share> new_;           ///< blocks
  std::int64_t left_at_first_ = 0;         ///< blocks of this round on this rank
  std::int64_t left_at_first_of_all_ = 0;  ///< and on all
  std::vector<comm::Bytes> seen_;
  StepCounts steps_;
  std::vector<double> rates_;
};

}  // namespace driftwood::sde
