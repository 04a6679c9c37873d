// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstddef>
#include <string_view>

#include "natgrad/ensemble/blas.hpp"
#include "natgrad/ensemble/pivots.hpp"
#include "random/design_key.hpp"

namespace driftwood::natgrad {

/// What is factored, for what is said of it.
struct Design {
  random::DesignKey key{};
  std::size_t n = 0;  ///< rows
  std::size_t d = 0;  ///< features
};

/// Throws `NumericsError`: `what` of that design has this pivot (or eigenvalue, as `kind` says)
/// that is not above `least_pivot` times the largest. Nothing is regularised that nobody asked for.
[[noreturn]] void throw_singular(std::string_view what, std::string_view kind, std::size_t at,
                                 double pivot, double largest, const Design& of);

/// Factors x (lower triangle) and throws where a pivot is too small.
void factor_or_throw(Dense& x, std::string_view what, const Design& of);

}  // namespace driftwood::natgrad
