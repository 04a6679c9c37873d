// SPDX-License-Identifier: BSD-3-Clause
#include "natgrad/network/fisher.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <span>
#include <utility>

#include "base/error.hpp"

namespace driftwood::natgrad {
namespace {

using blas::Form;
using blas::Side;

/// By the Woodbury identity: (g - J^T (J J^T + n damping I)^-1 J g) / damping.
class DualFisher final : public FisherSolver {
 public:
  void refresh(const JacobianRows& rows, double damping) override {
    rows_ = &rows;
    damping_ = damping;
    rows.gram(rows, factor_);
    const double shift = static_cast<double>(rows.samples()) * damping;
    for (std::size_t i = 0; i < factor_.rows(); ++i) factor_(i, i) += shift;
    if (blas::factor(factor_) != 0) {
      throw NumericsError("J J^T + n damping I is singular", "rows are alike, or not finite",
                          "take more damping, or smaller steps");
    }
  }
  void apply(Layers& g) override {
    const std::vector<double> seen = rows_->times(g);
    Dense w(seen.size(), 1);
    std::copy(seen.begin(), seen.end(), w.data());
    blas::solve(Side::left, Form::plain, factor_, w);
    blas::solve(Side::left, Form::transposed, factor_, w);
    rows_->transposed_times(w.column(0), back_);
    add(-1, back_, g);
    scale(1 / damping_, g);
  }

 private:
  const JacobianRows* rows_ = nullptr;
  double damping_ = 0;
  Dense factor_;
  Layers back_;
};

class CgFisher final : public FisherSolver {
 public:
  explicit CgFisher(double tolerance) : tolerance_(tolerance) {}

  void refresh(const JacobianRows& rows, double damping) override {
    rows_ = &rows;
    damping_ = damping;
  }
  void apply(Layers& g) override {
    Layers x = zeros_like(g);
    Layers& residual = g;
    Layers direction = g;
    double square = product(residual, residual);
    const double enough = tolerance_ * tolerance_ * square;
    const auto rows = static_cast<double>(rows_->samples());
    for (int step = 0; square > enough; ++step) {
      if (step == most_steps) {
        throw NumericsError(
            fmt::format("conjugate gradients do not converge in {} steps", most_steps),
            fmt::format("the residual is {:.1e} of the first",
                        tolerance_ * std::sqrt(square / enough)),
            "take more damping, or method = \"dual\"");
      }
      rows_->transposed_times(rows_->times(direction), image_);
      scale(1 / rows, image_);
      add(damping_, direction, image_);
      const double length = square / product(direction, image_);
      add(length, direction, x);
      add(-length, image_, residual);
      const double before = std::exchange(square, product(residual, residual));
      scale(square / before, direction);
      add(1, residual, direction);
    }
    g = std::move(x);
  }

 private:
  static constexpr int most_steps = 5000;

  double tolerance_;
  const JacobianRows* rows_ = nullptr;
  double damping_ = 0;
  Layers image_;
};

/// F of a layer as A (x) S: A of its inputs, S of its signals.
class KroneckerFisher final : public FisherSolver {
 public:
  explicit KroneckerFisher(const FisherKeys& keys) : keys_(keys) {}

  void refresh(const JacobianRows& rows, double damping) override {
    const std::size_t layers = rows.inputs().size();
    factors_.resize(layers);
    // The first factors have nothing before them to be averaged with.
    const double old = is_first_ ? 0 : keys_.average;
    is_first_ = false;
    const double scale = (1 - old) / static_cast<double>(rows.samples());
    for (std::size_t l = 0; l < layers; ++l) {
      Layer& f = factors_[l];
      blas::square(Form::plain, rows.inputs()[l], f.inputs, scale, old);
      for (std::size_t k = 0; k < rows.cotangents(); ++k) {
        blas::square(Form::plain, rows.signals(k)[l], f.signals, scale, k == 0 ? old : 1);
      }
      decompose(f, damping);
    }
  }
  void apply(Layers& g) override {
    for (std::size_t l = 0; l < g.size(); ++l) {
      const Layer& f = factors_[l];
      blas::multiply(Form::transposed, f.signal_vectors, Form::plain, g[l], turned_);
      blas::multiply(Form::plain, turned_, Form::plain, f.input_vectors, g[l]);
      for (std::size_t j = 0; j < g[l].columns(); ++j) {
        for (std::size_t i = 0; i < g[l].rows(); ++i) g[l](i, j) /= f.divisors(i, j);
      }
      blas::multiply(Form::plain, f.signal_vectors, Form::plain, g[l], turned_);
      blas::multiply(Form::plain, turned_, Form::transposed, f.input_vectors, g[l]);
    }
  }

 private:
  struct Layer {
    Dense inputs;   ///< A, its lower triangle
    Dense signals;  ///< S, likewise
    Dense input_vectors;
    Dense signal_vectors;
    Dense divisors;  ///< eigenvalues of what is inverted
  };

  void decompose(Layer& f, double damping) const {
    std::vector<double> a;
    std::vector<double> s;
    f.input_vectors = f.inputs;
    f.signal_vectors = f.signals;
    blas::decompose(f.input_vectors, a);
    blas::decompose(f.signal_vectors, s);
    const auto mean = [](const std::vector<double>& of) {
      double sum = 0;
      for (const double v : of) sum += v;
      return sum / static_cast<double>(of.size());
    };
    for (auto* of : {&a, &s}) {  // rounding may leave a little below 0
      for (double& v : *of) v = std::max(v, 0.0);
    }
    const double pi = mean(s) > 0 && mean(a) > 0 ? std::sqrt(mean(a) / mean(s)) : 1;
    const bool is_exact = keys_.kronecker == KroneckerDamping::exact;
    const double of_inputs = is_exact ? 0 : pi * std::sqrt(damping);
    const double of_signals = is_exact ? 0 : std::sqrt(damping) / pi;
    f.divisors.shape(s.size(), a.size());
    for (std::size_t j = 0; j < a.size(); ++j) {
      for (std::size_t i = 0; i < s.size(); ++i) {
        f.divisors(i, j) = (s[i] + of_signals) * (a[j] + of_inputs) + (is_exact ? damping : 0);
      }
    }
  }

  FisherKeys keys_;
  bool is_first_ = true;
  std::vector<Layer> factors_;
  Dense turned_;
};

}  // namespace

std::unique_ptr<FisherSolver> make_fisher(const FisherKeys& keys) {
  switch (keys.method) {
    case FisherMethod::cg:
      return std::make_unique<CgFisher>(keys.tolerance);
    case FisherMethod::kfac:
      return std::make_unique<KroneckerFisher>(keys);
    default:
      return std::make_unique<DualFisher>();
  }
}

}  // namespace driftwood::natgrad
