// SPDX-License-Identifier: BSD-3-Clause
#include "sde/gradient/fit_options.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <limits>

#include "base/error.hpp"
#include "base/suggest.hpp"

namespace driftwood::sde {
namespace {

constexpr double infinite = std::numeric_limits<double>::infinity();

/// What a key of a model takes, where it is a number of that name.
ParameterRange range_of(const deck::Schema& schema, const std::string& name) {
  ParameterRange out{-infinite, infinite};
  for (const deck::Item& item : schema.items()) {
    const auto* const key = std::get_if<deck::Key>(&item);
    if (key == nullptr || key->name != name) continue;
    for (const deck::Check& check : key->checks) {
      if (const auto* range = std::get_if<deck::Range>(&check)) {
        out.low = std::max(out.low, static_cast<double>(range->low));
        out.high = std::min(out.high, static_cast<double>(range->high));
      }
    }
  }
  return out;
}

std::vector<std::string> names_of(const Model& model) {
  std::vector<std::string> out;
  for (const ParameterInfo& one : model.parameters()) out.push_back(one.name);
  return out;
}

}  // namespace

std::vector<int> fitted_parameters(const deck::Source& deck, const GradientOptions& gradient,
                                   const Model& model) {
  if (gradient.with_respect_to && !gradient.initial(model).empty()) {
    throw deck.error("gradient.with_respect_to", "a fit is not by components at time 0",
                     "they are those of the data, or of the model", "name parameters only");
  }
  return gradient.parameters(model);
}

void FitOptions::describe(deck::Schema& s) {
  s.one_of<FitMethod>(
      "method", method,
      {{"transitions", "moments of one observation of a series given the one before",
        [] { return std::make_shared<TransitionMethod>(); }},
       {"targets", "given values with standard errors, such as prices",
        [] { return std::make_shared<TargetMethod>(); }}},
      "what the model is fitted to");
  s.key("positive", positive,
        "parameters that are to stay positive, besides those that the model says so of")
      .also(deck::distinct);
  s.named_keys("range", range, {deck::length(2, 2), deck::increasing},
               "intervals that parameters are to stay inside of", "its two ends");
  s.key(
      "weighting", weighting, deck::one_of({"optimal", "diagonal"}),
      "how gaps between moments weigh: optimal: by the inverse of their covariance, in two steps; "
      "diagonal: by their variances alone");
  s.key("tolerance", tolerance, deck::positive,
        "the fit has converged when a step of Gauss and Newton would be shorter [standard errors]");
  s.table("optimiser", optimiser, "how the objective is brought down");
}

void FitOptions::check_names(const deck::Source& deck, const Model& model) const {
  const std::vector<std::string> known = names_of(model);
  const auto check = [&](const std::string& key, const std::string& name) {
    if (std::find(known.begin(), known.end(), name) != known.end()) return;
    const std::string near = nearest(name, known);
    throw deck.error(key, fmt::format("'{}' is not a parameter of '{}'", name, model.name()),
                     fmt::format("there are: {}", fmt::join(known, ", ")),
                     near.empty() ? "" : fmt::format("did you mean '{}'?", near));
  };
  for (std::size_t i = 0; i < positive.size(); ++i) {
    check(fmt::format("fit.positive[{}]", i), positive[i]);
  }
  for (const auto& [name, ends] : range) check("fit.range." + name, name);
}

FitCoordinates FitOptions::coordinates(const deck::Source& deck, const GradientOptions& gradient,
                                       Model& model) const {
  const deck::Schema schema = deck::schema_of(model);
  const std::vector<ParameterInfo> all = model.parameters();
  FitCoordinates out;
  for (const int index : fitted_parameters(deck, gradient, model)) {
    const ParameterInfo& one = all[static_cast<std::size_t>(index)];
    if (one.is_drawn) {
      throw deck.error(
          "model." + one.name,
          fmt::format("every path draws its own '{}', which is to be fitted", one.name),
          "a fit is of numbers that all paths share", "give a number where the fit starts");
    }
    ParameterRange inside = range_of(schema, one.name);
    if (std::find(positive.begin(), positive.end(), one.name) != positive.end()) {
      inside.low = std::max(inside.low, 0.0);
    }
    if (const auto given = range.find(one.name); given != range.end()) {
      inside.low = std::max(inside.low, given->second[0]);
      inside.high = std::min(inside.high, given->second[1]);
    }
    try {
      out.emplace_back(one.name, one.value, inside);
    } catch (const Error& error) {
      throw deck.error("model." + one.name, error.what());
    }
  }
  if (out.empty()) {
    throw deck.error("task.kind", fmt::format("'{}' has no parameters to fit", model.name()));
  }
  return out;
}

FitSearchSettings FitOptions::search() const {
  return {.method = optimiser.rule->method(),
          .tolerance = tolerance,
          .optimal = weighting == "optimal"};
}

void FitOptions::validate(const deck::Source& deck, const GradientOptions& gradient, Model& model,
                          const TimeOptions& time, const EnsembleOptions& ensemble) const {
  check_names(deck, model);
  if (transitions() != nullptr && deck.gives("ensemble.paths")) {
    throw deck.error("ensemble.paths", "a fit to a series has no 'ensemble.paths'",
                     "it simulates 'fit.draws' paths from each observation", "remove the key");
  }
  if (ensemble.stop || ensemble.antithetic) {
    throw deck.error(ensemble.stop ? "ensemble.stop" : "ensemble.antithetic",
                     "a fit does not go with this key",
                     "its paths are independent, and the same at all parameters", "remove the key");
  }
  const FitCoordinates parameters = coordinates(deck, gradient, model);
  const FitSetup data = setup(deck, model, time, ensemble);
  const auto moments = data.moments.names.size();
  if (moments < parameters.size()) {
    throw deck.error(
        "gradient.with_respect_to",
        fmt::format("{} moments cannot tell {} parameters", moments, parameters.size()), "",
        "add moments, or name fewer parameters");
  }
}

}  // namespace driftwood::sde
