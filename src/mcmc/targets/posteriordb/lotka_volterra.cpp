// SPDX-License-Identifier: BSD-3-Clause
#include "mcmc/targets/posteriordb/lotka_volterra.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <numeric>
#include <tuple>

#include "mcmc/launch/density_of.hpp"
#include "mcmc/targets/posteriordb/posterior.hpp"

namespace driftwood::mcmc::posteriordb {
namespace {

/// Of a year: the logarithms are then wrong by less than 1e-5 in the bulk of the posterior.
constexpr double longest_step = 0.1;
constexpr double longest_time = 1e4;

/// Populations of prey and predators, as counted.
struct Counts {
  std::vector<double> times{0};
  std::vector<double> prey;
  std::vector<double> predators;
};

Counts counts_in(const io::JsonObject& data) {
  const std::int64_t n = data.count("N");
  Counts out;
  for (const double t : data.numbers("ts", n)) {
    if (!(t > out.times.back() && t <= longest_time)) {
      throw data.error("ts", "is not increasing from above 0 to at most 10000");
    }
    out.times.push_back(t);
  }
  const auto add = [&](const std::string& field, const std::vector<double>& pairs) {
    for (std::size_t i = 0; i < pairs.size(); ++i) {
      if (!(pairs[i] > 0)) throw data.error(field, "has an entry that is not positive");
      (i % 2 == 0 ? out.prey : out.predators).push_back(pairs[i]);
    }
  };
  add("y_init", data.numbers("y_init", 2));
  add("y", data.matrix("y", n, 2));
  return out;
}

double mean_of(const std::vector<double>& values) {
  return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}

/// From how often the prey goes through its mean. Half a cycle is pi / sqrt(alpha gamma), for small
/// cycles.
double rate_of(const Counts& counts) {
  const double mean = mean_of(counts.prey);
  int half_cycles = -1;
  double first = 0;
  double last = counts.times.back();
  for (std::size_t i = 1; i < counts.times.size(); ++i) {
    if ((counts.prey[i] < mean) == (counts.prey[i - 1] < mean)) continue;
    const double time = (counts.times[i] + counts.times[i - 1]) / 2;
    if (++half_cycles == 0) first = time;
    if (half_cycles > 0) last = time;
  }
  return std::numbers::pi * std::max(half_cycles, 1) / (last - first);
}

}  // namespace

Posterior lotka_volterra(const io::JsonObject& data) {
  const Counts counts = counts_in(data);
  std::vector<double> logs;
  std::vector<double> steps{0};
  std::vector<int> many{0};
  for (std::size_t i = 0; i < counts.times.size(); ++i) {
    logs.push_back(std::log(counts.prey[i]));
    logs.push_back(std::log(counts.predators[i]));
    if (i == 0) continue;
    const double interval = counts.times[i] - counts.times[i - 1];
    many.push_back(static_cast<int>(std::ceil(interval / longest_step)));
    steps.push_back(interval / many.back());
  }
  const auto density = [=]() -> std::unique_ptr<Density> {
    // Coordinates 0 have the counts' cycles, means (which are gamma / delta and alpha / beta) and
    // beginning: from elsewhere chains find other numbers of cycles, and stay there.
    const double rate = rate_of(counts);
    const double units[] = {rate,
                            rate / mean_of(counts.predators),
                            rate,
                            rate / mean_of(counts.prey),
                            counts.prey[0],
                            counts.predators[0],
                            0.4,
                            0.4};
    std::vector<Segment> segments;
    for (int i = 0; i < 8; ++i) {
      segments.push_back({.kind = Segment::Kind::above,
                          .first_x = i,
                          .first_theta = i,
                          .count = 1,
                          .unit = units[i]});
    }
    const auto y = on_device("log_counts", logs);
    const auto h = on_device("steps", steps);
    const auto m = on_device("many", many);
    return std::make_unique<DensityOf<LotkaVolterra>>(
        LotkaVolterra{y.data(), h.data(), m.data(), static_cast<int>(many.size())}, 8,
        std::tuple(y, h, m), segments);
  };
  return {{{"theta", 4}, {"z_init", 2}, {"sigma", 2}}, density};
}

}  // namespace driftwood::mcmc::posteriordb
