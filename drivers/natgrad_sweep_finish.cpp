// SPDX-License-Identifier: BSD-3-Clause
#include "natgrad_sweep_finish.hpp"

#include <utility>

#include "base/lane.hpp"
#include "run/provenance.hpp"

namespace driftwood::natgrad_sweep {

StudyRecord record_of(const Deck& deck, const natgrad::Grid& grid, std::int64_t designs) {
  const auto points = static_cast<std::int64_t>(grid.points());
  StudyRecord out;
  out.work = {{points, "points"}, {designs, "designs"}};
  if (deck.ensemble) out.seed = deck.ensemble->seed;
  out.quantities = {{"points", points, "1", "points of the grid"},
                    {"designs", designs, "1", "drawn designs"}};
  return out;
}

io::Provenance provenance_of(run::Context& context, const deck::Source& source, StudyRecord study) {
  auto record = run::provenance(context, source, context.cost(std::move(study.work)));
  record.seed = study.seed;
  record.lane_width = width_of<Lane<double>>;
  record.quantities = std::move(study.quantities);
  return record;
}

run::Outcome finish(run::Context& context, const Deck& deck, const deck::Source& source,
                    run::Checkpoints& checkpoints, StudyRecord study,
                    const std::function<void(io::ResultFile&)>& write,
                    const std::function<std::string()>& text) {
  io::ResultFile file(context.comm(), context.output(), deck.run.overwrite);
  write(file);
  checkpoints.record(study.quantities);
  provenance_of(context, source, std::move(study)).write(file);
  file.commit();
  checkpoints.finish();
  if (context.comm().is_root()) context.print(text());
  return run::Outcome::done;
}

}  // namespace driftwood::natgrad_sweep
