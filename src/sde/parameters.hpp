// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// Parameters of fields: numbers that all paths share, or lanes of numbers, each path's own.

#include <utility>
#include <vector>

#include "base/lane.hpp"
#include "deck/distribution.hpp"

namespace driftwood::sde {

/// Field<P> for Field<double>: the same equation with parameters of type P. Fields that are no
/// templates have no parameters that could differ.
template <class F, class P>
struct Reparametrised {
  using type = F;
  static constexpr bool possible = false;
};
template <template <class> class F, class P>
struct Reparametrised<F<double>, P> {
  using type = F<P>;
  static constexpr bool possible = true;
};
template <template <class, int> class F, int N, class P>
struct Reparametrised<F<double, N>, P> {
  using type = F<P, N>;
  static constexpr bool possible = true;
};
template <class F, class P>
using With = typename Reparametrised<F, P>::type;

/// Whether parameters are laws rather than numbers. What a field derives from its parameters, as
/// the initial values of further members, does not exist for laws.
template <class P>
inline constexpr bool is_law = std::is_same_v<P, deck::Distribution>;

/// Number of parameters of a field of fixed size: its `parameters` first data members, or all.
template <class F>
[[nodiscard]] constexpr int count_parameters() {
  if constexpr (!Reparametrised<F, double>::possible) {
    return 0;
  } else if constexpr (requires { F::parameters; }) {
    return F::parameters;
  } else {
    return static_cast<int>(sizeof(F) / sizeof(double));
  }
}
template <class F>
inline constexpr int parameter_count = count_parameters<F>();

/// The field with parameter j = value(j).
template <class F, class P, class Value>
KOKKOS_FORCEINLINE_FUNCTION With<F, P> field_with(const Value& value) {
  return [&]<int... j>(std::integer_sequence<int, j...>) { return With<F, P>{value(j)...}; }
  (std::make_integer_sequence<int, parameter_count<F>>{});
}

/// A parameter that every path draws on its own.
struct DrawnParameter {
  int index;  ///< among the parameters of the field
  deck::Distribution law;
};
using DrawnParameters = std::vector<DrawnParameter>;

/// Those of the laws, one for each parameter, that are more than a number.
[[nodiscard]] inline DrawnParameters drawn_of(const std::vector<deck::Distribution>& laws) {
  DrawnParameters out;
  for (std::size_t j = 0; j < laws.size(); ++j) {
    if (laws[j].kind != deck::Distribution::Kind::constant) {
      out.push_back({static_cast<int>(j), laws[j]});
    }
  }
  return out;
}

/// For each of `count` parameters, its row among those drawn; -1: shared by all paths.
[[nodiscard]] inline std::vector<int> rows_of(const DrawnParameters& drawn, int count) {
  std::vector<int> rows(static_cast<std::size_t>(count), -1);
  for (std::size_t i = 0; i < drawn.size(); ++i) {
    rows[static_cast<std::size_t>(drawn[i].index)] = static_cast<int>(i);
  }
  return rows;
}

}  // namespace driftwood::sde
