// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <string>

#include "io/result_file.hpp"
#include "mcmc/tempering.hpp"

namespace driftwood::mcmc {

/// Writes what replicas say, and the rungs of some over time. Collective.
void write(io::ResultFile& file, const TemperingFindings& found, const Tempering::Process& process);

/// A line for each rung, the log evidence, and what is wrong with the ladder, in plain language.
[[nodiscard]] std::string table_text(const TemperingFindings& found);

}  // namespace driftwood::mcmc
