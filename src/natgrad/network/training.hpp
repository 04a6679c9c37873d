// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

#include "natgrad/network/choice.hpp"
#include "natgrad/network/fisher.hpp"
#include "natgrad/network/loss.hpp"
#include "natgrad/network/network.hpp"

namespace driftwood::natgrad {

/// How a network is trained: theta' = theta - step / lambda P g + momentum of the step before, with
/// lambda the largest eigenvalue of P times the Gauss-Newton matrix of all samples, so that steps
/// of all P are as long as they may be.
struct TrainingKeys {
  FisherKeys fisher{};
  std::int64_t steps = 1000;  ///< at most
  double tolerance = 1e-2;    ///< ends where the loss is that part of the variance of labels / 2
  double step = 1;
  double momentum = 0.9;     ///< of gradient descent alone
  double clip = 0.1;         ///< most that a step may move outputs: root mean square, in standard
                             ///< deviations of labels, as P saw them
  std::int64_t batch = 0;    ///< samples a step; 0: all
  std::int64_t refresh = 1;  ///< steps after which P and lambda are found anew: what J does not
                             ///< see any more is divided by no more than the damping
  std::int64_t gd_refresh = 50;  ///< the same of gradient descent
  bool adapts_damping = false;   ///< by Levenberg's and Marquardt's rule
};

/// Samples, one a column.
struct TrainingData {
  Dense x;
  Dense y;       ///< labels of these
  Dense fisher;  ///< of which the Fisher matrix is; none: it is that of x
};

/// How far training has come.
struct TrainingState {
  std::int64_t step = 0;
  double loss = 0;
  double damping = 0;  ///< in units of the mean eigenvalue
};

/// Order of the samples of an epoch, for batches.
using EpochOrder = std::function<std::vector<std::size_t>(std::uint64_t epoch)>;

/// Trains from theta on, which becomes what was found. `look` sees every step before it is made,
/// and where training ends. Throws `NumericsError` where the loss grows without bound.
TrainingState train(const Architecture& of, Loss loss, const FisherChoice& choice,
                    const TrainingKeys& keys, const TrainingData& data, const EpochOrder& order,
                    Layers& theta, const std::function<void(const TrainingState&)>& look);

}  // namespace driftwood::natgrad
