// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// The launch of generalised linear models: included only by the files that instantiate one.

#include <algorithm>

#include "base/on_device.hpp"
#include "base/unrolled.hpp"
#include "mcmc/launch/regression_batches.hpp"

namespace driftwood::mcmc {

/// What a linear predictor has to do with answers. `Tile<R>` sums the potential over some rows of
/// data: `take(eta, stride, y, predictors)` has the linear predictors of one row, `stride` apart,
/// and the answer, and leaves the derivatives by them. The answer may be a lane, of as many rows.
template <class L>
concept Link = requires(typename L::template Tile<ProductLane> tile, ProductLane* eta, double y) {
  tile.take(eta, 1, y, 1);
  tile.take(eta, 1, ProductLane(y), 1);
  { tile.potential() } -> std::same_as<ProductLane>;
  { L::most_predictors } -> std::convertible_to<int>;
};

/// One work item: one lane of chains and one chunk of the rows. Two products of matrices, with the
/// link in between: linear predictors of a few rows from the coefficients, and the gradient by
/// these from the derivatives.
template <Link L>
struct RegressChunk {
  using R = ProductLane;
  static constexpr int tile_rows = 8 * rows_together;
  static constexpr int held = L::most_predictors == 1 ? tile_rows : 4 * tile_rows;
  static_assert(L::most_predictors * rows_together <= held);

  DesignView design;
  EvaluatedLane<R> around;
  ChainRows partial;  ///< (chunk and block, potential and its gradient, chain)
  std::int64_t lanes;
  std::int64_t blocks;
  std::int64_t chunk_rows;

  KOKKOS_FUNCTION void operator()(std::int64_t item) const {
    const std::int64_t chunk = item / lanes;
    const std::int64_t lane = item % lanes;
    const Coordinates<R> beta = around.made(lane);
    const std::int64_t block = chunk * blocks + lane / around.per_block;
    const Coordinates<R> out{&partial(block, 0, lane % around.per_block * width_of<R>),
                             beta.size() + 1};
    const Coordinates<R> gradient = out.part(1, beta.size());
    const int step = held / design.predictors / rows_together * rows_together;
    const int rows_at_once = step < tile_rows ? step : tile_rows;
    const std::int64_t begin = chunk * chunk_rows;
    const std::int64_t end = begin + chunk_rows < design.rows ? begin + chunk_rows : design.rows;
    R potential(0);
    R eta[held];
    for (std::int64_t row = begin; row < end; row += rows_at_once) {
      const int rows = static_cast<int>(end - row < rows_at_once ? end - row : rows_at_once);
      const int groups = (rows + rows_together - 1) / rows_together;
      const double* const x = design.group(row);
      for (int k = 0; k < design.predictors; ++k) {
        predict(x, groups, beta.part(k * design.columns, design.columns), eta + k * rows_at_once);
      }
      potential = potential + compare(design.answers + row, rows, groups, rows_at_once, eta);
      for (int k = 0; k < design.predictors; ++k) {
        differentiate(x, groups, eta + k * rows_at_once, row == begin,
                      gradient.part(k * design.columns, design.columns));
      }
    }
    out.set(0, potential);
  }

 private:
  KOKKOS_FUNCTION void predict(const double* x, int groups, const Coordinates<R>& beta,
                               R* eta) const {
    for (int g = 0; g < groups; ++g, x += design.columns * rows_together) {
      R sum[rows_together];
      unrolled<rows_together>([&](auto r) { sum[r] = R(0); });
      for (int j = 0; j < design.columns; ++j) {
        const R b = beta[j];
        const double* const entries = x + j * rows_together;
        unrolled<rows_together>([&](auto r) { sum[r] = fma(R(entries[r]), b, sum[r]); });
      }
      unrolled<rows_together>([&](auto r) { eta[g * rows_together + r] = sum[r]; });
    }
  }

  /// The potential of some rows, whose derivatives take the place of the linear predictors.
  KOKKOS_FUNCTION R compare(const double* answers, int rows, int groups, int stride, R* eta) const {
    typename L::template Tile<R> tile;
    R squares(0);
    for (int r = 0; r < rows; ++r) {
      const R before = eta[r];
      tile.take(eta + r, stride, answers[r], design.predictors);
      if constexpr (L::most_predictors == 1) {
        if (design.design > 0) {
          squares = fma(before, before, squares);
          eta[r] = fma(R(design.design), before, eta[r]);
        }
      }
    }
    for (int k = 0; k < design.predictors; ++k) {
      for (int r = rows; r < groups * rows_together; ++r) eta[k * stride + r] = R(0);
    }
    return fma(R(0.5 * design.design), squares, tile.potential());
  }

  /// Columns by sixes, or a little fewer, so that all passes take about as many.
  KOKKOS_FUNCTION void differentiate(const double* x, int groups, const R* eta, bool is_first,
                                     const Coordinates<R>& out) const {
    const int passes = (out.size() + 5) / 6;
    int column = 0;
    for (int p = 0; p < passes; ++p) {
      const int end = static_cast<int>(static_cast<std::int64_t>(out.size()) * (p + 1) / passes);
      const double* const from = x + column * rows_together;
      const Coordinates<R> to = out.part(column, end - column);
      switch (end - column) {
        case 6:
          add_columns<6>(from, groups, eta, is_first, to);
          break;
        case 5:
          add_columns<5>(from, groups, eta, is_first, to);
          break;
        case 4:
          add_columns<4>(from, groups, eta, is_first, to);
          break;
        case 3:
          add_columns<3>(from, groups, eta, is_first, to);
          break;
        case 2:
          add_columns<2>(from, groups, eta, is_first, to);
          break;
        default:
          add_columns<1>(from, groups, eta, is_first, to);
      }
      column = end;
    }
  }

  template <int N>
  KOKKOS_FUNCTION void add_columns(const double* x, int groups, const R* eta, bool is_first,
                                   const Coordinates<R>& out) const {
    R sum[N];
    unrolled<N>([&](auto j) { sum[j] = is_first ? R(0) : out[j]; });
    for (int g = 0; g < groups; ++g, x += design.columns * rows_together) {
      unrolled<rows_together>([&](auto r) {
        const R& e = eta[g * rows_together + r];  // not copied: GCC would, by smaller registers
        unrolled<N>([&](auto j) { sum[j] = fma(R(x[j * rows_together + r]), e, sum[j]); });
      });
    }
    unrolled<N>([&](auto j) { out.set(j, sum[j]); });
  }
};

/// Makes parameters, where they are not the coordinates themselves.
struct MakeParameters {
  EvaluatedLane<ProductLane> around;

  KOKKOS_FUNCTION void operator()(std::int64_t lane) const {
    static_cast<void>(around.begin(lane));
  }
};

/// Adds what the chunks say, in their order, and the prior.
struct AddChunks {
  using R = ProductLane;

  DesignView design;
  EvaluatedLane<R> around;
  ChainRows partial;
  std::int64_t blocks;
  std::int64_t chunks;

  KOKKOS_FUNCTION void operator()(std::int64_t lane) const {
    const auto at = around.begin(lane);
    R potential = sum(lane, 0);
    R prior(0);
    for (int i = 0; i < at.theta.size(); ++i) {
      const R beta = at.theta[i];
      const R pull = R(design.precision[i % design.columns]) * beta;
      prior = fma(pull, beta, prior);
      at.by_theta.set(i, sum(lane, i + 1) + pull);
    }
    around.end(lane, at, fma(R(0.5), prior, potential));
  }

 private:
  KOKKOS_FORCEINLINE_FUNCTION R sum(std::int64_t lane, int row) const {
    R total(0);
    for (std::int64_t c = 0; c < chunks; ++c) {
      total = total + load<R>(&partial(c * blocks + lane / around.per_block, row,
                                       lane % around.per_block * width_of<R>));
    }
    return total;
  }
};

/// A generalised linear model: coefficients beta, linear predictors eta = X beta of each row of
/// data, and what answers have to do with them.
template <Link L>
class RegressionOf final : public Density {
 public:
  explicit RegressionOf(const RegressionData& data)
      : x_(on_device("design", grouped(data))),
        answers_(on_device("answers", data.answers)),
        precision_(on_device("precision", data.precision)),
        design_{x_.data(),    answers_.data(), precision_.data(),    data.rows,
                data.columns, data.predictors, data.design_precision} {
    constexpr std::int64_t tile = RegressChunk<L>::tile_rows;
    const std::int64_t share = (data.rows + most_chunks - 1) / most_chunks;
    chunk_rows_ = std::max((share + tile - 1) / tile * tile, least_chunk);
    chunks_ = (data.rows + chunk_rows_ - 1) / chunk_rows_;
  }

  [[nodiscard]] int dim() const override { return design_.columns * design_.predictors; }
  [[nodiscard]] const Chart& chart() const override { return chart_; }
  [[nodiscard]] int parameters() const override { return 0; }

  [[nodiscard]] std::unique_ptr<BatchDensity> batches(const BatchRule& rule,
                                                      const Anchor& anchor) const override {
    return std::make_unique<RegressionBatches<L>>(design_, chart_, rule, anchor);
  }

  void evaluate(const Evaluation& what) const override {
    using R = ProductLane;
    constexpr std::int64_t parts = width_of<Lane<double>> / width_of<R>;
    constexpr std::int64_t per_block = EvaluatedLane<R>::per_block;
    const std::int64_t lanes = what.lanes * parts;
    const std::int64_t blocks = make_room((lanes + per_block - 1) / per_block);
    for (std::int64_t first = 0; first < lanes; first += blocks * per_block) {
      Evaluation part = what;
      part.first_block += first / per_block;
      const EvaluatedLane<R> around{chart_, part};
      const std::int64_t now = std::min(lanes - first, blocks * per_block);
      const Kokkos::RangePolicy<Exec> all(0, now);
      if (!around.is_ready()) {
        Kokkos::parallel_for("mcmc::parameters", all, MakeParameters{around});
      }
      Kokkos::parallel_for("mcmc::regress", Kokkos::RangePolicy<Exec>(0, chunks_ * now),
                           RegressChunk<L>{design_, around, partial_, now, blocks, chunk_rows_});
      Kokkos::parallel_for("mcmc::add_chunks", all,
                           AddChunks{design_, around, partial_, blocks, chunks_});
    }
  }

 private:
  static constexpr std::int64_t most_chunks = 32;  ///< of the rows of data
  static constexpr std::int64_t least_chunk = 10 * RegressChunk<L>::tile_rows;
  static constexpr std::int64_t most_memory = std::int64_t{64} << 20;  ///< [bytes]

  /// Room for what chunks say, of as many blocks as possible; how many that are.
  std::int64_t make_room(std::int64_t blocks) const {
    const std::int64_t block_bytes =
        chunks_ * (dim() + 1) * block_chains * static_cast<std::int64_t>(sizeof(double));
    const std::int64_t most = std::max<std::int64_t>(most_memory / block_bytes, 1);
    const std::int64_t wanted = std::min(blocks, most);
    if (wanted > room_) {
      partial_ = ChainRows();
      partial_ = ChainRows(Kokkos::view_alloc("partial", Kokkos::WithoutInitializing),
                           static_cast<std::size_t>(chunks_ * wanted),
                           static_cast<std::size_t>(dim() + 1), block_chains);
      room_ = wanted;
    }
    return room_;
  }

  Kokkos::View<double*, Memory> x_;
  Kokkos::View<double*, Memory> answers_;
  Kokkos::View<double*, Memory> precision_;
  DesignView design_;
  Chart chart_;
  std::int64_t chunk_rows_ = 0;
  std::int64_t chunks_ = 0;
  mutable ChainRows partial_;
  mutable std::int64_t room_ = 0;
};

}  // namespace driftwood::mcmc
