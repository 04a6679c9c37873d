// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <memory>

#include "base/error.hpp"
#include "mcmc/batch.hpp"
#include "mcmc/chain.hpp"
#include "mcmc/chart.hpp"
#include "mcmc/coordinate_map.hpp"
#include "mcmc/diffusion.hpp"

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

/// Which chains are moved, and by which noise. A view.
struct MovedChains {
  ChainRows rows;
  RowLayout layout;
  std::int64_t first_block = 0;
  std::int64_t lanes = 0;  ///< of the first blocks on, consecutive
  std::uint64_t seed = 0;
  std::uint64_t first_chain = 0;  ///< id of the first chain of block 0
  std::uint64_t step = 0;
  bool joins_steps = false;  ///< see ChainNoise
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

  /// Launches a step of the Ito diffusion whose stationary law this is, where kernels know one.
  virtual void move(const MovedChains& chains, const DiffusionStep& step) const {
    static_cast<void>(chains);
    static_cast<void>(step);
    throw Error("the target is not the stationary law of a diffusion that is known");
  }

  /// Estimates of the same, where it is one of data; else none. The anchor is that of control
  /// variates, if these are wanted. The density lives longer.
  [[nodiscard]] virtual std::unique_ptr<BatchDensity> batches(const BatchRule& rule,
                                                              const Anchor& anchor) const {
    static_cast<void>(rule);
    static_cast<void>(anchor);
    return nullptr;
  }
};

}  // namespace driftwood::mcmc
