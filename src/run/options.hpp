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
  std::optional<std::string> output;  ///< set once a deck is loaded
  bool overwrite = true;
  double allow_nonfinite = 0;

  void describe(deck::Schema& schema);
};

/// Decides where results go, `--output` before the deck before the deck's own name with ".h5", and
/// checks what can be known before any work. Throws `UsageError` where the output is a folder or the
/// deck itself, lies in no existing folder, or exists although `overwrite` is false.
void settle_output(Options& options, const deck::Source& source,
                   const std::optional<std::string>& from_command_line);

}  // namespace driftwood::run
