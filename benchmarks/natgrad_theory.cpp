// SPDX-License-Identifier: BSD-3-Clause
/// Points of a grid per second whose asymptotic bias and variance are predicted, on one core. A
/// point is one population (here of another gamma each time) and one estimator; points that differ
/// in their noise alone share it. Medians over rounds.
///
///     natgrad_theory [rounds]     9 rounds by default
#include <fmt/format.h>

#include <cstdlib>
#include <limits>
#include <string>
#include <vector>

#include "natgrad/spectrum.hpp"
#include "natgrad/theory/interpolation.hpp"
#include "natgrad/theory/predictor.hpp"
#include "timing.hpp"

namespace {
using namespace driftwood;
using benchmarks::median;
using benchmarks::seconds_of;

constexpr double infinity = std::numeric_limits<double>::infinity();

struct Case {
  const char* preconditioner;
  double ridge;
  double time;
  bool interpolates;
  int points;  ///< of a round
  std::vector<double> rates{};
};

natgrad::Population at(const std::vector<double>& x, const std::vector<double>& theta, int point) {
  return {x, theta, 1.1 + 0.037 * (point % 100)};
}

/// The sum of risks, so that none is left out.
double run(const Case& of, const std::vector<double>& x, const std::vector<double>& theta,
           natgrad::Predictor& predict) {
  const natgrad::Estimator by = {natgrad::Preconditioner::parse(of.preconditioner), of.ridge,
                                 of.time};
  double sum = 0;
  for (int i = 0; i < of.points; ++i) {
    const auto population = at(x, theta, i);
    sum += of.interpolates ? natgrad::best_interpolation(predict, population, by, 0.5).risk
                           : predict(population, by).risk(0.5);
  }
  return sum;
}

}  // namespace

int main(int argc, char** argv) {
  const int rounds = argc > 1 ? std::atoi(argv[1]) : 9;
  fmt::print("{:>5}  {:20} {:>6} {:>5} {:>12}\n", "d", "preconditioner", "ridge", "time",
             "points / s");
  double checksum = 0;
  for (const std::size_t d : {100, 400, 2000}) {
    std::vector<double> x(d);
    std::vector<double> theta(d);
    natgrad::Spectrum::named("geometric", 100).fill(x);
    natgrad::fill_aligned(x, 0.5, theta);
    natgrad::Predictor predict;
    std::vector<Case> cases = {
        {"gd", 0, infinity, false, 2000},
        {"gd", 0.1, infinity, false, 2000},
        {"ngd", 0, infinity, false, 2000},
        {"add:0.5", 0, infinity, false, 2000},
        {"pow:0.5", 0, infinity, false, 2000},
        {"pow:0.5", 0, infinity, true, 50},
        {"gd", 0, 2, false, 100},
        {"gd", 0.1, 50, false, 100},
    };
    for (int round = -1; round < rounds; ++round) {  // the first one only warms up
      for (Case& c : cases) {
        const double seconds = seconds_of([&] { checksum += run(c, x, theta, predict); });
        if (round >= 0) c.rates.push_back(c.points / seconds);
      }
    }
    for (const Case& c : cases) {
      fmt::print("{:5}  {:20} {:6} {:5} {:12.0f}\n", d,
                 c.interpolates ? "the best pow:a" : c.preconditioner, c.ridge, c.time,
                 median(c.rates));
    }
  }
  fmt::print("sum of risks {:.6g}\n", checksum);
}
