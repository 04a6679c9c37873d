// SPDX-License-Identifier: BSD-3-Clause
/// Speed of formulas on a tape against compiled fields, on one core: steps of Euler and Maruyama
/// for geometric Brownian motion and Heston's model, with drawn noise and with noise that costs
/// nothing. All cases run in turn, round after round; ratios are taken within a round, and medians
/// printed.
///
///     formula_speed [rounds]        9 rounds by default
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <string>
#include <utility>
#include <vector>

#include "formula/program.hpp"
#include "random/normal.hpp"
#include "sde/fields/geometric_brownian_motion.hpp"
#include "sde/fields/heston.hpp"

namespace {
using namespace driftwood;

constexpr int paths = 1 << 13;
constexpr int steps = 256;
constexpr double dt = 1.0 / steps;

/// Increments of a Brownian motion for the paths of a lane: drawn, or the same few numbers.
template <class R, bool drawn>
struct Noise {
  random::Stream stream;
  random::Ids<R> ids;
  random::Normals<R> pair;
  int at = 0;

  Noise(int first, std::uint32_t component) : stream(1, random::Purpose::probe, component) {
    std::uint64_t numbers[width_of<R>];
    for (int l = 0; l < width_of<R>; ++l) numbers[l] = static_cast<std::uint64_t>(first + l);
    ids = random::Ids<R>::from(numbers);
    pair = random::called_normals(stream, ids, 0, dt);
  }
  const R& operator()(int step) {
    if (drawn && step / 2 != at) {
      at = step / 2;
      pair = random::called_normals(stream, ids, static_cast<std::uint64_t>(step / 2), dt);
    }
    return pair.z[step % 2];
  }
};

struct Gbm {
  static constexpr int dim = 1;
  static constexpr double start[] = {1.0};
  static std::vector<std::string> drift() { return {"mu*x"}; }
  static std::vector<std::string> diffusion() { return {"sigma*x"}; }  // rows of the triangle
  static std::vector<std::string> states() { return {"x"}; }
  static std::vector<std::pair<std::string, double>> parameters() {
    return {{"mu", 0.05}, {"sigma", 0.2}};
  }
  template <class R>
  static auto field() {
    return sde::GeometricBrownianMotion<R>{{R(0.05)}, {R(0.2)}, {{R(1)}}};
  }
};

struct HestonModel {
  static constexpr int dim = 2;
  static constexpr double start[] = {100.0, 0.0175};
  static std::vector<std::string> drift() { return {"rate*s", "kappa*(theta - max(v, 0))"}; }
  static std::vector<std::string> diffusion() {
    return {"s*sqrt(max(v, 0))", "sigma*rho*sqrt(max(v, 0))",
            "sigma*sqrt(1 - rho^2)*sqrt(max(v, 0))"};
  }
  static std::vector<std::string> states() { return {"s", "v"}; }
  static std::vector<std::pair<std::string, double>> parameters() {
    return {
        {"rate", 0.0}, {"kappa", 1.5768}, {"theta", 0.0398}, {"sigma", 0.5751}, {"rho", -0.5711}};
  }
  template <class R>
  static auto field() {
    return sde::Heston<R>{};
  }
};

/// The sum of a lane, so that no work can be left out.
template <class R>
double total(const R& lane) {
  double numbers[width_of<R>];
  store_lanes(numbers, lane);
  double sum = 0;
  for (const double number : numbers) sum += number;
  return sum;
}

template <class R, class M>
Vec<R, M::dim> start() {
  Vec<R, M::dim> x;
  for (int i = 0; i < M::dim; ++i) x[i] = R(M::start[i]);
  return x;
}
template <class R, bool drawn, int dim>
std::vector<Noise<R, drawn>> noises(int first) {
  std::vector<Noise<R, drawn>> out;
  for (int i = 0; i < dim; ++i) out.emplace_back(first, static_cast<std::uint32_t>(i));
  return out;
}

template <class R, bool drawn, class M>
double compiled() {
  const auto field = M::template field<R>();
  R sum(0);
  for (int p = 0; p < paths; p += width_of<R>) {
    auto noise = noises<R, drawn, M::dim>(p);
    Vec<R, M::dim> x = start<R, M>();
    for (int n = 0; n < steps; ++n) {
      Vec<R, M::dim> dw;
      for (int i = 0; i < M::dim; ++i) dw[i] = noise[static_cast<std::size_t>(i)](n);
      x = fma(field.diffusion(0, x), dw, fma(field.drift(0, x), R(dt), x));
    }
    sum = sum + x[0];
  }
  return total(sum);
}

template <class R, bool drawn, class M>
double interpreted(const formula::Tape& tape) {
  std::vector<R> registers(static_cast<std::size_t>(tape.registers));
  std::vector<R> path(static_cast<std::size_t>(tape.path_values));
  R sum(0);
  for (int p = 0; p < paths; p += width_of<R>) {
    auto noise = noises<R, drawn, M::dim>(p);
    std::size_t parameter = 0;
    for (const auto& [name, value] : M::parameters()) path[parameter++] = R(value);
    formula::begin_path(tape, path.data());
    Vec<R, M::dim> x = start<R, M>();
    const formula::Banks<R> banks{registers.data(), x.data, path.data()};
    for (int n = 0; n < steps; ++n) {
      formula::evaluate(tape, n * dt, banks);
      // All from the old state: outputs may be states themselves.
      Vec<R, M::dim> next;
      int entry = M::dim;
      for (int i = 0; i < M::dim; ++i) {
        next[i] = fma(formula::output(tape, banks, i), R(dt), x[i]);
        for (int j = 0; j <= i; ++j) {
          const R& dw = noise[static_cast<std::size_t>(j)](n);
          next[i] = fma(formula::output(tape, banks, entry++), dw, next[i]);
        }
      }
      x = next;
    }
    sum = sum + x[0];
  }
  return total(sum);
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

template <bool drawn, class M>
void compare(const char* title, int rounds) {
  formula::Scope scope;
  for (const std::string& name : M::states()) scope.add_varying(name);
  for (const auto& [name, value] : M::parameters()) scope.add_fixed(name);
  formula::Graph graph(scope);
  std::vector<int> all;
  for (const std::string& text : M::drift()) all.push_back(graph.add(formula::parse(text, scope)));
  for (const std::string& text : M::diffusion()) {
    all.push_back(graph.add(formula::parse(text, scope)));
  }
  const formula::Program program(graph, all);
  const formula::Tape tape = program.tape();

  using Wide = WideLane<double>;
  std::vector<double> field;
  std::vector<double> formula;
  std::vector<double> ratio;
  for (int i = 0; i < rounds; ++i) {
    field.push_back(timed([] { return compiled<Lane<double>, drawn, M>(); }));
    formula.push_back(timed([&] { return interpreted<Wide, drawn, M>(tape); }));
    ratio.push_back(formula.back() / field.back());
  }
  fmt::print("{:<20} {:>10.3f} {:>10.3f} {:>8.2f} {:>14}\n", title, median(field), median(formula),
             median(ratio), tape.size - tape.prologue);
}
}  // namespace

int main(int argc, char** argv) {
  const int rounds = argc > 1 ? std::atoi(argv[1]) : 9;
  fmt::print("ns per path and step; tape on packs of {}, medians of {} rounds\n\n",
             width_of<WideLane<double>>, rounds);
  fmt::print("{:<20} {:>10} {:>10} {:>8} {:>14}\n", "", "field", "tape", "ratio", "instructions");
  compare<true, Gbm>("GBM", rounds);
  compare<true, HestonModel>("Heston", rounds);
  compare<false, Gbm>("GBM, free noise", rounds);
  compare<false, HestonModel>("Heston, free noise", rounds);
}
