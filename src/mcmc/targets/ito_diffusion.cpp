// SPDX-License-Identifier: BSD-3-Clause
#include "mcmc/targets/ito_diffusion.hpp"

#include "mcmc/launch/density_of.hpp"
#include "mcmc/targets/make.hpp"

namespace driftwood::mcmc {
namespace {

class ItoDiffusionTarget final : public Target {
 public:
  void describe(deck::Schema& s) override {
    s.key("dimension", dimension_, deck::between(1, 10'000), "number of coordinates");
    s.key("beta", beta_, deck::positive, "of S = beta + |x|^2 / 2: how flat the density is at 0");
    s.key("gamma", gamma_, deck::finite, "of the potential sqrt(S) + gamma log S");
  }
  [[nodiscard]] std::vector<Parameter> parameters() const override {
    return {{"x", dimension_ == 1 ? 0 : dimension_}};
  }
  [[nodiscard]] std::unique_ptr<Density> density() const override {
    return std::make_unique<DensityOf<SlowlyGrowing>>(value(), static_cast<int>(dimension_));
  }
  [[nodiscard]] DiffusionNoise diffusion_noise() const override {
    return value().noise(static_cast<int>(dimension_));
  }

 private:
  [[nodiscard]] SlowlyGrowing value() const { return {beta_, gamma_}; }

  std::int64_t dimension_ = 1;
  double beta_ = 1;
  double gamma_ = 0.5;
};

}  // namespace

std::shared_ptr<Target> make_ito_diffusion() { return std::make_shared<ItoDiffusionTarget>(); }

}  // namespace driftwood::mcmc
