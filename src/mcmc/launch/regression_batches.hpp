// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// The launch of estimates of generalised linear models from batches of their rows.

#include <algorithm>
#include <string>

#include "mcmc/launch/design_view.hpp"
#include "mcmc/launch/pick_rows.hpp"

namespace driftwood::mcmc {

/// A pack of eight numbers where there are packs; else a number.
template <class R>
struct OctetOf {
  using type = R;
};
template <template <class, int> class P, int K>
struct OctetOf<P<double, K>> {
  using type = P<double, 8 * K / P<double, K>::width>;
};
using Octet = typename OctetOf<Lane<double>>::type;
static_assert(width_of<Octet> == 8 || width_of<Octet> == 1);

/// Rows of data one by one, as chains meet them that each have others: what explains, padded by
/// zeros, then the answer, and of the terms f of the row at an anchor the derivatives by the linear
/// predictors, and f less these times the linear predictors.
///
/// What a chain adds up over columns has eight sums, whatever the width of a lane.
struct RowRecords {
  static constexpr int together = 8;

  double* data;
  std::int64_t stride;
  int columns;  ///< padded
  int predictors;
  bool has_anchor;

  [[nodiscard]] static int padded(int columns) {
    return (columns + together - 1) / together * together;
  }
  [[nodiscard]] static std::int64_t stride_of(int columns, int predictors) {
    return padded(columns) + padded(2 + predictors);
  }
  [[nodiscard]] KOKKOS_FORCEINLINE_FUNCTION double* of(std::int64_t row) const {
    return data + row * stride;
  }
  [[nodiscard]] KOKKOS_FORCEINLINE_FUNCTION int answer() const { return columns; }
  [[nodiscard]] KOKKOS_FORCEINLINE_FUNCTION int slope(int k) const { return columns + 1 + k; }
  [[nodiscard]] KOKKOS_FORCEINLINE_FUNCTION int level() const { return columns + 1 + predictors; }

  /// One linear predictor of a record, by coefficients that are padded likewise.
  [[nodiscard]] KOKKOS_FORCEINLINE_FUNCTION double predicted(const double* record,
                                                             const double* beta) const {
    double sum[together] = {};
    if constexpr (width_of<Octet> == together) {
      Octet sums(0);
      for (int j = 0; j < columns; j += together) {
        sums = fma(load<Octet>(record + j), load<Octet>(beta + j), sums);
      }
      store_lanes(sum, sums);
    } else {
      for (int j = 0; j < columns; j += together) {
        for (int i = 0; i < together; ++i) sum[i] = fma(record[j + i], beta[j + i], sum[i]);
      }
    }
    return ((sum[0] + sum[4]) + (sum[2] + sum[6])) + ((sum[1] + sum[5]) + (sum[3] + sum[7]));
  }
};

/// The terms of a few rows for one chain: a lane holds rows.
template <class L>
struct RowTile {
  using R = ProductLane;
  static constexpr int most_rows = width_of<R>;

  const double* from[most_rows];
  double eta[L::most_predictors * most_rows];    ///< (predictor, row)
  double slope[L::most_predictors * most_rows];  ///< derivatives of the terms by these
  double potential[most_rows];

  /// Of `count` records that have been put there.
  KOKKOS_FUNCTION void take(const RowRecords& records, const double* beta, double design,
                            int count) {
    const int predictors = records.predictors;
    double answers[most_rows] = {};
    for (int r = 0; r < count; ++r) answers[r] = from[r][records.answer()];
    R at[L::most_predictors];
    for (int k = 0; k < predictors; ++k) {
      double* const row = eta + k * most_rows;
      for (int r = 0; r < count; ++r) {
        row[r] = records.predicted(from[r], beta + k * records.columns);
      }
      for (int r = count; r < most_rows; ++r) row[r] = 0;
      at[k] = load<R>(row);
    }
    typename L::template Tile<R> tile;
    const R before = at[0];
    tile.take(at, 1, load<R>(answers), predictors);
    R terms = tile.potential();
    if (L::most_predictors == 1 && design > 0) {
      terms = fma(R(0.5 * design) * before, before, terms);
      at[0] = fma(R(design), before, at[0]);
    }
    for (int k = 0; k < predictors; ++k) store_lanes(slope + k * most_rows, at[k]);
    store_lanes(potential, terms);
  }

  /// What is left of the terms less their first order at the anchor.
  KOKKOS_FORCEINLINE_FUNCTION void leave_rest(const RowRecords& records, int count) {
    for (int r = 0; r < count; ++r) {
      double first = from[r][records.level()];
      for (int k = 0; k < records.predictors; ++k) {
        const double there = from[r][records.slope(k)];
        first = fma(there, eta[k * most_rows + r], first);
        slope[k * most_rows + r] -= there;
      }
      potential[r] -= first;
    }
  }
};

/// Makes the records of as many rows as a tile has: one work item.
template <class L>
struct MakeRecords {
  using Tile = RowTile<L>;

  DesignView design;
  RowRecords records;
  const double* anchor;  ///< (predictor, padded column)

  KOKKOS_FUNCTION void operator()(std::int64_t item) const {
    const std::int64_t first = item * Tile::most_rows;
    Tile tile;
    int count = 0;
    for (; count < Tile::most_rows && first + count < design.rows; ++count) {
      const std::int64_t row = first + count;
      double* const to = records.of(row);
      const int within = static_cast<int>(row % rows_together);
      const double* const x = design.group(row - within) + within;
      for (int j = 0; j < design.columns; ++j) to[j] = x[j * rows_together];
      to[records.answer()] = design.answers[row];
      tile.from[count] = to;
    }
    if (!records.has_anchor) return;
    tile.take(records, anchor, design.design, count);
    for (int r = 0; r < count; ++r) {
      double* const to = records.of(first + r);
      double level = tile.potential[r];
      for (int k = 0; k < records.predictors; ++k) {
        const double slope = tile.slope[k * Tile::most_rows + r];
        to[records.slope(k)] = slope;
        level = fma(-slope, tile.eta[k * Tile::most_rows + r], level);
      }
      to[records.level()] = level;
    }
  }
};

/// One work item: the estimates of one lane of chains, one chain after the other.
template <class L>
struct EstimateLane {
  using R = ProductLane;
  using Tile = RowTile<L>;

  DesignView design;
  RowRecords records;
  EvaluatedLane<R> around;
  PickedRows picked;
  std::int64_t size;
  double weight;           ///< N / B
  const double* anchor;    ///< (dim), and there
  const double* gradient;  ///< (dim)
  double potential;
  double* scratch;  ///< (lane, coefficients and their gradient, predictor, padded column)

  KOKKOS_FUNCTION void operator()(std::int64_t lane) const {
    const auto at = around.begin(lane);
    const int coefficients = records.predictors * records.columns;
    double* const beta = scratch + lane * 2 * coefficients;
    double* const sums = beta + coefficients;
    double potentials[width_of<R>];
    for (int l = 0; l < width_of<R>; ++l) {
      for (int i = 0; i < 2 * coefficients; ++i) beta[i] = 0;
      for (int k = 0; k < records.predictors; ++k) {
        for (int j = 0; j < design.columns; ++j) {
          beta[k * records.columns + j] =
              at.theta.data[(k * design.columns + j) * block_chains + l];
        }
      }
      const double terms =
          add_rows(&picked(lane / around.per_block, lane % around.per_block * width_of<R> + l, 0),
                   beta, sums);
      potentials[l] = finish(terms, beta, sums, at.by_theta.data + l);
    }
    around.end(lane, at, load<R>(potentials));
  }

 private:
  /// The terms of the picked rows, and their gradient.
  KOKKOS_FUNCTION double add_rows(const std::int32_t* rows, const double* beta,
                                  double* sums) const {
    double terms = 0;
    Tile tile;
    for (std::int64_t first = 0; first < size; first += Tile::most_rows) {
      const int count =
          static_cast<int>(size - first < Tile::most_rows ? size - first : Tile::most_rows);
      for (int r = 0; r < count; ++r) tile.from[r] = records.of(rows[first + r]);
      tile.take(records, beta, design.design, count);
      if (records.has_anchor) tile.leave_rest(records, count);
      for (int r = 0; r < count; ++r) terms += tile.potential[r];
      for (int k = 0; k < records.predictors; ++k) {
        differentiate(tile, k, count, sums + k * records.columns);
      }
    }
    return terms;
  }

  KOKKOS_FORCEINLINE_FUNCTION void differentiate(const Tile& tile, int k, int count,
                                                 double* sums) const {
    constexpr int together = RowRecords::together;
    for (int j = 0; j < records.columns; j += together) {
      double sum[together];
      for (int i = 0; i < together; ++i) sum[i] = sums[j + i];
      for (int r = 0; r < count; ++r) {
        const double slope = tile.slope[k * Tile::most_rows + r];
        const double* const x = tile.from[r] + j;
        for (int i = 0; i < together; ++i) sum[i] = fma(x[i], slope, sum[i]);
      }
      for (int i = 0; i < together; ++i) sums[j + i] = sum[i];
    }
  }

  /// From what a batch says to the estimates of all: the gradient of one chain, `block_chains`
  /// apart, and the potential.
  KOKKOS_FUNCTION double finish(double terms, const double* beta, const double* sums,
                                double* out) const {
    double rest = 0;
    double level = potential;
    for (int k = 0; k < records.predictors; ++k) {
      for (int j = 0; j < design.columns; ++j) {
        const int i = k * design.columns + j;
        const double sum = weight * sums[k * records.columns + j];
        const double here = beta[k * records.columns + j];
        const double apart = records.has_anchor ? here - anchor[i] : here;
        const double pull = design.precision[j] * apart;
        rest = fma(0.5 * pull, apart, rest);
        double slope = sum + pull;
        if (records.has_anchor) {
          level = fma(gradient[i], apart, level);
          slope += gradient[i];
        }
        out[i * block_chains] = slope;
      }
    }
    return level + (rest + weight * terms);
  }
};

/// See `BatchDensity`. The design lives longer. At most 2^31 - 1 rows.
template <class L>
class RegressionBatches final : public BatchDensity {
 public:
  RegressionBatches(const DesignView& design, const Chart& chart, const BatchRule& rule,
                    const Anchor& anchor)
      : design_(design),
        chart_(chart),
        rule_(rule),
        bits_(rule.replacement ? 0 : PickRows::bits_for(rule.size)),
        potential_(rule.control_variate ? anchor.potential : 0),
        anchor_(on_device("anchor", anchor.x)),
        gradient_(on_device("anchor_gradient", anchor.gradient)) {
    const std::int64_t stride = RowRecords::stride_of(design.columns, design.predictors);
    held_ =
        Kokkos::View<double*, Memory>("records", static_cast<std::size_t>(design.rows * stride));
    records_ = {held_.data(), stride, RowRecords::padded(design.columns), design.predictors,
                rule.control_variate};
    std::vector<double> padded(static_cast<std::size_t>(records_.columns) *
                               static_cast<std::size_t>(design.predictors));
    for (std::size_t i = 0; i < anchor.x.size(); ++i) {
      const auto columns = static_cast<std::size_t>(design.columns);
      padded[i / columns * static_cast<std::size_t>(records_.columns) + i % columns] = anchor.x[i];
    }
    const auto there = on_device("anchor", padded);
    constexpr std::int64_t at_once = RowTile<L>::most_rows;
    Kokkos::parallel_for("mcmc::records",
                         Kokkos::RangePolicy<Exec>(0, (design.rows + at_once - 1) / at_once),
                         MakeRecords<L>{design, records_, there.data()});
    Kokkos::fence();  // before what it reads goes
  }

  [[nodiscard]] std::int64_t rows() const override { return design_.rows; }
  [[nodiscard]] std::int64_t batch() const override { return rule_.size; }

  void estimate(const Evaluation& what, const BatchDraw& draw) const override {
    using R = ProductLane;
    constexpr std::int64_t parts = width_of<Lane<double>> / width_of<R>;
    constexpr std::int64_t per_block = EvaluatedLane<R>::per_block;
    const std::int64_t lanes = what.lanes * parts;
    const std::int64_t blocks = make_room((lanes + per_block - 1) / per_block);
    for (std::int64_t first = 0; first < lanes; first += blocks * per_block) {
      Evaluation part = what;
      part.first_block += first / per_block;
      const std::int64_t now = std::min(lanes - first, blocks * per_block);
      Kokkos::parallel_for(
          "mcmc::pick", Kokkos::RangePolicy<Exec>(0, now / parts),
          PickRows{draw, design_.rows, rule_.size, part.first_block, bits_, picked_, table_});
      Kokkos::parallel_for(
          "mcmc::estimate", Kokkos::RangePolicy<Exec>(0, now),
          EstimateLane<L>{design_, records_, EvaluatedLane<R>{chart_, part}, picked_, rule_.size,
                          static_cast<double>(design_.rows) / static_cast<double>(rule_.size),
                          anchor_.data(), gradient_.data(), potential_, scratch_.data()});
    }
  }

 private:
  static constexpr std::int64_t most_memory = std::int64_t{64} << 20;  ///< [bytes]

  /// Room for the batches of as many blocks as possible; how many that are.
  std::int64_t make_room(std::int64_t blocks) const {
    const std::int64_t entries = rule_.size + (bits_ > 0 ? std::int64_t{1} << bits_ : 0);
    const std::int64_t block_bytes =
        block_chains * entries * static_cast<std::int64_t>(sizeof(std::int32_t));
    const std::int64_t wanted =
        std::min(blocks, std::max<std::int64_t>(most_memory / block_bytes, 1));
    if (wanted > room_) {
      const auto count = static_cast<std::size_t>(wanted);
      const auto view = [&](const std::string& label, std::int64_t of_chain) {
        return PickedRows(Kokkos::view_alloc(label, Kokkos::WithoutInitializing), count,
                          block_chains, static_cast<std::size_t>(of_chain));
      };
      picked_ = view("picked", rule_.size);
      if (bits_ > 0) table_ = view("table", std::int64_t{1} << bits_);
      scratch_ = Kokkos::View<double*, Memory>(
          Kokkos::view_alloc("scratch", Kokkos::WithoutInitializing),
          count * static_cast<std::size_t>(EvaluatedLane<ProductLane>::per_block * 2 *
                                           records_.predictors * records_.columns));
      room_ = wanted;
    }
    return room_;
  }

  DesignView design_;
  Chart chart_;
  BatchRule rule_;
  int bits_;
  double potential_;
  Kokkos::View<double*, Memory> anchor_;
  Kokkos::View<double*, Memory> gradient_;
  Kokkos::View<double*, Memory> held_;
  RowRecords records_{};
  mutable PickedRows picked_;
  mutable PickedRows table_;
  mutable Kokkos::View<double*, Memory> scratch_;
  mutable std::int64_t room_ = 0;
};

}  // namespace driftwood::mcmc
