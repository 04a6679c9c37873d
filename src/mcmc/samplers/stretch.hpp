// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <string>

#include "mcmc/launch/tile.hpp"
#include "mcmc/metropolis.hpp"
#include "mcmc/sampler_traits.hpp"

namespace driftwood::mcmc {

/// The affine-invariant stretch move. Goodman and Weare (2010), "Ensemble samplers with affine
/// invariance", eq. (7) with a = 2; Foreman-Mackey, Hogg, Lang and Goodman (2013), "emcee: the MCMC
/// hammer", Algorithm 3. It needs no gradients.
///
/// The chains of a block are an ensemble of two halves. First those of one half move along the line
/// to a partner x_k of the other, to x_k + z (x - x_k) with z of the density ~ 1 / sqrt(z) on
/// [1/a, a], accepted with probability min(1, z^(d - 1) pi' / pi); then those of the other half. As
/// targets evaluate whole blocks, a step costs twice the evaluations that it needs. Chains of an
/// ensemble are not independent of each other.
struct Stretch : NoKeys {
  static constexpr SamplerTraits traits = {
      .name = "stretch",
      .summary = "affine-invariant stretch move within ensembles of 64 chains, without gradients",
      .gradients = 2,
      .vectors = 1,
      .numbers = 2,
      .has_step_size = false};

  static constexpr std::int64_t half = block_chains / 2;
  static constexpr double largest_stretch = 2;

  static constexpr int proposal = Slot::own;
  static constexpr int proposed_potential = Number::own;
  static constexpr int log_stretch = Number::own + 1;

  /// Which chains of a lane are in the half that moves, and partners of all.
  template <class R>
  struct Places {
    std::int64_t partner[width_of<R>];  ///< chain of the block
    double moves[width_of<R>];
    std::int64_t first;  ///< chain of the block that the lane begins with

    KOKKOS_FORCEINLINE_FUNCTION Places(const ChainNoise<R>& noise, int moving) {
      std::uint64_t ids[width_of<R>];
      noise.ids.to(ids);
      double choice[width_of<R>];
      store_lanes(choice, noise.uniform(2) * R(static_cast<double>(half)));
      first = static_cast<std::int64_t>(ids[0] % block_chains);
      for (int l = 0; l < width_of<R>; ++l) {
        moves[l] = (first + l) / half == moving ? 1 : 0;
        partner[l] = (1 - moving) * half + static_cast<std::int64_t>(choice[l]);
      }
    }
    [[nodiscard]] KOKKOS_FORCEINLINE_FUNCTION mask_of<R> moving() const {
      return less(R(0), load<R>(moves));
    }
  };

  struct Propose {
    int moving;

    template <class C>
    KOKKOS_FUNCTION void operator()(const C& chain) const {
      using R = typename C::Lane;
      const Places<R> places(chain.noise, moving);
      const auto moves = places.moving();
      const R root = fma(R(largest_stretch - 1), chain.noise.uniform(1), R(1));
      const R z = root * root * R(1 / largest_stretch);
      chain.set_number(log_stretch, math::log(z));
      const auto x = chain.position();
      const auto y = chain.vector(proposal);
      const double* const block = x.data - places.first;
      for (int i = 0; i < chain.dim(); ++i) {
        double at_partner[width_of<R>];
        for (int l = 0; l < width_of<R>; ++l) {
          at_partner[l] = block[i * block_chains + places.partner[l]];
        }
        const R from = load<R>(at_partner);
        const R here = x[i];
        y.set(i, select(moves, fma(z, here - from, from), here));
      }
    }
  };
  struct Decide {
    int moving;

    template <class C>
    KOKKOS_FUNCTION void operator()(const C& chain) const {
      using R = typename C::Lane;
      const auto moves = Places<R>(chain.noise, moving).moving();
      const R earlier = chain.number(Number::acceptance);
      const R potential = chain.number(Number::potential);
      const R proposed = chain.number(proposed_potential);
      const R error =
          fma(R(1 - chain.dim()), chain.number(log_stretch), proposed - potential_to_leave(chain));
      const mask_of<R> accepted = accept(chain, error) & moves;
      chain.set_number(Number::acceptance,
                       select(moves, chain.number(Number::acceptance), earlier));
      chain.set_number(Number::energy_error, R(0));  // a move that is refused has not diverged
      copy_where(accepted, chain.position(), chain.vector(proposal));
      chain.set_number(Number::potential, select(accepted, proposed, potential));
    }
  };

  void validate(const deck::Source& deck, const std::string& path, const Situation& where) const {
    const std::string why = "'stretch' moves ensembles of " + std::to_string(block_chains) +
                            " chains, half of them along lines to the other half";
    if (where.chains % block_chains != 0) {
      throw deck.error("chains.count", "the last ensemble is not whole", why,
                       "give a multiple of " + std::to_string(block_chains));
    }
    if (where.dim > half) {
      throw deck.error(path + ".name", "the target has too many parameters", why,
                       "take another sampler for more than " + std::to_string(half));
    }
  }

  template <class T>
  void step(T& tile, double) const {
    for (int moving = 0; moving < 2; ++moving) {
      tile.apply(Propose{moving});
      tile.evaluate(proposal, Slot::gradient, proposed_potential);
      tile.apply(Decide{moving});
    }
  }
};

}  // namespace driftwood::mcmc
