// SPDX-License-Identifier: BSD-3-Clause
#include "sde/fields/geometric_brownian_motion.hpp"

#include "sde/correlation.hpp"
#include "sde/fields/basket.hpp"
#include "sde/gradient/trace.hpp"
#include "sde/launch/lane_gradients.hpp"
#include "sde/launch/make_propagator.hpp"
#include "sde/registry.hpp"

namespace driftwood::sde {
namespace {

constexpr int most_assets = 64;

/// A single asset, to be traced: of its members the factor of correlations, which is 1, is no
/// parameter.
struct TracedAsset {
  [[nodiscard]] int dim() const { return 1; }
  [[nodiscard]] int noise_dim() const { return 1; }
  [[nodiscard]] int count() const { return 2; }

  template <class Use>
  [[nodiscard]] std::vector<Symbol> with(Inputs& inputs, Arena&, const Use& use) const {
    const auto field = field_with<GeometricBrownianMotion<>, Symbol>(
        [&](int j) { return j < count() ? inputs.fixed(j) : Symbol(1); });
    return use(field, Vec<Symbol, 1>{}, Vec<Symbol, 1>{});
  }
};

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
    if (correlation_) require_correlation(deck, path, *correlation_, assets(), "asset");
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
  [[nodiscard]] std::vector<ParameterInfo> parameters() const override {
    const auto name = [&](const char* key, std::size_t i) {
      return assets() == 1 ? key : std::string(key) + "_" + std::to_string(i + 1);
    };
    std::vector<ParameterInfo> out;
    for (std::size_t i = 0; i < assets(); ++i) {
      out.push_back(parameter_info(name("drift", i), drift_[i]));
    }
    for (std::size_t i = 0; i < assets(); ++i) {
      out.push_back(parameter_info(name("volatility", i), volatility_[i]));
    }
    return out;
  }
  [[nodiscard]] std::unique_ptr<GradientSolver> gradients(const std::string& scheme,
                                                          Precision precision,
                                                          const GradientPlan& plan) const override {
    const double h = plan.end / static_cast<double>(plan.steps);
    return make_lane_gradients(traced_programs(scheme, plan.mode, h),
                               gradient_names(*this, initial_, laws()), precision, plan);
  }
  [[nodiscard]] bool has_own_steps(const std::string& scheme) const override {
    return scheme == Exact::name || Model::has_own_steps(scheme);
  }
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
    return make_propagator<Motions::all>(asset(), initial_, scheme, precision, options,
                                         drawn_of(laws()));
  }

  [[nodiscard]] GradientPrograms traced_programs(const std::string& scheme, GradientMode mode,
                                                 double h) const {
    if (assets() == 1) return trace<Asset>(TracedAsset{}, scheme, mode, h);
    const int dim = static_cast<int>(assets());
    std::vector<double> factor;
    for (const auto& row : correlation_factor(correlation_, assets())) {
      factor.insert(factor.end(), row.begin(), row.end());
    }
    const TracedBlock<Basket<>> traced{{dim, dim, factor.data(), 2 * dim, nullptr}};
    return trace<Basket<>>(traced, scheme, mode, h);
  }

  [[nodiscard]] std::unique_ptr<Propagator> several(const std::string& scheme, Precision precision,
                                                    const PropagatorOptions& options) const {
    const std::size_t n = assets();
    const Matrix l = correlation_factor(correlation_, n);
    std::vector<double> values;
    for (const deck::Distribution& law : laws()) values.push_back(law.first);
    for (const auto& row : l) values.insert(values.end(), row.begin(), row.end());
    const auto held = on_device("basket", values);
    const int dim = static_cast<int>(n);
    const Basket<> field{dim, dim, held.data() + 2 * n, 2 * dim, held.data()};
    return make_propagator<Motions::all>(field, held, initial_, scheme, precision, options,
                                         drawn_of(laws()));
  }

  std::vector<deck::Distribution> drift_{0.05};
  std::vector<deck::Distribution> volatility_{0.2};
  std::optional<Matrix> correlation_;
  std::vector<deck::Distribution> initial_{100.0};
  std::optional<std::vector<std::string>> assets_;
};

}  // namespace

std::shared_ptr<Model> make_geometric_brownian_motion() { return std::make_shared<BasketModel>(); }

}  // namespace driftwood::sde
