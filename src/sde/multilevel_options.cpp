// SPDX-License-Identifier: BSD-3-Clause
#include "sde/multilevel_options.hpp"

#include <fmt/format.h>

#include <cmath>

#include "sde/registry.hpp"

namespace driftwood::sde {
namespace {

constexpr std::int64_t most_steps = std::int64_t{1} << 40;

/// Something a deck wants that a multilevel estimate has not, and why.
struct Foreign {
  bool is_wanted;
  const char* key;
  const char* why;
};

}  // namespace

void TaskOptions::describe(deck::Schema& s) {
  s.key("kind", kind, deck::one_of({"ensemble", "multilevel"}),
        "ensemble: paths of 'time.steps' steps each, and all statistics of them; multilevel: means "
        "at the end to a given accuracy, from many paths of few steps and few paths of many");
  s.key(
      "accuracy", accuracy, deck::positive,
      "root mean square error, bias and noise together, that the mean is to have of the payoff or "
      "formula whose name is first in the alphabet, payoffs before formulas (else of the first "
      "component) [formula]");
  s.key("pilot", given_pilot, deck::between(128, std::int64_t{1} << 30),
        "samples of a new level, from which its variance is estimated first; left out: 8192");
  s.key("most_levels", given_most_levels, deck::between(3, 40),
        "levels at most; level 0 takes 'time.steps' steps, each other twice those of the one "
        "before; left out: 12");
}

void TaskOptions::validate(const deck::Source& deck, const TimeOptions& time,
                           const EnsembleOptions& ensemble, const ObserveOptions& observe,
                           const Model& model, bool has_jumps) const {
  if (!is_multilevel()) {
    for (const char* key : {"task.accuracy", "task.pilot", "task.most_levels"}) {
      if (!deck.gives(key)) continue;
      throw deck.error(key, fmt::format("an ensemble has no '{}'", std::string(key).substr(5)),
                       "this is a key of multilevel estimates",
                       "add kind = \"multilevel\" to [task], or remove the key");
    }
    return;
  }
  if (!accuracy) {
    throw deck.error("task", "'accuracy' is missing", "a multilevel estimate stops when it is met",
                     "add for example 'accuracy = 0.01'");
  }
  const char* means = "it estimates means at the end";
  const Foreign foreign[] = {
      {ensemble.stop.has_value(), "ensemble.stop", "'accuracy' decides how many paths there are"},
      {ensemble.antithetic, "ensemble.antithetic", "its pairs are of a fine and a coarse path"},
      {has_jumps, "jumps", "the noise of two steps is not yet joined across jumps"},
      {time.is_adaptive(), "time.tolerance", "its levels are grids of equal steps"},
      {observe.given_times.has_value(), "observe.times", means},
      {observe.every.has_value(), "observe.every", means},
      {observe.covariance, "observe.covariance", means},
      {!observe.quantiles.empty(), "observe.quantiles", means},
      {observe.histogram.has_value(), "observe.histogram", means},
      {observe.save_paths > 0, "observe.save_paths", "its paths are on many grids"},
  };
  for (const Foreign& f : foreign) {
    if (!f.is_wanted) continue;
    throw deck.error(f.key, fmt::format("a multilevel estimate has no '{}'", f.key), f.why,
                     "remove the key");
  }
  const SchemeInfo scheme = scheme_info(time.scheme);
  if (!model.is_pathwise(time.scheme) || scheme.strong_order(model.noise()) <= 0 ||
      scheme.drift_rule == DriftRule::exact) {
    throw deck.error("time.scheme",
                     fmt::format("'{}' has no levels on '{}'", time.scheme, model.name()),
                     scheme.drift_rule == DriftRule::exact
                         ? "it has no error that finer steps would lessen"
                         : "its paths on two grids are not paths of one Brownian motion",
                     "use kind = \"ensemble\", or a scheme of strong order such as milstein");
  }
  if (std::log2(static_cast<double>(time.steps())) + static_cast<double>(most_levels()) - 1 >
      std::log2(static_cast<double>(most_steps)) + 1e-12) {
    throw deck.error("time",
                     fmt::format("level {} would have more than 2^40 steps", most_levels() - 1),
                     fmt::format("level 0 has {}", time.steps()),
                     "use fewer steps, which are those of level 0, or fewer levels");
  }
}

}  // namespace driftwood::sde
