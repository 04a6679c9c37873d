// SPDX-License-Identifier: BSD-3-Clause
#include "sde/fields/multivariate_ornstein_uhlenbeck.hpp"

#include "sde/launch/make_propagator.hpp"
#include "sde/linear_law.hpp"
#include "sde/registry.hpp"

namespace driftwood::sde {
namespace {

constexpr int most_components = 64;

/// Up to `most_components`; the deck's rate matrix says how many.
class MultivariateModel final : public Model {
 public:
  void describe(deck::Schema& s) override {
    const deck::Length sizes = deck::length(1, most_components);
    s.key("rate", rate_, sizes, "matrix A of the drift A (mean - X), by rows [1/time]");
    s.key("mean", mean_, sizes, "mean of each component [state]");
    s.key("noise", noise_, sizes,
          "matrix B of the noise B dW, by rows; at most as many columns as rows "
          "[state/sqrt(time)]");
    s.key("initial", initial_, sizes, "each component at time 0 [state]");
    s.key("state", names_, sizes, "names of the components; left out: x_1, x_2, ...")
        .also(deck::identifier)
        .also(deck::distinct);
  }

  void validate(const deck::Source& deck, const std::string& path) const override {
    const auto expect = [&](const std::string& key, std::size_t found, std::size_t wanted) {
      if (found == wanted) return;
      throw deck.error(path + "." + key, "'" + key + "' has length " + std::to_string(found),
                       "'rate' has " + std::to_string(size()) + " rows, one per component",
                       "make it " + std::to_string(wanted));
    };
    const auto row = [](const char* key, std::size_t i) {
      return std::string(key) + "[" + std::to_string(i) + "]";
    };
    for (std::size_t i = 0; i < size(); ++i) expect(row("rate", i), rate_[i].size(), size());
    expect("mean", mean_.size(), size());
    expect("initial", initial_.size(), size());
    if (names_) expect("state", names_->size(), size());
    expect("noise", noise_.size(), size());
    const std::size_t columns = noise_.front().size();
    if (columns > size()) expect("noise[0]", columns, size());
    for (std::size_t i = 1; i < size(); ++i) expect(row("noise", i), noise_[i].size(), columns);
  }

  [[nodiscard]] std::string name() const override { return "multivariate_ornstein_uhlenbeck"; }
  [[nodiscard]] std::vector<ComponentInfo> components() const override {
    std::vector<ComponentInfo> out;
    for (std::size_t i = 0; i < size(); ++i) {
      const std::string number = std::to_string(i + 1);
      out.push_back({names_ ? (*names_)[i] : "x_" + number, "1", "component " + number});
    }
    return out;
  }
  [[nodiscard]] Calculus calculus() const override { return Field::calculus; }
  [[nodiscard]] Noise noise() const override { return Field::noise; }
  [[nodiscard]] int noises() const override { return static_cast<int>(size()); }
  [[nodiscard]] std::vector<double> underlying() const override { return {}; }
  [[nodiscard]] std::vector<std::string> schemes() const override { return schemes_for<Field>(); }

  [[nodiscard]] std::unique_ptr<Propagator> propagator(
      const std::string& scheme, Precision precision,
      const PropagatorOptions& options) const override {
    const std::size_t n = size();
    const std::size_t square = n * n;
    const double step = options.end / static_cast<double>(options.steps);
    const LinearLaw law = linear_law(rate_, noise_, step);
    std::vector<double> values(n * (4 * n + 1));
    const auto put = [&](std::size_t first, const Matrix& m, double factor) {
      for (std::size_t i = 0; i < n; ++i) {
        for (std::size_t j = 0; j < m[i].size(); ++j) values[first + i * n + j] = factor * m[i][j];
      }
    };
    put(0, rate_, 1);
    put(square, noise_, 1);
    put(2 * square, law.decay, 1);
    put(3 * square, cholesky_of_semidefinite(law.covariance), 1 / std::sqrt(step));
    for (std::size_t i = 0; i < n; ++i) values[4 * square + i] = mean_[i].first;
    const auto held = on_device("ornstein_uhlenbeck", values);
    const double* first = held.data();
    const int dim = static_cast<int>(n);
    const Field field{dim,
                      dim,
                      first,
                      first + square,
                      first + 2 * square,
                      first + 3 * square,
                      dim,
                      first + 4 * square};
    return make_propagator<Motions::all>(field, held, initial_, scheme, precision, options,
                                         drawn_of(mean_));
  }
  [[nodiscard]] bool has_solution() const override { return false; }
  [[nodiscard]] std::unique_ptr<Propagator> solution(const PropagatorOptions&) const override {
    return nullptr;
  }

 private:
  using Field = MultivariateOrnsteinUhlenbeck<>;

  [[nodiscard]] std::size_t size() const { return rate_.size(); }

  Matrix rate_{{1.0, 2.0}, {-2.0, 1.0}};
  std::vector<deck::Distribution> mean_{0.0, 0.0};
  Matrix noise_{{1.0, 0.0}, {0.0, 1.0}};
  std::vector<deck::Distribution> initial_{0.0, 0.0};
  std::optional<std::vector<std::string>> names_;
};

}  // namespace

std::shared_ptr<Model> make_multivariate_ornstein_uhlenbeck() {
  return std::make_shared<MultivariateModel>();
}

}  // namespace driftwood::sde
