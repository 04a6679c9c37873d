// SPDX-License-Identifier: BSD-3-Clause
#include "run/checkpoints.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>

#include "base/error.hpp"
#include "io/output.hpp"
#include "io/result_text.hpp"
#include "run/build_info.hpp"
#include "run/context.hpp"
#include "run/stop_signals.hpp"
#include "run/text.hpp"

namespace driftwood::run {
namespace {

constexpr double vote_period = 0.05;  ///< between two rounds of agreement, at least [s]
constexpr double look_period = 1;     ///< between two looks for a file [s]

std::string build_text() {
  const BuildInfo build = build_info();
  return build.version + " " + build.commit + (build.dirty ? " modified" : "") + ", " +
         build.compiler + ", " + build.architecture;
}

bool is_there(const std::string& path) { return ::access(path.c_str(), F_OK) == 0; }

}  // namespace

Checkpoints::Checkpoints(Context& context)
    : context_(context),
      files_(context.comm(), context.output(), static_cast<int>(context.options().checkpoint.keep)),
      header_{context.program(), build_text(), context.effective_deck(), 0, 0, 1},
      deadline_(context.clock(), context.options().time_limit_seconds()) {
  const Resume resume = context.options().resume();
  const double began = context.clock().elapsed();
  if (resume != Resume::never) look_for_results();
  if (has_results_) return;
  context.comm().agree([&] {
    if (context.comm().is_root()) io::check_output(context.output(), context.options().overwrite);
  });
  if (resume == Resume::never) {
    if (files_.any()) {
      context.log().warning("the checkpoints of '" + context.output() +
                            "' that are there will be overwritten; --resume continues them");
    }
  } else {
    restore(resume == Resume::require);
  }
  restore_seconds_ = context.clock().elapsed() - began;
  last_pass_ = context.clock().elapsed();
  next_save_ = last_pass_ + context.options().checkpoint.every.seconds;
}

void Checkpoints::look_for_results() {
  std::int64_t found = 0;
  context_.comm().agree([&] {
    if (!context_.comm().is_root()) return;
    const auto driver = io::result_text(context_.output(), io::ResultText::driver);
    const auto deck = io::result_text(context_.output(), io::ResultText::effective_deck);
    if (!deck || driver != context_.program()) return;
    const auto changes = context_.changes(*deck);
    found = std::ranges::all_of(
        changes, [](const deck::Change& change) { return change.rule == deck::OnRestart::allow; });
  });
  has_results_ = context_.comm().all_reduce_max(found) == 1;
  if (!has_results_) return;
  files_.remove();
  context_.log().info("the results of this deck are complete: nothing to do");
}

void Checkpoints::restore(bool required) {
  auto saved = files_.read(
      [&](const std::string& problem) { context_.log().warning(problem + ": it is not used"); });
  if (!saved) {
    if (required) {
      throw Error("there is no checkpoint of '" + context_.output() + "' to continue",
                  "run.resume = \"require\"", "start without it");
    }
    context_.log().info("there is no checkpoint of '" + context_.output() +
                        "': starting from the beginning");
    return;
  }
  context_.comm().agree([&] { check(*saved); });
  if (saved->header.build != header_.build) {
    context_.log().warning("'" + saved->file + "' was written by another build (" +
                           saved->header.build +
                           "): results will not be the same bits as those of one build");
  }
  header_.wall_seconds = saved->header.wall_seconds;
  header_.joules = saved->header.joules;
  header_.jobs = saved->header.jobs + 1;
  context_.continue_after(header_.wall_seconds, header_.joules);
  parts_ = std::move(saved->parts);
  can_continue_ = true;
  context_.log().info("continuing from '" + saved->file + "', after " +
                      duration_text(header_.wall_seconds) + " of work");
}

void Checkpoints::check(const io::SavedRun& saved) const {
  if (saved.header.driver != context_.program()) {
    throw UsageError("'" + saved.file + "' is a checkpoint of " + saved.header.driver, "",
                     "choose another output");
  }
  for (const deck::Change& change : context_.changes(saved.header.effective_deck)) {
    if (change.is_allowed) continue;
    throw context_.source().error(change.key,
                                  "'" + change.key + "' is " + change.now + ", and was " +
                                      change.before + " when '" + saved.file + "' was written",
                                  change.rule == deck::OnRestart::grow
                                      ? "it may only grow"
                                      : "what was computed until then depends on it",
                                  "set it back, or start anew without --resume");
  }
}

double Checkpoints::margin() const {
  return context_.options().checkpoint.margin.seconds + 2 * (longest_gap_ + last_save_seconds_);
}

bool Checkpoints::is_stop_file_there() {
  const double now = context_.clock().elapsed();
  if (now < next_look_) return false;
  next_look_ = now + look_period;
  const std::string own = context_.output() + ".STOP";
  const std::filesystem::path of_folder =
      std::filesystem::path(context_.output()).parent_path() / "STOP";
  for (const std::string& file : {own, of_folder.string()}) {
    if (!is_there(file)) continue;
    why_ = "there is a file '" + file + "'";
    return true;
  }
  return false;
}

Checkpoints::Wish Checkpoints::wish() {
  if (const auto signal = StopSignals::received(); !signal.empty()) {
    why_ = "received " + std::string(signal);
    return stop;
  }
  if (!context_.comm().is_root()) return nothing;
  const double now = context_.clock().elapsed();
  if (deadline_.at() && now >= *deadline_.at() - margin()) {
    why_ = deadline_.reason() + " is near";
    return stop;
  }
  if (is_stop_file_there()) return stop;
  return now >= next_save_ ? save : nothing;
}

bool Checkpoints::pass(const State& state) {
  const double now = context_.clock().elapsed();
  longest_gap_ = std::max(longest_gap_, now - last_pass_);
  last_pass_ = now;
  if (!vote_.is_open()) {
    if (now < next_vote_) return true;
    vote_.cast({wish(), false});
  }
  const auto answer = vote_.answer();
  if (!answer) return true;
  next_vote_ = now + vote_period;
  return act(answer->wish, state);
}

bool Checkpoints::pass_together(const State& state) {
  const double now = context_.clock().elapsed();
  longest_gap_ = std::max(longest_gap_, now - last_pass_);
  last_pass_ = now;
  if (!vote_.is_open()) vote_.cast({wish(), false});
  return act(vote_.wait().wish, state);
}

bool Checkpoints::wait_for_others(const State& state) {
  for (;;) {
    if (!vote_.is_open()) vote_.cast({wish(), true});
    const auto answer = vote_.wait();
    if (answer.is_done) break;
    if (!act(answer.wish, state)) return false;
  }
  last_pass_ = context_.clock().elapsed();
  return true;
}

void Checkpoints::save_last(const State& state) {
  if (count_ > 0) static_cast<void>(write(state));
}

bool Checkpoints::act(std::int64_t answer, const State& state) {
  if (answer == nothing) return true;
  const bool is_saved = write(state);
  last_pass_ = context_.clock().elapsed();
  next_save_ = last_pass_ + context_.options().checkpoint.every.seconds;
  if (answer != stop) return true;
  if (!is_saved && !can_continue_) {
    throw IoError("the run was told to stop, and what it computed is lost",
                  "no checkpoint could be written");
  }
  if (why_.empty()) static_cast<void>(wish());  // what others knew first may have come here, too
  context_.say_why_stopped(why_.empty() ? "another rank was told to" : why_);
  return false;
}

bool Checkpoints::write(const State& state) {
  const double began = context_.clock().elapsed();
  const auto lap = watch_.measure();
  io::CheckpointHeader header = header_;
  header.wall_seconds += began;
  try {
    header.joules += context_.joules();
    const comm::Bytes mine = context_.comm().agree(state);
    files_.write(header, mine);
    ++count_;
    can_continue_ = true;
    last_save_seconds_ = context_.clock().elapsed() - began;
    context_.log().debug(fmt::format("checkpoint {} took {:.3f} s, {} bytes on this rank", count_,
                                     last_save_seconds_, mine.size()));
    return true;
  } catch (const Error& error) {
    context_.log().warning(std::string("no checkpoint: ") + error.what());
    return false;
  }
}

void Checkpoints::record(std::vector<io::Quantity>& quantities) const {
  record({header_.jobs, count_, watch_.seconds(), restore_seconds_}, quantities);
}

void Checkpoints::record(const Record& of, std::vector<io::Quantity>& quantities) {
  quantities.push_back({"jobs", of.jobs, "1", "jobs that worked on the run"});
  quantities.push_back({"checkpoints", of.checkpoints, "1", "checkpoints of the last job"});
  quantities.push_back({"checkpoint_seconds", of.checkpoint_seconds, "s",
                        "rank 0's time in the checkpoints of that job"});
  quantities.push_back(
      {"restore_seconds", of.restore_seconds, "s", "time in which it read a checkpoint"});
}

void Checkpoints::finish() { files_.remove(); }

}  // namespace driftwood::run
