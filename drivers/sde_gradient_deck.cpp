// SPDX-License-Identifier: BSD-3-Clause
#include "sde_gradient_deck.hpp"

#include <fmt/format.h>

#include "sde/registry.hpp"

namespace driftwood::sde_gradient {

void TaskOptions::describe(deck::Schema& s) {
  s.key("kind", kind, deck::one_of({"gradient", "error_table", "fit"}),
        "gradient: means of formulas and their derivatives; error_table: errors of gradients by "
        "several schemes and modes on several grids; fit: parameters at which the model is like "
        "data");
}

void Deck::describe(deck::Schema& s) {
  s.table("run", run, "where results go, and what the run tolerates");
  s.table("task", task, "what is done with derivatives");
  s.table("model", model, "the stochastic differential equation");
  s.table("time", time, "the interval, and the scheme that steps through it");
  s.table("ensemble", ensemble, "the paths");
  s.table("observe", observe, "what is differentiated, and when");
  s.table("gradient", gradient, "how derivatives are found, and by what");
  s.table("table", table,
          "of kind = \"error_table\": whose gradients are compared, on which grids");
  s.table("fit", fit, "of kind = \"fit\": what the model is fitted to, and how");
}

void Deck::validate(const deck::Source& source) const {
  model.validate(source);
  if (fit && !task.is_fit()) {
    throw source.error("fit", "this task has no table [fit]", "it belongs to kind = \"fit\"",
                       "add kind = \"fit\" to [task], or remove the table");
  }
  if (task.is_error_table()) return validate_table(source);
  if (table) {
    throw source.error("table", "this task has no table [table]",
                       "it belongs to kind = \"error_table\"",
                       "add kind = \"error_table\" to [task], or remove the table");
  }
  if (task.is_fit() && time.is_adaptive()) {
    throw source.error("time.tolerance", "a fit takes equal steps",
                       "its search compares means of different parameters on the same noise",
                       "give 'steps' or 'dt' instead");
  }
  time.validate(source, *model.model, to_string(sde::GradientMode::reversible_heun));
  gradient.validate(source, time, *model.model);
  ensemble.validate(source, time);
  if (task.is_fit()) return validate_fit(source);
  observe.validate(source, time, *model.model);
}

void Deck::validate_fit(const deck::Source& source) const {
  if (!fit) {
    throw source.error("task.kind", "there is no table [fit]",
                       "it says what the model is fitted to",
                       "add for example [fit] with data = \"series.csv\"");
  }
  const bool observes =
      observe.given_times || observe.every || !observe.formulas.empty() || !observe.payoffs.empty();
  if (observes) {
    throw source.error("observe", "a fit has no table [observe]",
                       "what is matched, and when, is in [fit] or its data", "remove the table");
  }
  fit->validate(source, gradient, *model.model, time, ensemble);
}

void Deck::validate_table(const deck::Source& source) const {
  if (!table) {
    throw source.error("task.kind", "there is no table [table]",
                       "it says whose gradients are compared, on which grids",
                       "add for example [table] with steps = [1, 4, 16]");
  }
  // Defaults are in effective decks too, and mean nothing here.
  const struct {
    bool is_wanted;
    const char* key;
    const char* why;
  } foreign[] = {
      {time.scheme != sde::TimeOptions().scheme, "time.scheme", "'table.cases' name the schemes"},
      {time.given_steps.has_value(), "time.steps", "'table.steps' says how many there are"},
      {time.dt.has_value(), "time.dt", "'table.steps' says how many there are"},
      {time.is_adaptive(), "time.tolerance", "'table.steps' says how many there are"},
      {observe.given_times.has_value(), "observe.times", "its gradients are of the end"},
      {observe.every.has_value(), "observe.every", "its gradients are of the end"},
      {ensemble.antithetic, "ensemble.antithetic", "its gradients are of each path"},
      {ensemble.stop.has_value(), "ensemble.stop", "its gradients are of each path"},
      {gradient.mode() != sde::GradientOptions().mode(), "gradient.mode",
       "'table.cases' name the modes"},
  };
  for (const auto& f : foreign) {
    if (!f.is_wanted) continue;
    throw source.error(f.key, fmt::format("a table of errors has no '{}'", f.key), f.why,
                       "remove the key");
  }
  table->validate(source, *model.model);
  gradient.validate_names(source, *model.model);
  sde::TimeOptions one_step = time;
  one_step.given_steps = 1;
  observe.validate(source, one_step, *model.model);
}

std::vector<std::string> Deck::remarks() const {
  if (task.is_error_table()) return model.model->remarks();
  return sde::remarks(*model.model, time.scheme);
}

}  // namespace driftwood::sde_gradient
