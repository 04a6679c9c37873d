// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <string>
#include <vector>

#include "io/result_file.hpp"
#include "mcmc/discrepancy.hpp"

namespace driftwood::mcmc {

/// Writes what was found, of parameters that /summary names. Collective.
void write(io::ResultFile& file, const DiscrepancyFindings& found);

/// A line for each number and its floor, then what it means; empty where nothing was asked for.
[[nodiscard]] std::string table_text(const std::vector<std::string>& names,
                                     const DiscrepancyFindings& found);

/// Discrepancies that are clearly above their floors, in sentences.
[[nodiscard]] std::vector<std::string> concerns(const DiscrepancyFindings& found);

}  // namespace driftwood::mcmc
