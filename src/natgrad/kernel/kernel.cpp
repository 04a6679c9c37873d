// SPDX-License-Identifier: BSD-3-Clause
#include "natgrad/kernel/kernel.hpp"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <numbers>
#include <numeric>

#include "base/error.hpp"
#include "base/math.hpp"

namespace driftwood::natgrad {
namespace {

constexpr double pi = std::numbers::pi;

/// Below this part of what is subtracted, a squared distance (or sine) made of inner products has
/// lost too many digits, and is made of the rows themselves.
constexpr double cancelled = 1e-4;

double squared_distance(std::span<const double> x, std::span<const double> y) {
  double sum = 0;
  for (std::size_t k = 0; k < x.size(); ++k) sum += (x[k] - y[k]) * (x[k] - y[k]);
  return sum;
}

double absolute_distance(std::span<const double> x, std::span<const double> y) {
  double sum = 0;
  for (std::size_t k = 0; k < x.size(); ++k) sum += std::abs(x[k] - y[k]);
  return sum;
}

double inner_product(std::span<const double> x, std::span<const double> y) {
  return std::inner_product(x.begin(), x.end(), y.begin(), 0.0);
}

/// exp(-x^2 / 2) and its kind, of a squared distance in lengths.
struct OfSquare {
  Kernel::Kind kind;

  template <class R>
  [[nodiscard]] R operator()(const R& square) const {
    if (kind == Kernel::Kind::rbf) return math::exp(R(-0.5) * square);
    const R r = sqrt(square);
    if (kind == Kernel::Kind::matern12) return math::exp(R(0) - r);
    if (kind == Kernel::Kind::matern32) {
      const R s = R(std::numbers::sqrt3) * r;
      return (R(1) + s) * math::exp(R(0) - s);
    }
    const R s = R(2.2360679774997896964) * r;  // sqrt 5
    return fma(s, fma(s, R(1.0 / 3.0), R(1)), R(1)) * math::exp(R(0) - s);
  }
};

/// f of each value, in packs.
template <class F>
void map(std::span<double> values, const F& f) {
  using R = Lane<double>;
  constexpr std::size_t width = width_of<R>;
  std::size_t i = 0;
  for (; i + width <= values.size(); i += width) {
    store_lanes(&values[i], f(load<R>(&values[i])));
  }
  for (; i < values.size(); ++i) values[i] = f(values[i]);
}

/// 1 + 2 sum_m cos(2 pi m t) / m^(2 s) = 1 + (-1)^(s+1) (2 pi)^(2 s) B_2s(t) / (2 s)!, 0 <= t < 1.
double periodic(int s, double t) {
  const double u = t * (t - 1);  // B_2s(t) is a polynomial in it
  constexpr double square = 4 * pi * pi;
  if (s == 1) return 1 + square / 2 * (u + 1.0 / 6);
  if (s == 2) return 1 - square * square / 24 * (u * u - 1.0 / 30);
  if (s == 3) return 1 + square * square * square / 720 * (u * u * (u - 0.5) + 1.0 / 42);
  return 1 - square * square * square * square / 40320 *
                 (u * u * (u * (u - 4.0 / 3) + 2.0 / 3) - 1.0 / 30);
}

double on_torus(const Kernel& of, std::span<const double> x, std::span<const double> y) {
  double product = 1;
  for (std::size_t k = 0; k < x.size(); ++k) {
    const double t = (x[k] - y[k]) / of.length;
    product *= periodic(of.degree, t - std::floor(t));
  }
  return product;
}

/// The part of (y, c) at right angles to (x, c), where that is a small one.
double distance_from_line(std::span<const double> x, std::span<const double> y, double c,
                          double along) {
  double sum = (c - along * c) * (c - along * c);
  for (std::size_t k = 0; k < x.size(); ++k) {
    const double rest = y[k] - along * x[k];
    sum += rest * rest;
  }
  return std::sqrt(sum);
}

/// Of two rows with squares of lengths xx, yy and inner product xy, offsets included.
double of_angle(const Kernel& of, std::span<const double> x, std::span<const double> y, double xx,
                double yy, double xy) {
  const double lengths = std::sqrt(xx * yy);
  if (!(lengths > 0)) {
    // J_0 of no angle: what rows of zeros have in common with others is nothing.
    return 0;
  }
  const double cross = xx * yy - xy * xy;
  const double sine = cross < cancelled * xx * yy
                          ? std::sqrt(xx) * distance_from_line(x, y, of.offset, xy / xx)
                          : std::sqrt(cross);
  const double theta = std::atan2(sine, xy);
  const double sin_theta = sine / lengths;
  const double cos_theta = xy / lengths;
  const double j0 = pi - theta;
  const double j1 = sin_theta + j0 * cos_theta;
  if (of.kind == Kernel::Kind::ntk) return (xy * j0 + lengths * j1) / pi;
  if (of.degree == 0) return j0 / pi;
  if (of.degree == 1) return lengths * j1 / pi;
  return lengths * lengths * (3 * sin_theta * cos_theta + j0 * (1 + 2 * cos_theta * cos_theta)) /
         pi;
}

double power(double x, int degree) {
  double out = 1;
  for (int k = 0; k < degree; ++k) out *= x;
  return out;
}

/// Of the rows of one tile.
struct Rows {
  const Dense& a;
  const Dense& b;
  std::span<const double> a_squares;
  std::span<const double> b_squares;
};

/// Inner products become squared distances over length^2.
void to_squared_distances(const Rows& rows, double length, Dense& tile) {
  const double scale = 1 / (length * length);
  for (std::size_t j = 0; j < tile.columns(); ++j) {
    const auto column = tile.column(j);
    for (std::size_t i = 0; i < column.size(); ++i) {
      const double both = rows.a_squares[i] + rows.b_squares[j];
      double square = both - 2 * column[i];
      if (square < cancelled * both) square = squared_distance(rows.a.column(i), rows.b.column(j));
      column[i] = square * scale;
    }
  }
}

template <class F>
void of_pairs(const Rows& rows, Dense& tile, const F& f) {
  for (std::size_t j = 0; j < tile.columns(); ++j) {
    for (std::size_t i = 0; i < tile.rows(); ++i) {
      tile(i, j) = f(rows.a.column(i), rows.b.column(j));
    }
  }
}

void of_angles(const Kernel& kernel, const Rows& rows, Dense& tile) {
  const double c = kernel.offset * kernel.offset;
  for (std::size_t j = 0; j < tile.columns(); ++j) {
    for (std::size_t i = 0; i < tile.rows(); ++i) {
      tile(i, j) = of_angle(kernel, rows.a.column(i), rows.b.column(j), rows.a_squares[i] + c,
                            rows.b_squares[j] + c, tile(i, j) + c);
    }
  }
}

void fill_tile(const Kernel& kernel, const Rows& rows, Dense& tile) {
  using Kind = Kernel::Kind;
  if (kernel.kind == Kind::laplace || kernel.kind == Kind::torus_sobolev) {
    tile.shape(rows.a.columns(), rows.b.columns());
    of_pairs(rows, tile, kernel);
    return;
  }
  blas::multiply(blas::Form::transposed, rows.a, blas::Form::plain, rows.b, tile);
  const std::span<double> values(tile.data(), tile.rows() * tile.columns());
  if (kernel.kind == Kind::polynomial) {
    const double scale = 1 / (kernel.length * kernel.length);
    for (double& v : values) v = power(v * scale + kernel.offset, kernel.degree);
  } else if (kernel.kind == Kind::arc_cosine || kernel.kind == Kind::ntk) {
    of_angles(kernel, rows, tile);
  } else {
    to_squared_distances(rows, kernel.length, tile);
    map(values, OfSquare{kernel.kind});
  }
}

}  // namespace

void Kernel::fill(const Points& a, std::size_t i, const Points& b, std::size_t j, Dense& to) const {
  fill_tile(*this, {a.block(i), b.block(j), a.squares(i), b.squares(j)}, to);
}

double Kernel::operator()(std::span<const double> x, std::span<const double> y) const {
  switch (kind) {
    case Kind::laplace:
      return std::exp(-absolute_distance(x, y) / length);
    case Kind::torus_sobolev:
      return on_torus(*this, x, y);
    case Kind::polynomial:
      return power(inner_product(x, y) / (length * length) + offset, degree);
    case Kind::arc_cosine:
    case Kind::ntk: {
      const double c = offset * offset;
      return of_angle(*this, x, y, inner_product(x, x) + c, inner_product(y, y) + c,
                      inner_product(x, y) + c);
    }
    default:
      return OfSquare{kind}(squared_distance(x, y) / (length * length));
  }
}

bool Kernel::has_length() const {
  return kind == Kind::rbf || kind == Kind::laplace || kind == Kind::matern12 ||
         kind == Kind::matern32 || kind == Kind::matern52;
}

Dense gram(const Kernel& kernel, const Points& points) {
  Dense out(points.size(), points.size());
  Dense tile;
  for (std::size_t j = 0; j < points.blocks(); ++j) {
    for (std::size_t i = j; i < points.blocks(); ++i) {
      kernel.fill(points, i, points, j, tile);
      for (std::size_t k = 0; k < tile.columns(); ++k) {
        const auto to = out.column(Points::first_row(j) + k).subspan(Points::first_row(i));
        std::copy(tile.column(k).begin(), tile.column(k).end(), to.begin());
      }
    }
  }
  return out;
}

Dense cross(const Kernel& kernel, const Points& a, const Points& b) {
  Dense out(a.size(), b.size());
  Dense tile;
  for (std::size_t j = 0; j < b.blocks(); ++j) {
    for (std::size_t i = 0; i < a.blocks(); ++i) {
      kernel.fill(a, i, b, j, tile);
      for (std::size_t k = 0; k < tile.columns(); ++k) {
        const auto to = out.column(Points::first_row(j) + k).subspan(Points::first_row(i));
        std::copy(tile.column(k).begin(), tile.column(k).end(), to.begin());
      }
    }
  }
  return out;
}

void apply_block(const Kernel& kernel, const Points& a, std::size_t block, const Points& b,
                 const std::vector<Dense>& v, Dense& tile, Dense& to) {
  for (std::size_t j = 0; j < b.blocks(); ++j) {
    kernel.fill(a, block, b, j, tile);
    blas::multiply(blas::Form::plain, tile, blas::Form::plain, v[j], to, 1, j == 0 ? 0 : 1);
  }
}

std::vector<Dense> in_blocks(const Dense& v) {
  std::vector<Dense> out;
  for (std::size_t first = 0; first < v.rows(); first += Points::block_size) {
    Dense& part = out.emplace_back(std::min(Points::block_size, v.rows() - first), v.columns());
    for (std::size_t k = 0; k < v.columns(); ++k) {
      const auto from = v.column(k).subspan(first, part.rows());
      std::copy(from.begin(), from.end(), part.column(k).begin());
    }
  }
  return out;
}

Dense apply(const Kernel& kernel, const Points& a, const Points& b, const Dense& v) {
  const std::vector<Dense> parts = in_blocks(v);
  Dense out(a.size(), v.columns());
  Dense tile;
  Dense part;
  for (std::size_t i = 0; i < a.blocks(); ++i) {
    apply_block(kernel, a, i, b, parts, tile, part);
    for (std::size_t k = 0; k < v.columns(); ++k) {
      const auto to = out.column(k).subspan(Points::first_row(i));
      std::copy(part.column(k).begin(), part.column(k).end(), to.begin());
    }
  }
  return out;
}

double median_distance(const Kernel& kernel, const Points& points) {
  const std::size_t n = std::min<std::size_t>(points.size(), 1000);
  std::vector<double> distances;
  distances.reserve(n * (n - 1) / 2);
  for (std::size_t i = 0; i < n; ++i) {
    for (std::size_t j = 0; j < i; ++j) {
      distances.push_back(kernel.kind == Kernel::Kind::laplace
                              ? absolute_distance(points.row(i), points.row(j))
                              : std::sqrt(squared_distance(points.row(i), points.row(j))));
    }
  }
  const auto middle = distances.begin() + static_cast<std::ptrdiff_t>(distances.size() / 2);
  if (distances.empty()) throw UsageError("a length scale by distances needs two rows");
  std::nth_element(distances.begin(), middle, distances.end());
  if (*middle > 0) return *middle;
  throw UsageError("the median distance of rows is 0", "more than half of them are the same",
                   "give a length");
}

}  // namespace driftwood::natgrad
