// SPDX-License-Identifier: BSD-3-Clause
#include "pose/search/elimination.hpp"

#include <variant>

namespace driftwood::pose {

struct Elimination::Blocks {
  template <int Words>
  using Of = std::vector<Block<float, Words>>;

  std::variant<Of<1>, Of<2>, Of<3>, Of<4>> sizes;
};

Elimination::Elimination(std::span<const Correspondence> all, int block)
    : blocks_(std::make_unique<Blocks>()) {
  if (block <= 64) {
    blocks_->sizes = blocks_of<float, 1>(all);
  } else if (block <= 128) {
    blocks_->sizes = blocks_of<float, 2>(all);
  } else if (block <= 192) {
    blocks_->sizes = blocks_of<float, 3>(all);
  } else {
    blocks_->sizes = blocks_of<float, 4>(all);
  }
}
Elimination::Elimination(Elimination&&) noexcept = default;
Elimination& Elimination::operator=(Elimination&&) noexcept = default;
Elimination::~Elimination() = default;

Survivors Elimination::operator()(const Box<double>& box, int enough) const {
  const RotationBall<float> ball(box);
  return std::visit([&](const auto& blocks) { return survivors_of(blocks, ball, enough); },
                    blocks_->sizes);
}

}  // namespace driftwood::pose
