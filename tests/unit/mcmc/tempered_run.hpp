// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <algorithm>
#include <cmath>
#include <memory>
#include <vector>

#include "base/on_device.hpp"
#include "mcmc/chain_run.hpp"
#include "mcmc/launch/density_of.hpp"
#include "mcmc/targets/gaussian.hpp"

namespace driftwood::test {

/// Independent normals with one mean and standard deviation, tempered from N(0, width^2), in closed
/// form.
struct TemperedNormals {
  int dim = 3;
  double mean = 3;
  double sd = 0.5;
  double width = 2;

  [[nodiscard]] std::unique_ptr<mcmc::Density> density() const {
    const auto n = static_cast<std::size_t>(dim);
    const auto means = on_device("mean", std::vector<double>(n, mean));
    const auto precisions = on_device("precision", std::vector<double>(n, 1 / (sd * sd)));
    using Held = std::pair<decltype(means), decltype(precisions)>;
    return std::make_unique<mcmc::DensityOf<mcmc::DiagonalGaussian>>(
        mcmc::DiagonalGaussian{means.data(), precisions.data()}, dim, Held{means, precisions});
  }

  [[nodiscard]] double variance_at(double beta) const {
    return 1 / (beta / (sd * sd) + (1 - beta) / (width * width));
  }
  [[nodiscard]] double mean_at(double beta) const {
    return variance_at(beta) * beta * mean / (sd * sd);
  }
  /// Logarithm of the integral of the density, which the target leaves without its constant.
  [[nodiscard]] double log_evidence() const {
    return dim * (0.5 * std::log(2 * M_PI) + std::log(sd));
  }
  /// Mean difference of the potentials of target and reference.
  [[nodiscard]] double difference_at(double beta) const {
    const double m = mean_at(beta);
    const double v = variance_at(beta);
    const double near = (v + (m - mean) * (m - mean)) / (sd * sd);
    const double far = (v + m * m) / (width * width) + std::log(2 * M_PI * width * width);
    return 0.5 * dim * (near - far);
  }
};

[[nodiscard]] inline mcmc::ChainOptions chains_of(std::int64_t count, std::int64_t warmup,
                                                  std::int64_t steps, std::uint64_t seed) {
  mcmc::ChainOptions out;
  out.count = count;
  out.warmup = warmup;
  out.steps = steps;
  out.seed = seed;
  return out;
}

/// A run of replicas on one rank.
class TemperedRun {
 public:
  TemperedRun(const TemperedNormals& normals, std::string_view sampler,
              const mcmc::ChainOptions& chains, const mcmc::TemperingOptions& tempering)
      : comm_(comm::Communicator::alone()),
        density_(normals.density()),
        chains_(chains),
        tempering_(tempering) {
    const auto all = mcmc::samplers();
    sampler_.sampler = std::find_if(all.begin(), all.end(), [&](const auto& s) {
                         return s.name == sampler;
                       })->make();
    chains_.initial = {deck::Distribution::Kind::normal, 0.0, normals.width};
    run_ = std::make_unique<mcmc::ChainRun>(comm_, *density_, sampler_, chains_, diagnostics_,
                                            tempering_, std::vector<comm::Bytes>{});
  }

  void warm_up() {
    while (run_->step() < chains_.warmup) static_cast<void>(run_->adapt(comm_, false));
    run_->begin_sampling(comm_);
  }
  [[nodiscard]] mcmc::ChainRun& run() { return *run_; }
  [[nodiscard]] const mcmc::Population& population() const { return run_->population(); }
  [[nodiscard]] mcmc::TemperingFindings findings() const { return *run_->tempering(comm_); }
  [[nodiscard]] mcmc::ChainFindings results() const { return run_->findings(comm_); }

  /// A number of `Replica` of all chains that move.
  [[nodiscard]] std::vector<double> numbers(int k) const {
    return population().numbers(population().set().layout.of_replica(k));
  }
  /// Coordinate i of all of them, where there are no scales.
  [[nodiscard]] std::vector<double> coordinate(int i) const {
    const auto& set = population().set();
    const auto host = Kokkos::create_mirror_view_and_copy(Kokkos::HostSpace(), set.rows);
    std::vector<double> out = numbers(mcmc::Replica::stretch);
    for (std::size_t c = 0; c < out.size(); ++c) {
      out[c] *= host(c / mcmc::block_chains, static_cast<std::size_t>(set.layout.vector(0) + i),
                     c % mcmc::block_chains);
    }
    return out;
  }

 private:
  comm::Communicator comm_;
  std::unique_ptr<mcmc::Density> density_;
  mcmc::SamplerOptions sampler_;
  mcmc::ChainOptions chains_;
  mcmc::DiagnosticsOptions diagnostics_;
  std::optional<mcmc::TemperingOptions> tempering_;
  std::unique_ptr<mcmc::ChainRun> run_;
};

}  // namespace driftwood::test
