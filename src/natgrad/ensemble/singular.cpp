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

namespace {

struct Pivots {
  double least = 0;
  double largest = 0;
  std::size_t at = 0;  ///< of the least
};

Pivots pivots(const Dense& lower, std::size_t end) {
  Pivots out;
  for (std::size_t k = 0; k < end; ++k) {
    const double pivot = lower(k, k) * lower(k, k);
    // as a negation, so that what is no number counts as the least
    if (k == 0 || !(pivot >= out.least)) {
      out.least = pivot;
      out.at = k;
    }
    if (pivot > out.largest) out.largest = pivot;
  }
  return out;
}

}  // namespace

void check_pivots(const Dense& lower, std::string_view what, const Design& of) {
  const Pivots found = pivots(lower, lower.rows());
  if (found.least >= least_pivot * found.largest) return;
  throw_singular(what, "pivot", found.at, found.least, found.largest, of);
}

void factor_or_throw(Dense& x, std::string_view what, const Design& of) {
  const std::size_t failed = blas::factor(x);
  if (failed == 0) return check_pivots(x, what, of);
  const std::size_t at = failed - 1;
  throw_singular(what, "pivot", at, x(at, at), pivots(x, at).largest, of);
}

}  // namespace driftwood::natgrad
