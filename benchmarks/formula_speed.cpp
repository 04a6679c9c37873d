// SPDX-License-Identifier: BSD-3-Clause
/// Speed of a formula's tape against the compiled field, on one core: steps of Euler and Maruyama
/// for geometric Brownian motion, with the noise of the ensemble and with noise that costs nothing.
/// All cases run in turn, round after round; ratios are taken within a round, and medians printed.
///
///     formula_speed [rounds]        9 rounds by default
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <string>
#include <vector>

#include "formula/program.hpp"
#include "random/normal.hpp"
#include "sde/fields/geometric_brownian_motion.hpp"

namespace {
using namespace driftwood;

constexpr int paths = 1 << 13;
constexpr int steps = 256;
constexpr double dt = 1.0 / steps;

/// Increments of a Brownian motion for the paths of a lane: drawn, or the same few numbers.
template <class R, bool drawn>
struct Noise {
  random::Ids<R> ids;
  random::Normals<R> pair;

  explicit Noise(int first) {
    std::uint64_t numbers[width_of<R>];
    for (int l = 0; l < width_of<R>; ++l) numbers[l] = static_cast<std::uint64_t>(first + l);
    ids = random::Ids<R>::from(numbers);
    pair = random::called_normals(random::Stream(1, random::Purpose::probe, 0), ids, 0, dt);
  }
  const R& operator()(int step) {
    if (drawn && step % 2 == 0) {
      const random::Stream stream(1, random::Purpose::probe, 0);
      pair = random::called_normals(stream, ids, static_cast<std::uint64_t>(step / 2), dt);
    }
    return pair.z[step % 2];
  }
};

/// The sum of the states at the end, so that nothing can be left out.
template <class R, bool drawn>
double compiled() {
  const sde::GeometricBrownianMotion<R> field{{R(0.05)}, {R(0.2)}, {{R(1)}}};
  R sum(0);
  for (int p = 0; p < paths; p += width_of<R>) {
    Noise<R, drawn> noise(p);
    Vec<R, 1> x{R(1)};
    for (int n = 0; n < steps; ++n) {
      const R& dw = noise(n);
      const Vec<R, 1> drift = field.drift(0, x);
      x[0] = fma(field.diffusion(0, x)(0, 0), dw, fma(drift[0], R(dt), x[0]));
    }
    sum = sum + x[0];
  }
  double lanes[width_of<R>];
  store_lanes(lanes, sum);
  double total = 0;
  for (const double lane : lanes) total += lane;
  return total;
}

template <class R, bool drawn>
double interpreted(const formula::Tape& tape) {
  std::vector<R> registers(static_cast<std::size_t>(tape.registers));
  std::vector<R> path(static_cast<std::size_t>(tape.path_values));
  R sum(0);
  for (int p = 0; p < paths; p += width_of<R>) {
    Noise<R, drawn> noise(p);
    path[0] = R(0.05);
    path[1] = R(0.2);
    formula::begin_path(tape, path.data());
    R x(1);
    const formula::Banks<R> banks{registers.data(), &x, path.data()};
    for (int n = 0; n < steps; ++n) {
      const R& dw = noise(n);
      formula::evaluate(tape, n * dt, banks);
      x = fma(formula::output(tape, banks, 1), dw, fma(formula::output(tape, banks, 0), R(dt), x));
    }
    sum = sum + x;
  }
  double lanes[width_of<R>];
  store_lanes(lanes, sum);
  double total = 0;
  for (const double lane : lanes) total += lane;
  return total;
}

volatile double sink;

/// [ns per path and step]
template <class F>
double timed(const F& run) {
  const auto start = std::chrono::steady_clock::now();
  sink = run();
  const std::chrono::duration<double, std::nano> passed = std::chrono::steady_clock::now() - start;
  return passed.count() / (static_cast<double>(paths) * steps);
}

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

template <bool drawn>
void compare(const char* title, const formula::Tape& tape, int rounds) {
  using Wide = WideLane<double>;
  std::vector<double> field;
  std::vector<double> wide_field;
  std::vector<double> formula;
  std::vector<double> ratio;
  for (int i = 0; i < rounds; ++i) {
    field.push_back(timed([] { return compiled<Lane<double>, drawn>(); }));
    wide_field.push_back(timed([] { return compiled<Wide, drawn>(); }));
    formula.push_back(timed([&] { return interpreted<Wide, drawn>(tape); }));
    ratio.push_back(formula.back() / field.back());
  }
  fmt::print("{:<16} {:>10.3f} {:>14.3f} {:>10.3f} {:>8.2f}\n", title, median(field),
             median(wide_field), median(formula), median(ratio));
}
}  // namespace

int main(int argc, char** argv) {
  const int rounds = argc > 1 ? std::atoi(argv[1]) : 9;
  formula::Scope scope;
  scope.add_varying("x");
  scope.add_fixed("mu");
  scope.add_fixed("sigma");
  formula::Graph graph(scope);
  graph.add(formula::parse("mu*x", scope));
  graph.add(formula::parse("sigma*x", scope));
  const formula::Program program(graph, {0, 1});

  fmt::print("ns per path and step; tape on packs of {}, medians of {} rounds\n\n",
             width_of<WideLane<double>>, rounds);
  fmt::print("{:<16} {:>10} {:>14} {:>10} {:>8}\n", "noise", "field", "field, wide", "tape",
             "ratio");
  compare<true>("drawn", program.tape(), rounds);
  compare<false>("free", program.tape(), rounds);
}
