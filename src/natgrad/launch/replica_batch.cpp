// SPDX-License-Identifier: BSD-3-Clause
#include "natgrad/launch/replica_batch.hpp"

#include <algorithm>
#include <cmath>

#include "base/error.hpp"
#include "natgrad/ensemble/preconditioned.hpp"
#include "natgrad/ensemble/singular.hpp"
#include "natgrad/launch/team_design.hpp"

namespace driftwood::natgrad {
namespace {

/// (design, Found)
using FoundView = Kokkos::View<double**, Kokkos::LayoutRight, Memory>;

std::size_t rounded_up(std::size_t n, std::size_t to) { return (n + to - 1) / to * to; }

struct SolveDesigns {
  random::DesignRows first;  ///< of the first design of the launch
  RowsView rows;
  RowsView gram;
  WeightsView weights;
  FoundView found;
  Kokkos::View<Pivots*, Memory> pivots;
  int n;
  int d;
  double ridge;
  int priors;

  KOKKOS_FUNCTION void operator()(const Team& team) const {
    const int r = team.league_rank();
    const TeamDesign design{&rows(r, 0, 0),
                            &gram(r, 0, 0),
                            weights,
                            n,
                            static_cast<int>(rows.extent(1)),
                            static_cast<int>(rows.extent(2))};
    random::DesignRows drawn = first;
    drawn.key.replica += static_cast<std::uint32_t>(r);
    double* const out = &found(r, 0);
    Kokkos::single(Kokkos::PerTeam(team), [&]() { pivots(r) = Pivots{}; });
    design.draw(team, drawn, d);
    design.multiply(team, n * ridge);
    design.factor(team, pivots(r));
    design.solve_down(team);
    for (int k = 0; k < priors; ++k) {
      const double learnt = design.squares(team, Weight::cross, Weight::prior + k);
      const double square = design.product(team, Weight::prior + k);
      Kokkos::single(Kokkos::PerTeam(team), [&]() { out[Found::bias + k] = square - 2 * learnt; });
    }
    team.team_barrier();
    design.solve_up(team);
    const double variance = design.squares(team, Weight::spread, -1);
    Kokkos::single(Kokkos::PerTeam(team), [&]() { out[Found::variance] = variance; });
  }
};

WeightsView weights_of(const std::vector<double>& x, std::span<const double> p,
                       const std::vector<std::vector<double>>& priors) {
  const std::size_t padded = rounded_up(x.size(), team_lanes);
  const WeightsView out("weights", Weight::prior + priors.size(), padded);
  const auto host = Kokkos::create_mirror_view(out);
  Kokkos::deep_copy(host, 0.0);
  for (std::size_t j = 0; j < x.size(); ++j) {
    host(Weight::scale, j) = std::sqrt(x[j]);
    host(Weight::preconditioner, j) = p[j];
    host(Weight::spread, j) = x[j] * p[j] * p[j];
    host(Weight::cross, j) = x[j] * p[j];
    for (std::size_t k = 0; k < priors.size(); ++k) host(Weight::prior + k, j) = priors[k][j];
  }
  Kokkos::deep_copy(out, host);
  return out;
}

double null_risk(const std::vector<double>& x, const std::vector<double>& prior) {
  double sum = 0;
  for (std::size_t j = 0; j < x.size(); ++j) sum += x[j] * prior[j];
  return sum;
}

}  // namespace

ReplicaBatch::ReplicaBatch(std::size_t n, std::span<const double> features, FeatureLaw law)
    : n_(n), features_(features.begin(), features.end()), law_(law) {
  if (n == 0 || n > features_.size()) {
    throw UsageError("a batch of designs has no rows, or more than features");
  }
  for (const double v : features_) {
    if (!(v >= 0) || !std::isfinite(v)) {
      throw UsageError("an eigenvalue of the covariance of the features is negative or not finite");
    }
  }
}

std::size_t ReplicaBatch::bytes_of_design() const {
  const std::size_t rows = rounded_up(n_, block_rows);
  return sizeof(double) * rows * (rows + rounded_up(features_.size(), team_lanes));
}

std::vector<BiasVariance> ReplicaBatch::operator()(
    const DesignKey& first, std::size_t designs, std::span<const double> p, double ridge,
    const std::vector<std::vector<double>>& priors) const {
  const std::size_t d = features_.size();
  const bool fit = std::all_of(priors.begin(), priors.end(),
                               [&](const auto& prior) { return prior.size() == d; });
  if (p.size() != d || !fit) throw Error("features, P and priors of designs differ in number");
  if (!(ridge >= 0) || std::isinf(ridge)) throw UsageError("a ridge is finite and not negative");
  Preconditioned checked;
  checked.set_diagonal(p);

  constexpr std::size_t most_bytes = std::size_t{1} << 28;
  const std::size_t together =
      std::min(designs, std::max<std::size_t>(1, most_bytes / bytes_of_design()));
  const std::size_t rows = rounded_up(n_, block_rows);
  const WeightsView weights = weights_of(features_, p, priors);
  const RowsView held("rows", together, rows, weights.extent(1));
  const RowsView gram("gram", together, rows, rows);
  const FoundView found("found", together, Found::bias + priors.size());
  const Kokkos::View<Pivots*, Memory> pivots("pivots", together);
  std::vector<BiasVariance> out;
  out.reserve(designs * priors.size());
  for (std::size_t begun = 0; begun < designs; begun += together) {
    const std::size_t count = std::min(together, designs - begun);
    DesignKey key = first;
    key.replica += static_cast<std::uint32_t>(begun);
    Kokkos::parallel_for("natgrad::designs",
                         TeamPolicy(static_cast<int>(count), reduction_team_size),
                         SolveDesigns{{key, random::Purpose::design, law_},
                                      held,
                                      gram,
                                      weights,
                                      found,
                                      pivots,
                                      static_cast<int>(n_),
                                      static_cast<int>(d),
                                      ridge,
                                      static_cast<int>(priors.size())});
    const auto host = Kokkos::create_mirror_view_and_copy(Kokkos::HostSpace(), found);
    const auto of_design = Kokkos::create_mirror_view_and_copy(Kokkos::HostSpace(), pivots);
    for (std::size_t r = 0; r < count; ++r) {
      const Pivots& seen = of_design(r);
      if (seen.are_too_small()) {
        key.replica += static_cast<std::uint32_t>(r);
        throw_singular("the matrix X P X^T", "pivot", static_cast<std::size_t>(seen.at), seen.least,
                       seen.largest, {key, n_, d});
      }
      for (std::size_t k = 0; k < priors.size(); ++k) {
        const double lost = host(r, Found::bias + k);
        out.push_back({(null_risk(features_, priors[k]) + lost) / static_cast<double>(d),
                       host(r, Found::variance)});
      }
    }
  }
  return out;
}

}  // namespace driftwood::natgrad
