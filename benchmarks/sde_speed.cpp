// SPDX-License-Identifier: BSD-3-Clause
/// Speed of path kernels on one core against the floor of their work, the random bits they need,
/// and against the loop a user would write. All cases run in turn, round after round, so that a
/// change of the machine's speed meets all alike; ratios are taken within a round, and medians
/// printed.
///
///     sde_speed [rounds]        9 rounds by default
#include <fmt/format.h>

#include <cmath>
#include <cstdlib>
#include <functional>
#include <random>
#include <string>
#include <vector>

#include "sde/fields/basket.hpp"
#include "sde/fields/geometric_brownian_motion.hpp"
#include "sde/fields/heston.hpp"
#include "sde/launch/make_propagator.hpp"
#include "sde/schemes/euler_maruyama.hpp"
#include "sde/schemes/exact.hpp"
#include "sde/schemes/milstein.hpp"
#include "sde/schemes/sri.hpp"
#include "timing.hpp"

namespace {
using namespace driftwood;
using benchmarks::median;
using benchmarks::seconds_of;
using namespace driftwood::sde;

constexpr std::int64_t paths = 1 << 15;
constexpr std::int64_t steps = 256;

/// dX_i = -X_i / 2 dt + 3/10 X_i dW_i, three of them: the linear SDE of DiffEqGPU's benchmarks.
struct LinearDiagonal {
  static constexpr Calculus calculus = Calculus::ito;
  static constexpr Noise noise = Noise::diagonal;
  static constexpr int dim = 3;
  static constexpr int noise_dim = 3;

  double rate = -0.5;
  double sigma = 0.3;

  void describe(deck::Schema&) {}
  template <class R>
  KOKKOS_FORCEINLINE_FUNCTION Vec<R, 3> drift(double, const Vec<R, 3>& x) const {
    const R r(static_cast<value_of<R>>(rate));
    return {r * x[0], r * x[1], r * x[2]};
  }
  template <class R>
  KOKKOS_FORCEINLINE_FUNCTION Diagonal<R, 3> diffusion(double, const Vec<R, 3>& x) const {
    const R s(static_cast<value_of<R>>(sigma));
    return {s * x[0], s * x[1], s * x[2]};
  }
};

/// The words of one component for all steps, folded so that none can be left out.
template <class T>
struct BitFloor {
  using R = Lane<T>;
  Kokkos::View<T*, Memory> out;

  KOKKOS_FUNCTION void operator()(std::int64_t item) const {
    std::uint64_t ids[width_of<R>];
    const std::int64_t p = item * width_of<R>;
    for (int l = 0; l < width_of<R>; ++l) ids[l] = static_cast<std::uint64_t>(p + l);
    const auto lanes = random::Ids<R>::from(ids);
    const random::Stream stream(1, random::Purpose::probe, 0);
    word_of<R> folded(0);
    for (std::uint64_t d = 0; d < steps / random::words_per_draw<R>; ++d) {
      for (const auto& word : stream.words<R>(lanes, d).word) folded = folded ^ word;
    }
    store_lanes(&out(p), bits_as<R>(folded));
  }
};

template <class T>
std::function<void()> bits() {
  return [out = Kokkos::View<T*, Memory>("out", paths)] {
    Kokkos::parallel_for("floor", Kokkos::RangePolicy<Exec>(0, paths / width_of<Lane<T>>),
                         BitFloor<T>{out});
    Kokkos::fence();
  };
}

template <class S, class F, class T>
std::function<void()> kernel(const F& field, const std::vector<double>& initial) {
  const PropagatorOptions options{1.0, steps, 1, paths};
  return [propagator = std::make_shared<FieldPropagator<S, F, T>>(field, initial, options)] {
    propagator->start({0, paths});
    propagator->advance({0, steps});
    Kokkos::fence();
  };
}

/// The same for a field of run-time size.
template <class S, class F, class T>
std::function<void()> kernel(const F& field, const Kokkos::View<double*, Memory>& coefficients,
                             const std::vector<double>& initial) {
  const PropagatorOptions options{1.0, steps, 1, paths};
  return [propagator =
              std::make_shared<BlockPropagator<S, F, T>>(field, coefficients, initial, options)] {
    propagator->start({0, paths});
    propagator->advance({0, steps});
    Kokkos::fence();
  };
}

/// Four correlated assets, of fixed and of run-time size.
template <class S>
std::pair<std::function<void()>, std::function<void()>> baskets() {
  GeometricBrownianMotion<double, 4> fixed{};
  std::vector<double> values(8 + 16);
  for (int i = 0; i < 4; ++i) {
    values[i] = fixed.rate[i] = 0.05;
    values[4 + i] = fixed.volatility[i] = 0.2;
    for (int j = 0; j <= i; ++j) {
      values[8 + 4 * i + j] = fixed.factor[i][j] = i == j ? 1.0 : 0.25;
    }
  }
  const auto held = on_device("basket", values);
  const double* first = held.data();
  const std::vector<double> ones(4, 1.0);
  return {kernel<S, GeometricBrownianMotion<double, 4>, double>(fixed, ones),
          kernel<S, Basket<>, double>(Basket<>{4, 4, first + 8, 8, first}, held, ones)};
}

volatile double sink;

/// What one writes without a library. An eighth of the paths, as it is slow.
void standard_library_loop() {
  std::mt19937_64 engine(1);
  std::normal_distribution<double> normal;
  const double h = 1.0 / steps;
  const double root = std::sqrt(h);
  double sum = 0;
  for (std::int64_t p = 0; p < paths / 8; ++p) {
    double x = 1;
    for (std::int64_t n = 0; n < steps; ++n) x += 0.05 * x * h + 0.2 * x * root * normal(engine);
    sum += x;
  }
  sink = sum;
}

struct Case {
  std::string name;
  std::function<void()> run;
  double work = static_cast<double>(paths * steps);  ///< path-steps
  int floor = -1;                                    ///< case that is its floor
  double floors = 1;                                 ///< how many of them it needs
  std::vector<double> ns{};                          ///< per path-step, one per round
  std::vector<double> ratio{};
};

void measure(std::vector<Case>& cases, int rounds) {
  for (int round = -1; round < rounds; ++round) {  // the first one only warms up
    for (Case& c : cases) {
      const double seconds = seconds_of(c.run);
      if (round >= 0) c.ns.push_back(seconds * 1e9 / c.work);
    }
    if (round < 0) continue;
    for (Case& c : cases) {
      const double floor =
          c.floor < 0 ? c.ns.back() : cases[static_cast<std::size_t>(c.floor)].ns.back();
      c.ratio.push_back(c.ns.back() / (c.floors * floor));
    }
  }
}

}  // namespace

int main(int argc, char** argv) {
  const Kokkos::ScopeGuard kokkos;
  const int rounds = argc > 1 ? std::atoi(argv[1]) : 9;
  const GeometricBrownianMotion<> gbm{{0.05}, {0.2}, {{1.0}}};
  std::vector<Case> cases;
  const auto add = [&](std::string name, std::function<void()> run, int floor, double floors) {
    cases.push_back(
        {.name = std::move(name), .run = std::move(run), .floor = floor, .floors = floors});
  };
  add("random bits, 64 per path-step (floor)", bits<double>(), -1, 1);
  add("random bits, 32 per path-step (floor)", bits<float>(), -1, 1);
  add("GBM, Euler-Maruyama, double",
      kernel<EulerMaruyama, GeometricBrownianMotion<>, double>(gbm, {1.0}), 0, 1);
  add("GBM, Euler-Maruyama, single",
      kernel<EulerMaruyama, GeometricBrownianMotion<>, float>(gbm, {1.0}), 1, 1);
  add("GBM, exact, double", kernel<Exact, GeometricBrownianMotion<>, double>(gbm, {1.0}), 0, 1);
  add("Heston, Euler-Maruyama, double",
      kernel<EulerMaruyama, Heston<>, double>({}, {100.0, 0.0175}), 0, 2);
  add("Heston, Euler-Maruyama, single", kernel<EulerMaruyama, Heston<>, float>({}, {100.0, 0.0175}),
      1, 2);
  add("linear 3-d diagonal, double",
      kernel<EulerMaruyama, LinearDiagonal, double>({}, {1.0, 1.0, 1.0}), 0, 3);
  add("linear 3-d diagonal, single",
      kernel<EulerMaruyama, LinearDiagonal, float>({}, {1.0, 1.0, 1.0}), 1, 3);
  const std::size_t first_scheme = cases.size();
  add("GBM, Milstein, double", kernel<Milstein, GeometricBrownianMotion<>, double>(gbm, {1.0}), 0,
      1);
  add("GBM, SRIW1, double", kernel<Sriw1, GeometricBrownianMotion<>, double>(gbm, {1.0}), 0, 2);
  const std::size_t first_basket = cases.size();
  const auto euler = baskets<EulerMaruyama>();
  const auto milstein = baskets<Milstein>();
  add("4 assets of fixed size, Euler-Maruyama", euler.first, 0, 4);
  add("4 assets of run-time size, Euler-Maruyama", euler.second, 0, 4);
  add("4 assets of fixed size, Milstein", milstein.first, 0, 4);
  add("4 assets of run-time size, Milstein", milstein.second, 0, 4);
  add("GBM, std::mt19937_64 and std::normal_distribution", standard_library_loop, 0, 1);
  cases.back().work /= 8;

  measure(cases, rounds);

  fmt::print("{} on one thread each; lanes: {} double, {} single; medians of {} rounds\n\n",
             Exec::name(), width_of<Lane<double>>, width_of<Lane<float>>, rounds);
  fmt::print("{:<52} {:>9} {:>14} {:>8}\n", "case", "ns", "path-steps/s", "x floor");
  for (const Case& c : cases) {
    fmt::print("{:<52} {:>9.3f} {:>14.3g} {:>8.2f}\n", c.name, median(c.ns), 1e9 / median(c.ns),
               median(c.ratio));
  }
  const auto times = [&](std::size_t slow, std::size_t fast) {
    std::vector<double> ratio;
    for (std::size_t r = 0; r < cases[slow].ns.size(); ++r) {
      ratio.push_back(cases[slow].ns[r] / cases[fast].ns[r]);
    }
    return median(ratio);
  };
  constexpr std::size_t gbm_double = 2;
  fmt::print("\nGBM in double is {:.1f} times as fast as the standard library's loop\n",
             times(cases.size() - 1, gbm_double));
  fmt::print("on GBM a step of Milstein costs {:.2f}, one of SRIW1 {:.2f} of Euler-Maruyama's\n",
             times(first_scheme, gbm_double), times(first_scheme + 1, gbm_double));
  fmt::print("run-time size costs {:.2f} of fixed size by Euler-Maruyama, {:.2f} by Milstein\n",
             times(first_basket + 1, first_basket), times(first_basket + 3, first_basket + 2));
}
