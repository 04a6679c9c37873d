// SPDX-License-Identifier: BSD-3-Clause
#include "mcmc/launch/energy_sums.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <span>
#include <vector>

#include "base/error.hpp"
#include "comm/gather.hpp"
#include "stats/merge_tree.hpp"

namespace driftwood::mcmc {
namespace {

using R = Lane<double>;
constexpr std::int64_t per_block = block_chains / width_of<R>;

/// Of each chain. Energies are taken from its first one, so that squares keep their digits.
enum Row : int { first, last, squared_changes, sum, squares, rows };

struct AddEnergies {
  ChainRows chains;
  int number;  ///< row of the energy
  ChainSums sums;
  std::int64_t first_block;
  bool is_first;

  KOKKOS_FUNCTION void operator()(std::int64_t lane) const {
    const std::int64_t block = first_block + lane / per_block;
    const std::int64_t chain = lane % per_block * width_of<R>;
    const R energy = load<R>(&chains(block, number, chain));
    const Coordinates<R> to{&sums(block, 0, chain), rows};
    if (is_first) {
      to.set(first, energy);
      to.set(last, energy);
      return;
    }
    const R change = energy - to[last];
    const R above = energy - to[first];
    to.set(squared_changes, fma(change, change, to[squared_changes]));
    to.set(sum, to[sum] + above);
    to.set(squares, fma(above, above, to[squares]));
    to.set(last, energy);
  }
};

/// Of some chains: how many, squared changes, squared distances from their own means, how many are
/// low; the mean of their means, and the sum of squared distances of these from it.
enum Record : std::size_t { count, changes, spread, low, mean, between, record_size };

/// Means as in Chan, Golub and LeVeque (1983).
struct AddRecords {
  void operator()(std::span<double> left, std::span<const double> right) const {
    if (right[count] == 0) return;
    const double apart = right[mean] - left[mean];
    const double both = left[count] + right[count];
    left[mean] += apart * (right[count] / both);
    left[between] += right[between] + apart * apart * (left[count] * right[count] / both);
    for (const Record sum : {count, changes, spread, low}) left[sum] += right[sum];
  }
};

}  // namespace

EnergySums::EnergySums(const Population& population, int number)
    : number_(population.set().layout.number(number)),
      blocks_(population.blocks()),
      chains_(population.chains()),
      sums_("energies", static_cast<std::size_t>(blocks_.count()), static_cast<std::size_t>(rows),
            block_chains) {}

void EnergySums::look(const Population& population, const Population::BlockRange& blocks,
                      bool is_first) {
  Kokkos::parallel_for("mcmc::energies", Kokkos::RangePolicy<Exec>(0, blocks.count * per_block),
                       AddEnergies{population.set().rows, number_, sums_, blocks.first, is_first});
}

EnergyFindings EnergySums::findings(const comm::Communicator& comm, std::int64_t steps) const {
  const auto host = Kokkos::create_mirror_view_and_copy(Kokkos::HostSpace(), sums_);
  const auto n = static_cast<double>(steps);
  stats::MergeTree<double, AddRecords> tree(record_size);
  for (std::int64_t b = 0; b < blocks_.count(); ++b) {
    std::vector<double> record(record_size);
    for (std::int64_t c = 0; c < std::min(block_chains, chains_ - b * block_chains); ++c) {
      const double above = host(b, sum, c) / n;
      const double distances = host(b, squares, c) - host(b, sum, c) * above;
      const double moves = host(b, squared_changes, c);
      // Of a chain that never moved, or is lost, there is nothing to say.
      if (!(distances > 0 && std::isfinite(distances) && std::isfinite(moves))) continue;
      const double is_low = moves < good_ebfmi * distances ? 1 : 0;
      AddRecords()(record,
                   std::vector<double>{1, moves, distances, is_low, host(b, first, c) + above, 0});
    }
    tree.push(blocks_.first + b, std::move(record));
  }
  std::vector<double> record = tree.collected(comm).root();
  broadcast(comm, record);
  const double variance = record[spread] / n + record[between];  // times the number of chains
  return {variance > 0 ? record[changes] / (n - 1) / variance
                       : std::numeric_limits<double>::quiet_NaN(),
          static_cast<std::int64_t>(record[low])};
}

void EnergySums::save(stats::ByteWriter& out, std::int64_t b) const {
  const ChainSums held("part", 1, rows, block_chains);
  Kokkos::deep_copy(held, Kokkos::subview(sums_, std::pair(b, b + 1), Kokkos::ALL, Kokkos::ALL));
  const auto host = Kokkos::create_mirror_view_and_copy(Kokkos::HostSpace(), held);
  out.put_vector(std::vector<double>(host.data(), host.data() + host.size()));
}

void EnergySums::restore(stats::ByteReader& in, std::int64_t b) {
  const auto values = in.get_vector<double>();
  const ChainSums held("part", 1, rows, block_chains);
  if (values.size() != held.size()) {
    throw Error("saved sums of energies have another shape", "they are of another build or deck");
  }
  const auto host = Kokkos::create_mirror_view(held);
  std::copy(values.begin(), values.end(), host.data());
  Kokkos::deep_copy(held, host);
  Kokkos::deep_copy(Kokkos::subview(sums_, std::pair(b, b + 1), Kokkos::ALL, Kokkos::ALL), held);
}

}  // namespace driftwood::mcmc
