// SPDX-License-Identifier: BSD-3-Clause
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "base/error.hpp"
#include "io/disk.hpp"
#include "io/table_keys.hpp"
#include "sde/equation.hpp"
#include "sde/gradient/fit_method.hpp"
#include "sde/gradient/formulas.hpp"

namespace driftwood::sde {
namespace {

constexpr std::int64_t most_draws = 65536;
constexpr std::int64_t fewest_residual_draws = 8;
constexpr double most_paths = 0x1p40;

/// Formulas on one pair of observations.
class PairFormulas {
 public:
  PairFormulas(const formula::Program& program, std::size_t parameters, double time)
      : program_(program),
        tape_(program_.tape()),
        parameters_(parameters),
        time_(time),
        registers_(static_cast<std::size_t>(tape_.registers)),
        path_(static_cast<std::size_t>(tape_.path_values)) {}

  /// Calls give(i, value) for every formula.
  template <class Give>
  void evaluate(const double* from, const double* to, std::size_t components, const Give& give) {
    std::fill(path_.begin(), path_.end(), 0.0);
    std::copy_n(from, components, path_.begin() + static_cast<std::ptrdiff_t>(parameters_));
    formula::begin_path(tape_, path_.data());
    const formula::Banks<double> banks{registers_.data(), to, path_.data()};
    formula::evaluate(tape_, time_, banks);
    for (int i = 0; i < tape_.outputs; ++i) give(i, formula::output(tape_, banks, i));
  }

 private:
  const formula::Program& program_;
  formula::Tape tape_;
  std::size_t parameters_;
  double time_;
  std::vector<double> registers_;
  std::vector<double> path_;
};

/// Whether one date comes after another: as numbers where both are, else as texts.
bool follows(const std::string& date, const std::string& before) {
  const auto a = io::number_in(before);
  const auto b = io::number_in(date);
  return a && b ? *b > *a : date > before;
}

void require_sorted(const io::DataTable& table) {
  for (std::size_t i = 1; i < table.rows(); ++i) {
    if (follows(table.labels[i], table.labels[i - 1])) continue;
    throw UsageError(fmt::format("{}: date '{}' does not follow '{}'", table.places[i],
                                 table.labels[i], table.labels[i - 1]),
                     "a series goes forward in time",
                     "sort its rows, remove those that repeat, and write dates as 1990-01-02");
  }
}

/// Brings the values to the scale of the model.
void transform(io::DataTable& table, const std::string& how) {
  if (how == "none") return;
  for (std::size_t k = 0; k < table.values.size(); ++k) {
    double& v = table.values[k];
    if (v <= 0) {
      throw UsageError(
          fmt::format("{}: column '{}' holds {}, which has no logarithm",
                      table.places[k / table.columns()], table.names[k % table.columns()], v),
          "", "write transform = \"none\", or take the rows of zeros out");
    }
    v = std::log(v);
  }
}

void require_complete(const io::DataTable& table) {
  const auto hole = std::find_if(table.values.begin(), table.values.end(),
                                 [](double v) { return std::isnan(v); });
  if (hole == table.values.end()) return;
  const auto k = static_cast<std::size_t>(hole - table.values.begin());
  throw UsageError(fmt::format("{}: a value of column '{}' is missing",
                               table.places[k / table.columns()], table.names[k % table.columns()]),
                   "there is no imputation",
                   "write missing = \"skip\" to leave out the transitions to and from it");
}

std::vector<std::size_t> whole_transitions(const Series& series) {
  const auto is_whole = [&](std::size_t i) {
    return std::all_of(series.row(i), series.row(i) + series.components,
                       [](double v) { return std::isfinite(v); });
  };
  std::vector<std::size_t> out;
  for (std::size_t i = 0; i + 1 < series.rows(); ++i) {
    if (is_whole(i) && is_whole(i + 1)) out.push_back(i);
  }
  return out;
}

/// x, x_start*x and x^2 of each component.
std::vector<std::string> usual_moments(const formula::Scope& scope, std::size_t components) {
  std::vector<std::string> out;
  for (std::size_t c = 0; c < components; ++c) {
    const std::string& x = scope.names()[c];
    out.insert(out.end(), {x, x + "_start*" + x, x + "^2"});
  }
  return out;
}

}  // namespace

void FanOptions::describe(deck::Schema& s) {
  s.key("observations", observations, deck::between(1, 100'000),
        "at the end of the series, that simulated paths are compared with");
  s.key("paths", paths, deck::between(16, std::int64_t{1} << 20), "simulated from their first one");
  s.key("quantiles", quantiles, deck::open_probability, "of these paths").also(deck::increasing);
}

void TransitionMethod::describe(deck::Schema& s) {
  s.key(
       "data", data_, deck::non_empty,
       "a table with a row for each time, one 'time.end' apart: CSV, or HDF5; relative names start "
       "from the folder of the deck")
      .required();
  s.key("columns", columns_,
        "columns of the components, in their order, by names or numbers from 0; left out: columns "
        "by the names of the components");
  s.key("date", date_,
        "column of dates, which must increase; the intervals between them do not matter: rows are "
        "taken as one 'time.end' apart");
  s.key("transform", transform_, deck::one_of({"none", "log"}),
        "what is done to the data first: the model is of the result");
  s.key("missing", missing_, deck::one_of({"refuse", "skip"}),
        "skip: transitions from or to a missing value are left out");
  io::describe_form(s, table_, "the series, (rows, columns) or one column");
  s.key("draws", draws, deck::between(1, most_draws),
        "paths simulated from each observation; they add 1/draws to the variance of estimates");
  s.named_keys("moments", moments_, {},
               "what is matched: formulas of the components, and of the components one interval "
               "before as <component>_start; without any: x, x_start*x and x^2 of each component x",
               "a formula, such as x_start^2*x");
  s.key("residual_draws", residual_draws, deck::between(fewest_residual_draws, most_draws),
        "paths from each observation by which residuals are standardised after the fit");
  s.table("fan", fan, "simulated paths beside the end of the series");
}

Series TransitionMethod::read(const deck::Source& deck, const std::string& path,
                              const Model& model) const {
  const auto components = model.components();
  io::TableRequest request = table_;
  request.file = io::disk::beside(deck.file(), data_);
  request.columns = columns_;
  if (request.columns.empty()) {
    for (const ComponentInfo& one : components) request.columns.push_back(one.name);
  }
  if (request.columns.size() != components.size()) {
    throw deck.error(path + ".columns",
                     fmt::format("there are {} columns for {} components", request.columns.size(),
                                 components.size()),
                     "every component of the model must be observed",
                     fmt::format("name one column for each component of '{}'", model.name()));
  }
  request.has_labels = date_.has_value();
  request.label = date_;
  request.keeps_missing = true;
  const std::string format = io::table_format(request);
  if (format != "csv" && format != "hdf5") {
    throw deck.error(path + ".data", fmt::format("'{}' is no table of columns", data_),
                     "its format is " + format, "use CSV or HDF5");
  }
  io::DataTable table = io::read_data_table(request);
  if (date_) require_sorted(table);
  if (missing_ == "refuse") require_complete(table);
  transform(table, transform_);
  Series out;
  out.components = components.size();
  out.values = std::move(table.values);
  if (date_) out.labels = std::move(table.labels);
  out.starts = whole_transitions(out);
  out.transform = transform_;
  return out;
}

FitSetup TransitionMethod::setup(const deck::Source& deck, const std::string& path,
                                 const Model& model, const TimeOptions& time, std::int64_t) const {
  FitSetup out;
  out.series = read(deck, path, model);
  const Series& series = out.series;

  const formula::Scope scope = gradient_scope(model, deck);
  formula::Graph graph(scope);
  std::vector<int> numbers;
  MomentPlan& plan = out.moments;
  const auto parameters = model.parameters().size();
  for (const auto& [name, text] : moments_) {
    const std::string key = path + ".moments." + name;
    numbers.push_back(add_formula(graph, deck, key, text, scope));
    plan.names.push_back(name);
    try {
      require_derivative(text, scope);
    } catch (const formula::Problem& p) {
      throw deck.error_inside(key, p.offset, p.problem, p.why, p.suggestion);
    }
    const std::vector<bool> fixed = graph.dependence(numbers.back()).fixed;
    if (std::find(fixed.begin(), fixed.begin() + static_cast<std::ptrdiff_t>(parameters), true) !=
        fixed.begin() + static_cast<std::ptrdiff_t>(parameters)) {
      throw deck.error(key, fmt::format("the moment '{}' depends on parameters", name),
                       "moments are of data, too, of which parameters are not known",
                       "use components only");
    }
  }
  if (numbers.empty()) {
    plan.names = usual_moments(scope, series.components);
    for (const std::string& text : plan.names) {
      numbers.push_back(graph.add(formula::parse(text, scope)));
    }
  }
  out.formulas = formula::Program(graph, numbers, formula::Keep::all);
  out.observed = {time.steps()};

  const auto terms = series.starts.size();
  if (terms < 2 * plan.names.size() + 2) {
    throw deck.error(
        path + ".data",
        fmt::format("'{}' has {} transitions for {} moments", data_, terms, plan.names.size()),
        "standard errors are from their spread", "use a longer series");
  }
  plan.terms = static_cast<std::int64_t>(terms);
  plan.draws = draws;
  if (static_cast<double>(plan.padded_terms()) * static_cast<double>(draws) > most_paths) {
    throw deck.error(path + ".draws", "there are more than 2^40 paths", "", "use fewer draws");
  }
  for (std::size_t m = 0; m < numbers.size(); ++m) plan.row.push_back(static_cast<std::int64_t>(m));
  plan.data.resize(numbers.size() * terms);
  PairFormulas formulas(out.formulas, parameters, time.end);
  out.start.assign(static_cast<std::size_t>(plan.padded_terms()),
                   std::vector<double>(series.row(series.starts[0]),
                                       series.row(series.starts[0]) + series.components));
  for (std::size_t i = 0; i < terms; ++i) {
    const double* const from = series.row(series.starts[i]);
    out.start[i].assign(from, from + series.components);
    formulas.evaluate(from, from + series.components, series.components, [&](int m, double value) {
      if (!std::isfinite(value)) {
        throw deck.error(path + ".data",
                         fmt::format("the moment '{}' is not finite on transition {}",
                                     plan.names[static_cast<std::size_t>(m)], i),
                         fmt::format("row {} of the table, from 0", series.starts[i]),
                         "use other moments");
      }
      plan.data[static_cast<std::size_t>(m) * terms + i] = value;
    });
  }
  return out;
}

formula::Program component_formulas(const Model& model, const deck::Source& deck) {
  const formula::Scope scope = gradient_scope(model, deck);
  formula::Graph graph(scope);
  std::vector<int> numbers;
  for (std::size_t c = 0; c < model.components().size(); ++c) {
    numbers.push_back(graph.add(formula::parse(scope.names()[c], scope)));
  }
  return {graph, numbers, formula::Keep::all};
}

}  // namespace driftwood::sde
