// SPDX-License-Identifier: BSD-3-Clause
#include "mcmc/sampler.hpp"
#include "mcmc/samplers/aboba.hpp"
#include "mcmc/samplers/baoab.hpp"
#include "mcmc/samplers/em.hpp"
#include "mcmc/samplers/heun.hpp"
#include "mcmc/samplers/hmc.hpp"
#include "mcmc/samplers/klmc1.hpp"
#include "mcmc/samplers/lm.hpp"
#include "mcmc/samplers/mala.hpp"
#include "mcmc/samplers/malt.hpp"
#include "mcmc/samplers/mclmc.hpp"
#include "mcmc/samplers/mclmc_mh.hpp"
#include "mcmc/samplers/oabao.hpp"
#include "mcmc/samplers/obabo.hpp"
#include "mcmc/samplers/platen_w2.hpp"
#include "mcmc/samplers/rmm.hpp"
#include "mcmc/samplers/rmm_k.hpp"
#include "mcmc/samplers/sgld.hpp"
#include "mcmc/samplers/srk2g.hpp"
#include "mcmc/samplers/srk_id.hpp"
#include "mcmc/samplers/srk_ld.hpp"
#include "mcmc/samplers/stretch.hpp"
#include "mcmc/samplers/ubu.hpp"
#include "mcmc/samplers/ula.hpp"

namespace driftwood::mcmc {
namespace {

template <class S>
class SamplerOf final : public Sampler {
 public:
  void describe(deck::Schema& s) override { sampler_.describe(s); }
  void validate(const deck::Source& deck, const std::string& path,
                const Situation& where) const override {
    if constexpr (requires { sampler_.validate(deck, path, where); }) {
      sampler_.validate(deck, path, where);
    }
  }
  [[nodiscard]] SamplerTraits traits() const override { return S::traits; }
  [[nodiscard]] BatchRule batches() const override {
    if constexpr (S::traits.takes_batches) return sampler_.batches();
    return {};
  }
  [[nodiscard]] bool has_constant_steps() const override {
    if constexpr (requires { sampler_.has_constant_steps(); }) return sampler_.has_constant_steps();
    return true;
  }
  void begin(Tile& tile) const override {
    if constexpr (!S::traits.takes_batches) tile.evaluate();
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

std::shared_ptr<Sampler> trial_sampler() { return std::make_shared<SamplerOf<Mala>>(); }

std::vector<deck::Alternative<Sampler>> samplers() {
  return {
      alternative<Aboba>(),
      alternative<Baoab>(),
      alternative<EulerMaruyama>(),
      alternative<Heun>(),
      alternative<Hmc>(),
      alternative<Klmc1>(),
      alternative<LeimkuhlerMatthews>(),
      alternative<Mala>(),
      alternative<Malt>(),
      alternative<Mclmc>(),
      alternative<MclmcMh>(),
      alternative<Oabao>(),
      alternative<Obabo>(),
      alternative<PlatenWeak2>(),
      alternative<RandomizedMidpoint>(),
      alternative<RandomizedMidpointKinetic>(),
      alternative<Sgld>(),
      alternative<Srk2g>(),
      alternative<SrkId>(),
      alternative<SrkLd>(),
      alternative<Stretch>(),
      alternative<Ubu>(),
      alternative<Ula>(),
  };
}

}  // namespace driftwood::mcmc
