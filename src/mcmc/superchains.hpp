// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace driftwood::mcmc {

/// Nested R-hat from sums over the draws of each chain: what `stats::nested_rhat` is by definition,
/// without the draws, for chains that come block by block.
///
/// A superchain is a group of consecutive chains that began at one point. The record of some
/// consecutive chains holds the sums of a superchain that began before them, of one that ends
/// after them, and of all that lie within. As the merge of a `stats::MergeTree` it joins the
/// records of neighbours.
class Superchains {
 public:
  /// Groups of `each` chains, of so many parameters.
  Superchains(std::int64_t each, std::size_t parameters);

  /// Doubles of a record.
  [[nodiscard]] std::size_t record_size() const { return ends + 3 * group_size(); }

  /// Of the chains from number `first` of the run on: of each, sums over `draws` draws of
  /// deviations of the parameters from some centre, and of their squares, as
  /// `Population::each_chain` gives them; an empty one is a chain that does not count.
  [[nodiscard]] std::vector<double> record(std::int64_t first,
                                           std::span<const std::vector<double>> chains,
                                           std::int64_t draws) const;

  /// Adds the chains behind those of `left`.
  void operator()(std::span<double> left, std::span<const double> right) const;

  /// Nested R-hat of each parameter, of the record of all chains. NaN for fewer than 2 superchains
  /// with chains that count, or where all draws are equal.
  [[nodiscard]] std::vector<double> rhat(std::span<const double> record) const;
  /// Standard error of the mean of each parameter, by the means of superchains: chains of one are
  /// not independent before they have forgotten where they began. NaN as R-hat is.
  [[nodiscard]] std::vector<double> standard_errors(std::span<const double> record) const;

 private:
  /// A record begins with the numbers of its first chain and of the one behind its last.
  static constexpr std::size_t ends = 2;

  /// Chains or superchains that count; of each parameter the sum of their means, of the squares of
  /// these, and of the variances within.
  [[nodiscard]] std::size_t group_size() const { return 1 + 3 * parameters_; }
  enum Part : std::size_t { begun, ending, whole };  ///< before the record, in it, all within
  [[nodiscard]] std::span<double> part(std::span<double> record, Part which) const {
    return record.subspan(ends + which * group_size(), group_size());
  }
  [[nodiscard]] std::span<const double> part(std::span<const double> record, Part which) const {
    return record.subspan(ends + which * group_size(), group_size());
  }
  [[nodiscard]] bool is_boundary(double chain) const;
  /// Counts the superchain that is now complete.
  void close(std::span<double> group, std::span<double> into) const;

  std::int64_t each_;
  std::size_t parameters_;
};

}  // namespace driftwood::mcmc
