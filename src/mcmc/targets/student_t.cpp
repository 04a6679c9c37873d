// SPDX-License-Identifier: BSD-3-Clause
#include "mcmc/targets/student_t.hpp"

#include <cmath>

#include "mcmc/exact_draws.hpp"
#include "mcmc/launch/density_of.hpp"
#include "mcmc/targets/make.hpp"

namespace driftwood::mcmc {
namespace {

class StudentTTarget final : public Target, public ExactDraws {
 public:
  void describe(deck::Schema& s) override {
    s.key("dimension", dimension_, deck::between(1, 100'000), "number of coordinates");
    s.key("degrees_of_freedom", degrees_of_freedom_, deck::positive,
          "how light the tails are: moments of lower order than this exist");
  }
  [[nodiscard]] std::vector<Parameter> parameters() const override {
    return {{"x", dimension_ == 1 ? 0 : dimension_}};
  }
  [[nodiscard]] std::unique_ptr<Density> density() const override {
    return std::make_unique<DensityOf<StudentT>>(StudentT{degrees_of_freedom_},
                                                 static_cast<int>(dimension_));
  }

  void draw(const PointNoise& noise, std::span<double> theta) const override {
    const int dim = static_cast<int>(dimension_);
    const double half = 0.5 * degrees_of_freedom_;
    const double stretch = std::sqrt(half / noise.gamma(half, dim));
    for (int i = 0; i < dim; ++i) theta[static_cast<std::size_t>(i)] = stretch * noise.normal(i);
  }

 private:
  std::int64_t dimension_ = 1;
  double degrees_of_freedom_ = 5;
};

}  // namespace

std::shared_ptr<Target> make_student_t() { return std::make_shared<StudentTTarget>(); }

}  // namespace driftwood::mcmc
