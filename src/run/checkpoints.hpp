// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "comm/communicator.hpp"
#include "comm/vote.hpp"
#include "io/checkpoint.hpp"
#include "io/provenance.hpp"
#include "run/clock.hpp"
#include "run/deadline.hpp"

namespace driftwood::run {

class Context;

/// Keeps a run from losing work. A study
///
///     const io::OutputLock lock(comm, context.output());
///     run::Checkpoints checkpoints(context);
///     if (checkpoints.has_results()) return Outcome::done;
///     for (const auto& part : checkpoints.parts()) ...           // goes on from what was saved
///     while (there is work) {
///       ...
///       if (!checkpoints.pass(state)) return Outcome::stopped;
///     }
///     if (!checkpoints.wait_for_others(state)) return Outcome::stopped;
///     checkpoints.save_last(state);
///     ... writes its results ...
///     checkpoints.finish();
///
/// is saved by the deck's period and when it is to stop: by a signal, by a file named STOP or
/// `<output>.STOP`, or because its time is up. Ranks come to `pass` whenever they like; they agree
/// without waiting, and then save together.
class Checkpoints {
 public:
  /// Gives what this rank would need to go on, as bytes.
  using State = std::function<comm::Bytes()>;

  /// Reads what the deck, or `--resume`, asks to continue. Collective. Throws `UsageError` where
  /// the deck does not go with it, or where there is nothing and there must be.
  explicit Checkpoints(Context& context);

  /// Whether the output is whole already and the run has nothing to do.
  [[nodiscard]] bool has_results() const noexcept { return has_results_; }
  /// What ranks of the run saved, as far as it is this rank's now; all empty for a new run.
  [[nodiscard]] const std::vector<comm::Bytes>& parts() const noexcept { return parts_; }
  /// Whether the run continues one.
  [[nodiscard]] bool is_continued() const noexcept { return header_.jobs > 1; }

  /// A place at which the run could be saved. False: it was, and must stop. Takes next to no time
  /// where nothing is due. Every rank calls it often, at different times.
  [[nodiscard]] bool pass(const State& state);

  /// The same where all ranks are at such a place together, and wait for the answer. Collective.
  [[nodiscard]] bool pass_together(const State& state);

  /// The same where this rank has no more work, until no rank has. Collective.
  [[nodiscard]] bool wait_for_others(const State& state);

  /// All work is done, and what is left is to write results, which a full disk may prevent: saves
  /// what was done since the last checkpoint. Runs too short for a checkpoint do without.
  /// Collective.
  void save_last(const State& state);

  /// The results are there: removes what was saved.
  void finish();

  /// Adds what saving and reading took, for the record of the run.
  void record(std::vector<io::Quantity>& quantities) const;
  /// The same of a run that has saved nothing.
  static void record_none(std::vector<io::Quantity>& quantities) { record({}, quantities); }

 private:
  enum Wish : std::int64_t { nothing, save, stop };
  struct Record {
    std::int64_t jobs = 1;
    std::int64_t checkpoints = 0;
    double checkpoint_seconds = 0;
    double restore_seconds = 0;
  };

  static void record(const Record& of, std::vector<io::Quantity>& quantities);

  void look_for_results();
  void restore(bool required);
  void check(const io::SavedRun& saved) const;
  [[nodiscard]] Wish wish();
  [[nodiscard]] bool is_stop_file_there();
  [[nodiscard]] double margin() const;
  [[nodiscard]] bool act(std::int64_t answer, const State& state);
  [[nodiscard]] bool write(const State& state);

  Context& context_;
  io::CheckpointFiles files_;
  io::CheckpointHeader header_;
  Deadline deadline_;
  comm::Vote vote_;
  std::vector<comm::Bytes> parts_;
  bool has_results_ = false;
  bool can_continue_ = false;  ///< whether something is on disk that a later run could continue
  std::string why_;            ///< this rank wants the run to stop
  double next_save_ = 0;
  double next_vote_ = 0;
  double next_look_ = 0;
  double last_pass_ = 0;
  double longest_gap_ = 0;
  double last_save_seconds_ = 0;
  Stopwatch watch_;
  std::int64_t count_ = 0;
  double restore_seconds_ = 0;
};

}  // namespace driftwood::run
