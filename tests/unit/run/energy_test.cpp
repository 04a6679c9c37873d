// SPDX-License-Identifier: BSD-3-Clause
#include "run/energy.hpp"

#include <gtest/gtest.h>

#include <filesystem>

#include "run/cost.hpp"
#include "scratch_folder.hpp"

namespace {
using namespace driftwood;

TEST(CounterAdvance, GoesForwardOrAroundOnce) {
  static_assert(run::counter_advance(10, 25, 100) == 15);
  static_assert(run::counter_advance(10, 10, 100) == 0);
  static_assert(run::counter_advance(90, 5, 100) == 15);
  static_assert(run::counter_advance(UINT64_MAX - 1, 3, UINT64_MAX) == 4);
}

/// A folder like /sys/class/powercap.
class PowercapFolder {
 public:
  void zone(const std::string& name, const std::string& label, std::uint64_t value,
            std::uint64_t range = 262'143'328'850) const {
    folder_.file(name + "/name", label + "\n");
    folder_.file(name + "/max_energy_range_uj", std::to_string(range) + "\n");
    set(name, value);
  }
  void set(const std::string& name, std::uint64_t value) const {
    folder_.file(name + "/energy_uj", std::to_string(value) + "\n");
  }
  void remove(const std::string& name) const {
    std::filesystem::remove(folder_ / (name + "/energy_uj"));
  }
  [[nodiscard]] run::PackageCounters counters() const { return run::PackageCounters(folder_ / ""); }

 private:
  test::ScratchFolder folder_;
};

TEST(PackageCounters, AddsUpPackagesAndNothingElse) {
  PowercapFolder powercap;
  powercap.zone("intel-rapl:0", "package-0", 1000);
  powercap.zone("intel-rapl:0:0", "core", 500);
  powercap.zone("intel-rapl:1", "package-1", 2000);
  powercap.zone("intel-rapl:2", "psys", 9000);
  powercap.zone("intel-rapl-mmio:0", "package-0", 1000);
  auto counters = powercap.counters();
  counters.sample(0);

  for (const auto* zone :
       {"intel-rapl:0", "intel-rapl:0:0", "intel-rapl:1", "intel-rapl:2", "intel-rapl-mmio:0"}) {
    powercap.set(zone, 5000);
  }
  counters.sample(1);

  EXPECT_TRUE(counters.trustworthy());
  EXPECT_EQ(counters.microjoules(), 4000U + 3000U);
}

TEST(PackageCounters, FollowsAWrapAround) {
  PowercapFolder powercap;
  powercap.zone("intel-rapl:0", "package-0", 65'000'000'000, 65'532'610'987);
  auto counters = powercap.counters();
  counters.sample(0);

  powercap.set("intel-rapl:0", 200);
  counters.sample(5);

  EXPECT_TRUE(counters.trustworthy());
  EXPECT_EQ(counters.microjoules(), 532'610'987U + 200U);
}

TEST(PackageCounters, DistrustsAGapInWhichItMayHaveWrapped) {
  PowercapFolder powercap;
  powercap.zone("intel-rapl:0", "package-0", 0, 65'532'610'987);
  auto counters = powercap.counters();
  counters.sample(0);
  counters.sample(60);
  EXPECT_TRUE(counters.trustworthy());

  counters.sample(130);

  EXPECT_FALSE(counters.trustworthy());
}

TEST(PackageCounters, DistrustsWhatItCannotRead) {
  PowercapFolder powercap;
  powercap.zone("intel-rapl:0", "package-0", 1);
  auto counters = powercap.counters();
  counters.sample(0);

  powercap.remove("intel-rapl:0");
  counters.sample(1);

  EXPECT_FALSE(counters.trustworthy());
}

TEST(PackageCounters, DistrustsAFolderWithoutPackages) {
  EXPECT_FALSE(PowercapFolder().counters().trustworthy());
  EXPECT_FALSE(run::PackageCounters("/no/such/folder").trustworthy());
}

TEST(Cost, SaysRatesOfTheFinestWork) {
  const run::Cost cost{.work = {{1000, "paths"}, {200'000, "path-steps"}},
                       .wall_seconds = 4,
                       .cores = 2,
                       .energy = {90, "guessed"}};

  EXPECT_EQ(cost.rate(), 50'000);
  EXPECT_EQ(cost.core_hours(), 8.0 / 3600);
  EXPECT_EQ(summary(cost),
            "cost     1.00 k paths, 200 k path-steps in 4.0 s on 2 cores (0.00222 core-hours)\n"
            "rate     50.0 k path-steps/s, 25.0 k per core\n"
            "energy   90 J (guessed)");
}

TEST(Cost, OfNoWorkHasNoRate) {
  const run::Cost cost{.work = {}, .wall_seconds = 2, .cores = 1, .energy = {1, "guessed"}};

  EXPECT_EQ(cost.rate(), 0);
  EXPECT_EQ(summary(cost),
            "cost     2.0 s on 1 core (0.000556 core-hours)\n"
            "energy   1 J (guessed)");
}
}  // namespace
