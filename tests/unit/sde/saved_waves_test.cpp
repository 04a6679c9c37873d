// SPDX-License-Identifier: BSD-3-Clause
// Claims: steps may be cut into any pieces, and a wave saved after any of them and put back into
// another propagator, for every scheme of models of every kind: bits do not change.
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "sde/propagator.hpp"
#include "sde/registry.hpp"
#include "support/kokkos_environment.hpp"

namespace {
using namespace driftwood;
using namespace driftwood::sde;

constexpr PathRange paths{1000, 70};  // not a whole number of lanes
constexpr std::int64_t steps = 24;

struct Case {
  std::string name;
  std::shared_ptr<Model> (*make)();
};

/// Models of this build as the deck's defaults make them; what has none is left out.
std::vector<Case> cases() {
  std::vector<Case> all = {{"additive_time_dependent", make_additive_time_dependent},
                           {"arctan", make_arctan},
                           {"cox_ingersoll_ross", make_cox_ingersoll_ross},
                           {"double_well", make_double_well},
                           {"heston", make_heston},
                           {"kubo_oscillator", make_kubo_oscillator},
                           {"linear_noncommuting", make_linear_noncommuting},
                           {"ornstein_uhlenbeck", make_ornstein_uhlenbeck},
                           {"underdamped_langevin", make_underdamped_langevin}};
  std::erase_if(all, [](const Case& c) { return c.make() == nullptr; });
  return all;
}

PropagatorOptions plain() {
  return {.end = 0.5, .steps = steps, .seed = 3, .capacity = paths.count};
}

/// All that can be read, row by row.
std::vector<double> read(const Propagator& propagator, std::size_t rows) {
  const Channels to("to", rows, path_padding);
  propagator.read(to);
  const auto host = Kokkos::create_mirror_view_and_copy(Kokkos::HostSpace(), to);
  std::vector<double> out;
  for (std::size_t i = 0; i < rows; ++i) {
    for (std::int64_t p = 0; p < paths.count; ++p) out.push_back(host(i, p));
  }
  return out;
}

/// The same on the way from a first propagator to a second.
std::vector<double> in_two_jobs(const Model& model, const std::string& scheme, Precision precision,
                                const PropagatorOptions& options, std::int64_t cut,
                                std::size_t rows) {
  stats::ByteWriter out;
  {
    const auto first = model.propagator(scheme, precision, options);
    first->start(paths);
    first->advance({0, cut});
    first->save(out);
  }
  const auto bytes = out.take();
  const auto second = model.propagator(scheme, precision, options);
  stats::ByteReader in(bytes);
  second->start(paths);
  second->restore(in);
  EXPECT_TRUE(in.at_end());
  second->advance({cut, options.steps});
  return read(*second, rows);
}

std::vector<double> in_one(const Model& model, const std::string& scheme, Precision precision,
                           const PropagatorOptions& options, std::size_t rows) {
  const auto propagator = model.propagator(scheme, precision, options);
  propagator->start(paths);
  propagator->advance({0, options.steps});
  return read(*propagator, rows);
}

TEST(SavedWaves, GoOnWithTheSameBitsUnderEveryScheme) {
  for (const Case& c : cases()) {
    const auto model = c.make();
    const std::size_t rows = model->components().size();
    for (const std::string& scheme : model->schemes()) {
      for (const Precision precision : {Precision::double_, Precision::single_}) {
        const auto whole = in_one(*model, scheme, precision, plain(), rows);
        for (const std::int64_t cut : {0, 1, 6, 13, 24}) {
          EXPECT_EQ(whole, in_two_jobs(*model, scheme, precision, plain(), cut, rows))
              << c.name << ", " << scheme << ", after " << cut;
        }
      }
    }
  }
}

/// What step control remembers goes along: at times of results, where steps land.
TEST(SavedWaves, GoOnWithTheirOwnSteps) {
  PropagatorOptions options = plain();
  options.control = StepControl{1e-3, 1e-3, 0.01, 24, {0.1, 0.2, 0.45, 0.5}};
  options.steps = 4;
  struct Adaptive {
    std::shared_ptr<Model> (*make)();
    const char* scheme;
  };
  for (const auto& [make, scheme] :
       {Adaptive{make_double_well, "sosra"}, Adaptive{make_arctan, "milstein"}}) {
    const auto model = make();
    const std::size_t rows = model->components().size();
    const auto whole = in_one(*model, scheme, Precision::double_, options, rows);
    for (const std::int64_t cut : {0, 1, 2, 3}) {
      EXPECT_EQ(whole, in_two_jobs(*model, scheme, Precision::double_, options, cut, rows))
          << scheme << ", after " << cut;
    }
  }
}

TEST(SavedWaves, GoOnWithWhatWatchersRemember) {
  PropagatorOptions options = plain();
  options.watchers = numbered({{.kind = Watcher::Kind::maximum, .component = 0},
                               {.kind = Watcher::Kind::time_average, .component = 0},
                               {.kind = Watcher::Kind::passage, .component = 0, .level = 1.5}});
  const auto model = make_double_well();
  const std::size_t rows = model->components().size() + 4;
  for (const auto* scheme : {"euler_maruyama", "sriw1"}) {
    const auto whole = in_one(*model, scheme, Precision::double_, options, rows);
    for (const std::int64_t cut : {1, 6, 13}) {
      EXPECT_EQ(whole, in_two_jobs(*model, scheme, Precision::double_, options, cut, rows))
          << scheme << ", after " << cut;
    }
  }
}

TEST(SavedWaves, OfAnotherShapeAreRefused) {
  stats::ByteWriter out;
  const auto model = make_heston();
  const auto first = model->propagator("milstein", Precision::double_, plain());
  first->start(paths);
  first->save(out);
  const auto bytes = out.take();
  const auto other = make_double_well()->propagator("milstein", Precision::double_, plain());
  stats::ByteReader in(bytes);
  other->start(paths);

  EXPECT_THROW(other->restore(in), Error);
}

}  // namespace
