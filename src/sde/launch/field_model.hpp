// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "sde/launch/make_propagator.hpp"

namespace driftwood::sde {

/// A model that is one field of fixed size: its keys are the field's, and `initial` has one key per
/// component.
template <class F>
class FieldModel : public Model {
 public:
  explicit FieldModel(const std::array<double, F::dim>& initial,
                      std::vector<double> underlying = {})
      : underlying_(std::move(underlying)) {
    for (std::size_t i = 0; i < initial.size(); ++i) initial_.value[i] = initial[i];
  }

  void describe(deck::Schema& s) override {
    field_.describe(s);
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
    return make_propagator(field_, initial(), scheme, precision, options);
  }

  [[nodiscard]] bool has_solution() const override { return HasSolution<F>; }
  [[nodiscard]] std::unique_ptr<Propagator> solution(
      const PropagatorOptions& options) const override {
    return make_solution(field_, initial(), options);
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

  F field_;
  Initial initial_;
  std::vector<double> underlying_;
};

}  // namespace driftwood::sde
