// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cmath>
#include <limits>
#include <optional>
#include <string>

#include "mcmc/batch.hpp"
#include "mcmc/sampler_traits.hpp"
#include "mcmc/samplers/euler_step.hpp"

namespace driftwood::mcmc {

/// Stochastic gradient Langevin dynamics: steps of `Ula` by gradients that are estimated from
/// batches of the rows of data. Welling and Teh (2011), "Bayesian learning via stochastic gradient
/// Langevin dynamics"; the control variates are those of `BatchDensity`.
///
/// Where U is a parabola of curvature k and the estimate has a variance V that does not depend on
/// x, x' = x - h g + sqrt(2 h) xi has
///
///     var x = (1 - h k)^2 var x + h^2 V + 2 h,  that is  var x = (1 + h V / 2) / (k (1 - h k /
///     2)).
///
/// Without control variates V is of the order of N^2 / B and k of that of N: the noise of batches
/// doubles the variance at h = 2 / V, of the order of B / N times the largest step of `Ula`.
struct Sgld {
  static constexpr SamplerTraits traits = {
      .name = "sgld",
      .summary =
          "stochastic gradient Langevin dynamics: gradients from batches of the rows of data",
      .gradients = 0,
      .bias_order = 1,
      .takes_batches = true};

  std::int64_t batch = 0;
  bool replacement = false;
  bool control_variate = true;
  std::string schedule = "constant";
  std::optional<double> offset;

  void describe(deck::Schema& s) {
    s.key("batch", batch, deck::at_least(1), "rows of data that each step of each chain takes")
        .required();
    s.key("replacement", replacement, "whether a batch may have a row more than once");
    s.key("control_variate", control_variate,
          "whether gradients are estimated by their differences from those at the mode, which is "
          "found when the run begins");
    s.key("schedule", schedule, deck::one_of({"constant", "decreasing"}),
          "sizes of the steps t = 0, 1, ... from the first of the warm-up on: h = 'step_size', or "
          "h (1 + t / b)^(-1/3)");
    s.key("offset", offset, deck::positive,
          "b of decreasing steps: after 7 b steps they are half as large");
  }

  void validate(const deck::Source& deck, const std::string& path, const Situation& where) const {
    if (where.rows == 0) {
      throw deck.error(path + ".name", "'sgld' takes batches of rows of data",
                       "the target has no data that it could take by rows",
                       "take 'ula', or one of the targets linear, logistic, poisson, probit and "
                       "softmax");
    }
    if (where.rows > std::numeric_limits<std::int32_t>::max()) {
      throw deck.error(path + ".name", "'sgld' takes at most 2^31 - 1 rows of data",
                       "there are " + std::to_string(where.rows));
    }
    if (batch > where.rows) {
      throw deck.error(path + ".batch", "a batch has more rows than the data",
                       "there are " + std::to_string(where.rows) + " rows",
                       "take a tenth of them or fewer; all at once are what 'ula' takes");
    }
    if (has_constant_steps() && offset) {
      throw deck.error(path + ".offset", "steps are constant", "",
                       "leave it out, or write 'schedule = \"decreasing\"'");
    }
    if (!has_constant_steps() && !offset) {
      throw deck.error(path + ".schedule", "it is not said how soon steps decrease", "",
                       "give 'offset', some hundreds of steps");
    }
  }

  [[nodiscard]] BatchRule batches() const { return {batch, replacement, control_variate}; }
  [[nodiscard]] bool has_constant_steps() const { return schedule == "constant"; }
  [[nodiscard]] double size_of(std::uint64_t step, double h) const {
    return has_constant_steps() ? h : h / std::cbrt(1 + static_cast<double>(step) / *offset);
  }

  template <class T>
  void begin(T& tile) const {
    tile.estimate(true);
  }
  template <class T>
  void step(T& tile, double h) const {
    tile.apply(EulerStep(Slot::position, size_of(tile.step(), h)));
    tile.estimate();
  }
};

}  // namespace driftwood::mcmc
