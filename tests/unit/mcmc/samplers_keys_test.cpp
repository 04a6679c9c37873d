// SPDX-License-Identifier: BSD-3-Clause
/// Claims: samplers say what is wrong with their keys, at the key; they take as many gradients as
/// they say.
#include <gtest/gtest.h>

#include "support/kokkos_environment.hpp"
#include "unit/mcmc/samplers_population.hpp"

namespace {
using namespace driftwood;

struct Ball {
  template <class R>
  KOKKOS_FUNCTION R potential(const mcmc::Coordinates<R>& x,
                              const mcmc::Coordinates<R>& gradient) const {
    copy(gradient, x);
    return R(0.5) * dot(x, x);
  }
};

/// What is wrong with a sampler's keys; empty where nothing is.
std::string wrong(const std::string& keys,
                  const mcmc::Situation& where = {2, 128, 0, mcmc::DiffusionNoise::general}) {
  test::SamplerDeck deck;
  try {
    const auto source = deck::load(deck, {"d.toml", "format = 1\n[sampler]\n" + keys});
    deck.sampler.validate(source, 100, where);
  } catch (const UsageError& error) {
    return error.what();
  }
  return "";
}
void expect_wrong(const std::string& part, const std::string& found) {
  EXPECT_NE(found.find(part), std::string::npos) << found;
}

TEST(SamplerKeys, AreCheckedTogether) {
  for (const auto& sampler : mcmc::samplers()) {
    const mcmc::SamplerTraits traits = sampler.make()->traits();
    if (traits.takes_batches) continue;
    const std::string name = "name = '" + std::string(traits.name) + "'\n";
    EXPECT_EQ(wrong(name + (traits.has_step_size ? "step_size = 0.1" : "")), "");
    if (traits.needs_diffusion) {
      expect_wrong("needs a step size", wrong(name));
    } else {
      EXPECT_EQ(wrong(name), "");  // which the warm-up finds
    }
  }
  expect_wrong("'stretch' has no step size", wrong("name = 'stretch'\nstep_size = 1.0"));
  expect_wrong("does not adapt its steps by their energy errors",
               wrong("name = 'hmc'\nenergy_variance = 1e-3"));
  expect_wrong("accepts every step", wrong("name = 'mclmc'\nacceptance = 0.5"));
  EXPECT_EQ(wrong("name = 'ula'\nenergy_variance = 1e-3"), "");
  expect_wrong("the step size is given",
               wrong("name = 'mclmc'\nenergy_variance = 1e-3\nstep_size = 1.0"));
  expect_wrong("trajectories have two lengths",
               wrong("name = 'malt'\nleapfrogs = 3\ntrajectory = 1.0"));
  expect_wrong("d.toml:4:1", wrong("name = 'malt'\ntrajectory = 1.0\nleapfrogs = 3"));
}

TEST(SamplerKeys, AreCheckedAgainstTheTarget) {
  for (const char* name : {"em", "srk_id", "platen_w2"}) {
    const std::string keys = "name = '" + std::string(name) + "'\nstep_size = 0.1\n";
    expect_wrong("moves chains by the target's Ito diffusion", wrong(keys, {2, 128}));
    EXPECT_EQ(wrong(keys, {1, 128, 0, mcmc::DiffusionNoise::commutative}), "");
  }
  const std::string no_areas = "name = 'srk_id'\nstep_size = 0.1\nlevy = 'none'";
  expect_wrong("'srk_id' needs Levy areas", wrong(no_areas));
  EXPECT_EQ(wrong(no_areas, {1, 128, 0, mcmc::DiffusionNoise::commutative}), "");
  const mcmc::Situation large{257, 128, 0, mcmc::DiffusionNoise::general};
  expect_wrong("'platen_w2' moves at most 256 coordinates",
               wrong("name = 'platen_w2'\nstep_size = 0.1", large));
  EXPECT_EQ(wrong("name = 'em'\nstep_size = 0.1", large), "");
  for (const char* name : {"mclmc", "mclmc_mh"}) {
    const std::string keys = "name = '" + std::string(name) + "'";
    expect_wrong("takes two dimensions at least", wrong(keys, {1, 128}));
    EXPECT_EQ(wrong(keys, {2, 100}), "");
  }
  expect_wrong("the last ensemble is not whole", wrong("name = 'stretch'", {2, 100}));
  expect_wrong("too many parameters", wrong("name = 'stretch'", {33, 128}));
  EXPECT_EQ(wrong("name = 'stretch'", {32, 128}), "");
}

TEST(SamplerKeys, OfBatchesAreCheckedAgainstTheData) {
  const std::string keys = "name = 'sgld'\nstep_size = 0.1\nbatch = 20\n";
  const mcmc::Situation data{2, 128, 20};
  EXPECT_EQ(wrong(keys, data), "");
  EXPECT_EQ(wrong(keys + "schedule = 'decreasing'\noffset = 100", data), "");
  expect_wrong("d.toml:3:8: error: 'sgld' takes batches of rows of data (the target has no data",
               wrong(keys));
  expect_wrong("d.toml:5:9: error: a batch has more rows than the data (there are 19 rows)",
               wrong(keys, {2, 128, 19}));
  expect_wrong("d.toml:6:10: error: steps are constant", wrong(keys + "offset = 100", data));
  expect_wrong("it is not said how soon steps decrease",
               wrong(keys + "schedule = 'decreasing'", data));
  expect_wrong("schedule", wrong(keys + "schedule = 'linear'", data));
  expect_wrong("offset", wrong(keys + "schedule = 'decreasing'\noffset = 0", data));
  expect_wrong("batch", wrong("name = 'sgld'\nstep_size = 0.1\nbatch = 0", data));
  expect_wrong("'sgld' needs a step size", wrong("name = 'sgld'\nbatch = 20", data));
}

std::int64_t gradients_per_step(const std::string& keys, double h) {
  const mcmc::DensityOf<Ball> density({}, 2);
  const auto options = test::sampler_of(keys);
  auto chains = test::started(*options.sampler, density, 1, 1);
  const std::int64_t before = chains.gradients();
  chains.advance(0, 10, h);
  return (chains.gradients() - before) / (10 * chains.chains());
}

TEST(Samplers, TakeAsManyGradientsAsTheySay) {
  for (const auto& sampler : mcmc::samplers()) {
    const int said = sampler.make()->traits().gradients;
    if (said == 0 || sampler.make()->traits().needs_diffusion) continue;
    EXPECT_EQ(gradients_per_step("name = '" + sampler.name + "'", 0.1), said) << sampler.name;
  }
  EXPECT_EQ(gradients_per_step("name = 'hmc'\nleapfrogs = 7", 0.1), 7);
  EXPECT_EQ(gradients_per_step("name = 'malt'\ntrajectory = 1.0", 0.1), 10);
  EXPECT_EQ(gradients_per_step("name = 'mclmc_mh'\ndecoherence = 2.0", 0.1), 20);
  EXPECT_EQ(gradients_per_step("name = 'hmc'\ntrajectory = 1.0", 1e-9), 1024);  // the most
}

}  // namespace
