// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "neural/shape.hpp"

namespace driftwood::sde {

/// The networks of an equation in R^dim with so many noises. With `is_diagonal` component i has
/// noise i alone, times output i of the diffusion network; else output i noises + k of it is entry
/// (i, k) of the diffusion matrix.
struct NeuralNetworks {
  int dim = 1;
  int noises = 1;
  bool is_diagonal = true;
  neural::Shape drift;
  neural::Shape diffusion;

  [[nodiscard]] int parameters() const {
    return neural::parameter_count(drift) + neural::parameter_count(diffusion);
  }
};

/// "drift.0.weight[3,5]", "diffusion.1.bias[0]", ...: of each parameter of both.
[[nodiscard]] std::vector<std::string> parameter_names(const NeuralNetworks& networks);

/// Parameters of a network from the dataset of its name in an HDF5 file. Throws `Error` that names
/// the file, the dataset, and the shapes found and expected.
[[nodiscard]] std::vector<double> read_parameters(const std::string& file,
                                                  const std::string& dataset,
                                                  const neural::Shape& shape);

}  // namespace driftwood::sde
