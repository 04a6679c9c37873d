// SPDX-License-Identifier: BSD-3-Clause
#include "pose/search/rotation_problem.hpp"

#include <algorithm>

namespace driftwood::pose {
namespace {

using Reached = bnb::Candidate<std::int64_t, Rotation<double>>;

/// The best of the rotations that turn the z axis to `p`.
Reached best_onto(const Vec3<double>& p, std::span<const Correspondence> all) {
  const Rotation<double> best = rotation_onto(p, most_caps(p, {0, 1}, all).at);
  return {inliers({best, {}}, all), best};
}

bool comes_before(const Rotation<double>& a, const Rotation<double>& b) {
  return std::lexicographical_compare(&a.data[0][0], &a.data[0][0] + 9, &b.data[0][0],
                                      &b.data[0][0] + 9);
}

}  // namespace

static_assert(bnb::Problem<RotationProblem>);
static_assert(bnb::Problem<SweptRotationProblem>);

std::vector<Correspondence> directions_of(std::span<const Correspondence> all) {
  std::vector<Correspondence> out;
  for (const Correspondence& c : all) {
    if (norm(c.point) > 0) out.push_back({normalised(c.point), c.bearing, c.threshold});
  }
  return out;
}

void RotationProblem::evaluate(std::span<Node> batch, Value) {
  for (Node& node : batch) {
    const RotationBall<double> ball(node.box());
    std::int32_t count = 0;
    for (const Correspondence& c : all_) {
      const double along = dot(c.bearing, rotated(ball.middle, c.point));
      count += cap_margin(along, angle_of(c.threshold), ball.slack) >= 0 ? 1 : 0;
    }
    node.bound = std::min(node.bound, count);
  }
}

std::optional<Reached> RotationProblem::try_improve(const Node& node) const {
  const Rotation<double> middle = rotation_of(node.box().middle());
  return best_onto(rotated(middle, {0, 0, 1}), all_);
}

bool RotationProblem::prefers(const Payload& a, const Payload& b) const {
  return comes_before(a, b);
}

std::vector<SweptRotationProblem::Node> SweptRotationProblem::roots() const {
  std::vector<Node> out;
  for (int face = 0; face < SphereKey::faces; ++face) {
    out.push_back({SphereKey::face(face).word, static_cast<std::int32_t>(all_.size())});
  }
  return out;
}

void SweptRotationProblem::children(const Node& node, std::vector<Node>& out) const {
  for (int part = 0; part < 4; ++part) out.push_back({node.key().child(part).word, node.bound});
}

void SweptRotationProblem::evaluate(std::span<Node> batch, Value) {
  for (Node& node : batch) {
    const SphereCell cell = node.key().cell();
    node.bound = std::min(node.bound, most_caps(cell.middle(), cell.radius(), all_).count);
  }
}

bool SweptRotationProblem::goes_first(const Node& a, const Node& b) const {
  const int level_a = a.key().level();
  const int level_b = b.key().level();
  return level_a != level_b ? level_a < level_b : a.word < b.word;
}

std::optional<Reached> SweptRotationProblem::try_improve(const Node& node) const {
  return best_onto(node.key().cell().middle(), all_);
}

bool SweptRotationProblem::prefers(const Payload& a, const Payload& b) const {
  return comes_before(a, b);
}

}  // namespace driftwood::pose
