// SPDX-License-Identifier: BSD-3-Clause
#include "sde/neural/networks.hpp"

#include <fmt/format.h>

#include "base/error.hpp"
#include "io/column.hpp"

namespace driftwood::sde {

std::vector<std::string> parameter_names(const NeuralNetworks& networks) {
  std::vector<std::string> out;
  out.reserve(static_cast<std::size_t>(networks.parameters()));
  for (const std::string& name : neural::parameter_names(networks.drift)) {
    out.push_back("drift." + name);
  }
  for (const std::string& name : neural::parameter_names(networks.diffusion)) {
    out.push_back("diffusion." + name);
  }
  return out;
}

std::vector<double> read_parameters(const std::string& file, const std::string& dataset,
                                    const neural::Shape& shape) {
  std::vector<double> out = io::read_column({file, dataset, {}}, "");
  const int count = neural::parameter_count(shape);
  if (std::ssize(out) == count) return out;
  throw Error(
      fmt::format("'{}' of '{}' has shape ({}), and the network has ({})", dataset, file,
                  out.size(), count),
      fmt::format("it takes {}{} numbers and makes {}, by {} hidden layer{} of {}: of each layer "
                  "come its weights, row by row, then its biases",
                  shape.inputs, shape.takes_time ? " + 1" : "", shape.outputs, shape.depth,
                  shape.depth == 1 ? "" : "s", shape.width));
}

}  // namespace driftwood::sde
