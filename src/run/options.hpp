// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "deck/duration.hpp"

namespace driftwood::deck {
class Schema;
class Source;
}  // namespace driftwood::deck

namespace driftwood::run {

/// `[run] checkpoint`.
struct CheckpointOptions {
  deck::Duration every{600};
  std::int64_t keep = 2;
  deck::Duration margin{30};

  void describe(deck::Schema& schema);
};

/// Whether a run goes on from what another one saved.
enum class Resume {
  never,
  automatic,  ///< where there is something
  require,
};

/// The deck's table `[run]`.
struct Options {
  std::optional<std::string> output;  ///< always set in a loaded deck
  bool overwrite = true;
  double allow_nonfinite = 0;
  CheckpointOptions checkpoint = {};
  std::string resume_name = "never";
  std::optional<deck::Duration> time_limit = {};

  void describe(deck::Schema& schema);

  [[nodiscard]] Resume resume() const;
  /// Wall time after which the run is to have stopped [s]; empty for none.
  [[nodiscard]] std::optional<double> time_limit_seconds() const {
    return time_limit ? std::optional(time_limit->seconds) : std::nullopt;
  }
};

/// Where results go: `--output` before the deck's own before its stem with ".h5".
[[nodiscard]] std::string output_path(const Options& options, const std::string& deck_file,
                                      const std::optional<std::string>& from_command_line);

/// `io::check_output`, with errors at the place that named the output, which must not be the deck.
/// An output that is not to be overwritten may be there where the run could be complete already.
void check_output(const Options& options, const deck::Source& source,
                  const std::optional<std::string>& from_command_line);

}  // namespace driftwood::run
