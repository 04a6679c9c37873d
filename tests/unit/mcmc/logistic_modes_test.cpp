// SPDX-License-Identifier: BSD-3-Clause
// Claims: on five public data sets, logistic regression has the mode, the potential there and the
// curvature that an independent computation found. The files are looked for in the folder that
// DRIFTWOOD_DATA names, and where Debian's packages put them.
#include <gtest/gtest.h>

#include <Eigen/Dense>
#include <cstdlib>
#include <filesystem>

#include "mcmc/host_evaluation.hpp"
#include "support/kokkos_environment.hpp"
#include "unit/mcmc/target_decks.hpp"

namespace {
using namespace driftwood;

struct Reference {
  std::string file;
  std::string keys;
  int dim;
  double potential;
  double flattest;  ///< eigenvalue of the second derivatives
  double steepest;
  std::vector<double> mode;  ///< its first entries
};

std::ostream& operator<<(std::ostream& out, const Reference& one) { return out << one.file; }

const Reference references[] = {
    {"heart_scale", "", 14, 91.59342119, 9.911, 54.32, {-.244771, -.126501, .665895, .635152}},
    {"Pima.tr.csv",
     "positive = 'Yes'\ndrop = ['rownames']",
     8,
     90.53680002,
     9.977,
     64.46,
     {-.904807, .331951, .961816, -.037484, .002191, .468525, .524898, .432462}},
    {"breast_cancer.csv", "skip = 1", 31, 37.77822573, 1.001, 85.45, {}},
    {"german.data-numeric", "positive = '2'", 25, 469.14046809, 26.45, 387.1, {}},
    {"Pima.tr.csv",
     "positive = 'Yes'\ndrop = ['rownames']\nstandardise = false\nprior_sd = [10, 1]",
     8,
     90.79534358,
     .353,
     7.80e5,
     {-9.191316, .09705401, .03112265, -.005644952, -.0006227247, .0814371, 1.260326, .03939102}},
};

/// Where a data file is; empty: nowhere.
std::string found(const std::string& name) {
  std::vector<std::filesystem::path> folders{
      "/usr/share/doc/liblinear-tools/examples",
      "/usr/lib/python3/dist-packages/sklearn/datasets/data"};
  if (const char* given = std::getenv("DRIFTWOOD_DATA")) folders.insert(folders.begin(), given);
  if (const char* source = std::getenv("DRIFTWOOD_SOURCE")) {
    folders.push_back(std::filesystem::path(source) / "../shared/data/tabular");
  }
  for (const auto& folder : folders) {
    if (std::filesystem::exists(folder / name)) return (folder / name).string();
  }
  return "";
}

Eigen::MatrixXd second_derivatives(const mcmc::Density& density, const Eigen::VectorXd& x) {
  const Eigen::Index dim = x.size();
  std::vector<double> points;
  std::vector<double> widths;
  for (Eigen::Index i = 0; i < dim; ++i) {
    widths.push_back(1e-4 * std::max(1e-2, std::abs(x[i])));
    for (const double sign : {1.0, -1.0}) {
      Eigen::VectorXd at = x;
      at[i] += sign * widths.back();
      points.insert(points.end(), at.begin(), at.end());
    }
  }
  const auto there = mcmc::evaluate_at(density, points);
  const Eigen::Map<const Eigen::MatrixXd> gradients(there.gradients.data(), dim, 2 * dim);
  Eigen::MatrixXd out(dim, dim);
  for (Eigen::Index i = 0; i < dim; ++i) {
    out.col(i) = (gradients.col(2 * i) - gradients.col(2 * i + 1)) /
                 (2 * widths[static_cast<std::size_t>(i)]);
  }
  return (out + out.transpose()) / 2;
}

class Modes : public ::testing::TestWithParam<Reference> {};

TEST_P(Modes, AreWhereAnIndependentComputationFoundThem) {
  const Reference& reference = GetParam();
  const std::string file = found(reference.file);
  if (file.empty()) GTEST_SKIP() << reference.file << " is not here";
  const auto density =
      test::target_of("name = 'logistic'\ndata = '" + file + "'\n" + reference.keys)->density();
  ASSERT_EQ(density->dim(), reference.dim);
  Eigen::VectorXd x = Eigen::VectorXd::Zero(reference.dim);
  Eigen::MatrixXd curvature;
  double potential = 0;
  for (int round = 0; round < 30; ++round) {
    const auto now =
        mcmc::evaluate_at(*density, std::span<const double>(x.data(), x.data() + x.size()));
    potential = now.potentials[0];
    curvature = second_derivatives(*density, x);
    const Eigen::Map<const Eigen::VectorXd> gradient(now.gradients.data(), x.size());
    x -= curvature.ldlt().solve(gradient);
  }
  EXPECT_NEAR(potential, reference.potential, 1e-8);
  const Eigen::VectorXd values =
      Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd>(curvature).eigenvalues();
  EXPECT_NEAR(values[0], reference.flattest, 2e-3 * reference.flattest);
  EXPECT_NEAR(values[x.size() - 1], reference.steepest, 1e-3 * reference.steepest);
  for (std::size_t i = 0; i < reference.mode.size(); ++i) {
    EXPECT_NEAR(x[static_cast<Eigen::Index>(i)], reference.mode[i],
                5e-7 * std::max(1.0, std::abs(reference.mode[i])));
  }
}

INSTANTIATE_TEST_SUITE_P(Public, Modes, ::testing::ValuesIn(references),
                         [](const auto& one) { return "Set" + std::to_string(one.index); });

}  // namespace
