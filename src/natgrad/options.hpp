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

/// The deck's table `[problem]`.
struct ProblemOptions {
  SpectrumOptions spectrum;
  std::vector<double> alignment{0};
  std::vector<double> gamma;
  std::int64_t n = 0;
  std::vector<double> noise{0};

  void describe(deck::Schema& s);
  void validate(const deck::Source& deck);

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

  /// What the names say. Set by `validate`.
  std::vector<Preconditioner> parsed{};
};

/// The deck's table `[ensemble]`.
struct EnsembleOptions {
  std::int64_t replicas = 32;
  std::uint64_t seed = 1;
  std::string law_name = "normal";
  double memory = 4096;  ///< of a rank [MiB]
  std::string solver_name = "lapack";
  std::int64_t probes = 64;

  void describe(deck::Schema& s);
  void validate(const deck::Source& deck, const ProblemOptions& problem,
                const EstimatorOptions& estimator) const;
  [[nodiscard]] FeatureLaw law() const;
  /// Whether designs are left to PETSc, and how.
  [[nodiscard]] bool are_large() const { return solver_name == "petsc"; }
  [[nodiscard]] LargeOptions large() const;

 private:
  void validate_large(const deck::Source& deck, const EstimatorOptions& estimator) const;
};

}  // namespace driftwood::natgrad
