// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "deck/schema.hpp"
#include "sde/calculus.hpp"
#include "sde/propagator_options.hpp"

namespace driftwood::sde {

class GradientSolver;
struct GradientPlan;
struct ParameterInfo;
class Propagator;

/// A component of the state as this run's results name it.
struct ComponentInfo {
  std::string name;
  std::string units;
  std::string long_name;
};

/// What the rest of the program knows of a model: no kernels, only how to get one.
class Model {
 public:
  virtual ~Model() = default;

  virtual void describe(deck::Schema& s) = 0;

  /// Rules that involve several keys; throws `UsageError` at the key under the table `path`.
  virtual void validate(const deck::Source& deck, const std::string& path) const = 0;

  [[nodiscard]] virtual std::string name() const = 0;
  [[nodiscard]] virtual std::vector<ComponentInfo> components() const = 0;
  [[nodiscard]] virtual Calculus calculus() const = 0;
  [[nodiscard]] virtual Noise noise() const = 0;
  /// The combination of components that payoffs are written on unless the deck says otherwise;
  /// empty where no component is a price.
  [[nodiscard]] virtual std::vector<double> underlying() const = 0;

  /// What `--list` says of it besides its equation.
  [[nodiscard]] virtual std::string traits() const;

  /// What the model found out about itself that its keys do not say, in sentences.
  [[nodiscard]] virtual std::vector<std::string> remarks() const { return {}; }

  /// Parameters that formulas of the deck may name.
  [[nodiscard]] virtual std::map<std::string, deck::Distribution> named_parameters() const {
    return {};
  }

  /// Components of the Brownian motion.
  [[nodiscard]] virtual int noises() const = 0;

  /// The schemes that integrate this model.
  [[nodiscard]] virtual std::vector<std::string> schemes() const = 0;

  /// Whether paths may take steps of their own by this scheme, as those that jump do.
  [[nodiscard]] virtual bool has_own_steps(const std::string& scheme) const;

  /// Throws `UsageError` when the scheme does not integrate this model.
  [[nodiscard]] virtual std::unique_ptr<Propagator> propagator(
      const std::string& scheme, Precision precision, const PropagatorOptions& options) const = 0;

  /// The parameters that gradients may be by, in the order that kernels have them; see
  /// sde/gradient/solver.hpp.
  [[nodiscard]] virtual std::vector<ParameterInfo> parameters() const;

  /// What solves the equation by the scheme and differentiates it. Throws `UsageError` where the
  /// model, the scheme, or the two in this mode, have no gradients.
  [[nodiscard]] virtual std::unique_ptr<GradientSolver> gradients(const std::string& scheme,
                                                                  Precision precision,
                                                                  const GradientPlan& plan) const;

  /// Whether paths of the scheme are functions of the Brownian motion: exact laws may be drawn in
  /// other ways.
  [[nodiscard]] virtual bool is_pathwise(const std::string& scheme) const {
    static_cast<void>(scheme);
    return true;
  }

  /// Whether the solution is a known function of the Brownian motion.
  [[nodiscard]] virtual bool has_solution() const = 0;
  /// That function, to `follow` a noise to its end; null where it is not known.
  [[nodiscard]] virtual std::unique_ptr<Propagator> solution(
      const PropagatorOptions& options) const = 0;
};

}  // namespace driftwood::sde
