// SPDX-License-Identifier: BSD-3-Clause
#include "sde/gradient/programs.hpp"

#include "sde/convert.hpp"
#include "sde/gradient/record.hpp"
#include "sde/schemes/heun.hpp"
#include "sde/schemes/midpoint.hpp"
#include "sde/schemes/milstein.hpp"

namespace driftwood::sde {

using formula::Symbol;

int noise_inputs(random::Increments increments, int noises) {
  switch (increments) {
    case Increments::brownian:
    case Increments::two_point:
      return noises;
    case Increments::with_area:
    case Increments::three_point:
      return 2 * noises;
    case Increments::with_levy:
      return 2 * noises + noises * (noises - 1) / 2;
    case Increments::words:
      break;
  }
  return 0;
}

namespace {

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

/// The field of (z, A, a) in time s = -t, for code that runs on symbols.
struct AdjointField {
  static constexpr Calculus calculus = Calculus::stratonovich;
  static constexpr Noise noise = Noise::commutative;

  int dim;
  int noise_dim;
  int components;
  int parameters;
  formula::Tape drift_tape;
  formula::Tape diffusion_tape;
  const Symbol* parameter;

  template <class R>
  [[nodiscard]] Block<R> drift(const auto& s, const Block<R>& x) const {
    const At<R> f(drift_tape, R(-s), state(x), given(x));
    const Block<R> out = zeros(x, dim);
    for (int i = 0; i < components; ++i) out[i] = -f.output(i);
    f.pull_back(adjoint(x), part(out, components, components),
                part(out, 2 * components, parameters));
    return out;
  }

  template <class R>
  [[nodiscard]] Columns<R> diffusion(const auto& s, const Block<R>& x) const {
    const At<R> g(diffusion_tape, R(-s), state(x), given(x));
    const Block<R> out = zeros(x, dim * noise_dim);
    for (int k = 0; k < noise_dim; ++k) {
      const Block<R> column = part(out, k * dim, dim);
      const Block<R> seed = zeros(x, components * noise_dim);
      for (int i = 0; i < components; ++i) {
        column[i] = -g.output(i * noise_dim + k);
        seed[i * noise_dim + k] = x[components + i];
      }
      g.pull_back(seed, part(column, components, components),
                  part(column, 2 * components, parameters));
    }
    return {out.data, dim};
  }

 private:
  template <class R>
  static Block<R> part(const Block<R>& x, int first, int count) {
    return {x.data + first, count, x.arena};
  }
  template <class R>
  [[nodiscard]] Block<R> state(const Block<R>& x) const {
    return part(x, 0, components);
  }
  template <class R>
  [[nodiscard]] Block<R> adjoint(const Block<R>& x) const {
    return part(x, components, components);
  }
  template <class R>
  [[nodiscard]] Block<R> given(const Block<R>& x) const {
    const Block<R> out = take<R>(x, parameters);
    for (int j = 0; j < parameters; ++j) out[j] = R(parameter[j]);
    return out;
  }
};

template <class S, class F>
std::vector<Symbol> step_of(const F& field, double h, Inputs& inputs, const Block<Symbol>& x,
                            int noises) {
  const auto next = [&](int) { return inputs.varying(); };
  random::Increment<Block<Symbol>, Increments::brownian> w;
  w.dw = generate(take<Symbol>(x, noises), next);
  const typename S::template Step<F> step{field, h};
  const Block<Symbol> out = step(inputs.time(), x, w);
  return {out.data, out.data + out.size()};
}

/// What all programs of a node of reversible Heun begin with: noises and steps to either side, f
/// and g, and their contributions to both steps.
struct Node {
  Block<Symbol> left;
  Block<Symbol> right;
  Symbol h_left;
  Symbol h_right;
  At<Symbol> drift;
  At<Symbol> diffusion;
  int noises;

  Node(const FieldPrograms& field, Inputs& inputs, const Block<Symbol>& z,
       const Block<Symbol>& parameter)
      : left(generate(take<Symbol>(z, field.noise_dim), [&](int) { return inputs.varying(); })),
        right(generate(left, [&](int) { return inputs.varying(); })),
        h_left(inputs.varying()),
        h_right(inputs.varying()),
        drift(field.drift.tape(), inputs.time(), z, parameter),
        diffusion(field.diffusion.tape(), inputs.time(), z, parameter),
        noises(field.noise_dim) {}

  /// from + share (f h + g W), as the scheme rounds it.
  [[nodiscard]] Block<Symbol> moved(const Block<Symbol>& from, double share, const Symbol& h,
                                    const Block<Symbol>& w) const {
    return generate(from, [&](int i) {
      Symbol sum = fma(drift.output(i), Symbol(share) * h, from[i]);
      for (int k = 0; k < noises; ++k) {
        sum = fma(diffusion.output(i * noises + k), Symbol(share) * w[k], sum);
      }
      return sum;
    });
  }
};

Block<Symbol> inputs_of(Inputs& inputs, Arena& arena, int count) {
  return generate(take<Symbol>(Block<Symbol>{nullptr, 0, &arena}, count),
                  [&](int) { return inputs.varying(); });
}
Block<Symbol> parameters_of(Inputs& inputs, Arena& arena, int count) {
  return generate(take<Symbol>(Block<Symbol>{nullptr, 0, &arena}, count),
                  [&](int j) { return inputs.fixed(j); });
}
void append(std::vector<Symbol>& to, const Block<Symbol>& from) {
  to.insert(to.end(), from.data, from.data + from.size());
}

}  // namespace

formula::Program adjoint_step(const FieldPrograms& field, AdjointScheme scheme, double h) {
  return record(field.parameters, [&](Inputs& inputs, Arena& arena) {
    const int dim = 2 * field.dim + field.parameters;
    const Block<Symbol> parameter = parameters_of(inputs, arena, field.parameters);
    const AdjointField adjoint{dim,
                               field.noise_dim,
                               field.dim,
                               field.parameters,
                               field.drift.tape(),
                               field.diffusion.tape(),
                               parameter.data};
    const Block<Symbol> x = inputs_of(inputs, arena, dim);
    switch (scheme) {
      case AdjointScheme::heun:
        return step_of<Heun>(adjoint, h, inputs, x, field.noise_dim);
      case AdjointScheme::midpoint:
        return step_of<Midpoint>(adjoint, h, inputs, x, field.noise_dim);
      case AdjointScheme::milstein:
        break;
    }
    return step_of<Milstein>(Converted<AdjointField>{adjoint}, h, inputs, x, field.noise_dim);
  });
}

formula::Program reversible_heun_node(const FieldPrograms& field) {
  return record(field.parameters, [&](Inputs& inputs, Arena& arena) {
    const Block<Symbol> half = inputs_of(inputs, arena, field.dim);
    const Block<Symbol> z = inputs_of(inputs, arena, field.dim);
    const Node node(field, inputs, z, parameters_of(inputs, arena, field.parameters));
    const Block<Symbol> y = node.moved(half, 0.5, node.h_left, node.left);
    const Block<Symbol> mirrored = generate(y, [&](int i) { return fma(Symbol(2), y[i], -z[i]); });
    std::vector<Symbol> out;
    append(out, y);
    append(out, node.moved(y, 0.5, node.h_right, node.right));
    append(out, node.moved(mirrored, 1, node.h_right, node.right));
    return out;
  });
}

formula::Program reversible_heun_node_back(const FieldPrograms& field) {
  const int n = field.dim;
  const int m = field.noise_dim;
  return record(field.parameters, [&](Inputs& inputs, Arena& arena) {
    const Block<Symbol> half = inputs_of(inputs, arena, n);
    const Block<Symbol> z = inputs_of(inputs, arena, n);
    const Block<Symbol> y_bar = inputs_of(inputs, arena, n);
    const Block<Symbol> z_bar = inputs_of(inputs, arena, n);
    const Block<Symbol> c = inputs_of(inputs, arena, n);
    const Block<Symbol> a = inputs_of(inputs, arena, field.parameters);
    const Node node(field, inputs, z, parameters_of(inputs, arena, field.parameters));

    const Block<Symbol> y = node.moved(half, -0.5, node.h_right, node.right);
    const auto halved = generate(y_bar, [&](int i) { return Symbol(0.5) * y_bar[i]; });
    const auto f_bar =
        generate(c, [&](int i) { return fma(node.h_right, c[i], node.h_left * halved[i]); });
    const Block<Symbol> g_bar = take<Symbol>(z, n * m);
    for (int i = 0; i < n; ++i) {
      for (int k = 0; k < m; ++k) {
        g_bar[i * m + k] = fma(c[i], node.right[k], halved[i] * node.left[k]);
      }
    }
    const Block<Symbol> all_z_bar = generate(z_bar, [&](int i) { return z_bar[i]; });
    const Block<Symbol> all_a = generate(a, [&](int j) { return a[j]; });
    node.drift.pull_back(f_bar, all_z_bar, all_a);
    node.diffusion.pull_back(g_bar, all_z_bar, all_a);

    const Block<Symbol> mirrored = generate(y, [&](int i) { return fma(Symbol(2), y[i], -z[i]); });
    std::vector<Symbol> out;
    append(out, node.moved(y, -0.5, node.h_left, node.left));
    append(out, node.moved(mirrored, -1, node.h_left, node.left));
    append(out, generate(y_bar, [&](int i) { return fma(Symbol(2), all_z_bar[i], y_bar[i]); }));
    append(out, generate(z_bar, [&](int i) { return -all_z_bar[i]; }));
    append(out, generate(c, [&](int i) { return halved[i] + all_z_bar[i]; }));
    append(out, all_a);
    return out;
  });
}

}  // namespace driftwood::sde
