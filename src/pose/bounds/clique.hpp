// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// Bounds on the largest clique of a small graph, whose rows are words of bits.
///
/// A clique of k vertices has degrees of at least k - 1 within itself. So it lies in the
/// (k - 1)-core, what remains when vertices of lower degree are taken away until there is none:
/// k <= degeneracy + 1, and that is at most the largest k such that k vertices have degrees of at
/// least k - 1.

#include <cstdint>

#include "base/lane.hpp"

namespace driftwood::pose {

KOKKOS_FORCEINLINE_FUNCTION constexpr int count_bits(std::uint64_t word) {
  word -= (word >> 1) & 0x5555555555555555;
  word = (word & 0x3333333333333333) + ((word >> 2) & 0x3333333333333333);
  word = (word + (word >> 4)) & 0x0f0f0f0f0f0f0f0f;
  return static_cast<int>((word * 0x0101010101010101) >> 56);
}

/// A set of up to 64 `Words` vertices.
template <int Words>
struct VertexSet {
  std::uint64_t word[Words];

  /// 0 ... size - 1.
  KOKKOS_FORCEINLINE_FUNCTION static constexpr VertexSet first(int size) {
    VertexSet out{};
    for (int w = 0; w < Words; ++w) {
      const int bits = size - 64 * w;
      out.word[w] = bits >= 64 ? ~std::uint64_t{0}
                               : (bits > 0 ? (std::uint64_t{1} << bits) - 1 : std::uint64_t{0});
    }
    return out;
  }
  KOKKOS_FORCEINLINE_FUNCTION constexpr bool has(int v) const {
    return ((word[v / 64] >> (v % 64)) & 1) != 0;
  }
  KOKKOS_FORCEINLINE_FUNCTION constexpr void insert(int v) {
    word[v / 64] |= std::uint64_t{1} << (v % 64);
  }
  KOKKOS_FORCEINLINE_FUNCTION constexpr void erase(int v) {
    word[v / 64] &= ~(std::uint64_t{1} << (v % 64));
  }
  KOKKOS_FORCEINLINE_FUNCTION constexpr int size() const {
    int out = 0;
    for (int w = 0; w < Words; ++w) out += count_bits(word[w]);
    return out;
  }
};

template <int Words>
KOKKOS_FORCEINLINE_FUNCTION constexpr int size_of_common(const VertexSet<Words>& a,
                                                         const VertexSet<Words>& b) {
  int out = 0;
  for (int w = 0; w < Words; ++w) out += count_bits(a.word[w] & b.word[w]);
  return out;
}

/// A graph on `size` vertices, without loops.
template <int Words>
struct Graph {
  static constexpr int most = 64 * Words;

  int size = 0;
  VertexSet<Words> neighbours[most] = {};

  KOKKOS_FORCEINLINE_FUNCTION constexpr void join(int i, int j) {
    neighbours[i].insert(j);
    neighbours[j].insert(i);
  }
};

/// The largest k such that k vertices have k - 1 or more neighbours.
template <int Words>
KOKKOS_FUNCTION constexpr int h_index(const Graph<Words>& graph) {
  std::uint16_t degree[Graph<Words>::most] = {};
  for (int v = 0; v < graph.size; ++v) {
    degree[v] = static_cast<std::uint16_t>(graph.neighbours[v].size());
  }
  int holds = 0;
  int fails = graph.size + 1;
  while (fails - holds > 1) {
    const int k = (holds + fails) / 2;
    int vertices = 0;
    for (int v = 0; v < graph.size; ++v) vertices += degree[v] + 1 >= k ? 1 : 0;
    (vertices >= k ? holds : fails) = k;
  }
  return holds;
}

/// degeneracy + 1, and the vertices of the last core; 0 of no vertices.
template <int Words>
struct Core {
  int bound = 0;
  VertexSet<Words> vertices = {};
};

/// From below: each k is peeled from what the k before it left. To start at the h-index and take
/// vertices away for it would be wrong where there is no core as high as that: it also takes those
/// of lower, denser parts. The first k is that of half the mean degree, of which there always is a
/// core: to take away vertices of lower degree leaves edges.
template <int Words>
KOKKOS_FUNCTION constexpr Core<Words> last_core(const Graph<Words>& graph) {
  // Words, as sets are, so that compilers make vectors of them.
  constexpr int most = Graph<Words>::most;
  constexpr std::uint64_t gone = most;
  std::uint64_t degree[most] = {};
  Core<Words> out;
  auto alive = VertexSet<Words>::first(graph.size);
  std::uint64_t twice_edges = 0;
  for (int v = 0; v < graph.size; ++v) {
    twice_edges += static_cast<std::uint64_t>(graph.neighbours[v].size());
  }
  const std::uint64_t twice_size = 2 * static_cast<std::uint64_t>(max(graph.size, 1));
  std::uint64_t k = (twice_edges + twice_size - 1) / twice_size;  // degrees of at least this
  int left = graph.size;
  while (left > 0) {
    std::uint64_t least = gone;
    for (int w = 0; w < Words; ++w) {
      const std::uint64_t word = alive.word[w];
      for (std::uint64_t b = 0; b < 64; ++b) {
        const std::uint64_t v = 64 * static_cast<std::uint64_t>(w) + b;
        const auto d = static_cast<std::uint64_t>(size_of_common(graph.neighbours[v], alive));
        degree[v] = d | (~(word >> b) & 1) * gone;
        least = degree[v] < least ? degree[v] : least;
      }
    }
    if (least >= k) {
      out.bound = static_cast<int>(least) + 1;
      out.vertices = alive;
      k = least + 1;
    }
    for (int w = 0; w < Words; ++w) {
      std::uint64_t drop = 0;
      for (std::uint64_t b = 0; b < 64; ++b) {
        drop |= ((degree[64 * static_cast<std::uint64_t>(w) + b] - k) >> 63) << b;
      }
      alive.word[w] &= ~drop;
      left -= count_bits(drop);
    }
  }
  return out;
}

}  // namespace driftwood::pose
