// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "mcmc/chain.hpp"
#include "mcmc/chart.hpp"
#include "mcmc/coordinate_map.hpp"

namespace driftwood::mcmc {

/// Which chains are evaluated, where, and where the answers go. A view.
struct Evaluation {
  ChainRows rows;
  RowLayout layout;
  std::int64_t first_block = 0;
  std::int64_t lanes = 0;  ///< of the first blocks on, consecutive
  CoordinateMap map = {};  ///< where x is scaled
  int at = Slot::position;
  int gradient = Slot::gradient;
  int potential = Number::potential;
};

/// A probability density on the device, by its potential: minus the logarithm of the density, up to
/// a constant. The kernels behind it are compiled one target per file.
class Density {
 public:
  Density() = default;
  Density(const Density&) = delete;
  Density& operator=(const Density&) = delete;
  virtual ~Density() = default;

  [[nodiscard]] virtual int dim() const = 0;
  /// How coordinates make parameters.
  [[nodiscard]] virtual const Chart& chart() const = 0;
  /// Number of parameters where they are not the coordinates themselves; else 0.
  [[nodiscard]] virtual int parameters() const = 0;

  /// Launches the evaluation of the potential and its gradient by z.
  virtual void evaluate(const Evaluation& what) const = 0;
};

}  // namespace driftwood::mcmc
