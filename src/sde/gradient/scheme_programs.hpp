// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <optional>
#include <string>

#include "sde/gradient/programs.hpp"

namespace driftwood::sde {

/// A step of a scheme: (states, noise of the step) at the time of its beginning -> states.
struct SchemeProgram {
  int copies;  ///< states that it carries
  random::Increments increments;
  formula::Program program;
};

/// That of the scheme with steps of size h, for a field in the calculus of the scheme. Empty for
/// schemes whose steps are not the same list of operations for every path, and those that do not
/// integrate such noise.
[[nodiscard]] std::optional<SchemeProgram> scheme_program(const FieldPrograms& field,
                                                          const std::string& scheme, double h);

}  // namespace driftwood::sde
