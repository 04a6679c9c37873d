// SPDX-License-Identifier: BSD-3-Clause
#include <fmt/format.h>

#include "base/error.hpp"
#include "sde/launch/neural_gradients.hpp"
#include "sde/neural/options.hpp"
#include "sde/propagator.hpp"
#include "sde/registry.hpp"

namespace driftwood::sde {
namespace {

/// An equation whose drift and diffusion are networks.
class NeuralModel final : public Model {
 public:
  void describe(deck::Schema& s) override { options_.describe(s); }
  void validate(const deck::Source& deck, const std::string& path) const override {
    options_.validate(deck, path);
    parameters_ = options_.parameters(deck, path);
  }

  [[nodiscard]] std::string name() const override { return "neural"; }
  [[nodiscard]] std::vector<ComponentInfo> components() const override {
    std::vector<ComponentInfo> out;
    for (std::int64_t i = 1; i <= options_.dim; ++i) {
      out.push_back({fmt::format("x{}", i), "1", fmt::format("component {} of the state", i)});
    }
    return out;
  }
  [[nodiscard]] Calculus calculus() const override { return options_.calculus_kind(); }
  /// A diagonal matrix whose entries depend on all components does not commute.
  [[nodiscard]] Noise noise() const override { return Noise::general; }
  [[nodiscard]] std::vector<double> underlying() const override { return {}; }
  [[nodiscard]] int noises() const override { return options_.networks().noises; }
  [[nodiscard]] std::string traits() const override {
    return "calculus as the deck says; noise that does not commute, even where it is diagonal; "
           "gradients by euler_maruyama of Ito, heun, midpoint and reversible_heun of Stratonovich "
           "equations";
  }
  [[nodiscard]] std::vector<std::string> remarks() const override {
    const NeuralNetworks networks = options_.networks();
    return {fmt::format("the drift has {} parameters, the diffusion {}",
                        neural::parameter_count(networks.drift),
                        neural::parameter_count(networks.diffusion))};
  }
  [[nodiscard]] std::vector<std::string> schemes() const override {
    std::vector<std::string> out;
    for (const NeuralScheme& scheme : neural_schemes) {
      if (scheme.calculus == calculus()) out.emplace_back(scheme.name);
    }
    return out;
  }
  [[nodiscard]] bool has_own_steps(const std::string&) const override { return false; }
  [[nodiscard]] std::unique_ptr<Propagator> propagator(const std::string&, Precision,
                                                       const PropagatorOptions&) const override {
    throw UsageError("the model 'neural' is simulated by sde_gradient only",
                     "its paths are solved in groups that share a network's weights");
  }
  [[nodiscard]] bool has_solution() const override { return false; }
  [[nodiscard]] std::unique_ptr<Propagator> solution(const PropagatorOptions&) const override {
    return nullptr;
  }

  [[nodiscard]] std::vector<ParameterInfo> parameters() const override {
    // Before the deck is read, those of the defaults.
    const NeuralNetworks networks = options_.networks();
    const bool is_read = std::ssize(parameters_) == networks.parameters();
    const std::vector<double> values = is_read ? parameters_ : options_.random_parameters();
    const std::vector<std::string> names = parameter_names(networks);
    std::vector<ParameterInfo> out;
    for (std::size_t j = 0; j < names.size(); ++j) out.push_back({names[j], values[j], false});
    return out;
  }
  [[nodiscard]] std::unique_ptr<GradientSolver> gradients(const std::string& scheme,
                                                          Precision precision,
                                                          const GradientPlan& plan) const override {
    std::vector<std::string> names;
    for (const ComponentInfo& component : components()) names.push_back(component.name);
    return make_neural_gradients(
        {options_.networks(), parameters(), names, options_.initial_state()}, scheme_named(scheme),
        precision, plan);
  }

 private:
  [[nodiscard]] const NeuralScheme& scheme_named(const std::string& name) const {
    for (const NeuralScheme& scheme : neural_schemes) {
      if (scheme.name != name) continue;
      if (scheme.calculus == calculus()) return scheme;
      throw UsageError(
          fmt::format("scheme '{}' does not integrate this 'neural' model", name),
          fmt::format("it is for {} equations and the model is {}; the drift of networks is not "
                      "converted",
                      to_string(scheme.calculus), to_string(calculus())),
          fmt::format("choose one of: {}", fmt::join(schemes(), ", ")));
    }
    throw UsageError(fmt::format("scheme '{}' does not integrate 'neural'", name), "",
                     fmt::format("choose one of: {}", fmt::join(schemes(), ", ")));
  }

  NeuralOptions options_;
  mutable std::vector<double> parameters_;  // of the keys as they were last validated
};

}  // namespace

std::shared_ptr<Model> make_neural() { return std::make_shared<NeuralModel>(); }

}  // namespace driftwood::sde
