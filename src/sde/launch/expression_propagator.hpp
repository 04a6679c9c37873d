// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// Kernels of equations written as formulas: included only by the files that instantiate them, one
/// for each class of noise.

#include "formula/uploaded_program.hpp"
#include "sde/expression_kernels.hpp"
#include "sde/fields/expression.hpp"
#include "sde/launch/make_propagator.hpp"

namespace driftwood::sde {

/// What the field of an equation points to.
struct UploadedEquation {
  formula::UploadedProgram drift;
  formula::UploadedProgram diffusion;
  formula::UploadedProgram both;
  Kokkos::View<int*, Memory> row;
  Kokkos::View<int*, Memory> column;
  Kokkos::View<double*, Memory> parameter;

  UploadedEquation(const Equation& equation, const std::vector<double>& parameters)
      : drift(equation.drift()),
        diffusion(equation.diffusion()),
        both(equation.both()),
        row(on_device("rows", equation.row_begins())),
        column(on_device("columns", equation.columns())),
        parameter(on_device("parameters", parameters)) {}

  template <Calculus form, Noise kind>
  [[nodiscard]] Expression<form, kind> field(const Equation& equation, Calculus written) const {
    const double share = form == written ? 0.0 : (form == Calculus::ito ? 0.5 : -0.5);
    return {equation.dim(),
            equation.noise_dim(),
            drift.tape(),
            diffusion.tape(),
            both.tape(),
            row.data(),
            column.data(),
            share,
            static_cast<int>(parameter.extent(0)),
            parameter.data()};
  }
};

// Each scheme in its own calculus alone: equations of the other one are converted while they run,
// so that a class of noise is compiled once.

template <Noise kind>
std::vector<std::string> ExpressionKernels<kind>::schemes() {
  std::vector<std::string> names;
  for_each_type(Schemes{}, [&]<class S>(TypeTag<S>) {
    if constexpr (Integrates<S, Expression<S::calculus, kind>>) names.emplace_back(S::name);
  });
  return names;
}

template <Noise kind>
std::unique_ptr<Propagator> ExpressionKernels<kind>::propagator(const ExpressionRun& run,
                                                                const std::string& scheme,
                                                                Precision precision,
                                                                const PropagatorOptions& options) {
  std::vector<double> values;
  for (const deck::Distribution& law : run.parameters) values.push_back(law.first);
  const UploadedEquation uploaded(run.equation, values);
  std::unique_ptr<Propagator> made;
  for_each_type(Schemes{}, [&]<class S>(TypeTag<S>) {
    using F = Expression<S::calculus, kind>;
    if constexpr (Integrates<S, F>) {
      if (scheme != S::name) return;
      const F field = uploaded.template field<S::calculus, kind>(run.equation, run.written);
      made = make_moving<Motions::all, S, F>(
          precision, options,
          [&]<class T, class M>(TypeTag<T>, TypeTag<M>) -> std::unique_ptr<Propagator> {
            return std::make_unique<BlockPropagator<S, F, T, M>>(field, uploaded, run.initial,
                                                                 options, drawn_of(run.parameters));
          });
    }
  });
  if (!made) throw UsageError("scheme '" + scheme + "' does not integrate this model");
  return made;
}

}  // namespace driftwood::sde
