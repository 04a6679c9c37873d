// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "mcmc/diffusion.hpp"

namespace driftwood::mcmc {

/// Moves the chains of one lane by an Ito diffusion `D`: from the position to the position.
template <class D>
struct MoveByDiffusion {
  D diffusion;
  DiffusionStep step;

  template <class C>
  KOKKOS_FUNCTION void operator()(const C& chain) const {
    using R = typename C::Lane;
    const int dim = chain.dim();
    const auto x = chain.position();
    const auto w = chain.vector(increments);
    if (step.scale != nullptr) {
      for (int i = 0; i < dim; ++i) x.set(i, R(step.scale[i]) * x[i]);
    }
    const double root = ::sqrt(step.h);
    for_each_normal(chain.noise, 0, dim, [&](int i, const R& xi) { w.set(i, R(root) * xi); });
    switch (step.scheme) {
      case DiffusionScheme::em:
        euler(chain);
        break;
      case DiffusionScheme::srk_id:
        draw_areas(chain);
        strong(chain, root);
        break;
      case DiffusionScheme::platen_w2:
        draw_areas(chain);
        weak(chain, root);
        break;
    }
    copy(x, chain.vector(sum));
    if (step.scale != nullptr) {
      for (int i = 0; i < dim; ++i) x.set(i, x[i] / R(step.scale[i]));
    }
  }

 private:
  // Vectors of the sampler.
  static constexpr int increments = Slot::own;  ///< of Brownian motion
  static constexpr int sum = Slot::own + 1;     ///< where the chain will be
  static constexpr int above = Slot::own + 2;   ///< stages
  static constexpr int below = Slot::own + 3;
  static constexpr int weights = Slot::own + 4;
  static constexpr int value = Slot::own + 5;  ///< of something at a stage
  static constexpr int drifted = Slot::own + 6;
  static constexpr int integrals = Slot::own + 7;  ///< of the Brownian bridge

  template <class C, class V, class S>
  KOKKOS_FORCEINLINE_FUNCTION static void add(const C& chain, const V& to, const S& factor,
                                              const V& what) {
    for (int i = 0; i < chain.dim(); ++i) to.set(i, fma(factor, what[i], to[i]));
  }

  /// A_ij with its sign.
  template <class C>
  KOKKOS_FORCEINLINE_FUNCTION static auto area(const C& chain, int i, int j) {
    using R = typename C::Lane;
    if (i == j) return R(0);
    return i < j ? chain.number(DiffusionStep::pair(i, j, chain.dim()))
                 : -chain.number(DiffusionStep::pair(j, i, chain.dim()));
  }

  /// Numbers of the chain: A_ij for i < j.
  template <class C>
  KOKKOS_FUNCTION void draw_areas(const C& chain) const {
    using R = typename C::Lane;
    const int dim = chain.dim();
    if (step.areas == LevyAreas::wiktorsson && dim > 1) {
      draw_series(chain);
      return;
    }
    const double size = step.areas == LevyAreas::talay ? 0.5 * step.h : 0.0;
    int pair = Number::own;
    for (int k = 0; k < dim * (dim - 1) / 2; ++k, ++pair) {
      const auto tails = less(chain.noise.uniform(k), R(0.5));
      chain.set_number(pair, select(tails, R(-size), R(size)));
    }
  }

  /// The first terms of the series, and normals for what they leave out: see random/levy.hpp.
  template <class C>
  KOKKOS_FUNCTION void draw_series(const C& chain) const {
    using R = typename C::Lane;
    const int dim = chain.dim();
    const int halves = (dim + 1) / 2;
    const int pairs = dim * (dim - 1) / 2;
    const auto w = chain.vector(increments);
    const auto cosine = chain.vector(above);
    const auto sine = chain.vector(below);
    const auto integral = chain.vector(integrals);
    const auto fill = [&](const auto& to, int kind, int term) {
      for (int j = 0; j < halves; ++j) {
        const auto z = chain.noise.normals(kind, term * halves + j);
        to.set(2 * j, z.first);
        if (2 * j + 1 < dim) to.set(2 * j + 1, z.second);
      }
    };
    for (int p = 0; p < pairs; ++p) chain.set_number(Number::own + p, R(0));
    fill(integral, NormalKind::other + 2, 0);
    for (int i = 0; i < dim; ++i) integral.set(i, R(::sqrt(step.terms.rest)) * integral[i]);
    for (int r = 1; r <= step.terms.count; ++r) {
      fill(cosine, NormalKind::other, r - 1);
      fill(sine, NormalKind::other + 1, r - 1);
      const R weight(1.0 / r);
      add(chain, integral, weight, cosine);
      for (int i = 0; i < dim; ++i) {
        for (int j = i + 1; j < dim; ++j) {
          const int pair = DiffusionStep::pair(i, j, dim);
          const R product = cosine[i] * sine[j] - sine[i] * cosine[j];
          chain.set_number(pair, fma(weight, product, chain.number(pair)));
        }
      }
    }
    const R scale(-::sqrt(step.h / 2) * 0.31830988618379067);  // 1 / pi
    for (int i = 0; i < dim; ++i) integral.set(i, scale * integral[i]);
    for (int i = 0; i < dim; ++i) {
      for (int j = i + 1; j < dim; ++j) {
        const int pair = DiffusionStep::pair(i, j, dim);
        const auto z = chain.noise.normals(NormalKind::other + 3, (pair - Number::own) / 2);
        const R normal = (pair - Number::own) % 2 == 0 ? z.first : z.second;
        chain.set_number(pair,
                         step.terms.close(step.h, chain.number(pair), normal, w, integral, i, j));
      }
    }
  }

  /// Euler and Maruyama: x' = x + h b(x) + sigma(x) W.
  template <class C>
  KOKKOS_FUNCTION void euler(const C& chain) const {
    using R = typename C::Lane;
    const auto x = chain.position();
    const auto to = chain.vector(sum);
    const auto v = chain.vector(value);
    diffusion.drift(x, to);
    diffusion.multiply(x, chain.vector(increments), v);
    for (int i = 0; i < chain.dim(); ++i) to.set(i, fma(R(step.h), to[i], x[i] + v[i]));
  }

  /// Milstein's method without derivatives, strong order 1. Roessler (2010), "Runge-Kutta methods
  /// for the strong approximation of solutions of stochastic differential equations";
  /// Li, Wu, Mackey and Erdogdu (2019) sample with it. I_(j,i) is the integral of
  /// W_j by W_i:
  ///
  ///     H_i = x +- sum_j sigma_j(x) I_(j,i) / sqrt(h)
  ///     x' = x + h b(x) + sigma(x) W + sqrt(h) / 2 sum_i (sigma_i(H_i+) - sigma_i(H_i-))
  template <class C>
  KOKKOS_FUNCTION void strong(const C& chain, double root) const {
    using R = typename C::Lane;
    const int dim = chain.dim();
    const auto x = chain.position();
    const auto w = chain.vector(increments);
    const auto to = chain.vector(sum);
    const auto a = chain.vector(above);
    const auto b = chain.vector(below);
    const auto q = chain.vector(weights);
    const auto v = chain.vector(value);
    euler(chain);
    for (int i = 0; i < dim; ++i) {
      for (int j = 0; j < dim; ++j) {
        const R product = i == j ? fma(w[i], w[i], R(-step.h)) : w[i] * w[j];
        q.set(j, R(1 / root) * fma(R(0.5), product, area(chain, j, i)));
      }
      diffusion.multiply(x, q, v);
      for (int k = 0; k < dim; ++k) {
        a.set(k, x[k] + v[k]);
        b.set(k, x[k] - v[k]);
      }
      diffusion.column(a, i, v);
      add(chain, to, R(0.5 * root), v);
      diffusion.column(b, i, v);
      add(chain, to, R(-0.5 * root), v);
    }
  }

  /// Platen's explicit method of weak order 2. Kloeden and Platen (1992), (15.1.3); V_rj is 2 A_rj
  /// of fair coins.
  template <class C>
  KOKKOS_FUNCTION void weak(const C& chain, double root) const {
    using R = typename C::Lane;
    const int dim = chain.dim();
    const double h = step.h;
    const auto x = chain.position();
    const auto w = chain.vector(increments);
    const auto to = chain.vector(sum);
    const auto a = chain.vector(above);
    const auto b = chain.vector(below);
    const auto q = chain.vector(weights);
    const auto v = chain.vector(value);
    const auto d = chain.vector(drifted);  // x + h b(x)
    diffusion.drift(x, d);
    diffusion.multiply(x, w, v);
    for (int k = 0; k < dim; ++k) {
      to.set(k, fma(R(0.5 * h), d[k], fma(R(0.5), v[k], x[k])));
      d.set(k, fma(R(h), d[k], x[k]));
      a.set(k, d[k] + v[k]);
    }
    diffusion.drift(a, v);
    add(chain, to, R(0.5 * h), v);
    for (int j = 0; j < dim; ++j) {
      const R odd = R(0.25 / root) * fma(w[j], w[j], R(-h));
      stages(chain, d, j, root);
      diffusion.column(a, j, v);
      add(chain, to, fma(R(0.25), w[j], odd), v);
      diffusion.column(b, j, v);
      add(chain, to, fma(R(0.25), w[j], -odd), v);
      if (dim == 1) return;
      // All columns but j, at x and moved by column j.
      stages(chain, x, j, root);
      for (int side = -1; side <= 1; ++side) {
        for (int r = 0; r < dim; ++r) {
          const R mixed = R(side * 0.25 / root) * fma(w[r], w[j], R(2) * area(chain, j, r));
          const R even = R(side == 0 ? -0.5 : 0.25) * w[r];
          q.set(r, r == j ? R(0) : even + mixed);
        }
        diffusion.multiply(side == 0 ? x : side > 0 ? a : b, q, v);
        add(chain, to, R(1), v);
      }
    }
  }

  /// above, below = from +- sqrt(h) sigma_j(x).
  template <class C, class V>
  KOKKOS_FORCEINLINE_FUNCTION void stages(const C& chain, const V& from, int j, double root) const {
    using R = typename C::Lane;
    const auto a = chain.vector(above);
    const auto b = chain.vector(below);
    diffusion.column(chain.position(), j, a);
    for (int k = 0; k < chain.dim(); ++k) {
      const R moved = R(root) * a[k];
      a.set(k, from[k] + moved);
      b.set(k, from[k] - moved);
    }
  }
};

}  // namespace driftwood::mcmc
