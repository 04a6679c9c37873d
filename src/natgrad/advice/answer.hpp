// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "natgrad/advice/grid.hpp"
#include "natgrad/advice/signal.hpp"
#include "natgrad/advice/trial.hpp"

namespace driftwood::natgrad {

/// Risks below this share of that of predicting 0 count as this: they are as good as none, and
/// ratios of them would be ratios of what the grids of ridges and times leave, or of rounding.
inline constexpr double least_told = 1e-3;

/// What is said: the risk falls by more than what is worth it; it rises by more, whatever is taken;
/// neither; fewer than half of draws agree, so that the opposite is likelier.
enum class Verdict { yes, no, no_matter, cannot_tell };
inline constexpr std::array<std::string_view, 4> verdict_names = {"yes", "no", "no matter",
                                                                  "cannot tell"};

/// Whether preconditioning pays: on n rows, for a signal and a noise, at a tuning.
struct Answer {
  std::size_t n;
  std::size_t signal;
  Tuning tuning;
  std::size_t noise;  ///< number of the grid's
  std::size_t best;   ///< the preconditioner but `gd` with the least predicted risk
  double gain;        ///< 1 - its risk over that of `gd`
  bool is_tie;        ///< both risks are below `least_told`
  bool does_pay;      ///< that gain is more than what is worth it
  /// Share of draws of what was estimated that agree on whether it pays; NaN: not drawn.
  double confidence;
  double measured = 0;        ///< the gain in the trial, NaN without
  double measured_error = 0;  ///< its standard error, of paired differences

  [[nodiscard]] Verdict verdict(double worth) const;
  /// Whether the measured gain is where the verdict says: above worth, below -worth, or between.
  /// By two standard errors; none: it cannot tell, or nothing was said.
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
