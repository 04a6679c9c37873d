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
  double largest = 0;
  double least = 0;
  std::size_t at = 0;
  for (std::size_t k = 0; k < end; ++k) {
    const double pivot = x(k, k) * x(k, k);
    if (k == 0 || pivot < least) {
      least = pivot;
      at = k;
    }
    if (pivot > largest) largest = pivot;
  }
  if (failed != 0) throw_singular(what, "pivot", end, x(end, end), largest, of);
  // as a negation, so that what is no number does not pass
  if (!(least >= least_pivot * largest)) throw_singular(what, "pivot", at, least, largest, of);
}

}  // namespace driftwood::natgrad
