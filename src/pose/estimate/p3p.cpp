// SPDX-License-Identifier: BSD-3-Clause
#include "pose/estimate/p3p.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

namespace driftwood::pose {
namespace {

using Matrix = Mat<double, 3, 3>;

/// The law of cosines for one side of the triangle: of distances x and y of its ends,
/// x^2 + y^2 - 2 cosine x y = square.
struct Side {
  int i;
  int j;
  double cosine;
  double square;

  [[nodiscard]] double excess(const Vec3<double>& distance) const {
    const double x = distance[i];
    const double y = distance[j];
    return x * x + y * y - 2 * cosine * x * y - square;
  }
};
using Sides = std::array<Side, 3>;

Vec3<double> row(const Matrix& m, int i) { return {m(i, 0), m(i, 1), m(i, 2)}; }

Matrix sum(double s, const Matrix& a, double t, const Matrix& b) {
  Matrix out;
  for (int i = 0; i < 3; ++i) {
    for (int j = 0; j < 3; ++j) out(i, j) = s * a(i, j) + t * b(i, j);
  }
  return out;
}
double form(const Matrix& m, const Vec3<double>& u, const Vec3<double>& v) {
  return dot(u, rotated(m, v));
}
/// Of a symmetric matrix.
Matrix adjugate(const Matrix& m) {
  Matrix out;
  for (int i = 0; i < 3; ++i) {
    const Vec3<double> minors = cross(row(m, (i + 1) % 3), row(m, (i + 2) % 3));
    for (int j = 0; j < 3; ++j) out(i, j) = minors[j];
  }
  return out;
}
double inner(const Matrix& a, const Matrix& b) {
  return dot(row(a, 0), row(b, 0)) + dot(row(a, 1), row(b, 1)) + dot(row(a, 2), row(b, 2));
}

/// The quadric of distances for which sides p and q are in proportion, scaled to norm 1.
Matrix in_proportion(const Side& p, const Side& q) {
  Matrix out = {};
  const auto add = [&out](const Side& side, double weight) {
    out(side.i, side.i) += weight;
    out(side.j, side.j) += weight;
    out(side.i, side.j) -= weight * side.cosine;
    out(side.j, side.i) -= weight * side.cosine;
  };
  add(p, q.square);
  add(q, -p.square);
  return sum(1 / std::sqrt(inner(out, out)), out, 0, out);
}

/// c[0] + c[1] x + c[2] x^2 + c[3] x^3, the last not 0.
struct Cubic {
  std::array<double, 4> c;

  [[nodiscard]] double improved(double x) const {
    for (int step = 0; step < 3; ++step) {
      const double value = ((c[3] * x + c[2]) * x + c[1]) * x + c[0];
      const double slope = (3 * c[3] * x + 2 * c[2]) * x + c[1];
      if (slope == 0) break;
      x -= value / slope;
    }
    return x;
  }

  /// Those that are real, which are one or three.
  [[nodiscard]] std::pair<std::array<double, 3>, int> roots() const {
    const double shift = -c[2] / (3 * c[3]);
    const double p = c[1] / c[3] / 3 - shift * shift;
    const double q =
        (c[0] / c[3] + shift * (c[1] / c[3] + shift * c[2] / c[3] + shift * shift)) / 2;
    const double discriminant = q * q + p * p * p;
    if (discriminant >= 0) {
      const double outer = std::cbrt(std::abs(q) + std::sqrt(discriminant));
      const double root = outer == 0 ? 0 : outer - p / outer;
      return {{improved(shift + (q > 0 ? -root : root)), 0, 0}, 1};
    }
    const double radius = std::sqrt(-p);
    const double angle = std::acos(std::clamp(-q / (radius * radius * radius), -1.0, 1.0)) / 3;
    std::array<double, 3> out;
    for (int k = 0; k < 3; ++k) {
      out[static_cast<std::size_t>(k)] =
          improved(shift + 2 * radius * std::cos(angle + 2 * pi / 3 * k));
    }
    return {out, 3};
  }
};

/// Two quadrics, and the degenerate member of their pencil that is most clearly two real planes.
struct Pencil {
  Matrix first;
  Matrix second;
  Matrix planes = {};
  bool real = false;

  Pencil(Matrix a, Matrix b) : first(a), second(b) {
    const Matrix of_first = adjugate(first);
    const Matrix of_second = adjugate(second);
    Cubic cubic = {{inner(of_first, first) / 3, inner(of_first, second), inner(of_second, first),
                    inner(of_second, second) / 3}};
    if (std::abs(cubic.c[0]) > std::abs(cubic.c[3])) {
      std::swap(first, second);
      std::reverse(cubic.c.begin(), cubic.c.end());
    }
    if (std::abs(cubic.c[3]) < 1e-14 * (std::abs(cubic.c[1]) + std::abs(cubic.c[2]))) {
      take(second);
      take(first);
      return;
    }
    const auto [roots, count] = cubic.roots();
    for (int k = 0; k < count; ++k) {
      const double x = roots[static_cast<std::size_t>(k)];
      const double length = std::sqrt(1 + x * x);
      take(sum(1 / length, first, x / length, second));
    }
  }

 private:
  double clearest_ = 0;

  /// The adjugate of planes with normals g and h is -(g x h) (g x h)^T.
  void take(const Matrix& m) {
    const Matrix a = adjugate(m);
    const double clear = -(a(0, 0) + a(1, 1) + a(2, 2)) / inner(m, m);
    if (!(clear > clearest_)) return;
    clearest_ = clear;
    planes = m;
    real = true;
  }
};

/// The normals of two planes: what is added to g h^T + h g^T makes it 2 h g^T.
std::array<Vec3<double>, 2> split(Matrix planes) {
  const Matrix a = adjugate(planes);
  int k = 0;
  for (int i = 1; i < 3; ++i) k = a(i, i) < a(k, k) ? i : k;
  const Vec3<double> p = 1 / std::sqrt(std::max(-a(k, k), 1e-300)) * row(a, k);
  for (int i = 0; i < 3; ++i) {
    const int j = (i + 1) % 3;
    planes(i, j) -= p[3 - i - j];
    planes(j, i) += p[3 - i - j];
  }
  int u = 0;
  int v = 0;
  for (int i = 0; i < 9; ++i) {
    if (std::abs(planes(i / 3, i % 3)) > std::abs(planes(u, v))) {
      u = i / 3;
      v = i % 3;
    }
  }
  return {row(planes, u), Vec3<double>{planes(0, v), planes(1, v), planes(2, v)}};
}

/// The two directions of a plane through 0 that are on a quadric; none where they are not real by
/// more than rounding.
int directions_on(const Vec3<double>& normal, const Matrix& quadric, Vec3<double> out[2]) {
  int k = 0;
  for (int i = 1; i < 3; ++i) k = std::abs(normal[i]) > std::abs(normal[k]) ? i : k;
  const int i = (k + 1) % 3;
  const int j = (k + 2) % 3;
  Vec3<double> u = {0, 0, 0};
  Vec3<double> v = {0, 0, 0};
  u[i] = 1;
  u[k] = -normal[i] / normal[k];
  v[j] = 1;
  v[k] = -normal[j] / normal[k];
  const double a = form(quadric, u, u);
  const double b = form(quadric, u, v);
  const double c = form(quadric, v, v);
  const double square = b * b - a * c;
  if (!(square >= -1e-6 * (b * b + std::abs(a * c)))) return 0;
  const double root = std::sqrt(std::max(square, 0.0));
  const double q = -(b + (b < 0 ? -root : root));
  out[0] = q * u + a * v;
  out[1] = c * u + q * v;
  return 2;
}

/// Newton's method for the three sides. Returns whether they are right in the end.
bool improve(const Sides& sides, Vec3<double>& distance) {
  double largest = 0;
  for (int step = 0;; ++step) {
    Vec3<double> excess;
    Matrix slope = {};
    largest = 0;
    for (int s = 0; s < 3; ++s) {
      const Side& side = sides[static_cast<std::size_t>(s)];
      excess[s] = side.excess(distance);
      slope(s, side.i) = 2 * (distance[side.i] - side.cosine * distance[side.j]);
      slope(s, side.j) = 2 * (distance[side.j] - side.cosine * distance[side.i]);
      largest = std::max(largest, std::abs(excess[s]));
    }
    if (step == 12 || largest < 1e-15) break;
    const Vec3<double> a = cross(row(slope, 1), row(slope, 2));
    const Vec3<double> b = cross(row(slope, 2), row(slope, 0));
    const Vec3<double> c = cross(row(slope, 0), row(slope, 1));
    const double volume = dot(row(slope, 0), a);
    if (volume == 0) break;
    const Vec3<double> change = -1 / volume * (excess[0] * a + excess[1] * b + excess[2] * c);
    distance = distance + change;
    if (!(norm(change) > 1e-15 * norm(distance))) break;
  }
  return largest < 1e-9 && distance[0] > 0 && distance[1] > 0 && distance[2] > 0;
}

/// Turns z to the normal of a triangle, x along its first side.
Rotation<double> frame_of(const Vec3<double>& first, const Vec3<double>& second) {
  const Vec3<double> x = normalised(first);
  const Vec3<double> z = normalised(cross(first, second));
  const Vec3<double> y = cross(z, x);
  return {{{x[0], y[0], z[0]}, {x[1], y[1], z[1]}, {x[2], y[2], z[2]}}};
}

}  // namespace

P3p p3p(const Correspondence& a, const Correspondence& b, const Correspondence& c) {
  P3p out;
  const std::array<const Correspondence*, 3> seen = {&a, &b, &c};
  const Vec3<double> first = b.point - a.point;
  const Vec3<double> second = c.point - a.point;
  const Vec3<double> third = c.point - b.point;
  const double unit = std::max({norm(first), norm(second), norm(third)});
  const double least = std::min({norm(first), norm(second), norm(third)});
  if (!(norm(cross(first, second)) > 1e-9 * unit * unit) || !(least > 1e-9 * unit)) return out;

  const auto side = [&](int i, int j, const Vec3<double>& along) {
    const Vec3<double> in_units = 1 / unit * along;
    return Side{
        i, j,
        dot(seen[static_cast<std::size_t>(i)]->bearing, seen[static_cast<std::size_t>(j)]->bearing),
        dot(in_units, in_units)};
  };
  const Sides sides = {side(0, 1, first), side(0, 2, second), side(1, 2, third)};
  const Pencil pencil(in_proportion(sides[0], sides[2]), in_proportion(sides[1], sides[2]));
  if (!pencil.real) return out;

  const Rotation<double> world = frame_of(first, second);
  for (const Vec3<double>& normal : split(pencil.planes)) {
    Vec3<double> direction[2];
    const Matrix& quadric =
        std::abs(inner(pencil.planes, pencil.first)) < std::abs(inner(pencil.planes, pencil.second))
            ? pencil.first
            : pencil.second;
    const int directions = directions_on(normal, quadric, direction);
    for (int k = 0; k < directions; ++k) {
      Vec3<double> distance = direction[k];
      if (distance[0] + distance[1] + distance[2] < 0) distance = -1.0 * distance;
      const Side& longest =
          *std::max_element(sides.begin(), sides.end(),
                            [](const Side& p, const Side& q) { return p.square < q.square; });
      const double square = longest.excess(distance) + longest.square;
      if (!(square > 0)) continue;
      distance = std::sqrt(longest.square / square) * distance;
      if (!improve(sides, distance)) continue;
      const Vec3<double> x = unit * distance[0] * a.bearing;
      const Rotation<double> camera =
          frame_of(unit * distance[1] * b.bearing - x, unit * distance[2] * c.bearing - x);
      Pose<double>& pose = out.poses[static_cast<std::size_t>(out.count)];
      for (int i = 0; i < 3; ++i) {
        for (int j = 0; j < 3; ++j) pose.rotation(i, j) = dot(row(camera, i), row(world, j));
      }
      pose.centre = a.point - rotated_back(pose.rotation, x);
      ++out.count;
    }
  }
  return out;
}

}  // namespace driftwood::pose
