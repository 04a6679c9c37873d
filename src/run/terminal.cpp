// SPDX-License-Identifier: BSD-3-Clause
#include "run/terminal.hpp"

#include <fcntl.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstddef>
#include <cstdlib>
#include <iostream>
#include <string>

namespace driftwood::run {
namespace {

constexpr int default_width = 80;

/// First of the variables that a launcher sets to the rank of a process; empty without a launcher.
std::string_view rank_variable() {
  constexpr std::array names{"OMPI_COMM_WORLD_RANK", "PMIX_RANK", "PMI_RANK", "MV2_COMM_WORLD_RANK",
                             "SLURM_PROCID"};
  for (const char* name : names) {
    if (const char* value = std::getenv(name); value != nullptr) return value;
  }
  return {};
}

/// Columns of the terminal behind a file descriptor; 0 if there is no terminal.
int columns(int descriptor) {
  if (descriptor < 0 || isatty(descriptor) == 0) return 0;
  winsize size{};
  const bool known = ioctl(descriptor, TIOCGWINSZ, &size) == 0 && size.ws_col > 0;
  return known ? size.ws_col : default_width;
}

/// Columns of the terminal that the launcher of this process writes errors to; 0 if none. Open MPI
/// gives its ranks pipes and copies what they write.
int launcher_columns() {
  const std::string path = "/proc/" + std::to_string(getppid()) + "/fd/2";
  const int descriptor = open(path.c_str(), O_WRONLY | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
  const int width = columns(descriptor);
  if (descriptor >= 0) close(descriptor);
  return width;
}

/// Cut to `width` bytes, but not within a UTF-8 character.
std::string_view cut(std::string_view text, int width) {
  auto length = std::min(text.size(), static_cast<std::size_t>(std::max(width, 0)));
  while (length > 0 && length < text.size() &&
         (static_cast<unsigned char>(text[length]) & 0xc0U) == 0x80) {
    --length;
  }
  return text.substr(0, length);
}

}  // namespace

Terminal Terminal::standard_error() {
  int width = columns(STDERR_FILENO);
  if (width == 0 && !rank_variable().empty()) width = launcher_columns();
  const char* kind = std::getenv("TERM");
  const bool can_redraw = kind != nullptr && std::string_view(kind) != "dumb";
  return {std::cerr, width > 0 && can_redraw, width > 0 ? width : default_width};
}

void Terminal::print(std::string_view line) {
  clear();
  *out_ << std::string(line) + '\n' << std::flush;
}

void Terminal::redraw(std::string_view line) {
  if (!interactive_ || (line.empty() && !drawn_)) return;
  // The last column stays free: writing it makes some terminals begin a new line.
  *out_ << "\r" + std::string(cut(line, width_ - 1)) + "\x1b[K" << std::flush;
  drawn_ = !line.empty();
}

int launch_rank() {
  const std::string_view value = rank_variable();
  int rank = 0;
  std::from_chars(value.data(), value.data() + value.size(), rank);
  return rank;
}

}  // namespace driftwood::run
