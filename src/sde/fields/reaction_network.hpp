// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "sde/concepts.hpp"

namespace driftwood::sde {

using driftwood::fma;  // of numbers, beside those below

/// The diffusion of a reaction network: column r is scale sqrt(a_r) times what reaction r changes.
template <class R>
struct NetworkDiffusion {
  const double* change;  ///< rows of species, columns of reactions
  Block<R> root;         ///< scale sqrt(a_r)
};
template <class R>
KOKKOS_FORCEINLINE_FUNCTION R entry(const NetworkDiffusion<R>& g, int i, int r) {
  return R(static_cast<value_of<R>>(g.change[i * g.root.size() + r])) * g.root[r];
}
template <class R>
KOKKOS_FORCEINLINE_FUNCTION Block<R> fma(const NetworkDiffusion<R>& g, const Block<R>& w,
                                         const Block<R>& c) {
  const Block<R> fired = generate(g.root, [&](int r) { return g.root[r] * w[r]; });
  return generate(c, [&](int i) {
    R sum = c[i];
    for (int r = 0; r < fired.size(); ++r) {
      const double change = g.change[i * fired.size() + r];
      if (change != 0) sum = fma(R(static_cast<value_of<R>>(change)), fired[r], sum);
    }
    return sum;
  });
}

/// The chemical Langevin equation of a reaction network,
///
///     dX = sum_r nu_r (a_r(X) dt + scale sqrt(a_r(X)) dW_r),
///
/// where reaction r changes the species by nu_r and fires at the rate a_r: the product of a
/// constant and powers of its reactants (mass action), plus a Hill term. Gillespie (2000), "The
/// chemical Langevin equation". Rates see max(X, 0), so that a step may leave a species below zero
/// and the drift brings it back.
template <class P = double>
struct ReactionNetwork {
  static constexpr Calculus calculus = Calculus::ito;
  static constexpr Noise noise = Noise::general;

  /// How the rates are written: for each reaction `stride` numbers and then for each species its
  /// power in the mass action, its weight among the activators and among the repressors.
  struct Row {
    static constexpr int hill_maximum = 0;  ///< 0: no Hill term
    static constexpr int hill_exponent = 1;
    static constexpr int hill_half = 2;
    static constexpr int head = 3;
    static constexpr int stride(int species) { return head + 3 * species; }
  };

  int dim;        ///< species
  int noise_dim;  ///< reactions
  const double* change;
  const double* rows;
  int parameters;      ///< one more than reactions
  const P* parameter;  ///< the rate constants, then `scale`

  template <class R>
  KOKKOS_FORCEINLINE_FUNCTION ReactionNetwork<R> with(const Block<R>& values) const {
    return {dim, noise_dim, change, rows, parameters, values.data};
  }

  template <class R>
  KOKKOS_FORCEINLINE_FUNCTION Block<R> drift(const auto&, const Block<R>& x) const {
    const Block<R> a = rates(x);
    return generate(x, [&](int i) {
      R sum(0);
      for (int r = 0; r < noise_dim; ++r) {
        const double by = change[i * noise_dim + r];
        if (by != 0) sum = fma(R(static_cast<value_of<R>>(by)), a[r], sum);
      }
      return sum;
    });
  }
  template <class R>
  KOKKOS_FORCEINLINE_FUNCTION NetworkDiffusion<R> diffusion(const auto&, const Block<R>& x) const {
    const Block<R> a = rates(x);
    const R s(parameter[noise_dim]);
    return {change, generate(a, [&](int r) { return s * sqrt(a[r]); })};
  }

  /// a_r(x) for all reactions.
  template <class R>
  KOKKOS_FORCEINLINE_FUNCTION Block<R> rates(const Block<R>& x) const {
    const Block<R> inside = generate(x, [&](int i) { return max(x[i], R(0)); });
    const Block<R> a = take<R>(x, noise_dim);
    for (int r = 0; r < noise_dim; ++r) a[r] = rate(r, inside);
    return a;
  }

 private:
  template <class R>
  KOKKOS_FORCEINLINE_FUNCTION static R power(const R& x, int n) {
    R out = x;
    for (int i = 1; i < n; ++i) out = out * x;
    return out;
  }

  /// Sum of the species with their weights, to the power n.
  template <class R>
  KOKKOS_FORCEINLINE_FUNCTION R weighted(const double* weights, const Block<R>& x, int n) const {
    R sum(0);
    for (int i = 0; i < dim; ++i) {
      if (weights[i] != 0) sum = fma(R(static_cast<value_of<R>>(weights[i])), x[i], sum);
    }
    return power(sum, n);
  }

  template <class R>
  KOKKOS_FUNCTION R rate(int reaction, const Block<R>& x) const {
    using T = value_of<R>;
    const double* row = rows + reaction * Row::stride(dim);
    R out(parameter[reaction]);
    for (int i = 0; i < dim; ++i) {
      const int n = static_cast<int>(row[Row::head + i]);
      if (n > 0) out = out * power(x[i], n);
    }
    if (row[Row::hill_maximum] == 0) return out;
    const int n = static_cast<int>(row[Row::hill_exponent]);
    const R up = weighted(row + Row::head + dim, x, n);
    const R down = weighted(row + Row::head + 2 * dim, x, n);
    const R half = power(R(static_cast<T>(row[Row::hill_half])), n);
    return fma(R(static_cast<T>(row[Row::hill_maximum])), up / (up + down + half), out);
  }
};
static_assert(VectorField<ReactionNetwork<>>);

}  // namespace driftwood::sde
