// SPDX-License-Identifier: BSD-3-Clause
// Claims: waves cover all blocks once; a wave's values and moments do not depend on the wave; a
// path that is once not finite never counts again; block moments are those of the definition.
#include "sde/ensemble.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <numeric>
#include <vector>

#include "sde/registry.hpp"
#include "support/kokkos_environment.hpp"

namespace {
using namespace driftwood;
using namespace driftwood::sde;

constexpr std::int64_t total_paths = 5 * stats::block_paths + 123;

Ensemble make_ensemble(Model& model, std::int64_t most_blocks, Precision precision,
                       std::vector<Contract> contracts = {}) {
  const PropagatorOptions options{1.0, 16, 77, most_blocks * stats::block_paths};
  return {model.propagator("euler_maruyama", precision, options),
          {.components = static_cast<std::int64_t>(model.components().size()),
           .contracts = std::move(contracts)},
          total_paths,
          most_blocks};
}

/// Records of all blocks at two times, for waves of some size.
std::vector<double> all_records(std::int64_t most_blocks, Precision precision) {
  const auto model = make_heston();
  auto ensemble =
      make_ensemble(*model, most_blocks, precision, {{PayoffKind::call, 100.0, 0.03, {1.0, 0.0}}});
  const stats::MomentLayout layout{2, 2, 1, true};
  std::vector<double> out;
  for (const Wave& wave : waves(0, 6, most_blocks)) {
    const auto size = static_cast<std::size_t>(layout.size());
    const stats::BlockRecords records("records", static_cast<std::size_t>(wave.count), size);
    ensemble.start(wave);
    std::int64_t step = 0;
    for (std::int64_t t = 0; t < 2; ++t) {
      ensemble.advance({step, step + 8});
      step += 8;
      ensemble.observe(static_cast<double>(step) / 16);
      stats::block_moments(layout, t, ensemble.channels(), wave.count, records);
    }
    const auto host = Kokkos::create_mirror_view_and_copy(Kokkos::HostSpace(), records);
    for (std::size_t b = 0; b < host.extent(0); ++b) {
      for (std::size_t i = 0; i < size; ++i) out.push_back(host(b, i));
    }
  }
  return out;
}

TEST(Waves, CoverAllBlocksOnceInOrder) {
  for (std::int64_t most = 1; most < 9; ++most) {
    std::int64_t next = 3;
    for (const Wave& w : waves(3, 20, most)) {
      EXPECT_EQ(w.first, next);
      EXPECT_LE(w.count, most);
      EXPECT_GE(w.count, 1);
      next += w.count;
    }
    EXPECT_EQ(next, 20);
  }
  EXPECT_TRUE(waves(4, 4, 2).empty());
}

TEST(Ensemble, RecordsDoNotDependOnTheSizeOfTheWave) {
  for (const Precision precision : {Precision::double_, Precision::single_}) {
    const auto one = all_records(1, precision);
    EXPECT_EQ(one, all_records(2, precision));
    EXPECT_EQ(one, all_records(4, precision));
    EXPECT_EQ(one, all_records(6, precision));
  }
}

TEST(Ensemble, BlockMomentsAreThoseOfTheirDefinition) {
  const auto model = make_heston();
  auto ensemble =
      make_ensemble(*model, 6, Precision::double_, {{PayoffKind::call, 100.0, 0.03, {1.0, 0.0}}});
  const stats::MomentLayout layout{1, 2, 1, true};
  const stats::BlockRecords records("records", 6, static_cast<std::size_t>(layout.size()));
  ensemble.start({0, 6});
  ensemble.advance({0, 16});
  ensemble.observe(1.0);
  stats::block_moments(layout, 0, ensemble.channels(), 6, records);
  const auto host = Kokkos::create_mirror_view_and_copy(Kokkos::HostSpace(), records);
  ensemble.fetch();

  const std::size_t block = 5;  // the one that is not full
  const std::size_t first = block * stats::block_paths;
  const std::size_t n = 123;
  EXPECT_EQ(host(block, 0), n);
  std::vector<long double> mean(3);
  for (std::int64_t k = 0; k < 3; ++k) {
    const auto x = ensemble.values(k).subspan(first, n);
    long double m[5] = {};
    for (const double v : x) m[1] += v / static_cast<long double>(n);
    mean[static_cast<std::size_t>(k)] = m[1];
    for (const double v : x) {
      for (int p = 2; p <= 4; ++p) m[p] += std::pow(v - m[1], p);
    }
    const auto near = [&](double value, long double exact) {
      EXPECT_NEAR(value, static_cast<double>(exact), 1e-11 * std::abs(static_cast<double>(exact)));
    };
    near(host(block, static_cast<std::size_t>(layout.mean(k))), m[1]);
    for (int p = 2; p <= 4; ++p) {
      near(host(block, static_cast<std::size_t>(layout.central(p, k))), m[p]);
    }
  }
  long double comoment = 0;
  for (std::size_t p = first; p < first + n; ++p) {
    comoment += (ensemble.values(0)[p] - mean[0]) * (ensemble.values(1)[p] - mean[1]);
  }
  EXPECT_NEAR(host(block, static_cast<std::size_t>(layout.comoment(0, 1))),
              static_cast<double>(comoment), 1e-11 * std::abs(static_cast<double>(comoment)));
}

TEST(Ensemble, PaysDiscountedPayoffs) {
  const auto model = make_heston();
  auto ensemble =
      make_ensemble(*model, 1, Precision::double_, {{PayoffKind::forward, 90.0, 0.1, {1.0, 0.0}}});
  ensemble.start({0, 1});
  ensemble.advance({0, 16});
  ensemble.observe(2.0);
  ensemble.fetch();
  for (std::size_t p = 0; p < 100; ++p) {
    EXPECT_NEAR(ensemble.values(2)[p], std::exp(-0.2) * (ensemble.values(0)[p] - 90), 1e-12);
  }
}

TEST(Ensemble, AnEscapedPathNeverCountsAgainAndIsNamed) {
  // Explicit steps of 1/16 from x = 6 escape the quartic well for b large.
  struct Deck {
    std::shared_ptr<Model> model = make_double_well();
    void describe(deck::Schema& s) { model->describe(s); }
  } deck;
  static_cast<void>(deck::load(deck, {"test", "b = 1.0\nsigma = 3.0\ninitial = { x = 5.6 }\n"}));
  auto ensemble = make_ensemble(*deck.model, 1, Precision::double_);
  ensemble.start({0, 1});
  std::vector<std::uint8_t> before(stats::block_paths, 1);
  std::int64_t last_bad = 0;
  for (std::int64_t n = 0; n < 16; n += 4) {
    ensemble.advance({n, n + 4});
    ensemble.observe(static_cast<double>(n + 4) / 16);
    ensemble.fetch();
    const auto now = ensemble.counts();
    for (std::size_t p = 0; p < now.size(); ++p) EXPECT_LE(now[p], before[p]);
    before.assign(now.begin(), now.end());
    last_bad = std::count(now.begin(), now.end(), 0);
  }
  ASSERT_GT(last_bad, 0);
  ASSERT_LT(last_bad, stats::block_paths);
  for (std::size_t p = 0; p < 64; ++p) {
    const auto step = first_nonfinite_step(ensemble.propagator(), 1, p, 16);
    EXPECT_EQ(step.has_value(), before[p] == 0) << p;
  }
}
}  // namespace
