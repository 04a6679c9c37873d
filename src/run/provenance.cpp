// SPDX-License-Identifier: BSD-3-Clause
#include "run/provenance.hpp"

#include "deck/source.hpp"
#include "run/build_info.hpp"
#include "run/context.hpp"
#include "run/lifetimes.hpp"

namespace driftwood::run {

io::Provenance provenance(Context& context, const deck::Source& source, const Cost& cost) {
  auto record = io::Provenance::now(context.comm(), context.program());
  const BuildInfo build = build_info();
  record.version = build.version;
  record.commit = build.commit;
  record.dirty = build.dirty;
  record.compiler = build.compiler;
  record.build_flags = build.flags;
  record.architecture = build.architecture;
  record.kokkos = KokkosLifetime::version();
  record.backend = KokkosLifetime::backend();
  record.threads = context.threads();
  record.command_line = context.command_line();
  record.deck = source.text();
  record.effective_deck = context.effective_deck();
  record.started = context.clock().started();
  record.finished = io::utc_now();
  record.wall_seconds = cost.wall_seconds;
  record.energy = cost.energy;
  record.memory = context.memory();
  return record;
}

}  // namespace driftwood::run
