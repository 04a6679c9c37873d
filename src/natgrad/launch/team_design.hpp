// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// One design in the hands of one team.

#include "natgrad/ensemble/pivots.hpp"
#include "random/design.hpp"

namespace driftwood::natgrad {

using TeamPolicy = Kokkos::TeamPolicy<Exec>;
using Team = TeamPolicy::member_type;

/// Rows of all designs, (design, rows, features) and (design, rows, rows); sizes are padded to
/// whole blocks and lanes, with features of scale 0 and rows of an identity.
using RowsView = Kokkos::View<double***, Kokkos::LayoutRight, Memory>;
/// (quantity, features)
using WeightsView = Kokkos::View<double**, Kokkos::LayoutRight, Memory>;

/// Columns that a thread takes together, and rows.
using TeamLane = Lane<double>;
inline constexpr int team_lanes = width_of<TeamLane>;
inline constexpr int block_rows = 4;

/// Rows of the weights of features.
struct Weight {
  static constexpr int scale = 0;  ///< sqrt(x): of what is drawn
  static constexpr int preconditioner = 1;
  static constexpr int spread = 2;  ///< x p^2
  static constexpr int cross = 3;   ///< x p
  static constexpr int prior = 4;   ///< theta, from here on one for each
};

/// What is found out about a design, before its biases, one for each prior.
struct Found {
  static constexpr int variance = 0;
  static constexpr int bias = 1;
};

/// Sum over the lanes.
KOKKOS_INLINE_FUNCTION double lane_sum(const TeamLane& x) {
  double lanes[team_lanes];
  store_lanes(lanes, x);
  double sum = 0;
  for (const double v : lanes) sum += v;
  return sum;
}

/// One design: X, then W = L^-1 X, then L^-T W in `rows`; K = X P X^T + n ridge, then L, in `gram`.
struct TeamDesign {
  double* rows;  ///< (n, d) padded, by rows
  double* gram;  ///< (n, n) padded, by rows, lower triangle
  WeightsView weights;
  int n;  ///< without padding
  int padded_n;
  int padded_d;

  [[nodiscard]] KOKKOS_FORCEINLINE_FUNCTION double* row(int i) const {
    return rows + static_cast<std::int64_t>(i) * padded_d;
  }
  [[nodiscard]] KOKKOS_FORCEINLINE_FUNCTION double* gram_row(int i) const {
    return gram + static_cast<std::int64_t>(i) * padded_n;
  }

  KOKKOS_FUNCTION void draw(const Team& team, const random::DesignRows& drawn, int d) const {
    const int pairs = (d + 1) / 2;
    const int packs = (padded_n + team_lanes - 1) / team_lanes;
    Kokkos::parallel_for(Kokkos::TeamThreadRange(team, packs * pairs), [&](int item) {
      const int first = item / pairs * team_lanes;
      const int j = 2 * (item % pairs);
      std::uint64_t numbers[team_lanes];
      for (int l = 0; l < team_lanes; ++l) numbers[l] = static_cast<std::uint64_t>(first + l);
      const auto two = drawn.pair<TeamLane>(load<word_of<TeamLane>>(numbers), j / 2);
      put(two.first, first, j);
      if (j + 1 < d) put(two.second, first, j + 1);
    });
    Kokkos::parallel_for(Kokkos::TeamThreadRange(team, padded_n), [&](int i) {
      for (int j = d; j < padded_d; ++j) row(i)[j] = 0;
    });
    team.team_barrier();
  }

  /// K = X P X^T + shift, with an identity for the padding.
  KOKKOS_FUNCTION void multiply(const Team& team, double shift) const {
    for_each_tile(team, [&](int a, int b) {
      TeamLane sums[block_rows];
      for (int i = 0; i < block_rows; ++i) {
        for (TeamLane& sum : sums) sum = TeamLane(0);
        for (int j = 0; j < padded_d; j += team_lanes) {
          const auto x =
              load<TeamLane>(row(a + i) + j) * load<TeamLane>(&weights(Weight::preconditioner, j));
          for (int k = 0; k < block_rows; ++k) {
            sums[k] = fma(x, load<TeamLane>(row(b + k) + j), sums[k]);
          }
        }
        for (int k = 0; k < block_rows; ++k) gram_row(a + i)[b + k] = lane_sum(sums[k]);
        if (a == b) gram_row(a + i)[a + i] += a + i < n ? shift : 1.0;
      }
    });
    team.team_barrier();
  }

  /// K = L L^T, by columns of blocks.
  KOKKOS_FUNCTION void factor(const Team& team, Pivots& pivots) const {
    const int blocks = padded_n / block_rows;
    for (int b = 0; b < blocks; ++b) {
      const int first = b * block_rows;
      Kokkos::parallel_for(Kokkos::TeamThreadRange(team, padded_n - first),
                           [&](int i) { subtract_known(first + i, first); });
      team.team_barrier();
      Kokkos::single(Kokkos::PerTeam(team), [&]() { factor_block(first, pivots); });
      team.team_barrier();
      Kokkos::parallel_for(Kokkos::TeamThreadRange(team, padded_n - first - block_rows),
                           [&](int i) { solve_row(first + block_rows + i, first); });
      team.team_barrier();
    }
  }

  /// X becomes W = L^-1 X: each thread has columns of its own.
  KOKKOS_FUNCTION void solve_down(const Team& team) const {
    for_each_column(team, [&](int j) {
      for (int first = 0; first < padded_n; first += block_rows) {
        TeamLane x[block_rows];
        for (int i = 0; i < block_rows; ++i) x[i] = load<TeamLane>(row(first + i) + j);
        for (int k = 0; k < first; ++k) {
          const auto known = load<TeamLane>(row(k) + j);
          for (int i = 0; i < block_rows; ++i) {
            x[i] = fma(TeamLane(-gram_row(first + i)[k]), known, x[i]);
          }
        }
        for (int i = 0; i < block_rows; ++i) {
          for (int k = 0; k < i; ++k) {
            x[i] = fma(TeamLane(-gram_row(first + i)[first + k]), x[k], x[i]);
          }
          x[i] = x[i] / TeamLane(gram_row(first + i)[first + i]);
          store_lanes(row(first + i) + j, x[i]);
        }
      }
    });
    team.team_barrier();
  }

  /// W becomes L^-T W.
  KOKKOS_FUNCTION void solve_up(const Team& team) const {
    for_each_column(team, [&](int j) {
      for (int first = padded_n - block_rows; first >= 0; first -= block_rows) {
        TeamLane x[block_rows];
        for (int i = 0; i < block_rows; ++i) x[i] = load<TeamLane>(row(first + i) + j);
        for (int k = first + block_rows; k < padded_n; ++k) {
          const auto known = load<TeamLane>(row(k) + j);
          for (int i = 0; i < block_rows; ++i) {
            x[i] = fma(TeamLane(-gram_row(k)[first + i]), known, x[i]);
          }
        }
        for (int i = block_rows - 1; i >= 0; --i) {
          for (int k = i + 1; k < block_rows; ++k) {
            x[i] = fma(TeamLane(-gram_row(first + k)[first + i]), x[k], x[i]);
          }
          x[i] = x[i] / TeamLane(gram_row(first + i)[first + i]);
          store_lanes(row(first + i) + j, x[i]);
        }
      }
    });
    team.team_barrier();
  }

  /// sum_j weight_j |column j|^2
  [[nodiscard]] KOKKOS_FUNCTION double squares(const Team& team, int first_weight,
                                               int second_weight) const {
    double total = 0;
    Kokkos::parallel_reduce(
        Kokkos::TeamThreadRange(team, padded_n),
        [&](int i, double& sum) {
          TeamLane part(0);
          for (int j = 0; j < padded_d; j += team_lanes) {
            const auto x = load<TeamLane>(row(i) + j);
            auto weight = load<TeamLane>(&weights(first_weight, j));
            if (second_weight >= 0) weight = weight * load<TeamLane>(&weights(second_weight, j));
            part = fma(weight * x, x, part);
          }
          sum += lane_sum(part);
        },
        total);
    return total;
  }

  /// tr[(W D W^T) (W Sigma_theta W^T)], D = Sigma_X P^2.
  [[nodiscard]] KOKKOS_FUNCTION double product(const Team& team, int prior) const {
    double total = 0;
    const int blocks = padded_n / block_rows;
    Kokkos::parallel_reduce(
        Kokkos::TeamThreadRange(team, blocks * (blocks + 1) / 2),
        [&](int item, double& sum) {
          int a = 0;
          int b = 0;
          place_of(item, a, b);
          const double part = product_of_tile(a, b, prior);
          sum += a == b ? part : 2 * part;  // the other half is the same
        },
        total);
    return total;
  }

 private:
  KOKKOS_FORCEINLINE_FUNCTION void put(const TeamLane& values, int first, int j) const {
    double lanes[team_lanes];
    store_lanes(lanes, TeamLane(weights(Weight::scale, j)) * values);
    for (int l = 0; l < team_lanes && first + l < padded_n; ++l) {
      row(first + l)[j] = first + l < n ? lanes[l] : 0.0;
    }
  }

  template <class F>
  KOKKOS_FORCEINLINE_FUNCTION void for_each_column(const Team& team, const F& f) const {
    Kokkos::parallel_for(Kokkos::TeamThreadRange(team, padded_d / team_lanes),
                         [&](int pack) { f(pack * team_lanes); });
  }

  /// Block (a, b) of the lower triangle that has this number.
  KOKKOS_FORCEINLINE_FUNCTION static void place_of(int item, int& a, int& b) {
    int i = static_cast<int>((sqrt(8.0 * item + 1) - 1) / 2);
    while (i * (i + 1) / 2 > item) --i;
    while ((i + 1) * (i + 2) / 2 <= item) ++i;
    a = i * block_rows;
    b = (item - i * (i + 1) / 2) * block_rows;
  }

  template <class F>
  KOKKOS_FORCEINLINE_FUNCTION void for_each_tile(const Team& team, const F& f) const {
    const int blocks = padded_n / block_rows;
    Kokkos::parallel_for(Kokkos::TeamThreadRange(team, blocks * (blocks + 1) / 2), [&](int item) {
      int a = 0;
      int b = 0;
      place_of(item, a, b);
      f(a, b);
    });
  }

  [[nodiscard]] KOKKOS_FUNCTION double product_of_tile(int a, int b, int prior) const {
    double sum = 0;
    for (int i = 0; i < block_rows; ++i) {
      TeamLane spread[block_rows];
      TeamLane signal[block_rows];
      for (int k = 0; k < block_rows; ++k) spread[k] = signal[k] = TeamLane(0);
      for (int j = 0; j < padded_d; j += team_lanes) {
        const auto x = load<TeamLane>(row(a + i) + j);
        const auto by_spread = x * load<TeamLane>(&weights(Weight::spread, j));
        const auto by_prior = x * load<TeamLane>(&weights(prior, j));
        for (int k = 0; k < block_rows; ++k) {
          const auto y = load<TeamLane>(row(b + k) + j);
          spread[k] = fma(by_spread, y, spread[k]);
          signal[k] = fma(by_prior, y, signal[k]);
        }
      }
      for (int k = 0; k < block_rows; ++k) sum += lane_sum(spread[k]) * lane_sum(signal[k]);
    }
    return sum;
  }

  /// Takes what columns before `first` explain from the block of columns from there on, of a row.
  KOKKOS_FORCEINLINE_FUNCTION void subtract_known(int i, int first) const {
    double x[block_rows];
    for (int k = 0; k < block_rows; ++k) x[k] = gram_row(i)[first + k];
    for (int m = 0; m < first; ++m) {
      const double known = gram_row(i)[m];
      for (int k = 0; k < block_rows; ++k) x[k] = fma(-known, gram_row(first + k)[m], x[k]);
    }
    for (int k = 0; k < block_rows && first + k <= i; ++k) gram_row(i)[first + k] = x[k];
  }

  KOKKOS_FUNCTION void factor_block(int first, Pivots& pivots) const {
    for (int k = first; k < first + block_rows; ++k) {
      double pivot = gram_row(k)[k];
      for (int m = first; m < k; ++m) pivot -= gram_row(k)[m] * gram_row(k)[m];
      if (k < n) pivots.note(k, pivot);
      gram_row(k)[k] = sqrt(pivot);
      for (int i = k + 1; i < first + block_rows; ++i) {
        double x = gram_row(i)[k];
        for (int m = first; m < k; ++m) x -= gram_row(i)[m] * gram_row(k)[m];
        gram_row(i)[k] = x / gram_row(k)[k];
      }
    }
  }

  KOKKOS_FORCEINLINE_FUNCTION void solve_row(int i, int first) const {
    for (int k = first; k < first + block_rows; ++k) {
      double x = gram_row(i)[k];
      for (int m = first; m < k; ++m) x -= gram_row(i)[m] * gram_row(k)[m];
      gram_row(i)[k] = x / gram_row(k)[k];
    }
  }
};

}  // namespace driftwood::natgrad
