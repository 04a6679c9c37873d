// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "formula/tape.hpp"
#include "sde/derivative.hpp"

namespace driftwood::sde {

using driftwood::fma;  // of numbers, beside those below

/// A diffusion matrix as the outputs of a tape; C is the type of parameters.
template <class R, class C>
struct ExpressionDiffusion {
  const formula::Tape* tape;
  formula::Banks<R, C> banks;
  const int* row;     ///< where the entries of each row begin; one more than rows
  const int* column;  ///< of each entry
};
template <class R, class C>
KOKKOS_FUNCTION R entry(const ExpressionDiffusion<R, C>& g, int i, int k) {
  for (int e = g.row[i]; e < g.row[i + 1]; ++e) {
    if (g.column[e] == k) return formula::output(*g.tape, g.banks, e);
  }
  return R(0);
}
template <class R, class C>
KOKKOS_FUNCTION Block<R> fma(const ExpressionDiffusion<R, C>& g, const Block<R>& w,
                             const Block<R>& c) {
  return generate(c, [&](int i) {
    R sum = c[i];
    for (int e = g.row[i]; e < g.row[i + 1]; ++e) {
      sum = fma(formula::output(*g.tape, g.banks, e), w[g.column[e]], sum);
    }
    return sum;
  });
}

/// An equation written as formulas, of the class `kind`, in the calculus `form`: the formulas' own,
/// or the other one, which their drift is converted to.
template <Calculus form, Noise kind, class P = double>
struct Expression {
  static constexpr Calculus calculus = form;
  static constexpr Noise noise = kind;

  int dim;
  int noise_dim;
  formula::Tape drift_tape;
  formula::Tape diffusion_tape;
  formula::Tape tape;  ///< of both
  const int* row;      ///< of the diffusion, as `ExpressionDiffusion` has them
  const int* column;   ///<
  double share;        ///< of the noise-induced drift that is added: 0, or -1/2 to Stratonovich's
                       ///< form, or 1/2 from it
  int parameters;
  const P* parameter;
  const P* drift_path = nullptr;      ///< what a path keeps for each tape; `with` makes them
  const P* diffusion_path = nullptr;  ///<
  const P* path = nullptr;            ///<

  template <class R>
  KOKKOS_FORCEINLINE_FUNCTION Expression<form, kind, R> with(const Block<R>& values) const {
    return {dim,
            noise_dim,
            drift_tape,
            diffusion_tape,
            tape,
            row,
            column,
            share,
            parameters,
            values.data,
            begun(drift_tape, values),
            begun(diffusion_tape, values),
            begun(tape, values)};
  }

  template <class R>
  KOKKOS_FUNCTION Block<R> drift(const auto& t, const Block<R>& x) const {
    const auto banks = on(drift_tape, drift_path, x);
    formula::evaluate(drift_tape, t, banks);
    return drift_of(drift_tape, banks, t, x);
  }

  template <class R>
  KOKKOS_FUNCTION ExpressionDiffusion<R, P> diffusion(const auto& t, const Block<R>& x) const {
    const auto banks = on(diffusion_tape, diffusion_path, x);
    formula::evaluate(diffusion_tape, t, banks);
    return {&diffusion_tape, banks, row, column};
  }

  /// x + f h + g w, in one pass over the state.
  template <class R>
  KOKKOS_FORCEINLINE_FUNCTION Block<R> euler(const auto& t, const Block<R>& x, const R& h,
                                             const Block<R>& w) const {
    const auto banks = on(tape, path, x);
    formula::evaluate(tape, t, banks);
    const Block<R> f = drift_of(tape, banks, t, x);
    return generate(x, [&](int i) {
      R sum = fma(f[i], h, x[i]);
      for (int e = row[i]; e < row[i + 1]; ++e) {
        sum = fma(formula::output(tape, banks, dim + e), w[column[e]], sum);
      }
      return sum;
    });
  }

 private:
  /// The drift among the outputs of a tape, in the calculus of this field.
  template <class R>
  KOKKOS_FORCEINLINE_FUNCTION Block<R> drift_of(const formula::Tape& of,
                                                const formula::Banks<R, P>& banks, const auto& t,
                                                const Block<R>& x) const {
    const bool lies_there = of.first_output >= 0;
    const Block<R> out =
        lies_there ? Block<R>{banks.registers + of.first_output, dim, x.arena} : take<R>(x, dim);
    for (int i = 0; i < dim && !lies_there; ++i) out[i] = formula::output(of, banks, i);
    if constexpr (kind != Noise::additive) {
      if (share != 0) {
        const R part(static_cast<value_of<R>>(share));
        const Block<R> induced = noise_induced_drift(*this, t, x);
        for (int i = 0; i < dim; ++i) out[i] = fma(part, induced[i], out[i]);
      }
    }
    return out;
  }

  template <class R>
  KOKKOS_FORCEINLINE_FUNCTION static const R* begun(const formula::Tape& tape,
                                                    const Block<R>& values) {
    const Block<R> path = take<R>(values, tape.path_values);
    for (int j = 0; j < tape.fixed; ++j) path[j] = values[j];
    formula::begin_path(tape, path.data);
    return path.data;
  }

  template <class R>
  KOKKOS_FORCEINLINE_FUNCTION static formula::Banks<R, P> on(const formula::Tape& tape,
                                                             const P* path, const Block<R>& x) {
    return {take<R>(x, tape.registers).data, x.data, path};
  }
};
static_assert(VectorField<Expression<Calculus::ito, Noise::general>>);

}  // namespace driftwood::sde
