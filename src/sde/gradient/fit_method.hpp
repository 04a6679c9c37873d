// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "deck/schema.hpp"
#include "io/data_table.hpp"
#include "sde/gradient/fit_moments.hpp"
#include "sde/model.hpp"
#include "sde/options.hpp"

namespace driftwood::sde {

/// A series that was read: rows of the C components at equal intervals, NaN where one is missing.
struct Series {
  std::size_t components = 0;
  std::vector<double> values;       ///< (row, C)
  std::vector<std::string> labels;  ///< (row) dates; empty without
  std::vector<std::size_t> starts;  ///< rows where a transition begins that is whole at both ends
  std::string transform = "none";

  [[nodiscard]] std::size_t rows() const {
    return components == 0 ? 0 : values.size() / components;
  }
  [[nodiscard]] const double* row(std::size_t i) const { return &values[i * components]; }
};

/// What a fit simulates, and compares.
struct FitSetup {
  MomentPlan moments;
  formula::Program formulas;               ///< of `GradientPlan`
  std::vector<std::int64_t> observed;      ///< likewise
  std::vector<std::vector<double>> start;  ///< likewise; a row for each padded term
  Series series;                           ///< empty where there is none
};

/// What the model is fitted to.
class FitMethod {
 public:
  virtual ~FitMethod() = default;

  virtual void describe(deck::Schema& s) = 0;
  /// Reads the data. Throws `UsageError` at a key of the table `path`, or at a line of the data,
  /// for what is wrong with them.
  [[nodiscard]] virtual FitSetup setup(const deck::Source& deck, const std::string& path,
                                       const Model& model, const TimeOptions& time,
                                       std::int64_t paths) const = 0;
};

/// The fan of simulated paths that the end of a series is compared with.
struct FanOptions {
  std::int64_t observations = 250;
  std::int64_t paths = 4096;
  std::vector<double> quantiles = {0.05, 0.25, 0.5, 0.75, 0.95};

  void describe(deck::Schema& s);
};

/// Transitions of a series that is wholly observed at the interval `time.end`: from each
/// observation paths are simulated to the next one. By the moments x', x x' and x'^2 of each
/// component, unless others are given.
///
/// For an Ornstein-Uhlenbeck process, X' = a + b x + e with normal e of variance v, these are the
/// equations of maximum likelihood: with e_i = x_(i+1) - a - b x_i the gaps are
///
///     mean e = 0,  mean x e = 0,  mean e^2 - v + 2 a mean e + 2 b mean x e = 0.
class TransitionMethod final : public FitMethod {
 public:
  std::int64_t draws = 32;
  std::int64_t residual_draws = 256;
  FanOptions fan{};

  void describe(deck::Schema& s) override;
  [[nodiscard]] FitSetup setup(const deck::Source& deck, const std::string& path,
                               const Model& model, const TimeOptions& time,
                               std::int64_t paths) const override;

 private:
  [[nodiscard]] Series read(const deck::Source& deck, const std::string& path,
                            const Model& model) const;

  std::string data_;
  io::TableRequest table_{};
  std::vector<std::string> columns_;
  std::optional<std::string> date_;
  std::string transform_ = "none";
  std::string missing_ = "refuse";
  std::map<std::string, std::string> moments_;
};

/// Given values with standard errors, such as prices: a table with the columns formula, time, value
/// and standard_error.
class TargetMethod final : public FitMethod {
 public:
  void describe(deck::Schema& s) override;
  [[nodiscard]] FitSetup setup(const deck::Source& deck, const std::string& path,
                               const Model& model, const TimeOptions& time,
                               std::int64_t paths) const override;

 private:
  std::string data_;
  io::TableRequest table_{};
};

/// The model's components as formulas of a solver, for what is simulated after a fit.
[[nodiscard]] formula::Program component_formulas(const Model& model, const deck::Source& deck);

}  // namespace driftwood::sde
