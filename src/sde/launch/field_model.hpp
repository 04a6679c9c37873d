// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "sde/gradient/trace.hpp"
#include "sde/launch/lane_gradients.hpp"
#include "sde/launch/make_propagator.hpp"

namespace driftwood::sde {

/// The data members of a field whose parameters are laws.
template <class F>
[[nodiscard]] std::vector<deck::Distribution> members_of(const F& f) {
  constexpr auto count = sizeof(F) / sizeof(deck::Distribution);
  static_assert(1 <= count && count <= 6, "add a case");
  if constexpr (count == 1) {
    const auto& [a] = f;
    return {a};
  } else if constexpr (count == 2) {
    const auto& [a, b] = f;
    return {a, b};
  } else if constexpr (count == 3) {
    const auto& [a, b, c] = f;
    return {a, b, c};
  } else if constexpr (count == 4) {
    const auto& [a, b, c, d] = f;
    return {a, b, c, d};
  } else if constexpr (count == 5) {
    const auto& [a, b, c, d, e] = f;
    return {a, b, c, d, e};
  } else {
    const auto& [a, b, c, d, e, g] = f;
    return {a, b, c, d, e, g};
  }
}

/// A model that is one field of fixed size: its keys are the field's, each a number or the law that
/// every path draws it from, and `initial` has one key per component.
template <class F>
class FieldModel : public Model {
 public:
  explicit FieldModel(const std::array<double, F::dim>& initial,
                      std::vector<double> underlying = {})
      : underlying_(std::move(underlying)) {
    for (std::size_t i = 0; i < initial.size(); ++i) initial_.value[i] = initial[i];
  }

  void describe(deck::Schema& s) override {
    parameters_.describe(s);
    s.table("initial", initial_, "state at time 0");
  }
  void validate(const deck::Source&, const std::string&) const override {}

  [[nodiscard]] std::string name() const override { return std::string(F::name); }
  [[nodiscard]] std::vector<ComponentInfo> components() const override {
    std::vector<ComponentInfo> out;
    for (const Component& c : F::components) {
      out.push_back({std::string(c.name), std::string(c.units), std::string(c.long_name)});
    }
    return out;
  }
  [[nodiscard]] Calculus calculus() const override { return F::calculus; }
  [[nodiscard]] Noise noise() const override { return F::noise; }
  [[nodiscard]] std::vector<double> underlying() const override { return underlying_; }
  [[nodiscard]] int noises() const override { return F::noise_dim; }
  [[nodiscard]] std::vector<std::string> schemes() const override { return schemes_for<F>(); }
  [[nodiscard]] std::unique_ptr<Propagator> propagator(
      const std::string& scheme, Precision precision,
      const PropagatorOptions& options) const override {
    return make_propagator<Motions::all>(field(), initial(), scheme, precision, options,
                                         drawn_of(laws()));
  }

  [[nodiscard]] std::vector<ParameterInfo> parameters() const override {
    With<F, deck::Distribution> described = parameters_;
    deck::Schema schema;
    described.describe(schema);
    const auto values = laws();
    std::vector<ParameterInfo> out;
    for (std::size_t j = 0; j < values.size(); ++j) {
      out.push_back(parameter_info(std::string(name_of(schema.items()[j])), values[j]));
    }
    return out;
  }
  [[nodiscard]] std::unique_ptr<GradientSolver> gradients(const std::string& scheme,
                                                          Precision precision,
                                                          const GradientPlan& plan) const override {
    const Traced<F> traced{field()};
    const double h = plan.end / static_cast<double>(plan.steps);
    return make_lane_gradients(trace<F>(traced, scheme, plan.mode, h),
                               gradient_names(*this, initial(), laws()), precision, plan);
  }

  [[nodiscard]] bool is_pathwise(const std::string& scheme) const override {
    return !HasSampledTransition<F> || scheme != Exact::name;
  }
  [[nodiscard]] bool has_own_steps(const std::string& scheme) const override {
    return scheme == Exact::name ? TakesOwnSteps<Exact, F> : Model::has_own_steps(scheme);
  }
  [[nodiscard]] bool has_solution() const override { return HasSolution<F>; }
  [[nodiscard]] std::unique_ptr<Propagator> solution(
      const PropagatorOptions& options) const override {
    return make_solution(field(), initial(), options, drawn_of(laws()));
  }

 protected:
  [[nodiscard]] InitialState initial() const {
    return std::vector<deck::Distribution>(initial_.value.begin(), initial_.value.end());
  }

 private:
  struct Initial {
    std::array<deck::Distribution, F::dim> value;

    void describe(deck::Schema& s) {
      for (std::size_t i = 0; i < value.size(); ++i) {
        const Component& c = F::components[i];
        s.key(std::string(c.name), value[i], deck::finite,
              "initial " + std::string(c.long_name) + " [" + std::string(c.units) + "]");
      }
    }
  };

  [[nodiscard]] std::vector<deck::Distribution> laws() const {
    if constexpr (parameter_count<F> == 0) {
      return {};
    } else {
      auto members = members_of(parameters_);
      members.resize(parameter_count<F>);  // the others follow from these
      return members;
    }
  }
  /// With the numbers that all paths share.
  [[nodiscard]] F field() const {
    if constexpr (parameter_count<F> == 0) {
      return parameters_;
    } else {
      const auto values = laws();
      return field_with<F, double>(
          [&](int j) { return values[static_cast<std::size_t>(j)].first; });
    }
  }

  With<F, deck::Distribution> parameters_;
  Initial initial_;
  std::vector<double> underlying_;
};

}  // namespace driftwood::sde
