// SPDX-License-Identifier: BSD-3-Clause
#include "natgrad_sweep_rkhs.hpp"

#include "io/output.hpp"
#include "natgrad/rkhs/results.hpp"
#include "natgrad_sweep_farm.hpp"
#include "natgrad_sweep_finish.hpp"

namespace driftwood::natgrad_sweep {

run::Outcome study_rkhs(run::Context& context, const Deck& deck, const deck::Source& source) {
  const comm::Communicator& comm = context.comm();
  const io::OutputLock lock(comm, context.output());
  run::Checkpoints checkpoints(context);
  if (checkpoints.has_results()) return run::Outcome::done;

  const natgrad::RkhsOptions& options = *deck.rkhs;
  natgrad::RkhsRuns runs(options);
  if (!do_tasks(context, runs, "designs", checkpoints)) return run::Outcome::stopped;
  context.sample_memory();
  const std::vector<double> all = runs.found().merged(comm);
  natgrad::RkhsFindings found;
  if (comm.is_root()) found = natgrad::count_steps(options, all);

  const std::int64_t designs = runs.found().tasks();
  return finish(
      context, deck, source, checkpoints,
      {.work = {{designs, "designs"}},
       .seed = options.seed,
       .quantities = {{"designs", designs, "1", "drawn designs"}}},
      [&](io::ResultFile& file) { natgrad::write(file, options, found); },
      [&] { return natgrad::table_text(options, found); });
}

}  // namespace driftwood::natgrad_sweep
