// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// Fields given as programs, for schemes that run on symbols.

#include "sde/convert.hpp"
#include "sde/gradient/programs.hpp"
#include "sde/gradient/record.hpp"
#include "sde/integrate.hpp"

namespace driftwood::sde {

using driftwood::fma;  // of numbers, beside those below
using formula::Symbol;

/// A program at one point (t, x), and its vector-Jacobian products there.
template <class R>
class At {
 public:
  At(const formula::Tape& tape, const R& t, const Block<R>& x, const Block<R>& parameter)
      : tape_(tape), x_(x) {
    const Block<R> path = take<R>(x, tape.path_values);
    for (int j = 0; j < tape.fixed; ++j) path[j] = parameter[j];
    formula::begin_path(tape, path.data);
    banks_ = {take<R>(x, tape.registers).data, x.data, path.data};
    formula::evaluate(tape, t, banks_);
  }

  [[nodiscard]] R output(int i) const { return formula::output(tape_, banks_, i); }

  /// Adds seed^T J by the state and by the parameters.
  void pull_back(const Block<R>& seed, const Block<R>& x_bar, const Block<R>& parameter_bar) const {
    const Block<R> registers = take<R>(x_, tape_.registers);
    const Block<R> path = take<R>(x_, tape_.path_values);
    for (int j = 0; j < path.size(); ++j) path[j] = R(0);
    formula::sweep_back(tape_, banks_, seed.data, {registers.data, x_bar.data, path.data});
    formula::end_path(tape_, banks_.path, path.data);
    for (int j = 0; j < tape_.fixed; ++j) parameter_bar[j] = parameter_bar[j] + path[j];
  }

 private:
  formula::Tape tape_;
  Block<R> x_;
  formula::Banks<R> banks_{};
};

template <class R>
Block<R> zeros(const Block<R>& like, int count) {
  const Block<R> out = take<R>(like, count);
  for (int i = 0; i < count; ++i) out[i] = R(0);
  return out;
}

/// A diffusion matrix as its columns.
template <class R>
struct Columns {
  R* data;
  int rows;
};
template <class R>
R entry(const Columns<R>& g, int i, int k) {
  return g.data[k * g.rows + i];
}
template <class R>
Block<R> fma(const Columns<R>& g, const Block<R>& w, const Block<R>& c) {
  return generate(c, [&](int i) {
    R sum = c[i];
    for (int k = 0; k < w.size(); ++k) sum = fma(entry(g, i, k), w[k], sum);
    return sum;
  });
}

/// A field of the class `kind`, written in the calculus `form`.
template <Calculus form, Noise kind>
struct TapedField {
  static constexpr Calculus calculus = form;
  static constexpr Noise noise = kind;

  int dim;
  int noise_dim;
  formula::Tape drift_tape;
  formula::Tape diffusion_tape;
  const Symbol* parameter;

  template <class R>
  [[nodiscard]] Block<R> drift(const auto& t, const Block<R>& x) const {
    const At<R> f(drift_tape, R(t), x, lifted(x));
    return generate(x, [&](int i) { return f.output(i); });
  }
  template <class R>
  [[nodiscard]] Columns<R> diffusion(const auto& t, const Block<R>& x) const {
    const At<R> g(diffusion_tape, R(t), x, lifted(x));
    const Block<R> out = take<R>(x, dim * noise_dim);
    for (int k = 0; k < noise_dim; ++k) {
      for (int i = 0; i < dim; ++i) out[k * dim + i] = g.output(i * noise_dim + k);
    }
    return {out.data, dim};
  }

 private:
  template <class R>
  [[nodiscard]] Block<R> lifted(const Block<R>& like) const {
    return generate(take<R>(like, drift_tape.fixed), [&](int j) { return R(parameter[j]); });
  }
};

[[nodiscard]] inline Block<Symbol> inputs_of(Inputs& inputs, Arena& arena, int count) {
  return generate(take<Symbol>(Block<Symbol>{nullptr, 0, &arena}, count),
                  [&](int) { return inputs.varying(); });
}
[[nodiscard]] inline Block<Symbol> parameters_of(Inputs& inputs, Arena& arena, int count) {
  return generate(take<Symbol>(Block<Symbol>{nullptr, 0, &arena}, count),
                  [&](int j) { return inputs.fixed(j); });
}
inline void append(std::vector<Symbol>& to, const Block<Symbol>& from) {
  to.insert(to.end(), from.data, from.data + from.size());
}

/// The noise of a step as the next inputs, in vectors like `like`.
template <Increments I, class V>
[[nodiscard]] random::Increment<V, I> noise_from(Inputs& inputs, const V& like) {
  random::Increment<V, I> out;
  const auto next = [&](int) { return inputs.varying(); };
  out.dw = generate(like, next);
  if constexpr (I == Increments::with_area || I == Increments::with_levy) {
    out.area = generate(like, next);
  }
  if constexpr (I == Increments::with_levy) {
    out.levy = random::pairs(like);
    const int m = like.size();
    for (int pair = 0; pair < m * (m - 1) / 2; ++pair) out.levy.value[pair] = inputs.varying();
  }
  if constexpr (I == Increments::three_point) out.sign = generate(like, next);
  return out;
}

/// One step of S of size h: (states, noise) -> states.
template <class S, class F>
[[nodiscard]] std::vector<Symbol> traced_step(const F& field, double h, Inputs& inputs,
                                              Arena& arena) {
  const auto next = [&](int) { return inputs.varying(); };
  Carried<S, Block<Symbol>> state;
  state.x = inputs_of(inputs, arena, field.dim);
  if constexpr (CarriesState<S>) state.carried = generate(state.x, next);
  const auto w = noise_from<increments_for<S, F>()>(inputs, take<Symbol>(state.x, field.noise_dim));
  const typename S::template Step<F> step{field, h};
  const Symbol t = inputs.time();
  std::vector<Symbol> out;
  if constexpr (CarriesState<S>) {
    step(t, state.x, state.carried, w);
    append(out, state.x);
    append(out, state.carried);
  } else {
    append(out, step(t, state.x, w));
  }
  return out;
}

}  // namespace driftwood::sde
