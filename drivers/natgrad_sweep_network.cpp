// SPDX-License-Identifier: BSD-3-Clause
#include "natgrad_sweep_network.hpp"

#include "base/lane.hpp"
#include "io/output.hpp"
#include "io/provenance.hpp"
#include "io/result_file.hpp"
#include "natgrad/network/results.hpp"
#include "natgrad_sweep_farm.hpp"
#include "run/checkpoints.hpp"
#include "run/provenance.hpp"

namespace driftwood::natgrad_sweep {
namespace {

io::Provenance record_of(run::Context& context, const deck::Source& source,
                         const natgrad::NetworkStudy& study) {
  const auto points = std::ssize(study.points());
  auto record = run::provenance(context, source, context.cost({{study.tasks(), "tasks"}}));
  record.seed = study.options().seed;
  record.lane_width = width_of<Lane<double>>;
  record.quantities = {
      {"points", points, "1", "settings"},
      {"replicas", study.options().replicas, "1", "draws of networks and noise"},
      {"parameters", static_cast<std::int64_t>(study.parameters()), "1", "of the student"}};
  return record;
}

}  // namespace

run::Outcome study_network(run::Context& context, const Deck& deck, const deck::Source& source) {
  const comm::Communicator& comm = context.comm();
  const io::OutputLock lock(comm, context.output());
  run::Checkpoints checkpoints(context);
  if (checkpoints.has_results()) return run::Outcome::done;

  natgrad::NetworkStudy study(*deck.network);
  if (!do_tasks(context, study, "tasks", checkpoints)) return run::Outcome::stopped;
  context.sample_memory();
  study.gather(comm);
  std::vector<natgrad::NetworkSummary> found;
  if (comm.is_root()) found = natgrad::summarise(study);

  io::ResultFile file(comm, context.output(), deck.run.overwrite);
  natgrad::write(file, study, found);
  io::Provenance record = record_of(context, source, study);
  checkpoints.record(record.quantities);
  record.write(file);
  file.commit();
  checkpoints.finish();
  if (comm.is_root()) context.print(natgrad::table_text(study, found));
  return run::Outcome::done;
}

}  // namespace driftwood::natgrad_sweep
