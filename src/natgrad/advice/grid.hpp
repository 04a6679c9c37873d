// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <array>
#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "comm/communicator.hpp"
#include "natgrad/theory/predictor.hpp"

namespace driftwood::natgrad {

/// How an estimator is kept from learning noise: by nothing, or by the ridge or the time that suits
/// its preconditioner best.
enum class Tuning { end, ridge, time };
inline constexpr std::array<std::string_view, 3> tuning_names = {"none", "best ridge", "best time"};
[[nodiscard]] inline std::string name_of(Tuning tuning) {
  return std::string(tuning_names.at(static_cast<std::size_t>(tuning)));
}

/// A signal by name, with prior variances (d) in the order of the eigenvalues, mean[prior t] = 1.
struct NamedSignal {
  std::string name;
  std::vector<double> prior;
};

/// What is asked: how each preconditioner fares on n rows of a population, for some n, signals and
/// noises, at every tuning.
class AdviceGrid {
 public:
  /// Eigenvalues of the population have mean 1.
  AdviceGrid(std::vector<double> population, std::vector<std::size_t> rows,
             std::vector<NamedSignal> signals, std::vector<Preconditioner> preconditioners,
             std::vector<double> noise);

  [[nodiscard]] const std::vector<double>& population() const { return population_; }
  [[nodiscard]] const std::vector<std::size_t>& rows() const { return rows_; }
  [[nodiscard]] const std::vector<NamedSignal>& signals() const { return signals_; }
  [[nodiscard]] const std::vector<Preconditioner>& preconditioners() const {
    return preconditioners_;
  }
  [[nodiscard]] const std::vector<double>& noise() const { return noise_; }
  [[nodiscard]] std::size_t features() const { return population_.size(); }
  /// d / n
  [[nodiscard]] double gamma(std::size_t n) const {
    return static_cast<double>(features()) / static_cast<double>(rows_[n]);
  }

  /// A filter is a tuning and its strength: number 0 is `end`, then come ridges, then times.
  [[nodiscard]] static std::size_t filters();
  struct Range {
    std::size_t first;
    std::size_t last;
  };
  [[nodiscard]] static Range filters_of(Tuning tuning);
  /// Strengths are in units of the mean eigenvalue of P Sigma_X, or of one over it: those of
  /// different P compare.
  [[nodiscard]] static double strength(std::size_t filter);
  [[nodiscard]] Estimator estimator(std::size_t preconditioner, std::size_t signal,
                                    std::size_t filter) const;

  /// A cell is one estimator on one number of rows and one signal; risks are linear in the noise.
  [[nodiscard]] std::size_t cells() const { return rows_.size() * per_rows(); }
  [[nodiscard]] std::size_t per_rows() const { return signals_.size() * per_signal(); }
  [[nodiscard]] std::size_t per_signal() const { return preconditioners_.size() * filters(); }
  [[nodiscard]] std::size_t cell(std::size_t n, std::size_t signal, std::size_t preconditioner,
                                 std::size_t filter) const {
    return ((n * signals_.size() + signal) * preconditioners_.size() + preconditioner) * filters() +
           filter;
  }

  /// Whether an estimator that runs to the end has a risk: not where n = d.
  [[nodiscard]] bool has_end(std::size_t n) const { return rows_[n] != features(); }

 private:
  std::vector<double> population_;
  std::vector<std::size_t> rows_;
  std::vector<NamedSignal> signals_;
  std::vector<Preconditioner> preconditioners_;
  std::vector<double> noise_;
};

/// What theory says of every cell; NaN where there is no risk. Collective.
[[nodiscard]] std::vector<BiasVariance> predict(const comm::Communicator& comm,
                                                const AdviceGrid& grid);

/// The filter of a tuning with the least risk at a noise, of those of one (n, signal, P), which
/// `cells` holds.
[[nodiscard]] std::size_t best_filter(std::span<const BiasVariance> cells, Tuning tuning,
                                      double noise);

}  // namespace driftwood::natgrad
