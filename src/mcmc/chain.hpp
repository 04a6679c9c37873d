// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "mcmc/chain_noise.hpp"
#include "mcmc/coordinates.hpp"

namespace driftwood::mcmc {

/// Vectors that every sampler has; its own have the numbers from `own` on.
struct Slot {
  static constexpr int position = 0;
  static constexpr int gradient = 1;  ///< of the potential at the position
  static constexpr int own = 2;
};

/// Numbers that every sampler has, likewise.
struct Number {
  static constexpr int potential = 0;     ///< minus the logarithm of the density at the position
  static constexpr int acceptance = 1;    ///< probability with which the last step was accepted
  static constexpr int energy_error = 2;  ///< of the last step; 0 where it has none
  static constexpr int own = 3;
};

/// Numbers of chains that are the replicas of a ladder of temperatures, behind the sampler's own.
struct Replica {
  static constexpr int rung = 0;        ///< of the ladder: 0 is the cold one
  static constexpr int beta = 1;        ///< inverse temperature of the rung
  static constexpr int stretch = 2;     ///< x = scale stretch z
  static constexpr int difference = 3;  ///< potential of the target less that of the reference
  static constexpr int way = 4;         ///< end of the ladder where it was last, see `Way`
  static constexpr int trips = 5;       ///< from the cold end to the hot one and back
  static constexpr int count = 6;
};

/// Which rows of a block hold what. Rows are of `block_chains` numbers.
///
/// Samplers move coordinates z. What the target sees is x = scale z, on the whole real line, and
/// the parameters theta that its chart makes of x.
struct RowLayout {
  int dim = 0;      ///< coordinates
  int theta = 0;    ///< parameters; 0: they are the coordinates x
  int vectors = 0;  ///< of coordinates
  int numbers = 0;
  int ladder = 1;          ///< consecutive chains that are the replicas of one chain of the results
  bool is_scaled = false;  ///< x has rows of its own

  [[nodiscard]] KOKKOS_FORCEINLINE_FUNCTION int vector(int slot) const { return slot * dim; }
  [[nodiscard]] KOKKOS_FORCEINLINE_FUNCTION int number(int k) const { return vectors * dim + k; }
  /// Of replicas: a number of `Replica`, and z times the stretch.
  [[nodiscard]] KOKKOS_FORCEINLINE_FUNCTION int of_replica(int k) const {
    return numbers - Replica::count + k;
  }
  [[nodiscard]] KOKKOS_FORCEINLINE_FUNCTION int stretched() const { return vectors - 1; }
  [[nodiscard]] KOKKOS_FORCEINLINE_FUNCTION int saved() const { return vectors * dim + numbers; }
  [[nodiscard]] KOKKOS_FORCEINLINE_FUNCTION int x() const { return saved(); }
  [[nodiscard]] KOKKOS_FORCEINLINE_FUNCTION int parameters() const {
    return x() + (is_scaled ? dim : 0);
  }
  [[nodiscard]] KOKKOS_FORCEINLINE_FUNCTION int parameter_gradient() const {
    return parameters() + theta;
  }
  [[nodiscard]] KOKKOS_FORCEINLINE_FUNCTION int rows() const {
    return parameter_gradient() + theta;
  }
};

/// The rows of all chains of a rank: (block, row, chain of the block).
using ChainRows = Kokkos::View<double***, Kokkos::LayoutRight, Memory>;

/// The chains of one lane, as kernels see them. Tests give the noise.
template <class R, class Noise = ChainNoise<R>>
struct Chain {
  using Lane = R;

  double* data;
  RowLayout layout;
  Noise noise;

  [[nodiscard]] KOKKOS_FORCEINLINE_FUNCTION int dim() const { return layout.dim; }
  [[nodiscard]] KOKKOS_FORCEINLINE_FUNCTION Coordinates<R> vector(int slot) const {
    return {data + layout.vector(slot) * block_chains, layout.dim};
  }
  [[nodiscard]] KOKKOS_FORCEINLINE_FUNCTION Coordinates<R> position() const {
    return vector(Slot::position);
  }
  [[nodiscard]] KOKKOS_FORCEINLINE_FUNCTION Coordinates<R> gradient() const {
    return vector(Slot::gradient);
  }
  [[nodiscard]] KOKKOS_FORCEINLINE_FUNCTION R number(int k) const {
    return load<R>(data + layout.number(k) * block_chains);
  }
  KOKKOS_FORCEINLINE_FUNCTION void set_number(int k, const R& value) const {
    store_lanes(data + layout.number(k) * block_chains, value);
  }
};

}  // namespace driftwood::mcmc
