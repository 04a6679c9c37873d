// SPDX-License-Identifier: BSD-3-Clause
#include "sde/watch_options.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <stdexcept>
#include <utility>

#include "base/suggest.hpp"
#include "sde/schemes.hpp"

namespace driftwood::sde {
namespace {

using Kind = Watcher::Kind;
using Policy = Watcher::Policy;

constexpr std::array<std::pair<const char*, Policy>, 5> policies = {{
    {"record", Policy::record},
    {"stop", Policy::stop},
    {"absorb", Policy::absorb},
    {"reflect", Policy::reflect},
    {"reset", Policy::reset},
}};
constexpr std::array<std::pair<const char*, Kind>, 4> kinds = {{
    {"maximum", Kind::maximum},
    {"minimum", Kind::minimum},
    {"time_average", Kind::time_average},
    {"occupation", Kind::occupation},
}};

std::vector<std::string> names_of(const auto& table) {
  std::vector<std::string> names;
  for (const auto& [name, value] : table) names.emplace_back(name);
  return names;
}

auto value_of_name(const auto& table, const std::string& name) {
  for (const auto& [known, value] : table) {
    if (name == known) return value;
  }
  throw std::logic_error("'" + name + "' has passed its check without being known");
}

/// Index of the component that an entry of the table `path` means.
int component_of(const std::optional<std::string>& name, const Model& model) {
  const auto components = model.components();
  for (std::size_t i = 0; name && i < components.size(); ++i) {
    if (components[i].name == *name) return static_cast<int>(i);
  }
  return 0;
}

void require_component(const std::optional<std::string>& name, const deck::Source& deck,
                       const std::string& path, const Model& model) {
  std::vector<std::string> names;
  for (const ComponentInfo& c : model.components()) names.push_back(c.name);
  const std::string these = fmt::format("{}", fmt::join(names, ", "));
  if (!name && names.size() > 1) {
    throw deck.error(path, "it is not said which component this is about",
                     fmt::format("'{}' has the components {}", model.name(), these),
                     fmt::format("add for example component = \"{}\"", names.front()));
  }
  if (!name || std::find(names.begin(), names.end(), *name) != names.end()) return;
  const std::string near = nearest(*name, names);
  throw deck.error(
      path + ".component", fmt::format("'{}' has no component '{}'", model.name(), *name),
      "its components are " + these, near.empty() ? "" : fmt::format("did you mean '{}'?", near));
}

bool carries_state(const std::string& scheme) {
  bool carries = false;
  for_each_type(Schemes{}, [&]<class S>(TypeTag<S>) {
    if (scheme == S::name) carries = CarriesState<S>;
  });
  return carries;
}

void validate_reset(const EventOptions& event, const deck::Source& deck, const std::string& path) {
  const bool resets = event.policy == "reset";
  if (resets && !event.to) {
    throw deck.error(path, "it is not said where paths are reset to", "",
                     "add for example 'to = 0.0'");
  }
  if (!resets && event.to) {
    throw deck.error(path + ".to", fmt::format("policy '{}' sends paths nowhere", event.policy),
                     "'to' belongs to policy 'reset'", "remove the key or change the policy");
  }
  if (!resets) return;
  const bool is_up = event.direction == "up";
  if (is_up ? *event.to < event.level : *event.to > event.level) return;
  throw deck.error(
      path + ".to",
      fmt::format("paths are reset to {}, beyond the level {}", *event.to, event.level),
      "they would pass it again at once",
      fmt::format("give a value {} the level", is_up ? "below" : "above"));
}

}  // namespace

void EventOptions::describe(deck::Schema& s) {
  s.key("component", component,
        "the component whose first passage this is; may be left out where there is but one");
  s.key("level", level, deck::finite, "the level to be passed [component]").required();
  s.key("direction", direction, deck::one_of({"up", "down"}),
        "whether the level is reached from below or from above");
  s.key("policy", policy, deck::one_of(names_of(policies)),
        "what becomes of a path there: record: it goes on; stop: it stays where it is; absorb: the "
        "component stays at the level; reflect: the component is pushed back; reset: the component "
        "jumps to 'to' and goes on from there, each time");
  s.key("to", to, deck::finite, "where 'reset' sends the component [component]");
  s.key("bridge", bridge,
        "passages between two steps are seen: the path there is a Brownian bridge; without it, "
        "passage times are biased by the square root of the step");
  s.key("bins", bins, deck::between(1, 100'000), "bins of the histogram of passage times");
}

void RunningOptions::describe(deck::Schema& s) {
  s.key("kind", kind, deck::one_of(names_of(kinds)),
        "the largest or smallest value so far, the average over time so far, or the share of the "
        "time spent in a range")
      .required();
  s.key("component", component, "the component; may be left out where there is but one");
  s.key("range", range, deck::length(2, 2), "[low, high] of an occupation [component]")
      .also(deck::increasing);
  s.key("bridge", bridge, "extremes between two steps count: the path there is a Brownian bridge");
}

void validate(const Events& events, const deck::Source& deck, const Model& model,
              const std::string& scheme) {
  for (const auto& [name, event] : events) {
    const std::string path = "events." + name;
    require_component(event.component, deck, path, model);
    validate_reset(event, deck, path);
    if (event.policy == "record" || !carries_state(scheme)) continue;
    throw deck.error(path + ".policy",
                     fmt::format("policy '{}' does not work with '{}'", event.policy, scheme),
                     "the scheme carries a second state from step to step, which it would not move",
                     "use 'heun', or policy 'record'");
  }
}

void validate(const Runnings& running, const deck::Source& deck, const Model& model) {
  for (const auto& [name, entry] : running) {
    const std::string path = "observe.running." + name;
    require_component(entry.component, deck, path, model);
    const bool has_range = entry.kind == "occupation";
    if (has_range && !entry.range) {
      throw deck.error(path, "an occupation needs a range", "",
                       "add for example 'range = [0.0, 1.0]'");
    }
    if (!has_range && entry.range) {
      throw deck.error(path + ".range", fmt::format("a {} has no range", entry.kind),
                       "'range' belongs to 'occupation'", "remove the key");
    }
  }
}

WatchPlan watch_plan(const Events& events, const Runnings& running, const JumpTable& jumps,
                     const Model& model) {
  const auto components = model.components();
  const auto info = [&](int i) -> const ComponentInfo& {
    return components[static_cast<std::size_t>(i)];
  };
  const std::string time = model.underlying().empty() ? "time" : "year";
  WatchPlan plan;
  for (const auto& [name, event] : events) {
    Watcher w{.kind = Kind::passage, .component = component_of(event.component, model)};
    w.level = event.level;
    w.direction = event.direction == "up" ? 1 : -1;
    w.policy = value_of_name(policies, event.policy);
    w.to = event.to.value_or(0);
    w.bridged = event.bridge;
    plan.watchers.push_back(w);
    const std::string where = fmt::format("{} {} {:.12g}", info(w.component).name,
                                          w.direction > 0 ? "up to" : "down to", event.level);
    plan.numbers.push_back({name, "1", "passages of " + where + " so far", "events." + name});
    plan.numbers.push_back({name + "_time", time,
                            "first passage time of " + where + ", or the time so far if earlier",
                            "events." + name});
  }
  for (const auto& [name, entry] : running) {
    Watcher w{.kind = value_of_name(kinds, entry.kind),
              .component = component_of(entry.component, model)};
    if (entry.range) {
      w.level = entry.range->front();
      w.high = entry.range->back();
    }
    w.bridged = entry.bridge;
    plan.watchers.push_back(w);
    const bool is_share = w.kind == Kind::occupation;
    plan.numbers.push_back({name, is_share ? "1" : info(w.component).units,
                            fmt::format("{} of {} so far",
                                        is_share ? "share of the time in the range"
                                        : w.kind == Kind::time_average ? "average over time"
                                                                       : entry.kind,
                                        info(w.component).name),
                            "observe.running." + name});
  }
  plan.watchers = numbered(std::move(plan.watchers));
  for (const auto& [name, jump] : jumps) {
    plan.numbers.push_back({name, "1", "jumps '" + name + "' so far", "jumps." + name});
  }
  return plan;
}

}  // namespace driftwood::sde
