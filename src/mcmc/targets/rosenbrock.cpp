// SPDX-License-Identifier: BSD-3-Clause
#include "mcmc/targets/rosenbrock.hpp"

#include <cmath>

#include "mcmc/exact_draws.hpp"
#include "mcmc/launch/density_of.hpp"
#include "mcmc/targets/make.hpp"

namespace driftwood::mcmc {
namespace {

class RosenbrockTarget final : public Target, public ExactDraws {
 public:
  void describe(deck::Schema& s) override {
    s.key("dimension", dimension_, deck::between(2, 100'000), "number of coordinates");
    s.key("valley", valley_, deck::positive,
          "weight of (x_{i+1} - x_i^2)^2: how narrow the valley is");
    s.key("temperature", temperature_, deck::positive, "what the sum is divided by");
  }
  [[nodiscard]] std::vector<Parameter> parameters() const override { return {{"x", dimension_}}; }
  [[nodiscard]] std::unique_ptr<Density> density() const override {
    return std::make_unique<DensityOf<Rosenbrock>>(Rosenbrock{valley_, temperature_},
                                                   static_cast<int>(dimension_));
  }

  /// In more dimensions the law of a coordinate given those before it is not normal.
  [[nodiscard]] bool draws_exactly() const override { return dimension_ == 2; }
  void draw(const PointNoise& noise, std::span<double> theta) const override {
    theta[0] = 1 + std::sqrt(0.5 * temperature_) * noise.normal(0);
    theta[1] = theta[0] * theta[0] + std::sqrt(0.5 * temperature_ / valley_) * noise.normal(1);
  }

 private:
  std::int64_t dimension_ = 2;
  double valley_ = 100;
  double temperature_ = 20;
};

}  // namespace

std::shared_ptr<Target> make_rosenbrock() { return std::make_shared<RosenbrockTarget>(); }

}  // namespace driftwood::mcmc
