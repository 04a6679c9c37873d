// SPDX-License-Identifier: BSD-3-Clause
#include "sde/fields/geometric_brownian_motion.hpp"

#include "sde/fields/basket.hpp"
#include "sde/launch/make_propagator.hpp"
#include "sde/registry.hpp"

namespace driftwood::sde {
namespace {

constexpr int most_assets = 64;

/// One asset, or a basket of up to `most_assets`; the deck's lists say how many.
class BasketModel final : public Model {
 public:
  void describe(deck::Schema& s) override {
    s.key("drift", drift_, deck::length(1, most_assets), "drift of each asset [1/time]");
    s.key("volatility", volatility_, deck::length(1, most_assets),
          "volatility of each asset [1/sqrt(time)]")
        .also(deck::non_negative);
    s.key("correlation", correlation_,
          "correlation matrix of the log returns; left out: independent assets");
    s.key("initial", initial_, deck::length(1, most_assets),
          "price of each asset at time 0 [currency]")
        .also(deck::positive);
    s.key("assets", assets_, deck::length(1, most_assets),
          "names of the assets; left out: price, or price_1, price_2, ...")
        .also(deck::identifier)
        .also(deck::distinct);
  }

  void validate(const deck::Source& deck, const std::string& path) const override {
    const auto same_length = [&](const char* key, std::size_t length) {
      if (length == assets()) return;
      throw deck.error(path + "." + key,
                       "'" + std::string(key) + "' and 'initial' differ in length",
                       "'" + std::string(key) + "' has " + std::to_string(length) +
                           ", 'initial' has " + std::to_string(assets()) + ", one per asset",
                       "give one entry per asset");
    };
    same_length("drift", drift_.size());
    same_length("volatility", volatility_.size());
    if (assets_) same_length("assets", assets_->size());
    if (correlation_) validate_correlation(deck, path + ".correlation");
  }

  [[nodiscard]] std::string name() const override { return "geometric_brownian_motion"; }
  [[nodiscard]] std::vector<ComponentInfo> components() const override {
    std::vector<ComponentInfo> out;
    for (std::size_t i = 0; i < assets(); ++i) {
      const std::string number = std::to_string(i + 1);
      const std::string unnamed = assets() == 1 ? "price" : "price_" + number;
      out.push_back({assets_ ? (*assets_)[i] : unnamed, "currency",
                     assets() == 1 ? "asset price" : "price of asset " + number});
    }
    return out;
  }
  [[nodiscard]] Calculus calculus() const override { return Calculus::ito; }
  [[nodiscard]] Noise noise() const override {
    return assets() == 1 ? Noise::diagonal : Noise::commutative;
  }
  [[nodiscard]] std::vector<double> underlying() const override {
    return std::vector<double>(assets(), 1.0 / static_cast<double>(assets()));
  }
  [[nodiscard]] int noises() const override { return static_cast<int>(assets()); }
  [[nodiscard]] std::vector<std::string> schemes() const override {
    return assets() == 1 ? schemes_for<Asset>() : schemes_for<Basket<>>();
  }
  [[nodiscard]] std::unique_ptr<Propagator> propagator(
      const std::string& scheme, Precision precision,
      const PropagatorOptions& options) const override {
    return assets() == 1 ? single(scheme, precision, options) : several(scheme, precision, options);
  }
  [[nodiscard]] bool is_pathwise(const std::string&) const override { return true; }
  [[nodiscard]] bool has_solution() const override { return assets() == 1; }
  [[nodiscard]] std::unique_ptr<Propagator> solution(
      const PropagatorOptions& options) const override {
    if (assets() > 1) return nullptr;
    return make_solution(asset(), initial_, options, drawn_of(laws()));
  }

 private:
  [[nodiscard]] std::size_t assets() const { return initial_.size(); }

  using Asset = GeometricBrownianMotion<>;

  /// Drifts, then volatilities, as the fields have them.
  [[nodiscard]] std::vector<deck::Distribution> laws() const {
    std::vector<deck::Distribution> out = drift_;
    out.insert(out.end(), volatility_.begin(), volatility_.end());
    return out;
  }
  [[nodiscard]] Asset asset() const { return {{drift_[0].first}, {volatility_[0].first}, {{1.0}}}; }

  [[nodiscard]] std::unique_ptr<Propagator> single(const std::string& scheme, Precision precision,
                                                   const PropagatorOptions& options) const {
    return make_propagator(asset(), initial_, scheme, precision, options, drawn_of(laws()));
  }

  [[nodiscard]] std::unique_ptr<Propagator> several(const std::string& scheme, Precision precision,
                                                    const PropagatorOptions& options) const {
    const std::size_t n = assets();
    const std::vector<std::vector<double>> l = cholesky();
    std::vector<double> values;
    for (const deck::Distribution& law : laws()) values.push_back(law.first);
    for (const auto& row : l) values.insert(values.end(), row.begin(), row.end());
    const auto held = on_device("basket", values);
    const int dim = static_cast<int>(n);
    const Basket<> field{dim, dim, held.data() + 2 * n, 2 * dim, held.data()};
    return make_propagator(field, held, initial_, scheme, precision, options, drawn_of(laws()));
  }

  void validate_correlation(const deck::Source& deck, const std::string& key) const {
    const auto& c = *correlation_;
    const std::string size = std::to_string(assets()) + " x " + std::to_string(assets());
    const auto at = [](std::size_t i) { return "[" + std::to_string(i) + "]"; };
    const auto refuse = [&](const std::string& entry, const std::string& problem,
                            const std::string& hint) {
      throw deck.error(key + entry, "'correlation" + entry + "' " + problem,
                       "a correlation matrix of these assets is " + size +
                           ", symmetric, with ones on its diagonal",
                       hint);
    };
    if (c.size() != assets()) {
      refuse("", "has length " + std::to_string(c.size()), "give one row per asset");
    }
    for (std::size_t i = 0; i < c.size(); ++i) {
      if (c[i].size() != assets()) {
        refuse(at(i), "has length " + std::to_string(c[i].size()), "give one entry per asset");
      }
    }
    for (std::size_t i = 0; i < c.size(); ++i) {
      if (c[i][i] != 1.0) refuse(at(i) + at(i), "is not 1", "write ones on the diagonal");
      for (std::size_t j = 0; j < i; ++j) {
        if (c[i][j] == c[j][i]) continue;
        refuse(at(i) + at(j), "differs from 'correlation" + at(j) + at(i) + "'", "make them equal");
      }
    }
    if (cholesky().empty()) {
      throw deck.error(key, "'correlation' is not positive definite",
                       "no random vector has these correlations without being degenerate",
                       "lower the absolute values of its entries");
    }
  }

  /// The lower triangular factor of the correlation matrix; empty if it is not positive definite.
  [[nodiscard]] std::vector<std::vector<double>> cholesky() const {
    const std::size_t n = assets();
    std::vector<std::vector<double>> l(n, std::vector<double>(n, 0.0));
    for (std::size_t i = 0; i < n; ++i) {
      for (std::size_t j = 0; j <= i; ++j) {
        double sum = i == j ? 1.0 : (correlation_ ? (*correlation_)[i][j] : 0.0);
        for (std::size_t k = 0; k < j; ++k) sum -= l[i][k] * l[j][k];
        if (i == j && !(sum > 1e-14)) return {};
        l[i][j] = i == j ? std::sqrt(sum) : sum / l[j][j];
      }
    }
    return l;
  }

  std::vector<deck::Distribution> drift_{0.05};
  std::vector<deck::Distribution> volatility_{0.2};
  std::optional<std::vector<std::vector<double>>> correlation_;
  std::vector<deck::Distribution> initial_{100.0};
  std::optional<std::vector<std::string>> assets_;
};

}  // namespace

std::shared_ptr<Model> make_geometric_brownian_motion() { return std::make_shared<BasketModel>(); }

}  // namespace driftwood::sde
