// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <string>
#include <vector>

namespace driftwood::run {

/// A command worth copying, for the end of the help page.
struct Example {
  std::string command;
  std::string sentence;
};

/// What a driver says about itself.
struct Program {
  std::string name;         ///< as typed: "sde_ensemble"
  std::string summary;      ///< one line, no full stop
  std::string description;  ///< paragraphs for `--help`, at most 80 columns
  std::vector<Example> examples;
  std::string (*list)() = nullptr;  ///< text of `--list`: models, schemes, ...
  bool takes_petsc = false;         ///< whether options of PETSc may follow `--`
};

}  // namespace driftwood::run
