// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <optional>
#include <string>

namespace driftwood::io {

/// Texts that say where a result file came from.
enum class ResultText { driver, effective_deck };

/// That text of the result file at `path`; empty where there is no such file, or it has none. Needs
/// no MPI.
[[nodiscard]] std::optional<std::string> result_text(const std::string& path, ResultText which);

}  // namespace driftwood::io
