// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <optional>
#include <string>

namespace driftwood::deck {
class Schema;
class Source;
}  // namespace driftwood::deck

namespace driftwood::run {

/// The deck's table `[run]`.
struct Options {
  std::optional<std::string> output;  ///< always set in a loaded deck
  bool overwrite = true;
  double allow_nonfinite = 0;

  void describe(deck::Schema& schema);
};

/// Where results go: `--output` before the deck's own before its stem with ".h5".
[[nodiscard]] std::string output_path(const Options& options, const std::string& deck_file,
                                      const std::optional<std::string>& from_command_line);

/// `io::check_output`, with errors at the place that named the output, which must not be the deck.
void check_output(const Options& options, const deck::Source& source,
                  const std::optional<std::string>& from_command_line);

}  // namespace driftwood::run
