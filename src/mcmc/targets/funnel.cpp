// SPDX-License-Identifier: BSD-3-Clause
#include "mcmc/targets/funnel.hpp"

#include <cmath>

#include "mcmc/exact_draws.hpp"
#include "mcmc/launch/density_of.hpp"
#include "mcmc/targets/make.hpp"

namespace driftwood::mcmc {
namespace {

class FunnelTarget final : public Target, public ExactDraws {
 public:
  void describe(deck::Schema& s) override {
    s.key("dimension", dimension_, deck::between(2, 100'000), "number of parameters, v among them");
    s.key("sd", sd_, deck::positive, "standard deviation of v");
    s.key("centred", centred_,
          "whether chains move v and x themselves, or v and z, of which x = exp(v / 2) z; results "
          "are of v and x either way");
  }
  [[nodiscard]] std::vector<Parameter> parameters() const override {
    return {{"v"}, {"x", dimension_ - 1}};
  }
  [[nodiscard]] std::unique_ptr<Density> density() const override {
    const int dim = static_cast<int>(dimension_);
    std::vector<Segment> segments;
    if (!centred_) {
      segments = {
          {.count = 1},
          {.kind = Segment::Kind::scaled, .first_x = 1, .first_theta = 1, .count = dim - 1}};
    }
    return std::make_unique<DensityOf<Funnel>>(Funnel{1 / (sd_ * sd_)}, dim, std::any{}, segments);
  }

  void draw(const PointNoise& noise, std::span<double> theta) const override {
    theta[0] = sd_ * noise.normal(0);
    const double sd = std::exp(0.5 * theta[0]);
    for (std::size_t i = 1; i < theta.size(); ++i) {
      theta[i] = sd * noise.normal(static_cast<int>(i));
    }
  }

 private:
  std::int64_t dimension_ = 10;
  double sd_ = 3;
  bool centred_ = true;
};

}  // namespace

std::shared_ptr<Target> make_funnel() { return std::make_shared<FunnelTarget>(); }

}  // namespace driftwood::mcmc
