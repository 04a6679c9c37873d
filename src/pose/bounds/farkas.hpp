// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// Why some correspondences cannot all be inliers of a pose of a product: multiples of rows
/// (product.hpp) whose sum no z of the box satisfies. Who found the multiples does not matter.

#include <span>

#include "pose/bounds/product.hpp"

namespace driftwood::pose {

/// A multiple of the row of a correspondence and a direction e.
struct FarkasTerm {
  int member = 0;
  Vec3<double> across = {};  ///< e, up to its part along the bearing and a positive factor
  double weight = 0;         ///< not negative
};

/// Whether the sum over terms of weight (a z + b - |remainder|) is positive all over the box, so
/// that some term's correspondence is no inlier; `sight(member)` is what the product sees of it.
/// In double precision, leaning to "no".
template <class SightOf>
[[nodiscard]] bool is_contradiction(const Product& product, std::span<const FarkasTerm> terms,
                                    const SightOf& sight_of) {
  double sum = 0;
  double slope[6] = {};
  double size = 0;
  for (const FarkasTerm& term : terms) {
    if (!(term.weight >= 0)) return false;
    const ProductSight sight = sight_of(term.member);
    const Vec3<double> off = term.across - dot(term.across, sight.bearing) * sight.bearing;
    const double length = norm(off);
    // Otherwise rounding would be all there is of a direction.
    if (!(length > 0.5 * norm(term.across)) || !(sight.reach.cosine > 0)) return false;
    const Vec3<double> normal =
        sight.reach.cosine / length * off - sight.reach.sine * sight.bearing;
    sum += term.weight * (dot(normal, sight.to) - product.mixed_remainder(sight) -
                          product.turn_remainder(sight));
    for (int j = 0; j < 6; ++j) slope[j] += term.weight * dot(normal, sight.column[j]);
    size += term.weight * sight.distance;
  }
  for (const double a : slope) sum -= abs(a);
  // What rounding may have moved: some 16 operations on at most `size` each of them.
  return sum > 8 * Rounding<double>::test * size;
}

}  // namespace driftwood::pose
