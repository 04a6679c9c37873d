// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "natgrad/ensemble/blas.hpp"
#include "natgrad/network/activation.hpp"
#include "natgrad/network/layers.hpp"

namespace driftwood::natgrad {

/// A multilayer perceptron: z_l = gain_l W_l h_(l-1) + b_l, h_l = activation(z_l), and the last z
/// is its output.
struct Architecture {
  std::vector<std::size_t> widths;  ///< of the input, of hidden layers, of the output
  Activation activation = Activation::tanh;
  std::vector<double> gains{};  ///< of layers; none: all are 1
  bool has_biases = true;

  [[nodiscard]] std::size_t layers() const { return widths.size() - 1; }
  [[nodiscard]] double gain(std::size_t layer) const { return gains.empty() ? 1 : gains[layer]; }
  /// Columns of the matrix of a layer: (W_l, b_l).
  [[nodiscard]] std::size_t inputs(std::size_t layer) const {
    return widths[layer] + (has_biases ? 1 : 0);
  }
  [[nodiscard]] std::size_t parameters() const;
  /// Matrices (W_l, b_l) of zeros.
  [[nodiscard]] Layers zeros() const;
};

/// Some samples, each a column.
[[nodiscard]] Dense columns_of(const Dense& x, std::span<const std::size_t> which);

/// What a network makes of samples, one a column.
struct Pass {
  std::vector<Dense> inputs;  ///< (inputs(l), n) of each layer: (gain_l h_(l-1), 1)
  std::vector<Dense> slopes;  ///< (width, n) of the activations of each hidden layer
  Dense outputs;              ///< (outputs, n)
};

/// Samples x (inputs, n) go through the network. Three products of matrices a layer, here and back.
void forward(const Architecture& of, const Layers& theta, const Dense& x, Pass& to);

/// Signals: derivatives of sum_i cotangent_i^T f(x_i) with respect to z_l of each sample, (width,
/// n) of each layer.
void backward(const Architecture& of, const Layers& theta, const Pass& pass, const Dense& cotangent,
              std::vector<Dense>& signals);

/// The gradient of that sum with respect to the parameters.
void gradient(const Pass& pass, const std::vector<Dense>& signals, Layers& to);

/// Rows of a Jacobian, never stored: row k n + i is sum_l signal_l a_l^T of sample i and cotangent
/// k, and every product with all rows is one of matrices.
class JacobianRows {
 public:
  /// Of cotangents k = 0, 1, ... of each output, each (outputs, n).
  JacobianRows(const Architecture& of, const Layers& theta, const Pass& pass,
               const std::vector<Dense>& cotangents);
  /// Rows of f itself where there is one output.
  JacobianRows(const Architecture& of, const Layers& theta, const Pass& pass);

  [[nodiscard]] std::size_t samples() const { return samples_; }
  [[nodiscard]] std::size_t rows() const { return samples_ * signals_.size(); }
  [[nodiscard]] std::size_t parameters() const { return parameters_; }
  /// Signals of a cotangent, (width, n) of each layer, and inputs of layers.
  [[nodiscard]] const std::vector<Dense>& signals(std::size_t cotangent) const {
    return signals_[cotangent];
  }
  [[nodiscard]] std::size_t cotangents() const { return signals_.size(); }
  [[nodiscard]] const std::vector<Dense>& inputs() const { return inputs_; }

  /// J d.
  [[nodiscard]] std::vector<double> times(const Layers& direction) const;
  /// J^T w, into matrices of these shapes.
  void transposed_times(std::span<const double> w, Layers& to) const;
  /// J J_other^T.
  void gram(const JacobianRows& other, Dense& to) const;
  /// Of J J^T / (rows of samples x parameters): the mean eigenvalue of J^T J / n.
  [[nodiscard]] double mean_eigenvalue() const;
  /// The rows themselves, (rows, parameters): layer by layer, by columns.
  [[nodiscard]] Dense stored() const;

 private:
  std::size_t samples_;
  std::size_t parameters_;
  std::vector<Dense> inputs_;
  std::vector<std::vector<Dense>> signals_;
};

}  // namespace driftwood::natgrad
