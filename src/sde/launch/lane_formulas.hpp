// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// What kernels of gradients have in common, whatever steps paths take: the formulas that are
/// differentiated, and what is written of them.

#include "sde/integrate.hpp"
#include "sde/launch/gradient_setup.hpp"

namespace driftwood::sde {

/// A program with its memory; its inputs change in place.
template <class R>
struct Running {
  formula::Tape tape;
  Block<R> path;
  Block<R> varying;
  Block<R> registers;
  Block<R> moved;  ///< room for outputs

  KOKKOS_FUNCTION Running(const formula::Tape& t, const Block<R>& like)
      : tape(t),
        path(take<R>(like, t.path_values)),
        varying(take<R>(like, t.varying)),
        registers(take<R>(like, t.registers)),
        moved(take<R>(like, t.outputs)) {}

  /// Fixed inputs: the parameters, then components at time 0 as far as there are inputs for them.
  KOKKOS_FUNCTION void begin(const Block<R>& parameter, const Block<R>& x0) const {
    const int given = parameter.size();
    for (int j = 0; j < tape.fixed; ++j) path[j] = j < given ? parameter[j] : x0[j - given];
    formula::begin_path(tape, path.data);
  }
  [[nodiscard]] KOKKOS_FUNCTION formula::Banks<R> banks() const {
    return {registers.data, varying.data, path.data};
  }
  template <class Time>
  KOKKOS_FUNCTION void evaluate(const Time& t) const {
    formula::evaluate(tape, t, banks());
  }
  [[nodiscard]] KOKKOS_FUNCTION R output(int i) const { return formula::output(tape, banks(), i); }
  /// Outputs [first, outputs) become inputs from 0 on.
  KOKKOS_FUNCTION void feed_back(int first) const {
    for (int i = first; i < tape.outputs; ++i) moved[i] = output(i);
    for (int i = first; i < tape.outputs; ++i) varying[i - first] = moved[i];
  }
};

/// The formulas of the paths of one lane, and their samples. Memory is taken by the constructor.
template <class R>
class LaneFormulas {
 protected:
  /// `x` holds the components at time 0, `parameter` those of the model.
  KOKKOS_FUNCTION LaneFormulas(const GradientSetup& setup, const Block<R>& x,
                               const Block<R>& parameter)
      : setup_(setup),
        x0_(x),
        parameter_(parameter),
        there_(setup.forward, x),
        back_(setup.backward, x),
        formulas_(setup.formulas, x),
        formula_bar_(take_lanes(setup.objectives * setup.formulas.path_values)),
        bar_registers_(take_lanes(setup.forward.registers > setup.formulas.registers
                                      ? setup.forward.registers
                                      : setup.formulas.registers)),
        seed_(take_lanes(setup.formulas.outputs)) {}

  KOKKOS_FUNCTION void begin() {
    there_.begin(parameter_, x0_);
    formulas_.begin(parameter_, x0_);
    for (int i = 0; i < formula_bar_.size(); ++i) formula_bar_[i] = R(0);
  }

  [[nodiscard]] KOKKOS_FUNCTION Block<R> take_lanes(std::int64_t count) const {
    return take<R>(x0_, static_cast<int>(count));
  }
  KOKKOS_FUNCTION static void copy(R* to, const R* from, std::int64_t count) {
    for (std::int64_t i = 0; i < count; ++i) to[i] = from[i];
  }
  KOKKOS_FUNCTION static void clear(R* to, std::int64_t count) {
    for (std::int64_t i = 0; i < count; ++i) to[i] = R(0);
  }
  KOKKOS_FUNCTION static void raise(R& highest, const R& value) { highest = max(value, highest); }
  /// Values of the formulas at x and this time [time]; `add_cotangents` may follow.
  KOKKOS_FUNCTION void evaluate_formulas(const R* x, double time) {
    copy(formulas_.varying.data, x, setup_.dim);
    formulas_.evaluate(time);
  }
  /// Writes them, at time number `t` of those observed.
  KOKKOS_FUNCTION void put_values(std::int64_t t, const GradientRows& rows) {
    for (int f = 0; f < setup_.formulas.outputs; ++f) {
      rows.put(rows.samples, f * setup_.times + t, formulas_.output(f));
    }
  }
  /// Adds the derivative of objective s by the components at that time.
  KOKKOS_FUNCTION void add_cotangents(std::int64_t s, std::int64_t t, R* bar) {
    bool counts = false;
    for (int f = 0; f < setup_.formulas.outputs; ++f) {
      const double weight = setup_.weights(s, f * setup_.times + t);
      counts = counts || weight != 0;
      seed_[f] = R(static_cast<value_of<R>>(weight));
    }
    if (!counts) return;
    formula::sweep_back(
        setup_.formulas, formulas_.banks(), seed_.data,
        {bar_registers_.data, bar, formula_bar_.data + s * setup_.formulas.path_values});
  }

  /// Writes the derivatives of objective s, given those through the solution.
  KOKKOS_FUNCTION void finish(std::int64_t s, const R* parameter_bar, const R* x_bar,
                              const GradientRows& rows) {
    R* direct = formula_bar_.data + s * setup_.formulas.path_values;
    formula::end_path(setup_.formulas, formulas_.path.data, direct);
    std::int64_t row = setup_.formulas.outputs * setup_.times + s * setup_.derivatives();
    for (std::size_t j = 0; j < setup_.by_parameter.extent(0); ++j) {
      const int parameter = setup_.by_parameter(j);
      rows.put(rows.samples, row++, parameter_bar[parameter] + direct[parameter]);
    }
    for (std::size_t i = 0; i < setup_.by_component.extent(0); ++i) {
      const int component = setup_.by_component(i);
      rows.put(rows.samples, row++, x_bar[component] + direct[setup_.parameters + component]);
    }
  }

  /// A path counts where all its numbers are finite.
  KOKKOS_FUNCTION void put_weight(const GradientRows& rows) {
    const std::int64_t count = setup_.rows();
    for (int l = 0; l < width_of<R>; ++l) {
      bool counts = l < rows.count;
      for (std::int64_t r = 0; r < count; ++r) {
        double& number = rows.samples(r, rows.column + l);
        counts = counts && number - number == 0;
      }
      for (std::int64_t r = 0; r < count && !counts; ++r) rows.samples(r, rows.column + l) = 0;
      rows.samples(count, rows.column + l) = counts ? 1 : 0;
    }
  }

  GradientSetup setup_;
  Block<R> x0_;
  Block<R> parameter_;
  Running<R> there_;
  Running<R> back_;
  Running<R> formulas_;
  Block<R> formula_bar_;
  Block<R> bar_registers_;
  Block<R> seed_;
  R gap_ = R(0);
  R rebuilt_ = R(0);
};

}  // namespace driftwood::sde
