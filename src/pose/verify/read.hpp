// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <string>
#include <vector>

#include "pose/verify/certificate.hpp"

namespace driftwood::pose {

/// A problem of a result file, and what it claims.
struct Claim {
  std::string name;
  std::string status;
  Certificate certificate;
};

/// All of a result file of pose_search. Throws `UsageError` where it is none, or is damaged so that
/// sizes do not go together.
[[nodiscard]] std::vector<Claim> read_claims(const std::string& file);

}  // namespace driftwood::pose
