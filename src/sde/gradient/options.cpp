// SPDX-License-Identifier: BSD-3-Clause
#include "sde/gradient/options.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "base/suggest.hpp"
#include "sde/gradient/formulas.hpp"
#include "sde/model.hpp"
#include "sde/registry.hpp"

namespace driftwood::sde {
namespace {

/// The schemes of the modes that are not for all of them; empty for those that are.
std::vector<std::string> schemes_of(GradientMode mode) {
  if (mode == GradientMode::adjoint) return {"heun", "midpoint", "milstein"};
  if (mode == GradientMode::reversible_heun) return {"reversible_heun"};
  return {};
}

/// Everything that derivatives may be by, parameters first.
std::vector<std::string> names_of(const Model& model) {
  std::vector<std::string> out;
  for (const ParameterInfo& parameter : model.parameters()) out.push_back(parameter.name);
  for (const ComponentInfo& component : model.components()) {
    out.push_back(initial_name(component.name));
  }
  return out;
}

/// Throws where two results would have the same name.
void require_different_names(const deck::Source& deck, const GradientObserveOptions& observe) {
  for (const auto& [name, formula] : observe.formulas) {
    if (!observe.payoffs.contains(name)) continue;
    throw deck.error("observe.formulas." + name, fmt::format("the name '{}' is taken", name),
                     fmt::format("'observe.payoffs.{0}' and this have their results under "
                                 "/formulas/{0}",
                                 name),
                     "rename one of them");
  }
}

/// Whether an entry of `with_respect_to` is that name, or what stands before one of its points.
bool selects(const std::string& entry, const std::string& name) {
  return name == entry || name.starts_with(entry + ".");
}

/// Names for an error: networks have thousands.
std::string first_of(const std::vector<std::string>& names) {
  constexpr std::size_t most = 12;
  if (names.size() <= most) return fmt::format("{}", fmt::join(names, ", "));
  return fmt::format("{}, and {} more", fmt::join(names.begin(), names.begin() + most, ", "),
                     names.size() - most);
}

bool has_gradients(const SchemeInfo& scheme, const Model& model) {
  return scheme.drift_rule != DriftRule::implicit &&
         scheme.increments(model.noise()) != random::Increments::words;
}

}  // namespace

std::vector<std::string> gradient_mode_names() {
  std::vector<std::string> out;
  for (const GradientMode mode : all_gradient_modes) out.emplace_back(to_string(mode));
  return out;
}

std::string initial_name(const std::string& component) { return "initial." + component; }

void GradientObserveOptions::describe(deck::Schema& s) {
  ResultTimes::describe(s);
  s.named_tables("payoffs", payoffs,
                 "payoffs on asset models, without digital ones; results under /formulas/<name>");
  s.named_keys(
      "formulas", formulas, {},
      "formulas whose means are differentiated; without any and without payoffs: the components. "
      "They may name components, parameters, the time t, and components at time 0 as "
      "<component>_start",
      "a formula, such as exp(-rate*t)*max(price - 100, 0)");
}

void GradientObserveOptions::validate(const deck::Source& deck, const TimeOptions& time,
                                      const Model& model) const {
  ResultTimes::validate(deck, time);
  sde::validate(payoffs, deck, model);
  require_different_names(deck, *this);
  for (const auto& [name, payoff] : payoffs) {
    if (!payoff.kind.starts_with("digital")) continue;
    throw deck.error(
        fmt::format("observe.payoffs.{}.kind", name),
        fmt::format("a '{}' has no pathwise derivative", payoff.kind),
        "it is flat on both sides of its jump, so that derivatives of paths would be 0 and miss "
        "what the jump adds",
        "smooth it by a formula, such as sigmoid((price - 100)/0.5)");
  }
  static_cast<void>(read_gradient_formulas(*this, model, deck));
}

void GradientOptions::describe(deck::Schema& s) {
  s.key("mode", mode_name, deck::one_of(gradient_mode_names()),
        "pathwise: backwards through the stored solution, exact for the discrete map; "
        "checkpointed: the same, bit for bit, in less memory; adjoint: the adjoint equation solved "
        "backwards, right as steps vanish; reversible_heun: backwards along the solution as it is "
        "rebuilt, exact, in constant memory");
  s.key("with_respect_to", with_respect_to, deck::non_empty,
        "parameters of the model, and components at time 0 as \"initial.x\"; what stands before a "
        "point selects all that it is of, as \"initial\" and a network's \"drift\"; left out: all")
      .also(deck::distinct);
  s.key("memory", memory, deck::positive,
        "for the states that wait for the way back, of paths that are solved together; left out: "
        "chosen by the mode [MiB]");
  s.key("gap_limit", gap_limit, deck::positive,
        "reversible Heun carries two versions y and z of a solution; a run fails where |y - z| "
        "exceeds this many times 1 + |y|, as it does on fields that are stiff for the steps");
}

void GradientOptions::validate(const deck::Source& deck, const TimeOptions& time,
                               const Model& model) const {
  if (time.is_adaptive() && mode() != GradientMode::reversible_heun) {
    throw deck.error("time.tolerance",
                     fmt::format("steps that adapt are not differentiated in mode '{}'", mode_name),
                     "it takes equal steps",
                     "give 'steps' or 'dt' instead, or use the scheme and the mode "
                     "'reversible_heun', which keeps the steps that it chose");
  }
  if (time.levy_areas() != LevyAreas::series) {
    throw deck.error("time.levy_areas", "gradients take Levy areas from their series only", "",
                     "remove the key");
  }
  require_gradients(deck, "time.scheme", time.scheme, model);
  require_mode(deck, "gradient.mode", mode(), time.scheme, model);
  validate_names(deck, model);
}

void GradientOptions::validate_names(const deck::Source& deck, const Model& model) const {
  if (!with_respect_to) return;
  const std::vector<std::string> known = names_of(model);
  for (std::size_t i = 0; i < with_respect_to->size(); ++i) {
    const std::string& name = (*with_respect_to)[i];
    if (std::any_of(known.begin(), known.end(),
                    [&](const std::string& other) { return selects(name, other); })) {
      continue;
    }
    std::string near = nearest(name, known);
    // "price" may be meant for "initial.price".
    const auto as_initial = std::find(known.begin(), known.end(), initial_name(name));
    if (as_initial != known.end()) near = *as_initial;
    throw deck.error(fmt::format("gradient.with_respect_to[{}]", i),
                     fmt::format("'{}' is not a parameter of '{}'", name, model.name()),
                     fmt::format("derivatives may be by: {}", first_of(known)),
                     near.empty() ? "choose from these" : fmt::format("did you mean '{}'?", near));
  }
}

GradientMode GradientOptions::mode() const {
  return *std::find_if(all_gradient_modes.begin(), all_gradient_modes.end(),
                       [&](GradientMode mode) { return to_string(mode) == mode_name; });
}

bool GradientOptions::wants(const std::string& name) const {
  return !with_respect_to ||
         std::any_of(with_respect_to->begin(), with_respect_to->end(),
                     [&](const std::string& wanted) { return selects(wanted, name); });
}

std::vector<int> GradientOptions::parameters(const Model& model) const {
  std::vector<int> out;
  int index = 0;
  for (const ParameterInfo& parameter : model.parameters()) {
    if (wants(parameter.name)) out.push_back(index);
    ++index;
  }
  return out;
}

std::vector<int> GradientOptions::initial(const Model& model) const {
  std::vector<int> out;
  int index = 0;
  for (const ComponentInfo& component : model.components()) {
    if (wants(initial_name(component.name))) out.push_back(index);
    ++index;
  }
  return out;
}

std::int64_t GradientOptions::memory_bytes() const {
  return memory ? static_cast<std::int64_t>(std::min(std::ceil(*memory * 0x1p20), 0x1p60)) : 0;
}

void require_gradients(const deck::Source& deck, const std::string& where,
                       const std::string& scheme, const Model& model) {
  const SchemeInfo info = scheme_info(scheme);
  if (has_gradients(info, model)) return;
  std::vector<std::string> others;
  for (const std::string& name : model.schemes()) {
    if (has_gradients(scheme_info(name), model)) others.push_back(name);
  }
  throw deck.error(where, fmt::format("scheme '{}' has no gradients", scheme),
                   info.drift_rule == DriftRule::implicit
                       ? "its equations are solved by as many iterations as a path needs"
                       : "it draws from a law whose samples have no derivative",
                   fmt::format("choose one of: {}", fmt::join(others, ", ")));
}

void require_mode(const deck::Source& deck, const std::string& where, GradientMode mode,
                  const std::string& scheme, const Model& model) {
  if (mode == GradientMode::adjoint && scheme == "milstein" && model.noise() == Noise::general) {
    throw deck.error(where, "mode 'adjoint' by milstein is not for general noise",
                     "it would need Levy areas of the path backwards", "use heun or midpoint");
  }
  const std::vector<std::string> those = schemes_of(mode);
  if (those.empty() || std::find(those.begin(), those.end(), scheme) != those.end()) return;
  const std::string why = mode == GradientMode::adjoint
                              ? "its equation is Stratonovich's and is solved by one of these"
                              : "no other scheme can be run backwards exactly";
  throw deck.error(where,
                   fmt::format("mode '{}' needs scheme {}, not '{}'", to_string(mode),
                               fmt::join(those, " or "), scheme),
                   why, "set 'time.scheme', or use mode = \"pathwise\"");
}

}  // namespace driftwood::sde
