// SPDX-License-Identifier: BSD-3-Clause
#pragma once

namespace driftwood {

/// A list of types, to choose from at run time.
template <class... T>
struct TypeList {
  static constexpr int size = sizeof...(T);
};

/// Stands for a type where a value is needed.
template <class T>
struct TypeTag {
  using type = T;
};

/// Calls `f(TypeTag<T>{})` for each T of the list, in order.
template <class... T, class F>
constexpr void for_each_type(TypeList<T...>, F&& f) {
  (f(TypeTag<T>{}), ...);
}

}  // namespace driftwood
