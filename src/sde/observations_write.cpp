// SPDX-License-Identifier: BSD-3-Clause
// How the results of an ensemble are laid out in its file.
#include <algorithm>

#include "io/layout.hpp"
#include "sde/observations.hpp"

namespace driftwood::sde {
namespace {

namespace layout = io::layout;
using Names = std::vector<std::string>;

std::string name(std::string_view view) { return std::string(view); }

/// The units of a variance.
std::string squared(const std::string& units) { return units == "1" ? units : "(" + units + ")^2"; }

/// The units of every component in turn, or one where all share it; `of` turns those of a component
/// into those of its statistic.
template <class Of>
std::string units_of(const std::vector<ComponentInfo>& components, Of&& of) {
  const auto shared = std::all_of(components.begin(), components.end(), [&](const auto& c) {
    return c.units == components.front().units;
  });
  std::string all = of(components.front().units);
  for (std::size_t i = 1; i < components.size() && !shared; ++i) {
    all += ", " + of(components[i].units);
  }
  return all;
}
std::string units_of(const std::vector<ComponentInfo>& components) {
  return units_of(components, [](const std::string& units) { return units; });
}

}  // namespace

void Observations::write(io::ResultFile& file) const {
  file.coordinate(layout::time,
                  {{}, time_units_, "time of the results", std::span<const double>(times_)});
  Names names;
  for (const auto& c : components_) names.push_back(c.name);
  file.coordinate(layout::component,
                  {{}, "1", "component of the state", std::span<const std::string>(names)});

  const stats::MomentSummary summary = this->summary();
  if (options_.moments) write_moments(file, summary);
  if (options_.covariance) write_covariance(file, summary);
  write_formulas(file, summary);
  if (quantiles_) write_quantiles(file);
  if (histogram_) write_histogram(file);
  if (passages_) passages_->write(file, time_units_);
  if (options_.save_paths > 0) write_paths(file);
  file.write(layout::run::quantity("finite_paths"), {{name(layout::time)},
                                                     "1",
                                                     "paths finite up to this time",
                                                     std::span<const double>(summary.count)});
}

void Observations::write_moments(io::ResultFile& file, const stats::MomentSummary& summary) const {
  const Names shape = {name(layout::time), name(layout::component)};
  const std::string units = units_of(components_);
  const auto put = [&](std::string_view to, const std::string& unit, const char* what,
                       const std::vector<double>& values) {
    file.write(to, {shape, unit, what, std::span<const double>(values)});
  };
  const auto& table = summary.components;
  put(layout::moments::mean, units, "mean over paths", table.mean);
  put(layout::moments::variance, units_of(components_, squared), "unbiased variance over paths",
      table.variance);
  put(layout::moments::standard_error, units, "standard error of the mean", table.standard_error);
  put(layout::moments::skewness, "1", "skewness over paths", table.skewness);
  put(layout::moments::kurtosis, "1", "kurtosis over paths, 3 for a normal distribution",
      table.kurtosis);
}

void Observations::write_covariance(io::ResultFile& file,
                                    const stats::MomentSummary& summary) const {
  Names names;
  for (const auto& c : components_) names.push_back(c.name);
  file.coordinate(layout::covariance::other_component,
                  {{}, "1", "component of the state", std::span<const std::string>(names)});
  file.write(layout::covariance::value, {{name(layout::time), name(layout::component),
                                          name(layout::covariance::other_component)},
                                         units_of(components_, squared),
                                         "unbiased covariance over paths",
                                         std::span<const double>(summary.covariance)});
}

void Observations::write_formulas(io::ResultFile& file, const stats::MomentSummary& summary) const {
  for (std::size_t f = 0; f < formulas_.size(); ++f) {
    const auto& [name_of_formula, units, what] = formulas_[f];
    const layout::Formula at = layout::formulas(name_of_formula);
    const auto put = [&](const std::string& to, const std::string& unit, const std::string& of,
                         const std::vector<double>& values) {
      file.write(to, {{name(layout::time)}, unit, of, std::span<const double>(values)});
    };
    put(at.mean, units, "mean of the " + what, summary.formulas[f].mean);
    put(at.variance, squared(units), "unbiased variance of the " + what,
        summary.formulas[f].variance);
    put(at.standard_error, units, "standard error of the mean of the " + what,
        summary.formulas[f].standard_error);
    write_running(file, f);
  }
}

void Observations::write_running(io::ResultFile& file, std::size_t formula) const {
  // Rank 0 alone has seen all prefixes; their number follows from the number of blocks.
  const std::int64_t blocks = (total_paths_ + stats::block_paths - 1) / stats::block_paths;
  std::vector<double> paths;
  std::vector<double> mean;
  std::vector<double> error;
  std::vector<std::int64_t> prefixes;
  for (std::int64_t n = 1; n < blocks; n *= 2) prefixes.push_back(n);
  prefixes.push_back(blocks);
  for (const std::int64_t n : prefixes) {
    const auto known = prefixes_.find(n);
    const bool has = known != prefixes_.end();
    paths.push_back(has ? known->second.count[formula] : 0);
    mean.push_back(has ? known->second.mean[formula] : 0);
    error.push_back(has ? known->second.standard_error[formula] : 0);
  }
  const layout::Formula at = layout::formulas(formulas_[formula].name);
  file.coordinate(at.running_paths, {{}, "1", "paths so far", std::span<const double>(paths)});
  const std::string& units = formulas_[formula].units;
  file.write(at.running_mean, {{at.running_paths},
                               units,
                               "mean at the last time over the paths so far",
                               std::span<const double>(mean)});
  file.write(
      at.running_standard_error,
      {{at.running_paths}, units, "standard error of that mean", std::span<const double>(error)});
}

void Observations::write_quantiles(io::ResultFile& file) const {
  file.coordinate(layout::quantiles::probability,
                  {{}, "1", "probability", std::span<const double>(options_.quantiles)});
  file.write(layout::quantiles::value,
             {{name(layout::time), name(layout::quantiles::probability), name(layout::component)},
              units_of(components_),
              "quantiles over paths",
              std::span<const double>(quantile_values_),
              {{name(layout::quantiles::method), std::string(quantiles_->method())}}});
}

void Observations::write_histogram(io::ResultFile& file) const {
  for (std::int64_t c = 0; c < cells_.components; ++c) {
    const ComponentInfo& component = components_[static_cast<std::size_t>(c)];
    const layout::Histogram at = layout::histogram(component.name);
    std::vector<double> edges;
    std::vector<std::int64_t> counts;
    std::vector<std::int64_t> below;
    std::vector<std::int64_t> above;
    for (std::int64_t t = 0; t < cells_.times; ++t) {
      const auto e = histogram_->edges(t, c);
      const auto n = histogram_->counts(t, c);
      edges.insert(edges.end(), e.begin(), e.end());
      counts.insert(counts.end(), n.begin(), n.end());
      below.push_back(histogram_->below(t, c));
      above.push_back(histogram_->above(t, c));
    }
    file.dimension(at.edge, histogram_->bins() + 1);
    file.dimension(at.bin, histogram_->bins());
    const std::string time = name(layout::time);
    file.write(
        at.edges,
        {{time, at.edge}, component.units, "edges of the bins", std::span<const double>(edges)});
    file.write(at.count,
               {{time, at.bin}, "1", "paths per bin", std::span<const std::int64_t>(counts)});
    file.write(at.below,
               {{time}, "1", "paths below the first edge", std::span<const std::int64_t>(below)});
    file.write(at.above,
               {{time}, "1", "paths above the last edge", std::span<const std::int64_t>(above)});
  }
}

void Observations::write_paths(io::ResultFile& file) const {
  std::vector<std::int64_t> ids;
  std::vector<double> values;
  std::vector<io::Rows> rows;
  for (const auto& [path, of_path] : saved_) {
    ids.push_back(path);
    values.insert(values.end(), of_path.begin(), of_path.end());
    const bool follows = !rows.empty() && rows.back().first + rows.back().count == path;
    if (!follows) rows.push_back({path, 0});
    ++rows.back().count;
  }
  file.dimension(layout::paths::path, options_.save_paths);
  file.write_rows(
      layout::paths::id,
      {{name(layout::paths::path)}, "1", "id of the path", std::span<const std::int64_t>(ids)},
      rows);
  file.write_rows(layout::paths::value,
                  {{name(layout::paths::path), name(layout::time), name(layout::component)},
                   units_of(components_),
                   "states of saved paths",
                   std::span<const double>(values)},
                  rows);
}

}  // namespace driftwood::sde
