// SPDX-License-Identifier: BSD-3-Clause
#include "sde/order_options.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "base/suggest.hpp"
#include "sde/registry.hpp"

namespace driftwood::sde {
namespace {

bool contains(const std::vector<std::string>& names, const std::string& name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

/// The scheme of highest strong order for this model, the first of equals.
std::string most_accurate(const Model& model) {
  std::string best;
  double order = 0;
  for (const std::string& name : model.schemes()) {
    const double of_scheme = scheme_info(name).strong_order(model.noise());
    if (std::isinf(of_scheme) || of_scheme <= order) continue;
    best = name;
    order = of_scheme;
  }
  return best;
}

}  // namespace

void OrderOptions::describe(deck::Schema& s) {
  s.key(
      "schemes", given_schemes, deck::one_of(scheme_names()),
      "schemes to measure, besides a reference that is a scheme; left out: all that integrate the "
      "model");
  s.key("end", end, deck::positive, "end of the interval, which begins at 0 [time]");
  s.key("coarsest", coarsest, deck::between(1, std::int64_t{1} << 16),
        "steps of the coarsest grid");
  s.key("levels", levels, deck::between(2, 16), "number of grids, each twice as fine as the last");
  s.key("reference", given_reference,
        "what errors are measured against: 'solution', or a scheme on a finer grid; left out: the "
        "solution where it is known, else the scheme of highest strong order");
  s.key("refinements", refinements, deck::between(0, 10),
        "how many times the finest grid is halved for a reference that is a scheme");
  s.key("component", component,
        "component whose mean and second moment give the weak errors; left out: the first");
  s.key("paths", paths, deck::between(2, std::int64_t{1} << 40), "number of paths");
  s.key("seed", seed, "seed of all noise");
}

void OrderOptions::validate(const deck::Source& deck, const Model& model) const {
  const auto admissible = model.schemes();
  for (std::size_t i = 0; i < given_schemes.size(); ++i) {
    if (contains(schemes(model), given_schemes[i])) continue;
    const bool exact = contains(admissible, given_schemes[i]);
    throw deck.error(
        fmt::format("order.schemes[{}]", i),
        exact ? fmt::format("'{}' has no order", given_schemes[i])
              : fmt::format("scheme '{}' does not integrate '{}'", given_schemes[i], model.name()),
        exact ? "it makes no error"
              : fmt::format("the model is {} with {} noise", to_string(model.calculus()),
                            to_string(model.noise())),
        fmt::format("choose from: {}", fmt::join(admissible, ", ")));
  }
  if (given_reference && *given_reference != solution &&
      !(contains(admissible, *given_reference) && model.is_pathwise(*given_reference) &&
        scheme_info(*given_reference).strong_order(model.noise()) > 0)) {
    throw deck.error("order.reference",
                     fmt::format("'{}' is no reference for '{}'", *given_reference, model.name()),
                     "it does not converge to the model's paths",
                     fmt::format("use '{}'", most_accurate(model)));
  }
  if (given_reference == solution && !model.has_solution()) {
    throw deck.error("order.reference", fmt::format("'{}' has no known solution", model.name()), "",
                     fmt::format("use '{}', or leave the key out", most_accurate(model)));
  }
  if (component && component_index(model) == model.components().size()) {
    std::vector<std::string> names;
    for (const ComponentInfo& one : model.components()) names.push_back(one.name);
    const std::string near = nearest(*component, names);
    throw deck.error("order.component",
                     fmt::format("'{}' has no component '{}'", model.name(), *component),
                     fmt::format("its components are: {}", fmt::join(names, ", ")),
                     near.empty() ? "choose one of them" : fmt::format("did you mean '{}'?", near));
  }
}

std::vector<std::string> OrderOptions::schemes(const Model& model) const {
  const auto& from = given_schemes.empty() ? model.schemes() : given_schemes;
  std::vector<std::string> out;
  for (const std::string& name : from) {
    if (contains(model.schemes(), name) && !std::isinf(scheme_info(name).weak_order(model.noise())))
      out.push_back(name);
  }
  return out;
}

std::string OrderOptions::reference(const Model& model) const {
  if (given_reference) return *given_reference;
  return model.has_solution() ? solution : most_accurate(model);
}

std::vector<double> OrderOptions::step_sizes() const {
  std::vector<double> sizes;
  for (std::int64_t l = 0; l < levels; ++l) sizes.push_back(end / static_cast<double>(steps(l)));
  return sizes;
}

std::size_t OrderOptions::component_index(const Model& model) const {
  if (!component) return 0;
  const auto components = model.components();
  const auto found = std::find_if(components.begin(), components.end(),
                                  [&](const auto& c) { return c.name == *component; });
  return static_cast<std::size_t>(found - components.begin());
}

}  // namespace driftwood::sde
