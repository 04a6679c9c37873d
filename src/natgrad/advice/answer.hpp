// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "natgrad/advice/grid.hpp"
#include "natgrad/advice/signal.hpp"
#include "natgrad/advice/trial.hpp"

namespace driftwood::natgrad {

/// Whether preconditioning pays: on n rows, for a signal and a noise, at a tuning.
struct Answer {
  std::size_t n;
  std::size_t signal;
  Tuning tuning;
  std::size_t noise;          ///< number of the grid's
  std::size_t best;           ///< the preconditioner but `gd` with the least predicted risk
  double gain;                ///< 1 - its risk over that of `gd`
  bool does_pay;              ///< that gain is more than what is worth it
  double confidence;          ///< share of draws of what was estimated that agree; NaN: not drawn
  double measured = 0;        ///< the gain in the trial, NaN without
  double measured_error = 0;  ///< its standard error, of paired differences

  /// Whether the trial agrees, by two standard errors; none: it cannot tell.
  [[nodiscard]] std::optional<bool> is_confirmed(double worth) const;
};

/// What might as well be true, given the rows: eigenvalues by parametric bootstrap, signals by
/// their posterior.
struct AdviceDraws {
  std::vector<std::vector<double>> spectra;
  std::vector<Signal> signals;  ///< of labels; empty: those of the grid by their alignment
  std::vector<double> alignments;
  /// The noise of the grid that was estimated, for which draws have their own.
  std::optional<std::size_t> estimated_noise;
};

/// Spectra that rows of this population would have led to, as many rows as there are: normal ones
/// are drawn, and `population_spectrum` is taken of them. Draw number i is a function of the seed
/// and i.
[[nodiscard]] std::vector<double> redrawn_spectrum(std::span<const double> population,
                                                   std::size_t rows, std::uint64_t seed,
                                                   std::uint32_t i);

/// Every (n, signal, tuning, noise) in this order; tunings that have no risk are left out. `gd` is
/// the first preconditioner of the grid. `trial` may be empty.
[[nodiscard]] std::vector<Answer> answers(const AdviceGrid& grid,
                                          std::span<const BiasVariance> theory,
                                          const AdviceDraws& draws, double worth);

/// Adds what the trial has measured.
void compare(std::vector<Answer>& answers, const AdviceGrid& grid,
             std::span<const BiasVariance> theory, const AdviceTrial& trial,
             std::span<const TrialFinding> found);

/// A mean over the choices of rows that have one.
struct Measured {
  double mean = 0;
  double standard_error = 0;
  std::int64_t count = 0;
};
[[nodiscard]] Measured measured(std::span<const double> values);

}  // namespace driftwood::natgrad
