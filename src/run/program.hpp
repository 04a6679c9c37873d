// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <optional>
#include <string>
#include <vector>

namespace driftwood::run {

/// A command worth copying, for the end of the help page.
struct Example {
  std::string command;
  std::string sentence;
};

/// An option with a value that stands for a deck, for users who have none: "--advise DATA". Names
/// of files in that deck are relative to the working directory.
struct DeckOption {
  std::string name;                                         ///< "--advise"
  std::string value;                                        ///< "DATA"
  std::string sentence;                                     ///< as `--help` has it
  std::string (*deck)(const std::string& value) = nullptr;  ///< the text of the deck
};

/// What a driver says about itself.
struct Program {
  std::string name;         ///< as typed: "sde_ensemble"
  std::string summary;      ///< one line, no full stop
  std::string description;  ///< paragraphs for `--help`, at most 80 columns
  std::vector<Example> examples;
  std::string (*list)() = nullptr;  ///< text of `--list`: models, schemes, ...
  bool takes_petsc = false;         ///< whether options of PETSc may follow `--`
  std::optional<DeckOption> deck_option{};
};

}  // namespace driftwood::run
