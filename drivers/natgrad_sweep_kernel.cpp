// SPDX-License-Identifier: BSD-3-Clause
#include "natgrad_sweep_kernel.hpp"

#include <optional>

#include "io/output.hpp"
#include "natgrad/kernel/results.hpp"
#include "natgrad_sweep_farm.hpp"
#include "natgrad_sweep_finish.hpp"
#include "run/progress.hpp"

namespace driftwood::natgrad_sweep {
namespace {

/// By conjugate gradients, one lambda after the other. False: the run is to stop.
bool iterate(run::Context& context, natgrad::KernelFits& fits, run::Checkpoints& checkpoints) {
  const comm::Communicator& comm = context.comm();
  natgrad::FoundTasks& found = fits.found();
  comm.agree([&] {
    for (const comm::Bytes& part : checkpoints.parts()) found.absorb(part);
  });
  const auto state = [&] { return found.saved(); };
  const std::vector<std::int64_t> order = fits.order();
  const std::vector<std::int64_t> rest = found.rest(comm, order);
  run::Progress progress(context, std::ssize(order), "lambdas");
  std::int64_t done = std::ssize(order) - std::ssize(rest);
  for (const std::int64_t lambda : rest) {
    fits.work_together(comm, lambda);
    progress.update(++done);
    if (!checkpoints.pass_together(state)) return false;
  }
  return true;
}

bool fit(run::Context& context, const natgrad::KernelOptions& options, natgrad::KernelFits& fits,
         run::Checkpoints& checkpoints) {
  if (options.is_iterative()) return iterate(context, fits, checkpoints);
  return do_tasks(context, fits, "fits", checkpoints);
}

}  // namespace

run::Outcome study_kernel(run::Context& context, const Deck& deck, const deck::Source& source) {
  const comm::Communicator& comm = context.comm();
  const io::OutputLock lock(comm, context.output());
  run::Checkpoints checkpoints(context);
  if (checkpoints.has_results()) return run::Outcome::done;

  const natgrad::KernelOptions& options = *deck.kernel;
  std::optional<natgrad::KernelFits> fits;
  comm.agree([&] { fits.emplace(options); });
  if (!fit(context, options, *fits, checkpoints)) return run::Outcome::stopped;
  context.sample_memory();
  const std::vector<natgrad::KernelErrors> errors = fits->errors(fits->found().merged(comm));

  const std::int64_t lambdas = std::ssize(options.lambda);
  return finish(
      context, deck, source, checkpoints,
      {.work = {{lambdas, "lambdas"}},
       .seed = options.seed,
       .quantities = {{"lambdas", lambdas, "1", "ridges that were fitted"}}},
      [&](io::ResultFile& file) { natgrad::write(file, options, fits->kernel(), errors); },
      [&] { return natgrad::table_text(options, fits->kernel(), errors); });
}

}  // namespace driftwood::natgrad_sweep
