// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstddef>
#include <span>

#include "natgrad/kernel/points.hpp"

namespace driftwood::natgrad {

/// A positive semidefinite function k(x, y) of two rows.
///
/// With r = |x - y| / length, c = offset, and theta the angle between (x, c) and (y, c):
///
///     rbf             exp(-r^2 / 2)
///     laplace         exp(-|x - y|_1 / length), the sum of absolute differences
///     matern12        exp(-r)
///     matern32        (1 + sqrt(3) r) exp(-sqrt(3) r)
///     matern52        (1 + sqrt(5) r + 5 r^2 / 3) exp(-sqrt(5) r)
///     polynomial      (x.y / length^2 + c)^degree
///     arc_cosine      |(x, c)|^m |(y, c)|^m J_m(theta) / pi, m = degree: Cho and Saul (2009)
///     ntk             ((x, c).(y, c) J_0 + |(x, c)| |(y, c)| J_1) / pi: the tangent kernel of two
///                     layers of rectifiers, Jacot, Gabriel and Hongler (2018)
///     torus_sobolev   the product over coordinates of 1 + 2 sum_m cos(2 pi m t) / m^(2 degree),
///                     t = (x_j - y_j) / length: periodic, a polynomial of Bernoulli in t
///
/// where J_0 = pi - theta, J_1 = sin theta + J_0 cos theta and J_2 = 3 sin theta cos theta + J_0 (1
/// + 2 cos^2 theta).
struct Kernel {
  enum class Kind {
    rbf,
    laplace,
    matern12,
    matern32,
    matern52,
    polynomial,
    arc_cosine,
    ntk,
    torus_sobolev,
  };

  Kind kind = Kind::rbf;
  double length = 1;
  double offset = 0;
  int degree = 1;

  /// k(x, y) for the rows of two blocks, to = (rows of block i of a, rows of block j of b).
  void fill(const Points& a, std::size_t i, const Points& b, std::size_t j, Dense& to) const;

  /// k(x, y) of two rows.
  [[nodiscard]] double operator()(std::span<const double> x, std::span<const double> y) const;

  /// Whether it depends on r alone, so that `length` has a scale in the data.
  [[nodiscard]] bool has_length() const;
  /// Whether it uses `length` at all.
  [[nodiscard]] bool has_unit() const { return kind != Kind::arc_cosine && kind != Kind::ntk; }

  /// The largest degree of `torus_sobolev`, and of `arc_cosine`.
  static constexpr int most_smooth = 4;
  static constexpr int most_arc = 2;
};

/// The lower triangle of the matrix k(x_i, x_j), filled by blocks; what is above it is anything.
[[nodiscard]] Dense gram(const Kernel& kernel, const Points& points);

/// k(a_i, b_j) for all rows.
[[nodiscard]] Dense cross(const Kernel& kernel, const Points& a, const Points& b);

/// The sum over j of k(a_i, b_j) v_j for the rows i of one block of a, v = (b's rows, k) given in
/// blocks. The kernel is made in tiles as it is needed and not kept.
void apply_block(const Kernel& kernel, const Points& a, std::size_t block, const Points& b,
                 const std::vector<Dense>& v, Dense& tile, Dense& to);

/// A matrix of b.size() rows in blocks as those of the points.
[[nodiscard]] std::vector<Dense> in_blocks(const Dense& v);

/// The same for all rows of a, a matrix (a's rows, k).
[[nodiscard]] Dense apply(const Kernel& kernel, const Points& a, const Points& b, const Dense& v);

/// The median distance between two of the first 1000 rows, as the kernel measures it: a length
/// scale where nobody gives one. Throws `UsageError` where it is 0.
[[nodiscard]] double median_distance(const Kernel& kernel, const Points& points);

}  // namespace driftwood::natgrad
