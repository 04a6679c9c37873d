// SPDX-License-Identifier: BSD-3-Clause
// A driver that fails on command: which ranks, how, and at which point of a run.
#include <mpi.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <new>
#include <string>
#include <thread>
#include <vector>

#include "base/error.hpp"
#include "io/output.hpp"
#include "io/result_file.hpp"
#include "run/main.hpp"
#include "run/progress.hpp"
#include "run/provenance.hpp"

namespace {
using namespace driftwood;

struct Fault {
  std::string kind = "none";
  std::string place = "before";
  std::vector<double> ranks;
  bool agreed = false;
  double seconds = 0;

  void describe(deck::Schema& s) {
    s.key("kind", kind,
          deck::one_of({"none", "error", "usage", "bad_alloc", "number", "stop", "deck"}),
          "what is thrown, or returned");
    s.key("place", place, deck::one_of({"before", "between", "file", "after"}),
          "when it is thrown");
    s.key("ranks", ranks, deck::non_negative, "ranks that throw; none: all");
    s.key("agreed", agreed, "throw within an agreed region");
    s.key("seconds", seconds, deck::non_negative, "duration of the work [s]");
  }
};

struct Deck {
  run::Options run;
  Fault fault;

  void describe(deck::Schema& s) {
    s.table("run", run, "the run");
    s.table("fault", fault, "the failure");
  }
  void validate(const deck::Source& source) const {
    if (fault.kind == "deck") throw source.error("fault.kind", "a rule across keys is broken");
  }
};

[[noreturn]] void raise(const std::string& kind, int rank) {
  if (kind == "usage") throw UsageError("rank " + std::to_string(rank) + " found no data");
  if (kind == "bad_alloc") throw std::bad_alloc();
  if (kind == "number") throw 42;
  throw Error("rank " + std::to_string(rank) + " broke");
}

void fail_if_due(const run::Context& context, const Fault& fault, const std::string& place) {
  bool due = fault.kind != "none" && fault.kind != "stop" && fault.place == place;
  const auto fails = [&](double rank) { return static_cast<int>(rank) == context.comm().rank(); };
  due = due && (fault.ranks.empty() || std::any_of(fault.ranks.begin(), fault.ranks.end(), fails));
  if (fault.agreed) {
    context.comm().agree([&] {
      if (due) raise(fault.kind, context.comm().rank());
    });
  } else if (due) {
    raise(fault.kind, context.comm().rank());
  }
}

run::Outcome study(run::Context& context, Deck& deck, const deck::Source& source) {
  fail_if_due(context, deck.fault, "before");
  const io::OutputLock lock(context.comm(), context.output());
  context.comm().barrier();
  {
    run::Progress progress(context, 1000, "items");
    while (context.clock().elapsed() < deck.fault.seconds) {
      std::this_thread::sleep_for(std::chrono::milliseconds(50));
      const double share = context.clock().elapsed() / deck.fault.seconds;
      progress.update(static_cast<std::int64_t>(1000 * share), run::Estimate{"mean", share, 0.01});
    }
    fail_if_due(context, deck.fault, "between");
    context.comm().barrier();
  }
  io::ResultFile file(context.comm(), context.output(), deck.run.overwrite);
  fail_if_due(context, deck.fault, "file");
  run::provenance(context, source, context.cost({{10, "items"}, {1000, "item-steps"}})).write(file);
  file.commit();
  fail_if_due(context, deck.fault, "after");
  return deck.fault.kind == "stop" ? run::Outcome::stopped : run::Outcome::done;
}

std::string listing() { return "faults: error, usage, bad_alloc, number\n"; }

const run::Program about = {.name = "fault_driver",
                            .summary = "fails on command",
                            .description = "For the tests of how runs end.",
                            .examples = {{"fault_driver deck.toml", "run it"}},
                            .list = listing};
}  // namespace

int main(int argc, char** argv) { return driftwood::run::main<Deck>(argc, argv, about, study); }
