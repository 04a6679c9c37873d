// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>
#include <span>

#include "random/normal.hpp"

namespace driftwood::mcmc {

/// The random numbers of one point of a set of points: a pure function of (seed, set, point). No
/// chain has them, as sets count as steps that no chain reaches.
class PointNoise {
 public:
  PointNoise(std::uint64_t seed, std::uint64_t set, std::uint64_t point)
      : seed_(seed), set_(first_set + set), point_(point) {}

  /// Standard normal number i.
  [[nodiscard]] double normal(int i) const;
  /// Uniform on (0, 1), number i.
  [[nodiscard]] double uniform(int i) const;
  /// Of the gamma law of this shape and scale 1, from all uniform numbers and the normals from
  /// number `first` on. Marsaglia and Tsang (2000), "A simple method for generating gamma
  /// variables".
  [[nodiscard]] double gamma(double shape, int first) const;

 private:
  static constexpr std::uint64_t first_set = std::uint64_t{1} << 63;

  std::uint64_t seed_;
  std::uint64_t set_;
  std::uint64_t point_;
};

/// What a target derives from, too, if independent draws from it are simple.
class ExactDraws {
 public:
  virtual ~ExactDraws() = default;

  /// Whether they are as its keys are.
  [[nodiscard]] virtual bool draws_exactly() const { return true; }
  /// Fills all parameters.
  virtual void draw(const PointNoise& noise, std::span<double> theta) const = 0;
};

/// The exact draws of a target; null where there are none.
template <class Target>
[[nodiscard]] const ExactDraws* exact_draws(const Target& target) {
  const auto* const exact = dynamic_cast<const ExactDraws*>(&target);
  return exact != nullptr && exact->draws_exactly() ? exact : nullptr;
}

}  // namespace driftwood::mcmc
