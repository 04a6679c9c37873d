// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <memory>
#include <span>

#include "pose/bounds/elimination.hpp"

namespace driftwood::pose {

/// `survivors_of` blocks of a size that is known when a problem is, in single precision.
class Elimination {
 public:
  /// As `BoxBounds`.
  Elimination(std::span<const Correspondence> all, int block);
  Elimination(Elimination&&) noexcept;
  Elimination& operator=(Elimination&&) noexcept;
  ~Elimination();

  [[nodiscard]] Survivors operator()(const Box<double>& box, int enough) const;

 private:
  struct Blocks;
  std::unique_ptr<Blocks> blocks_;
};

}  // namespace driftwood::pose
