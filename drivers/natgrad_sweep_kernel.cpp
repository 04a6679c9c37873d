// SPDX-License-Identifier: BSD-3-Clause
#include "natgrad_sweep_kernel.hpp"

#include <optional>

#include "base/lane.hpp"
#include "io/output.hpp"
#include "io/result_file.hpp"
#include "natgrad/kernel/results.hpp"
#include "natgrad_sweep_farm.hpp"
#include "run/progress.hpp"
#include "run/provenance.hpp"

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

io::Provenance record_of(run::Context& context, const deck::Source& source,
                         const natgrad::KernelOptions& options) {
  const std::int64_t lambdas = std::ssize(options.lambda);
  auto record = run::provenance(context, source, context.cost({{lambdas, "lambdas"}}));
  record.seed = options.seed;
  record.lane_width = width_of<Lane<double>>;
  record.quantities = {{"lambdas", lambdas, "1", "ridges that were fitted"}};
  return record;
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

  io::ResultFile file(comm, context.output(), deck.run.overwrite);
  natgrad::write(file, options, fits->kernel(), errors);
  io::Provenance record = record_of(context, source, options);
  checkpoints.record(record.quantities);
  record.write(file);
  file.commit();
  checkpoints.finish();
  if (comm.is_root()) context.print(natgrad::table_text(options, fits->kernel(), errors));
  return run::Outcome::done;
}

}  // namespace driftwood::natgrad_sweep
