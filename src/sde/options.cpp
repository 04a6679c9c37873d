// SPDX-License-Identifier: BSD-3-Clause
#include "sde/options.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "sde/data_columns.hpp"
#include "sde/observed_formulas.hpp"
#include "sde/registry.hpp"
#include "stats/moments.hpp"

namespace driftwood::sde {
namespace {

constexpr std::int64_t most_paths = std::int64_t{1} << 40;
constexpr std::int64_t most_steps = std::int64_t{1} << 40;
constexpr double most_times = 1e6;
constexpr double grid_tolerance = 1e-9;  ///< of `end`
constexpr double most_levels = 32;       ///< halvings of the time between two results
constexpr std::int64_t first_look = 8;   ///< blocks after which a run may stop at the earliest

struct NamedKind {
  const char* name;
  PayoffKind kind;
};
constexpr std::array<NamedKind, 5> payoff_kinds = {{
    {"call", PayoffKind::call},
    {"put", PayoffKind::put},
    {"digital_call", PayoffKind::digital_call},
    {"digital_put", PayoffKind::digital_put},
    {"forward", PayoffKind::forward},
}};

std::vector<std::string> payoff_names() {
  std::vector<std::string> names;
  for (const NamedKind& k : payoff_kinds) names.emplace_back(k.name);
  return names;
}

std::vector<std::string> models_with_prices() {
  std::vector<std::string> names;
  for (const auto& alternative : models()) {
    if (!alternative.make()->underlying().empty()) names.push_back(alternative.name);
  }
  return names;
}

/// The step nearest to a time, if the time lies on the grid of steps.
std::optional<std::int64_t> step_at(const TimeOptions& grid, double time) {
  const auto steps = static_cast<double>(grid.steps());
  const double nearest = std::clamp(std::round(time / grid.end * steps), 0.0, steps);
  const auto step = static_cast<std::int64_t>(nearest);
  if (std::abs(grid.time(step) - time) > grid_tolerance * grid.end) return std::nullopt;
  return step;
}

/// Throws unless the time is one that the grid of steps reaches.
void require_on_grid(const deck::Source& deck, const std::string& key, const TimeOptions& grid,
                     double time) {
  if (time > grid.end * (1 + grid_tolerance)) {
    throw deck.error(key, fmt::format("time {} lies beyond the end", time),
                     fmt::format("the simulation ends at {}", grid.end),
                     "move the time or raise 'time.end'");
  }
  if (step_at(grid, time)) return;
  const auto below =
      static_cast<std::int64_t>(std::floor(time / grid.end * static_cast<double>(grid.steps())));
  throw deck.error(key, fmt::format("time {:.12g} is not a whole number of steps", time),
                   fmt::format("steps of {:.12g} reach {:.12g} and {:.12g}",
                               grid.end / static_cast<double>(grid.steps()), grid.time(below),
                               grid.time(below + 1)),
                   "use one of these times or another number of steps");
}

/// Throws unless the steps of the scheme may adapt.
void require_adaptive(const deck::Source& deck, const TimeOptions& time, const Model& model,
                      std::string_view adaptive_too) {
  if (time.given_steps || time.dt) {
    const char* other = time.dt ? "dt" : "steps";
    throw deck.error("time.tolerance", fmt::format("both '{}' and 'tolerance' are given", other),
                     "equal steps do not adapt", "remove one of them");
  }
  const SchemeInfo scheme = scheme_info(time.scheme);
  if (scheme.adapts(model.noise()) || time.scheme == adaptive_too) return;
  std::vector<std::string> adaptive;
  for (const std::string& name : model.schemes()) {
    if (scheme_info(name).adapts(model.noise())) adaptive.push_back(name);
  }
  std::string why = "it has no estimate of its error";
  if (time.scheme == "euler_maruyama") {
    why =
        "where noise depends on the state, steps that look at the noise lead it to another "
        "process, in the limit too";
  } else if (time.scheme == "milstein") {
    why = model.noise() == Noise::additive ? "on additive noise it is euler_maruyama"
                                           : "the Levy areas that it uses cannot be halved";
  }
  throw deck.error("time.tolerance",
                   fmt::format("the steps of '{}' do not adapt on '{}', whose noise is {}",
                               time.scheme, model.name(), to_string(model.noise())),
                   why, fmt::format("choose one of: {}", fmt::join(adaptive, ", ")));
}

/// Throws for times beyond the end, or too near each other, of steps that adapt.
void require_times(const deck::Source& deck, const TimeOptions& time,
                   const std::vector<double>& times) {
  for (std::size_t i = 0; i < times.size(); ++i) {
    const std::string key = fmt::format("observe.times[{}]", i);
    if (times[i] > time.end) {
      throw deck.error(key, fmt::format("time {} lies beyond the end", times[i]),
                       fmt::format("the simulation ends at {}", time.end),
                       "move the time or raise 'time.end'");
    }
    if (i == 0 || times[i] - times[i - 1] > grid_tolerance * time.end) continue;
    throw deck.error(key, fmt::format("times {} and {} are one", times[i - 1], times[i]),
                     fmt::format("they are closer than 1e-9 of {}", time.end),
                     "remove one of them");
  }
}

/// Throws for so many times that they cannot be kept.
void require_countable(const deck::Source& deck, const TimeOptions& time, double every) {
  if (time.end / every <= most_times) return;
  throw deck.error("observe.every", fmt::format("'every' = {} gives too many times", every),
                   fmt::format("at most {:.0f} are possible", most_times), "raise it");
}

/// Throws unless the times are steps, each another one.
void require_steps(const deck::Source& deck, const TimeOptions& grid,
                   const std::vector<double>& times) {
  for (std::size_t i = 0; i < times.size(); ++i) {
    const std::string key = fmt::format("observe.times[{}]", i);
    require_on_grid(deck, key, grid, times[i]);
    if (i == 0 || step_at(grid, times[i]) != step_at(grid, times[i - 1])) continue;
    throw deck.error(
        key, fmt::format("times {} and {} are the same step", times[i - 1], times[i]),
        fmt::format("steps are {:.12g} long", grid.end / static_cast<double>(grid.steps())),
        "remove one of them");
  }
}

/// Throws unless `every` and its multiples, which add up its distance from the grid, are steps.
void require_stride(const deck::Source& deck, const TimeOptions& grid, double every) {
  const std::string key = "observe.every";
  require_countable(deck, grid, every);
  require_on_grid(deck, key, grid, every);
  require_on_grid(deck, key, grid, every * std::floor(grid.end / every));
}

/// Throws where two results would have the same name.
void require_different_names(const deck::Source& deck, const ObserveOptions& observe,
                             const std::vector<WatchedNumber>& watched) {
  std::map<std::string, std::string> places;
  const auto take = [&](const std::string& name, const std::string& place) {
    const auto [other, is_new] = places.emplace(name, place);
    if (is_new) return;
    throw deck.error(
        place, fmt::format("the name '{}' is taken", name),
        fmt::format("'{}' and this have their results under /formulas/{}", other->second, name),
        "rename one of them");
  };
  for (const WatchedNumber& number : watched) take(number.name, number.where);
  for (const auto& [name, payoff] : observe.payoffs) take(name, "observe.payoffs." + name);
  for (const auto& [name, formula] : observe.formulas) take(name, "observe.formulas." + name);
}

}  // namespace

void ModelOptions::describe(deck::Schema& s) {
  s.one_of("name", model, models(), "the stochastic differential equation");
}

void ModelOptions::validate(const deck::Source& deck) const {
  read_columns(deck, "model", deck::schema_of(*model));
  model->validate(deck, "model");
}

void TimeOptions::describe(deck::Schema& s) {
  s.key("scheme", scheme, deck::one_of(scheme_names()), "how the equation is integrated");
  s.key("end", end, deck::positive, "end of the simulated interval, which begins at 0 [time]")
      .required();
  s.key("steps", given_steps, deck::between(1, most_steps), "number of equal steps")
      .instead_of({"dt", "tolerance"});
  s.key("dt", dt, deck::positive, "size of the steps, instead of their number [time]")
      .instead_of({"steps", "tolerance"});
  s.key("levy_areas", levy_areas_name, deck::one_of({"series", "conditional_gaussian"}),
        "how schemes that use Levy areas get them: from their Fourier series, for paths of strong "
        "order 1, or, cheaper and for expectations only, from a normal law with the right mean and "
        "variance");
  s.key(
       "tolerance", tolerance, deck::between(1e-14, 1.0),
       "instead of equal steps, each path takes steps of its own size, whose estimated errors stay "
       "below 'absolute_tolerance' + 'tolerance' |x|; they land on the times of results")
      .instead_of({"steps", "dt"});
  s.key("absolute_tolerance", absolute_tolerance, deck::positive,
        "left out: as 'tolerance' [component]");
  s.key("first_step", first_step, deck::positive,
        "where steps adapt, the first to try; left out: a thousandth of the end [time]");
  s.key(
      "smallest_step", smallest_step, deck::positive,
      "where steps adapt, they are accepted at this size whatever their error; left out: 2^-24 of "
      "the end [time]");
}

void TimeOptions::validate(const deck::Source& deck, const Model& model,
                           std::string_view adaptive_too) const {
  const auto admissible = model.schemes();
  if (std::find(admissible.begin(), admissible.end(), scheme) == admissible.end()) {
    const std::string why =
        scheme_info(scheme).drift_rule == DriftRule::exact
            ? "the law of the model over a step is not known"
            : fmt::format("the model is {} with {} noise", to_string(model.calculus()),
                          to_string(model.noise()));
    throw deck.error("time.scheme",
                     fmt::format("scheme '{}' does not integrate '{}'", scheme, model.name()), why,
                     fmt::format("choose one of: {}", fmt::join(admissible, ", ")));
  }
  if (levy_areas() != LevyAreas::series &&
      scheme_info(scheme).increments(model.noise()) != random::Increments::with_levy) {
    throw deck.error("time.levy_areas",
                     fmt::format("scheme '{}' uses no Levy areas on '{}'", scheme, model.name()),
                     fmt::format("milstein does on general noise, and this is {} noise",
                                 to_string(model.noise())),
                     "remove the key");
  }
  for (const char* key : {"absolute_tolerance", "first_step", "smallest_step"}) {
    if (is_adaptive() || !deck.gives(std::string("time.") + key)) continue;
    throw deck.error(std::string("time.") + key, fmt::format("equal steps have no '{}'", key),
                     "it belongs to steps that adapt to their errors",
                     "give 'tolerance' instead of 'steps' and 'dt', or remove the key");
  }
  if (is_adaptive()) return require_adaptive(deck, *this, model, adaptive_too);
  if (given_steps && dt) {
    throw deck.error("time.dt", "both 'steps' and 'dt' are given", "each follows from the other",
                     "remove one of them");
  }
  if (!given_steps && !dt) {
    throw deck.error("time", "neither 'steps' nor 'dt' is given", "the step size is unknown",
                     "add for example 'steps = 100', or 'tolerance = 1e-3' for steps that adapt");
  }
  if (!dt) return;
  const double exact = end / *dt;
  if (exact > static_cast<double>(most_steps) * (1 + grid_tolerance)) {
    throw deck.error("time.dt", fmt::format("'dt' = {} gives {:.3g} steps", *dt, exact),
                     "at most 2^40 are possible", "raise 'dt'");
  }
  if (std::abs(std::round(exact) * *dt - end) > grid_tolerance * end) {
    throw deck.error(
        "time.dt", fmt::format("'end' = {} is not a whole number of steps", end),
        fmt::format("'dt' = {} fits {} times", *dt, exact),
        fmt::format("use 'steps = {}' or another 'dt'", std::max(1.0, std::round(exact))));
  }
}

StepControl TimeOptions::control(const std::vector<double>& times) const {
  StepControl out{tolerance.value(), absolute_tolerance.value_or(*tolerance),
                  first_step.value_or(end / 1000), 1, times};
  if (out.times.front() == 0) out.times.erase(out.times.begin());
  if (out.times.empty()) out.times.push_back(end);  // nothing is taken that far
  double longest = out.times.front();
  for (std::size_t i = 1; i < out.times.size(); ++i) {
    longest = std::max(longest, out.times[i] - out.times[i - 1]);
  }
  const double smallest = smallest_step.value_or(std::ldexp(end, -24));
  const double levels = std::ceil(std::log2(longest / smallest));
  out.depth = static_cast<int>(std::clamp(levels, 1.0, most_levels));
  return out;
}

std::int64_t TimeOptions::steps() const {
  if (is_adaptive()) return 1;
  return given_steps ? *given_steps : static_cast<std::int64_t>(std::round(end / *dt));
}

void EnsembleOptions::describe(deck::Schema& s) {
  s.key("paths", paths, deck::between(1, most_paths), "number of paths").may_grow();
  s.key("seed", seed, "seed of all noise; equal seeds give equal paths");
  s.key(
      "precision", precision_name, deck::one_of({"double", "single"}),
      "arithmetic of the paths, which differ between the two, as their noise does; statistics are "
      "always double");
  s.key("antithetic", antithetic,
        "paths 2 k and 2 k + 1 start alike, with the same parameters, and see the Brownian motions "
        "W and -W: smaller standard errors of means of monotone functions");
  s.key("wave_blocks", wave_blocks, deck::between(1, std::int64_t{1} << 20),
        "blocks of 4096 paths advanced together; changes speed and memory, never results")
      .may_change();
  s.table("stop", stop, "ends the run early, once the mean of the first formula is good enough");
}

void StopOptions::describe(deck::Schema& s) {
  s.key("standard_error", standard_error, deck::positive,
        "the run ends once the standard error of the mean of the payoff or formula whose name is "
        "first in the alphabet, payoffs before formulas (else "
        "component) at the last time is no larger; 'paths' is then the most [formula]")
      .required();
}

void EnsembleOptions::validate(const deck::Source& deck, const TimeOptions& time) const {
  if (std::log2(static_cast<double>(paths)) + std::log2(static_cast<double>(time.steps())) >
      62 + 1e-12) {
    throw deck.error("ensemble.paths",
                     fmt::format("{} paths of {} steps are too many", paths, time.steps()),
                     "paths x steps must not exceed 2^62", "lower one of them");
  }
  if (time.is_adaptive() && precision() == Precision::single_) {
    throw deck.error("ensemble.precision", "steps that adapt are in double precision only",
                     "their errors are below what single precision resolves",
                     "remove the key, or use equal steps");
  }
  if (antithetic && paths % 2 != 0) {
    throw deck.error("ensemble.paths", fmt::format("{} paths are not whole pairs", paths),
                     "antithetic paths come in pairs", fmt::format("use {}", paths + 1));
  }
}

std::int64_t EnsembleOptions::blocks() const {
  return (paths + stats::block_paths - 1) / stats::block_paths;
}

std::int64_t EnsembleOptions::next_look(std::int64_t done, double standard_error) const {
  const std::int64_t all = blocks();
  if (!stop) return all;
  if (done == 0) return std::min(first_look, all);
  // As many as the error seems to need and a few more, but never many times those there are.
  const double ratio = standard_error / stop->standard_error;
  const double wanted = 1.02 * ratio * ratio;
  const double growth = std::isfinite(wanted) ? std::clamp(wanted, 1.1, 4.0) : 4.0;
  const auto next = static_cast<std::int64_t>(std::ceil(growth * static_cast<double>(done)));
  return std::min(next, all);
}

std::int64_t EnsembleOptions::blocks_per_wave(int threads) const {
  if (wave_blocks) return *wave_blocks;
  constexpr std::int64_t per_thread = 4;
  return per_thread * threads;
}

void PayoffOptions::describe(deck::Schema& s) {
  s.key("kind", kind, deck::one_of(payoff_names()),
        "max(U - K, 0), max(K - U, 0), 1 if U > K, 1 if U < K, or U - K, for an underlying U and a "
        "strike K")
      .required();
  s.key("strike", strike, deck::finite, "strike K [currency]").required();
  s.key("discount_rate", discount_rate, deck::finite,
        "the payoff at time t is multiplied by exp(-discount_rate t) [1/time]");
  s.key("weights", weights,
        "the underlying is this combination of the components; left out: of a basket the mean of "
        "the prices, of other models the price");
}

void HistogramOptions::describe(deck::Schema& s) {
  s.key("bins", bins, deck::between(1, 100'000), "number of bins");
  s.key("range", range, deck::length(2, 2),
        "[low, high] for all times and components; left out: chosen for each from the first 4096 "
        "paths; values outside are counted apart [state]")
      .also(deck::increasing);
}

void ResultTimes::describe(deck::Schema& s) {
  s.key("times", given_times, deck::length(1, 1'000'000),
        "times of the results; left out: the end [time]")
      .also(deck::non_negative)
      .also(deck::increasing)
      .instead_of({"every"});
  s.key("every", every, deck::positive, "results at 0, every, 2 every, ... and the end [time]")
      .instead_of({"times"});
}

void ResultTimes::validate(const deck::Source& deck, const TimeOptions& time) const {
  if (given_times && every) {
    throw deck.error("observe.every", "both 'times' and 'every' are given", "",
                     "remove one of them");
  }
  if (time.is_adaptive()) {
    if (given_times) require_times(deck, time, *given_times);
    if (every) require_countable(deck, time, *every);
  } else {
    if (given_times) require_steps(deck, time, *given_times);
    if (every) require_stride(deck, time, *every);
  }
}

void ObserveOptions::describe(deck::Schema& s) {
  ResultTimes::describe(s);
  s.key("moments", moments, "mean, variance, standard error, skewness, kurtosis");
  s.key("covariance", covariance, "covariance matrix of the components");
  s.key("quantiles", quantiles, deck::probability, "probabilities of the quantiles to compute")
      .also(deck::increasing);
  s.key("quantile_memory", quantile_memory, deck::positive,
        "quantiles are exact while all values need no more memory than this, and within 0.1 % "
        "otherwise [MiB]");
  s.table("histogram", histogram, "histogram of each component at each time");
  s.named_tables("payoffs", payoffs, "payoffs on asset models; results under /formulas/<name>");
  s.named_keys(
      "formulas", formulas, {},
      "formulas of components, parameters and the time t, of which means and variances are "
      "computed; results under /formulas/<name>",
      "a formula, such as max(x - 1, 0)");
  s.named_tables("running", running,
                 "values that every step adds to, results under /formulas/<name>; formulas may "
                 "name them");
  s.key("save_paths", save_paths, deck::between(0, 1'000'000),
        "number of paths whose states are written, those with the lowest ids");
}

void ObserveOptions::validate(const deck::Source& deck, const TimeOptions& time,
                              const EnsembleOptions& ensemble, const Model& model,
                              const Events& events, const JumpTable& jumps) const {
  ResultTimes::validate(deck, time);
  if (save_paths > ensemble.paths) {
    throw deck.error("observe.save_paths",
                     fmt::format("{} paths are to be saved of {}", save_paths, ensemble.paths), "",
                     "raise 'ensemble.paths' or lower this");
  }
  if (ensemble.stop && save_paths > first_look * stats::block_paths) {
    throw deck.error("observe.save_paths",
                     fmt::format("{} paths are to be saved of a run that may stop", save_paths),
                     fmt::format("it may stop after {} paths", first_look * stats::block_paths),
                     "lower this, or remove 'ensemble.stop'");
  }
  sde::validate(payoffs, deck, model);
  sde::validate(running, deck, model);
  const auto watched = watch_plan(events, running, jumps, model).numbers;
  require_different_names(deck, *this, watched);
  static_cast<void>(read_formulas(formulas, model, watched, deck, "observe.formulas"));
}

void validate(const Payoffs& payoffs, const deck::Source& deck, const Model& model) {
  if (!payoffs.empty() && model.underlying().empty()) {
    throw deck.error(
        "observe.payoffs", fmt::format("'{}' has no prices", model.name()),
        "payoffs are for asset models",
        fmt::format("use {}, or remove the payoffs", fmt::join(models_with_prices(), " or ")));
  }
  const std::size_t components = model.components().size();
  for (const auto& [name, payoff] : payoffs) {
    if (payoff.weights.empty() || payoff.weights.size() == components) continue;
    throw deck.error("observe.payoffs." + name + ".weights",
                     fmt::format("'weights' has {} entries", payoff.weights.size()),
                     fmt::format("'{}' has {} components", model.name(), components),
                     "give one weight per component");
  }
}

std::vector<double> ResultTimes::times(const TimeOptions& time) const {
  std::vector<double> times;
  if (!time.is_adaptive()) {
    for (const std::int64_t step : steps(time)) times.push_back(time.time(step));
  } else if (given_times) {
    times = *given_times;
  } else if (every) {
    const double last = time.end * (1 - grid_tolerance);
    for (double n = 0; n * *every < last; ++n) times.push_back(n * *every);
    times.push_back(time.end);
  } else {
    times.push_back(time.end);
  }
  return times;
}

std::vector<std::int64_t> ResultTimes::steps(const TimeOptions& time) const {
  std::vector<std::int64_t> steps;
  if (time.is_adaptive()) {
    const std::vector<double> at = times(time);
    const std::int64_t first = at.front() == 0 ? 0 : 1;
    for (std::size_t i = 0; i < at.size(); ++i) {
      steps.push_back(first + static_cast<std::int64_t>(i));
    }
    return steps;
  }
  if (given_times) {
    for (const double t : *given_times) steps.push_back(step_at(time, t).value());
  } else if (every) {
    const std::int64_t stride = step_at(time, *every).value();
    for (std::int64_t n = 0; n < time.steps(); n += stride) steps.push_back(n);
    steps.push_back(time.steps());
  } else {
    steps.push_back(time.steps());
  }
  return steps;
}

std::vector<Contract> contracts(const Payoffs& payoffs, const Model& model) {
  std::vector<Contract> out;
  for (const auto& [name, payoff] : payoffs) {
    Contract contract{PayoffKind::call, payoff.strike, payoff.discount_rate, payoff.weights};
    if (contract.weights.empty()) contract.weights = model.underlying();
    for (const NamedKind& k : payoff_kinds) {
      if (payoff.kind == k.name) contract.kind = k.kind;
    }
    out.push_back(std::move(contract));
  }
  return out;
}

}  // namespace driftwood::sde
