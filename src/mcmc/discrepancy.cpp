// SPDX-License-Identifier: BSD-3-Clause
#include "mcmc/discrepancy.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>
#include <numeric>

#include "base/error.hpp"
#include "comm/gather.hpp"
#include "mcmc/chart_inverse.hpp"
#include "mcmc/exact_draws.hpp"
#include "mcmc/host_evaluation.hpp"
#include "stats/sinkhorn.hpp"
#include "stats/wasserstein.hpp"

namespace driftwood::mcmc {
namespace {

constexpr double nan = std::numeric_limits<double>::quiet_NaN();

/// Numbers of which each is one rank's, and 0 elsewhere, on every rank with the same bits.
/// Collective.
void gather(const comm::Communicator& comm, std::vector<double>& values) {
  std::vector<std::int64_t> bits;
  for (const double v : values) bits.push_back(std::bit_cast<std::int64_t>(v));
  comm.all_reduce_sum(std::span(bits));
  for (std::size_t i = 0; i < values.size(); ++i) values[i] = std::bit_cast<double>(bits[i]);
}

bool is_finite(std::span<const double> values) {
  return std::all_of(values.begin(), values.end(), [](double v) { return std::isfinite(v); });
}

/// Mean and standard deviation of each of `width` columns.
struct Columns {
  std::vector<double> mean;
  std::vector<double> sd;

  Columns(std::span<const double> values, std::size_t width) : mean(width), sd(width) {
    const auto n = static_cast<double>(values.size() / width);
    for (std::size_t i = 0; i < values.size(); ++i) mean[i % width] += values[i] / n;
    for (std::size_t i = 0; i < values.size(); ++i) {
      const double above = values[i] - mean[i % width];
      sd[i % width] += above * above / std::max(n - 1, 1.0);
    }
    for (double& s : sd) s = std::sqrt(s);
  }
};

// ---------------------------------------------------------------- kernel Stein discrepancy

/// Points of a block of pairs.
constexpr std::int64_t tile_points = 256;

/// Positions and scores (point, coordinate).
struct Scored {
  std::vector<double> x;
  std::vector<double> score;
  std::int64_t dim;

  [[nodiscard]] std::int64_t count() const { return std::ssize(x) / dim; }
  [[nodiscard]] stats::ScoredPoints part(std::int64_t first, std::int64_t some) const {
    const auto from = static_cast<std::size_t>(first * dim);
    const auto size = static_cast<std::size_t>(some * dim);
    return {{std::span(x).subspan(from, size), some, dim},
            {std::span(score).subspan(from, size), some, dim}};
  }
};

/// Each rank evaluates some blocks of points.
Scored scored(const comm::Communicator& comm, const Density& density, const States& states) {
  const std::vector<Segment> segments = segments_of(density.chart());
  const auto dim = static_cast<std::size_t>(density.dim());
  std::vector<double> x;
  for (std::int64_t i = 0; i < states.count(); ++i) {
    const std::vector<double> one = coordinates_of(segments, states[i]);
    if (is_finite(one)) x.insert(x.end(), one.begin(), one.end());
  }
  const auto count = static_cast<std::int64_t>(x.size() / dim);
  const comm::Share mine = comm.share((count + block_chains - 1) / block_chains);
  const auto first = static_cast<std::size_t>(std::min(mine.first * block_chains, count)) * dim;
  const auto last = static_cast<std::size_t>(std::min(mine.last * block_chains, count)) * dim;
  std::vector<double> gradients(x.size());
  comm.agree([&] {
    if (first == last) return;
    const auto found = evaluate_at(density, std::span(x).subspan(first, last - first));
    std::copy(found.gradients.begin(), found.gradients.end(),
              gradients.begin() + static_cast<std::ptrdiff_t>(first));
  });
  gather(comm, gradients);
  Scored out{{}, {}, density.dim()};
  for (std::size_t at = 0; at < x.size(); at += dim) {
    if (!is_finite(std::span(gradients).subspan(at, dim))) continue;
    for (std::size_t i = at; i < at + dim; ++i) {
      out.x.push_back(x[i]);
      out.score.push_back(-gradients[i]);
    }
  }
  if (out.x.empty()) return out;
  const Columns of(out.x, dim);
  for (std::size_t i = 0; i < out.x.size(); ++i) {
    const double unit = of.sd[i % dim] > 0 ? of.sd[i % dim] : 1.0;
    out.x[i] /= unit;
    out.score[i] *= unit;
  }
  return out;
}

// ---------------------------------------------------------------- W2

/// What is drawn besides the points of sets.
constexpr std::uint64_t directions_set = std::uint64_t{1} << 40;
constexpr std::uint64_t first_order = std::uint64_t{1} << 41;

/// Sets of reference draws, pairs of them: any one is made when it is needed.
class Reference {
 public:
  Reference(const Target& target, std::uint64_t seed, const std::vector<double>& draws,
            std::int64_t parameters, std::int64_t points)
      : exact_(draws.empty() ? exact_draws(target) : nullptr),
        draws_(draws),
        seed_(seed),
        parameters_(parameters),
        points_(points) {
    if (!exact_) {
      points_ = std::min(points, std::ssize(draws) / parameters / 2);
    }
  }

  [[nodiscard]] std::int64_t points() const { return points_; }

  /// Set 0 or 1 of a pair: of a file, disjoint parts of it in an order drawn for the pair.
  [[nodiscard]] std::vector<double> set(std::int64_t pair, int which) const {
    const auto width = static_cast<std::size_t>(parameters_);
    std::vector<double> out(static_cast<std::size_t>(points_) * width);
    const std::vector<std::int64_t> order =
        exact_ ? std::vector<std::int64_t>{} : order_of(static_cast<std::uint64_t>(pair));
    for (std::int64_t i = 0; i < points_; ++i) {
      const auto to = std::span(out).subspan(static_cast<std::size_t>(i) * width, width);
      if (exact_) {
        exact_->draw(PointNoise(seed_, static_cast<std::uint64_t>(2 * pair + which),
                                static_cast<std::uint64_t>(i)),
                     to);
        continue;
      }
      const auto from = static_cast<std::size_t>(
          order[static_cast<std::size_t>(which * points_ + i)] * parameters_);
      for (std::size_t k = 0; k < width; ++k) to[k] = draws_[from + k];
    }
    return out;
  }

 private:
  [[nodiscard]] std::vector<std::int64_t> order_of(std::uint64_t pair) const {
    std::vector<std::int64_t> order(draws_.size() / static_cast<std::size_t>(parameters_));
    std::vector<double> key(order.size());
    for (std::size_t i = 0; i < key.size(); ++i) {
      key[i] = PointNoise(seed_, first_order + pair, i).uniform(0);
    }
    std::iota(order.begin(), order.end(), std::int64_t{0});
    std::stable_sort(order.begin(), order.end(), [&](std::int64_t a, std::int64_t b) {
      return key[static_cast<std::size_t>(a)] < key[static_cast<std::size_t>(b)];
    });
    return order;
  }

  const ExactDraws* exact_;
  const std::vector<double>& draws_;
  std::uint64_t seed_;
  std::int64_t parameters_;
  std::int64_t points_;
};

double distance_of_normals(const stats::PointSet& x, const stats::PointSet& y) {
  std::vector<double> means[2];
  std::vector<double> covariances[2];
  const auto dim = static_cast<std::size_t>(x.dim);
  for (const int k : {0, 1}) {
    const stats::PointSet& of = k == 0 ? x : y;
    means[k] = Columns(of.values, dim).mean;
    covariances[k].resize(dim * dim);
    for (std::int64_t p = 0; p < of.count; ++p) {
      for (std::size_t i = 0; i < dim; ++i) {
        for (std::size_t j = 0; j <= i; ++j) {
          covariances[k][i * dim + j] += (of[p][i] - means[k][i]) * (of[p][j] - means[k][j]) /
                                         static_cast<double>(of.count - 1);
        }
      }
    }
    for (std::size_t i = 0; i < dim; ++i) {
      for (std::size_t j = 0; j < i; ++j) covariances[k][j * dim + i] = covariances[k][i * dim + j];
    }
  }
  return stats::wasserstein_normal({means[0], covariances[0]}, {means[1], covariances[1]});
}

std::vector<double> marginals(const stats::PointSet& x, const stats::PointSet& y) {
  std::vector<double> out;
  std::vector<double> a(static_cast<std::size_t>(x.count));
  std::vector<double> b(static_cast<std::size_t>(y.count));
  for (std::size_t i = 0; i < static_cast<std::size_t>(x.dim); ++i) {
    for (std::int64_t p = 0; p < x.count; ++p) a[static_cast<std::size_t>(p)] = x[p][i];
    for (std::int64_t p = 0; p < y.count; ++p) b[static_cast<std::size_t>(p)] = y[p][i];
    out.push_back(stats::wasserstein_1d(a, b));
  }
  return out;
}

}  // namespace

Verdict judged(double value, double floor, double floor_sd) {
  if (std::isnan(value) || std::isnan(floor)) return Verdict::unknown;
  if (value <= 1.5 * floor) return Verdict::indistinguishable;
  return value <= floor + 3 * floor_sd ? Verdict::unclear : Verdict::apart;
}

KsdFindings kernel_stein(const comm::Communicator& comm, const Density& density,
                         const States& states, const KsdOptions& options) {
  const Scored points = scored(comm, density, states);
  const std::int64_t n = points.count();
  if (n < 2) return {n, nan, nan, nan, nan};
  const std::int64_t tiles = (n + tile_points - 1) / tile_points;
  const auto tile = [&](std::int64_t t) {
    return points.part(t * tile_points, std::min(tile_points, n - t * tile_points));
  };
  // Of each pair of tiles the sum, then that of squares.
  std::vector<double> sums(static_cast<std::size_t>(tiles * (tiles + 1)));
  comm.agree([&] {
    std::size_t pair = 0;
    for (std::int64_t i = 0; i < tiles; ++i) {
      for (std::int64_t j = 0; j <= i; ++j, ++pair) {
        if (static_cast<int>(pair % static_cast<std::size_t>(comm.size())) != comm.rank()) continue;
        const auto found = stats::stein_block_sums(tile(i), tile(j), options.kernel);
        sums[2 * pair] = (i == j ? 1 : 2) * found.sum;
        sums[2 * pair + 1] = (i == j ? 1 : 2) * found.squares;
      }
    }
  });
  gather(comm, sums);
  stats::SteinSums all;
  for (std::size_t k = 0; k < sums.size(); k += 2) {
    all.sum += sums[k];
    all.squares += sums[k + 1];
  }
  const double diagonal = stats::stein_diagonal_sum(points.part(0, n), options.kernel);
  const stats::SteinDiscrepancy squares = stats::stein_discrepancy(all.sum, diagonal, n);
  const double count = static_cast<double>(n);
  const double floor = std::sqrt(diagonal) / count;
  // The kernel has the mean 0 given one of its points, so that pairs are not correlated.
  const double square_sd = std::sqrt(2 * all.squares) / (count * count);
  return {n, std::sqrt(std::max(squares.v, 0.0)), squares.u, floor, square_sd / (2 * floor)};
}

W2Findings wasserstein(const comm::Communicator& comm, const Target& target, std::uint64_t seed,
                       const States& states, const W2Options& options) {
  const std::int64_t dim = states.parameters;
  const auto width = static_cast<std::size_t>(dim);
  const Reference reference(target, seed, options.draws, dim,
                            std::min(states.count(), options.points));
  const std::int64_t n = reference.points();
  W2Findings out;
  out.points = n;
  out.repeats = options.repeats;
  out.marginal.assign(width, nan);
  out.marginal_floor.assign(width, nan);
  if (n < 2) {
    for (const std::string& kind : options.kinds) out.kinds.push_back({kind, nan, nan, nan, nan});
    return out;
  }
  std::vector<double> unit(width, 1.0);
  if (options.standardise) {
    std::vector<double> both = reference.set(0, 0);
    const std::vector<double> other = reference.set(0, 1);
    both.insert(both.end(), other.begin(), other.end());
    unit = Columns(options.draws.empty() ? both : options.draws, width).sd;
  }
  const auto in_units = [&](std::vector<double> values) {
    for (std::size_t i = 0; i < values.size(); ++i) {
      if (unit[i % width] > 0) values[i] /= unit[i % width];
    }
    return values;
  };
  std::vector<double> mine;  // as many, evenly spaced
  for (std::int64_t i = 0; i < n; ++i) {
    const auto one = states[i * states.count() / n];
    mine.insert(mine.end(), one.begin(), one.end());
  }
  mine = in_units(std::move(mine));
  std::vector<double> directions(static_cast<std::size_t>(options.directions) * width);
  for (std::size_t i = 0; i < directions.size(); ++i) {
    directions[i] = PointNoise(seed, directions_set, i / width).normal(static_cast<int>(i % width));
  }
  const auto distances = [&](const stats::PointSet& x, const stats::PointSet& y) {
    std::vector<double> found;
    for (const std::string& kind : options.kinds) {
      if (kind == "exact") found.push_back(stats::wasserstein_exact(x, y));
      if (kind == "normal") found.push_back(distance_of_normals(x, y));
      if (kind == "sliced") {
        found.push_back(stats::wasserstein_sliced(x, y, {directions, options.directions, dim}));
      }
      if (kind == "sinkhorn") {
        stats::SinkhornOptions how;
        how.relative_epsilon = options.epsilon;
        try {
          found.push_back(std::sqrt(std::max(stats::sinkhorn_divergence(x, y, how).value, 0.0)));
        } catch (const NumericsError&) {
          found.push_back(nan);
        }
      }
    }
    const std::vector<double> of_marginals = marginals(x, y);
    found.insert(found.end(), of_marginals.begin(), of_marginals.end());
    return found;
  };
  const std::size_t kinds = options.kinds.size();
  const std::size_t each = kinds + width;
  // Of each repeat, the distance of the states from a set, then that of another set from it.
  std::vector<double> found(static_cast<std::size_t>(2 * options.repeats) * each);
  comm.agree([&] {
    for (std::int64_t job = 0; job < 2 * options.repeats; ++job) {
      if (job % comm.size() != comm.rank()) continue;
      const std::vector<double> to = in_units(reference.set(job / 2, 0));
      const std::vector<double> other =
          job % 2 == 0 ? std::vector<double>{} : in_units(reference.set(job / 2, 1));
      const std::vector<double>& from = job % 2 == 0 ? mine : other;
      const std::vector<double> one = distances({from, n, dim}, {to, n, dim});
      std::copy(
          one.begin(), one.end(),
          found.begin() + static_cast<std::ptrdiff_t>(job) * static_cast<std::ptrdiff_t>(each));
    }
  });
  gather(comm, found);
  const Columns over_repeats(found, 2 * each);
  const auto& mean = over_repeats.mean;
  const auto& sd = over_repeats.sd;
  for (std::size_t k = 0; k < kinds; ++k) {
    out.kinds.push_back({options.kinds[k], mean[k], sd[k], mean[each + k], sd[each + k]});
  }
  for (std::size_t i = 0; i < width; ++i) {
    out.marginal[i] = mean[kinds + i];
    out.marginal_floor[i] = mean[each + kinds + i];
  }
  return out;
}

}  // namespace driftwood::mcmc
