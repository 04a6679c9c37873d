// SPDX-License-Identifier: BSD-3-Clause
#include "stats/assignment.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <numeric>
#include <utility>

#include "base/error.hpp"

namespace driftwood::stats {
namespace {

constexpr std::size_t none = std::numeric_limits<std::size_t>::max();
constexpr double infinity = std::numeric_limits<double>::infinity();

/// Prices v of columns such that every assigned row has a column with the smallest cost - price.
class Solver {
 public:
  Solver(std::span<const double> cost, std::size_t n)
      : cost_(cost), n_(n), price_(n, infinity), row_of_(n, none), column_of_(n, none) {}

  Assignment solve() {
    reduce_columns();
    std::vector<std::size_t> free(n_);
    std::iota(free.begin(), free.end(), std::size_t{0});
    constexpr int rounds = 8;
    for (int round = 0; round < rounds && !free.empty(); ++round) free = reduce_rows(free);
    for (const std::size_t row : free) augment(row);
    return result();
  }

 private:
  [[nodiscard]] const double* costs_of(std::size_t row) const { return cost_.data() + row * n_; }

  void reduce_columns() {
    for (std::size_t i = 0; i < n_; ++i) {
      for (std::size_t j = 0; j < n_; ++j) price_[j] = std::min(price_[j], costs_of(i)[j]);
    }
  }

  void assign(std::size_t row, std::size_t column) {
    row_of_[column] = row;
    column_of_[row] = column;
  }

  struct Best {
    std::size_t first = none;
    std::size_t second = none;
    double least = infinity;
    double next = infinity;
  };
  [[nodiscard]] Best best_columns(std::size_t row) const {
    Best best;
    const double* const cost = costs_of(row);
    for (std::size_t j = 0; j < n_; ++j) {
      const double reduced = cost[j] - price_[j];
      if (reduced >= best.next) continue;
      if (reduced < best.least) {
        best.second = std::exchange(best.first, j);
        best.next = std::exchange(best.least, reduced);
      } else {
        best.second = j;
        best.next = reduced;
      }
    }
    return best;
  }

  /// Gives each row its best column, at a price that makes the second best as good. Returns the
  /// rows that are without a column then.
  std::vector<std::size_t> reduce_rows(const std::vector<std::size_t>& free) {
    std::vector<std::size_t> left;
    for (const std::size_t row : free) {
      Best best = best_columns(row);
      if (best.second != none) {
        if (best.next > best.least) {
          price_[best.first] -= best.next - best.least;
        } else if (row_of_[best.first] != none) {
          best.first = best.second;
        }
      }
      const std::size_t displaced = row_of_[best.first];
      if (displaced != none && !(best.next > best.least)) {
        left.push_back(row);  // nothing is gained by displacing another row
        continue;
      }
      if (displaced != none) {
        column_of_[displaced] = none;
        left.push_back(displaced);
      }
      assign(row, best.first);
    }
    return left;
  }

  /// Assigns `start` along the shortest path to a free column, after Dijkstra on reduced costs.
  void augment(std::size_t start) {
    std::vector<double> distance(n_, infinity);
    std::vector<std::size_t> from(n_, none);
    std::vector<std::size_t> open(n_);
    std::iota(open.begin(), open.end(), std::size_t{0});
    std::vector<std::size_t> closed;
    std::size_t row = start;
    double offset = 0;  // of reduced costs of the row, so that they become distances
    for (;;) {
      const double* const cost = costs_of(row);
      std::size_t nearest = 0;
      for (std::size_t k = 0; k < open.size(); ++k) {
        const std::size_t j = open[k];
        const double through = cost[j] - price_[j] - offset;
        if (through < distance[j]) {
          distance[j] = through;
          from[j] = row;
        }
        if (distance[j] < distance[open[nearest]]) nearest = k;
      }
      const std::size_t column = open[nearest];
      open[nearest] = open.back();
      open.pop_back();
      if (row_of_[column] == none) {
        for (const std::size_t j : closed) price_[j] += distance[j] - distance[column];
        follow(from, start, column);
        return;
      }
      closed.push_back(column);
      row = row_of_[column];
      offset = costs_of(row)[column] - price_[column] - distance[column];
    }
  }

  void follow(const std::vector<std::size_t>& from, std::size_t start, std::size_t column) {
    for (;;) {
      const std::size_t row = from[column];
      const std::size_t previous = column_of_[row];
      assign(row, column);
      if (row == start) return;
      column = previous;
    }
  }

  [[nodiscard]] Assignment result() const {
    Assignment result{{}, 0, 0};
    for (std::size_t i = 0; i < n_; ++i) {
      const std::size_t j = column_of_[i];
      result.column_of_row.push_back(static_cast<std::int64_t>(j));
      result.cost += costs_of(i)[j];
      result.lower_bound += best_columns(i).least + price_[i];
    }
    return result;
  }

  std::span<const double> cost_;
  std::size_t n_;
  std::vector<double> price_;
  std::vector<std::size_t> row_of_;
  std::vector<std::size_t> column_of_;
};

}  // namespace

Assignment solve_assignment(std::span<const double> cost, std::int64_t n) {
  if (n < 0 || cost.size() != static_cast<std::size_t>(n) * static_cast<std::size_t>(n)) {
    throw Error("costs of an assignment are not a square matrix of the size that was named");
  }
  if (!std::all_of(cost.begin(), cost.end(), [](double c) { return std::isfinite(c); })) {
    throw Error("a cost of an assignment is not finite");
  }
  return Solver(cost, static_cast<std::size_t>(n)).solve();
}

}  // namespace driftwood::stats
