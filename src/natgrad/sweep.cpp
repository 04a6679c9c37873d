// SPDX-License-Identifier: BSD-3-Clause
#include "natgrad/sweep.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <utility>

#include "base/error.hpp"
#include "comm/gather.hpp"
#include "stats/bytes.hpp"

namespace driftwood::natgrad {
namespace {

bool decides_by_eigenvalues(const EstimatorOptions& of) {
  const bool is_stopped = std::any_of(of.time.begin(), of.time.end(),
                                      [](double t) { return std::isfinite(t) && t > 0; });
  return is_stopped || of.ridge.size() >= 4;
}

}  // namespace

Grid::Grid(const ProblemOptions& problem, const EstimatorOptions& estimator)
    : problem_(problem), estimator_(estimator) {
  for (const double gamma : problem.gamma) {
    std::vector<double>& x = features_.emplace_back(problem.features(gamma));
    problem.spectrum.source->fill(x);
  }
  for (const Alignment& alignment : problem.alignment) {
    for (const auto& x : features_) alignment.fill(x, priors_.emplace_back(x.size()));
  }
}

Grid::Cell Grid::cell(std::size_t number) const {
  Cell out{};
  const auto take = [&](std::size_t& index, std::size_t size) {
    index = number % size;
    number /= size;
  };
  take(out.time, estimator_.time.size());
  take(out.ridge, estimator_.ridge.size());
  take(out.preconditioner, estimator_.parsed.size());
  take(out.gamma, problem_.gamma.size());
  out.alignment = number;
  return out;
}

std::size_t Grid::number(const Cell& cell) const {
  std::size_t out = cell.alignment;
  out = out * problem_.gamma.size() + cell.gamma;
  out = out * estimator_.parsed.size() + cell.preconditioner;
  out = out * estimator_.ridge.size() + cell.ridge;
  return out * estimator_.time.size() + cell.time;
}

Estimator Grid::estimator(const Cell& cell) const {
  return {estimator_.parsed[cell.preconditioner], estimator_.ridge[cell.ridge],
          estimator_.time[cell.time]};
}

std::vector<BiasVariance> predict(const comm::Communicator& comm, const Grid& grid) {
  const comm::Share mine = comm.share(static_cast<std::int64_t>(grid.cells()));
  comm::Bytes own = comm.agree([&] {
    Predictor predictor;
    stats::ByteWriter out;
    for (std::int64_t c = mine.first; c < mine.last; ++c) {
      const Grid::Cell at = grid.cell(static_cast<std::size_t>(c));
      out.put(predictor(
          {grid.features(at.gamma), grid.prior(at.alignment, at.gamma), grid.true_gamma(at.gamma)},
          grid.estimator(at)));
    }
    return out.take();
  });
  const comm::Bytes all = comm::gathered_by_all(comm, std::move(own));
  std::vector<BiasVariance> out;
  for (stats::ByteReader in(all); !in.at_end();) out.push_back(in.get<BiasVariance>());
  return out;
}

double Spread::standard_error(double noise, std::int64_t replicas) const {
  const double square = bias_square + 2 * noise * product + noise * noise * variance_square;
  return std::sqrt(std::max(square, 0.0) / static_cast<double>(replicas));
}

Ensemble::Ensemble(const Grid& grid, const EnsembleOptions& options, std::vector<std::string> petsc)
    : grid_(grid),
      options_(options),
      large_(options.large(grid.problem())),
      replica_(decides_by_eigenvalues(grid.estimator())),
      found_(tasks(), 2 * per_task()) {
  large_.petsc = std::move(petsc);
}

std::vector<std::int64_t> Ensemble::order() const {
  std::vector<std::size_t> gammas(grid_.problem().gamma.size());
  std::iota(gammas.begin(), gammas.end(), std::size_t{0});
  std::stable_sort(gammas.begin(), gammas.end(), [&](std::size_t a, std::size_t b) {
    return grid_.features(a).size() > grid_.features(b).size();
  });
  std::vector<std::int64_t> out;
  for (const std::size_t g : gammas) {
    for (std::int64_t r = 0; r < options_.replicas; ++r) {
      out.push_back(static_cast<std::int64_t>(g) * options_.replicas + r);
    }
  }
  return out;
}

void Ensemble::work(std::int64_t task) {
  const auto g = static_cast<std::size_t>(task / options_.replicas);
  const DesignKey key{options_.seed, static_cast<std::uint32_t>(g),
                      static_cast<std::uint32_t>(task % options_.replicas)};
  const auto n = static_cast<std::size_t>(grid_.problem().n);
  if (!options_.are_large()) replica_.draw(key, n, grid_.features(g), options_.law());
  const auto make = [&](std::span<const double> prior, const Estimator& by) {
    if (!options_.are_large()) return replica_(prior, by);
    // A rank alone: sums over ranks would depend on how many there are.
    LargeFindings of_design =
        large_replica(comm::Communicator::alone(), key, n, grid_.features(g), prior, by, large_);
    keep_unused(of_design.unused_options);
    return of_design.mean;
  };
  std::vector<double> found(2 * per_task());
  const EstimatorOptions& of = grid_.estimator();
  const std::size_t filters = of.ridge.size() * of.time.size();
  // What one matrix P serves comes together.
  for (std::size_t p = 0; p < of.parsed.size(); ++p) {
    for (std::size_t a = 0; a < grid_.problem().alignment.size(); ++a) {
      for (std::size_t f = 0; f < filters; ++f) {
        const Grid::Cell at{a, g, p, f / of.time.size(), f % of.time.size()};
        const BiasVariance of_cell = make(grid_.prior(a, g), grid_.estimator(at));
        const std::size_t place = 2 * (a * grid_.estimators() + p * filters + f);
        found[place] = of_cell.bias;
        found[place + 1] = of_cell.variance;
      }
    }
  }
  found_.put(task, std::move(found));
}

void Ensemble::keep_unused(const std::vector<std::string>& now) {
  if (!unused_options_) unused_options_ = now;
  std::erase_if(*unused_options_, [&](const std::string& option) {
    return std::find(now.begin(), now.end(), option) == now.end();
  });
}

Spread Ensemble::spread(std::size_t cell, std::span<const double> all) const {
  const Grid::Cell at = grid_.cell(cell);
  const std::size_t place = at.alignment * grid_.estimators() + cell % grid_.estimators();
  const auto count = static_cast<std::size_t>(options_.replicas);
  const auto replicas = static_cast<double>(options_.replicas);
  const auto each = [&](const auto& look) {
    for (std::size_t r = 0; r < count; ++r) {
      const std::size_t i = 2 * ((at.gamma * count + r) * per_task() + place);
      look(BiasVariance{all[i], all[i + 1]});
    }
  };
  Spread out;
  each([&](const BiasVariance& v) {
    out.mean.bias += v.bias;
    out.mean.variance += v.variance;
  });
  out.mean.bias /= replicas;
  out.mean.variance /= replicas;
  each([&](const BiasVariance& v) {
    const double b = v.bias - out.mean.bias;
    const double w = v.variance - out.mean.variance;
    out.bias_square += b * b / (replicas - 1);
    out.variance_square += w * w / (replicas - 1);
    out.product += b * w / (replicas - 1);
  });
  return out;
}

std::vector<Spread> Ensemble::merged(const comm::Communicator& comm) const {
  const std::vector<double> all = found_.merged(comm);
  std::vector<Spread> out;
  if (comm.is_root()) {
    for (std::size_t c = 0; c < grid_.cells(); ++c) out.push_back(spread(c, all));
  }
  comm::broadcast(comm, out);
  return out;
}

}  // namespace driftwood::natgrad
