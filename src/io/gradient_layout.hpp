// SPDX-License-Identifier: BSD-3-Clause
/// Names of results, as in layout.hpp: those of sde_gradient. F formulas, T times, P derivatives.
#pragma once

#include <string_view>

namespace driftwood::io::layout {

namespace gradient {
inline constexpr std::string_view formula = "gradient/formula";      ///< (F) names, a dimension
inline constexpr std::string_view parameter = "gradient/parameter";  ///< (P) names, a dimension
inline constexpr std::string_view value = "gradient/value";          ///< (F, T, P)
inline constexpr std::string_view standard_error = "gradient/standard_error";  ///< (F, T, P)
inline constexpr std::string_view mode = "mode";  ///< attribute of `value`: how they were found
inline constexpr std::string_view text = "text";  ///< attribute of the mean of a formula
}  // namespace gradient

/// Gradients of C cases, a scheme and a mode each, on grids of N numbers of steps, beside those of
/// a reverse sweep through the stored solution.
namespace error_table {
inline constexpr std::string_view mode = "error_table/mode";        ///< (C) names, a dimension
inline constexpr std::string_view steps = "error_table/steps";      ///< (N), a dimension
inline constexpr std::string_view error = "error_table/error";      ///< (C, N) relative
inline constexpr std::string_view rebuilt = "error_table/rebuilt";  ///< (C, N) of the state at 0
inline constexpr std::string_view seconds = "error_table/seconds";  ///< (C, N) forwards and back
inline constexpr std::string_view bytes = "error_table/bytes";      ///< (C, N) of stored states
}  // namespace error_table

}  // namespace driftwood::io::layout
