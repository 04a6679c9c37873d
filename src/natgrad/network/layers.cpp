// SPDX-License-Identifier: BSD-3-Clause
#include "natgrad/network/layers.hpp"

#include <algorithm>
#include <array>

#include "natgrad/theory/sums.hpp"

namespace driftwood::natgrad {
namespace {

std::size_t entries(const Dense& x) { return x.rows() * x.columns(); }

}  // namespace

void add(double a, const Layers& x, Layers& to) {
  for (std::size_t l = 0; l < x.size(); ++l) {
    const double* const from = x[l].data();
    double* const at = to[l].data();
    for (std::size_t i = 0; i < entries(x[l]); ++i) at[i] += a * from[i];
  }
}

void scale(double a, Layers& to) {
  for (Dense& layer : to) {
    double* const at = layer.data();
    for (std::size_t i = 0; i < entries(layer); ++i) at[i] *= a;
  }
}

double product(const Layers& a, const Layers& b) {
  double sum = 0;
  for (std::size_t l = 0; l < a.size(); ++l) {
    const double* const x = a[l].data();
    const double* const y = b[l].data();
    sum += sums_over<1>(entries(a[l]), [&](std::size_t i) { return std::array{x[i] * y[i]}; })[0];
  }
  return sum;
}

Layers zeros_like(const Layers& x) {
  Layers out;
  for (const Dense& layer : x) {
    Dense& zeros = out.emplace_back(layer.rows(), layer.columns());
    std::fill_n(zeros.data(), entries(zeros), 0.0);
  }
  return out;
}

std::size_t size_of(const Layers& x) {
  std::size_t out = 0;
  for (const Dense& layer : x) out += entries(layer);
  return out;
}

}  // namespace driftwood::natgrad
