// SPDX-License-Identifier: BSD-3-Clause
#include "mcmc/targets/linear.hpp"

#include "mcmc/launch/regression_of.hpp"
#include "mcmc/targets/make.hpp"
#include "mcmc/targets/regression.hpp"

namespace driftwood::mcmc {
namespace {

class LinearTarget final : public RegressionTarget {
 public:
  [[nodiscard]] std::unique_ptr<Density> density() const override {
    RegressionData in_units = data();  // of the noise
    for (double& x : in_units.x) x /= noise_sd_;
    for (double& y : in_units.answers) y /= noise_sd_;
    in_units.design_precision *= noise_sd_ * noise_sd_;
    return std::make_unique<RegressionOf<LinearLink>>(in_units);
  }

 protected:
  void describe_answers(deck::Schema& s) override {
    s.key("noise_sd", noise_sd_, deck::positive, "standard deviation of answers around their mean");
  }
  [[nodiscard]] Answers answers(const io::DataTable& table) const override {
    Answers out;
    for (std::size_t r = 0; r < table.rows(); ++r) {
      const auto number = io::number_in(table.labels[r]);
      if (!number) {
        throw Error(table.places[r] + ": the label '" + table.labels[r] + "' is no number", "",
                    "name the right column by 'label'");
      }
      out.values.push_back(*number);
    }
    return out;
  }

 private:
  double noise_sd_ = 1;
};

}  // namespace

std::shared_ptr<Target> make_linear() { return std::make_shared<LinearTarget>(); }

}  // namespace driftwood::mcmc
