// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <string>
#include <vector>

#include "io/result_file.hpp"
#include "mcmc/chain_run.hpp"
#include "mcmc/reference.hpp"

namespace driftwood::mcmc {

/// Writes what the chains say, and the draws that are stored. Collective.
void write(io::ResultFile& file, const std::vector<Parameter>& parameters,
           const ChainFindings& found, const ChainRun& run,
           const std::vector<ReferenceMoments>& reference = {});

/// A line for each number, as Stan's users know it, of the `most` worst where there are more; then
/// what it means, in plain language.
[[nodiscard]] std::string table_text(const std::vector<std::string>& names,
                                     const ChainFindings& found,
                                     const std::vector<ReferenceMoments>& reference = {},
                                     std::size_t most = 30);

/// What is wrong with the findings, worst first, in sentences; empty where nothing is.
[[nodiscard]] std::vector<std::string> concerns(const std::vector<std::string>& names,
                                                const ChainFindings& found);

}  // namespace driftwood::mcmc
