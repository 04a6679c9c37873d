// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>
#include <vector>

#include "random/stream.hpp"

/// The one place that says whose random words those of poses are: components from 2^20 on of
/// parameters, which nothing else has as many of.
namespace driftwood::pose {

/// What is drawn. The id is that of a point, or of a match, the draw the number of the problem; of
/// estimates of poses, the id is that of a sample or a try.
enum class Draw : int {
  turn = 0,  ///< two draws of normals, ids 0 and 1 of the true pose, 2 and 3 of the second
  centre = 1,
  centre_rest = 2,
  pixel = 3,
  depth = 4,
  order = 5,
  noise = 6,
  wrong_pixel = 7,
  plane = 8,
  choice = 9,
  exchange = 10,       ///< which observations of a file are exchanged, and in which order
  sample_order = 11,   ///< which correspondences estimates choose by, and in which order
  triple = 12,         ///< two draws, of a sample of all
  inlier_triple = 13,  ///< two draws, of a sample of inliers
  move = 14,           ///< three draws of normals and one of the size, of a try
  deal = 15,           ///< which correspondences of a place in the image go to which block
  ring = 16,           ///< which are pairs
};

[[nodiscard]] inline random::Words<double> drawn_words(std::uint64_t seed, Draw what,
                                                       std::uint64_t id, std::uint64_t problem) {
  const random::Stream stream(seed, random::Purpose::parameter, (1 << 20) + static_cast<int>(what));
  return stream.words<double>({id}, problem);
}

/// 0 ... n - 1 in a random order.
[[nodiscard]] std::vector<std::size_t> drawn_order(std::uint64_t seed, Draw what, std::size_t n,
                                                   std::uint64_t problem);

}  // namespace driftwood::pose
