// SPDX-License-Identifier: BSD-3-Clause
// Claims, on random formulas: a tape gives the bits of a walk over the formula as it was written; a
// formula's bits do not depend on others of its graph; one path, packs and wide packs get the same
// bits, of values, dual numbers and adjoints, in both precisions.
#include <gtest/gtest.h>

#include <cstring>
#include <optional>
#include <utility>

#include "support/formulas.hpp"

namespace {
using namespace driftwood;
using namespace driftwood::formula;
using driftwood::formula::testing::Compiled;
using driftwood::formula::testing::random_formula;

constexpr std::uint64_t seed = 20240607;
constexpr int formulas = 20'000;

/// The rules of formula/graph.hpp, applied recursively to the formula as written.
struct Walk {
  const Expression& expression;
  double t;
  std::vector<double> varying;
  std::vector<double> fixed;

  struct Result {
    double value;
    bool constant;
    std::optional<std::pair<double, double>> factors;  ///< if it is a product
    bool negated = false;  ///< value and factors are then those of its operand
    [[nodiscard]] double number() const {
      const double signed_value = negated ? -value : value;
      return constant && signed_value == 0 ? 0 : signed_value;
    }
  };

  static double call(Op op, double a, double b = 0) {
    double out = 0;
    apply(op, out, a, b, 0.0, [](double&, double) {});
    return out;
  }
  static Result times(const Result& a, const Result& b) {
    const double x = a.number();
    const double y = b.number();
    if ((a.constant && x == 0) || (b.constant && y == 0)) return {0, true, {}};
    if (a.constant && b.constant) return {x * y, true, {}};
    if (a.constant && x == 1) return b;
    if (b.constant && y == 1) return a;
    if (a.constant && x == -1) return minus(b);
    if (b.constant && y == -1) return minus(a);
    return {x * y, false, std::pair{x, y}};
  }
  static Result minus(Result a) {
    if (a.constant) return {-a.number(), true, {}};
    a.negated = !a.negated;
    return a;
  }
  static Result plus(const Result& a, const Result& b) {
    const double x = a.number();
    const double y = b.number();
    if (a.constant && b.constant) return {x + y, true, {}};
    if (a.constant && x == 0) return b;
    if (b.constant && y == 0) return a;
    const auto signed_fma = [](const Result& p, double c) {
      const double first = p.negated ? -p.factors->first : p.factors->first;
      return std::fma(first, p.factors->second, c);
    };
    double value = x + y;
    if (b.factors) value = signed_fma(b, x);
    if (a.factors) value = signed_fma(a, y);
    // A sum of two negated sides is itself a negated sum.
    if (a.negated && b.negated) return {-value, false, {}, true};
    return {value, false, {}};
  }
  static Result over(const Result& a, const Result& b) {
    const double y = b.number();
    int exponent = 0;
    if (!a.constant && b.constant && std::abs(std::frexp(y, &exponent)) == 0.5) {
      return times(a, {1 / y, true, {}});
    }
    return {a.number() / y, a.constant && b.constant, {}};
  }

  [[nodiscard]] Result at(int i) const {
    const Node& n = expression.nodes[static_cast<std::size_t>(i)];
    const auto index = static_cast<std::size_t>(n.index);
    switch (n.op) {
      case Op::number:
        return {n.number, true, {}};
      case Op::time:
        return {t, false, {}};
      case Op::varying:
        return {varying[index], false, {}};
      case Op::fixed:
        return {fixed[index], false, {}};
      case Op::negate:
        return minus(at(n.a));
      case Op::add:
        return plus(at(n.a), at(n.b));
      case Op::subtract:
        return plus(at(n.a), minus(at(n.b)));
      case Op::multiply:
        return times(at(n.a), at(n.b));
      case Op::divide:
        return over(at(n.a), at(n.b));
      case Op::whole_power: {
        Result result{1, true, {}};
        Result square = at(n.a);
        for (int rest = std::abs(n.index); rest != 0; rest /= 2) {
          if (rest % 2 != 0) result = times(result, square);
          if (rest > 1) square = times(square, square);
        }
        return n.index < 0 ? over({1, true, {}}, result) : result;
      }
      case Op::power: {
        const Result a = at(n.a);
        const Result exponent = times(at(n.b), {call(Op::log, a.number()), a.constant, {}});
        return {call(Op::exp, exponent.number()), exponent.constant, {}};
      }
      case Op::table: {
        const Result a = at(n.a);
        const Table& table = *expression.tables[index];
        const Points points{table.x.data(), table.y.data(), static_cast<int>(table.x.size())};
        return {interpolate(points, a.number()).value, a.constant, {}};
      }
      default: {
        const Result a = at(n.a);
        const Result b = n.b < 0 ? Result{0, true, {}} : at(n.b);
        return {call(n.op, a.number(), b.number()), a.constant && b.constant, {}};
      }
    }
  }
  [[nodiscard]] double value() const {
    return at(static_cast<int>(expression.nodes.size()) - 1).number();
  }
};

/// Same bits, but that NaN is NaN and zero has no sign.
template <class T>
bool same(T a, T b) {
  return a == b || (a != a && b != b);
}

/// Whether the graph takes it: constant parts may be out of their domain.
bool is_valid(const std::string& text) {
  try {
    static_cast<void>(Compiled({text}));
    return true;
  } catch (const Problem&) {
    return false;
  }
}

std::vector<std::string> valid_formulas(int count) {
  std::mt19937_64 engine(seed);
  std::vector<std::string> out;
  while (static_cast<int>(out.size()) < count) {
    const std::string text = random_formula(engine, 2 + static_cast<int>(engine() % 5));
    if (is_valid(text)) out.push_back(text);
  }
  return out;
}

TEST(SameBits, TapeAndWalk) {
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937_64 engine(seed + 1);
  std::uniform_real_distribution<double> uniform(-3, 3);
  const Scope names = formula::testing::scope();
  int finite = 0;
  for (const std::string& text : valid_formulas(formulas)) {
    const Compiled compiled({text});
    const Expression expression = parse(text, names);
    for (int point = 0; point < 4; ++point) {
      const std::vector<double> varying{uniform(engine), uniform(engine), uniform(engine)};
      const std::vector<double> fixed{uniform(engine), uniform(engine)};
      const double value = compiled.values(0.75, varying, fixed)[0];
      const double walked = Walk{expression, 0.75, varying, fixed}.value();
      ASSERT_TRUE(same(value, walked)) << text << "\n" << value << " " << walked;
      finite += std::isfinite(value) ? 1 : 0;
    }
  }
  EXPECT_GT(finite, formulas);
}

TEST(SameBits, FormulasOfAGraphDoNotMindEachOther) {
  const std::vector<std::string> texts = valid_formulas(400);
  const std::vector<double> varying{0.7, -1.3, 2.1};
  const std::vector<double> fixed{0.4, 1.9};
  using D = Dual<double>;
  const std::vector<D> lifted{D(0.7, 1), D(-1.3, 0.5), D(2.1, -2)};
  const std::vector<D> constants{D(0.4), D(1.9)};
  const auto together = Compiled(texts).values(0.75, varying, fixed);
  const auto tangents = Compiled(texts).values(0.75, lifted, constants);
  for (std::size_t i = 0; i < texts.size(); ++i) {
    const Compiled alone({texts[i]});
    ASSERT_TRUE(same(together[i], alone.values(0.75, varying, fixed)[0])) << texts[i];
    ASSERT_TRUE(same(tangents[i].tangent, alone.values(0.75, lifted, constants)[0].tangent))
        << texts[i];
  }
}

/// Values, tangents and gradient of a formula for some paths, advanced as lanes R.
template <class R>
std::vector<value_of<R>> results(const Compiled& needed, const Compiled& all,
                                 const std::vector<value_of<R>>& numbers) {
  using T = value_of<R>;
  using D = Dual<R>;
  constexpr int inputs = 5;
  const std::size_t paths = numbers.size() / inputs;
  std::vector<T> out(7 * paths);
  for (std::size_t p = 0; p < paths; p += width_of<R>) {
    std::vector<R> x;
    for (std::size_t i = 0; i < inputs; ++i) x.push_back(load<R>(&numbers[i * paths + p]));
    const std::vector<R> varying(x.begin(), x.begin() + 3);
    const std::vector<R> fixed(x.begin() + 3, x.end());
    store_lanes(&out[p], needed.values(0.75, varying, fixed)[0]);
    const std::vector<D> lifted{D(x[0], R(1)), D(x[1], R(T(0.5))), D(x[2], R(-2))};
    const std::vector<D> lifted_fixed{D(x[3], R(T(0.25))), D(x[4], R(0))};
    store_lanes(&out[paths + p], needed.values(0.75, lifted, lifted_fixed)[0].tangent);
    const auto gradient = all.gradient(0.75, varying, fixed, std::vector<R>{R(1)});
    for (std::size_t i = 0; i < inputs; ++i) store_lanes(&out[(2 + i) * paths + p], gradient[i]);
  }
  return out;
}

template <class T>
struct Lanes : ::testing::Test {};
using Precisions = ::testing::Types<double, float>;
TYPED_TEST_SUITE(Lanes, Precisions);

TYPED_TEST(Lanes, OnePathPacksAndWidePacksGetTheSameBits) {
  using T = TypeParam;
  std::mt19937_64 engine(seed + 2);
  std::uniform_real_distribution<double> uniform(-3, 3);
  constexpr std::size_t paths = width_of<WideLane<T>>;
  for (const std::string& text : valid_formulas(formulas / 20)) {
    const Compiled needed({text});
    const Compiled all({text}, Keep::all);
    std::vector<T> numbers(5 * paths);
    for (T& number : numbers) number = static_cast<T>(uniform(engine));
    const auto one = results<T>(needed, all, numbers);
    const auto pack = results<Lane<T>>(needed, all, numbers);
    const auto wide = results<WideLane<T>>(needed, all, numbers);
    for (std::size_t i = 0; i < one.size(); ++i) {
      ASSERT_TRUE(same(one[i], pack[i]) && same(one[i], wide[i])) << text << " " << i;
    }
  }
}
}  // namespace
