// SPDX-License-Identifier: BSD-3-Clause
#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>

#include "sde/expression_kernels.hpp"
#include "sde/launch/lane_gradients.hpp"
#include "sde/registry.hpp"

namespace driftwood::sde {
namespace {

constexpr std::size_t most_names = 256;

/// The names that a list holds, each once.
std::vector<std::string> each_once(const std::vector<std::string>& names) {
  std::vector<std::string> out;
  for (const std::string& name : names) {
    if (std::find(out.begin(), out.end(), name) == out.end()) out.push_back(name);
  }
  return out;
}

// The tables of an equation. Which keys they have depends on the lists of states and noises, which
// stand before them.

struct InitialTable {
  EquationText& text;

  void describe(deck::Schema& s) {
    for (const std::string& state : each_once(text.states)) {
      s.key(state, text.initial[state], deck::finite, "component '" + state + "' at time 0 [state]")
          .required();
    }
  }
};

struct DriftTable {
  EquationText& text;

  void describe(deck::Schema& s) {
    for (const std::string& state : each_once(text.states)) {
      s.key(state, text.drift[state], "drift of '" + state + "', a formula [state/time]")
          .required();
    }
  }
};

struct DiffusionRow {
  EquationText& text;
  std::string state;

  void describe(deck::Schema& s) {
    for (const std::string& noise : each_once(text.noises)) {
      s.key(noise, text.diffusion[state][noise],
            "what multiplies the noise '" + noise + "' in '" + state +
                "', a formula; left out: 0 [state/sqrt(time)]");
    }
  }
};

struct DiffusionTable {
  EquationText& text;
  std::map<std::string, DiffusionRow> rows = {};

  void describe(deck::Schema& s) {
    for (const std::string& state : each_once(text.states)) {
      DiffusionRow& row = rows.try_emplace(state, DiffusionRow{text, state}).first->second;
      s.table(state, row, "noises of '" + state + "'");
    }
  }
};

/// What `call` gives for the kernels of the class.
template <class Call>
auto with_kernels(Noise noise, const Call& call) {
  switch (noise) {
    case Noise::additive:
      return call(ExpressionKernels<Noise::additive>{});
    case Noise::scalar:
      return call(ExpressionKernels<Noise::scalar>{});
    case Noise::diagonal:
      return call(ExpressionKernels<Noise::diagonal>{});
    case Noise::commutative:
      return call(ExpressionKernels<Noise::commutative>{});
    case Noise::general:
      break;
  }
  return call(ExpressionKernels<Noise::general>{});
}

/// Multiplications, additions, functions: instructions per path and step.
std::string operations(const formula::Tape& tape) {
  const int count = tape.size - tape.prologue;
  return fmt::format("{} operation{}", count, count == 1 ? "" : "s");
}

/// An equation written in the deck.
class ExpressionModel final : public Model {
 public:
  void describe(deck::Schema& s) override {
    s.key("calculus", calculus_, deck::one_of({"ito", "stratonovich"}),
          "how the products of diffusion and noise are meant");
    s.key("state", text_.states, deck::length(1, most_names), "names of the components")
        .also(deck::identifier)
        .also(deck::distinct)
        .required();
    s.key("noise", text_.noises, deck::length(0, most_names),
          "names of the noises, each of which a formula of 'diffusion' must use; [] for none")
        .also(deck::identifier)
        .also(deck::distinct)
        .required();
    s.key("correlation", text_.correlation,
          "correlation matrix of the noises; left out: independent noises");
    s.named_keys("parameters", text_.parameters, {deck::finite},
                 "numbers under names of their own, for the formulas", "a number or a law");
    s.table("initial", initial_, "the state at time 0");
    s.table("drift", drift_, "the formula of each component's drift");
    s.table("diffusion", diffusion_, "the formulas of the diffusion matrix, by component");
  }

  void validate(const deck::Source& deck, const std::string& path) const override {
    equation_ = std::make_shared<const Equation>(text_, deck, path);
  }

  [[nodiscard]] std::string name() const override { return "expression"; }
  [[nodiscard]] std::vector<ComponentInfo> components() const override {
    std::vector<ComponentInfo> out;
    for (const std::string& state : text_.states) {
      out.push_back({state, "1", "component " + state});
    }
    return out;
  }
  [[nodiscard]] Calculus calculus() const override {
    return calculus_ == "ito" ? Calculus::ito : Calculus::stratonovich;
  }
  [[nodiscard]] Noise noise() const override {
    return equation_ == nullptr ? Noise::general : equation_->noise();
  }
  [[nodiscard]] int noises() const override { return equation().noise_dim(); }
  [[nodiscard]] std::vector<double> underlying() const override { return {}; }
  /// Before there are formulas: those that integrate any of the classes.
  [[nodiscard]] std::vector<std::string> schemes() const override {
    return with_kernels(equation_ == nullptr ? Noise::additive : equation_->noise(),
                        [](auto kernels) { return decltype(kernels)::schemes(); });
  }
  [[nodiscard]] std::string traits() const override {
    return "calculus and noise as the deck says; schemes: " +
           fmt::format("{}", fmt::join(schemes(), ", ")) + ", as the noise allows";
  }
  [[nodiscard]] std::vector<std::string> remarks() const override {
    const formula::Tape drift = equation().drift().tape();
    const formula::Tape diffusion = equation().diffusion().tape();
    const formula::Tape both = equation().both().tape();
    return {
        fmt::format("the noise is {}: {}", to_string(noise()), equation().reason()),
        fmt::format("the drift takes {}; the diffusion has {} entr{}, {}; both together {}, and {} "
                    "once per path",
                    operations(drift), diffusion.outputs, diffusion.outputs == 1 ? "y" : "ies",
                    operations(diffusion), operations(both), both.prologue),
    };
  }
  [[nodiscard]] std::map<std::string, deck::Distribution> named_parameters() const override {
    return text_.parameters;
  }

  [[nodiscard]] std::unique_ptr<Propagator> propagator(
      const std::string& scheme, Precision precision,
      const PropagatorOptions& options) const override {
    const ExpressionRun of_deck = run();
    return with_kernels(noise(), [&](auto kernels) {
      return decltype(kernels)::propagator(of_deck, scheme, precision, options);
    });
  }
  [[nodiscard]] std::vector<ParameterInfo> parameters() const override {
    std::vector<ParameterInfo> out;
    for (const auto& [name, law] : text_.parameters) out.push_back(parameter_info(name, law));
    return out;
  }
  [[nodiscard]] std::unique_ptr<GradientSolver> gradients(const std::string& scheme,
                                                          Precision precision,
                                                          const GradientPlan& plan) const override {
    return expression_gradients(*this, run(), scheme, precision, plan);
  }
  [[nodiscard]] bool has_solution() const override { return false; }
  [[nodiscard]] std::unique_ptr<Propagator> solution(const PropagatorOptions&) const override {
    return nullptr;
  }

 private:
  [[nodiscard]] const Equation& equation() const {
    if (equation_ == nullptr) throw std::logic_error("the equation has not been validated");
    return *equation_;
  }
  [[nodiscard]] ExpressionRun run() const {
    std::vector<deck::Distribution> parameters;
    for (const auto& [name, law] : text_.parameters) parameters.push_back(law);
    std::vector<deck::Distribution> initial;
    for (const std::string& state : text_.states) initial.push_back(text_.initial.at(state));
    return {equation(), calculus(), parameters, initial};
  }

  std::string calculus_ = "ito";
  EquationText text_{{"x"}, {"w"}, std::nullopt, {}, {}, {}, {}};
  InitialTable initial_{text_};
  DriftTable drift_{text_};
  DiffusionTable diffusion_{text_};
  mutable std::shared_ptr<const Equation> equation_;  // of the keys as they were last validated
};

}  // namespace

std::shared_ptr<Model> make_expression() { return std::make_shared<ExpressionModel>(); }

}  // namespace driftwood::sde
