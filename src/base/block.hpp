// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstddef>

#include "base/vec.hpp"

namespace driftwood {

/// Memory of one work item for states of run-time size, taken and given back like a stack. It never
/// hands out memory beyond its end: `most` tells afterwards whether it was large enough.
struct Arena {
  std::byte* begin = nullptr;
  std::size_t capacity = 0;  ///< [bytes]
  std::size_t used = 0;      ///< [bytes]
  std::size_t most = 0;      ///< the largest `used` so far [bytes]

  /// Room for `count` values, aligned to 64 bytes. The values are not initialised.
  template <class R>
  KOKKOS_FORCEINLINE_FUNCTION R* take(int count) {
    constexpr std::size_t alignment = 64;
    static_assert(alignof(R) <= alignment);
    const std::size_t bytes =
        (static_cast<std::size_t>(count) * sizeof(R) + alignment - 1) / alignment * alignment;
    const std::size_t at = used;
    used += bytes;
    most = used > most ? used : most;
    return reinterpret_cast<R*>(begin + (used > capacity ? 0 : at));
  }
};

/// A state whose size is known at run time: `size()` lanes in an arena. A view, not an owner; what
/// is computed from it is taken from the same arena.
template <class R>
struct Block {
  using Lane = R;

  R* data;
  int count;
  Arena* arena;

  KOKKOS_FORCEINLINE_FUNCTION R& operator[](int i) const { return data[i]; }
  KOKKOS_FORCEINLINE_FUNCTION int size() const { return count; }
};

/// A new block of `count` lanes in the arena of `like`, not initialised.
template <class R, class L>
KOKKOS_FORCEINLINE_FUNCTION Block<R> take(const Block<L>& like, int count) {
  return {like.arena->template take<R>(count), count, like.arena};
}

/// As for states of fixed size, see base/vec.hpp.
template <class L, class F>
KOKKOS_FORCEINLINE_FUNCTION auto generate(const Block<L>& like, F&& f) {
  const auto out = take<decltype(f(0))>(like, like.count);
  for (int i = 0; i < like.count; ++i) out[i] = f(i);
  return out;
}
template <class R>
KOKKOS_FORCEINLINE_FUNCTION Block<R> uninitialized(const Block<R>& like) {
  return take<R>(like, like.count);
}
template <class R>
KOKKOS_FORCEINLINE_FUNCTION void assign(Block<R>& to, const Block<R>& from) {
  for (int i = 0; i < to.count; ++i) to[i] = from[i];
}

/// Gives back what is taken during its lifetime.
struct ArenaScope {
  Arena* arena;
  std::size_t mark;

  KOKKOS_FORCEINLINE_FUNCTION explicit ArenaScope(Arena* a) : arena(a), mark(a->used) {}
  KOKKOS_FORCEINLINE_FUNCTION ~ArenaScope() { arena->used = mark; }
  ArenaScope(const ArenaScope&) = delete;
  ArenaScope& operator=(const ArenaScope&) = delete;
};
template <class R>
KOKKOS_FORCEINLINE_FUNCTION ArenaScope scope(const Block<R>& like) {
  return ArenaScope(like.arena);
}

}  // namespace driftwood
