// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// Programs of fields, by running them on symbols: included only by the files that instantiate a
/// model. Steps of schemes are made of these, once for all models.

#include "sde/convert.hpp"
#include "sde/gradient/programs.hpp"
#include "sde/gradient/record.hpp"
#include "sde/gradient/solver.hpp"
#include "sde/registry.hpp"
#include "sde/schemes/exact.hpp"

namespace driftwood::sde {

using formula::Symbol;

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

/// The field in its own calculus, or converted to the other one.
template <class F, class T>
[[nodiscard]] FieldPrograms trace_field(const T& traced, Calculus calculus) {
  const auto of = [&](const auto& outputs) {
    return record(traced.count(), [&](Inputs& inputs, Arena& arena) {
      return traced.with(inputs, arena, [&](const auto& bound, const auto& like, const auto&) {
        const auto x = generate(like, [&](int) { return inputs.varying(); });
        return outputs(bound, inputs.time(), x);
      });
    });
  };
  return {traced.dim(),
          traced.noise_dim(),
          traced.count(),
          F::noise,
          calculus,
          of([&](const auto& field, const Symbol& t, const auto& x) {
            using Field = std::remove_cvref_t<decltype(field)>;
            const bool is_own = calculus == F::calculus || F::noise == Noise::additive;
            const auto f = is_own ? field.drift(t, x) : Converted<Field>{field}.drift(t, x);
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

/// The transition of a field over a step of size h.
template <class F, class T>
requires HasNormalTransition<F>
[[nodiscard]] formula::Program trace_transition(const T& traced, double h) {
  return record(traced.count(), [&](Inputs& inputs, Arena& arena) {
    return traced.with(inputs, arena, [&](const auto& bound, const auto& like, const auto& noise) {
      const auto next = [&](int) { return inputs.varying(); };
      const auto x = generate(like, next);
      const auto moved = bound.transition(h)(x, generate(noise, next));
      std::vector<Symbol> out;
      for (int i = 0; i < moved.size(); ++i) out.push_back(moved[i]);
      return out;
    });
  });
}

/// What the mode runs for this scheme, with steps of size h. Throws `UsageError` where they do not
/// go together.
template <class F, class T>
[[nodiscard]] GradientPrograms trace(const T& traced, const std::string& scheme, GradientMode mode,
                                     double h) {
  const FieldPrograms field = trace_field<F>(traced, scheme_info(scheme).calculus);
  if constexpr (HasNormalTransition<F>) {
    if (scheme == Exact::name &&
        (mode == GradientMode::pathwise || mode == GradientMode::checkpointed)) {
      return transition_programs(field, trace_transition<F>(traced, h));
    }
  }
  return gradient_programs(field, trace_field<F>(traced, Calculus::stratonovich), scheme, mode, h);
}

}  // namespace driftwood::sde
