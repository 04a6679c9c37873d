// SPDX-License-Identifier: BSD-3-Clause
#include "run/context.hpp"

#include <iostream>
#include <utility>

#include "run/node.hpp"

namespace driftwood::run {

Context::Context(comm::Communicator comm, const Clock& clock, Setup setup)
    : comm_(std::move(comm)),
      clock_(clock),
      setup_(std::move(setup)),
      terminal_(Terminal::standard_error()),
      log_(terminal_, setup_.program, setup_.log_level, comm_.rank()),
      status_(output() + ".status.json", {setup_.program, output(), comm_.rank(), comm_.size()},
              clock_),
      energy_(comm_) {}

void Context::print(std::string_view text) {
  if (!comm_.is_root() || setup_.quiet) return;
  terminal_.clear();
  std::cout << text << std::flush;
}

Cost Context::cost(std::vector<Work> work) {
  cost_ = Cost{.work = std::move(work),
               .wall_seconds = earlier_seconds_ + clock_.elapsed(),
               .cores = cores_used(comm_, setup_.threads),
               .energy = energy_.total()};
  cost_->energy.joules += earlier_joules_;
  return *cost_;
}

void Context::continue_after(double wall_seconds, double joules) {
  earlier_seconds_ = wall_seconds;
  earlier_joules_ = joules;
}

Progress::Sinks Context::progress_sinks() {
  const bool shown = comm_.is_root() && !setup_.quiet;
  return {.terminal = shown ? &terminal_ : nullptr, .status = &status_, .tick = [this] {
            energy_.sample();
            memory_.pass(clock_.elapsed());
          }};
}

void Context::close(Outcome outcome) {
  if (!comm_.is_root()) return;
  const bool done = outcome == Outcome::done;
  status_.finish(done ? State::done : State::stopped, {});
  std::string text = "results  " + output() + '\n';
  if (!done) {
    text = "stopped  " + (why_stopped_.empty() ? "before the end" : why_stopped_) +
           "; the same command with --resume continues\n";
  }
  if (cost_) text += summary(*cost_) + '\n';
  print(text);
}

void Context::close_failed(std::string_view message) {
  terminal_.clear();
  status_.finish(State::failed, message);
}

}  // namespace driftwood::run
