// SPDX-License-Identifier: BSD-3-Clause
#include "sde/noise_class.hpp"

#include <algorithm>
#include <cmath>

#include "base/dual.hpp"
#include "formula/program.hpp"

namespace driftwood::sde {
namespace {

constexpr int wanted_samples = 24;
constexpr int most_samples = 2000;
constexpr int most_noises = 64;       // products of two columns are kept for all pairs
constexpr double relative = 1e-9;     // of two products of columns that are the same
constexpr double negligible = 1e-12;  // of the largest product in a component

std::size_t place(int i) { return static_cast<std::size_t>(i); }

bool depends_on_state(const DiffusionFormulas& g) {
  return std::any_of(g.formulas.begin(), g.formulas.end(), [&](int formula) {
    const std::vector<bool> varying = g.graph.dependence(formula).varying;
    return std::find(varying.begin(), varying.end(), true) != varying.end();
  });
}

bool is_diagonal(const DiffusionFormulas& g) {
  if (g.dim != g.noise_dim) return false;
  for (std::size_t e = 0; e < g.entries.size(); ++e) {
    if (g.entries[e].row != g.entries[e].column) return false;
    const std::vector<bool> varying = g.graph.dependence(g.formulas[e]).varying;
    for (int i = 0; i < g.dim; ++i) {
      if (varying[place(i)] && i != g.entries[e].row) return false;
    }
  }
  return true;
}

bool is_smooth(const DiffusionFormulas& g) {
  using formula::Op;
  const std::vector<bool> needed = g.graph.needed(g.formulas);
  for (std::size_t i = 0; i < needed.size(); ++i) {
    const Op op = g.graph.vertices()[i].op;
    const bool kink = op == Op::minimum || op == Op::maximum || op == Op::step || op == Op::abs ||
                      op == Op::table;
    if (needed[i] && kink) return false;
  }
  return true;
}

/// (dg_l/dx) g_k for all pairs of columns, at one sample.
class Products {
 public:
  Products(const DiffusionFormulas& g, const formula::Program& program)
      : g_(g), tape_(program.tape()), values_(place(g.noise_dim * g.noise_dim * g.dim)) {}

  /// Whether all are finite.
  bool evaluate(const Sample& at) {
    using D = Dual<double>;
    std::vector<D> path(place(tape_.path_values), D(0));
    std::vector<D> registers(place(tape_.registers), D(0));
    std::vector<D> state(at.varying.begin(), at.varying.end());
    std::copy(at.fixed.begin(), at.fixed.end(), path.begin());
    formula::begin_path(tape_, path.data());
    const formula::Banks<D> banks{registers.data(), state.data(), path.data()};
    formula::evaluate(tape_, at.time, banks);
    std::vector<double> entry;
    for (int e = 0; e < tape_.outputs; ++e) {
      entry.push_back(formula::output(tape_, banks, e).value);
      if (!std::isfinite(entry.back())) return false;
    }
    std::fill(values_.begin(), values_.end(), 0.0);
    for (int k = 0; k < g_.noise_dim; ++k) {
      for (D& x : state) x.tangent = 0;
      for (std::size_t e = 0; e < entry.size(); ++e) {
        if (g_.entries[e].column == k) state[place(g_.entries[e].row)].tangent = entry[e];
      }
      formula::evaluate(tape_, at.time, banks);
      for (int e = 0; e < tape_.outputs; ++e) {
        const DiffusionEntry& of = g_.entries[place(e)];
        const double slope = formula::output(tape_, banks, e).tangent;
        if (!std::isfinite(slope)) return false;
        values_[index(k, of.column, of.row)] = slope;
      }
    }
    return true;
  }

  [[nodiscard]] bool commute() const {
    for (int i = 0; i < g_.dim; ++i) {
      double largest = 0;
      for (int k = 0; k < g_.noise_dim; ++k) {
        for (int l = 0; l < g_.noise_dim; ++l) largest = std::max(largest, std::abs(at(k, l, i)));
      }
      for (int k = 0; k < g_.noise_dim; ++k) {
        for (int l = 0; l < k; ++l) {
          const double allowed =
              relative * (std::abs(at(k, l, i)) + std::abs(at(l, k, i))) + negligible * largest;
          if (std::abs(at(k, l, i) - at(l, k, i)) > allowed) return false;
        }
      }
    }
    return true;
  }

 private:
  [[nodiscard]] std::size_t index(int k, int l, int i) const {
    return place((k * g_.noise_dim + l) * g_.dim + i);
  }
  [[nodiscard]] double at(int k, int l, int i) const { return values_[index(k, l, i)]; }

  const DiffusionFormulas& g_;
  formula::Tape tape_;
  std::vector<double> values_;
};

NoiseClass by_samples(const DiffusionFormulas& g, const Sampler& sample) {
  const formula::Program program(g.graph, g.formulas);
  Products products(g, program);
  int seen = 0;
  for (int n = 0; n < most_samples && seen < wanted_samples; ++n) {
    if (!products.evaluate(sample(n))) continue;
    if (!products.commute()) return {Noise::general, "the columns of the diffusion do not commute"};
    ++seen;
  }
  if (seen < wanted_samples) {
    return {Noise::general, "the diffusion is finite at too few states to see more"};
  }
  return {Noise::commutative, "the columns of the diffusion commute, as " +
                                  std::to_string(wanted_samples) + " states show"};
}

}  // namespace

NoiseClass classify(const DiffusionFormulas& g, const Sampler& sample) {
  if (!depends_on_state(g)) return {Noise::additive, "the diffusion does not depend on the state"};
  if (is_diagonal(g)) {
    return {Noise::diagonal, "each noise acts on one component and depends on no other"};
  }
  if (g.noise_dim == 1) return {Noise::scalar, "there is one noise"};
  if (g.noise_dim > most_noises) {
    return {Noise::general, "noises are too many to see whether they commute"};
  }
  if (!is_smooth(g)) {
    return {Noise::general, "the diffusion is not smooth, and may not commute everywhere"};
  }
  return by_samples(g, sample);
}

}  // namespace driftwood::sde
