// SPDX-License-Identifier: BSD-3-Clause
/// Claims: what a chain does is its own, bit by bit: the same alone, at lane width 1, as in packs;
/// and in tiles of any size.
#include <gtest/gtest.h>

#include "mcmc/samplers/aboba.hpp"
#include "mcmc/samplers/baoab.hpp"
#include "mcmc/samplers/em.hpp"
#include "mcmc/samplers/heun.hpp"
#include "mcmc/samplers/hmc.hpp"
#include "mcmc/samplers/klmc1.hpp"
#include "mcmc/samplers/lm.hpp"
#include "mcmc/samplers/mala.hpp"
#include "mcmc/samplers/malt.hpp"
#include "mcmc/samplers/mclmc.hpp"
#include "mcmc/samplers/mclmc_mh.hpp"
#include "mcmc/samplers/oabao.hpp"
#include "mcmc/samplers/obabo.hpp"
#include "mcmc/samplers/platen_w2.hpp"
#include "mcmc/samplers/rmm.hpp"
#include "mcmc/samplers/rmm_k.hpp"
#include "mcmc/samplers/srk2g.hpp"
#include "mcmc/samplers/srk_id.hpp"
#include "mcmc/samplers/srk_ld.hpp"
#include "mcmc/samplers/ubu.hpp"
#include "mcmc/samplers/ula.hpp"
#include "mcmc/targets/ito_diffusion.hpp"
#include "support/kokkos_environment.hpp"
#include "unit/mcmc/samplers_lone_chain.hpp"
#include "unit/mcmc/samplers_population.hpp"

namespace {
using namespace driftwood;

constexpr int dim = 3;

/// Neither normal nor of independent coordinates.
struct Coupled {
  template <class R>
  KOKKOS_FUNCTION R potential(const mcmc::Coordinates<R>& x,
                              const mcmc::Coordinates<R>& gradient) const {
    R sum(0);
    for (int i = 0; i < x.size(); ++i) {
      const R next = x[(i + 1) % x.size()];
      const R last = x[(i + x.size() - 1) % x.size()];
      const R at = x[i];
      gradient.set(i, fma(at * at, at, R(0.5) * math::sin(next) + R(0.5) * last * math::cos(at)));
      sum = sum + R(0.25) * at * at * at * at + R(0.5) * at * math::sin(next);
    }
    return sum;
  }
};

/// Chains of a sampler with these keys, in packs and alone.
template <class S, class D>
void expect_own_bits(const std::string& keys, const S& sampler, const D& target,
                     const mcmc::Density& density) {
  constexpr std::uint64_t seed = 41;
  constexpr std::uint64_t steps = 12;
  constexpr double h = 0.15;
  const auto options = test::sampler_of(keys);
  auto all = test::started(*options.sampler, density, 2, seed);
  const auto start = all.read(1);
  all.advance(0, steps, h);
  const auto end = all.read(1);
  const auto acceptance = all.numbers(mcmc::Number::acceptance);
  for (const std::size_t c : {std::size_t{0}, std::size_t{13}, std::size_t{63}}) {
    std::vector<double> x;
    for (std::size_t i = 0; i < dim; ++i) x.push_back(start[i * mcmc::block_chains + c]);

    test::LoneChain<D> alone(S::traits, target, dim, seed, mcmc::block_chains + c);
    alone.begin(sampler, x);
    alone.advance(sampler, steps, h);

    for (int i = 0; i < dim; ++i) {
      const double found = end[static_cast<std::size_t>(i) * mcmc::block_chains + c];
      EXPECT_EQ(alone.position(i), found) << i << " of chain " << c << ", " << keys;
      EXPECT_NE(found, x[static_cast<std::size_t>(i)]);
    }
    if (S::traits.acceptance > 0) {
      EXPECT_EQ(alone.number(mcmc::Number::acceptance), acceptance[mcmc::block_chains + c]);
    }
  }
}

template <class S>
struct OwnBits : ::testing::Test {};
using Samplers = ::testing::Types<mcmc::Aboba, mcmc::Baoab, mcmc::Heun, mcmc::Hmc, mcmc::Klmc1,
                                  mcmc::LeimkuhlerMatthews, mcmc::Mala, mcmc::Malt, mcmc::Mclmc,
                                  mcmc::MclmcMh, mcmc::Oabao, mcmc::Obabo, mcmc::RandomizedMidpoint,
                                  mcmc::RandomizedMidpointKinetic, mcmc::Srk2g, mcmc::SrkLd,
                                  mcmc::Ubu, mcmc::Ula>;
TYPED_TEST_SUITE(OwnBits, Samplers);

TYPED_TEST(OwnBits, AreTheSameAloneAndInPacks) {
  const mcmc::DensityOf<Coupled> density({}, dim);
  expect_own_bits("name = '" + std::string(TypeParam::traits.name) + "'", TypeParam(), Coupled{},
                  density);
}

TEST(ItoDiffusions, HaveTheBitsOfOneChain) {
  const mcmc::SlowlyGrowing target{1.2, 0.9};
  const mcmc::DensityOf<mcmc::SlowlyGrowing> density(target, dim);
  expect_own_bits("name = 'em'", mcmc::EulerMaruyama(), target, density);
  expect_own_bits("name = 'srk_id'", mcmc::SrkId(), target, density);
  expect_own_bits("name = 'platen_w2'", mcmc::PlatenWeak2(), target, density);
}

TEST(Stretch, HasBitsThatDependOnItsEnsembleAlone) {
  const mcmc::DensityOf<Coupled> density({}, dim);
  const auto options = test::sampler_of("name = 'stretch'");
  mcmc::Population all(*options.sampler, density, {5 * mcmc::block_chains, 3}, {0, 5});
  mcmc::Population some(*options.sampler, density, {5 * mcmc::block_chains, 3}, {3, 5});
  for (mcmc::Population* p : {&all, &some}) {
    p->start({deck::Distribution::Kind::normal, 0.0, 1.0});
    p->advance(0, 20, 1.0);
  }
  EXPECT_EQ(all.read(4), some.read(1));
  EXPECT_NE(all.read(4), all.read(3));
}

}  // namespace
