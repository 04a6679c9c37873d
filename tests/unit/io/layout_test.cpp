// SPDX-License-Identifier: BSD-3-Clause
#include "io/layout.hpp"

#include <gtest/gtest.h>

#include <set>

namespace {
namespace layout = driftwood::io::layout;

// The names are a published format: programs elsewhere read them.
TEST(Layout, NamesAreThePublishedOnes) {
  EXPECT_EQ(layout::format_version, 1);
  EXPECT_EQ(layout::time, "time");
  EXPECT_EQ(layout::component, "component");
  EXPECT_EQ(layout::moments::standard_error, "moments/standard_error");
  EXPECT_EQ(layout::covariance::value, "covariance/value");
  EXPECT_EQ(layout::quantiles::value, "quantiles/value");
  EXPECT_EQ(layout::quantiles::probability, "quantiles/probability");
  EXPECT_EQ(layout::paths::value, "paths/value");
  EXPECT_EQ(layout::paths::id, "paths/id");
}

TEST(Layout, DeckNamesBecomeGroups) {
  EXPECT_EQ(layout::formulas("payoff").mean, "formulas/payoff/mean");
  EXPECT_EQ(layout::formulas("payoff").variance, "formulas/payoff/variance");
  EXPECT_EQ(layout::formulas("payoff").standard_error, "formulas/payoff/standard_error");
  EXPECT_EQ(layout::histogram("x").edges, "histogram/x/edges");
  EXPECT_EQ(layout::histogram("x").count, "histogram/x/count");
  EXPECT_EQ(layout::run::quantity("path_steps"), "run/path_steps");
}

TEST(Layout, DatasetsOfOneNameDoNotMeet) {
  const auto f = layout::formulas("mean");
  const auto h = layout::histogram("edges");
  const std::set<std::string> names = {f.mean,          f.variance,       f.running_mean,
                                       f.running_paths, f.standard_error, f.running_standard_error,
                                       h.edge,          h.edges,          h.bin,
                                       h.count,         h.below,          h.above};
  EXPECT_EQ(names.size(), 12U);
}
}  // namespace
