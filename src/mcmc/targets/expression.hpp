// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "base/block.hpp"
#include "formula/tape.hpp"
#include "mcmc/coordinates.hpp"

namespace driftwood::mcmc {

/// A log density written as a formula, its gradient by a sweep back through the operations.
struct ExpressionDensity {
  using R = Lane<double>;

  formula::Tape tape;                                     ///< of one formula, reversed
  const double* parameters;                               ///< (tape.fixed)
  Kokkos::View<R**, Kokkos::LayoutRight, Memory> memory;  ///< a row per work item in flight
  Kokkos::Experimental::UniqueToken<Exec> tokens;

  /// Lanes that a work item takes.
  static std::int64_t lanes(const formula::Tape& tape) {
    return 2 * (tape.varying + tape.path_values + tape.registers);
  }

  KOKKOS_FUNCTION R potential(const Coordinates<R>& x, const Coordinates<R>& gradient) const {
    const auto token = tokens.acquire();
    R* const varying = &memory(token, 0);
    R* const path = varying + tape.varying;
    R* const registers = path + tape.path_values;
    R* const adjoints = registers + tape.registers;
    for (int i = 0; i < tape.varying; ++i) varying[i] = x[i];
    for (int j = 0; j < tape.fixed; ++j) path[j] = R(parameters[j]);
    formula::begin_path(tape, path);
    const formula::Banks<R> banks{registers, varying, path};
    formula::evaluate(tape, 0.0, banks);
    const R value = formula::output(tape, banks, 0);
    const formula::Adjoints<R> adjoint{adjoints, adjoints + tape.registers,
                                       adjoints + tape.registers + tape.varying};
    for (int i = 0; i < tape.varying; ++i) adjoint.varying[i] = R(0);
    for (int i = 0; i < tape.path_values; ++i) adjoint.path[i] = R(0);
    const R seed(1);
    formula::sweep_back(tape, banks, &seed, adjoint);
    for (int i = 0; i < tape.varying; ++i) gradient.set(i, -adjoint.varying[i]);
    tokens.release(token);
    return -value;
  }
};

}  // namespace driftwood::mcmc
