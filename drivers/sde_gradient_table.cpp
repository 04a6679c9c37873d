// SPDX-License-Identifier: BSD-3-Clause
#include "sde_gradient_table.hpp"

#include <algorithm>

#include "base/lane.hpp"
#include "comm/share_rest.hpp"
#include "run/progress.hpp"
#include "run/provenance.hpp"
#include "sde/gradient/error_table.hpp"
#include "sde/gradient/formulas.hpp"

namespace driftwood::sde_gradient {
namespace {

sde::ErrorTable table_of(const Deck& deck, const deck::Source& source) {
  const sde::Model& model = *deck.model.model;
  sde::ErrorTableSetup setup{.end = deck.time.end,
                             .paths = deck.ensemble.paths,
                             .seed = deck.ensemble.seed,
                             .precision = deck.ensemble.precision(),
                             .parameters = deck.gradient.parameters(model),
                             .initial = deck.gradient.initial(model)};
  return {*deck.table, std::move(setup), sde::read_gradient_formulas(deck.observe, model, source),
          model};
}

}  // namespace

run::Outcome study_errors(run::Context& context, const Deck& deck, const deck::Source& source,
                          run::Checkpoints& checkpoints) {
  const comm::Communicator& comm = context.comm();
  sde::ErrorTable table = table_of(deck, source);
  comm.agree([&] {
    table.require_gradients(source);
    for (const comm::Bytes& part : checkpoints.parts()) table.absorb(part);
  });
  const auto state = [&] { return table.saved(); };
  const auto todo = comm::share_rest(comm, {0, table.cells()}, table.finished());
  {
    run::Progress progress(context, table.cells(), "gradients");
    std::int64_t left = comm::count_of(todo);
    for (const comm::Share& range : todo) {
      for (std::int64_t cell = range.first; cell < range.last; ++cell) {
        table.measure(cell);
        if (!checkpoints.pass(state)) return run::Outcome::stopped;
        --left;
        progress.update(std::max<std::int64_t>(table.cells() - left * comm.size(), 0));
      }
    }
    if (!checkpoints.wait_for_others(state)) return run::Outcome::stopped;
  }
  checkpoints.save_last(state);
  table.merge(comm);

  io::ResultFile file(comm, context.output(), deck.run.overwrite);
  table.write(file);
  const auto cost =
      context.cost({{table.cells(), "gradients"}, {table.path_steps(), "path-steps"}});
  auto record = run::provenance(context, source, cost);
  record.seed = deck.ensemble.seed;
  record.lane_width = deck.ensemble.precision() == sde::Precision::double_ ? width_of<Lane<double>>
                                                                           : width_of<Lane<float>>;
  record.quantities = {
      {"paths", deck.ensemble.paths, "1", "paths of each gradient"},
      {"path_steps_per_second", cost.rate(), "1/s",
       "steps of all paths, forwards, per second of wall time"},
  };
  checkpoints.record(record.quantities);
  record.write(file);
  file.commit();
  if (comm.is_root()) context.print(table.table_text());
  return run::Outcome::done;
}

}  // namespace driftwood::sde_gradient
