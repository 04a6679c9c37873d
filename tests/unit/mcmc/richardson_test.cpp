// SPDX-License-Identifier: BSD-3-Clause
#include "mcmc/richardson.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <string>

#include "base/error.hpp"
#include "mcmc/targets/ito_diffusion.hpp"
#include "support/bias_targets.hpp"
#include "support/kokkos_environment.hpp"
#include "support/richardson_run.hpp"

namespace {
using namespace driftwood;

constexpr std::uint64_t seed = 3;
constexpr double h = 0.1;

const comm::Communicator& alone() {
  static const auto comm = comm::Communicator::alone();
  return comm;
}

/// What is known of E x^2 at step sizes 0.2 and 0.1 and without bias, from the transition operator.
struct Known {
  const char* sampler;
  int order;
  double coarse;
  double fine;
};

template <class D>
void expect_biases(const std::string& what, const D& target, double exact, const Known& known,
                   std::uint64_t warmup = 100) {
  constexpr std::int64_t chains = 8192;
  test::RichardsonRun<D> run(known.sampler, target, chains, seed, {0, chains / mcmc::block_chains});
  run.advance(0, warmup + 400, h, warmup);
  const auto found = run.richardson().findings(alone()).second_moment.at(0);
  const double expected = (known.coarse - known.fine) / (std::ldexp(1.0, known.order) - 1);
  std::printf("%-8s %-7s bias %+.3e +- %.1e, known %+.3e; extrapolated %.5f +- %.1e of %.5f\n",
              what.c_str(), known.sampler, found.bias, found.standard_error, known.fine,
              found.extrapolated, found.extrapolated_error, exact);
  // 5 standard errors, from 8192 chains: false alarms in 6e-7 of the seeds for each bound.
  EXPECT_NEAR(found.bias, expected, 5 * found.standard_error) << what << known.sampler;
  const double left = std::fabs(known.fine - expected);  // of higher order
  EXPECT_NEAR(found.bias, known.fine, left + 5 * found.standard_error) << what << known.sampler;
  EXPECT_NEAR(found.extrapolated, exact, left + 5 * found.extrapolated_error)
      << what << known.sampler;
  EXPECT_LT(found.standard_error, 0.1 * std::fabs(known.fine)) << what << known.sampler;
}

TEST(Richardson, FindsTheBiasOfSecondMoments) {
  expect_biases("normal", test::Quadratic{}, 1.0, {"ula", 1, 1.111e-1, 5.263e-2});
  expect_biases("sine", test::Sine{}, 1.0327463971, {"ula", 1, 1.093e-1, 5.135e-2});
  expect_biases("logistic", test::Logistic{}, 0.5759174253, {"ula", 1, 1.445e-1, 6.484e-2});
  expect_biases("normal", test::Quadratic{}, 1.0, {"srk_ld", 2, -6.919e-3, -1.704e-3});
  expect_biases("logistic", test::Logistic{}, 0.5759174253, {"srk_ld", 2, 1.358e-2, 3.415e-3});
  expect_biases("sine", test::Sine{}, 1.0327463971, {"srk2g", 2, -8.361e-3, -2.056e-3});
  expect_biases("logistic", test::Logistic{}, 0.5759174253, {"srk2g", 2, -9.134e-3, -2.636e-3});
}

/// Of the diffusions' samplers, whose companions have noise of their own but for the increments.
TEST(Richardson, FindsTheBiasOfItoDiffusions) {
  const mcmc::SlowlyGrowing target{1, 0.5};
  expect_biases("heavy", target, 2.8592507965, {"em", 1, 9.976e-2, 4.900e-2}, 500);
  expect_biases("heavy", target, 2.8592507965, {"srk_id", 1, 7.768e-2, 3.756e-2}, 500);
}

/// What chains say is the extrapolated moment and the bias. That of Euler's method is so large that
/// the former is nearer by a factor of 2, its own error of higher order and 4 standard errors
/// included.
template <class D>
void expect_nearer(const D& target, double exact) {
  test::RichardsonRun<D> run("ula", target, 8192, seed, {0, 128});
  run.advance(0, 2000, h, 100);
  const auto found = run.richardson().findings(alone());
  EXPECT_EQ(found.chains, 8192);
  const mcmc::BiasEstimate& of = found.second_moment.at(0);
  const double raw = of.extrapolated + of.bias;
  std::printf("seed %d: %.5f, extrapolated %.5f +- %.1e of %.5f\n", static_cast<int>(seed), raw,
              of.extrapolated, of.extrapolated_error, exact);
  EXPECT_GT(std::fabs(raw - exact), 2 * std::fabs(of.extrapolated - exact));
}

TEST(Richardson, ExtrapolatesToTheMomentsOfTheTarget) {
  expect_nearer(test::Quadratic{}, 1.0);
  expect_nearer(test::Sine{}, 1.0327463971);
  expect_nearer(test::Logistic{}, 0.5759174253);
}

void expect_equal(const std::vector<mcmc::BiasEstimate>& a,
                  const std::vector<mcmc::BiasEstimate>& b) {
  ASSERT_EQ(a.size(), b.size());
  for (std::size_t i = 0; i < a.size(); ++i) {
    EXPECT_EQ(a[i].bias, b[i].bias);
    EXPECT_EQ(a[i].standard_error, b[i].standard_error);
    EXPECT_EQ(a[i].extrapolated, b[i].extrapolated);
    EXPECT_EQ(a[i].extrapolated_error, b[i].extrapolated_error);
  }
}

TEST(Richardson, GoesOnFromWhatWasSavedAsIfItHadNotStopped) {
  constexpr std::uint64_t stop = 21;  // between two steps of the companions
  const comm::Share blocks{0, 3};
  test::RichardsonRun<test::Sine> whole("srk2g", {}, 150, seed, blocks);
  whole.advance(0, 40, h, 10);
  test::RichardsonRun<test::Sine> before("srk2g", {}, 150, seed, blocks);
  before.advance(0, stop, h, 10);
  test::RichardsonRun<test::Sine> after("srk2g", {}, 150, seed, blocks);
  for (std::int64_t b = 0; b < 3; ++b) {
    stats::ByteWriter out;
    before.population().save(out, b);
    before.richardson().save(out, b);
    const auto bytes = out.take();
    stats::ByteReader in(bytes);
    after.population().restore(in, b);
    after.richardson().restore(in, b);
    EXPECT_TRUE(in.at_end());
  }
  after.advance(stop, 40, h, 10);
  const auto a = whole.richardson().findings(alone());
  const auto b = after.richardson().findings(alone());
  EXPECT_EQ(a.chains, b.chains);
  expect_equal(a.mean, b.mean);
  expect_equal(a.second_moment, b.second_moment);
}

TEST(Richardson, LeavesOutChainsThatAreLostWithEitherStep) {
  // Steps of 1.5 are stable for Euler's method on a normal law; those of twice the size are not.
  test::RichardsonRun<test::Quadratic> run("ula", {}, 64, seed, {0, 1});
  run.advance(0, 4000, 1.5, 0);
  const auto found = run.richardson().findings(alone());
  EXPECT_EQ(found.chains, 0);
  EXPECT_TRUE(std::isnan(found.mean.at(0).bias));
}

TEST(Richardson, RefusesASamplerWithoutBias) {
  EXPECT_THROW(test::RichardsonRun<test::Quadratic>("mala", {}, 64, seed, {0, 1}), Error);
}

}  // namespace
