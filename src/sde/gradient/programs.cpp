// SPDX-License-Identifier: BSD-3-Clause
#include "sde/gradient/programs.hpp"

#include "base/error.hpp"
#include "sde/gradient/scheme_programs.hpp"
#include "sde/gradient/taped_field.hpp"
#include "sde/registry.hpp"
#include "sde/schemes/heun.hpp"
#include "sde/schemes/midpoint.hpp"
#include "sde/schemes/milstein.hpp"

namespace driftwood::sde {

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

/// One step of the stochastic adjoint equation backwards in time, of a Stratonovich field: Li,
/// Wong, Chen and Duvenaud (2020), "Scalable gradients for stochastic differential equations",
/// section 3. In time s = -t the state z obeys the negated field, A and a the vector-Jacobian
/// products of A. These are the cotangent lift of the field, so their noise commutes where that of
/// the field does.
template <class S>
formula::Program adjoint_step(const FieldPrograms& field, double h) {
  return record(field.parameters, [&](Inputs& inputs, Arena& arena) {
    const Block<Symbol> parameter = parameters_of(inputs, arena, field.parameters);
    const AdjointField adjoint{2 * field.dim + field.parameters,
                               field.noise_dim,
                               field.dim,
                               field.parameters,
                               field.drift.tape(),
                               field.diffusion.tape(),
                               parameter.data};
    return traced_step<S>(FieldFor<S, AdjointField>{adjoint}, h, inputs, arena);
  });
}

/// What happens at a node of reversible Heun on the way there and on the way back: Kidger, Foster,
/// Li and Lyons (2021), algorithms 1 and 2, regrouped so that each node takes one evaluation of the
/// field, and on the way back one vector-Jacobian product. With steps h_l, W_l before the node and
/// h_r, W_r after it,
///
///     y = half + (h_l f + g W_l) / 2        half' = y + (h_r f + g W_r) / 2
///     z' = 2 y - z + h_r f + g W_r
///
/// where f and g are at z.
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

/// On the way back `half` comes from the right, and with c = y_bar / 2 + z_bar of the node to the
/// right, the cotangents of f and g are
///
///     f_bar = h_r c + h_l y_bar / 2         g_bar = c W_r^T + y_bar W_l^T / 2.
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

/// The mode 'adjoint' for a scheme, where there is one.
formula::Program adjoint_of(const FieldPrograms& field, const std::string& scheme, double h) {
  if (scheme == Heun::name) return adjoint_step<Heun>(field, h);
  if (scheme == Midpoint::name) return adjoint_step<Midpoint>(field, h);
  const bool is_milstein = scheme == Milstein::name;
  if (is_milstein && field.noise != Noise::general) return adjoint_step<Milstein>(field, h);
  throw UsageError("mode 'adjoint' does not go with the scheme '" + scheme + "'" +
                       (is_milstein ? " and general noise" : ""),
                   is_milstein ? "it would need Levy areas of the reversed path"
                               : "the adjoint equation is solved by heun, midpoint or milstein",
                   "use one of the schemes heun and midpoint, or the mode 'pathwise'");
}

GradientPrograms shape_of(const FieldPrograms& field, int copies, Increments increments) {
  return {field.dim,
          field.noise_dim,
          field.parameters,
          copies,
          increments,
          noise_inputs(increments, field.noise_dim),
          {},
          {},
          field.drift,
          field.diffusion};
}

}  // namespace

GradientPrograms gradient_programs(const FieldPrograms& field, const FieldPrograms& stratonovich,
                                   const std::string& scheme, GradientMode mode, double h) {
  if (mode == GradientMode::reversible_heun) {
    if (scheme != to_string(mode)) {
      throw UsageError("mode 'reversible_heun' does not go with the scheme '" + scheme + "'",
                       "only steps of the scheme 'reversible_heun' can be undone exactly",
                       "use 'time.scheme = \"reversible_heun\"'");
    }
    GradientPrograms out = shape_of(field, 2, Increments::brownian);
    out.forward = reversible_heun_node(field);
    out.backward = reversible_heun_node_back(field);
    return out;
  }
  std::optional<SchemeProgram> step = scheme_program(field, scheme, h);
  if (!step) {
    throw UsageError("the scheme '" + scheme + "' has no gradients",
                     "its steps are not the same operations for every path",
                     "use an explicit scheme");
  }
  GradientPrograms out = shape_of(field, step->copies, step->increments);
  out.forward = std::move(step->program);
  if (mode == GradientMode::adjoint) {
    out.backward = adjoint_of(stratonovich, scheme, h);
    out.drift = stratonovich.drift;
  }
  return out;
}

GradientPrograms transition_programs(const FieldPrograms& field, formula::Program transition) {
  GradientPrograms out = shape_of(field, 1, Increments::brownian);
  out.forward = std::move(transition);
  out.drift = {};
  out.diffusion = {};
  return out;
}

}  // namespace driftwood::sde
