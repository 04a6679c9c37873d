// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "io/data_table.hpp"
#include "mcmc/design.hpp"
#include "mcmc/target.hpp"

namespace driftwood::mcmc {

/// What all regressions on data have in common: their keys, what explains, and the prior.
class RegressionTarget : public Target {
 public:
  void describe(deck::Schema& s) override;
  void validate(const deck::Source& deck, const std::string& path) override;
  [[nodiscard]] std::vector<Parameter> parameters() const override;
  [[nodiscard]] std::int64_t rows() const override { return data_.rows; }

 protected:
  /// Keys of its own.
  virtual void describe_answers(deck::Schema& s) { static_cast<void>(s); }
  /// The answers of a table, and how many linear predictors they need.
  struct Answers {
    std::vector<double> values;
    int predictors = 1;
  };
  /// Throws `Error` "PROBLEM (WHY); SUGGESTION".
  [[nodiscard]] virtual Answers answers(const io::DataTable& table) const = 0;
  /// Whether the prior may be of the linear predictors.
  [[nodiscard]] virtual bool takes_design_prior() const { return true; }

  [[nodiscard]] const RegressionData& data() const { return data_; }

 private:
  void read(const io::DataTable& table);
  void scale_columns(const io::DataTable& table);
  void settle_prior(const deck::Source& deck, const std::string& path);

  io::TableRequest table_;
  bool intercept_ = true;
  bool standardise_ = true;
  double scale_ = 1;
  std::vector<double> prior_sd_ = {1.0};
  std::optional<double> design_prior_;
  RegressionData data_;
};

/// Answers 0 and 1.
class BinaryTarget : public RegressionTarget {
 protected:
  void describe_answers(deck::Schema& s) override;
  [[nodiscard]] Answers answers(const io::DataTable& table) const override;

 private:
  std::optional<std::string> positive_;
};

/// The labels of a table, each once: in the order of numbers, if all are, or else of texts.
[[nodiscard]] std::vector<std::string> distinct_labels(const io::DataTable& table);

/// Whether two labels are the same text, or the same number.
[[nodiscard]] bool is_same_label(const std::string& a, const std::string& b);

}  // namespace driftwood::mcmc
