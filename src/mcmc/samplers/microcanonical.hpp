// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// What samplers of microcanonical dynamics share: chains move at unit speed, and the force turns
/// them,
///
///     dx = u dt,   du = -(1 - u u^T) grad U(x) / (d - 1) dt.
///
/// Robnik, De Luca, Silverstein and Seljak (2023), "Microcanonical Hamiltonian Monte Carlo"; Robnik
/// and Seljak (2024), "Fluctuation without dissipation: microcanonical Langevin Monte Carlo".

#include <cmath>
#include <optional>
#include <string>

#include "base/math.hpp"
#include "mcmc/launch/tile.hpp"
#include "mcmc/sampler_traits.hpp"

namespace driftwood::mcmc {

/// The key of microcanonical samplers.
struct Decoherence {
  std::optional<double> decoherence;

  void describe(deck::Schema& s) {
    s.key("decoherence", decoherence, deck::positive,
          "length L on the way of a chain over which it forgets its direction, in the unit of the "
          "step size; left out: the square root of the number of coordinates");
  }
  void validate(const deck::Source& deck, const std::string& path, const Situation& where) const {
    if (where.dim < 2) {
      throw deck.error(path + ".name", "the target has a single parameter",
                       "microcanonical samplers turn, which takes two dimensions at least",
                       "take another sampler");
    }
  }
  [[nodiscard]] double length(const auto& tile) const {
    return decoherence.value_or(std::sqrt(static_cast<double>(tile.dim())));
  }
};

/// Multiplies all components.
template <class R>
KOKKOS_FORCEINLINE_FUNCTION void scale_by(const Coordinates<R>& a, const R& factor) {
  for (int i = 0; i < a.size(); ++i) a.set(i, factor * a[i]);
}

/// Turns a direction by the force over a time t, exactly, and returns by how much the kinetic
/// energy grows. With e = -g / |g|, delta = t |g| / (d - 1) and c = e u,
///
///     u' ~ u + e (sinh delta + c (cosh delta - 1)),
///     growth = (d - 1) log(cosh delta + c sinh delta).
///
/// Both are divided by exp(delta), which may be large: with p = 1 - exp(-delta),
///
///     u' ~ 2 (1 - p) u + p (2 - p + c p) e,
///     growth = (d - 1) (delta + log(1 + (c - 1) p (1 - p/2))).
template <class R>
KOKKOS_FORCEINLINE_FUNCTION R turn(const Coordinates<R>& u, const Coordinates<R>& g, const R& t) {
  const R norm = sqrt(dot(g, g));
  const R inverse = select(less(R(0), norm), R(-1) / norm, R(0));
  const R delta = norm * t / R(u.size() - 1);
  const R c = min(max(dot(u, g) * inverse, R(-1)), R(1));
  const R p = -math::expm1(-delta);
  const R of_u = R(2) * (R(1) - p);
  const R of_g = p * fma(c, p, R(2) - p) * inverse;
  R square(0);
  for (int i = 0; i < u.size(); ++i) {
    const R turned = fma(of_u, u[i], of_g * g[i]);
    u.set(i, turned);
    square = fma(turned, turned, square);
  }
  const auto is_turned = less(R(0), square);  // else it stands against a force without limit
  const R length = R(1) / sqrt(select(is_turned, square, R(1)));
  for (int i = 0; i < u.size(); ++i) u.set(i, select(is_turned, length * u[i], inverse * g[i]));
  const R less_one = (c - R(1)) * p * fma(R(-0.5), p, R(1));
  const R rest = math::log(max(R(1) + less_one, R(1e-300)));
  const R logarithm = select(less(R(-0.5), less_one), math::log1p(less_one), rest);
  return R(u.size() - 1) * (delta + logarithm);
}

/// Makes a vector of independent normals z a direction: towards u + amount z.
template <class R, class Noise>
KOKKOS_FORCEINLINE_FUNCTION void refresh(const Coordinates<R>& u, const Noise& noise, int kind,
                                         double amount) {
  R square(0);
  for_each_normal(noise, kind, u.size(), [&](int i, const R& z) {
    const R moved = fma(R(amount), z, u[i]);
    u.set(i, moved);
    square = fma(moved, moved, square);
  });
  scale_by(u, R(1) / sqrt(square));
}

/// Draws a direction, uniform on the sphere.
template <class R, class Noise>
KOKKOS_FORCEINLINE_FUNCTION void draw_direction(const Coordinates<R>& u, const Noise& noise,
                                                int kind) {
  for (int i = 0; i < u.size(); ++i) u.set(i, R(0));
  refresh(u, noise, kind, 1.0);
}

}  // namespace driftwood::mcmc
