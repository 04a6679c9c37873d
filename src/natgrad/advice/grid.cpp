// SPDX-License-Identifier: BSD-3-Clause
#include "natgrad/advice/grid.hpp"

#include <cmath>
#include <utility>

#include "comm/gather.hpp"
#include "stats/bytes.hpp"

namespace driftwood::natgrad {
namespace {

constexpr std::size_t ridges = 25;  // four a decade, from 1e-3 to 1e3
constexpr std::size_t times = 17;   // four a decade, from 1e-1 to 1e3

}  // namespace

AdviceGrid::AdviceGrid(std::vector<double> population, std::vector<std::size_t> rows,
                       std::vector<NamedSignal> signals,
                       std::vector<Preconditioner> preconditioners, std::vector<double> noise)
    : population_(std::move(population)),
      rows_(std::move(rows)),
      signals_(std::move(signals)),
      preconditioners_(std::move(preconditioners)),
      noise_(std::move(noise)) {}

std::size_t AdviceGrid::filters() { return 1 + ridges + times; }

AdviceGrid::Range AdviceGrid::filters_of(Tuning tuning) {
  switch (tuning) {
    case Tuning::ridge:
      return {1, 1 + ridges};
    case Tuning::time:
      return {1 + ridges, filters()};
    default:
      return {0, 1};
  }
}

double AdviceGrid::strength(std::size_t filter) {
  if (filter == 0) return 0;
  if (filter <= ridges) return std::pow(10.0, -3 + static_cast<double>(filter - 1) / 4);
  return std::pow(10.0, -1 + static_cast<double>(filter - 1 - ridges) / 4);
}

Estimator AdviceGrid::estimator(std::size_t preconditioner, std::size_t signal,
                                std::size_t filter) const {
  Estimator out{.preconditioner = preconditioners_[preconditioner]};
  if (filter == 0) return out;
  std::vector<double> p(features());
  out.preconditioner.fill(population_, signals_[signal].prior, p);
  double mean = 0;
  for (std::size_t i = 0; i < p.size(); ++i) mean += p[i] * population_[i];
  mean /= static_cast<double>(features());
  if (filter <= ridges) {
    out.ridge = strength(filter) * mean;
  } else {
    out.time = strength(filter) / mean;
  }
  return out;
}

std::vector<BiasVariance> predict(const comm::Communicator& comm, const AdviceGrid& grid) {
  // One (n, signal, P) at a time: its filters come together.
  const std::size_t filters = AdviceGrid::filters();
  const comm::Share mine = comm.share(static_cast<std::int64_t>(grid.cells() / filters));
  comm::Bytes own = comm.agree([&] {
    Predictor predictor;
    stats::ByteWriter out;
    for (std::int64_t group = mine.first; group < mine.last; ++group) {
      auto at = static_cast<std::size_t>(group);
      const std::size_t p = at % grid.preconditioners().size();
      at /= grid.preconditioners().size();
      const std::size_t signal = at % grid.signals().size();
      const std::size_t n = at / grid.signals().size();
      const Population of{grid.population(), grid.signals()[signal].prior, grid.gamma(n)};
      for (std::size_t f = 0; f < filters; ++f) {
        const bool has_risk = f > 0 || grid.has_end(n);
        out.put(has_risk ? predictor(of, grid.estimator(p, signal, f))
                         : BiasVariance{std::nan(""), std::nan("")});
      }
    }
    return out.take();
  });
  const comm::Bytes all = comm::gathered_by_all(comm, std::move(own));
  std::vector<BiasVariance> out;
  for (stats::ByteReader in(all); !in.at_end();) out.push_back(in.get<BiasVariance>());
  return out;
}

std::size_t best_filter(std::span<const BiasVariance> cells, Tuning tuning, double noise) {
  const auto [first, last] = AdviceGrid::filters_of(tuning);
  std::size_t best = first;
  for (std::size_t f = first + 1; f < last; ++f) {
    if (cells[f].risk(noise) < cells[best].risk(noise)) best = f;
  }
  return best;
}

}  // namespace driftwood::natgrad
