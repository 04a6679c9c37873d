// SPDX-License-Identifier: BSD-3-Clause
#include "mcmc/check_target.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "base/error.hpp"
#include "mcmc/host_evaluation.hpp"
#include "sde/draw_law.hpp"

namespace driftwood::mcmc {
namespace {

constexpr int most_coordinates = 64;  ///< of each point
constexpr int gradient_points = 3;
constexpr int start_points = 256;

/// The slope of a potential between four points around one, and what it may be off by.
struct Slope {
  double value;
  double doubt;
};

Slope slope_of(const double (&f)[4], double h) {
  const double wide = (f[0] - f[1]) / (2 * h);
  const double narrow = (f[2] - f[3]) / h;
  const double size = std::max({std::abs(f[0]), std::abs(f[1]), 1.0});
  const double rounding = 64 * std::numeric_limits<double>::epsilon() * size / h;
  return {(4 * narrow - wide) / 3, std::abs(narrow - wide) + rounding};
}

/// One point's neighbours along some coordinates: at +-h and +-h / 2.
class Neighbours {
 public:
  explicit Neighbours(std::span<const double> x) : x_(x) {
    const auto dim = static_cast<int>(x.size());
    const int count = std::min(dim, most_coordinates);
    for (int k = 0; k < count; ++k) {
      const int i = static_cast<int>(static_cast<std::int64_t>(dim) * k / count);
      coordinates_.push_back(i);
      for (const double step : {1.0, -1.0, 0.5, -0.5}) {
        points_.insert(points_.end(), x.begin(), x.end());
        points_[points_.size() - x.size() + static_cast<std::size_t>(i)] += step * size(i);
      }
    }
  }

  [[nodiscard]] const std::vector<int>& coordinates() const { return coordinates_; }
  [[nodiscard]] const std::vector<double>& points() const { return points_; }
  /// Of the steps along a coordinate.
  [[nodiscard]] double size(int i) const {
    return 0x1p-10 * std::max(1.0, std::abs(x_[static_cast<std::size_t>(i)]));
  }

 private:
  std::span<const double> x_;
  std::vector<int> coordinates_;
  std::vector<double> points_;
};

}  // namespace

std::vector<double> first_starts(const deck::Distribution& initial, std::uint64_t seed, int chains,
                                 int dim) {
  std::vector<double> out;
  for (int c = 0; c < chains; ++c) {
    const auto id = static_cast<std::uint64_t>(c);
    for (int i = 0; i < dim; ++i) {
      const random::Stream stream(seed, random::Purpose::initial, i);
      const auto words = stream.words<double>(random::Ids<double>{id}, 0);
      out.push_back(sde::drawn_from<double>(initial.kind, initial.first, initial.second, words));
    }
  }
  return out;
}

void check_gradient(const Density& density, std::span<const double> points, double tolerance,
                    const std::vector<std::string>& names) {
  const auto dim = static_cast<std::size_t>(density.dim());
  const HostEvaluation at = evaluate_at(density, points);
  for (std::size_t p = 0; p < at.potentials.size(); ++p) {
    if (!std::isfinite(at.potentials[p])) continue;
    const Neighbours around(points.subspan(p * dim, dim));
    const HostEvaluation there = evaluate_at(density, around.points());
    for (std::size_t k = 0; k < around.coordinates().size(); ++k) {
      const auto i = static_cast<std::size_t>(around.coordinates()[k]);
      const double* const f = &there.potentials[4 * k];
      const Slope slope = slope_of({f[0], f[1], f[2], f[3]}, around.size(static_cast<int>(i)));
      const double gradient = at.gradients[p * dim + i];
      const double size = std::max(std::abs(gradient), std::abs(slope.value));
      if (!std::isfinite(slope.value)) continue;
      if (std::abs(gradient - slope.value) <= tolerance * size + slope.doubt) continue;
      throw NumericsError(
          "the gradient of the target does not go with its density",
          fmt::format("by {} it is {:.9g} at {:.6g}, and finite differences give {:.9g}",
                      names.size() == dim ? names[i] : fmt::format("coordinate {}", i), gradient,
                      points[p * dim + i], slope.value),
          "samplers that trust it would be wrong: mend the target");
    }
  }
}

void check_starts(std::span<const double> potentials) {
  const auto lost = std::count_if(potentials.begin(), potentials.end(),
                                  [](double u) { return !std::isfinite(u); });
  if (lost == 0) return;
  throw NumericsError(fmt::format("{} of {} chains start where the density is 0 or not a number",
                                  lost, potentials.size()),
                      "they could never move", "start elsewhere, by 'chains.initial'");
}

void check_target(const Target& target, const Density& density, const deck::Distribution& initial,
                  std::uint64_t seed) {
  const int dim = density.dim();
  const int starts = std::clamp(1'000'000 / dim, gradient_points, start_points);
  const std::vector<double> x = first_starts(initial, seed, starts, dim);
  check_starts(evaluate_at(density, x).potentials);
  if (target.gradient_tolerance() > 0) {
    const std::size_t some =
        static_cast<std::size_t>(gradient_points) * static_cast<std::size_t>(dim);
    check_gradient(density, std::span(x).first(some), target.gradient_tolerance(),
                   names_of(target.parameters()));
  }
}

}  // namespace driftwood::mcmc
