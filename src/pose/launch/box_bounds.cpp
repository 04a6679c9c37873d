// SPDX-License-Identifier: BSD-3-Clause
#include "pose/launch/box_bounds.hpp"
#include "pose/bounds/block.hpp"
namespace driftwood::pose {
struct BoxBounds::Launches { std::vector<Block<float, 4>> blocks; int n; int b; };
BoxBounds::BoxBounds(std::span<const Correspondence> all, int block) : launches_(new Launches) {
  launches_->n = static_cast<int>(all.size()); launches_->b = block;
  for (std::size_t at = 0; at < all.size(); at += static_cast<std::size_t>(block))
    launches_->blocks.emplace_back(all.subspan(at, std::min<std::size_t>(static_cast<std::size_t>(block), all.size() - at)));
}
BoxBounds::BoxBounds(BoxBounds&&) noexcept = default;
BoxBounds& BoxBounds::operator=(BoxBounds&&) noexcept = default;
BoxBounds::~BoxBounds() = default;
void BoxBounds::h_index(std::span<const BoxKey> boxes, int, std::span<int> bounds) {
  for (std::size_t k = 0; k < boxes.size(); ++k) {
    const RotationBall<float> ball(box_of<double>(boxes[k])); bounds[k] = 0;
    for (auto& b : launches_->blocks) bounds[k] += pose::h_index(b.consistent(ball));
  }
}
void BoxBounds::core(std::span<const BoxKey> boxes, int, std::span<int> bounds) {
  for (std::size_t k = 0; k < boxes.size(); ++k) {
    const RotationBall<float> ball(box_of<double>(boxes[k])); bounds[k] = 0;
    for (auto& b : launches_->blocks) bounds[k] += last_core(b.consistent(ball)).bound;
  }
}
std::vector<char> BoxBounds::core_members(BoxKey box) {
  const RotationBall<float> ball(box_of<double>(box));
  std::vector<char> out;
  for (auto& b : launches_->blocks) { auto c = last_core(b.consistent(ball)); for (int i = 0; i < b.size(); ++i) out.push_back(c.vertices.has(i)); }
  return out;
}
int BoxBounds::size() const { return launches_->n; }
int BoxBounds::block() const { return launches_->b; }
std::size_t BoxBounds::bytes() const { return 0; }
}
