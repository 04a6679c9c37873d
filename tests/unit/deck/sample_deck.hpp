// SPDX-License-Identifier: BSD-3-Clause
/// A deck with every kind of key, for the tests of this layer.
#pragma once

#include "deck/schema.hpp"

namespace driftwood::test {

struct SampleRun {
  std::string output = "sample.h5";
  bool overwrite = true;
  deck::Duration every{600};

  void describe(deck::Schema& s) {
    s.key("output", output, deck::length(1, 40), "result file");
    s.key("overwrite", overwrite, "replace an existing result");
    s.key("every", every, deck::at_least(1), "time between checkpoints");
    s.reserved("resume", "restarts are not part of this version");
  }
};

struct SampleModel {
  SampleModel() = default;
  SampleModel(const SampleModel&) = delete;
  SampleModel& operator=(const SampleModel&) = delete;
  virtual ~SampleModel() = default;
  virtual void describe(deck::Schema& s) = 0;
};

struct SampleLimits {
  double low = 0;

  void describe(deck::Schema& s) { s.key("low", low, deck::finite, "lower limit"); }
};

struct Decay final : SampleModel {
  double rate = 1;
  std::optional<double> initial;
  SampleLimits limits;

  void describe(deck::Schema& s) override {
    s.key("rate", rate, deck::positive, "decay rate [1/time]");
    s.key("initial", initial, "initial value [state]");
    s.table("limits", limits, "dX = 0 beyond them");
  }
};

struct Price final : SampleModel {
  double volatility = 0.2;
  double correlation = 0;
  std::vector<std::vector<double>> cross = {{1, 0.5}, {0.5, 1}};

  void describe(deck::Schema& s) override {
    s.key("volatility", volatility, deck::non_negative, "volatility [1/sqrt(time)]");
    s.key("correlation", correlation, deck::between(-1, 1), "correlation of the noises");
    s.key("cross", cross, "correlation matrix");
  }
};

struct SampleTime {
  std::string scheme = "euler_maruyama";
  double end = 0;
  std::optional<std::int64_t> steps;
  std::optional<double> dt;

  void describe(deck::Schema& s) {
    s.key("scheme", scheme, deck::one_of({"euler_maruyama", "milstein", "exact"}), "scheme");
    s.key("end", end, deck::positive, "end of the simulated interval [time]").required();
    s.key("steps", steps, deck::between<std::int64_t>(1, std::int64_t{1} << 40), "equal steps")
        .instead_of({"dt"});
    s.key("dt", dt, deck::positive, "step size [time]").instead_of({"steps"});
  }
};

struct SampleStop {
  double standard_error = 0;

  void describe(deck::Schema& s) {
    s.key("standard_error", standard_error, deck::positive, "stop when it is reached").required();
  }
};

struct SampleEnsemble {
  std::int64_t paths = 1000;
  std::uint64_t seed = 1;
  std::optional<SampleStop> stop;

  void describe(deck::Schema& s) {
    s.key("paths", paths, deck::between<std::int64_t>(1, std::int64_t{1} << 40), "paths");
    s.key("seed", seed, "seed of the noise");
    s.table("stop", stop, "when to stop early");
  }
};

struct SamplePayoff {
  std::string kind = "call";
  double strike = 1;

  void describe(deck::Schema& s) {
    s.key("kind", kind, deck::one_of({"call", "put"}), "kind of option");
    s.key("strike", strike, deck::positive, "strike [price]");
  }
};

struct SampleObserve {
  std::vector<double> times = {1};
  std::vector<double> quantiles;
  std::vector<double> horizons;
  std::vector<std::string> names;
  std::map<std::string, SamplePayoff> payoffs;

  void describe(deck::Schema& s) {
    s.key("times", times, deck::increasing, "observation times [time]").also(deck::non_negative);
    s.key("quantiles", quantiles, deck::open_probability, "probabilities").also(deck::length(0, 4));
    s.key("horizons", horizons, deck::may_be_infinite, "horizons [time]");
    s.key("names", names, deck::identifier, "names of components").also(deck::distinct);
    s.named_tables("payoffs", payoffs, "one option");
  }
};

struct SampleModelTable {
  std::shared_ptr<SampleModel> held;

  void describe(deck::Schema& s) {
    const std::vector<deck::Alternative<SampleModel>> alternatives = {
        {"decay", "exponential decay", [] { return std::make_shared<Decay>(); }},
        {"price", "a price", [] { return std::make_shared<Price>(); }}};
    s.one_of("name", held, alternatives, "the model");
  }
};

struct SampleDeck {
  SampleRun run;
  SampleModelTable model;
  SampleTime time;
  SampleEnsemble ensemble;
  SampleObserve observe;

  void describe(deck::Schema& s) {
    s.table("run", run, "the run");
    s.table("model", model, "what is simulated");
    s.table("time", time, "the time grid");
    s.table("ensemble", ensemble, "the paths");
    s.table("observe", observe, "what is recorded");
  }
};

/// A deck that loads.
inline constexpr std::string_view sample_text = R"(format = 1
[run]
output = "a.h5"
every = "10 min"
[model]
name = "price"
volatility = 0.3
cross = [[1, 0], [0, 1]]
[time]
end = 2.0
steps = 200
[ensemble]
paths = 100_000
seed = 7
stop = { standard_error = 1e-3 }
[observe]
times = [1.0, 2]
quantiles = [0.05, 0.5]
horizons = ["inf", 2.0]
names = ["x", "y"]
payoffs = { call = { strike = 100.0 }, put = { kind = "put" } }
)";

}  // namespace driftwood::test
