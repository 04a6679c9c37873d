// SPDX-License-Identifier: BSD-3-Clause
#include "mcmc/targets/gaussian.hpp"

#include <cmath>

#include "mcmc/exact_draws.hpp"
#include "mcmc/inverse.hpp"
#include "mcmc/launch/density_of.hpp"
#include "mcmc/targets/make.hpp"

namespace driftwood::mcmc {
namespace {

constexpr std::int64_t most_dimensions = 100'000;
constexpr std::int64_t most_dense = 4096;

class GaussianTarget final : public Target, public ExactDraws {
 public:
  void describe(deck::Schema& s) override {
    s.key("dimension", dimension_, deck::between(1, most_dimensions),
          "number of coordinates; left out: as many as the lists below have");
    s.key("mean", mean_, deck::finite, "mean of each coordinate; left out: 0");
    s.key("sd", sd_, deck::positive, "standard deviation of each coordinate; left out: 1");
    s.key("covariance", covariance_, "covariance matrix, instead of 'sd'");
    s.key("condition", condition_, deck::at_least(1),
          "instead of 'sd': variances from 1 to 1 / condition in geometric progression");
  }

  void validate(const deck::Source& deck, const std::string& path) override {
    const auto given = static_cast<int>(!sd_.empty()) + static_cast<int>(!covariance_.empty()) +
                       static_cast<int>(condition_.has_value());
    if (given > 1) {
      throw deck.error(path + (sd_.empty() ? ".covariance" : ".sd"),
                       "the spread of the Gaussian is given twice", "",
                       "give one of 'sd', 'covariance' and 'condition'");
    }
    settle_dimension(deck, path);
    if (!covariance_.empty()) check_covariance(deck, path);
  }

  [[nodiscard]] std::vector<Parameter> parameters() const override {
    return {{"x", dimension() == 1 ? 0 : dimension()}};
  }

  [[nodiscard]] std::unique_ptr<Density> density() const override {
    const auto n = static_cast<std::size_t>(dimension());
    const auto mean = on_device("mean", mean_.empty() ? std::vector<double>(n) : mean_);
    const int dim = static_cast<int>(n);
    using Held = std::pair<decltype(mean), decltype(mean)>;
    if (!precision_.empty()) {
      const auto held = on_device("precision", precision_);
      return std::make_unique<DensityOf<DenseGaussian>>(DenseGaussian{mean.data(), held.data()},
                                                        dim, Held{mean, held});
    }
    std::vector<double> precision(n);
    for (std::size_t i = 0; i < n; ++i) precision[i] = precision_of(i);
    const auto held = on_device("precision", precision);
    return std::make_unique<DensityOf<DiagonalGaussian>>(DiagonalGaussian{mean.data(), held.data()},
                                                         dim, Held{mean, held});
  }

  void draw(const PointNoise& noise, std::span<double> theta) const override {
    std::vector<double> z(theta.size());
    for (std::size_t i = 0; i < z.size(); ++i) z[i] = noise.normal(static_cast<int>(i));
    for (std::size_t i = 0; i < z.size(); ++i) {
      theta[i] = mean_.empty() ? 0.0 : mean_[i];
      if (factor_.empty()) {
        theta[i] += z[i] / std::sqrt(precision_of(i));
      } else {
        for (std::size_t j = 0; j <= i; ++j) theta[i] += factor_[i * z.size() + j] * z[j];
      }
    }
  }

 private:
  /// Of independent coordinates.
  [[nodiscard]] double precision_of(std::size_t i) const {
    const auto n = static_cast<std::size_t>(dimension());
    if (condition_ && n > 1) {
      return std::pow(*condition_, static_cast<double>(i) / static_cast<double>(n - 1));
    }
    return sd_.empty() ? 1.0 : 1 / (sd_[i] * sd_[i]);
  }
  [[nodiscard]] std::int64_t dimension() const { return dimension_.value_or(1); }

  void settle_dimension(const deck::Source& deck, const std::string& path) {
    const std::pair<const char*, std::size_t> lists[] = {
        {"mean", mean_.size()}, {"sd", sd_.size()}, {"covariance", covariance_.size()}};
    for (const auto& [name, size] : lists) {
      if (size == 0) continue;
      if (!dimension_) dimension_ = static_cast<std::int64_t>(size);
      if (static_cast<std::int64_t>(size) != *dimension_) {
        throw deck.error(path + "." + name, "there are " + std::to_string(size) + " entries for " +
                                                std::to_string(*dimension_) + " coordinates");
      }
    }
    if (!covariance_.empty() && *dimension_ > most_dense) {
      throw deck.error(path + ".covariance", "the matrix is too large",
                       "at most " + std::to_string(most_dense) + " coordinates");
    }
  }

  void check_covariance(const deck::Source& deck, const std::string& path) {
    for (std::size_t i = 0; i < covariance_.size(); ++i) {
      if (covariance_[i].size() != covariance_.size()) {
        throw deck.error(path + ".covariance", "the matrix is not square");
      }
      for (std::size_t j = 0; j < i; ++j) {
        if (covariance_[i][j] != covariance_[j][i]) {
          throw deck.error(path + ".covariance", "the matrix is not symmetric");
        }
      }
    }
    precision_ = inverse_of_positive(covariance_);
    if (precision_.empty()) {
      throw deck.error(path + ".covariance", "the matrix is not positive definite");
    }
    factor_ = factor_of_positive(covariance_);
  }

  std::optional<std::int64_t> dimension_;
  std::vector<double> mean_;
  std::vector<double> sd_;
  std::vector<std::vector<double>> covariance_;
  std::optional<double> condition_;
  std::vector<double> precision_;  ///< of a covariance, by rows
  std::vector<double> factor_;     ///< lower triangular, of the same
};

}  // namespace

std::shared_ptr<Target> make_gaussian() { return std::make_shared<GaussianTarget>(); }

}  // namespace driftwood::mcmc
