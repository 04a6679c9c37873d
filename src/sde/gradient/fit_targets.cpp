// SPDX-License-Identifier: BSD-3-Clause
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "base/error.hpp"
#include "io/disk.hpp"
#include "sde/gradient/fit_method.hpp"
#include "sde/gradient/formulas.hpp"

namespace driftwood::sde {
namespace {

constexpr double grid_tolerance = 1e-9;  ///< of `time.end`

/// The columns of numbers.
enum Column : std::size_t { at_time, at_value, at_error, columns };

/// The number of steps that reach a time.
std::int64_t step_at(const TimeOptions& grid, double time, const std::string& place) {
  const double steps = time / grid.end * static_cast<double>(grid.steps());
  const auto step = static_cast<std::int64_t>(std::round(steps));
  const bool is_inside = step >= 0 && step <= grid.steps();
  if (is_inside && std::abs(grid.time(step) - time) <= grid_tolerance * grid.end) return step;
  const auto below = static_cast<std::int64_t>(std::floor(steps));
  throw UsageError(
      fmt::format("{}: time {:.12g} is not reached", place, time),
      time < 0 || time > grid.end
          ? fmt::format("the simulation is from 0 to {:.12g}", grid.end)
          : fmt::format("steps reach {:.12g} and {:.12g}", grid.time(below), grid.time(below + 1)),
      "use such a time, or change 'time.end' or the number of steps");
}

/// Texts, or steps, each once.
template <class T>
std::size_t place_of(std::vector<T>& all, const T& value) {
  const auto found = std::find(all.begin(), all.end(), value);
  if (found != all.end()) return static_cast<std::size_t>(found - all.begin());
  all.push_back(value);
  return all.size() - 1;
}

int read_formula(formula::Graph& graph, const std::string& text, const formula::Scope& scope,
                 const std::string& place) {
  try {
    const int number = graph.add(formula::parse(text, scope));
    require_derivative(text, scope);
    return number;
  } catch (const formula::Problem& p) {
    throw UsageError(
        fmt::format("{}: formula '{}', character {}: {}", place, text, p.offset + 1, p.problem),
        p.why, p.suggestion);
  }
}

}  // namespace

void TargetMethod::describe(deck::Schema& s) {
  s.key("data", data_, deck::non_empty,
        "a CSV table with the columns formula, time, value and standard_error: what the mean of a "
        "formula at a time is to be, and how well that is known; relative names start from the "
        "folder of the deck")
      .required();
  s.key("skip", table_.skip, deck::non_negative, "lines of the file before the table");
}

FitSetup TargetMethod::setup(const deck::Source& deck, const std::string& path, const Model& model,
                             const TimeOptions& time, std::int64_t paths) const {
  io::TableRequest request = table_;
  request.file = io::disk::beside(deck.file(), data_);
  request.format = "csv";
  request.header = true;
  request.label = "formula";
  request.columns = {"time", "value", "standard_error"};
  const io::DataTable table = io::read_data_table(request);

  FitSetup out;
  MomentPlan& plan = out.moments;
  const formula::Scope scope = gradient_scope(model, deck);
  formula::Graph graph(scope);
  std::vector<std::string> texts;
  std::vector<int> numbers;
  struct Place {
    std::size_t formula;
    std::int64_t step;
  };
  std::vector<Place> places;
  for (std::size_t i = 0; i < table.rows(); ++i) {
    const double* const row = &table.values[i * columns];
    if (!(row[at_error] > 0)) {
      throw UsageError(fmt::format("{}: standard_error is {}", table.places[i], row[at_error]),
                       "targets are weighed by it", "give a positive number");
    }
    const std::size_t known = texts.size();
    const std::size_t formula = place_of(texts, table.labels[i]);
    if (formula == known) {
      numbers.push_back(read_formula(graph, table.labels[i], scope, table.places[i]));
    }
    places.push_back({formula, step_at(time, row[at_time], table.places[i])});
    plan.names.push_back(fmt::format("{}, t = {:g}", table.labels[i], row[at_time]));
    plan.data.push_back(row[at_value]);
    plan.data_errors.push_back(row[at_error]);
    out.observed.push_back(places.back().step);
  }
  std::sort(out.observed.begin(), out.observed.end());
  out.observed.erase(std::unique(out.observed.begin(), out.observed.end()), out.observed.end());
  out.formulas = formula::Program(graph, numbers, formula::Keep::all);
  for (const Place& p : places) {
    const auto at = std::lower_bound(out.observed.begin(), out.observed.end(), p.step);
    plan.row.push_back(static_cast<std::int64_t>(p.formula) * std::ssize(out.observed) +
                       (at - out.observed.begin()));
  }
  plan.terms = paths;
  plan.draws = 1;
  static_cast<void>(path);
  return out;
}

}  // namespace driftwood::sde
