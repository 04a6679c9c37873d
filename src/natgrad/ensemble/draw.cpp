// SPDX-License-Identifier: BSD-3-Clause
#include "natgrad/ensemble/draw.hpp"

#include "base/portability.hpp"
#include "random/design.hpp"

namespace driftwood::natgrad {
namespace {

random::Purpose purpose_of(RowSource source) {
  switch (source) {
    case RowSource::unlabelled:
      return random::Purpose::unlabelled;
    case RowSource::hidden:
      return random::Purpose::hidden;
    default:
      return random::Purpose::design;
  }
}

}  // namespace

void draw_rows(const DesignKey& key, RowSource source, FeatureLaw law, std::uint64_t first,
               std::size_t n, std::span<const double> scales, double* to) {
  const random::DesignRows rows{key, purpose_of(source), law};
  random::fill_columns<Lane<double>>(rows, first, n, scales, to, n);
}

}  // namespace driftwood::natgrad
