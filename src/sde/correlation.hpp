// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <optional>
#include <string>

#include "deck/source.hpp"
#include "sde/linear_law.hpp"

namespace driftwood::sde {

/// Throws `UsageError` at the key that holds `matrix`, under the table `path`, unless it is the
/// correlation matrix of `count` things, each called `one` ("asset").
void require_correlation(const deck::Source& deck, const std::string& path, const Matrix& matrix,
                         std::size_t count, const std::string& one);

/// The lower triangular L with L L^T = matrix; the identity where there is none. Empty if the
/// matrix is not positive definite.
[[nodiscard]] Matrix correlation_factor(const std::optional<Matrix>& matrix, std::size_t count);

}  // namespace driftwood::sde
