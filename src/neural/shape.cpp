// SPDX-License-Identifier: BSD-3-Clause
#include "neural/shape.hpp"

#include <array>

namespace driftwood::neural {
namespace {

constexpr std::array<std::string_view, 6> names = {"identity", "tanh",  "sigmoid",
                                                   "softplus", "swish", "lipswish"};

}  // namespace

std::string_view to_string(Activation activation) {
  return names[static_cast<std::size_t>(activation)];
}

std::optional<Activation> activation_named(std::string_view name) {
  for (std::size_t a = 0; a < names.size(); ++a) {
    if (names[a] == name) return static_cast<Activation>(a);
  }
  return std::nullopt;
}

std::vector<std::string> parameter_names(const Shape& shape) {
  std::vector<std::string> out;
  out.reserve(static_cast<std::size_t>(parameter_count(shape)));
  for (int l = 0; l < layers(shape); ++l) {
    const std::string layer = std::to_string(l);
    for (int o = 0; o < layer_outputs(shape, l); ++o) {
      for (int i = 0; i < layer_columns(shape, l); ++i) {
        out.push_back(layer + ".weight[" + std::to_string(o) + "," + std::to_string(i) + "]");
      }
    }
    for (int o = 0; o < layer_outputs(shape, l); ++o) {
      out.push_back(layer + ".bias[" + std::to_string(o) + "]");
    }
  }
  return out;
}

}  // namespace driftwood::neural
