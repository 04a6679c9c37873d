// SPDX-License-Identifier: BSD-3-Clause
#include "mcmc/targets/phi4.hpp"

#include <algorithm>
#include <cmath>

#include "mcmc/launch/density_of.hpp"
#include "mcmc/targets/make.hpp"

namespace driftwood::mcmc {
namespace {

constexpr double most_sites = 1'000'000;

class Phi4Target final : public Target {
 public:
  void describe(deck::Schema& s) override {
    s.key("sizes", sizes_, deck::length(1, 3), "sites of the lattice along each of 1 to 3 axes")
        .also(deck::between(1, most_sites));
    s.key("mass_squared", mass_squared_, deck::finite, "m^2; below 0 there are two phases");
    s.key("lambda", lambda_, deck::non_negative, "weight of phi^4");
  }

  void validate(const deck::Source& deck, const std::string& path) override {
    double sites = 1;
    for (const double size : sizes_) {
      sites *= size;
      if (size != std::floor(size)) {
        throw deck.error(path + ".sizes", "numbers of sites are whole numbers");
      }
    }
    if (sites > most_sites) throw deck.error(path + ".sizes", "the lattice has over 10^6 sites");
    if (lambda_ == 0 && mass_squared_ <= 0) {
      throw deck.error(path + ".mass_squared", "the density cannot be normalised",
                       "without phi^4 nothing bounds the field", "give a mass, or 'lambda'");
    }
  }

  [[nodiscard]] std::vector<Parameter> parameters() const override {
    return {{"phi", sites() == 1 ? 0 : sites()}};
  }
  [[nodiscard]] std::unique_ptr<Density> density() const override {
    Phi4 field{{1, 1, 1}, mass_squared_, lambda_};
    std::transform(sizes_.rbegin(), sizes_.rend(), std::reverse_iterator(field.sizes + 3),
                   [](double size) { return static_cast<int>(size); });
    return std::make_unique<DensityOf<Phi4>>(field, static_cast<int>(sites()));
  }

 private:
  [[nodiscard]] std::int64_t sites() const {
    std::int64_t product = 1;
    for (const double size : sizes_) product *= static_cast<std::int64_t>(size);
    return product;
  }

  std::vector<double> sizes_ = {16};
  double mass_squared_ = 1;
  double lambda_ = 0.5;
};

}  // namespace

std::shared_ptr<Target> make_phi4() { return std::make_shared<Phi4Target>(); }

}  // namespace driftwood::mcmc
