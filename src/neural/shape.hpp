// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace driftwood::neural {

/// What follows a layer's sums, number by number.
enum class Activation {
  identity,
  tanh,
  sigmoid,   ///< 1 / (1 + exp(-x))
  softplus,  ///< log(1 + exp(x))
  swish,     ///< x sigmoid(x)
  lipswish,  ///< 0.909 x sigmoid(x), whose slope is between -1 and 1
};
[[nodiscard]] std::string_view to_string(Activation activation);
[[nodiscard]] std::optional<Activation> activation_named(std::string_view name);

/// A multilayer perceptron: `depth` hidden layers of `width` numbers, then a layer of `outputs`.
/// With `takes_time` the first layer has one more input, the last, which is the time.
struct Shape {
  int inputs = 1;  ///< without the time
  int outputs = 1;
  int depth = 1;
  int width = 1;
  Activation hidden = Activation::tanh;
  Activation output = Activation::identity;
  bool takes_time = false;

  bool operator==(const Shape&) const = default;
};

// All are constexpr, so that kernels may call them too.

[[nodiscard]] constexpr int layers(const Shape& shape) { return shape.depth + 1; }
/// Numbers that layer l makes.
[[nodiscard]] constexpr int layer_outputs(const Shape& shape, int l) {
  return l == shape.depth ? shape.outputs : shape.width;
}
/// Numbers that layer l takes from the one before, without the time.
[[nodiscard]] constexpr int layer_inputs(const Shape& shape, int l) {
  return l == 0 ? shape.inputs : shape.width;
}
/// Columns of the weights of layer l.
[[nodiscard]] constexpr int layer_columns(const Shape& shape, int l) {
  return layer_inputs(shape, l) + (l == 0 && shape.takes_time ? 1 : 0);
}
[[nodiscard]] constexpr Activation layer_activation(const Shape& shape, int l) {
  return l == shape.depth ? shape.output : shape.hidden;
}

/// The parameters are one array: of each layer its weights (outputs x columns, row by row), then
/// its biases.
[[nodiscard]] constexpr int layer_parameters(const Shape& shape, int l) {
  return layer_outputs(shape, l) * (layer_columns(shape, l) + 1);
}
/// Where the weights of layer l begin, and where its biases.
[[nodiscard]] constexpr int weights_begin(const Shape& shape, int l) {
  return l == 0 ? 0 : layer_parameters(shape, 0) + (l - 1) * shape.width * (shape.width + 1);
}
[[nodiscard]] constexpr int biases_begin(const Shape& shape, int l) {
  return weights_begin(shape, l) + layer_outputs(shape, l) * layer_columns(shape, l);
}
[[nodiscard]] constexpr int parameter_count(const Shape& shape) {
  return weights_begin(shape, shape.depth) + layer_parameters(shape, shape.depth);
}

/// What each parameter is, "0.weight[3,5]" (layer, output, column) or "0.bias[2]", in their order.
[[nodiscard]] std::vector<std::string> parameter_names(const Shape& shape);

}  // namespace driftwood::neural
