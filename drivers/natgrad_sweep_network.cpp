// SPDX-License-Identifier: BSD-3-Clause
#include "natgrad_sweep_network.hpp"

#include "io/output.hpp"
#include "natgrad/network/results.hpp"
#include "natgrad_sweep_farm.hpp"
#include "natgrad_sweep_finish.hpp"
#include "run/checkpoints.hpp"

namespace driftwood::natgrad_sweep {

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

  const std::int64_t points = std::ssize(study.points());
  const auto parameters = static_cast<std::int64_t>(study.parameters());
  return finish(
      context, deck, source, checkpoints,
      {.work = {{study.tasks(), "tasks"}},
       .seed = study.options().seed,
       .quantities = {{"points", points, "1", "settings"},
                      {"replicas", study.options().replicas, "1", "draws of networks and noise"},
                      {"parameters", parameters, "1", "of the student"}}},
      [&](io::ResultFile& file) { natgrad::write(file, study, found); },
      [&] { return natgrad::table_text(study, found); });
}

}  // namespace driftwood::natgrad_sweep
