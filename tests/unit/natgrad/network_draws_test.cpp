// SPDX-License-Identifier: BSD-3-Clause
// Claims: what studies of networks draw is a function of its key and has the law it should have;
// images are pooled and inputs scaled as the deck says.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "deck/schema.hpp"
#include "natgrad/network/draws.hpp"
#include "natgrad/network/inputs.hpp"
#include "support/data_files.hpp"

namespace {
using namespace driftwood;
using natgrad::Architecture;
using natgrad::Dense;
using natgrad::InputOptions;
using natgrad::NetworkDraw;

TEST(NetworkDraws, OfOrdersArePermutations) {
  std::set<std::vector<std::size_t>> all;
  for (std::uint32_t replica : {0U, 1U}) {
    for (std::uint64_t row : {0U, 1U}) {
      std::vector<std::size_t> order =
          natgrad::drawn_order(3, NetworkDraw::batches, replica, 500, row);
      all.insert(order);
      std::sort(order.begin(), order.end());
      for (std::size_t i = 0; i < order.size(); ++i) EXPECT_EQ(order[i], i);
    }
  }
  EXPECT_EQ(all.size(), 4U);
}

/// 4 standard errors of means and variances of 20000 numbers: a false alarm in 10^4 seeds, and the
/// seed is fixed.
TEST(NetworkDraws, OfWeightsHaveTheirStandardDeviations) {
  const Architecture of{.widths = {100, 200, 1}};
  const auto theta =
      natgrad::drawn_parameters(of, std::vector{2.0, 0.5}, 3, NetworkDraw::student, 0);
  const auto other = natgrad::drawn_parameters(of, {}, 3, NetworkDraw::teacher, 0);
  const auto check = [](const Dense& x, double sd) {
    const std::size_t weights = x.columns() - 1;
    double sum = 0;
    double square = 0;
    for (std::size_t j = 0; j < weights; ++j) {
      for (const double v : x.column(j)) {
        sum += v;
        square += v * v;
      }
    }
    const auto n = static_cast<double>(weights * x.rows());
    EXPECT_LT(std::abs(sum / n), 4 * sd / std::sqrt(n));
    EXPECT_LT(std::abs(square / n - sd * sd), 4 * sd * sd * std::sqrt(2 / n));
    for (const double bias : x.column(weights)) EXPECT_EQ(bias, 0);
  };
  check(theta[0], 2);
  check(theta[1], 0.5);
  check(other[0], 0.1);
  EXPECT_NE(theta[0](0, 0) / 2, other[0](0, 0) / 0.1);
}

InputOptions inputs_of(const std::string& keys) {
  InputOptions out;
  const deck::Source source = deck::load(out, {(test::data_folder() / "deck.toml").string(), keys});
  out.validate(source, "");
  return out;
}

TEST(Inputs, AreCentredAndScaled) {
  const InputOptions options =
      inputs_of("kind = \"gaussian\"\nfeatures = 7\nrows = 300\nscale = 3.0\nconstant = 0.25\n");
  const Dense x = options.load(1);
  ASSERT_EQ(x.rows(), 8U);
  ASSERT_EQ(x.columns(), 300U);
  double square = 0;
  for (std::size_t j = 0; j < 7; ++j) {
    double mean = 0;
    for (std::size_t i = 0; i < 300; ++i) {
      mean += x(j, i) / 300;
      square += x(j, i) * x(j, i) / 300;
    }
    EXPECT_NEAR(mean, 0, 1e-13);
  }
  EXPECT_NEAR(square, 9, 1e-12);
  for (std::size_t i = 0; i < 300; ++i) EXPECT_EQ(x(7, i), 0.25);
}

TEST(Inputs, OfImagesArePooled) {
  std::string file{"\0\0\x08\x03\0\0\0\x02\0\0\0\x02\0\0\0\x04", 16};
  for (const int v : {1, 2, 10, 20, 3, 4, 30, 40, 0, 0, 0, 0, 0, 0, 0, 4}) {
    file += static_cast<char>(v);
  }
  test::write_data("images", file);
  const InputOptions options = inputs_of("kind = \"images\"\nfile = \"images\"\npool = 2\n");
  const Dense raw = options.source->load(1);
  ASSERT_EQ(raw.rows(), 2U);
  ASSERT_EQ(raw.columns(), 2U);
  // Up to one factor, which scaling removes.
  EXPECT_EQ(raw(0, 0), 10);
  EXPECT_EQ(raw(1, 0), 100);
  EXPECT_EQ(raw(0, 1), 0);
  EXPECT_EQ(raw(1, 1), 4);
}

}  // namespace
