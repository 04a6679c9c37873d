// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "natgrad/ensemble/draw.hpp"
#include "natgrad/large/large_replica.hpp"
#include "natgrad/theory/predictor.hpp"

namespace driftwood::deck {
class Schema;
class Source;
}  // namespace driftwood::deck

namespace driftwood::natgrad {

/// Where the eigenvalues of Sigma_X come from.
class SpectrumSource {
 public:
  virtual ~SpectrumSource() = default;

  virtual void describe(deck::Schema& s) = 0;
  /// Reads what the keys name. Throws `UsageError` at the key under the table `path`.
  virtual void validate(const deck::Source& deck, const std::string& path) = 0;
  /// The one number of eigenvalues that there is; none: there are as many as are asked for.
  [[nodiscard]] virtual std::optional<std::size_t> size() const { return std::nullopt; }
  [[nodiscard]] virtual std::string kind() const = 0;
  /// Writes x.size() eigenvalues.
  virtual void fill(std::span<double> x) const = 0;
};

struct SpectrumOptions {
  std::shared_ptr<SpectrumSource> source;

  void describe(deck::Schema& s);
};

/// How the signal lies to the features: Sigma_theta, which has the eigenvectors of Sigma_X.
struct Alignment {
  std::string name;  ///< as the deck has it
  double r = 0;      ///< of Sigma_theta = Sigma_X^r; NaN: its eigenvalues are those of a file
  std::vector<double> values{};  ///< of the file

  [[nodiscard]] bool is_file() const { return !values.empty(); }
  /// Writes eigenvalues of Sigma_theta, in the order of those of Sigma_X, scaled so that predicting
  /// 0 has risk 1. Throws as `fill_aligned`.
  void fill(std::span<const double> features, std::span<double> prior) const;
};

/// The deck's table `[problem]`.
struct ProblemOptions {
  SpectrumOptions spectrum;
  std::vector<std::string> alignment_names{"0"};
  std::vector<double> gamma;
  std::int64_t n = 0;
  std::vector<double> noise{0};
  double memory = 4096;  ///< of a rank [MiB]

  void describe(deck::Schema& s);
  void validate(const deck::Source& deck);

  /// What the names say. Set by `validate`.
  std::vector<Alignment> alignment{};

  /// d = round(gamma n).
  [[nodiscard]] std::size_t features(double of_gamma) const;
};

/// The deck's table `[estimator]`.
struct EstimatorOptions {
  std::vector<std::string> preconditioner;
  std::vector<double> ridge{0};
  std::vector<double> time{std::numeric_limits<double>::infinity()};

  void describe(deck::Schema& s);
  void validate(const deck::Source& deck, const ProblemOptions& problem);

  /// How many estimators there are: preconditioners x ridges x times.
  [[nodiscard]] std::size_t count() const { return parsed.size() * ridge.size() * time.size(); }
  /// Whether any takes a matrix P of drawn rows.
  [[nodiscard]] bool takes_fisher() const;

  /// What the names say. Set by `validate`.
  std::vector<Preconditioner> parsed{};
};

/// The deck's table `[ensemble]`.
struct EnsembleOptions {
  std::int64_t replicas = 32;
  std::uint64_t seed = 1;
  std::string law_name = "normal";
  std::string solver_name = "lapack";
  std::int64_t probes = 64;

  void describe(deck::Schema& s);
  void validate(const deck::Source& deck, const EstimatorOptions& estimator) const;
  [[nodiscard]] FeatureLaw law() const;
  /// What results of so many settings take, of all replicas [bytes].
  [[nodiscard]] double bytes(double settings) const;
  /// Whether designs are left to PETSc, and how.
  [[nodiscard]] bool are_large() const { return solver_name == "petsc"; }
  [[nodiscard]] LargeOptions large(const ProblemOptions& problem) const;
};

/// What a design takes that is factored: X, what P makes of it, and the matrices [bytes].
[[nodiscard]] double design_bytes(const ProblemOptions& problem, const EstimatorOptions& estimator,
                                  std::size_t features);

/// Throws `UsageError` at the key `problem.memory` where the grid, or designs if there are any,
/// would take more than that.
void check_memory(const deck::Source& deck, const ProblemOptions& problem,
                  const EstimatorOptions& estimator,
                  const std::optional<EnsembleOptions>& ensemble);

}  // namespace driftwood::natgrad
