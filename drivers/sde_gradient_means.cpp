// SPDX-License-Identifier: BSD-3-Clause
#include "sde_gradient_means.hpp"

#include <fmt/format.h>

#include <optional>
#include <string>

#include "base/error.hpp"
#include "io/result_file.hpp"
#include "sde_gradient_work.hpp"

namespace driftwood::sde_gradient {
namespace {

/// The gap between the two versions of reversible Heun's solution, relative to it, from which on it
/// is worth a word.
constexpr double notable_gap = 0.25;
/// The same of rebuilt states of the adjoint equation, relative to those at time 0.
constexpr double notable_distance = 0.1;

/// What a run says after its results are computed: what makes them doubtful, and how it stopped.
class Verdict {
 public:
  Verdict(const Deck& deck, const sde::GradientStudy& study, std::int64_t paths)
      : deck_(deck), study_(study), paths_(paths) {}

  [[nodiscard]] bool is_tolerable() const { return is_finite_enough() && !has_wide_gap(); }

  /// Throws where the results are not tolerable, and warns where they are doubtful.
  void report(run::Context& context) const {
    const std::string kept = "; what was computed is in " + context.output() + ".failed";
    if (has_wide_gap()) {
      throw NumericsError(gap_text() + ", above 'gradient.gap_limit'", stiff,
                          "use smaller steps, a shorter interval or another scheme" + kept);
    }
    if (study_.record().gap > notable_gap) {
      context.log().warning(gap_text() + " (" + stiff + "): compare with smaller steps");
    }
    if (!is_rebuilt()) {
      context.log().warning(fmt::format(
          "mode 'adjoint' rebuilt a state only to within {:.3g}, where states at time 0 are up to "
          "{:.3g}: its derivatives are worth little; use smaller steps, or mode 'pathwise'",
          study_.record().rebuilt, study_.record().start));
    }
    if (study_.record().forced > 0) {
      context.log().warning(
          fmt::format("{} steps of the smallest size were accepted with too large an error: lower "
                      "'time.smallest_step' or raise 'time.tolerance'",
                      study_.record().forced));
    }
    if (study_.nonfinite() == 0) return;
    const std::string what =
        fmt::format("{} of {} paths, or their derivatives, are not finite (the first is path {})",
                    study_.nonfinite(), paths_, study_.first_nonfinite().value());
    if (!is_finite_enough()) {
      throw NumericsError(what, "",
                          "use smaller steps, or accept some with 'run.allow_nonfinite'" + kept);
    }
    context.log().warning(what + "; statistics leave them out");
  }

 private:
  static constexpr const char* stiff =
      "reversible Heun is unstable where the field is stiff or the interval long";

  [[nodiscard]] bool has_wide_gap() const { return study_.record().gap > deck_.gradient.gap_limit; }
  [[nodiscard]] bool is_rebuilt() const {
    return deck_.gradient.mode() != sde::GradientMode::adjoint ||
           study_.record().rebuilt <= notable_distance * (1 + study_.record().start);
  }
  [[nodiscard]] bool is_finite_enough() const {
    return static_cast<double>(study_.nonfinite()) <=
           deck_.run.allow_nonfinite * static_cast<double>(paths_);
  }
  [[nodiscard]] std::string gap_text() const {
    return fmt::format("|y - z| reached {:.3g} times 1 + |y|", study_.record().gap);
  }

  const Deck& deck_;
  const sde::GradientStudy& study_;
  std::int64_t paths_;
};

/// Says how a run that may stop early ended.
void report_stop(run::Context& context, const Deck& deck, const std::string& formula, double error,
                 std::int64_t paths) {
  const double wanted = deck.ensemble.stop->standard_error;
  const std::string is =
      fmt::format("the standard error of '{}' is {:.6g} after {} paths", formula, error, paths);
  if (error <= wanted) return context.log().info(is + ": stopped");
  context.log().warning(is + fmt::format(", which are all, and more than the {:.6g} of "
                                         "'ensemble.stop': raise 'ensemble.paths'",
                                         wanted));
}

}  // namespace

run::Outcome study_means(run::Context& context, const Deck& deck, const deck::Source& source,
                         run::Checkpoints& checkpoints) {
  const comm::Communicator& comm = context.comm();
  std::optional<Work> work;
  comm.agree([&] { work.emplace(context, deck, source); });
  work->restore(checkpoints.parts(), source);
  if (!work->finish(context, checkpoints)) return run::Outcome::stopped;
  context.sample_memory();
  checkpoints.save_last([&] { return work->saved(); });

  sde::GradientStudy& study = work->study();
  const std::int64_t paths = work->paths();
  study.merge(comm, paths);
  io::ResultFile file(comm, context.output(), deck.run.overwrite);
  study.write(file, deck.gradient.mode());
  auto record = record_of(context, deck, source, *work, paths);
  checkpoints.record(record.quantities);
  record.write(file);
  const Verdict verdict(deck, study, paths);
  verdict.is_tolerable() ? file.commit() : file.commit_as_failed();
  verdict.report(context);
  if (deck.ensemble.stop) {
    report_stop(context, deck, study.running().name, work->error(), paths);
  }
  if (comm.is_root()) context.print(study.table_text());
  return run::Outcome::done;
}

}  // namespace driftwood::sde_gradient
