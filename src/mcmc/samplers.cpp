// SPDX-License-Identifier: BSD-3-Clause
#include "mcmc/sampler.hpp"
#include "mcmc/samplers/lm.hpp"
#include "mcmc/samplers/mala.hpp"
#include "mcmc/samplers/srk2g.hpp"
#include "mcmc/samplers/srk_ld.hpp"
#include "mcmc/samplers/ula.hpp"

namespace driftwood::mcmc {
namespace {

template <class S>
class SamplerOf final : public Sampler {
 public:
  void describe(deck::Schema& s) override { sampler_.describe(s); }
  [[nodiscard]] SamplerTraits traits() const override { return S::traits; }
  void begin(Tile& tile) const override {
    tile.evaluate();
    if constexpr (requires { sampler_.begin(tile); }) sampler_.begin(tile);
  }
  void step(Tile& tile, double h) const override { sampler_.step(tile, h); }

 private:
  S sampler_;
};

template <class S>
deck::Alternative<Sampler> alternative() {
  return {std::string(S::traits.name), std::string(S::traits.summary),
          [] { return std::make_shared<SamplerOf<S>>(); }};
}

}  // namespace

std::vector<deck::Alternative<Sampler>> samplers() {
  return {
      alternative<LeimkuhlerMatthews>(),
      alternative<Mala>(),
      alternative<Srk2g>(),
      alternative<SrkLd>(),
      alternative<Ula>(),
  };
}

}  // namespace driftwood::mcmc
