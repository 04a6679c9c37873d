// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <gtest/gtest.h>

#include <cmath>
#include <random>
#include <string>
#include <vector>

#include "deck/schema.hpp"
#include "mcmc/density.hpp"
#include "mcmc/options.hpp"
#include "support/data_files.hpp"

namespace driftwood::test {

/// The target that the keys of a table `[target]` describe, in a deck "d.toml" beside the data.
inline std::shared_ptr<mcmc::Target> target_of(const std::string& keys) {
  struct Deck {
    mcmc::TargetOptions target;
    void describe(deck::Schema& s) { s.table("target", target, "the target"); }
  } deck;
  const std::string file = (data_folder() / "d.toml").string();
  const deck::Source source = deck::load(deck, {file, "[target]\n" + keys + "\n"});
  deck.target.target->validate(source, "target");
  return deck.target.target;
}

/// What is wrong with such a table; empty where nothing is. Without the folder.
inline std::string error_of_target(const std::string& keys) {
  try {
    static_cast<void>(target_of(keys));
    return "";
  } catch (const UsageError& error) {
    std::string text = error.what();
    const std::string folder = data_folder().string() + "/";
    for (std::size_t at = text.find(folder); at != std::string::npos; at = text.find(folder)) {
      text.erase(at, folder.size());
    }
    return text;
  }
}

/// Rows of two normal columns and of what `answer` says of their sum and a uniform number.
template <class Answer>
std::string made_data(int rows, std::uint64_t seed, const Answer& answer) {
  std::mt19937_64 engine(seed);
  std::normal_distribution<double> normal;
  std::uniform_real_distribution<double> uniform;
  std::string text = "a,b,y\n";
  for (int r = 0; r < rows; ++r) {
    const double a = normal(engine);
    const double b = normal(engine);
    text +=
        std::to_string(a) + "," + std::to_string(b) + "," + answer(a + b, uniform(engine)) + "\n";
  }
  return text;
}

/// Data that the decks below name.
inline void write_made_data() {
  write_data("binary.csv", made_data(50, 1, [](double s, double u) {
               return std::string(u * (1 + std::exp(-s)) < 1 ? "yes" : "no");
             }));
  write_data("counts.csv", made_data(40, 2, [](double s, double u) {
               return std::to_string(static_cast<int>(-std::log(u) * std::exp(0.5 * s)));
             }));
  write_data("classes.csv", made_data(60, 3, [](double s, double u) {
               return std::string(s + u < 0 ? "low" : s + 2 * u < 1 ? "middle" : "top");
             }));
  write_data("numbers.csv",
             made_data(45, 4, [](double s, double u) { return std::to_string(s + 2 * u); }));
}

struct TargetDeck {
  std::string name;
  std::string keys;

  friend std::ostream& operator<<(std::ostream& out, const TargetDeck& one) {
    return out << one.name;
  }
};

/// A deck or more of every target.
inline std::vector<TargetDeck> target_decks() {
  return {
      {"gaussian", "name = 'gaussian'\nsd = [1.0, 0.1, 3.0]"},
      {"dense_gaussian", "name = 'gaussian'\ncovariance = [[2.0, 0.5], [0.5, 1.0]]"},
      {"mixture",
       "name = 'mixture'\nmeans = [[-2.0, 0.0], [2.0, 1.0], [0.0, 5.0]]\n"
       "weights = [1.0, 2.0, 0.5]\nsd = [0.5, 1.0, 2.0]"},
      {"one_dimensional_mixture",
       "name = 'mixture'\nmeans = [[-1.0], [2.0]]\nweights = [3, 1]\n"
       "sd = [0.4, 0.8]"},
      {"rosenbrock", "name = 'rosenbrock'"},
      {"rosenbrock_of_five", "name = 'rosenbrock'\ndimension = 5\nvalley = 2.0\ntemperature = 2.0"},
      {"funnel", "name = 'funnel'\ndimension = 4"},
      {"funnel_not_centred", "name = 'funnel'\ndimension = 4\ncentred = false"},
      {"student_t", "name = 'student_t'\ndegrees_of_freedom = 4.0"},
      {"student_t_of_three", "name = 'student_t'\ndegrees_of_freedom = 4.0\ndimension = 3"},
      {"double_well", "name = 'double_well'\ndimension = 2\nbarrier = 1.0"},
      {"ito_diffusion", "name = 'ito_diffusion'\ndimension = 3\nbeta = 0.5\ngamma = 1.5"},
      {"chain_phi4", "name = 'phi4'\nsizes = [8]\nmass_squared = -1.0\nlambda = 0.5"},
      {"plane_phi4", "name = 'phi4'\nsizes = [3, 4]\nmass_squared = 1.0\nlambda = 0.3"},
      {"space_phi4", "name = 'phi4'\nsizes = [2, 3, 2]\nmass_squared = 0.5\nlambda = 0.1"},
      {"logistic", "name = 'logistic'\ndata = 'binary.csv'\npositive = 'yes'"},
      {"logistic_with_design_prior",
       "name = 'logistic'\ndata = 'binary.csv'\npositive = 'yes'\n"
       "design_prior = 0.6\nintercept = false"},
      {"linear", "name = 'linear'\ndata = 'numbers.csv'\nnoise_sd = 0.6"},
      {"linear_with_design_prior",
       "name = 'linear'\ndata = 'numbers.csv'\nnoise_sd = 2.0\ndesign_prior = 0.6"},
      {"probit", "name = 'probit'\ndata = 'binary.csv'\npositive = 'no'\nprior_sd = [10, 1]"},
      {"poisson", "name = 'poisson'\ndata = 'counts.csv'\nstandardise = false\nscale = 0.5"},
      {"softmax", "name = 'softmax'\ndata = 'classes.csv'\nprior_sd = [5, 1, 2]"},
  };
}

}  // namespace driftwood::test
