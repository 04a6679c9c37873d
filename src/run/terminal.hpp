// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <ostream>
#include <string_view>

namespace driftwood::run {

/// Where lines for the user go: a terminal, whose last line can be redrawn, or a file or pipe.
/// Everything is written in whole lines, so that lines of several ranks do not mix.
class Terminal {
 public:
  /// `width` [columns] cuts redrawn lines; a stream that is not interactive never sees them.
  Terminal(std::ostream& out, bool interactive, int width = 80)
      : out_(&out), interactive_(interactive), width_(width) {}
  Terminal(const Terminal&) = delete;
  Terminal& operator=(const Terminal&) = delete;
  ~Terminal() { clear(); }

  /// Standard error of this process. Under `mpirun`, whose ranks write into pipes, it is
  /// interactive where the launcher's own standard error is a terminal.
  [[nodiscard]] static Terminal standard_error();

  [[nodiscard]] bool interactive() const noexcept { return interactive_; }

  /// Writes one line that stays.
  void print(std::string_view line);

  /// Replaces the line at the bottom; nothing where the stream is not interactive.
  void redraw(std::string_view line);

  /// Takes the line at the bottom away.
  void clear() { redraw({}); }

 private:
  std::ostream* out_;
  bool interactive_;
  int width_;
  bool drawn_ = false;
};

/// Rank that the launcher gave this process, read from its environment; 0 without a launcher. For
/// what happens before MPI starts.
[[nodiscard]] int launch_rank();

}  // namespace driftwood::run
