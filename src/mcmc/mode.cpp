// SPDX-License-Identifier: BSD-3-Clause
#include "mcmc/mode.hpp"

#include <algorithm>
#include <cmath>
#include <deque>
#include <numeric>
#include <string>
#include <utility>

#include "base/error.hpp"
#include "mcmc/host_evaluation.hpp"

namespace driftwood::mcmc {
namespace {

using Vector = std::vector<double>;

constexpr int most_rounds = 2000;
constexpr std::size_t most_pairs = 20;
/// Square of a gradient, each coordinate in units of the inverse of what curvature alone makes its
/// standard deviation, that is as good as none.
constexpr double good_enough = 1e-8;
constexpr std::size_t together = 64;  ///< coordinates along which curvatures are looked for
/// Points along a line are evaluated together, as they cost hardly more than one.
constexpr double lengths[] = {1.0, 2.0, 0.5, 0.25, 0.1, 1e-2, 1e-4, 1e-7};

double product(const Vector& a, const Vector& b) {
  return std::inner_product(a.begin(), a.end(), b.begin(), 0.0);
}
Vector moved(const Vector& from, double length, const Vector& along) {
  Vector out = from;
  for (std::size_t i = 0; i < out.size(); ++i) out[i] += length * along[i];
  return out;
}

/// How gradients changed with positions: what approximates the inverse of the second derivatives.
class Curvature {
 public:
  void add(const Vector& moved_by, const Vector& changed_by) {
    const double slope = product(moved_by, changed_by);
    if (!(slope > 0)) return;
    pairs_.push_back({moved_by, changed_by, slope});
    if (pairs_.size() > most_pairs) pairs_.pop_front();
  }
  void clear() { pairs_.clear(); }
  [[nodiscard]] bool is_empty() const { return pairs_.empty(); }

  /// The inverse times a gradient; without pairs, this at the length 1.
  [[nodiscard]] Vector solve(Vector g) const {
    std::vector<double> weights;
    for (auto pair = pairs_.rbegin(); pair != pairs_.rend(); ++pair) {
      weights.push_back(product(pair->moved_by, g) / pair->slope);
      g = moved(g, -weights.back(), pair->changed_by);
    }
    const double scale = pairs_.empty() ? 1 / std::sqrt(product(g, g))
                                        : pairs_.back().slope / product(pairs_.back().changed_by,
                                                                        pairs_.back().changed_by);
    for (double& one : g) one *= scale;
    for (const Pair& pair : pairs_) {
      const double weight = weights.back() - product(pair.changed_by, g) / pair.slope;
      weights.pop_back();
      g = moved(g, weight, pair.moved_by);
    }
    return g;
  }

 private:
  struct Pair {
    Vector moved_by;
    Vector changed_by;
    double slope;
  };
  std::deque<Pair> pairs_;
};

/// A density in coordinates y along which it has curvature 1 at x = 0: x = scale y.
class Scaled {
 public:
  explicit Scaled(const Density& density)
      : density_(density), scale_(static_cast<std::size_t>(density.dim()), 1.0) {
    constexpr double step = 1e-4;
    const std::size_t dim = scale_.size();
    const Vector start = evaluate_at(density, Vector(dim)).gradients;
    for (std::size_t first = 0; first < dim; first += together) {
      const std::size_t count = std::min(together, dim - first);
      Vector points(count * dim);
      for (std::size_t k = 0; k < count; ++k) points[k * dim + first + k] = step;
      const HostEvaluation there = evaluate_at(density, points);
      for (std::size_t k = 0; k < count; ++k) {
        const std::size_t i = first + k;
        const double curvature = (there.gradients[k * dim + i] - start[i]) / step;
        if (curvature > 0 && std::isfinite(curvature)) scale_[i] = 1 / std::sqrt(curvature);
      }
    }
  }

  [[nodiscard]] HostEvaluation at(const Vector& points) const {
    HostEvaluation out = evaluate_at(density_, by_scale(points));
    out.gradients = by_scale(std::move(out.gradients));
    return out;
  }
  [[nodiscard]] Anchor at_point(const Vector& y) const {
    const Vector x = by_scale(y);
    const HostEvaluation there = evaluate_at(density_, x);
    return {x, there.potentials[0], there.gradients};
  }

 private:
  [[nodiscard]] Vector by_scale(Vector points) const {
    for (std::size_t i = 0; i < points.size(); ++i) points[i] *= scale_[i % scale_.size()];
    return points;
  }

  const Density& density_;
  Vector scale_;
};

/// The lowest of some points along a line.
Anchor lowest(const Scaled& density, const Vector& from, const Vector& against) {
  Vector points;
  for (const double length : lengths) {
    const Vector point = moved(from, -length, against);
    points.insert(points.end(), point.begin(), point.end());
  }
  const HostEvaluation there = density.at(points);
  std::size_t best = 0;
  for (std::size_t p = 1; p < there.potentials.size(); ++p) {
    const double least = there.potentials[best];
    if (there.potentials[p] < least || !std::isfinite(least)) best = p;
  }
  const auto part = [&](const Vector& all) {
    const auto first = all.begin() + static_cast<std::ptrdiff_t>(best * from.size());
    return Vector(first, first + static_cast<std::ptrdiff_t>(from.size()));
  };
  return {part(points), there.potentials[best], part(there.gradients)};
}

}  // namespace

Anchor mode_of(const Density& density) {
  const Scaled scaled(density);
  const Vector origin(static_cast<std::size_t>(density.dim()));
  const HostEvaluation start = scaled.at(origin);
  Anchor at{origin, start.potentials[0], start.gradients};
  Curvature curvature;
  for (int round = 0; round < most_rounds; ++round) {
    if (product(at.gradient, at.gradient) < good_enough) return scaled.at_point(at.x);
    Anchor next = lowest(scaled, at.x, curvature.solve(at.gradient));
    if (!(next.potential < at.potential)) {
      // Differences are lost in rounding: this is as low as numbers tell.
      if (curvature.is_empty()) return scaled.at_point(at.x);
      curvature.clear();
      continue;
    }
    curvature.add(moved(next.x, -1, at.x), moved(next.gradient, -1, at.gradient));
    at = std::move(next);
  }
  throw NumericsError("the mode of the target was not found",
                      std::to_string(most_rounds) + " steps of a search did not end",
                      "standardise the data, or write 'control_variate = false'");
}

}  // namespace driftwood::mcmc
