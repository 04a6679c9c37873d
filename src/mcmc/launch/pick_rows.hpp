// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "base/lane.hpp"
#include "mcmc/batch.hpp"
#include "mcmc/coordinates.hpp"
#include "random/normal.hpp"

namespace driftwood::mcmc {

/// Picked rows of data: (block, chain of the block, place in its batch).
using PickedRows = Kokkos::View<std::int32_t***, Kokkos::LayoutRight, Memory>;

/// One work item: the batches of one lane of chains.
///
/// Without replacement by Floyd's algorithm, by which every set of rows is as likely: Bentley and
/// Floyd (1987), "Programming pearls: a sample of brilliance". Row j = N - B, ..., N - 1 in turn
/// gives way to one that is uniform on 0, ..., j, unless the batch has that already. What it has is
/// in a table of the chain, found by hashes; time and memory are of order B, whatever N is.
///
/// Uniform whole numbers below n have probabilities 1 / n up to 2^-52.
struct PickRows {
  using R = Lane<double>;
  static constexpr std::int64_t per_block = block_chains / width_of<R>;

  BatchDraw draw;
  std::int64_t rows;
  std::int64_t size;
  std::int64_t first_block;  ///< of those picked for, in the rank's
  int table_bits;            ///< 0: with replacement
  PickedRows picked;         ///< from the first of these blocks on
  PickedRows table;          ///< likewise (block, chain, 2^table_bits): a row and 1, or 0

  /// Bits of a table for batches of so many.
  [[nodiscard]] static int bits_for(std::int64_t size) {
    int bits = 3;
    while ((std::int64_t{1} << bits) < 2 * size) ++bits;
    return bits;
  }

  KOKKOS_FUNCTION void operator()(std::int64_t lane) const {
    const std::int64_t block = lane / per_block;
    const std::int64_t first = lane % per_block * width_of<R>;
    std::uint64_t ids[width_of<R>];
    for (int l = 0; l < width_of<R>; ++l) {
      ids[l] = draw.first_chain +
               static_cast<std::uint64_t>((first_block + block) * block_chains + first + l);
      if (table_bits > 0) clear(&table(block, first + l, 0));
    }
    const auto lanes = random::Ids<R>::from(ids);
    for (std::int64_t k = 0; k < size; k += 2) {
      const random::Stream stream(draw.seed, random::Purpose::subsample, static_cast<int>(k / 2));
      const auto words = stream.words<R>(lanes, draw.number);
      take(block, first, k, words.word[0]);
      if (k + 1 < size) take(block, first, k + 1, words.word[1]);
    }
  }

 private:
  KOKKOS_FORCEINLINE_FUNCTION void clear(std::int32_t* entries) const {
    const std::int64_t count = std::int64_t{1} << table_bits;
    for (std::int64_t i = 0; i < count; ++i) entries[i] = 0;
  }

  KOKKOS_FORCEINLINE_FUNCTION void take(std::int64_t block, std::int64_t first, std::int64_t k,
                                        const word_of<R>& word) const {
    const std::int64_t below = table_bits > 0 ? rows - size + k + 1 : rows;
    double choice[width_of<R>];
    store_lanes(choice, random::uniform(word) * R(static_cast<double>(below)));
    for (int l = 0; l < width_of<R>; ++l) {
      auto row = static_cast<std::int32_t>(choice[l]);
      if (table_bits > 0 && !insert(&table(block, first + l, 0), row)) {
        row = static_cast<std::int32_t>(below - 1);
        insert(&table(block, first + l, 0), row);
      }
      picked(block, first + l, k) = row;
    }
  }

  /// Whether the table did not have the row before.
  KOKKOS_FORCEINLINE_FUNCTION bool insert(std::int32_t* entries, std::int32_t row) const {
    const std::uint32_t mask = (std::uint32_t{1} << table_bits) - 1;
    std::uint32_t at = (static_cast<std::uint32_t>(row) * 0x9e3779b1U) >> (32 - table_bits);
    for (; entries[at] != 0; at = (at + 1) & mask) {
      if (entries[at] == row + 1) return false;
    }
    entries[at] = row + 1;
    return true;
  }
};

}  // namespace driftwood::mcmc
