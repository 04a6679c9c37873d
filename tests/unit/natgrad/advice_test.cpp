// SPDX-License-Identifier: BSD-3-Clause
/// Tables, signals behind labels, and trials on rows, of data whose law is known.
#include <gtest/gtest.h>
#include <unistd.h>

#include <Eigen/Dense>
#include <algorithm>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <random>
#include <sstream>
#include <string>
#include <vector>

#include "base/error.hpp"
#include "comm/communicator.hpp"
#include "designs.hpp"
#include "natgrad/advice/answer.hpp"
#include "natgrad/advice/grid.hpp"
#include "natgrad/advice/signal.hpp"
#include "natgrad/advice/table.hpp"
#include "natgrad/advice/trial.hpp"
#include "natgrad/ensemble/draw.hpp"
#include "natgrad/spectrum.hpp"

namespace {
using namespace driftwood;
using namespace driftwood::natgrad;
using test::Matrix;
using test::Vector;

/// A file that goes when the test ends.
class Csv {
 public:
  explicit Csv(const std::string& text, const std::string& name = "") {
    const auto* info = ::testing::UnitTest::GetInstance()->current_test_info();
    path_ = std::filesystem::temp_directory_path() /
            (std::string("advice_") + info->name() + std::to_string(::getpid()) + name + ".csv");
    std::ofstream(path_) << text;
  }
  ~Csv() { std::filesystem::remove(path_); }
  [[nodiscard]] AdviceTable request(std::optional<std::string> target = std::nullopt) const {
    AdviceTable out;
    out.table.file = path_.string();
    out.table.has_labels = target.has_value();
    out.table.label = std::move(target);
    return out;
  }

 private:
  std::filesystem::path path_;
};

/// A table of normal rows with covariance diag(x), rotated, and labels x^T theta + noise.
struct Made {
  Matrix rows;
  Vector labels;
  double signal;  ///< variance of x^T theta

  Made(const std::vector<double>& x, Eigen::Index n, double alignment, double noise,
       unsigned seed) {
    std::mt19937_64 engine(seed);
    const auto d = static_cast<Eigen::Index>(x.size());
    const Vector roots = test::as_vector(x).cwiseSqrt();
    std::vector<double> prior(x.size());
    fill_aligned(x, alignment, prior);
    const Vector theta = (test::as_vector(prior) / static_cast<double>(d))
                             .cwiseSqrt()
                             .cwiseProduct(test::normals(d, 1, engine));
    signal = theta.cwiseProduct(roots).squaredNorm();
    const Matrix z = test::normals(n, d, engine) * roots.asDiagonal();
    labels = z * theta + std::sqrt(noise) * test::normals(n, 1, engine);
    rows = z * test::rotation(d, engine);
  }
  [[nodiscard]] std::string csv() const {
    std::ostringstream out;
    out.precision(17);
    for (Eigen::Index j = 0; j < rows.cols(); ++j) out << "x" << j << ",";
    out << "y\n";
    for (Eigen::Index i = 0; i < rows.rows(); ++i) {
      for (Eigen::Index j = 0; j < rows.cols(); ++j) out << rows(i, j) << ",";
      out << labels(i) << "\n";
    }
    return out.str();
  }
};

AdviceRows rows_of(const Made& made) {
  const Csv file(made.csv());
  AdviceTable request = file.request("y");
  request.standardise = false;
  return read_advice_rows(request);
}

std::vector<double> geometric(std::size_t d) {
  std::vector<double> x(d);
  Spectrum::named("geometric", 100).fill(x);
  return x;
}

TEST(AdviceRows, AreTurnedIntoTheirEigenbasisWithMeanOne) {
  const Made made(geometric(6), 300, 0, 0.1, 1);
  const AdviceRows rows = rows_of(made);
  const Matrix centred = made.rows.rowwise() - made.rows.colwise().mean();
  const Eigen::SelfAdjointEigenSolver<Matrix> expected(centred.transpose() * centred / 300.0);
  const Vector values = expected.eigenvalues().reverse() / expected.eigenvalues().mean();

  ASSERT_EQ(rows.features(), 6u);
  EXPECT_EQ(rows.count(), 300u);
  const Eigen::Map<const Matrix> x(rows.rows.data(), 300, 6);
  const Matrix covariance = x.transpose() * x / 300.0;
  EXPECT_LT((covariance - Matrix(values.asDiagonal())).cwiseAbs().maxCoeff(), 1e-12);
  EXPECT_LT((test::as_vector(rows.covariance) - values).cwiseAbs().maxCoeff(), 1e-12);
  EXPECT_NEAR(test::as_vector(rows.labels).squaredNorm() / 300, 1, 1e-12);
}

TEST(AdviceRows, LeavesOutColumnsThatHardlyVaryAndDirectionsWithoutExtent) {
  std::string text = "a,b,sum,rare,word\n";
  for (int i = 0; i < 100; ++i) {
    const double a = std::sin(i);
    const double b = std::cos(3 * i);
    text += std::to_string(a) + "," + std::to_string(b) + "," +
            std::to_string(std::stod(std::to_string(a)) + std::stod(std::to_string(b))) + "," +
            (i == 7 ? "1" : "0") + "," + (a + b > 0 ? "yes" : "no") + "\n";
  }
  const Csv file(text);

  const AdviceRows rows = read_advice_rows(file.request("word"));

  EXPECT_EQ(rows.left_out, std::vector<std::string>{"rare"});
  EXPECT_EQ(rows.dependent, 1u);
  EXPECT_EQ(rows.features(), 2u);
  EXPECT_LT(*std::min_element(rows.labels.begin(), rows.labels.end()), 0);
}

TEST(AdviceRows, NamesColumnsThatCountRows) {
  std::string text = "id,x,y\n";
  for (int i = 0; i < 20; ++i) {
    text +=
        std::to_string(i + 5) + "," + std::to_string(i % 3) + "," + std::to_string(i % 7) + "\n";
  }
  const Csv file(text);
  EXPECT_EQ(read_advice_rows(file.request("y")).counting, std::vector<std::string>{"id"});
}

TEST(AdviceRows, RefusesWhatTellsNothing) {
  const Csv three_words("x,y\n1,a\n2,b\n3,c\n4,a\n5,b\n6,a\n7,b\n8,c\n");
  EXPECT_THROW((void)read_advice_rows(three_words.request("y")), UsageError);
  const Csv few("x,y\n1,1\n2,2\n");
  EXPECT_THROW((void)read_advice_rows(few.request("y")), UsageError);
  const Csv constant("x,y\n1,1\n1,2\n1,1\n1,1\n1,2\n1,2\n1,1\n1,1\n");
  EXPECT_THROW((void)read_advice_rows(constant.request("y")), UsageError);
  // Of a number that is not a power of 2 the mean is rounded: the variance is not 0.
  const Csv same("x,y\n1,0.1\n2,0.1\n3,0.1\n5,0.1\n1,0.1\n2,0.1\n3,0.1\n9,1e-1\n");
  try {
    (void)read_advice_rows(same.request("y"));
    ADD_FAILURE();
  } catch (const UsageError& error) {
    EXPECT_NE(std::string(error.what()).find("all labels are the same"), std::string::npos);
  }
  AdviceTable all = constant.request("y");
  all.rare = 0;
  EXPECT_THROW((void)read_advice_rows(all), UsageError);
  const Csv words("x,y\n1,u\n1,v\n");
  EXPECT_THROW((void)read_advice_rows(words.request()), UsageError);
}

/// Of 20 tables, how often intervals of 95 % hold the truth: 19 are expected, and 15 or fewer have
/// a probability of 3e-4 for each of the two. Seeds are fixed.
TEST(Evidence, IntervalsHoldTheTruth) {
  int noise = 0;
  int alignment = 0;
  for (unsigned seed = 1; seed <= 20; ++seed) {
    const Made made(geometric(30), 300, -0.5, 0.5, seed);
    const AdviceRows rows = rows_of(made);
    const Evidence evidence(rows, rows.covariance);
    const double truth = 0.5 / made.signal;
    if (evidence.noise().low <= truth && truth <= evidence.noise().high) ++noise;
    if (evidence.alignment().low <= -0.5 && -0.5 <= evidence.alignment().high) ++alignment;
  }
  EXPECT_GE(noise, 16);
  EXPECT_GE(alignment, 16);
}

TEST(Evidence, FindsTheSignalOfManyRows) {
  const std::vector<double> x = geometric(12);
  const Made made(x, 4000, 1, 0.25, 3);
  const AdviceRows rows = rows_of(made);

  const Evidence evidence(rows, rows.covariance);

  // The share of the labels that least squares explains, to the error of 4000 rows.
  const Matrix centred = made.rows.rowwise() - made.rows.colwise().mean();
  const Vector y = made.labels.array() - made.labels.mean();
  const Vector rest =
      y - centred * (centred.transpose() * centred).ldlt().solve(centred.transpose() * y);
  const double explained = 1 - rest.squaredNorm() / y.squaredNorm();
  EXPECT_NEAR(evidence.signal_share(), explained, 0.01);
  EXPECT_NEAR(evidence.noise().value, (1 - explained) / explained, 0.03);
  double mean = 0;
  for (std::size_t i = 0; i < 12; ++i) mean += evidence.signal().prior[i] * rows.covariance[i] / 12;
  EXPECT_NEAR(mean, 1, 1e-12);
  const Signal drawn = evidence.draw(1, 5);
  EXPECT_EQ(drawn.prior, evidence.draw(1, 5).prior);
  EXPECT_NE(drawn.prior, evidence.draw(1, 6).prior);
}

/// Of a signal that is mostly in directions of little extent, too, where eigenvalues of the sample
/// and of the population are a tenth apart: the shares are those of least squares.
TEST(Evidence, SharesOfMisalignedSignalsAreThoseOfLeastSquares) {
  const std::vector<double> x = geometric(10);
  for (unsigned seed = 1; seed <= 4; ++seed) {
    const Made made(x, 500, -1.8, 0.3, seed);
    const AdviceRows rows = rows_of(made);
    std::vector<double> population = rows.covariance;
    for (std::size_t i = 5; i < 10; ++i) population[i] *= 1.12;
    const Evidence evidence(rows, population);

    const Matrix centred = made.rows.rowwise() - made.rows.colwise().mean();
    const Vector y = made.labels.array() - made.labels.mean();
    const Vector rest =
        y - centred * (centred.transpose() * centred).ldlt().solve(centred.transpose() * y);
    const double noise = rest.squaredNorm() / (500 - 11) / (y.squaredNorm() / 500);
    EXPECT_NEAR(evidence.noise_share() / noise, 1, 0.02) << seed;
  }
}

/// Of fewer rows than features the signal's extent in directions that no row has is the model's
/// own: with the noise it must not be more than all there is.
TEST(Evidence, SharesAreOfTheLabelsVariance) {
  for (const double alignment : {-2.0, 0.0, 1.0}) {
    const AdviceRows rows = rows_of(Made(geometric(100), 50, alignment, 0.1, 4));
    const Evidence evidence(rows, geometric(100));
    EXPECT_GT(evidence.signal_share(), 0);
    EXPECT_LT(evidence.signal_share(), 1);
    EXPECT_NEAR(evidence.signal_share() + evidence.noise_share(), 1, 1e-12);
    EXPECT_NEAR(evidence.noise_share() / evidence.signal_share(), evidence.signal().noise, 1e-12);
  }
}

AdviceGrid grid_of(const AdviceRows& rows, std::vector<std::size_t> n, double alignment) {
  std::vector<double> prior(rows.features());
  fill_aligned(rows.covariance, alignment, prior);
  return {rows.covariance,
          std::move(n),
          {{"r", prior}},
          {Preconditioner{}, Preconditioner::parse("ngd"), Preconditioner::parse("add:0.5")},
          {0.1, 1.0}};
}

/// Columns that are one where there are labels, and two where there are none: ngd has no P there.
TEST(AdviceTrial, TriesNothingWhereFeaturesDependOnOthersInTheLabelledRowsAlone) {
  std::string labelled = "a,b,y\n";
  std::string others = "a,b\n";
  for (int i = 0; i < 40; ++i) {
    const std::string a = std::to_string(std::sin(i));
    labelled += a + "," + a + "," + std::to_string(std::cos(i)) + "\n";
    others += a + "," + std::to_string(std::cos(3 * i)) + "\n";
  }
  const Csv file(labelled);
  const Csv further(others, "_further");
  AdviceTable request = file.request("y");
  request.unlabelled = further.request().table.file;

  const AdviceRows rows = read_advice_rows(request);

  EXPECT_EQ(rows.features(), 2u);
  EXPECT_FALSE(rows.are_many());
  const AdviceGrid grid = grid_of(rows, {10}, 0);
  EXPECT_EQ(AdviceTrial(grid, rows, 4, 1).tasks(), 0);
}

/// Mean square errors on other rows, by dense matrices of Eigen, for fewer rows than features and
/// for more.
TEST(AdviceTrial, ErrorsAreThoseOfTheEstimates) {
  const AdviceRows rows = rows_of(Made(geometric(10), 60, 0, 0.3, 7));
  const AdviceGrid grid = grid_of(rows, {6, 20}, 0);
  AdviceTrial trial(grid, rows, 1, 3);
  for (const std::int64_t task : trial.order()) trial.work(task);
  const auto found = trial.collected(comm::Communicator::alone());
  ASSERT_EQ(found.size(), 2u);
  const Eigen::Map<const Matrix> all(rows.rows.data(), 60, 10);
  const Vector labels = test::as_vector(rows.labels);

  for (std::uint32_t k = 0; k < 2; ++k) {
    const std::size_t n = grid.rows()[k];
    // The rows of the smallest of independent numbers
    std::vector<double> numbers(60);
    const double one = 1;
    draw_rows({3, k, 0}, RowSource::design, FeatureLaw::normal, 0, 60, {&one, 1}, numbers.data());
    std::vector<double> sorted = numbers;
    std::sort(sorted.begin(), sorted.end());
    std::vector<Eigen::Index> picked;
    std::vector<Eigen::Index> others;
    for (Eigen::Index i = 0; i < 60; ++i) {
      (numbers[static_cast<std::size_t>(i)] < sorted[n] ? picked : others).push_back(i);
    }
    const Matrix x = all(picked, Eigen::all);
    const Matrix held_out = all(others, Eigen::all);
    for (std::size_t p = 0; p < 3; ++p) {
      std::vector<double> eigenvalues(10);
      grid.preconditioners()[p].fill(rows.covariance, grid.signals()[0].prior, eigenvalues);
      const Matrix px = test::as_vector(eigenvalues).asDiagonal() * x.transpose();
      for (const std::size_t f : {0u, 4u, 20u, 30u, 40u}) {
        const Estimator by = grid.estimator(p, 0, f);
        const Vector theta = test::estimate(x, px, by.ridge, by.time) * labels(picked);
        const double expected =
            (labels(others) - held_out * theta).squaredNorm() / static_cast<double>(60 - n);
        EXPECT_NEAR(found[k].errors[p * AdviceGrid::filters() + f] / expected, 1, 1e-9)
            << n << " " << p << " " << f;
      }
    }
  }
}

/// Normal rows are what theory is of: means over choices of rows are its risks.
TEST(AdviceTrial, OfNormalRowsIsWhatTheorySays) {
  const AdviceRows rows = rows_of(Made(geometric(40), 8000, 0, 0.3, 11));
  const AdviceGrid grid = grid_of(rows, {20, 80}, 0);
  const auto theory = predict(comm::Communicator::alone(), grid);
  AdviceTrial trial(grid, rows, 60, 5);
  for (const std::int64_t task : trial.order()) trial.work(task);
  const auto found = trial.collected(comm::Communicator::alone());

  for (std::size_t n = 0; n < 2; ++n) {
    for (std::size_t p = 0; p < 3; ++p) {
      for (std::size_t f = 0; f < AdviceGrid::filters(); f += 6) {
        std::vector<double> risks;
        const std::size_t cell = grid.cell(0, 0, p, f);
        for (std::size_t r = 0; r < 60; ++r) risks.push_back(found[n * 60 + r].cells[cell].risk(1));
        const Measured mean = measured(risks);
        const double said = theory[grid.cell(n, 0, p, f)].risk(1);
        // 5 standard errors (6e-7 each, 48 of them) and 2/n for the limit.
        EXPECT_NEAR(mean.mean, said,
                    5 * mean.standard_error + 2 * said / static_cast<double>(grid.rows()[n]))
            << n << " " << p << " " << f;
      }
    }
  }
}

TEST(Answers, PayWhereTheSignalIsMisalignedAndNotWhereItIsAligned) {
  const AdviceRows rows = rows_of(Made(geometric(40), 8000, 0, 0.3, 12));
  for (const double alignment : {-1.0, 1.0}) {
    const AdviceGrid grid = grid_of(rows, {20, 80}, alignment);
    const auto theory = predict(comm::Communicator::alone(), grid);
    AdviceDraws draws;
    draws.spectra.push_back(redrawn_spectrum(rows.covariance, 8000, 1, 0));
    draws.alignments = {alignment};

    std::vector<Answer> all = answers(grid, theory, draws, 0.02);
    AdviceTrial trial(grid, rows, 20, 5);
    for (const std::int64_t task : trial.order()) trial.work(task);
    compare(all, grid, theory, trial, trial.collected(comm::Communicator::alone()));

    for (const Answer& a : all) {
      if (a.tuning != Tuning::ridge) continue;
      EXPECT_EQ(a.does_pay, alignment < 0) << grid.rows()[a.n] << " " << grid.noise()[a.noise];
      EXPECT_EQ(a.confidence, 1);
      EXPECT_EQ(a.is_confirmed(0.02), std::optional(true)) << a.measured << " " << a.measured_error;
    }
  }
}

/// By two standard errors, on the side that is said: yes, no, no matter, and what is a coin's toss.
TEST(Answers, AreConfirmedOnTheSideTheySay) {
  constexpr double worth = 0.02;
  const auto of = [](double gain, double confidence, double measured, double error) {
    Answer a{};
    a.gain = gain;
    a.does_pay = gain > worth;
    a.confidence = confidence;
    a.measured = measured;
    a.measured_error = error;
    return a;
  };
  struct Case {
    double gain;
    double confidence;
    double measured;
    Verdict verdict;
    std::optional<bool> confirmed;
  };
  const std::vector<Case> cases = {
      {0.1, 1, 0.05, Verdict::yes, true},
      {0.1, 1, 0.03, Verdict::yes, std::nullopt},
      {0.1, 1, -0.001, Verdict::yes, false},
      {-0.1, 1, -0.05, Verdict::no, true},
      {-0.1, 1, -0.03, Verdict::no, std::nullopt},
      {-0.1, 1, 0.005, Verdict::no, false},
      {-0.1, 1, 0.05, Verdict::no, false},
      {0.01, 1, 0, Verdict::no_matter, true},
      {0.01, 1, 0.015, Verdict::no_matter, std::nullopt},
      {0.01, 1, 0.05, Verdict::no_matter, false},
      {0.01, 1, -0.05, Verdict::no_matter, false},
      {0.1, 0.34, 0.05, Verdict::cannot_tell, std::nullopt},
      {0.1, std::nan(""), 0.05, Verdict::yes, true},
      {0.1, 1, std::nan(""), Verdict::yes, std::nullopt},
  };
  for (const Case& c : cases) {
    const Answer a = of(c.gain, c.confidence, c.measured, 0.01 * 0.9);
    EXPECT_EQ(a.verdict(worth), c.verdict) << c.gain;
    EXPECT_EQ(a.is_confirmed(worth), c.confirmed) << c.gain << " " << c.measured;
  }
}

/// Of many rows without noise the least ridge of the grid leaves risks of 1e-7: no ratio of such is
/// an answer.
TEST(Answers, AreTiesWhereBothRisksAreAsGoodAsNone) {
  const AdviceRows rows = rows_of(Made(geometric(10), 400, 0, 0.3, 13));
  std::vector<double> prior(10);
  fill_aligned(rows.covariance, 0, prior);
  const AdviceGrid grid(rows.covariance, {200}, {{"r", prior}},
                        {Preconditioner{}, Preconditioner::parse("ngd")}, {0.0, 1.0});
  const auto theory = predict(comm::Communicator::alone(), grid);
  ASSERT_LT(theory[grid.cell(0, 0, 1, best_filter(theory, Tuning::ridge, 0))].risk(0), least_told);

  for (const Answer& a : answers(grid, theory, {}, 0.02)) {
    EXPECT_EQ(a.is_tie, grid.noise()[a.noise] == 0) << grid.noise()[a.noise];
    if (!a.is_tie) continue;
    EXPECT_EQ(a.gain, 0);
    EXPECT_EQ(a.verdict(0.02), Verdict::no_matter);
  }
}
}  // namespace
