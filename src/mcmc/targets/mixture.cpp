// SPDX-License-Identifier: BSD-3-Clause
#include "mcmc/targets/mixture.hpp"

#include <cmath>
#include <numeric>

#include "mcmc/exact_draws.hpp"
#include "mcmc/launch/density_of.hpp"
#include "mcmc/targets/make.hpp"

namespace driftwood::mcmc {
namespace {

constexpr std::size_t most_dimensions = 100'000;

class MixtureTarget final : public Target, public ExactDraws {
 public:
  void describe(deck::Schema& s) override {
    s.key("means", means_, "mean of each component, a row of coordinates").required();
    s.key("weights", weights_, deck::positive,
          "weight of each component, of which only ratios count; left out: all the same");
    s.key("sd", sd_, deck::positive,
          "standard deviation of all components, or one for each, the same in every direction");
  }

  void validate(const deck::Source& deck, const std::string& path) override {
    if (means_.empty() || means_.front().empty() || means_.front().size() > most_dimensions) {
      throw deck.error(path + ".means", "there must be 1 to 100000 coordinates and a component");
    }
    for (const std::vector<double>& mean : means_) {
      if (mean.size() != means_.front().size()) {
        throw deck.error(path + ".means", "the rows have different lengths",
                         "each is a point of the same space");
      }
    }
    if (!weights_.empty() && weights_.size() != means_.size()) {
      throw deck.error(path + ".weights", count_text(weights_.size(), "weight"));
    }
    if (sd_.size() != 1 && sd_.size() != means_.size()) {
      throw deck.error(path + ".sd", count_text(sd_.size(), "standard deviation"), "",
                       "give one, or one for each component");
    }
  }

  [[nodiscard]] std::vector<Parameter> parameters() const override {
    const auto dim = static_cast<std::int64_t>(means_.front().size());
    return {{"x", dim == 1 ? 0 : dim}};
  }

  [[nodiscard]] std::unique_ptr<Density> density() const override {
    const std::size_t modes = means_.size();
    const std::size_t dim = means_.front().size();
    const double total = std::accumulate(weights_.begin(), weights_.end(), 0.0);
    std::vector<double> height(modes);
    std::vector<double> precision(modes);
    std::vector<double> mean;
    for (std::size_t k = 0; k < modes; ++k) {
      const double sd = sd_[sd_.size() == 1 ? 0 : k];
      const double weight =
          weights_.empty() ? 1.0 / static_cast<double>(modes) : weights_[k] / total;
      height[k] = std::log(weight) - static_cast<double>(dim) * std::log(sd);
      precision[k] = 1 / (sd * sd);
      mean.insert(mean.end(), means_[k].begin(), means_[k].end());
    }
    const std::vector held{on_device("height", height), on_device("mean", mean),
                           on_device("precision", precision)};
    return std::make_unique<DensityOf<NormalMixture>>(
        NormalMixture{static_cast<int>(modes), held[0].data(), held[1].data(), held[2].data()},
        static_cast<int>(dim), held);
  }

  void draw(const PointNoise& noise, std::span<double> theta) const override {
    const std::vector<double> equal(means_.size(), 1.0);
    const std::vector<double>& weights = weights_.empty() ? equal : weights_;
    double left = noise.uniform(0) * std::accumulate(weights.begin(), weights.end(), 0.0);
    std::size_t k = 0;
    for (; k + 1 < weights.size() && left >= weights[k]; ++k) left -= weights[k];
    const double sd = sd_[sd_.size() == 1 ? 0 : k];
    for (std::size_t i = 0; i < theta.size(); ++i) {
      theta[i] = means_[k][i] + sd * noise.normal(static_cast<int>(i));
    }
  }

 private:
  [[nodiscard]] std::string count_text(std::size_t count, const std::string& what) const {
    return "there are " + std::to_string(count) + " " + what + (count == 1 ? "" : "s") + " for " +
           std::to_string(means_.size()) + " components";
  }

  std::vector<std::vector<double>> means_;
  std::vector<double> weights_;
  std::vector<double> sd_ = {1.0};
};

}  // namespace

std::shared_ptr<Target> make_mixture() { return std::make_shared<MixtureTarget>(); }

}  // namespace driftwood::mcmc
