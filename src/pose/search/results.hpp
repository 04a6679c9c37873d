// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <string>
#include <vector>

#include "comm/communicator.hpp"
#include "io/result_file.hpp"
#include "pose/input/problem_set.hpp"
#include "pose/search/finding.hpp"

namespace driftwood::pose {

/// Leaves of one problem that a rank has.
struct LeavesOfProblem {
  std::int64_t problem;
  std::vector<Leaf> leaves;
};

/// Writes what was found of each problem, the problems themselves, and the certificates.
/// Collective; leaves are each rank's own.
void write(io::ResultFile& file, const comm::Communicator& comm,
           const std::vector<PoseProblem>& problems, const std::vector<Finding>& found,
           const std::vector<LeavesOfProblem>& mine);

/// Of what problems are, for whoever continues a search.
[[nodiscard]] std::uint64_t checksum_of(const std::vector<PoseProblem>& problems);

/// What a terminal shows: a row for each problem, and what it means.
[[nodiscard]] std::string table_text(const std::vector<PoseProblem>& problems,
                                     const std::vector<Finding>& found);

}  // namespace driftwood::pose
