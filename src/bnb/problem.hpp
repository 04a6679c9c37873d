// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <type_traits>
#include <vector>

#include "bnb/value.hpp"

namespace driftwood::bnb {

/// The most bytes of a node: frontiers hold millions of them, and messages thousands.
inline constexpr std::size_t largest_node = 64;

/// A value that is reached, and where: `payload` is what the problem makes of it.
template <class Value, class Payload>
struct Candidate {
  Value value{};
  Payload payload{};
};

template <class P>
using CandidateOf = Candidate<typename P::Value, typename P::Payload>;

/// What is maximised, by nodes that cover parts of its domain: roots all of it, the children of a
/// node what it covers. Nodes carry their upper bound once they are evaluated. All that is asked of
/// a `const` problem is a function of the arguments alone, the same on every rank; others may reuse
/// memory, and know more bounds the later they are asked.
///
///   roots()                 nodes without bounds; the same in the same order whenever asked
///   children(node, out)     appends nodes without bounds; never asked of a minimal node
///   evaluate(batch, enough) gives each node a bound of the value in it; where that is at most
///                           `enough`, which closes the node, it need not be tight
///   bound(node)             of an evaluated node
///   goes_first(a, b)        which of two nodes of equal bounds is branched first; a strict order
///   key(node)               unique among all nodes
///   is_minimal(node)        whether it has no children
///   try_improve(node)       a value that is reached, in the node or nearby, if it finds one; asked
///                           of the best node of a batch and of every minimal node that is taken
///   prefers(a, b)           which of two payloads of equal value is kept; a strict order
template <class P>
concept Problem = std::is_trivially_copyable_v<typename P::Node> && sizeof(typename P::Node) <=
                  largest_node&& SearchValue<typename P::Value>&& std::is_trivially_copyable_v<
                      typename P::Payload>&& requires(P& p, const P& c,
                                                      const typename P::Node& node,
                                                      std::vector<typename P::Node>& out,
                                                      std::span<typename P::Node> batch,
                                                      const typename P::Value& enough,
                                                      const typename P::Payload& payload) {
  { c.roots() } -> std::same_as<std::vector<typename P::Node>>;
  c.children(node, out);
  p.evaluate(batch, enough);
  { c.bound(node) } -> std::same_as<typename P::Value>;
  { c.goes_first(node, node) } -> std::same_as<bool>;
  { c.key(node) } -> std::same_as<std::uint64_t>;
  { c.is_minimal(node) } -> std::same_as<bool>;
  { p.try_improve(node) } -> std::same_as<std::optional<CandidateOf<P>>>;
  { c.prefers(payload, payload) } -> std::same_as<bool>;
};

}  // namespace driftwood::bnb
