// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <string>

namespace driftwood::run {

/// What this program was built from, and how. The build writes it anew for every commit.
struct BuildInfo {
  std::string version;   ///< "0.1.0"
  std::string commit;    ///< empty outside a git checkout
  bool dirty = false;    ///< the source had changes that `commit` does not hold
  std::string compiler;  ///< "GNU 12.2.0"
  std::string flags;
  std::string architecture;  ///< "x86_64"
};

[[nodiscard]] BuildInfo build_info();

}  // namespace driftwood::run
