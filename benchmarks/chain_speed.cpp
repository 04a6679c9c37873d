// SPDX-License-Identifier: BSD-3-Clause
/// Cost of moving Markov chains against drawing their normals alone, on one core. All cases run in
/// turn, round after round; ratios are taken within a round, and medians printed.
///
///     chain_speed [rounds]        9 rounds by default
#include <fmt/format.h>

#include <cstdlib>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/on_device.hpp"
#include "mcmc/launch/density_of.hpp"
#include "mcmc/population.hpp"
#include "mcmc/targets/gaussian.hpp"
#include "timing.hpp"

namespace {
using namespace driftwood;
using benchmarks::median;
using benchmarks::seconds_of;

constexpr std::int64_t chains = 1024;
constexpr std::uint64_t steps = 200;

/// Adds up the normals of one step, in registers: the least that any sampler does.
struct DrawNormals {
  template <class R>
  KOKKOS_FUNCTION void operator()(const mcmc::Chain<R>& chain) const {
    R sum(0);
    for_each_normal(chain.noise, 0, chain.dim(), [&](int, const R& xi) { sum = sum + xi; });
    chain.set_number(mcmc::Number::own, sum);
  }
};

class Normals final : public mcmc::Sampler {
 public:
  void describe(deck::Schema&) override {}
  void validate(const deck::Source&, const std::string&, const mcmc::Situation&) const override {}
  [[nodiscard]] mcmc::SamplerTraits traits() const override {
    return {.name = "normals", .summary = "normals alone", .numbers = 1};
  }
  void begin(mcmc::Tile&) const override {}
  void step(mcmc::Tile& tile, double) const override { tile.apply(DrawNormals{}); }
};

std::unique_ptr<mcmc::Density> gaussian(int dim) {
  const auto n = static_cast<std::size_t>(dim);
  const auto mean = on_device("mean", std::vector<double>(n));
  const auto precision = on_device("precision", std::vector<double>(n, 1.0));
  return std::make_unique<mcmc::DensityOf<mcmc::DiagonalGaussian>>(
      mcmc::DiagonalGaussian{mean.data(), precision.data()}, dim, std::pair(mean, precision));
}

std::shared_ptr<mcmc::Sampler> sampler_of(const std::string& name) {
  if (name == "normals") return std::make_shared<Normals>();
  for (const auto& alternative : mcmc::samplers()) {
    if (alternative.name == name) return alternative.make();
  }
  throw Error("there is no sampler '" + name + "'");
}

/// One sampler on one dimension, with sums over the steps or without.
struct Case {
  Case(const std::string& sampler, int dimension, bool sums)
      : title(sampler + (sums ? ", moments" : "")),
        dim(dimension),
        adds(sums),
        density(gaussian(dimension)),
        moves(sampler_of(sampler)),
        population(*moves, *density, {chains, 1}, {0, chains / mcmc::block_chains}) {
    population.start({deck::Distribution::Kind::normal, 0, 1});
    population.begin_sums(mcmc::Scale::parameters,
                          std::vector<double>(static_cast<std::size_t>(dim)));
  }

  void run() {
    population.advance(population.all(), 0, steps, 0.05,
                       [&](const mcmc::Population::BlockRange& blocks, std::uint64_t) {
                         if (adds) population.add_to_sums(blocks);
                       });
    Kokkos::fence();
  }

  std::string title;
  int dim;
  bool adds;
  std::unique_ptr<mcmc::Density> density;
  std::shared_ptr<mcmc::Sampler> moves;
  mcmc::Population population;
  std::vector<double> ns{};  ///< per chain, step and coordinate
  std::vector<double> ratio{};
};

}  // namespace

int main(int argc, char** argv) {
  const Kokkos::ScopeGuard kokkos(argc, argv);
  const int rounds = argc > 1 ? std::atoi(argv[1]) : 9;
  fmt::print("{:>5}  {:20} {:>22} {:>12}\n", "dim", "sampler", "ns / (step coordinate)",
             "x normals");
  for (const int dim : {2, 10, 64, 256}) {
    std::vector<std::unique_ptr<Case>> cases;
    for (const char* name : {"normals", "ula", "lm", "srk2g", "srk_ld", "mala"}) {
      cases.push_back(std::make_unique<Case>(name, dim, false));
      if (std::string(name) == "ula") cases.push_back(std::make_unique<Case>(name, dim, true));
    }
    for (int round = -1; round < rounds; ++round) {  // the first one only warms up
      for (const auto& c : cases) {
        const double seconds = seconds_of([&] { c->run(); });
        if (round >= 0) {
          c->ns.push_back(seconds * 1e9 / (static_cast<double>(chains * steps) * dim));
        }
      }
      if (round < 0) continue;
      for (const auto& c : cases) c->ratio.push_back(c->ns.back() / cases.front()->ns.back());
    }
    for (const auto& c : cases) {
      fmt::print("{:5}  {:20} {:22.2f} {:12.2f}\n", dim, c->title, median(c->ns), median(c->ratio));
    }
  }
}
