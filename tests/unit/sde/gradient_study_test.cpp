// SPDX-License-Identifier: BSD-3-Clause
// Claims: means and standard errors of a study are those of the solver's samples, for paths, for
// antithetic pairs and for groups; they do not depend on waves, nor on what was saved in between;
// what is not finite does not count and is found.
#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "sde/gradient/study.hpp"
#include "support/kokkos_environment.hpp"

namespace {
using namespace driftwood;
using namespace driftwood::sde;

constexpr std::int64_t rows_of_sample = 2 * 2 * (1 + 3);  // two formulas, two times, three names

/// What path p has in row r: any function of the two.
double value(std::int64_t row, std::int64_t path) {
  return std::sin(static_cast<double>(path * (row + 1))) + 0.1 * static_cast<double>(row);
}

/// A solver whose samples are known, a mean over `group` paths each.
class KnownSamples final : public GradientSolver {
 public:
  KnownSamples(std::int64_t capacity, std::int64_t group, std::int64_t lost)
      : group_(group),
        lost_(lost),
        samples_("samples", static_cast<std::size_t>(rows_of_sample) + 1,
                 static_cast<std::size_t>(capacity)) {}

  [[nodiscard]] std::int64_t rows() const override { return rows_of_sample; }
  [[nodiscard]] std::int64_t group() const override { return group_; }
  [[nodiscard]] std::vector<std::string> derivatives() const override {
    return {"a", "b", "initial.x"};
  }
  void run(const PathRange& paths) override {
    const auto host = Kokkos::create_mirror_view(samples_);
    const auto first = static_cast<std::int64_t>(paths.first);
    for (std::int64_t c = 0; c < static_cast<std::int64_t>(host.extent(1)); ++c) {
      for (std::int64_t r = 0; r < rows_of_sample; ++r) {
        double sum = 0;
        for (std::int64_t p = 0; p < group_; ++p) sum += value(r, first + c * group_ + p);
        host(r, c) = sum / static_cast<double>(group_);
      }
      const bool counts = c * group_ < paths.count && first + c * group_ != lost_;
      host(rows_of_sample, c) = counts ? 1.0 : 0.0;
    }
    Kokkos::deep_copy(samples_, host);
    record_.gap = std::max(record_.gap, static_cast<double>(first));
  }
  [[nodiscard]] const Channels& samples() const override { return samples_; }
  void set_parameters(const std::vector<double>&) override {}
  [[nodiscard]] std::vector<double> parameters() const override { return {}; }
  void set_weights(const std::vector<std::vector<double>>&) override {}
  [[nodiscard]] GradientRecord record() const override { return record_; }

 private:
  std::int64_t group_;
  std::int64_t lost_;
  Channels samples_;
  GradientRecord record_;
};

constexpr std::int64_t blocks = 5;
constexpr std::int64_t paths = blocks * stats::block_paths - 64;
constexpr std::int64_t none_lost = -1;

struct Kind {
  std::int64_t group = 1;
  bool antithetic = false;
  std::int64_t lost = none_lost;
};

GradientStudy study_of(const Kind& kind, std::int64_t most_blocks) {
  auto solver =
      std::make_unique<KnownSamples>(most_blocks * stats::block_paths, kind.group, kind.lost);
  return {std::move(solver),
          {{"f", "g"}, {"1", "1"}, {"x", "y"}, {0.5, 1.0}, "time"},
          paths,
          kind.antithetic};
}

comm::Bytes bytes_of(const GradientStudy& study) {
  stats::ByteWriter out;
  study.save(out);
  return out.take();
}

/// The text at the last time is all that a study tells without a file.
std::string text_of(GradientStudy& study) {
  study.merge(comm::Communicator::alone(), paths);
  return study.table_text();
}

/// The mean of row r and its standard error by the definition, as the text has them.
std::string line_of(std::int64_t row, std::int64_t copies) {
  std::vector<double> independent;
  for (std::int64_t p = 0; p < paths; p += copies) {
    double sum = 0;
    for (std::int64_t k = 0; k < copies; ++k) sum += value(row, p + k);
    independent.push_back(sum / static_cast<double>(copies));
  }
  const auto n = static_cast<double>(independent.size());
  double mean = 0;
  for (const double x : independent) mean += x / n;
  double m2 = 0;
  for (const double x : independent) m2 += (x - mean) * (x - mean);
  char line[64];
  std::snprintf(line, sizeof line, "%14.7g +- %.2g", mean, std::sqrt(m2 / (n - 1) / n));
  return line;
}

TEST(GradientStudy, MeansAndErrorsAreThoseOfTheSamples) {
  for (const Kind& kind : {Kind{}, Kind{.antithetic = true}, Kind{.group = 64}}) {
    GradientStudy study = study_of(kind, blocks);
    study.measure({0, blocks});
    const std::string text = text_of(study);
    const std::int64_t copies = kind.antithetic ? 2 : kind.group;
    for (const std::int64_t formula : {0, 1}) {
      const std::int64_t at_end = formula * 2 + 1;
      EXPECT_NE(text.find(line_of(at_end, copies)), std::string::npos) << text;
      for (std::int64_t by = 0; by < 3; ++by) {
        EXPECT_NE(text.find(line_of(4 + at_end * 3 + by, copies)), std::string::npos) << text;
      }
    }
    EXPECT_EQ(study.nonfinite(), 0);
    EXPECT_FALSE(study.first_nonfinite());
  }
}

TEST(GradientStudy, WavesAndSavesDoNotChangeBits) {
  for (const Kind& kind : {Kind{}, Kind{.antithetic = true}, Kind{.group = 64}}) {
    GradientStudy whole = study_of(kind, blocks);
    whole.measure({0, blocks});

    GradientStudy first = study_of(kind, 2);
    first.measure({3, 2});
    first.measure({0, 1});
    GradientStudy second = study_of(kind, 2);
    const comm::Bytes saved = bytes_of(first);
    stats::ByteReader in(saved);
    second.absorb(in);
    EXPECT_TRUE(in.at_end());
    ASSERT_EQ(second.finished().size(), 2U);
    second.measure({1, 2});

    EXPECT_EQ(second.finished(), whole.finished());
    EXPECT_EQ(text_of(second), text_of(whole));
    EXPECT_EQ(second.record().gap, 3 * static_cast<double>(stats::block_paths));
  }
}

TEST(GradientStudy, WhatIsNotFiniteIsFound) {
  constexpr std::int64_t lost = stats::block_paths + 128;
  for (const Kind& kind : {Kind{.lost = lost}, Kind{.antithetic = true, .lost = lost},
                           Kind{.group = 64, .lost = lost}}) {
    GradientStudy study = study_of(kind, 2);
    study.measure({3, 2});
    study.measure({1, 2});
    study.measure({0, 1});
    study.merge(comm::Communicator::alone(), paths);
    EXPECT_EQ(study.nonfinite(), kind.antithetic ? 2 : kind.group);
    EXPECT_EQ(study.first_nonfinite(), static_cast<std::uint64_t>(lost));
  }
}

TEST(GradientStudy, ObjectivesAreOneFormulaAtOneTimeEach) {
  const auto weights = unit_weights(2, 3);
  ASSERT_EQ(weights.size(), 6U);
  for (std::size_t s = 0; s < 6; ++s) {
    for (std::size_t k = 0; k < 6; ++k) EXPECT_EQ(weights[s][k], s == k ? 1 : 0);
  }
}

}  // namespace
