// SPDX-License-Identifier: BSD-3-Clause
/// Networks on one core against the products and sums that it can do: two networks (drift and
/// diffusion) are evaluated, evaluated again keeping what their vector-Jacobian products need, and
/// pulled back, as a step of reversible Heun does there and back. All cases run in turn, round
/// after round, and so does a loop of independent fused products in registers, the peak; of each
/// the fastest round counts, as others that use the machine only make rounds slower.
///
///     neural_speed [rounds]          9 rounds by default
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/on_device.hpp"
#include "neural/initial.hpp"
#include "neural/network.hpp"
#include "peak.hpp"
#include "timing.hpp"

namespace {
using namespace driftwood;
using benchmarks::Peak;
using benchmarks::processor_seconds_of;
using neural::Activation;
using neural::group_paths;
using neural::Shape;
using Policy = Kokkos::TeamPolicy<Exec>;

/// Two networks of one shape with all that they need.
template <class T>
struct Pair {
  using Values = Kokkos::View<T*, Memory>;
  Shape shape;
  Values parameters[2];
  Kokkos::View<double*, Memory> gradient[2];
  Values out[2], out_bar[2], kept[2];
  Values in, in_bar, scratch;

  explicit Pair(const Shape& s) : shape(s) {
    const auto room = [](int rows) {
      return Values("values", static_cast<std::size_t>(rows) * group_paths);
    };
    for (int n = 0; n < 2; ++n) {
      const auto values = initial_parameters(shape, neural::Initial::fan_in, 1, n);
      parameters[n] = on_device("parameters", std::vector<T>(values.begin(), values.end()));
      gradient[n] = Kokkos::View<double*, Memory>("gradient", values.size());
      out[n] = room(shape.outputs);
      out_bar[n] = room(shape.outputs);
      kept[n] = room(neural::kept_values<T>(shape));
      Kokkos::deep_copy(out_bar[n], T(0.01));
    }
    in = room(shape.inputs);
    in_bar = room(shape.inputs);
    scratch = room(neural::scratch_values<T>(shape));
    Kokkos::deep_copy(in, T(0.3));
  }

  template <class F>
  void launch(int repeats, const F& f) const {
    Kokkos::parallel_for("networks", Policy(1, 1), [=](const Policy::member_type& team) {
      for (int i = 0; i < repeats; ++i) {
        for (int n = 0; n < 2; ++n) f(team, n);
      }
    });
  }
  void evaluate(int repeats, bool keeps) const {
    launch(repeats, [this, keeps](const auto& team, int n) {
      neural::evaluate(team, neural::Network<T>{shape, parameters[n].data()}, T(0.5), in.data(),
                       out[n].data(), keeps ? kept[n].data() : nullptr, scratch.data());
    });
  }
  void pull_back(int repeats) const {
    launch(repeats, [this](const auto& team, int n) {
      neural::pull_back(team, neural::Network<T>{shape, parameters[n].data()}, T(0.5),
                        static_cast<const T*>(in.data()), static_cast<const T*>(kept[n].data()),
                        static_cast<const T*>(out_bar[n].data()), in_bar.data(), gradient[n].data(),
                        scratch.data());
    });
  }
  /// Products and sums of one evaluation of both networks for a path.
  [[nodiscard]] double operations() const {
    double out_count = 0;
    for (int l = 0; l < neural::layers(shape); ++l) {
      out_count += 4.0 * neural::layer_outputs(shape, l) * neural::layer_inputs(shape, l);
    }
    return out_count;
  }
};

/// The parts of a step, in the order in which they run.
enum Part { forwards, keeping, backwards, parts };

struct Case {
  std::string name;
  double operations;  ///< of one evaluation, per path
  int peak;           ///< which peak it is compared with
  std::array<std::function<void(int)>, parts> run;
  int repeats;
  std::array<double, parts> ns{1e9, 1e9, 1e9};  ///< per path
  double step_ns = 1e9;
};

template <class T>
void add(std::vector<Case>& cases, const std::string& name, const Shape& shape) {
  const auto pair = std::make_shared<Pair<T>>(shape);
  const double operations = pair->operations();
  cases.push_back(
      {fmt::format("{}, {}", name, sizeof(T) == 4 ? "single" : "double"),
       operations,
       sizeof(T) == 4 ? 0 : 1,
       {[pair](int n) { pair->evaluate(n, false); }, [pair](int n) { pair->evaluate(n, true); },
        [pair](int n) { pair->pull_back(n); }},
       1 + static_cast<int>(2e7 / (operations * group_paths))});
}

template <class T>
double measured_peak(const Peak<T>& peak) {
  constexpr int repeats = 100;
  const double seconds = processor_seconds_of(
      [&] { Kokkos::parallel_for("peak", Kokkos::RangePolicy<Exec>(0, repeats), peak); });
  return repeats * Peak<T>::operations / seconds * 1e-9;
}

void measure(Case& c) {
  double step = 0;
  for (std::size_t part = 0; part < parts; ++part) {
    const double seconds = processor_seconds_of([&] { c.run[part](c.repeats); });
    const double ns = seconds * 1e9 / (static_cast<double>(c.repeats) * group_paths);
    step += ns;
    c.ns[part] = std::min(c.ns[part], ns);
  }
  c.step_ns = std::min(c.step_ns, step);
}

}  // namespace

int main(int argc, char** argv) {
  const Kokkos::ScopeGuard kokkos;
  const int rounds = argc > 1 ? std::atoi(argv[1]) : 400;
  std::vector<Case> cases;
  const auto field = [](int d, int h) {
    return Shape{d, d, 1, h, Activation::swish, Activation::sigmoid, false};
  };
  add<float>(cases, "32 -> 64 -> 32", field(32, 64));
  add<float>(cases, "16 -> 64 -> 16", field(16, 64));
  add<float>(cases, "8 -> 16 -> 8", field(8, 16));
  const Shape table{32, 512, 1, 8, Activation::lipswish, Activation::sigmoid, true};
  add<float>(cases, "32, time -> 8 -> 512", table);
  add<double>(cases, "32 -> 64 -> 32", field(32, 64));
  add<double>(cases, "16 -> 64 -> 16", field(16, 64));
  add<double>(cases, "8 -> 16 -> 8", field(8, 16));
  add<double>(cases, "32, time -> 8 -> 512", table);

  std::array<double, 2> peaks{};
  const Peak<float> single_peak;
  const Peak<double> double_peak;
  for (int round = 0; round < rounds; ++round) {
    peaks = {std::max(peaks[0], measured_peak(single_peak)),
             std::max(peaks[1], measured_peak(double_peak))};
    for (Case& c : cases) measure(c);
  }

  fmt::print(
      "{}; groups of {} paths; lanes of {} single, {} double; peak {:.1f} and {:.1f} GFlop/s;"
      " fastest of {} rounds\n\n",
      Exec::name(), group_paths, width_of<NarrowLane<float>>, width_of<NarrowLane<double>>,
      peaks[0], peaks[1], rounds);
  fmt::print("ns per path and share of the peak, two networks\n{:<30}{:>15}{:>15}{:>15}{:>15}\n",
             "case", "evaluate", "and keep", "pull back", "all three");
  for (const Case& c : cases) {
    const auto print = [&](double ns, int evaluations) {
      fmt::print("{:>9.1f} {:>4.0f}%", ns,
                 100 * evaluations * c.operations / ns / peaks[static_cast<std::size_t>(c.peak)]);
    };
    fmt::print("{:<30}", c.name);
    print(c.ns[forwards], 1);
    print(c.ns[keeping], 1);
    print(c.ns[backwards], 2);
    print(c.step_ns, 4);
    fmt::print("\n");
  }
}
