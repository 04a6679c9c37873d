// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// What a team of threads does to one group of paths: numbers of all its paths are arrays
/// [row][neural::group_paths].

#include "neural/network.hpp"
#include "sde/launch/noise_source.hpp"

namespace driftwood::sde {

inline constexpr int group_paths = neural::group_paths;

/// Calls f(p) for the first path of each lane that is this thread's own, the same ones as in
/// `neural::evaluate`.
template <class R, class Member, class F>
KOKKOS_FORCEINLINE_FUNCTION void for_lanes(const Member& team, const F& f) {
  using Items = neural::Items<NarrowLane<value_of<R>>>;
  static_assert(Items::paths % width_of<R> == 0);
  for (int item = team.team_rank(); item < Items::count; item += team.team_size()) {
    const int first = item * Items::paths;
    for (int p = first; p < first + Items::paths; p += width_of<R>) f(p);
  }
}

/// The same, f(i, p), for each of so many rows.
template <class R, class Member, class F>
KOKKOS_FORCEINLINE_FUNCTION void for_rows(const Member& team, int rows, const F& f) {
  for (int i = 0; i < rows; ++i) {
    for_lanes<R>(team, [&](int p) { f(i, p); });
  }
}

/// Takes rows of a group from an arena.
template <class T>
KOKKOS_FORCEINLINE_FUNCTION T* take_rows(Arena& arena, std::int64_t rows) {
  return arena.take<T>(static_cast<int>(rows) * group_paths);
}

/// The Brownian increments of a group, step by step in any order; draws of the generator, which
/// serve several steps each, are held.
template <class T>
class GroupNoise {
 public:
  using R = Lane<T>;
  static constexpr int per_draw = random::words_per_draw<R>;

  /// Of the group whose paths are the columns from `column` to `last`; padding repeats the last.
  KOKKOS_FUNCTION GroupNoise(const NoiseSource& source, std::int64_t column, std::int64_t last,
                             int components, Arena& arena)
      : source_(source),
        column_(column),
        last_(last),
        components_(components),
        held_(take_rows<T>(arena, per_draw * components)) {}

  /// W of step n, (component, path), valid until another draw is asked for.
  template <class Member>
  [[nodiscard]] KOKKOS_FUNCTION const T* at(const Member& team, std::int64_t n) {
    const std::int64_t draw = n / per_draw;
    if (draw != draw_) fill(team, draw);
    return held_ + n % per_draw * components_ * group_paths;
  }
  /// Whether `at` for this step draws nothing anew.
  [[nodiscard]] KOKKOS_FUNCTION bool holds(std::int64_t n) const { return n / per_draw == draw_; }
  /// Whether the increments of two steps may be valid at once.
  [[nodiscard]] KOKKOS_FUNCTION static bool share_draw(std::int64_t n, std::int64_t m) {
    return n / per_draw == m / per_draw;
  }

 private:
  template <class Member>
  KOKKOS_FUNCTION void fill(const Member& team, std::int64_t draw) {
    draw_ = draw;
    for_lanes<R>(team, [&](int p) {
      const PathNoise<R> noise = source_.template of<R>(column_ + p, {}, last_);
      for (int k = 0; k < components_; ++k) {
        const random::Stream stream(source_.brownian.seed, random::Purpose::increment, k);
        const auto w = random::normals<R>(stream, noise.ids, static_cast<std::uint64_t>(draw),
                                          static_cast<T>(source_.brownian.step));
        for (int s = 0; s < per_draw; ++s) {
          T* const to = held_ + (s * components_ + k) * group_paths + p;
          store_lanes(to, noise.is_mirrored ? noise.sign * w.z[s] : w.z[s]);
        }
      }
    });
  }

  NoiseSource source_;
  std::int64_t column_;
  std::int64_t last_;
  int components_;
  T* held_;
  std::int64_t draw_ = -1;
};

/// A vector field whose drift and diffusion are networks of the state, and of the time.
/// Stratonovich or Ito, as whoever steps it takes it.
template <class T>
struct NeuralField {
  int dim;
  int noises;
  bool is_diagonal;  ///< the diffusion network has an output for each component, else one for each
                     ///< entry (i, k) of the matrix, the latter at i noises + k
  neural::Shape shape[2];  ///< of drift and diffusion
  const T* parameter;      ///< of the drift, then of the diffusion

  [[nodiscard]] KOKKOS_FORCEINLINE_FUNCTION neural::Network<T> network(int net) const {
    return {shape[net], parameter + first_parameter(net)};
  }
  [[nodiscard]] KOKKOS_FORCEINLINE_FUNCTION int first_parameter(int net) const {
    return net == 0 ? 0 : neural::parameter_count(shape[0]);
  }
  [[nodiscard]] KOKKOS_FORCEINLINE_FUNCTION int parameters() const {
    return first_parameter(1) + neural::parameter_count(shape[1]);
  }

  /// Row i, from path p on, of a step's h f + g W, given what the networks make of the state.
  template <class R>
  [[nodiscard]] KOKKOS_FORCEINLINE_FUNCTION R increment(const T* f, const T* g, T h, const T* w,
                                                        int i, int p) const {
    R sum = R(h) * load<R>(f + i * group_paths + p);
    if (is_diagonal) {
      return fma(load<R>(g + i * group_paths + p), load<R>(w + i * group_paths + p), sum);
    }
    for (int k = 0; k < noises; ++k) {
      sum = fma(load<R>(g + (i * noises + k) * group_paths + p), load<R>(w + k * group_paths + p),
                sum);
    }
    return sum;
  }

  /// The other way: calls put(row, factor) for the results of a network that enter row i, times
  /// factor.
  template <class R, class Put>
  KOKKOS_FORCEINLINE_FUNCTION void for_entries(int net, T h, const T* w, int i, int p,
                                               const Put& put) const {
    if (net == 0) return put(i, R(h));
    if (is_diagonal) return put(i, load<R>(w + i * group_paths + p));
    for (int k = 0; k < noises; ++k) put(i * noises + k, load<R>(w + k * group_paths + p));
  }
};

/// Memory in which a group's networks are evaluated and pulled back.
template <class T>
struct NeuralRoom {
  T* out[2];      ///< results of either network
  T* out_bar;     ///< cotangents of one's
  T* scratch;     ///< of the layer `neural`
  T* kept[2][2];  ///< [stage][network]: what `neural::evaluate` keeps

  /// For so many stages whose networks wait to be pulled back; with none, one network waits.
  KOKKOS_FUNCTION NeuralRoom(const NeuralField<T>& field, int stages, Arena& arena) {
    const auto most = [&](auto&& count) {
      const int a = count(field.shape[0]);
      const int b = count(field.shape[1]);
      return a > b ? a : b;
    };
    const int keeps = most([](const neural::Shape& s) { return neural::kept_values<T>(s); });
    out[0] = take_rows<T>(arena, field.shape[0].outputs);
    out[1] = take_rows<T>(arena, field.shape[1].outputs);
    out_bar = take_rows<T>(arena, most([](const neural::Shape& s) { return s.outputs; }));
    scratch = take_rows<T>(
        arena, most([](const neural::Shape& s) { return neural::scratch_values<T>(s); }));
    for (int stage = 0; stage < 2; ++stage) {
      for (int net = 0; net < 2; ++net) {
        const bool is_shared = stages == 0 ? stage + net > 0 : stage >= stages;
        kept[stage][net] = is_shared ? kept[0][0] : take_rows<T>(arena, keeps);
      }
    }
  }
};

}  // namespace driftwood::sde
