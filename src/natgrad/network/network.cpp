// SPDX-License-Identifier: BSD-3-Clause
#include "natgrad/network/network.hpp"

#include <algorithm>

namespace driftwood::natgrad {
namespace {

using blas::Form;

/// (gain h, 1) as the next layer takes it.
void fill_inputs(const Architecture& of, std::size_t layer, const Dense& h, Dense& to) {
  to.shape(of.inputs(layer), h.columns());
  const double gain = of.gain(layer);
  for (std::size_t i = 0; i < h.columns(); ++i) {
    const auto from = h.column(i);
    const auto at = to.column(i);
    for (std::size_t j = 0; j < from.size(); ++j) at[j] = gain * from[j];
    if (of.has_biases) at.back() = 1;
  }
}

/// Columns [first, first + count).
Dense columns_of(const Dense& x, std::size_t first, std::size_t count) {
  Dense out(x.rows(), count);
  std::copy_n(x.data() + first * x.rows(), x.rows() * count, out.data());
  return out;
}

double square_of(std::span<const double> x) {
  double sum = 0;
  for (const double v : x) sum += v * v;
  return sum;
}

}  // namespace

Dense columns_of(const Dense& x, std::span<const std::size_t> which) {
  Dense out(x.rows(), which.size());
  for (std::size_t i = 0; i < which.size(); ++i) {
    const auto from = x.column(which[i]);
    std::copy(from.begin(), from.end(), out.column(i).begin());
  }
  return out;
}

std::size_t Architecture::parameters() const {
  std::size_t out = 0;
  for (std::size_t l = 0; l < layers(); ++l) out += widths[l + 1] * inputs(l);
  return out;
}

Layers Architecture::zeros() const {
  Layers out;
  for (std::size_t l = 0; l < layers(); ++l) {
    Dense& w = out.emplace_back(widths[l + 1], inputs(l));
    std::fill_n(w.data(), w.rows() * w.columns(), 0.0);
  }
  return out;
}

void forward(const Architecture& of, const Layers& theta, const Dense& x, Pass& to) {
  to.inputs.resize(of.layers());
  to.slopes.resize(of.layers() - 1);
  fill_inputs(of, 0, x, to.inputs[0]);
  Dense z;
  for (std::size_t l = 0; l + 1 < of.layers(); ++l) {
    blas::multiply(Form::plain, theta[l], Form::plain, to.inputs[l], z);
    Dense& slopes = to.slopes[l];
    slopes.shape(z.rows(), z.columns());
    for (std::size_t i = 0; i < z.rows() * z.columns(); ++i) {
      const Activated a = activated(of.activation, z.data()[i]);
      z.data()[i] = a.value;
      slopes.data()[i] = a.slope;
    }
    fill_inputs(of, l + 1, z, to.inputs[l + 1]);
  }
  blas::multiply(Form::plain, theta.back(), Form::plain, to.inputs.back(), to.outputs);
}

void backward(const Architecture& of, const Layers& theta, const Pass& pass, const Dense& cotangent,
              std::vector<Dense>& signals) {
  signals.resize(of.layers());
  signals.back() = cotangent;
  Dense back;
  for (std::size_t l = of.layers() - 1; l > 0; --l) {
    blas::multiply(Form::transposed, theta[l], Form::plain, signals[l], back);
    const Dense& slopes = pass.slopes[l - 1];
    Dense& to = signals[l - 1];
    to.shape(slopes.rows(), slopes.columns());
    const double gain = of.gain(l);
    for (std::size_t i = 0; i < to.columns(); ++i) {
      for (std::size_t j = 0; j < to.rows(); ++j) to(j, i) = gain * back(j, i) * slopes(j, i);
    }
  }
}

void gradient(const Pass& pass, const std::vector<Dense>& signals, Layers& to) {
  to.resize(signals.size());
  for (std::size_t l = 0; l < signals.size(); ++l) {
    blas::multiply(Form::plain, signals[l], Form::transposed, pass.inputs[l], to[l]);
  }
}

JacobianRows::JacobianRows(const Architecture& of, const Layers& theta, const Pass& pass,
                           const std::vector<Dense>& cotangents)
    : samples_(pass.outputs.columns()), parameters_(of.parameters()), inputs_(pass.inputs) {
  for (const Dense& cotangent : cotangents) {
    backward(of, theta, pass, cotangent, signals_.emplace_back());
  }
}

JacobianRows::JacobianRows(const Architecture& of, const Layers& theta, const Pass& pass)
    : JacobianRows(of, theta, pass, [&] {
        std::vector<Dense> units;
        for (std::size_t k = 0; k < pass.outputs.rows(); ++k) {
          Dense& unit = units.emplace_back(pass.outputs.rows(), pass.outputs.columns());
          for (std::size_t i = 0; i < unit.columns(); ++i) {
            for (std::size_t j = 0; j < unit.rows(); ++j) unit(j, i) = j == k ? 1 : 0;
          }
        }
        return units;
      }()) {}

std::vector<double> JacobianRows::times(const Layers& direction) const {
  std::vector<double> out(rows(), 0.0);
  Dense moved;
  for (std::size_t l = 0; l < inputs_.size(); ++l) {
    blas::multiply(Form::plain, direction[l], Form::plain, inputs_[l], moved);
    for (std::size_t k = 0; k < signals_.size(); ++k) {
      for (std::size_t i = 0; i < samples_; ++i) {
        const auto signal = signals_[k][l].column(i);
        const auto step = moved.column(i);
        double sum = 0;
        for (std::size_t j = 0; j < signal.size(); ++j) sum += signal[j] * step[j];
        out[k * samples_ + i] += sum;
      }
    }
  }
  return out;
}

void JacobianRows::transposed_times(std::span<const double> w, Layers& to) const {
  to.resize(inputs_.size());
  Dense weighted;
  for (std::size_t l = 0; l < inputs_.size(); ++l) {
    for (std::size_t k = 0; k < signals_.size(); ++k) {
      weighted = signals_[k][l];
      for (std::size_t i = 0; i < samples_; ++i) {
        for (double& v : weighted.column(i)) v *= w[k * samples_ + i];
      }
      blas::multiply(Form::plain, weighted, Form::transposed, inputs_[l], to[l], 1, k == 0 ? 0 : 1);
    }
  }
}

void JacobianRows::gram(const JacobianRows& other, Dense& to) const {
  to.shape(rows(), other.rows());
  constexpr std::size_t tile = 512;  // columns, which bounds what products take for a while
  Dense alike;
  Dense near;
  for (std::size_t first = 0; first < other.samples_; first += tile) {
    const std::size_t count = std::min(tile, other.samples_ - first);
    for (std::size_t l = 0; l < inputs_.size(); ++l) {
      blas::multiply(Form::transposed, inputs_[l], Form::plain,
                     columns_of(other.inputs_[l], first, count), alike);
      for (std::size_t m = 0; m < other.signals_.size(); ++m) {
        const Dense signals = columns_of(other.signals_[m][l], first, count);
        for (std::size_t k = 0; k < signals_.size(); ++k) {
          blas::multiply(Form::transposed, signals_[k][l], Form::plain, signals, near);
          for (std::size_t j = 0; j < count; ++j) {
            const auto at =
                to.column(m * other.samples_ + first + j).subspan(k * samples_, samples_);
            for (std::size_t i = 0; i < samples_; ++i) {
              const double product = near(i, j) * alike(i, j);
              at[i] = l == 0 ? product : at[i] + product;
            }
          }
        }
      }
    }
  }
}

double JacobianRows::mean_eigenvalue() const {
  double sum = 0;
  for (std::size_t l = 0; l < inputs_.size(); ++l) {
    for (std::size_t i = 0; i < samples_; ++i) {
      const double input = square_of(inputs_[l].column(i));
      for (const auto& signals : signals_) sum += input * square_of(signals[l].column(i));
    }
  }
  return sum / (static_cast<double>(samples_) * static_cast<double>(parameters_));
}

Dense JacobianRows::stored() const {
  Dense out(rows(), parameters_);
  std::size_t column = 0;
  for (std::size_t l = 0; l < inputs_.size(); ++l) {
    const std::size_t width = signals_.front()[l].rows();
    for (std::size_t b = 0; b < inputs_[l].rows(); ++b) {
      for (std::size_t a = 0; a < width; ++a, ++column) {
        for (std::size_t k = 0; k < signals_.size(); ++k) {
          for (std::size_t i = 0; i < samples_; ++i) {
            out(k * samples_ + i, column) = signals_[k][l](a, i) * inputs_[l](b, i);
          }
        }
      }
    }
  }
  return out;
}

}  // namespace driftwood::natgrad
