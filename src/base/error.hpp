// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <stdexcept>
#include <string>
#include <string_view>

namespace driftwood {

/// What the process should tell its parent; only `run::main` turns it into an exit code.
enum class Fault {
  usage,    ///< command line, deck, or a data file the deck names: exit 2
  failure,  ///< everything else: exit 1
};

/// Base of every exception Driftwood throws. `what()` reads "PROBLEM (WHY); SUGGESTION", where the
/// last two parts may be absent.
class Error : public std::runtime_error {
 public:
  explicit Error(std::string_view problem, std::string_view why = {},
                 std::string_view suggestion = {}, Fault fault = Fault::failure)
      : std::runtime_error(compose(problem, why, suggestion)), fault_(fault) {}

  [[nodiscard]] Fault fault() const noexcept { return fault_; }

  /// "PROBLEM (WHY); SUGGESTION", leaving out what is empty.
  [[nodiscard]] static std::string compose(std::string_view problem, std::string_view why,
                                           std::string_view suggestion) {
    std::string text(problem);
    if (!why.empty()) text.append(" (").append(why).append(")");
    if (!suggestion.empty()) text.append("; ").append(suggestion);
    return text;
  }

 private:
  Fault fault_;
};

/// Something is wrong with the command line, a deck, or a data file that a deck names (exit 2).
class UsageError : public Error {
 public:
  explicit UsageError(std::string_view problem, std::string_view why = {},
                      std::string_view suggestion = {})
      : Error(problem, why, suggestion, Fault::usage) {}
};

/// A file could not be created, written, read or renamed (exit 1).
class IoError : public Error {
 public:
  using Error::Error;
};

/// A computation left the domain in which its result means anything (exit 1).
class NumericsError : public Error {
 public:
  using Error::Error;
};

}  // namespace driftwood
