// SPDX-License-Identifier: BSD-3-Clause
#include "run/main.hpp"

#include <iostream>
#include <optional>
#include <string>
#include <utility>

#include "base/error.hpp"
#include "run/command_line.hpp"
#include "run/exit_code.hpp"
#include "run/lifetimes.hpp"
#include "run/memory.hpp"
#include "run/parting.hpp"
#include "run/stop_signals.hpp"
#include "run/terminal.hpp"

namespace driftwood::run {
namespace {

/// One line on standard error. Errors of decks and options say themselves where they are.
void report(const Program& about, const std::string& message) {
  const bool positioned = message.find(": error: ") != std::string::npos;
  std::cerr << (positioned ? message : about.name + ": error: " + message) + '\n' << std::flush;
}

CommandLine understood(const Program& about, const std::vector<std::string>& arguments) {
  try {
    return parse_command_line(about, arguments);
  } catch (const UsageError& error) {
    throw UsageError(error.what(), {}, "see '" + about.name + " --help'");
  }
}

deck::Text deck_of(const CommandLine& line) {
  return line.deck_text ? deck::Text{line.deck, *line.deck_text} : deck::read_file(line.deck);
}

void load(Job& job, const CommandLine& line, const deck::Text& text) {
  job.load(text, line.overrides, line.output, line.resume);
}

/// What a study is told of how it was started.
Context::Setup setup(const CommandLine& line, const Program& about, Job& job, int threads) {
  return {.program = about.name,
          .command_line = line.text,
          .effective_deck = job.effective(),
          .source = &job.source(),
          .changes = [&job](std::string_view saved) { return job.changes(saved); },
          .options = job.options(),
          .petsc = line.petsc,
          .threads = threads,
          .quiet = line.quiet,
          .log_level = line.log_level};
}

/// What a run on other ranks would cost, with Kokkos and without MPI.
std::string planned(const CommandLine& line, const Program& about, Job& job) {
  if (!job.can_plan()) throw UsageError(about.name + " cannot plan", "", "leave --plan out");
  const Clock clock;
  load(job, line, deck_of(line));
  check_output(job.options(), job.source(), line.output);
  const KokkosLifetime kokkos(about.name, line.kokkos);
  Context context(comm::Communicator::alone(), clock, setup(line, about, job, kokkos.threads()));
  return job.plan(context, line.ranks);
}

/// Everything that needs no MPI.
void look(const CommandLine& line, const Program& about, Job& job) {
  const auto loaded = [&]() -> Job& {
    load(job, line, deck_of(line));
    check_output(job.options(), job.source(), line.output);
    return job;
  };
  std::string text;
  switch (line.action) {
    case Action::help:
      text = help_page(about);
      break;
    case Action::help_deck:
      text = job.help();
      break;
    case Action::reference:
      text = job.reference(about.name);
      break;
    case Action::list:
      text = about.list != nullptr ? about.list() : "nothing to choose from\n";
      break;
    case Action::version:
      text = version_line(about);
      break;
    case Action::effective:
      text = loaded().effective();
      break;
    case Action::check:
      text = line.deck + ": ok (writes " + loaded().options().output.value() + ")\n";
      break;
    case Action::plan:
      text = planned(line, about, job);
      break;
    case Action::run:
      break;
  }
  std::cout << text << (text.ends_with('\n') ? "" : "\n") << std::flush;
}

/// A run, with all libraries up. MPI must live longer than this.
class Run {
 public:
  Run(const Clock& clock, const CommandLine& line, const Program& about, Job& job,
      std::optional<StopSignals>& signals)
      : clock_(clock), line_(line), about_(about), job_(job), signals_(signals) {}

  /// The exit code. Collective.
  [[nodiscard]] int finish() {
    auto failure = caught([this] { prepare(); });
    if (failure) failure->on_all_ranks = true;
    Outcome outcome = Outcome::done;
    if (!failure) failure = caught([&] { outcome = job_.study(*context_); });
    // MPI ends the ranks of a failed run by a signal: the first to speak is to be the last.
    if (failure) signals_.reset();

    const auto last_words = [&] {
      fail("rank " + std::to_string(parting_.rank()) + ": " + failure->message);
    };
    failure = parting_.agree(failure, last_words);
    if (failure) {
      if (parting_.rank() == 0) fail(failure->message);
      return failure->code;
    }
    context_->close(outcome);
    return outcome == Outcome::done ? exit_done : exit_stopped;
  }

 private:
  /// Fails on all ranks or on none.
  void prepare() {
    auto comm = comm::Communicator::world();
    comm.agree([&] { kokkos_.emplace(about_.name, line_.kokkos); });
    auto text = comm.agree([&] { return comm.is_root() ? deck_of(line_) : deck::Text{}; });
    comm.broadcast(text.file);
    comm.broadcast(text.content);
    comm.agree([&] {
      load(job_, line_, text);
      if (comm.is_root()) check_output(job_.options(), job_.source(), line_.output);
    });
    context_.emplace(std::move(comm), clock_, setup(line_, about_, job_, kokkos_->threads()));
  }

  void fail(const std::string& message) {
    if (context_) context_->close_failed(message);
    report(about_, message);
  }

  const Clock& clock_;
  const CommandLine& line_;
  const Program& about_;
  Job& job_;
  std::optional<StopSignals>& signals_;
  Parting parting_;
  std::optional<KokkosLifetime> kokkos_;
  std::optional<Context> context_;
};

int run(const CommandLine& line, const Program& about, Job& job) {
  int code = exit_failure;
  const auto failure = caught([&] {
    const Clock clock;
    std::optional<StopSignals> signals(std::in_place);
    const MpiLifetime mpi;
    code = Run(clock, line, about, job, signals).finish();
  });
  if (failure) report(about, failure->message);
  return failure ? failure->code : code;
}

}  // namespace

int main(int argc, char** argv, const Program& about, Job& job) {
  return_large_blocks();
  // Before MPI runs, the ranks of a launch cannot agree: rank 0 acts for all.
  const bool acts = launch_rank() == 0;
  const std::vector<std::string> arguments(argv + (argc > 0 ? 1 : 0), argv + argc);
  CommandLine line;
  const auto failure = caught([&] {
    line = understood(about, arguments);
    if (line.action != Action::run && acts) look(line, about, job);
  });
  if (failure && acts) {
    report(about, failure->message);
    return failure->code;
  }
  if (failure || line.action != Action::run) return exit_done;
  return run(line, about, job);
}

}  // namespace driftwood::run
