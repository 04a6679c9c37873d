// SPDX-License-Identifier: BSD-3-Clause
#include "sde/multilevel_options.hpp"

#include <fmt/format.h>

#include <cmath>

#include "sde/registry.hpp"

namespace driftwood::sde {
namespace {

constexpr std::int64_t most_steps = std::int64_t{1} << 40;

/// Keys that mean nothing to a multilevel estimate, and why.
struct Foreign {
  const char* key;
  const char* why;
};
constexpr Foreign foreign[] = {
    {"ensemble.paths", "the accuracy decides how many paths each level gets"},
    {"ensemble.stop", "the accuracy decides how many paths each level gets"},
    {"ensemble.antithetic", "pairs are made of a fine and a coarse path"},
    {"time.tolerance", "its levels are grids of equal steps"},
    {"observe.times", "it estimates means at the end"},
    {"observe.every", "it estimates means at the end"},
    {"observe.covariance", "it estimates means"},
    {"observe.quantiles", "it estimates means"},
    {"observe.histogram", "it estimates means"},
    {"observe.save_paths", "its paths are on many grids"},
};

}  // namespace

void TaskOptions::describe(deck::Schema& s) {
  s.key("kind", kind, deck::one_of({"ensemble", "multilevel"}),
        "ensemble: paths of 'time.steps' steps each, and all statistics of them; multilevel: means "
        "at the end to a given accuracy, from many paths of few steps and few paths of many");
  s.key("accuracy", accuracy, deck::positive,
        "root mean square error, bias and noise together, that the mean of the first payoff or "
        "formula (else component) is to have [formula]");
  s.key("pilot", pilot, deck::between(128, std::int64_t{1} << 30),
        "samples of a new level, from which its variance is estimated first");
  s.key("most_levels", most_levels, deck::between(3, 40),
        "levels at most; level 0 takes 'time.steps' steps, each other twice those of the one "
        "before");
}

void TaskOptions::validate(const deck::Source& deck, const TimeOptions& time,
                           const EnsembleOptions& ensemble, const ObserveOptions& observe,
                           const Model& model) const {
  static_cast<void>(ensemble);
  static_cast<void>(observe);
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
  for (const Foreign& f : foreign) {
    if (!deck.gives(f.key)) continue;
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
  if (std::log2(static_cast<double>(time.steps())) + static_cast<double>(most_levels) - 1 >
      std::log2(static_cast<double>(most_steps)) + 1e-12) {
    throw deck.error("time",
                     fmt::format("level {} would have more than 2^40 steps", most_levels - 1),
                     fmt::format("level 0 has {}", time.steps()),
                     "use fewer steps, which are those of level 0, or fewer levels");
  }
}

}  // namespace driftwood::sde
