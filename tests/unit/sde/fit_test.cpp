// SPDX-License-Identifier: BSD-3-Clause
// Claims: coordinates invert; Gauss-Newton and descent find roots and minima; errors and Hansen's
// statistic are those of linear moments in closed form; moments that tell no parameters are
// refused; fits go on as if never interrupted; the moments x', x x', x'^2 give the maximum
// likelihood of an Ornstein-Uhlenbeck process, whatever the waves.
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <numeric>

#include "base/error.hpp"
#include "sde/gradient/fit_moments.hpp"
#include "sde/gradient/fit_search.hpp"
#include "support/kokkos_environment.hpp"
#include "unit/sde/fit_solver.hpp"

namespace {
using namespace driftwood;
using namespace driftwood::sde;
using Vector = std::vector<double>;

constexpr double infinite = std::numeric_limits<double>::infinity();
constexpr ParameterRange anything{-infinite, infinite};
constexpr ParameterRange positive{0, infinite};

TEST(FitCoordinates, InvertAndKeepInside) {
  const ParameterRange ranges[] = {anything, positive, {-infinite, 2}, {-1, 1}};
  for (const ParameterRange& range : ranges) {
    const FitCoordinate one("a", 0.7, range);
    for (const double p : {0.1, 0.7, 0.95}) {
      const double u = one.coordinate(p);
      EXPECT_NEAR(one.parameter(u), p, 1e-14);
      const double h = 1e-6;
      EXPECT_NEAR(one.slope(u), (one.parameter(u + h) - one.parameter(u - h)) / (2 * h), 1e-8);
    }
    if (std::isfinite(range.low)) {
      EXPECT_GE(one.parameter(-800), range.low);
    }
  }
  EXPECT_THROW(FitCoordinate("a", 0.0, positive), Error);
  EXPECT_EQ(FitCoordinate("a", 0.0, anything).parameter(2), 2);
  EXPECT_EQ(FitCoordinate("a", -20.0, anything).parameter(2), 40);
}

/// Gaps d - B theta of a linear model, of covariance C.
struct Linear {
  std::size_t moments;
  Vector data;
  Vector b;  ///< (M, P)
  Vector covariance;

  [[nodiscard]] MomentGaps at(const Vector& theta) const {
    MomentGaps out;
    for (std::size_t m = 0; m < moments; ++m) {
      double model = 0;
      for (std::size_t p = 0; p < theta.size(); ++p) {
        model += b[m * theta.size() + p] * theta[p];
        out.jacobian.push_back(-b[m * theta.size() + p]);
      }
      out.gap.push_back(data[m] - model);
      out.model.push_back(model);
    }
    out.covariance = covariance;
    out.terms = 100;
    return out;
  }
};

template <class At>
void search_to_the_end(FitSearch& search, const At& at) {
  while (!search.is_done()) search.take(at(search.trial()));
}

TEST(FitSearch, LinearMomentsHaveTheGeneralisedLeastSquaresOfTheirCovariance) {
  // One parameter, B = (1, 1): theta = w1 d1 + w2 d2 with weights of C^-1 1; C = [[1, c], [c, 4]]:
  // C^-1 1 ~ (4 - c, 1 - c), variance (4 - c^2) / (5 - 2 c), J = (d1 - d2)^2 / (5 - 2 c).
  const double c = 0.5;
  const Linear model{2, {3, 5}, {1, 1}, {1, c, c, 4}};
  FitSearch search({FitCoordinate("a", 1.0, anything)}, {.tolerance = 1e-11}, 2);
  search_to_the_end(search, [&](const Vector& t) { return model.at(t); });
  const FitEstimate found = search.estimate();
  EXPECT_TRUE(found.is_converged);
  EXPECT_NEAR(found.parameters[0], ((4 - c) * 3 + (1 - c) * 5) / (5 - 2 * c), 1e-10);
  EXPECT_NEAR(found.covariance[0], (4 - c * c) / (5 - 2 * c), 1e-12);
  EXPECT_NEAR(found.overidentification, 4 / (5 - 2 * c), 1e-10);
  EXPECT_NEAR(found.overidentification_p, std::erfc(std::sqrt(found.overidentification / 2)),
              1e-12);
  EXPECT_NEAR(found.upper[0] - found.parameters[0], 1.95996398 * std::sqrt(found.covariance[0]),
              1e-7);
  // What is left of the gaps has the covariance C - 1 1^T / (1^T C^-1 1).
  EXPECT_NEAR(found.leftover[0], 1 - found.covariance[0], 1e-12);

  FitSearch diagonal({FitCoordinate("a", 1.0, anything)}, {.tolerance = 1e-11, .optimal = false},
                     2);
  search_to_the_end(diagonal, [&](const Vector& t) { return model.at(t); });
  const FitEstimate by_diagonal = diagonal.estimate();
  // Weights 1 and 1/4: the mean (4 d1 + d2) / 5, of variance (16 + 8 c + 4) / 25.
  EXPECT_NEAR(by_diagonal.parameters[0], 17.0 / 5, 1e-10);
  EXPECT_NEAR(by_diagonal.covariance[0], (20 + 8 * c) / 25, 1e-12);
  EXPECT_TRUE(std::isnan(by_diagonal.overidentification));
}

/// Two gaps with one root, at a = 2 and b = 3: log a^2 b and a b less those there.
MomentGaps curved(const Vector& t) {
  const double a = t[0];
  const double b = t[1];
  MomentGaps out;
  out.gap = {std::log(12 / (a * a * b)), 6 - a * b};
  out.jacobian = {-2 / a, -1 / b, -b, -a};
  out.covariance = {1e-4, 0, 0, 1e-2};
  out.model = {0, 0};
  return out;
}

FitSearch search_for_curved(FitSearchSettings settings) {
  return {{FitCoordinate("a", 0.3, positive), FitCoordinate("b", 9.0, positive)},
          std::move(settings),
          2};
}

FitSearchSettings descent_by(std::variant<neural::Adam, neural::Adadelta, neural::Momentum> rule,
                             double rate, std::int64_t iterations) {
  Descent descent;
  descent.iterations = iterations;
  descent.settings.rule = rule;
  descent.settings.schedule.rate = rate;
  descent.settings.schedule.kind = neural::Schedule::Kind::exponential;
  descent.settings.schedule.length = iterations;
  descent.settings.schedule.last = 1e-2;
  return {.method = descent, .tolerance = 1e-2};
}

TEST(FitSearch, FindsTheRootOfCurvedMoments) {
  FitSearch search = search_for_curved({});
  search_to_the_end(search, curved);
  const FitEstimate found = search.estimate();
  EXPECT_TRUE(found.is_converged);
  EXPECT_LT(search.trace().objective.size(), 25U);
  EXPECT_NEAR(found.parameters[0], 2, 1e-5);
  EXPECT_NEAR(found.parameters[1], 3, 1e-5);
  EXPECT_LT(found.last_step, 1e-4);
  EXPECT_GT(found.lower[0], 0);
  EXPECT_TRUE(std::isnan(found.overidentification));
  EXPECT_EQ(found.leftover[0], 0);

  FitSearch adam = search_for_curved(descent_by(neural::Adam{}, 0.1, 4000));
  search_to_the_end(adam, curved);
  const FitEstimate by_adam = adam.estimate();
  EXPECT_TRUE(by_adam.is_converged) << by_adam.last_step;
  EXPECT_NEAR(by_adam.parameters[0], 2, 0.011 * std::sqrt(by_adam.covariance[0]));
  EXPECT_NEAR(by_adam.parameters[1], 3, 0.011 * std::sqrt(by_adam.covariance[3]));
}

TEST(FitSearch, GoesOnAsIfNeverInterrupted) {
  FitSearchSettings averaging = descent_by(neural::Adam{}, 0.05, 60);
  std::get<Descent>(averaging.method).settings.average_from = 20;
  for (const FitSearchSettings& settings : {FitSearchSettings{}, averaging}) {
    FitSearch whole = search_for_curved(settings);
    search_to_the_end(whole, curved);
    // A search that is saved and taken up anew after every call.
    std::vector<std::byte> saved;
    for (bool done = false; !done;) {
      FitSearch part = search_for_curved(settings);
      if (!saved.empty()) {
        stats::ByteReader in(saved);
        part.restore(in);
        EXPECT_TRUE(in.at_end());
      }
      if (!part.is_done()) part.take(curved(part.trial()));
      done = part.is_done();
      stats::ByteWriter out;
      part.save(out);
      saved = out.take();
    }
    FitSearch last = search_for_curved(settings);
    stats::ByteReader in(saved);
    last.restore(in);
    EXPECT_EQ(last.estimate().parameters, whole.estimate().parameters);
    EXPECT_EQ(last.estimate().covariance, whole.estimate().covariance);
    EXPECT_EQ(last.trace().objective, whole.trace().objective);
  }
}

TEST(FitSearch, NamesParametersThatMomentsDoNotTell) {
  // Moments of a + 2 b, and c.
  const Linear model{3, {1, 2, 3}, {1, 2, 0, 2, 4, 0, 0, 0, 1}, {1, 0, 0, 0, 1, 0, 0, 0, 1}};
  FitSearch search({FitCoordinate("a", 1.0, anything), FitCoordinate("b", 1.0, anything),
                    FitCoordinate("c", 1.0, anything)},
                   {}, 3);
  try {
    search.take(model.at(search.trial()));
    FAIL() << "not refused";
  } catch (const NotIdentified& error) {
    EXPECT_EQ(std::string(error.what()),
              "the moments do not tell 'a', 'b' apart (their derivatives are singular); hold a "
              "parameter fixed, or add moments that depend on it in another way");
  }
  const Linear flat{2, {1, 2}, {1, 0, 2, 0}, {1, 0, 0, 1}};
  FitSearch other({FitCoordinate("a", 1.0, anything), FitCoordinate("b", 1.0, anything)}, {}, 2);
  EXPECT_THROW(other.take(flat.at(other.trial())), NotIdentified);
  EXPECT_THROW(FitSearch({FitCoordinate("a", 1.0, anything)}, {}, 0), Error);
}

TEST(FitSearch, StepsBackFromWhereMomentsAreNotFinite) {
  const auto walled = [](const Vector& t) {
    MomentGaps out = curved(t);
    if (t[0] > 2.5) out.nonfinite = 1;
    return out;
  };
  FitSearch search = search_for_curved({});
  search_to_the_end(search, walled);
  EXPECT_NEAR(search.estimate().parameters[0], 2, 1e-5);
  FitSearch nowhere = search_for_curved({});
  MomentGaps bad = curved(nowhere.trial());
  bad.gap[0] = std::numeric_limits<double>::quiet_NaN();
  EXPECT_THROW(nowhere.take(bad), NumericsError);
}

// ---- Ornstein-Uhlenbeck ------------------------------------------------------------------------

constexpr double h = 1.0 / 12;
constexpr test::OrnsteinUhlenbeckLaw truth{2.0, 1.5, 0.8};

MomentPlan plan_of(const Vector& series, std::int64_t draws) {
  MomentPlan plan;
  plan.names = {"x", "x_start*x", "x^2"};
  plan.row = {0, 1, 2};
  plan.terms = static_cast<std::int64_t>(series.size()) - 1;
  plan.draws = draws;
  for (int m = 0; m < 3; ++m) {
    for (std::size_t i = 0; i + 1 < series.size(); ++i) {
      const double y = series[i + 1];
      plan.data.push_back(m == 0 ? y : (m == 1 ? series[i] : y) * y);
    }
  }
  return plan;
}

SimulatedMoments moments_of(const Vector& series, std::int64_t draws, std::int64_t wave,
                            std::uint64_t seed = 3) {
  MomentPlan plan = plan_of(series, draws);
  Vector start(series.begin(), series.end() - 1);
  start.resize(static_cast<std::size_t>(plan.padded_terms()), 0.0);
  auto solver = std::make_unique<test::OrnsteinUhlenbeckSolver>(start, h, truth,
                                                                wave * stats::block_paths, seed);
  return {std::move(solver), std::move(plan), wave};
}

MomentGaps gaps_at(SimulatedMoments& moments, const Vector& parameters, std::int64_t wave) {
  static const comm::Communicator alone = comm::Communicator::alone();
  moments.set_parameters(parameters);
  moments.forget();
  for (std::int64_t b = 0; b < moments.blocks(); b += wave) {
    moments.measure({b, std::min(b + wave, moments.blocks())});
  }
  return moments.merged(alone);
}

TEST(SimulatedMoments, DerivativesAreThoseOfTheGaps) {
  const Vector series = test::series_of(truth, h, 600, 1);
  SimulatedMoments moments = moments_of(series, 4, 1);
  const Vector at{1.5, 1.0, 1.1};
  const MomentGaps gaps = gaps_at(moments, at, 1);
  EXPECT_EQ(gaps.terms, 599);
  for (std::size_t p = 0; p < 3; ++p) {
    Vector up = at;
    Vector down = at;
    up[p] += 1e-5;
    down[p] -= 1e-5;
    const MomentGaps above = gaps_at(moments, up, 1);
    const MomentGaps below = gaps_at(moments, down, 1);
    for (std::size_t m = 0; m < 3; ++m) {
      EXPECT_NEAR(gaps.jacobian[3 * m + p], (above.gap[m] - below.gap[m]) / 2e-5, 1e-8);
    }
  }
}

TEST(SimulatedMoments, DoNotDependOnTheWaves) {
  const Vector series = test::series_of(truth, h, 3 * 4096 + 100, 1);
  SimulatedMoments one = moments_of(series, 2, 1);
  SimulatedMoments three = moments_of(series, 2, 3);
  const MomentGaps a = gaps_at(one, {1.5, 1.0, 1.1}, 1);
  const MomentGaps b = gaps_at(three, {1.5, 1.0, 1.1}, 3);
  EXPECT_EQ(a.gap, b.gap);
  EXPECT_EQ(a.jacobian, b.jacobian);
  EXPECT_EQ(a.covariance, b.covariance);
}

/// Maximum likelihood of x' = a + b x + e: least squares, and the mean square of e.
test::OrnsteinUhlenbeckLaw maximum_likelihood(const Vector& series) {
  const auto n = static_cast<double>(series.size() - 1);
  double sx = 0;
  double sy = 0;
  for (std::size_t i = 0; i + 1 < series.size(); ++i) {
    sx += series[i] / n;
    sy += series[i + 1] / n;
  }
  double sxx = 0;
  double sxy = 0;
  for (std::size_t i = 0; i + 1 < series.size(); ++i) {
    sxx += (series[i] - sx) * (series[i] - sx);
    sxy += (series[i] - sx) * (series[i + 1] - sy);
  }
  const double b = sxy / sxx;
  const double a = sy - b * sx;
  double square = 0;
  for (std::size_t i = 0; i + 1 < series.size(); ++i) {
    const double e = series[i + 1] - a - b * series[i];
    square += e * e / n;
  }
  const double rate = -std::log(b) / h;
  return {rate, a / (1 - b), std::sqrt(square * 2 * rate / (1 - b * b))};
}

FitSearch fitted(const Vector& series, std::int64_t draws, std::uint64_t seed) {
  SimulatedMoments moments = moments_of(series, draws, 1, seed);
  FitSearch search({FitCoordinate("rate", 1.0, positive), FitCoordinate("mean", 1.0, anything),
                    FitCoordinate("sigma", 1.0, positive)},
                   {}, 3);
  search_to_the_end(search, [&](const Vector& t) { return gaps_at(moments, t, 1); });
  return search;
}

TEST(Fit, OfAnOrnsteinUhlenbeckProcessIsItsMaximumLikelihoodButForTheSimulation) {
  // Draws add 1/K to the variance of data: estimates lie 1/sqrt(K) standard errors from maximum
  // likelihood. 4.5 of these are allowed, false alarms 2e-5 for the three together.
  constexpr std::int64_t draws = 64;
  const Vector series = test::series_of(truth, h, 1500, 11);
  const FitSearch search = fitted(series, draws, 3);
  const FitEstimate found = search.estimate();
  const test::OrnsteinUhlenbeckLaw exact = maximum_likelihood(series);
  const double expected[] = {exact.rate, exact.mean, exact.sigma};
  for (std::size_t p = 0; p < 3; ++p) {
    const double error = std::sqrt(found.covariance[4 * p]);
    EXPECT_NEAR(found.parameters[p], expected[p], 4.5 * error / std::sqrt(double{draws}))
        << search.coordinates()[p].name();
  }
}

TEST(Fit, IntervalsCoverTheTruth) {
  // 200 series, seeds 100 to 299, four draws: each interval covers with probability near 0.95, its
  // share has the standard error 0.0154, and short series bias the rate by about a third of a
  // standard error, which takes 0.01. Within 4.5 standard errors and that: false alarms 2e-5.
  constexpr int count = 200;
  int covered[3] = {};
  const double expected[] = {truth.rate, truth.mean, truth.sigma};
  for (unsigned s = 0; s < count; ++s) {
    const FitEstimate found = fitted(test::series_of(truth, h, 800, 100 + s), 4, s).estimate();
    for (std::size_t p = 0; p < 3; ++p) {
      covered[p] += found.lower[p] < expected[p] && expected[p] < found.upper[p];
    }
  }
  for (const int c : covered) EXPECT_NEAR(c / double{count}, 0.95, 4.5 * 0.0154 + 0.01);
}
}  // namespace
