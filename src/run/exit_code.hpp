// SPDX-License-Identifier: BSD-3-Clause
#pragma once

namespace driftwood::run {

inline constexpr int exit_done = 0;
inline constexpr int exit_failure = 1;   ///< everything that is not below
inline constexpr int exit_usage = 2;     ///< command line, deck, or a data file it names
inline constexpr int exit_stopped = 75;  ///< stopped cleanly, can be resumed (EX_TEMPFAIL)

}  // namespace driftwood::run
