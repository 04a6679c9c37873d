// SPDX-License-Identifier: BSD-3-Clause
#include "natgrad_sweep_advise.hpp"

#include "base/lane.hpp"
#include "io/output.hpp"
#include "io/result_file.hpp"
#include "natgrad/advice/study.hpp"
#include "natgrad_sweep_farm.hpp"
#include "run/provenance.hpp"

namespace driftwood::natgrad_sweep {
namespace {

io::Provenance record_of(run::Context& context, const deck::Source& source,
                         const natgrad::AdviceOptions& options, std::int64_t trials) {
  auto record = run::provenance(context, source, context.cost({{trials, "trials"}}));
  record.seed = options.seed;
  record.lane_width = width_of<Lane<double>>;
  record.quantities = {{"trials", trials, "1", "choices of rows"}};
  return record;
}

}  // namespace

run::Outcome study_advise(run::Context& context, const Deck& deck, const deck::Source& source) {
  const comm::Communicator& comm = context.comm();
  const io::OutputLock lock(comm, context.output());
  run::Checkpoints checkpoints(context);
  if (checkpoints.has_results()) return run::Outcome::done;

  natgrad::AdviceStudy study(comm, *deck.advise);
  natgrad::AdviceTrial& trial = study.trial();
  if (!do_tasks(context, trial, "trials", checkpoints)) return run::Outcome::stopped;
  context.sample_memory();
  study.conclude(comm);

  io::ResultFile file(comm, context.output(), deck.run.overwrite);
  study.write(file);
  io::Provenance record = record_of(context, source, *deck.advise, trial.tasks());
  checkpoints.record(record.quantities);
  record.write(file);
  file.commit();
  checkpoints.finish();
  if (comm.is_root()) context.print(study.text());
  return run::Outcome::done;
}

std::string advise_deck(const std::string& data) {
  std::string quoted;
  for (const char c : data) {
    if (c == '"' || c == '\\') quoted += '\\';
    quoted += c;
  }
  return "format = 1\n[run]\noutput = \"advice.h5\"\n[advise]\ndata = \"" + quoted + "\"\n";
}

}  // namespace driftwood::natgrad_sweep
