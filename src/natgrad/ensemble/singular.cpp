// SPDX-License-Identifier: BSD-3-Clause
#include "natgrad/ensemble/singular.hpp"

#include <fmt/format.h>

#include "base/error.hpp"

namespace driftwood::natgrad {

void throw_singular(std::string_view what, std::string_view kind, std::size_t at, double pivot,
                    double largest, const Design& of) {
  throw NumericsError(
      fmt::format("{} is singular: {} {} is {:.3g}, and the largest is {:.3g}", what, kind, at,
                  pivot, largest),
      fmt::format("design {}, replica {}, seed {}, {} rows of {} features", of.key.design,
                  of.key.replica, of.key.seed, of.n, of.d),
      "give a ridge or a time, or features and a preconditioner with more directions than rows");
}

void factor_or_throw(Dense& x, std::string_view what, const Design& of) {
  const std::size_t failed = blas::factor(x);
  const std::size_t end = failed == 0 ? x.rows() : failed - 1;
  Pivots found;
  for (std::size_t k = 0; k < end; ++k) found.note(static_cast<int>(k), x(k, k) * x(k, k));
  if (failed != 0) found.note(static_cast<int>(end), x(end, end));
  if (!found.are_too_small()) return;
  throw_singular(what, "pivot", static_cast<std::size_t>(found.at), found.least, found.largest, of);
}

}  // namespace driftwood::natgrad
