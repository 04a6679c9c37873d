// SPDX-License-Identifier: BSD-3-Clause
/// Speed of equations written as formulas against the compiled models of the same equation, on one
/// core, as a run has them: with their noise. All cases run in turn, round after round; ratios are
/// taken within a round, and medians printed.
///
///     formula_speed [rounds]        9 rounds by default
#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <memory>
#include <string>
#include <vector>

#include "sde/options.hpp"
#include "sde/propagator.hpp"
#include "timing.hpp"

namespace {
using namespace driftwood;
using benchmarks::median;
using benchmarks::seconds_of;

constexpr std::int64_t steps = 64;

struct Deck {
  sde::ModelOptions model;

  void describe(deck::Schema& s) { s.table("model", model, "the equation"); }
};

/// Paths of a model under a scheme, from their start to the time 1.
class Runner {
 public:
  Runner(const std::string& model, const std::string& scheme, std::int64_t paths) : paths_(paths) {
    Deck deck;
    const deck::Source source = deck::load(deck, {"benchmark", "[model]\n" + model});
    deck.model.validate(source);
    propagator_ =
        deck.model.model->propagator(scheme, sde::Precision::double_, {1.0, steps, 1, paths});
  }
  void operator()() const {
    propagator_->start({0, paths_});
    propagator_->advance({0, steps});
    Kokkos::fence();
  }

 private:
  std::int64_t paths_;
  std::unique_ptr<sde::Propagator> propagator_;
};

/// A chain of conversions, S1 -> S2 -> ... -> S32, fed at its head and drained at its end.
constexpr int species = 32;

std::string chain_as_network() {
  std::string names;
  std::string amounts;
  std::string reactions = "reactions.r0 = { equation = \"-> S1\", rate = 50.0 }\n";
  for (int i = 1; i <= species; ++i) {
    names += fmt::format("{}\"S{}\"", i > 1 ? ", " : "", i);
    amounts += i > 1 ? ", 50.0" : "50.0";
    reactions += fmt::format("reactions.r{} = {{ equation = \"S{} -> {}\", rate = 1.0 }}\n", i, i,
                             i < species ? fmt::format("S{}", i + 1) : "");
  }
  return fmt::format("name = \"reaction_network\"\nspecies = [{}]\ninitial = [{}]\n{}", names,
                     amounts, reactions);
}

std::string chain_as_formulas() {
  std::string states;
  std::string noises = "\"r0\"";
  std::string initial;
  std::string drift;
  std::string diffusion;
  for (int i = 1; i <= species; ++i) {
    const std::string from = i > 1 ? fmt::format("max(S{}, 0)", i - 1) : "50";
    states += fmt::format("{}\"S{}\"", i > 1 ? ", " : "", i);
    noises += fmt::format(", \"r{}\"", i);
    initial += fmt::format("initial.S{} = 50.0\n", i);
    drift += fmt::format("drift.S{} = \"{} - max(S{}, 0)\"\n", i, from, i);
    diffusion +=
        fmt::format("diffusion.S{0} = {{ r{1} = \"sqrt({2})\", r{0} = \"-sqrt(max(S{0}, 0))\" }}\n",
                    i, i - 1, from);
  }
  return fmt::format("name = \"expression\"\nstate = [{}]\nnoise = [{}]\n{}{}{}", states, noises,
                     initial, drift, diffusion);
}

constexpr const char* gbm = "name = \"geometric_brownian_motion\"\n";
constexpr const char* gbm_formulas = R"toml(name = "expression"
state = ["x"]
noise = ["w"]
parameters = { mu = 0.05, sigma = 0.2 }
initial.x = 100.0
drift.x = "mu*x"
diffusion.x.w = "sigma*x"
)toml";

constexpr const char* heston = "name = \"heston\"\n";
constexpr const char* heston_formulas = R"toml(name = "expression"
state = ["s", "v"]
noise = ["w", "z"]
correlation = [[1.0, -0.5711], [-0.5711, 1.0]]
parameters = { rate = 0.0, kappa = 1.5768, theta = 0.0398, sigma = 0.5751 }
initial = { s = 100.0, v = 0.0175 }
drift = { s = "rate*s", v = "kappa*(theta - max(v, 0))" }
diffusion = { s = { w = "sqrt(max(v, 0))*s" }, v = { z = "sigma*sqrt(max(v, 0))" } }
)toml";

struct Case {
  std::string name;
  Runner compiled;
  Runner written;
  double path_steps;
  std::vector<double> ns = {};     ///< of the compiled model, per path-step
  std::vector<double> ratio = {};  ///< of the formulas to it
};

void study(int rounds) {
  std::vector<Case> cases;
  const auto add = [&](const char* name, const std::string& compiled, const std::string& written,
                       const std::string& scheme, std::int64_t paths) {
    cases.push_back({fmt::format("{}, {}", name, scheme), Runner(compiled, scheme, paths),
                     Runner(written, scheme, paths), static_cast<double>(paths * steps)});
  };
  for (const char* scheme : {"euler_maruyama", "milstein", "sriw1", "heun"}) {
    add("GBM", gbm, gbm_formulas, scheme, 1 << 15);
  }
  for (const char* scheme : {"euler_maruyama", "milstein", "heun"}) {
    add("Heston", heston, heston_formulas, scheme, 1 << 15);
  }
  add("network of 32 species", chain_as_network(), chain_as_formulas(), "euler_maruyama", 1 << 11);
  for (int round = -1; round < rounds; ++round) {  // the first one only warms up
    for (Case& c : cases) {
      const double compiled = seconds_of(c.compiled);
      const double written = seconds_of(c.written);
      if (round < 0) continue;
      c.ns.push_back(compiled * 1e9 / c.path_steps);
      c.ratio.push_back(written / compiled);
    }
  }
  fmt::print("{} on one thread each; medians of {} rounds\n\n", Exec::name(), rounds);
  fmt::print("{:<40} {:>18} {:>10}\n", "case", "ns per path-step", "formulas");
  for (const Case& c : cases) {
    fmt::print("{:<40} {:>18.3f} {:>9.2f}x\n", c.name, median(c.ns), median(c.ratio));
  }
}

}  // namespace

int main(int argc, char** argv) {
  const Kokkos::ScopeGuard kokkos;
  study(argc > 1 ? std::max(std::atoi(argv[1]), 1) : 9);
  return 0;
}
