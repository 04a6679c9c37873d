// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <string>
#include <vector>

#include "io/result_file.hpp"
#include "natgrad/kernel/study.hpp"

namespace driftwood::natgrad {

/// Writes it. Rank 0 has the errors. Collective.
void write(io::ResultFile& file, const KernelOptions& options, const Kernel& kernel,
           const std::vector<KernelErrors>& errors);

/// Errors over the variance of labels for each lambda, and what follows, in plain language.
[[nodiscard]] std::string table_text(const KernelOptions& options, const Kernel& kernel,
                                     const std::vector<KernelErrors>& errors);

}  // namespace driftwood::natgrad
