// SPDX-License-Identifier: BSD-3-Clause
/// A model that Driftwood does not know, integrated with an installed Driftwood. Exits 1 unless the
/// ensemble mean agrees with that of the Euler-Maruyama recursion, which is known exactly.
#include <cmath>
#include <cstdint>
#include <iostream>

#include "damped_oscillator.hpp"
#include "sde/ensemble.hpp"
#include "sde/launch/field_model.hpp"

namespace {
using namespace driftwood;

constexpr std::int64_t steps = 200;
constexpr double end = 4.0;
constexpr double h = end / steps;

struct Estimate {
  double mean;
  double standard_error;
};

/// Mean displacement at the end, over 4 blocks of paths that start at rest from x = 1.
Estimate simulate(const sde::Model& model) {
  constexpr std::int64_t blocks = 4;
  constexpr std::int64_t paths = blocks * stats::block_paths;
  sde::Ensemble ensemble(
      model.propagator("euler_maruyama", sde::Precision::double_, {end, steps, 11, paths}),
      {.components = 2}, paths, blocks);
  ensemble.start({0, blocks});
  ensemble.advance({0, steps});
  ensemble.observe(end);
  ensemble.fetch();

  double sum = 0;
  double squares = 0;
  for (const double x : ensemble.values(0)) {
    sum += x;
    squares += x * x;
  }
  const double mean = sum / paths;
  return {mean, std::sqrt((squares / paths - mean * mean) / (paths - 1))};
}

/// The mean of the same recursion, in which noise has no part.
double mean_of_the_recursion(const DampedOscillator& field) {
  double x = 1;
  double v = 0;
  for (std::int64_t n = 0; n < steps; ++n) {
    const double acceleration = -field.stiffness * x - field.damping * v;
    x += v * h;
    v += acceleration * h;
  }
  return x;
}
}  // namespace

int main() {
  const Kokkos::ScopeGuard kokkos;
  const sde::FieldModel<DampedOscillator> model({1.0, 0.0});

  const Estimate estimate = simulate(model);
  const double expected = mean_of_the_recursion(DampedOscillator{});

  std::cout << "mean displacement " << estimate.mean << " +- " << estimate.standard_error
            << ", expected " << expected << '\n';
  const bool agrees = std::abs(estimate.mean - expected) < 5 * estimate.standard_error;
  return agrees && estimate.standard_error > 0 ? 0 : 1;
}
