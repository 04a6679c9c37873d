// SPDX-License-Identifier: BSD-3-Clause
/// sde_gradient: derivatives of expectations through solves of stochastic differential equations.
#include "io/output.hpp"
#include "run/checkpoints.hpp"
#include "run/main.hpp"
#include "sde/registry.hpp"
#include "sde_gradient_deck.hpp"
#include "sde_gradient_fit.hpp"
#include "sde_gradient_means.hpp"
#include "sde_gradient_plan.hpp"
#include "sde_gradient_table.hpp"

namespace driftwood::sde_gradient {
namespace {

run::Outcome study(run::Context& context, Deck& deck, const deck::Source& source) {
  const io::OutputLock lock(context.comm(), context.output());
  run::Checkpoints checkpoints(context);
  if (checkpoints.has_results()) return run::Outcome::done;
  // One function for each kind of task, in a file of its own.
  const auto study_kind = deck.task.is_error_table() ? study_errors
                          : deck.task.is_fit()       ? study_fit
                                                     : study_means;
  const run::Outcome outcome = study_kind(context, deck, source, checkpoints);
  if (outcome == run::Outcome::done) checkpoints.finish();
  return outcome;
}

std::string listing() {
  return "Modes ([gradient] mode)\n\n"
         "  pathwise            backwards through the stored solution; exact for the discrete map\n"
         "  checkpointed        the same, bit for bit, with few states stored\n"
         "  adjoint             the adjoint equation solved backwards, right as steps vanish;\n"
         "                      schemes heun, midpoint, milstein\n"
         "  reversible_heun     backwards along the solution as it is rebuilt; exact, in constant\n"
         "                      memory; scheme reversible_heun\n\n" +
         sde::listing();
}

const run::Program about = {
    .name = "sde_gradient",
    .summary = "derivatives of expectations through solves of a stochastic differential equation",
    .description =
        "Solves an equation for many paths, and differentiates means of formulas of them\n"
        "by parameters and initial values, all at once by going backwards: sensitivities\n"
        "with standard errors. They are of the discretised expectation: refine the steps\n"
        "as for the expectation itself. Results are bit for bit the same on any number of\n"
        "ranks and threads.",
    .examples = {{"sde_gradient --list", "modes, models, and the schemes that integrate them"},
                 {"sde_gradient deck.toml --set 'gradient.with_respect_to=[\"sigma\"]'",
                  "derivatives by one parameter"},
                 {"mpirun -n 2 sde_gradient deck.toml", "run it on two processes"},
                 {"postprocess/sde_gradient.py gradient.h5", "plots and an HTML report"}},
    .list = listing,
};

}  // namespace
}  // namespace driftwood::sde_gradient

int main(int argc, char** argv) {
  using namespace driftwood::sde_gradient;
  return driftwood::run::main<Deck>(argc, argv, about, study, plan);
}
