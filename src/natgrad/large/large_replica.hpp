// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "comm/communicator.hpp"
#include "natgrad/ensemble/draw.hpp"
#include "natgrad/theory/predictor.hpp"

namespace driftwood::natgrad {

struct LargeOptions {
  enum class Solver {
    conjugate_gradients,  ///< needs no more than X, or a block of it
    cholesky,             ///< needs n^2 doubles over all ranks; only to the end of the flow
  };

  std::int64_t probes = 64;  ///< of either trace
  FeatureLaw law = FeatureLaw::normal;
  Solver solver = Solver::conjugate_gradients;
  /// Rows are stored where a rank takes no more than this with them, and else drawn anew, a block
  /// of them at a time, for every product [bytes].
  double memory = 4.0 * (std::uint64_t{1} << 30);
  double tolerance = 1e-10;               ///< of residuals, over right-hand sides
  std::int64_t most_iterations = 10'000;  ///< or restarts of a flow
  std::vector<std::string> petsc{};       ///< options of the user: {"-ksp_monitor"}
};

/// What a large design gave, and how.
struct LargeFindings {
  BiasVariance mean{};
  BiasVariance standard_error{};  ///< over probes, which are independent between the two
  /// How much of the variance over probes the controls have left.
  BiasVariance left_by_controls{};
  std::int64_t iterations = 0;  ///< of the slowest batch; of a flow, restarts
  double residual = 0;          ///< the worst, over its right-hand side; of a flow, 0
  double condition = 0;         ///< estimate, of X P X^T/n + ridge; of a flow, 0
  bool is_stored = false;
  std::vector<std::string> unused_options{};  ///< of the user, most likely misspelt

  /// Of the risk at some noise.
  [[nodiscard]] double risk_error(double noise) const;
};

/// Whether this build has PETSc and SLEPc, which `large_replica` needs.
[[nodiscard]] bool has_large_replicas();

/// Memory that a rank takes at most [bytes].
[[nodiscard]] double large_replica_bytes(int ranks, std::size_t n, std::size_t d,
                                         const LargeOptions& options);

/// Bias and variance of one estimator on one drawn design X (n, d), that of `Replica::draw` with
/// the same key, by probing the two traces with vectors of random signs (Hutchinson 1990): with A
/// of theta = A y and F = (1 - exp(-t S)) S^-1, S = X P X^T / n + ridge,
///
///     A = P X^T F / n,   variance = E |Sigma_X^1/2 A z|^2,
///     bias = E |Sigma_X^1/2 (1 - A X) s|^2 / d,  s = Sigma_theta^1/2 z.
///
/// The probes of both take one solve together. z^T S z and |X s|^2, whose means are known exactly,
/// are subtracted as controls, times a factor that the other half of the probes gave: means stay
/// unbiased. Least squares (more rows than features, to the end, no ridge) has no bias.
///
/// Results depend on the number of ranks of `comm` by rounding and by what the tolerance leaves;
/// one that is alone needs nothing but MPI to be up, and gives the same bits wherever it runs. BLAS
/// computes in one thread. Collective.
///
/// Throws `UsageError` for what is out of range or only `Replica` has, as Fisher matrices of drawn
/// rows, and where this build has no PETSc; `NumericsError`, with PETSc's reason and the design,
/// where a solver does not converge or S is singular.
[[nodiscard]] LargeFindings large_replica(const comm::Communicator& comm, const DesignKey& key,
                                          std::size_t n, std::span<const double> features,
                                          std::span<const double> prior, const Estimator& by,
                                          const LargeOptions& options = {});

}  // namespace driftwood::natgrad
