// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>
#include <vector>

#include "comm/communicator.hpp"
#include "io/result_file.hpp"
#include "sde/ensemble.hpp"
#include "sde/watch_options.hpp"

namespace driftwood::sde {

/// How many paths first passed the level of each event in which part of the time; and how many
/// never did.
class FirstPassages {
 public:
  /// `end`: the last time of the results. `first_channel`: where an ensemble has the numbers that
  /// watchers remember.
  FirstPassages(const Events& events, double end, std::int64_t first_channel);

  /// Takes in the paths of a wave at the end of their time; after `fetch`.
  void add(const Ensemble& ensemble);

  /// The counts, for a checkpoint; and adds those of one.
  void save(stats::ByteWriter& out) const;
  void absorb(stats::ByteReader& in);

  /// Adds up over ranks. Collective.
  void merge(const comm::Communicator& comm);

  /// Writes the groups /first_passage/<name>. Collective.
  void write(io::ResultFile& file, const std::string& time_units) const;

 private:
  struct Event {
    std::string name;
    std::int64_t channel;              ///< of how often it was passed; the time's follows
    std::vector<std::int64_t> counts;  ///< of the bins, then of paths that never passed
    std::string what;
  };

  double end_;
  std::vector<Event> events_;
};

}  // namespace driftwood::sde
