// SPDX-License-Identifier: BSD-3-Clause
#include "base/error.hpp"
#include "sde/expression_kernels.hpp"
#include "sde/fields/expression.hpp"
#include "sde/gradient/trace.hpp"
#include "sde/launch/lane_gradients.hpp"

namespace driftwood::sde {
namespace {

/// The equation in a calculus, from the one that it is written in.
template <Calculus written>
FieldPrograms programs_of(const Equation& equation, int parameters, Calculus calculus) {
  const std::vector<int> rows = equation.row_begins();
  const std::vector<int> columns = equation.columns();
  using F = Expression<written, Noise::general>;
  const F field{equation.dim(),
                equation.noise_dim(),
                equation.drift().tape(),
                equation.diffusion().tape(),
                equation.both().tape(),
                rows.data(),
                columns.data(),
                0.0,
                parameters,
                nullptr};
  FieldPrograms out = trace_field<F>(TracedBlock<F>{field}, calculus);
  out.noise = equation.noise();
  return out;
}

void require_derivatives(const Equation& equation) {
  for (const formula::Instruction& instruction : equation.both().code()) {
    if (instruction.op == formula::Op::step) {
      throw UsageError("the equation uses 'step', through which there are no gradients",
                       "its derivative is zero but where it jumps, which paths do not see",
                       "use a smooth transition such as sigmoid(x/width)");
    }
  }
}

}  // namespace

std::unique_ptr<GradientSolver> expression_gradients(const Model& model, const ExpressionRun& run,
                                                     const std::string& scheme, Precision precision,
                                                     const GradientPlan& plan) {
  require_derivatives(run.equation);
  const auto in = [&](Calculus calculus) {
    const int parameters = static_cast<int>(run.parameters.size());
    return run.written == Calculus::ito
               ? programs_of<Calculus::ito>(run.equation, parameters, calculus)
               : programs_of<Calculus::stratonovich>(run.equation, parameters, calculus);
  };
  const GradientPrograms programs =
      gradient_programs(in(scheme_info(scheme).calculus), in(Calculus::stratonovich), scheme,
                        plan.mode, plan.end / static_cast<double>(plan.steps));
  return make_lane_gradients(programs, gradient_names(model, run.initial, run.parameters),
                             precision, plan);
}

}  // namespace driftwood::sde
