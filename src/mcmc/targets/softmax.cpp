// SPDX-License-Identifier: BSD-3-Clause
#include "mcmc/targets/softmax.hpp"

#include <algorithm>

#include "mcmc/launch/regression_of.hpp"
#include "mcmc/targets/make.hpp"
#include "mcmc/targets/regression.hpp"

namespace driftwood::mcmc {
namespace {

class SoftmaxTarget final : public RegressionTarget {
 public:
  [[nodiscard]] std::unique_ptr<Density> density() const override {
    return std::make_unique<RegressionOf<SoftmaxLink>>(data());
  }

 protected:
  [[nodiscard]] bool takes_design_prior() const override { return false; }

  [[nodiscard]] Answers answers(const io::DataTable& table) const override {
    const std::vector<std::string> labels = distinct_labels(table);
    constexpr std::size_t most = SoftmaxLink::most_predictors + 1;
    if (labels.size() < 2 || labels.size() > most) {
      throw Error("there are " + std::to_string(labels.size()) + " classes",
                  "from 2 to " + std::to_string(most) + " are possible",
                  "name the right column by 'label'");
    }
    Answers out;
    out.predictors = static_cast<int>(labels.size()) - 1;
    for (const std::string& label : table.labels) {
      const auto found = std::find_if(labels.begin(), labels.end(), [&](const std::string& l) {
        return is_same_label(l, label);
      });
      out.values.push_back(static_cast<double>(found - labels.begin()));
    }
    return out;
  }
};

}  // namespace

std::shared_ptr<Target> make_softmax() { return std::make_shared<SoftmaxTarget>(); }

}  // namespace driftwood::mcmc
