// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "deck/distribution.hpp"
#include "mcmc/density.hpp"

namespace driftwood::mcmc {

/// The normal law with the same mean and standard deviation of all coordinates x that tempering
/// leads to.
struct Reference {
  double mean = 0;
  double sd = 1;

  /// Of a deck's normal law.
  [[nodiscard]] static Reference of(const deck::Distribution& law) {
    return {law.first, law.second};
  }
};

/// The densities between a reference and a target, of each replica its own: proportional to
/// reference^(1 - beta) target^beta, of positions x = scale stretch z. The replica's beta and
/// stretch are numbers of its own.
class TemperedDensity final : public Density {
 public:
  /// The target lives longer.
  TemperedDensity(const Density& target, const Reference& reference)
      : target_(target), reference_(reference) {}

  [[nodiscard]] int dim() const override { return target_.dim(); }
  [[nodiscard]] const Chart& chart() const override { return target_.chart(); }
  [[nodiscard]] int parameters() const override { return target_.parameters(); }
  void evaluate(const Evaluation& what) const override;

  [[nodiscard]] const Density& target() const { return target_; }
  [[nodiscard]] const Reference& reference() const { return reference_; }

 private:
  const Density& target_;
  Reference reference_;
};

}  // namespace driftwood::mcmc
