// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "base/block.hpp"
#include "sde/integrate.hpp"

namespace driftwood::sde {

/// The noise of single steps of one lane, in any order; draws of the generator, which serve several
/// steps each, are held.
template <class R>
class StepNoise {
 public:
  static constexpr int per_draw = random::words_per_draw<R>;

  /// A step has `inputs` numbers, `increments` of vectors like `like`.
  KOKKOS_FUNCTION StepNoise(const PathNoise<R>& noise, Increments increments, int inputs,
                            const Block<R>& like)
      : noise_(noise),
        increments_(increments),
        inputs_(inputs),
        like_(like),
        held_(take<R>(like, inputs * per_draw)) {}

  /// Numbers of step `n`, by kind and component, valid until the next call.
  [[nodiscard]] KOKKOS_FUNCTION const R* at(std::int64_t n) {
    const std::int64_t draw = n / per_draw;
    if (draw != draw_) fill(draw);
    return held_.data + n % per_draw * inputs_;
  }

  /// Lanes that `at` takes for a while from the arena.
  [[nodiscard]] static int most_lanes(int noises) {
    return 32 * per_draw * (noises + 8) * (noises + 2);
  }

 private:
  KOKKOS_FUNCTION void fill(std::int64_t draw) {
    draw_ = draw;
    switch (increments_) {
      case Increments::brownian:
        return fill_with<Increments::brownian>();
      case Increments::with_area:
        return fill_with<Increments::with_area>();
      case Increments::with_levy:
        return fill_with<Increments::with_levy>();
      case Increments::two_point:
        return fill_with<Increments::two_point>();
      case Increments::three_point:
        return fill_with<Increments::three_point>();
      case Increments::words:
        return;
    }
  }

  template <Increments I>
  KOKKOS_FUNCTION void fill_with() {
    const auto freed = scope(like_);
    auto draw = noise_.template draw<I, random::Code::called>(draw_, like_);
    if (noise_.is_mirrored) mirror(draw, noise_.sign);
    R* to = held_.data;
    const auto put = [&](const auto& from) {
      for (int k = 0; k < from.size(); ++k) *to++ = from[k];
    };
    for (const auto& s : draw.step) {
      put(s.dw);
      if constexpr (I == Increments::with_area || I == Increments::with_levy) put(s.area);
      if constexpr (I == Increments::with_levy) put(s.levy.value);
      if constexpr (I == Increments::three_point) put(s.sign);
    }
  }

  PathNoise<R> noise_;
  Increments increments_;
  int inputs_;
  Block<R> like_;
  Block<R> held_;
  std::int64_t draw_ = -1;
};

}  // namespace driftwood::sde
