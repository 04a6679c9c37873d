// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// Programs of fields and of steps of schemes, by running them on symbols: included only by the
/// files that instantiate a model.

#include "base/error.hpp"
#include "sde/convert.hpp"
#include "sde/gradient/programs.hpp"
#include "sde/gradient/record.hpp"
#include "sde/gradient/solver.hpp"
#include "sde/integrate.hpp"
#include "sde/schemes.hpp"

namespace driftwood::sde {

using formula::Symbol;

/// Schemes of which a step is the same list of operations for every path.
template <class S, class F>
constexpr bool is_traceable() {
  if constexpr (Integrates<S, F>) {
    return drift_rule_of<S>() != DriftRule::implicit && increments_for<S, F>() != Increments::words;
  }
  return false;
}

/// A field whose numbers are known when it is compiled, to be traced with symbols for parameters.
template <FixedSize F>
struct Traced {
  static constexpr int parameters = parameter_count<F>;
  using Field = With<F, Symbol>;

  F shared;  ///< what is no parameter

  [[nodiscard]] int dim() const { return F::dim; }
  [[nodiscard]] int noise_dim() const { return F::noise_dim; }
  [[nodiscard]] int count() const { return parameters; }

  /// Calls use(field, state, noise), the last two of any content.
  template <class Use>
  [[nodiscard]] std::vector<Symbol> with(Inputs& inputs, Arena&, const Use& use) const {
    const Vec<Symbol, F::dim> x{};
    const Vec<Symbol, F::noise_dim> w{};
    if constexpr (parameters == 0) {
      return use(shared, x, w);
    } else {
      return use(field_with<F, Symbol>([&](int j) { return inputs.fixed(j); }), x, w);
    }
  }
};

/// A field of run-time size.
template <class F>
struct TracedBlock {
  using Field = decltype(std::declval<const F&>().with(std::declval<const Block<Symbol>&>()));

  F shared;

  [[nodiscard]] int dim() const { return shared.dim; }
  [[nodiscard]] int noise_dim() const { return shared.noise_dim; }
  [[nodiscard]] int count() const { return shared.parameters; }

  template <class Use>
  [[nodiscard]] std::vector<Symbol> with(Inputs& inputs, Arena& arena, const Use& use) const {
    const Block<Symbol> nothing{nullptr, 0, &arena};
    const Block<Symbol> parameter = take<Symbol>(nothing, count());
    for (int j = 0; j < count(); ++j) parameter[j] = inputs.fixed(j);
    const Block<Symbol> x = take<Symbol>(nothing, dim());
    const Block<Symbol> w = take<Symbol>(nothing, noise_dim());
    return use(shared.with(parameter), x, w);
  }
};

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
template <class S, class F, class T>
[[nodiscard]] formula::Program trace_step(const T& traced, double h) {
  return record(traced.count(), [&](Inputs& inputs, Arena& arena) {
    return traced.with(inputs, arena, [&](const auto& bound, const auto& like, const auto& noise) {
      using X = std::remove_cvref_t<decltype(like)>;
      using Field = FieldFor<S, std::remove_cvref_t<decltype(bound)>>;
      const auto next = [&](int) { return inputs.varying(); };
      Carried<S, X> state;
      state.x = generate(like, next);
      if constexpr (CarriesState<S>) state.carried = generate(like, next);
      const auto w = noise_from<increments_for<S, F>()>(inputs, noise);
      const typename S::template Step<Field> step{Field{bound}, h};
      const Symbol t = inputs.time();
      if constexpr (CarriesState<S>) {
        step(t, state.x, state.carried, w);
      } else {
        assign(state.x, step(t, state.x, w));
      }
      std::vector<Symbol> out;
      for (int i = 0; i < state.x.size(); ++i) out.push_back(state.x[i]);
      if constexpr (CarriesState<S>) {
        for (int i = 0; i < state.x.size(); ++i) out.push_back(state.carried[i]);
      }
      return out;
    });
  });
}

/// The field in Stratonovich's calculus.
template <class F, class T>
[[nodiscard]] FieldPrograms trace_field(const T& traced) {
  const auto of = [&](const auto& outputs) {
    return record(traced.count(), [&](Inputs& inputs, Arena& arena) {
      return traced.with(inputs, arena, [&](const auto& bound, const auto& like, const auto&) {
        using Field = FieldFor<Heun, std::remove_cvref_t<decltype(bound)>>;
        const auto x = generate(like, [&](int) { return inputs.varying(); });
        return outputs(Field{bound}, inputs.time(), x);
      });
    });
  };
  return {traced.dim(), traced.noise_dim(), traced.count(),
          of([](const auto& field, const Symbol& t, const auto& x) {
            const auto f = field.drift(t, x);
            std::vector<Symbol> out;
            for (int i = 0; i < f.size(); ++i) out.push_back(f[i]);
            return out;
          }),
          of([&](const auto& field, const Symbol& t, const auto& x) {
            const auto g = field.diffusion(t, x);
            std::vector<Symbol> out;
            for (int i = 0; i < traced.dim(); ++i) {
              for (int k = 0; k < traced.noise_dim(); ++k) out.push_back(entry(g, i, k));
            }
            return out;
          })};
}

/// What the mode runs for this scheme, with steps of size h. Throws `UsageError` where they do not
/// go together.
template <class S, class F, class T>
[[nodiscard]] GradientPrograms trace(const T& traced, GradientMode mode, double h) {
  constexpr Increments increments = increments_for<S, F>();
  GradientPrograms out{traced.dim(),
                       traced.noise_dim(),
                       traced.count(),
                       CarriesState<S> ? 2 : 1,
                       increments,
                       noise_inputs(increments, traced.noise_dim()),
                       {},
                       {}};
  const std::string name(S::name);
  if (mode == GradientMode::reversible_heun) {
    if constexpr (std::is_same_v<S, ReversibleHeun>) {
      const FieldPrograms field = trace_field<F>(traced);
      out.forward = reversible_heun_node(field);
      out.backward = reversible_heun_node_back(field);
      return out;
    }
    throw UsageError("mode 'reversible_heun' does not go with the scheme '" + name + "'",
                     "only the scheme 'reversible_heun' can be undone step by step",
                     "use 'time.scheme = \"reversible_heun\"'");
  }
  out.forward = trace_step<S, F>(traced, h);
  if (mode != GradientMode::adjoint) return out;
  if constexpr (std::is_same_v<S, Heun>) {
    out.backward = adjoint_step(trace_field<F>(traced), AdjointScheme::heun, h);
  } else if constexpr (std::is_same_v<S, Midpoint>) {
    out.backward = adjoint_step(trace_field<F>(traced), AdjointScheme::midpoint, h);
  } else if constexpr (std::is_same_v<S, Milstein> && F::noise != Noise::general) {
    out.backward = adjoint_step(trace_field<F>(traced), AdjointScheme::milstein, h);
  } else {
    throw UsageError("mode 'adjoint' does not go with the scheme '" + name + "'",
                     std::is_same_v<S, Milstein>
                         ? "general noise needs Levy areas of the reversed path"
                         : "the adjoint equation is solved by heun, midpoint or milstein",
                     "use one of these schemes, or the mode 'pathwise'");
  }
  return out;
}

/// The same for the scheme of that name.
template <class F, class T>
[[nodiscard]] GradientPrograms trace(const T& traced, const std::string& scheme, GradientMode mode,
                                     double h) {
  std::optional<GradientPrograms> out;
  for_each_type(Schemes{}, [&]<class S>(TypeTag<S>) {
    if constexpr (is_traceable<S, F>()) {
      if (scheme == S::name) out = trace<S, F>(traced, mode, h);
    }
  });
  if (!out) {
    throw UsageError("the scheme '" + scheme + "' has no gradients here",
                     "its steps are not the same operations for every path",
                     "use an explicit scheme");
  }
  return std::move(*out);
}

}  // namespace driftwood::sde
