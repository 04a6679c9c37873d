// SPDX-License-Identifier: BSD-3-Clause
#include "natgrad_sweep_advise.hpp"

#include "io/output.hpp"
#include "natgrad/advice/study.hpp"
#include "natgrad_sweep_farm.hpp"
#include "natgrad_sweep_finish.hpp"

namespace driftwood::natgrad_sweep {

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

  return finish(
      context, deck, source, checkpoints,
      {.work = {{trial.tasks(), "trials"}},
       .seed = deck.advise->seed,
       .quantities = {{"trials", trial.tasks(), "1", "choices of rows"}}},
      [&](io::ResultFile& file) { study.write(file); }, [&] { return study.text(); });
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
