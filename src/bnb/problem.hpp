// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <span>
#include <type_traits>
#include <vector>

namespace driftwood::bnb {

/// The most bytes of a node: frontiers hold millions of them, and messages thousands.
inline constexpr std::size_t largest_node = 64;

/// A value found, and by what: `payload` is what the problem makes of a node's best point.
template <class Value, class Payload>
struct Candidate {
  Value value{};
  Payload payload{};
};

/// What is maximised, by nodes that cover parts of its domain. Roots cover all of it, the children
/// of a node what it covers; `evaluate` gives an upper bound of the value in each node of a batch,
/// `try_improve` a value that is reached in it. `key` is unique among nodes and orders the leaves;
/// a minimal node has no children. All are functions of their arguments alone, the same on every
/// rank.
template <class P>
concept Problem =
    std::is_trivially_copyable_v<typename P::Node> && sizeof(typename P::Node) <=
    largest_node&& std::is_arithmetic_v<typename P::Value>&& std::is_trivially_copyable_v<
        typename P::Payload>&& requires(const P& p, const typename P::Node& node,
                                        std::vector<typename P::Node>& out,
                                        std::span<const typename P::Node> batch,
                                        std::span<typename P::Value> bounds) {
  { p.roots() } -> std::same_as<std::vector<typename P::Node>>;
  p.children(node, out);
  p.evaluate(batch, bounds);
  { p.try_improve(node) } -> std::same_as<Candidate<typename P::Value, typename P::Payload>>;
  { p.key(node) } -> std::same_as<std::uint64_t>;
  { p.is_minimal(node) } -> std::same_as<bool>;
};

}  // namespace driftwood::bnb
