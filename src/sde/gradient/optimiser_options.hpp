// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <variant>

#include "deck/schema.hpp"
#include "sde/gradient/fit_search.hpp"

namespace driftwood::sde {

/// How the objective of a fit is brought down.
class FitOptimiser {
 public:
  virtual ~FitOptimiser() = default;
  virtual void describe(deck::Schema& s) = 0;
  [[nodiscard]] virtual std::variant<GaussNewton, Descent> method() const = 0;
};

/// See `GaussNewton`.
class GaussNewtonOptions final : public FitOptimiser {
 public:
  void describe(deck::Schema& s) override;
  [[nodiscard]] std::variant<GaussNewton, Descent> method() const override { return method_; }

 private:
  GaussNewton method_{};
};

/// Keys of any rule of `neural::Optimiser`.
class DescentOptions : public FitOptimiser {
 public:
  void describe(deck::Schema& s) override;
  [[nodiscard]] std::variant<GaussNewton, Descent> method() const override;

 protected:
  explicit DescentOptions(double rate) : rate_(rate) {}
  virtual void describe_rule(deck::Schema& s) = 0;
  [[nodiscard]] virtual std::variant<neural::Adam, neural::Adadelta, neural::Momentum> rule()
      const = 0;

 private:
  std::int64_t iterations_ = 500;
  double rate_;
  std::string schedule_ = "constant";
  std::int64_t warm_up_ = 0;
  double last_ = 0.01;
  double weight_decay_ = 0;
  std::optional<double> clip_value_;
  std::optional<double> clip_norm_;
  std::optional<std::int64_t> average_from_;
};

/// The deck's table `[fit.optimiser]`.
struct FitOptimiserOptions {
  std::shared_ptr<FitOptimiser> rule = std::make_shared<GaussNewtonOptions>();

  void describe(deck::Schema& s);
};

}  // namespace driftwood::sde
