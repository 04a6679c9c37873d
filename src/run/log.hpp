// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <memory>
#include <string_view>

namespace driftwood::run {

class Terminal;

enum class LogLevel { debug, info, warning, error };

/// Messages to the user. Rank 0 speaks for all; below `info` every rank does, naming itself.
class Log {
 public:
  /// Writes to `terminal`, which must outlive the log.
  Log(Terminal& terminal, std::string_view program, LogLevel level, int rank);
  Log(const Log&) = delete;
  Log& operator=(const Log&) = delete;
  ~Log();

  void debug(std::string_view message);
  void info(std::string_view message);
  void warning(std::string_view message);
  void error(std::string_view message);

 private:
  struct Implementation;
  std::unique_ptr<Implementation> implementation_;
};

}  // namespace driftwood::run
