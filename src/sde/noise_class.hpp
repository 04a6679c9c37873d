// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "formula/graph.hpp"
#include "sde/calculus.hpp"
#include "sde/equation.hpp"

namespace driftwood::sde {

/// A diffusion matrix as formulas of a graph, one for each entry.
struct DiffusionFormulas {
  const formula::Graph& graph;
  const std::vector<DiffusionEntry>& entries;
  const std::vector<int>& formulas;
  int dim;
  int noise_dim;
};

struct NoiseClass {
  Noise noise;
  std::string reason;  ///< a clause
};

/// A state and parameters to try: increasing numbers give others.
struct Sample {
  double time;
  std::vector<double> varying;
  std::vector<double> fixed;
};
using Sampler = std::function<Sample(int)>;

/// The class of a noise: from which inputs the entries depend on, and for the rest from whether
/// their columns commute, (dg_l/dx) g_k = (dg_k/dx) g_l, at states that `sample` gives. Formulas
/// that are not smooth count as general, as the states might all lie on one side of a kink.
[[nodiscard]] NoiseClass classify(const DiffusionFormulas& diffusion, const Sampler& sample);

}  // namespace driftwood::sde
