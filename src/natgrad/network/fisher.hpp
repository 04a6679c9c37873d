// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "natgrad/network/network.hpp"

namespace driftwood::natgrad {

/// How (F + damping I)^-1 g is found, F = J^T J / n of the rows of a Jacobian.
enum class FisherMethod {
  dual,  ///< exactly, by a factor of J J^T: n^3, for as many rows as fit
  cg,    ///< by conjugate gradients, products with J alone
  kfac,  ///< of F's Kronecker factors in place of F: Martens and Grosse (2015), arXiv:1503.05671
};

/// How K-FAC is damped.
enum class KroneckerDamping {
  exact,     ///< A (x) S + damping I, by the eigenvectors of both
  factored,  ///< (A + pi sqrt(damping) I) (x) (S + sqrt(damping) / pi I), section 6.3 there
};

/// A Fisher matrix F that a gradient is divided by.
class FisherSolver {
 public:
  virtual ~FisherSolver() = default;

  /// Takes F from the rows and their number of samples. Rows must live as long as they are used.
  /// Throws `NumericsError` where F + damping I has no inverse.
  virtual void refresh(const JacobianRows& rows, double damping) = 0;
  /// g becomes (F + damping I)^-1 g. Throws `NumericsError` where that does not converge.
  virtual void apply(Layers& g) = 0;
};

struct FisherKeys {
  FisherMethod method = FisherMethod::dual;
  KroneckerDamping kronecker = KroneckerDamping::exact;
  double average = 0.95;     ///< of Kronecker factors: the weight of those before
  double tolerance = 1e-10;  ///< of conjugate gradients, relative to g
};

[[nodiscard]] std::unique_ptr<FisherSolver> make_fisher(const FisherKeys& keys);

}  // namespace driftwood::natgrad
