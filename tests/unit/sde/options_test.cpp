// SPDX-License-Identifier: BSD-3-Clause
#include "sde/options.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace {
using namespace driftwood;

struct Deck {
  sde::ModelOptions model;
  sde::TimeOptions time;
  sde::EnsembleOptions ensemble;
  sde::ObserveOptions observe;

  void describe(deck::Schema& s) {
    s.table("model", model, "model");
    s.table("time", time, "time");
    s.table("ensemble", ensemble, "ensemble");
    s.table("observe", observe, "observe");
  }
};

Deck load(const std::string& text) {
  Deck deck;
  const auto source = deck::load(deck, {"d.toml", text});
  deck.model.validate(source);
  deck.time.validate(source, *deck.model.model);
  deck.ensemble.validate(source, deck.time);
  deck.observe.validate(source, deck.time, deck.ensemble, *deck.model.model, {}, {});
  return deck;
}

std::string error_of(const std::string& text) {
  try {
    static_cast<void>(load(text));
  } catch (const UsageError& error) {
    return error.what();
  }
  return "";
}

const std::string ou = "[model]\nname = \"ornstein_uhlenbeck\"\n";
const std::string heston = "[model]\nname = \"heston\"\n";

TEST(TimeOptions, StepsAndDtAreTwoWaysToSayTheSame) {
  EXPECT_EQ(load(ou + "[time]\nend = 2.0\nsteps = 20\n").time.steps(), 20);
  EXPECT_EQ(load(ou + "[time]\nend = 2.0\ndt = 0.1\n").time.steps(), 20);
  EXPECT_EQ(load(ou + "[time]\nend = 2.0\ndt = 0.1\n").time.time(20), 2.0);
}

TEST(TimeOptions, RefusesStepsThatDoNotFit) {
  EXPECT_EQ(error_of(ou + "[time]\nend = 2.0\ndt = 0.3\n"),
            "d.toml:5:6: error: 'end' = 2 is not a whole number of steps ('dt' = 0.3 fits "
            "6.666666666666667 times); use 'steps = 7' or another 'dt'");
  EXPECT_EQ(error_of(ou + "[time]\nend = 2.0\ndt = 0.1\nsteps = 20\n"),
            "d.toml:5:6: error: both 'steps' and 'dt' are given (each follows from the other); "
            "remove one of them");
  EXPECT_EQ(error_of(ou + "[time]\nend = 2.0\n"),
            "d.toml:3:1: error: neither 'steps' nor 'dt' is given (the step size is unknown); add "
            "for example 'steps = 100', or 'tolerance = 1e-3' for steps that adapt");
}

TEST(TimeOptions, RefusesASchemeThatDoesNotIntegrateTheModel) {
  const std::string error =
      error_of(heston + "[time]\nend = 1.0\nsteps = 10\nscheme = \"exact\"\n");
  EXPECT_TRUE(error.starts_with(
      "d.toml:6:10: error: scheme 'exact' does not integrate 'heston' (the law of the model "
      "over a step is not known); choose one of: euler_maruyama, "))
      << error;
}

TEST(ObserveOptions, TimesBecomeSteps) {
  const std::string grid = ou + "[time]\nend = 2.0\nsteps = 20\n";
  const auto steps = [&](const std::string& observe) {
    const Deck deck = load(grid + "[observe]\n" + observe);
    return deck.observe.steps(deck.time);
  };
  EXPECT_EQ(steps(""), (std::vector<std::int64_t>{20}));
  EXPECT_EQ(steps("times = [0.0, 0.3, 2.0]\n"), (std::vector<std::int64_t>{0, 3, 20}));
  EXPECT_EQ(steps("every = 0.7\n"), (std::vector<std::int64_t>{0, 7, 14, 20}));
}

TEST(ObserveOptions, NamesTheNearestTimesOnTheGrid) {
  const std::string grid = ou + "[time]\nend = 2.0\nsteps = 20\n[observe]\n";
  EXPECT_EQ(error_of(grid + "times = [0.5, 0.75]\n"),
            "d.toml:7:15: error: time 0.75 is not a whole number of steps (steps of 0.1 reach "
            "0.7 and 0.8); use one of these times or another number of steps");
  EXPECT_EQ(error_of(grid + "times = [3.0]\n"),
            "d.toml:7:10: error: time 3 lies beyond the end (the simulation ends at 2); move the "
            "time or raise 'time.end'");
  EXPECT_EQ(
      error_of(grid + "times = [0.5, 0.5000000001]\n"),
      "d.toml:7:15: error: times 0.5 and 0.5000000001 are the same step (steps are 0.1 long); "
      "remove one of them");
}

TEST(ObserveOptions, MultiplesOfEveryAreOnTheGridToo) {
  const std::string grid = ou + "[time]\nend = 1.0\nsteps = 1_000_000\n[observe]\n";
  EXPECT_EQ(error_of(grid + "every = 0.001\n"), "");
  EXPECT_EQ(error_of(grid + "every = 0.0010000001\n"),
            "d.toml:7:9: error: time 0.9990000999 is not a whole number of steps (steps of 1e-06 "
            "reach 0.999 and 0.999001); use one of these times or another number of steps");
}

TEST(ObserveOptions, PayoffsNeedPrices) {
  EXPECT_EQ(error_of(ou + "[time]\nend = 2.0\nsteps = 20\n[observe.payoffs.c]\nkind = \"call\"\n"
                          "strike = 1.0\n"),
            "d.toml:6:1: error: 'ornstein_uhlenbeck' has no prices (payoffs are for asset models); "
            "use geometric_brownian_motion or heston, or remove the payoffs");
}

TEST(ObserveOptions, PayoffsAreOnThePriceOrTheBasket) {
  const std::string payoff =
      "[time]\nend = 1.0\nsteps = 4\n[observe.payoffs.c]\nkind = \"call\"\n"
      "strike = 1.0\n";
  const Deck one = load(heston + payoff);
  EXPECT_EQ(contracts(one.observe.payoffs, *one.model.model)[0].weights,
            (std::vector<double>{1, 0}));
  const Deck basket = load(
      "[model]\nname = \"geometric_brownian_motion\"\ninitial = [1.0, 2.0]\ndrift = [0.0, 0.0]\n"
      "volatility = [0.1, 0.2]\n" +
      payoff);
  EXPECT_EQ(contracts(basket.observe.payoffs, *basket.model.model)[0].weights,
            (std::vector<double>{0.5, 0.5}));
}

TEST(EnsembleOptions, BlocksCoverAllPaths) {
  sde::EnsembleOptions options;
  options.paths = 1;
  EXPECT_EQ(options.blocks(), 1);
  options.paths = 4096;
  EXPECT_EQ(options.blocks(), 1);
  options.paths = 4097;
  EXPECT_EQ(options.blocks(), 2);
}

TEST(EnsembleOptions, RefusesAbsurdAmountsOfWork) {
  EXPECT_EQ(error_of(ou + "[time]\nend = 1.0\nsteps = 1_099_511_627_776\n[ensemble]\npaths = "
                          "1_099_511_627_776\n"),
            "d.toml:7:9: error: 1099511627776 paths of 1099511627776 steps are too many (paths x "
            "steps must not exceed 2^62); lower one of them");
}
}  // namespace
