// SPDX-License-Identifier: BSD-3-Clause
// Claims: derivatives by dual numbers and by the reverse sweep agree to 1e-12 with the complex step
// in long double, on 10^5 random formulas; in single precision to 1e-4.
//
// Formulas are drawn at random and so are the points. A pair is kept where the derivative exists
// and double precision can have it: a running bound of the rounding errors, to first order, of the
// value and of the sum of the magnitudes of all paths that make up the derivative, which is what
// both directions add up, stays below the tolerance, and kinks are further than 1e-3 away. Squire
// and Trapp (1998), "Using complex variables to estimate derivatives of real functions"; Higham
// (2002), section 3.3, for the bound.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <complex>
#include <iostream>
#include <limits>
#include <numeric>

#include "support/formulas.hpp"

namespace {
using namespace driftwood;
using namespace driftwood::formula;
using driftwood::formula::testing::Compiled;
using driftwood::formula::testing::random_formula;

using Real = long double;
using Complex = std::complex<Real>;
constexpr std::uint64_t seed = 20240608;
constexpr Real h = 1e-200L;
constexpr double t = 0.75;

/// Value and derivative of a node, and bounds of the errors of working precision in them.
struct Bound {
  Complex z;  ///< value + i h derivative
  Real paths = 0;
  Real value_error = 0;
  Real slope_error = 0;

  [[nodiscard]] Real value() const { return z.real(); }
  [[nodiscard]] Real slope() const { return z.imag() / h; }
};

class Reference {
 public:
  Reference(const Expression& expression, const std::vector<double>& inputs,
            const std::vector<double>& direction, Real unit)
      : unit_(unit), tables_(expression.tables) {
    for (const Node& n : expression.nodes) nodes_.push_back(of(n, inputs, direction));
  }
  [[nodiscard]] const Bound& result() const { return nodes_.back(); }
  [[nodiscard]] bool is_smooth() const { return smooth_; }

 private:
  /// f(a), given f(z), f' and f''; `ulps` bounds the errors of f and f' themselves.
  Bound one(const Bound& a, Complex z, Real first, Real second, Real ulps = 8) {
    Bound out{z};
    out.paths = std::abs(first) * a.paths;
    out.value_error = std::abs(first) * a.value_error + ulps * unit_ * std::abs(z.real());
    out.slope_error = std::abs(first) * a.slope_error + std::abs(second) * a.value_error * a.paths +
                      ulps * unit_ * out.paths;
    return checked(out);
  }
  Bound checked(const Bound& out) {
    const auto fits = [](Real x) {
      return x == 0 || (std::abs(x) < 1e30L && std::abs(x) > 1e-30L);
    };
    smooth_ = smooth_ && fits(out.value()) && fits(out.slope()) && fits(out.paths);
    return out;
  }
  Bound sum(const Bound& a, const Bound& b, Real sign) {
    Bound out{a.z + sign * b.z};
    out.paths = a.paths + b.paths;
    out.value_error = a.value_error + b.value_error + unit_ * std::abs(out.value());
    out.slope_error = a.slope_error + b.slope_error + 2 * unit_ * out.paths;
    return checked(out);
  }
  Bound product(const Bound& a, const Bound& b) {
    Bound out{a.z * b.z};
    const Real x = std::abs(a.value());
    const Real y = std::abs(b.value());
    out.paths = y * a.paths + x * b.paths;
    out.value_error = y * a.value_error + x * b.value_error + unit_ * x * y;
    out.slope_error = y * a.slope_error + x * b.slope_error + b.value_error * a.paths +
                      a.value_error * b.paths + 3 * unit_ * out.paths;
    return checked(out);
  }
  Bound inverse(const Bound& a) {
    const Complex z = Real(1) / a.z;
    const Real x = a.value();
    return one(a, z, -1 / (x * x), 2 / (x * x * x));
  }
  Bound exponential(const Bound& a) {
    const Complex z = std::exp(a.z);
    return one(a, z, z.real(), z.real());
  }
  Bound logarithm(const Bound& a) {
    const Real x = a.value();
    smooth_ = smooth_ && x > 0;
    return one(a, std::log(a.z), 1 / x, -1 / (x * x));
  }
  Bound whole_power(const Bound& a, int n) {
    Bound out{Complex(1)};
    for (int i = 0; i < std::abs(n); ++i) out = product(out, a);
    return n < 0 ? inverse(out) : out;
  }
  Bound looked_up(const Bound& a, const Table& table) {
    for (const double x : table.x) away_from_kink(a.value() - x, a.value_error);
    const auto above = std::upper_bound(table.x.begin(), table.x.end(), a.value());
    if (above == table.x.begin()) return {Complex(table.y.front())};
    if (above == table.x.end()) return {Complex(table.y.back())};
    const auto i = static_cast<std::size_t>(above - table.x.begin());
    const Real slope = (Real(table.y[i]) - table.y[i - 1]) / (Real(table.x[i]) - table.x[i - 1]);
    Bound out = one(a, Real(table.y[i - 1]) + slope * (a.z - Real(table.x[i - 1])), slope, 0);
    out.value_error += 8 * unit_ * (std::abs(table.y[i]) + std::abs(table.y[i - 1]));
    return out;
  }
  void away_from_kink(Real distance, Real error) {
    smooth_ = smooth_ && std::abs(distance) > 1e-3L + error;
  }

  Bound input(std::size_t i, const std::vector<double>& inputs,
              const std::vector<double>& direction) {
    Bound out{Complex(inputs[i], h * Real(direction[i]))};
    out.paths = std::abs(Real(direction[i]));
    return out;
  }

  Bound of(const Node& n, const std::vector<double>& inputs, const std::vector<double>& direction) {
    const Bound a = n.a < 0 ? Bound{} : nodes_[static_cast<std::size_t>(n.a)];
    const Bound b = n.b < 0 ? Bound{} : nodes_[static_cast<std::size_t>(n.b)];
    const auto index = static_cast<std::size_t>(n.index);
    const Real x = a.value();
    switch (n.op) {
      case Op::number: {
        Bound out{Complex(n.number)};
        out.value_error = unit_ * std::abs(Real(n.number));
        return out;
      }
      case Op::time:
        return {Complex(t)};
      case Op::varying:
        return input(index, inputs, direction);
      case Op::fixed:
        return input(3 + index, inputs, direction);
      case Op::negate:
        return one(a, -a.z, -1, 0, 0);
      case Op::add:
        return sum(a, b, 1);
      case Op::subtract:
        return sum(a, b, -1);
      case Op::multiply:
        return product(a, b);
      case Op::divide:
        return product(a, inverse(b));
      case Op::whole_power:
        return whole_power(a, n.index);
      case Op::power:
        return exponential(product(b, logarithm(a)));
      case Op::minimum:
        away_from_kink(x - b.value(), a.value_error + b.value_error);
        return x < b.value() ? a : b;
      case Op::maximum:
        away_from_kink(x - b.value(), a.value_error + b.value_error);
        return x > b.value() ? a : b;
      case Op::step:
        away_from_kink(x, a.value_error);
        return {Complex(x < 0 ? 0 : 1)};
      case Op::abs:
        away_from_kink(x, a.value_error);
        return x < 0 ? one(a, -a.z, -1, 0, 0) : a;
      case Op::sqrt: {
        smooth_ = smooth_ && x > 0;
        const Real root = std::sqrt(x);
        return one(a, std::sqrt(a.z), 0.5L / root, -0.25L / (root * x));
      }
      case Op::exp:
        return exponential(a);
      case Op::log:
        return logarithm(a);
      case Op::log1p: {
        smooth_ = smooth_ && x > -1;
        const Complex z(std::log1p(x), std::arg(Real(1) + a.z));
        return one(a, z, 1 / (1 + x), -1 / ((1 + x) * (1 + x)));
      }
      case Op::expm1: {
        const Complex e = std::exp(a.z);
        return one(a, Complex(std::expm1(x), e.imag()), e.real(), e.real());
      }
      case Op::sin:
        smooth_ = smooth_ && std::abs(x) < 1000;
        return one(a, std::sin(a.z), std::cos(x), std::sin(x));
      case Op::cos:
        smooth_ = smooth_ && std::abs(x) < 1000;
        return one(a, std::cos(a.z), std::sin(x), std::cos(x));
      case Op::tan: {
        smooth_ = smooth_ && std::abs(x) < 1000;
        const Real value = std::tan(x);
        const Real first = 1 + value * value;
        return one(a, std::tan(a.z), first, 2 * value * first, 16);
      }
      case Op::sinh:
        return one(a, std::sinh(a.z), std::cosh(x), std::sinh(x));
      case Op::cosh:
        return one(a, std::cosh(a.z), std::sinh(x), std::cosh(x));
      case Op::tanh: {
        const Real value = std::tanh(x);
        const Real first = 1 / (std::cosh(x) * std::cosh(x));
        return one(a, std::tanh(a.z), first, 2 * value * first, 10 + 2 * std::abs(x));
      }
      case Op::atan: {
        const Real first = 1 / (1 + x * x);
        return one(a, std::atan(a.z), first, 2 * x * first * first);
      }
      case Op::sigmoid: {
        const Complex e = std::exp(-a.z);
        const Real value = 1 / (1 + std::exp(-x));
        const Real first = value * (1 - value);
        return one(a, Real(1) / (Real(1) + e), first, first * (1 - 2 * value),
                   10 + 2 * std::abs(x));
      }
      case Op::table:
        return looked_up(a, *tables_[index]);
      default:
        ADD_FAILURE() << "no reference of this operation";
        return {};
    }
  }

  Real unit_;
  std::vector<std::shared_ptr<const Table>> tables_;
  std::vector<Bound> nodes_;
  bool smooth_ = true;
};

template <class T>
struct Derivatives : ::testing::Test {};
using Precisions = ::testing::Types<double, float>;
TYPED_TEST_SUITE(Derivatives, Precisions);

TYPED_TEST(Derivatives, ForwardAndReverseAgreeWithTheComplexStep) {
  using T = TypeParam;
  constexpr bool is_double = sizeof(T) == 8;
  constexpr int wanted = is_double ? 100'000 : 20'000;
  constexpr Real tolerance = is_double ? 1e-12L : 1e-4L;
  SCOPED_TRACE("seed " + std::to_string(seed));
  const Scope names = formula::testing::scope();
  std::mt19937_64 engine(seed);
  std::uniform_real_distribution<double> uniform(-2, 2);
  const auto draw = [&] { return static_cast<double>(static_cast<T>(uniform(engine))); };
  int kept = 0;
  int drawn = 0;
  int flat = 0;
  Real most = 0;
  while (kept < wanted) {
    ++drawn;
    const std::string text = random_formula(engine, 1 + static_cast<int>(engine() % 5));
    std::vector<double> inputs(5);
    std::vector<double> direction(5);
    for (double& x : inputs) x = draw();
    for (double& x : direction) x = draw();
    const Expression expression = parse(text, names);
    const Reference reference(expression, inputs, direction,
                              Real(std::numeric_limits<T>::epsilon()) / 2);
    const Bound& exact = reference.result();
    if (!reference.is_smooth() || exact.slope_error > tolerance * std::abs(exact.slope())) continue;
    ++(exact.slope() == 0 ? flat : kept);

    std::vector<Dual<T>> lifted;
    std::vector<T> x;
    for (std::size_t i = 0; i < 5; ++i) {
      x.push_back(static_cast<T>(inputs[i]));
      lifted.emplace_back(x[i], static_cast<T>(direction[i]));
    }
    const std::vector<Dual<T>> lifted_fixed(lifted.begin() + 3, lifted.end());
    lifted.resize(3);
    const std::vector<T> fixed(x.begin() + 3, x.end());
    x.resize(3);
    const T forward = Compiled({text}).values(t, lifted, lifted_fixed)[0].tangent;
    const std::vector<T> gradient =
        Compiled({text}, Keep::all).gradient(t, x, fixed, std::vector<T>{1});
    const Real reverse =
        std::inner_product(gradient.begin(), gradient.end(), direction.begin(), Real(0));

    const Real scale = std::abs(exact.slope());
    ASSERT_LE(std::abs(forward - exact.slope()), tolerance * scale) << text;
    ASSERT_LE(std::abs(reverse - exact.slope()), tolerance * scale) << text;
    if (scale == 0) continue;
    most = std::max({most, std::abs(forward - exact.slope()) / scale,
                     std::abs(reverse - exact.slope()) / scale});
  }
  std::cout << kept << " formulas and " << flat << " flat ones of " << drawn
            << "; largest relative error " << static_cast<double>(most) << "\n";
}
}  // namespace
