// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <memory>
#include <span>

#include "pose/geometry/box.hpp"
#include "pose/geometry/residual.hpp"

namespace driftwood::benchmarks {

/// What the launch of bounds computes, of one box after the other and one pair after the other, in
/// single precision and blocks of 64; compiled without vectors. Nothing is allocated per box.
class ScalarBounds {
 public:
  explicit ScalarBounds(std::span<const pose::Correspondence> all);
  ~ScalarBounds();

  void h_index(std::span<const pose::BoxKey> boxes, std::span<int> bounds) const;
  void core(std::span<const pose::BoxKey> boxes, std::span<int> bounds) const;

 private:
  struct Blocks;
  std::unique_ptr<Blocks> blocks_;
};

}  // namespace driftwood::benchmarks
