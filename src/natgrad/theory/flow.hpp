// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <array>
#include <cmath>
#include <complex>
#include <cstddef>
#include <span>
#include <vector>

#include "base/error.hpp"
#include "natgrad/theory/companion.hpp"
#include "natgrad/theory/talbot.hpp"

namespace driftwood::natgrad {

/// The risk of gradient flow that is stopped at time t, with a ridge or without:
///   d theta / dt = P X^T (y - X theta) / n - ridge theta,  theta(0) = 0.
///
/// An estimate takes (1 - exp(-t (s + ridge))) s / (s + ridge) of the direction of eigenvalue s of
/// X P X^T / n. In terms of z = -(s + ridge) mean squares of what it leaves and of the noise are
/// inverse Laplace transforms, of one variable or two:
///   variance(t) = 2 g(t) - g(2t),  g = L^-1[(mu(z) - mu(0) - z) / z^2],
///   bias(t) = L^-1 L^-1[mean[c b(z1) b(z2)] / (z1 z2 (1 - gamma mean[a(z1) a(z2)]))](t, t)
/// with mu(z) as `solve_effective_ridge` of ridge + z, a = tau / (tau + mu) and b = 1 - a. The
/// poles at 0 are what is left at infinity. `tau` and c are those of `Companion`.
///
/// About 1e-8 of absolute error. O(nodes^2 d) time; memory is kept from one `begin` to the next.
class Flow {
 public:
  /// Reads `tau` until the next one. Throws `UsageError` for a time that is not positive or not
  /// finite, and for negative `tau`.
  void begin(std::span<const double> tau, double gamma, double ridge, double time) {
    if (!(time > 0) || !std::isfinite(time) || !(gamma > 0) || !(ridge >= 0)) {
      throw UsageError("time and gamma must be positive and finite, the ridge 0 or positive");
    }
    tau_ = tau;
    per_row_ = gamma / static_cast<double>(tau.size());
    ridge_ = ridge;
    base_ = solve_effective_ridge(tau, gamma, ridge);
    at_once_.resize(tau.size());
    for (std::size_t i = 0; i < tau.size(); ++i) {
      at_once_[i] = tau[i] > 0 ? tau[i] / (tau[i] + base_) : 0;
    }
    variance_ = 2 * excess(time, true) - excess(2 * time, false);
  }

  /// Per unit of noise.
  [[nodiscard]] double variance() const { return variance_; }

  /// `signal` are the c_i of `Companion`.
  [[nodiscard]] double bias(std::span<const double> signal) const {
    double sum = 0;
    for (std::size_t k = 0; k < Talbot::nodes; ++k) {
      sum += pair(signal, k, k);
      for (std::size_t l = 0; l < k; ++l) sum += 2 * pair(signal, k, l);
    }
    return 2 * sum / 25 / static_cast<double>(tau_.size());
  }

  [[nodiscard]] BiasVariance bias_variance(std::span<const double> signal) const {
    return {bias(signal), variance()};
  }

 private:
  using Complex = std::complex<double>;

  /// g(t). Keeps what `bias` needs of the nodes.
  double excess(double time, bool keep) {
    double sum = 0;
    Complex above{};
    Complex slope{};
    for (std::size_t k = 0; k < Talbot::nodes; ++k) {
      const Complex z = rule_.point[k] / time;
      if (k == 0) {
        const double gamma = per_row_ * static_cast<double>(tau_.size());
        above = solve_effective_ridge(tau_, gamma, ridge_ + z.real()) - base_;
      } else {
        above += slope * (z - rule_.point[k - 1] / time);
      }
      const Root root = solve(z, above);
      above = root.above;
      slope = root.slope;
      sum += (rule_.weight[k] * root.excess / (rule_.point[k] * rule_.point[k])).real();
      if (keep) keep_node(k, base_ + above);
    }
    return 2 * time * sum / 5;
  }

  /// mu(z) - mu(0), its derivative, and mu(z) - mu(0) - z without the cancellation.
  struct Root {
    Complex above;
    Complex slope;
    Complex excess;
  };

  /// gamma mean[a(0) a(z)] and gamma mean[a(z)^2]
  [[nodiscard]] std::array<Complex, 2> means(Complex mu) const {
    const auto s = sums_over<4>(tau_.size(), [&](std::size_t i) {
      const double real = tau_[i] + mu.real();
      const double scale = tau_[i] / (real * real + mu.imag() * mu.imag());
      const double re = real * scale;
      const double im = -mu.imag() * scale;
      return std::array{at_once_[i] * re, at_once_[i] * im, re * re - im * im, 2 * re * im};
    });
    return {Complex(s[0], s[1]) * per_row_, Complex(s[2], s[3]) * per_row_};
  }

  /// Newton's method on x (1 - gamma mean[a(0) a(z)]) = z for x = mu(z) - mu(0), from a guess. The
  /// right root is the only one on the side of z; the map x = z + x gamma mean[...] has it as its
  /// limit from anywhere on that side, and is the way where Newton's method leaves it.
  [[nodiscard]] Root solve(Complex z, Complex guess) const {
    constexpr int newton_steps = 50;
    Complex x = guess;
    bool is_newton = true;
    for (int step = 0; step < 20'000; ++step) {
      if (is_newton && (step == newton_steps || !is_on_side(x, z))) {
        is_newton = false;
        x = z;
      }
      const auto [with_base, squares] = means(base_ + x);
      const Complex next = is_newton ? x - (x * (1.0 - with_base) - z) / (1.0 - squares)
                                     : 0.5 * (x + z + x * with_base);
      const double change = std::abs(next - x);
      x = next;
      const double close = is_newton ? 1e-8 : 1e-14;  // Newton's next step would be its square
      if (change <= close * std::abs(x) && is_on_side(x, z)) {
        const auto [at_root, squares_at_root] = means(base_ + x);
        return {x, 1.0 / (1.0 - squares_at_root), x * at_root};
      }
    }
    throw NumericsError("the companion Stieltjes transform was not found off the real axis");
  }

  /// Whether x is as mu(z) - mu(0) must be: above the real axis if z is, positive if z is.
  static bool is_on_side(Complex x, Complex z) {
    return z.imag() > 0 ? x.imag() > 0 : x.real() > 0;
  }

  void keep_node(std::size_t k, Complex mu) {
    const std::size_t d = tau_.size();
    mu_[k] = mu;
    real_.resize(Talbot::nodes * d);
    imaginary_.resize(Talbot::nodes * d);
    for (std::size_t i = 0; i < d; ++i) {
      const double real = tau_[i] + mu.real();
      const double scale = 1 / (real * real + mu.imag() * mu.imag());
      real_[k * d + i] = (mu.real() * real + mu.imag() * mu.imag()) * scale;
      imaginary_[k * d + i] = mu.imag() * tau_[i] * scale;
    }
  }

  /// The share in the bias of two nodes, and of one with the other's conjugate, times d.
  [[nodiscard]] double pair(std::span<const double> signal, std::size_t k, std::size_t l) const {
    const std::size_t d = tau_.size();
    const double* const rk = &real_[k * d];
    const double* const ik = &imaginary_[k * d];
    const double* const rl = &real_[l * d];
    const double* const il = &imaginary_[l * d];
    const auto s = sums_over<8>(d, [&](std::size_t i) {
      const double rr = rk[i] * rl[i];
      const double ii = ik[i] * il[i];
      const double ri = rk[i] * il[i];
      const double ir = ik[i] * rl[i];
      const double c = signal[i];
      const double t = tau_[i] * tau_[i];
      return std::array{c * rr, c * ii, c * ri, c * ir, t * rr, t * ii, t * ri, t * ir};
    });
    const auto share = [&](Complex mu, Complex z, Complex weight, double sign) {
      const Complex c(s[0] - sign * s[1], s[3] + sign * s[2]);
      const Complex t(s[4] - sign * s[5], s[7] + sign * s[6]);
      return (weight * c / (z * (1.0 - per_row_ * t / (mu_[k] * mu)))).real();
    };
    const Complex zk = rule_.point[k];
    const Complex zl = rule_.point[l];
    const Complex wk = rule_.weight[k];
    const Complex wl = rule_.weight[l];
    return share(mu_[l], zk * zl, wk * wl, 1) +
           share(std::conj(mu_[l]), zk * std::conj(zl), wk * std::conj(wl), -1);
  }

  Talbot rule_{};
  std::span<const double> tau_{};
  double per_row_ = 0;  ///< gamma / d
  double ridge_ = 0;
  double base_ = 0;                ///< mu(0)
  std::vector<double> at_once_{};  ///< a(0)
  double variance_ = 0;
  std::array<Complex, Talbot::nodes> mu_{};
  std::vector<double> real_{};  ///< (nodes, d) b at the nodes
  std::vector<double> imaginary_{};
};

}  // namespace driftwood::natgrad
