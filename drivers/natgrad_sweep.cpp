// SPDX-License-Identifier: BSD-3-Clause
/// natgrad_sweep: when preconditioning helps or hurts generalisation, by theory and by drawn
/// designs side by side.
#include "base/error.hpp"
#include "base/lane.hpp"
#include "io/output.hpp"
#include "io/provenance.hpp"
#include "io/result_file.hpp"
#include "natgrad/ensemble/blas.hpp"
#include "natgrad/network/choice.hpp"
#include "natgrad/sweep_results.hpp"
#include "natgrad_sweep_advise.hpp"
#include "natgrad_sweep_farm.hpp"
#include "natgrad_sweep_kernel.hpp"
#include "natgrad_sweep_network.hpp"
#include "natgrad_sweep_parts.hpp"
#include "natgrad_sweep_plan.hpp"
#include "natgrad_sweep_rkhs.hpp"
#include "run/checkpoints.hpp"
#include "run/main.hpp"
#include "run/provenance.hpp"

namespace driftwood::natgrad_sweep {

io::Provenance record_of(run::Context& context, const Deck& deck, const deck::Source& source,
                         const natgrad::Grid& grid, std::int64_t designs,
                         const std::vector<io::Quantity>& more) {
  const auto points = static_cast<std::int64_t>(grid.points());
  const auto cost = context.cost({{points, "points"}, {designs, "designs"}});
  auto record = run::provenance(context, source, cost);
  if (deck.ensemble) record.seed = deck.ensemble->seed;
  record.lane_width = width_of<Lane<double>>;
  record.quantities = {{"points", points, "1", "points of the grid"},
                       {"designs", designs, "1", "drawn designs"}};
  record.quantities.insert(record.quantities.end(), more.begin(), more.end());
  return record;
}

namespace {

run::Outcome study(run::Context& context, Deck& deck, const deck::Source& source) {
  if (!context.petsc().empty() && !(deck.ensemble && deck.ensemble->are_large())) {
    throw UsageError("options of PETSc follow '--'", "no design is left to it",
                     "set 'ensemble.solver' to \"petsc\", or leave them out");
  }
  if (deck.advise) return study_advise(context, deck, source);
  if (deck.rkhs) return study_rkhs(context, deck, source);
  if (deck.kernel) return study_kernel(context, deck, source);
  if (deck.network) return study_network(context, deck, source);
  const comm::Communicator& comm = context.comm();
  const io::OutputLock lock(comm, context.output());
  run::Checkpoints checkpoints(context);
  if (checkpoints.has_results()) return run::Outcome::done;

  const natgrad::Grid grid(*deck.problem, *deck.estimator);
  natgrad::SweepFindings found{.theory = natgrad::predict(comm, grid)};
  std::int64_t designs = 0;
  if (deck.ensemble) {
    natgrad::Ensemble ensemble(grid, *deck.ensemble, context.petsc());
    if (!do_tasks(context, ensemble, "designs", checkpoints)) return run::Outcome::stopped;
    for (const std::string& option : ensemble.unused_options()) {
      if (comm.is_root()) context.log().warning("no design asked for PETSc's option " + option);
    }
    context.sample_memory();
    found.ensemble = ensemble.merged(comm);
    found.replicas = deck.ensemble->replicas;
    designs = ensemble.tasks();
  }

  io::ResultFile file(comm, context.output(), deck.run.overwrite);
  natgrad::write(file, grid, found);
  std::vector<io::Quantity> quantities;
  checkpoints.record(quantities);
  record_of(context, deck, source, grid, designs, quantities).write(file);
  file.commit();
  checkpoints.finish();
  context.print(natgrad::table_text(grid, found));
  return run::Outcome::done;
}

std::string listing() {
  return "Preconditioners P ([estimator] preconditioner)\n\n"
         "  gd                  I: plain gradient descent\n"
         "  ngd                 Sigma_X^-1: natural gradient, the Fisher matrix of the population\n"
         "  opt                 Sigma_theta: the least bias of all\n"
         "  add:A               (A Sigma_X + (1 - A) I)^-1\n"
         "  pow:A               Sigma_X^-A\n"
         "  fisher_estimate:U   the Fisher matrix of U unlabelled rows, undamped\n"
         "  fisher_sample       that of the rows that are learnt from, hardly damped\n"
         "\nof networks ([network] preconditioner)\n\n" +
         natgrad::fisher_choices_text() +
         "\nSpectra ([problem] spectrum.kind)\n\n"
         "  identity            all eigenvalues are 1\n"
         "  twopoint            one half is 'ratio' times the other\n"
         "  geometric           evenly spaced logarithms, 'ratio' from end to end\n"
         "  power               i^-'exponent'\n"
         "  data                those of the covariance of a table\n"
         "  file                those of a text file\n"
         "\nKernels ([kernel] function.kind)\n\n"
         "  rbf                 exp(-r^2 / 2), r = |x - y| / length\n"
         "  laplace             exp(-|x - y|_1 / length)\n"
         "  matern12 .. 52      of smoothness 1/2, 3/2, 5/2\n"
         "  polynomial          (x.y / length^2 + offset)^degree\n"
         "  arc_cosine, ntk     of wide layers of rectifiers\n"
         "  torus_sobolev       periodic in every coordinate\n";
}

const run::Program about = {
    .name = "natgrad_sweep",
    .summary = "when preconditioning helps or hurts generalisation",
    .description =
        "Bias, variance and risk of linear regression by preconditioned gradient flow on\n"
        "n rows of d features, over grids of spectra, alignments of the signal, d / n,\n"
        "preconditioners, ridges, stopping times and noise: exactly for n -> infinity,\n"
        "and over drawn designs, which are shared out among ranks. Also steps of descents\n"
        "in a kernel's space, kernel regression on a table, networks that learn from\n"
        "networks, and advice for a table of your own. Results are bit for bit the same\n"
        "on any number of ranks.",
    .examples = {{"natgrad_sweep --list", "which preconditioners and spectra are there?"},
                 {"mpirun -n 2 natgrad_sweep deck.toml", "run on two processes"},
                 {"natgrad_sweep deck.toml --set ensemble.replicas=200", "more designs"},
                 {"natgrad_sweep deck.toml --set ensemble.solver=petsc -- -ksp_max_it 20000",
                  "large designs, by PETSc with options of its own"},
                 {"natgrad_sweep --advise x.csv --set advise.target=y",
                  "should I precondition on my data?"},
                 {"natgrad_sweep --plan --ranks 100 deck.toml", "what would that cost?"},
                 {"postprocess/natgrad_sweep.py sweep.h5", "plots and an HTML report"}},
    .list = listing,
    .takes_petsc = true,
    .deck_option =
        run::DeckOption{"--advise", "DATA",
                        "instead of a deck: say whether to precondition on a table", advise_deck},
};
}  // namespace
}  // namespace driftwood::natgrad_sweep

int main(int argc, char** argv) {
  using namespace driftwood::natgrad_sweep;
  // From the check of the deck on, which may need eigenvalues of a table.
  driftwood::natgrad::blas::hold_one_thread();
  return driftwood::run::main<Deck>(argc, argv, about, study, plan);
}
