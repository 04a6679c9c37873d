// SPDX-License-Identifier: BSD-3-Clause
#include "natgrad_sweep_rkhs.hpp"

#include "base/lane.hpp"
#include "io/output.hpp"
#include "io/result_file.hpp"
#include "natgrad/rkhs/results.hpp"
#include "natgrad_sweep_farm.hpp"
#include "run/provenance.hpp"

namespace driftwood::natgrad_sweep {
namespace {

io::Provenance record_of(run::Context& context, const deck::Source& source,
                         const natgrad::RkhsOptions& options, std::int64_t designs) {
  auto record = run::provenance(context, source, context.cost({{designs, "designs"}}));
  record.seed = options.seed;
  record.lane_width = width_of<Lane<double>>;
  record.quantities = {{"designs", designs, "1", "drawn designs"}};
  return record;
}

}  // namespace

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

  io::ResultFile file(comm, context.output(), deck.run.overwrite);
  natgrad::write(file, options, found);
  io::Provenance record = record_of(context, source, options, runs.found().tasks());
  checkpoints.record(record.quantities);
  record.write(file);
  file.commit();
  checkpoints.finish();
  if (comm.is_root()) context.print(natgrad::table_text(options, found));
  return run::Outcome::done;
}

}  // namespace driftwood::natgrad_sweep
