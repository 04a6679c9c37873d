// SPDX-License-Identifier: BSD-3-Clause
#include "sde/order_study.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "io/layout.hpp"
#include "random/join.hpp"
#include "sde/ensemble.hpp"
#include "sde/registry.hpp"

namespace driftwood::sde {
namespace {

using random::Increments;
using Range = Kokkos::RangePolicy<Exec>;

constexpr double nan = std::numeric_limits<double>::quiet_NaN();
constexpr std::int64_t most_noise_bytes = std::int64_t{1} << 26;  ///< of one chunk's noise

/// The errors of one path on one grid: rows level, levels + level and 2 levels + level.
struct Compare {
  Channels state;
  Channels reference;
  Channels errors;
  std::int64_t components;
  std::int64_t component;
  std::int64_t level;
  std::int64_t levels;
  std::int64_t first_column;

  KOKKOS_FUNCTION void operator()(std::int64_t p) const {
    double square = 0;
    for (std::int64_t i = 0; i < components; ++i) {
      const double d = state(i, p) - reference(i, p);
      square += d * d;
    }
    const double x = state(component, p);
    const double r = reference(component, p);
    const double second = x * x - r * r;
    const std::int64_t column = first_column + p;
    errors(level, column) = square;
    errors(levels + level, column) = x - r;
    errors(2 * levels + level, column) = second;
    if (!(is_finite(square) && is_finite(second))) errors(3 * levels, column) = 0;
  }
};

/// What a reference that is a scheme may itself be wrong by: with errors C h^p of its own, grids of
/// step h lie C (h^p - h_ref^p) away from it. The larger answer of the two finest grids, and three
/// standard errors more.
double error_of_reference(const OrderTable::Errors& own, double order, std::int64_t refinements) {
  constexpr int asked = 2;
  double most = 0;
  int answers = 0;
  std::int64_t halvings = refinements;
  for (std::size_t l = own.error.size(); l-- > 0 && answers < asked; ++halvings) {
    if (halvings == 0) continue;  // the grid of the reference
    const double ratio = std::exp2(-order * static_cast<double>(halvings));
    const double here = (own.error[l] + 3 * own.standard_error[l]) * ratio / (1 - ratio);
    most = std::max(most, here);
    ++answers;
  }
  return most;
}

/// The order that errors show, from the grids on which they exceed three times their standard
/// error, and `floor`. `covariance(i, j)` is that of the estimated errors.
template <class Covariance>
stats::Slope order_of(const OrderTable::Errors& errors, const std::vector<double>& steps,
                      double floor, const Covariance& covariance) {
  std::vector<std::size_t> clear;
  for (std::size_t l = 0; l < steps.size(); ++l) {
    if (errors.error[l] > std::max(3 * errors.standard_error[l], floor)) clear.push_back(l);
  }
  std::vector<double> x;
  std::vector<double> y;
  std::vector<double> c;
  for (const std::size_t i : clear) {
    x.push_back(std::log(steps[i]));
    y.push_back(std::log(errors.error[i]));
    for (const std::size_t j : clear) {
      c.push_back(covariance(i, j) / (errors.error[i] * errors.error[j]));
    }
  }
  return stats::fit_slope(x, y, c);
}

/// Errors of a scheme, without orders.
class Measurements {
 public:
  Measurements(const stats::MomentSummary& summary, std::size_t scheme, std::size_t levels)
      : summary_(summary), scheme_(scheme), levels_(levels) {}

  [[nodiscard]] double paths() const { return summary_.count[scheme_]; }
  [[nodiscard]] double mean(std::size_t channel) const {
    return summary_.components.mean[scheme_ * channels() + channel];
  }
  /// Of the estimated means of two channels.
  [[nodiscard]] double covariance(std::size_t a, std::size_t b) const {
    return summary_.covariance[(scheme_ * channels() + a) * channels() + b] / paths();
  }

  /// Not a number for a scheme that declares no order.
  [[nodiscard]] OrderTable::Errors strong(double declared) const {
    const bool converges = declared > 0;
    OrderTable::Errors errors{{}, {}, converges ? declared : nan, {}};
    for (std::size_t l = 0; l < levels_; ++l) {
      const double error = std::sqrt(mean(l));
      errors.error.push_back(converges ? error : nan);
      errors.standard_error.push_back(converges ? std::sqrt(covariance(l, l)) / (2 * error) : nan);
    }
    return errors;
  }
  /// From the channels that begin with `first`.
  [[nodiscard]] OrderTable::Errors weak(std::size_t first, double declared) const {
    OrderTable::Errors errors{{}, {}, declared, {}};
    for (std::size_t l = 0; l < levels_; ++l) {
      errors.error.push_back(std::abs(mean(first + l)));
      errors.standard_error.push_back(std::sqrt(covariance(first + l, first + l)));
    }
    return errors;
  }

 private:
  [[nodiscard]] std::size_t channels() const { return 3 * levels_; }

  const stats::MomentSummary& summary_;
  std::size_t scheme_;
  std::size_t levels_;
};

}  // namespace

OrderStudy::OrderStudy(const OrderOptions& options, const Model& model)
    : options_(options),
      component_(options.component_index(model)),
      components_(model.components()),
      reference_name_(options.reference(model)),
      noise_class_(model.noise()),
      tree_(0) {
  const bool is_scheme = reference_name_ != OrderOptions::solution;
  const std::int64_t finer = options.levels + (is_scheme ? options.refinements : 0);
  shape_ = {Increments::brownian, model.noises(),          options.end,
            options.coarsest,     static_cast<int>(finer), stats::block_paths};
  if (is_scheme) shape_.kind = scheme_info(reference_name_).increments(noise_class_);
  auto names = options.schemes(model);
  // Its own errors tell what the reference may be wrong by.
  const bool is_measured = std::find(names.begin(), names.end(), reference_name_) != names.end();
  if (is_scheme && !is_measured &&
      std::isfinite(scheme_info(reference_name_).weak_order(noise_class_))) {
    names.push_back(reference_name_);
  }
  for (const std::string& name : names) {
    const Increments kind = scheme_info(name).increments(noise_class_);
    if (random::is_joinable(kind)) shape_.kind = std::max(shape_.kind, kind);
  }
  const std::int64_t fits = most_noise_bytes / NoiseLevels::bytes_per_path(shape_);
  for (shape_.paths = stats::block_paths; shape_.paths > path_padding && shape_.paths > fits;) {
    shape_.paths /= 2;
  }

  const auto at = [&](std::int64_t level) {
    return PropagatorOptions{.end = options.end,
                             .steps = options.steps(level),
                             .seed = options.seed,
                             .capacity = shape_.paths};
  };
  NoiseLevels& brownian = noise_for(shape_.kind);
  reference_ = {is_scheme ? model.propagator(reference_name_, Precision::double_, at(finer - 1))
                          : model.solution(at(finer - 1)),
                &brownian, static_cast<int>(finer - 1)};
  for (const std::string& name : names) {
    const Increments kind = scheme_info(name).increments(noise_class_);
    NoiseLevels& noise = random::is_joinable(kind) ? brownian : noise_for(kind);
    Measured scheme{name, {}};
    for (int l = 0; l < options.levels; ++l) {
      scheme.levels.push_back({model.propagator(name, Precision::double_, at(l)), &noise, l});
    }
    schemes_.push_back(std::move(scheme));
    channels_.emplace_back("errors", static_cast<std::size_t>(3 * options.levels + 1),
                           static_cast<std::size_t>(stats::block_paths));
  }
  const std::size_t dim = components_.size();
  reference_state_ = Channels("reference", dim, static_cast<std::size_t>(stats::block_paths));
  state_ = Channels("state", dim, static_cast<std::size_t>(stats::block_paths));
  layout_ = {static_cast<std::int64_t>(schemes_.size()), 3 * options.levels, 0, true};
  tree_ = decltype(tree_)(static_cast<std::size_t>(layout_.size()), {layout_});
}

NoiseLevels& OrderStudy::noise_for(Increments kind) {
  const auto found = std::find(kinds_.begin(), kinds_.end(), kind);
  if (found != kinds_.end()) return *noises_[static_cast<std::size_t>(found - kinds_.begin())];
  NoiseLevels::Shape shape = shape_;
  shape.kind = kind;
  if (!random::is_joinable(kind)) shape.levels = static_cast<int>(options_.levels);
  kinds_.push_back(kind);
  // Noise that stands for no path has a seed of its own.
  noises_.push_back(
      std::make_unique<NoiseLevels>(shape, options_.seed + kinds_.size() * 1000 - 1000));
  return *noises_.back();
}

std::int64_t OrderStudy::steps_per_path() const {
  std::int64_t sum = options_.steps(reference_.level);
  for (int l = 0; l < options_.levels; ++l) {
    sum += options_.steps(l) * static_cast<std::int64_t>(schemes_.size());
  }
  return sum;
}

void OrderStudy::measure(std::int64_t block) {
  const std::int64_t first = block * stats::block_paths;
  const std::int64_t count = std::min(stats::block_paths, options_.paths - first);
  for (const Channels& c : channels_) {
    Kokkos::deep_copy(c, 0.0);
    fill_weights(c, count, stats::block_paths);
  }
  for (std::int64_t done = 0; done < count; done += shape_.paths) {
    measure_chunk({static_cast<std::uint64_t>(first + done), std::min(shape_.paths, count - done)},
                  done);
  }
  const stats::BlockRecords records("records", 1, static_cast<std::size_t>(layout_.size()));
  for (std::size_t s = 0; s < schemes_.size(); ++s) {
    stats::block_moments(layout_, static_cast<std::int64_t>(s), channels_[s], 1, records);
  }
  const auto host = Kokkos::create_mirror_view_and_copy(Kokkos::HostSpace(), records);
  Kokkos::fence();
  tree_.push(block, {&host(0, 0), &host(0, 0) + layout_.size()});
}

void OrderStudy::measure_chunk(const PathRange& paths, std::int64_t column) {
  for (const auto& noise : noises_) noise->draw(paths);
  const auto run = [&](const Follower& follower, const Channels& to) {
    follower.propagator->start(paths);
    follower.propagator->follow(follower.noise->level(follower.level));
    follower.propagator->read(to);
  };
  run(reference_, reference_state_);
  for (std::size_t s = 0; s < schemes_.size(); ++s) {
    for (const Follower& follower : schemes_[s].levels) {
      run(follower, state_);
      Kokkos::parallel_for(
          "sde::compare", Range(0, paths.count),
          Compare{state_, reference_state_, channels_[s],
                  static_cast<std::int64_t>(components_.size()),
                  static_cast<std::int64_t>(component_), follower.level, options_.levels, column});
    }
  }
}

void OrderStudy::merge(const comm::Communicator& comm) {
  const auto all = tree_.collected(comm);
  if (!comm.is_root()) return;
  const stats::MomentSummary summary = stats::summarise(layout_, all.root());
  for (std::size_t s = 0; s < schemes_.size(); ++s) tables_.push_back(table_of(s, summary));
}

OrderTable OrderStudy::table_of(std::size_t scheme, const stats::MomentSummary& summary) const {
  const auto levels = static_cast<std::size_t>(options_.levels);
  const std::size_t second = 2 * levels;  // where the channels of the second moment begin
  const SchemeInfo info = scheme_info(schemes_[scheme].name);
  const Measurements measured(summary, scheme, levels);
  const std::vector<double> steps = options_.step_sizes();
  OrderTable table{std::string(info.name), measured.paths(),
                   measured.strong(info.strong_order(noise_class_)),
                   measured.weak(levels, info.weak_order(noise_class_)),
                   measured.weak(second, info.weak_order(noise_class_))};

  double strong_floor = 0;
  double mean_floor = 0;
  double second_floor = 0;
  const auto own = std::find_if(schemes_.begin(), schemes_.end(),
                                [&](const Measured& s) { return s.name == reference_name_; });
  if (own != schemes_.end()) {
    const SchemeInfo reference = scheme_info(reference_name_);
    const double strong = reference.strong_order(noise_class_);
    const double weak = reference.weak_order(noise_class_);
    const Measurements of(summary, static_cast<std::size_t>(own - schemes_.begin()), levels);
    const auto floor = [&](const OrderTable::Errors& errors, double order) {
      return error_of_reference(errors, order, options_.refinements);
    };
    strong_floor = floor(of.strong(strong), strong);
    // Biases add up, with either sign: what is no more than twice that of the reference may be all
    // of it.
    mean_floor = 2 * floor(of.weak(levels, weak), weak);
    second_floor = 2 * floor(of.weak(second, weak), weak);
  }

  table.strong.slope =
      order_of(table.strong, steps, strong_floor, [&](std::size_t i, std::size_t j) {
        return measured.covariance(i, j) / (4 * table.strong.error[i] * table.strong.error[j]);
      });
  const auto weak_order = [&](const OrderTable::Errors& errors, std::size_t first, double floor) {
    return order_of(errors, steps, floor, [&](std::size_t i, std::size_t j) {
      const double sign = measured.mean(first + i) * measured.mean(first + j) < 0 ? -1.0 : 1.0;
      return sign * measured.covariance(first + i, first + j);
    });
  };
  table.mean.slope = weak_order(table.mean, levels, mean_floor);
  table.second_moment.slope = weak_order(table.second_moment, second, second_floor);
  return table;
}

void OrderStudy::write(io::ResultFile& file) const {
  namespace names = io::layout::order;
  std::vector<std::string> schemes;
  for (const Measured& scheme : schemes_) schemes.push_back(scheme.name);
  const std::vector<double> steps = options_.step_sizes();
  file.coordinate(names::scheme, {{}, "1", "scheme", std::span<const std::string>(schemes)});
  file.coordinate(names::step, {{}, "time", "size of the steps", std::span<const double>(steps)});
  const std::size_t s = schemes.size();
  const auto per_scheme = [&](const std::string& name, const std::string& what, const auto& get) {
    std::vector<double> values(s, nan);
    for (std::size_t i = 0; i < tables_.size(); ++i) values[i] = get(tables_[i]);
    file.write(name, {{std::string(names::scheme)}, "1", what, std::span<const double>(values)});
  };
  const auto write_errors = [&](const char* group, const std::string& what,
                                const std::string& units, const auto& part) {
    const names::Errors at = names::errors(group);
    const auto table = [&](const std::string& name, const std::string& of, const auto& get) {
      std::vector<double> values;
      for (const OrderTable& t : tables_) {
        values.insert(values.end(), get(part(t)).begin(), get(part(t)).end());
      }
      values.resize(s * steps.size(), nan);
      file.write(name, {{std::string(names::scheme), std::string(names::step)},
                        units,
                        of + what,
                        std::span<const double>(values)});
    };
    using E = OrderTable::Errors;
    table(
        at.error, "", [](const E& e) -> const auto& { return e.error; });
    table(
        at.standard_error, "standard error of the ",
        [](const E& e) -> const auto& { return e.standard_error; });
    per_scheme(at.declared, "order that the scheme declares",
               [&](const OrderTable& t) { return part(t).declared; });
    per_scheme(at.order, "order of the " + what,
               [&](const OrderTable& t) { return part(t).slope.value; });
    per_scheme(at.order_standard_error, "standard error of the order",
               [&](const OrderTable& t) { return part(t).slope.standard_error; });
  };
  const std::string& units = components_[component_].units;
  write_errors(
      "strong", "root mean square error at the end", units,
      [](const OrderTable& t) -> const auto& { return t.strong; });
  write_errors(
      "weak/mean", "error of the mean at the end", units,
      [](const OrderTable& t) -> const auto& { return t.mean; });
  write_errors(
      "weak/second_moment", "error of the second moment at the end",
      units == "1" ? units : "(" + units + ")^2",
      [](const OrderTable& t) -> const auto& { return t.second_moment; });
  per_scheme(std::string(names::finite_paths), "paths finite on all grids",
             [](const OrderTable& t) { return t.finite_paths; });
}

}  // namespace driftwood::sde
