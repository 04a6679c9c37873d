// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "run/log.hpp"
#include "run/program.hpp"

namespace driftwood::run {

/// What the user asked for.
enum class Action { run, check, effective, plan, help, help_deck, list, reference, version };

/// A command line, understood.
struct CommandLine {
  Action action = Action::run;
  std::string text;                     ///< as given, words quoted where they need it
  std::string deck;                     ///< path; empty for actions that need none
  std::vector<std::string> overrides;   ///< the values of `--set`
  std::optional<std::string> output;    ///< `--output`
  bool resume = false;                  ///< `--resume`
  std::int64_t ranks = 1;               ///< `--ranks`, to plan for
  bool quiet = false;                   ///< `--quiet`
  LogLevel log_level = LogLevel::info;  ///< `--log-level`
  std::vector<std::string> kokkos;      ///< what follows `--` and begins with --kokkos-
  std::vector<std::string> petsc;       ///< what else follows `--`
};

/// Reads the arguments that follow the program's name. Throws `UsageError`, without position.
[[nodiscard]] CommandLine parse_command_line(const Program& about,
                                             std::span<const std::string> arguments);

/// The page that `--help` prints.
[[nodiscard]] std::string help_page(const Program& about);

/// The line that `--version` prints.
[[nodiscard]] std::string version_line(const Program& about);

}  // namespace driftwood::run
