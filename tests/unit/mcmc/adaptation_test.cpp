// SPDX-License-Identifier: BSD-3-Clause
#include "mcmc/adaptation.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "mcmc/coordinate_map.hpp"

namespace {
using namespace driftwood::mcmc;

std::vector<std::int64_t> ends_of(std::int64_t warmup) {
  std::vector<std::int64_t> out;
  for (const ScaleWindow& w : scale_windows(warmup)) {
    out.push_back(w.first);
    out.push_back(w.last);
  }
  return out;
}

TEST(ScaleWindows, AreStans) {
  const std::vector<std::int64_t> of_1000{75, 100, 100, 150, 150, 250, 250, 450, 450, 950};
  EXPECT_EQ(ends_of(1000), of_1000);
  const std::vector<std::int64_t> of_150{75, 100};
  EXPECT_EQ(ends_of(150), of_150);
  const std::vector<std::int64_t> of_100{15, 90};
  EXPECT_EQ(ends_of(100), of_100);
  EXPECT_TRUE(scale_windows(19).empty());
}

TEST(ScaleWindows, FollowEachOther) {
  for (std::int64_t warmup = 20; warmup < 3000; ++warmup) {
    const auto windows = scale_windows(warmup);
    ASSERT_FALSE(windows.empty()) << warmup;
    for (std::size_t i = 0; i < windows.size(); ++i) {
      EXPECT_LT(windows[i].first, windows[i].last) << warmup;
      if (i > 0) {
        EXPECT_EQ(windows[i].first, windows[i - 1].last) << warmup;
      }
    }
    EXPECT_LE(windows.back().last, warmup);
  }
}

/// A chain that accepts a step of size h with this probability.
double acceptance(double h, double scale) { return std::exp(-h / scale); }

/// Where the search ends that tries steps accepted as above.
double searched(double scale, double target) {
  StepSearch search(1.0, target);
  while (!search.is_over()) search.update(acceptance(search.step(), scale));
  return search.step();
}

TEST(StepSearch, EndsBelowTheStepSizeByLessThanAFactorOfTwo) {
  for (const double scale : {1e-6, 0.3, 1.0, 1e5}) {
    for (const double target : {0.4, 0.574, 0.8}) {
      const double step = searched(scale, target);
      EXPECT_GT(acceptance(step, scale), target) << scale;
      EXPECT_LE(acceptance(2 * step, scale), target) << scale;
    }
  }
}

TEST(StepSearch, EndsWhereItBeganWhereNoStepIsRight) {
  for (const double always : {0.0, 1.0}) {
    StepSearch search(0.3, 0.8);
    for (int n = 0; n < 1000 && !search.is_over(); ++n) search.update(always);
    EXPECT_TRUE(search.is_over());
    EXPECT_EQ(search.step(), 0.3);
  }
}

TEST(DualAveraging, FindsTheStepSizeFromTheRightOrderOfMagnitude) {
  for (const double scale : {1e-6, 0.3, 1.0, 1e5}) {
    for (const double target : {0.4, 0.574, 0.8}) {
      DualAveraging averaging(searched(scale, target), target);
      for (int n = 0; n < 300; ++n) averaging.update(acceptance(averaging.step(), scale));
      EXPECT_NEAR(acceptance(averaging.averaged(), scale), target, 0.01) << scale << " " << target;
    }
  }
}

TEST(DualAveraging, GoesOnFromItsStepSize) {
  DualAveraging averaging(1.0, 0.8);
  for (int n = 0; n < 200; ++n) averaging.update(acceptance(averaging.step(), 1.0));
  const double found = averaging.averaged();
  averaging.restart();
  EXPECT_DOUBLE_EQ(averaging.step(), found);
  EXPECT_DOUBLE_EQ(averaging.averaged(), found);
}

TEST(Scales, AreStandardDeviationsDrawnTowardsSmallOnes) {
  // 100 draws of two coordinates: deviations with mean 1 and variance 4, and none at all.
  const std::vector<double> scales = scales_from({100, 100, 0, 500, 0});
  EXPECT_DOUBLE_EQ(scales[0], std::sqrt((100 * 4 + 5e-3) / 105));
  EXPECT_DOUBLE_EQ(scales[1], std::sqrt(5e-3 / 105));
}

/// What draws say of a covariance, by rows up to the diagonal, and of means, which `CovarianceSums`
/// would have.
std::vector<double> sums_of(double n, const std::vector<double>& mean,
                            const std::vector<double>& covariance) {
  std::vector<double> out{n};
  for (const double m : mean) out.push_back(n * m);
  for (std::size_t i = 0, k = 0; i < mean.size(); ++i) {
    for (std::size_t j = 0; j <= i; ++j, ++k) {
      out.push_back(n * (covariance[k] + mean[i] * mean[j]));
    }
  }
  return out;
}

TEST(Scales, HaveAFactorThatIsTheSquareRootOfTheCovariance) {
  const double n = 1000;
  const std::vector<double> covariance{4, 3, 9, -1, 0.5, 1};
  const Preconditioner found = factor_from(sums_of(n, {1, -2, 0.5}, covariance), 3);
  for (std::size_t i = 0, k = 0; i < 3; ++i) {
    for (std::size_t j = 0; j <= i; ++j, ++k) {
      double product = 0;
      for (std::size_t l = 0; l < 3; ++l)
        product += found.factor[3 * i + l] * found.factor[3 * j + l];
      const double expected = (n * covariance[k] + (i == j ? 5e-3 : 0)) / (n + 5);
      EXPECT_NEAR(product, expected, 1e-12);
      if (i == j) {
        EXPECT_NEAR(found.scale[i], std::sqrt(expected), 1e-12);
      }
    }
  }
  for (const std::size_t above : {1, 2, 5}) EXPECT_EQ(found.factor[above], 0);
}

TEST(Scales, HaveAFactorWhereCoordinatesDependOnEachOther) {
  const double n = 1e14;  // that shrinks nothing
  const Preconditioner found = factor_from(sums_of(n, {0, 0}, {1e4, 1e2, 1}), 2);
  EXPECT_NEAR(found.factor[0], 100, 1e-9);
  EXPECT_NEAR(found.factor[2], 1, 1e-8);
  EXPECT_GT(found.factor[3], 0);
  EXPECT_LT(found.factor[3], 1e-3);
}

/// A block of which every chain is at the same place.
class Rows {
 public:
  explicit Rows(const std::vector<double>& x) : values_(x.size() * block_chains) {
    for (std::size_t i = 0; i < x.size(); ++i) {
      for (std::size_t c = 0; c < block_chains; ++c) values_[i * block_chains + c] = x[i];
    }
  }
  [[nodiscard]] Coordinates<double> chain() {
    return {values_.data(), static_cast<int>(values_.size()) / static_cast<int>(block_chains)};
  }

 private:
  std::vector<double> values_;
};

TEST(CoordinateMap, IsTheTriangleAndItsTransposeAndItsInverse) {
  for (const std::size_t dim : {1, 3, 8, 9, 21}) {
    Preconditioner by;
    by.factor.assign(dim * dim, 0.0);
    std::vector<double> z, g;
    for (std::size_t i = 0; i < dim; ++i) {
      for (std::size_t j = 0; j <= i; ++j) {
        by.factor[i * dim + j] =
            i == j ? 2.0 + static_cast<double>(i) : 0.3 / (1.0 + static_cast<double>(i + 2 * j));
      }
      by.scale.push_back(1);
      z.push_back(std::sin(static_cast<double>(i) + 1));
      g.push_back(std::cos(3 * static_cast<double>(i)));
    }
    const std::vector<double> padded = padded_factor(by);
    const CoordinateMap map{by.scale.data(), padded.data()};
    Rows at(z), x(z), gradient(g), back(z);
    map.apply(at.chain(), x.chain());
    map.pull_back(gradient.chain());
    map.solve(x.chain(), back.chain());
    for (std::size_t i = 0; i < dim; ++i) {
      const int k = static_cast<int>(i);
      double of_x = 0;
      double of_g = 0;
      for (std::size_t j = 0; j < dim; ++j) {
        of_x += by.factor[i * dim + j] * z[j];
        of_g += by.factor[j * dim + i] * g[j];
      }
      EXPECT_NEAR(x.chain()[k], of_x, 1e-13);
      EXPECT_NEAR(gradient.chain()[k], of_g, 1e-13);
      EXPECT_NEAR(map.pulled_back<double>(k, static_cast<int>(dim),
                                          [&](int j) { return g[static_cast<std::size_t>(j)]; }),
                  of_g, 1e-13);
      EXPECT_NEAR(back.chain()[k], z[i], 1e-13);
    }
  }
}

}  // namespace
