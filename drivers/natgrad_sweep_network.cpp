// SPDX-License-Identifier: BSD-3-Clause
#include "natgrad_sweep_network.hpp"

#include <algorithm>

#include "base/lane.hpp"
#include "comm/task_farm.hpp"
#include "io/output.hpp"
#include "io/provenance.hpp"
#include "io/result_file.hpp"
#include "natgrad/network/results.hpp"
#include "run/checkpoints.hpp"
#include "run/progress.hpp"
#include "run/provenance.hpp"

namespace driftwood::natgrad_sweep {
namespace {

/// Does what no job has done yet. False: the run is to stop.
bool work(run::Context& context, natgrad::NetworkStudy& study, run::Checkpoints& checkpoints) {
  const comm::Communicator& comm = context.comm();
  comm.agree([&] {
    for (const comm::Bytes& part : checkpoints.parts()) study.absorb(part);
  });
  const auto state = [&] { return study.saved(); };
  const std::vector<std::int64_t> rest = study.rest(comm);
  const std::int64_t before = study.tasks() - static_cast<std::int64_t>(rest.size());
  const std::int64_t mine = study.done();
  run::Progress progress(context, study.tasks(), "tasks");
  comm::TaskFarm farm;
  bool is_whole = farm.run(
      rest,
      [&](std::int64_t task) {
        study.work(task);
        progress.update(std::min(before + (study.done() - mine) * comm.size(), study.tasks()));
      },
      [&] { return checkpoints.pass(state); });
  is_whole = is_whole && checkpoints.wait_for_others(state);
  farm.settle();
  return is_whole;
}

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
  if (!work(context, study, checkpoints)) return run::Outcome::stopped;
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
