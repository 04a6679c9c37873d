// SPDX-License-Identifier: BSD-3-Clause
#include "mcmc/launch/covariance.hpp"

#include <algorithm>
#include <cmath>

#include "base/error.hpp"
#include "base/on_device.hpp"

namespace driftwood::mcmc {
namespace {

using R = Lane<double>;

/// Of x makes deviations, 0 for chains that do not count; and in the last row who counts.
struct Centre {
  ChainSums here;
  const double* centre;
  int dim;
  std::int64_t per_block;  ///< chains that there are
  std::int64_t chains;

  KOKKOS_FUNCTION void operator()(std::int64_t chain) const {
    const std::int64_t block = chain / block_chains;
    const std::int64_t at = chain % block_chains;
    bool counts = at < per_block && block * per_block + at < chains;
    for (int i = 0; i < dim && counts; ++i) counts = is_finite(here(block, i, at));
    for (int i = 0; i < dim; ++i) {
      double& x = here(block, i, at);
      x = counts ? x - centre[i] : 0.0;
    }
    here(block, dim, at) = counts ? 1.0 : 0.0;
  }
};

/// Adds the products of one row of a block with the rows up to it.
struct AddProducts {
  ChainSums here;
  Kokkos::View<double**, Kokkos::LayoutRight, Memory> sums;
  std::int64_t first_block;
  int dim;

  KOKKOS_FUNCTION void operator()(std::int64_t item) const {
    const std::int64_t block = item / dim;
    const std::int64_t i = item % dim;
    double* const to = &sums(first_block + block, 0);
    double* const products = to + 1 + dim + i * (i + 1) / 2;
    const double* const row = &here(block, i, 0);
    const double* const counts = &here(block, dim, 0);
    for (std::int64_t j = 0; j <= i; ++j) products[j] += product(row, &here(block, j, 0));
    to[1 + i] += product(row, counts);
    if (i == 0) to[0] += product(counts, counts);
  }

 private:
  [[nodiscard]] KOKKOS_FORCEINLINE_FUNCTION static double product(const double* a,
                                                                  const double* b) {
    R sum(0);
    for (std::int64_t c = 0; c < block_chains; c += width_of<R>) {
      sum = fma(load<R>(a + c), load<R>(b + c), sum);
    }
    double lanes[width_of<R>];
    store_lanes(lanes, sum);
    double total = 0;
    for (int l = 0; l < width_of<R>; ++l) total += lanes[l];
    return total;
  }
};

}  // namespace

void CovarianceSums::begin(const Population& population, const std::vector<double>& centre) {
  centre_ = on_device("centre", centre);
  sums_ = Kokkos::View<double**, Kokkos::LayoutRight, Memory>(
      "products", static_cast<std::size_t>(population.blocks().count()),
      record_size(population.dim()));
}

void CovarianceSums::add(const Population& population, const Population::BlockRange& blocks) {
  const int dim = population.dim();
  const auto count = static_cast<std::size_t>(blocks.count);
  if (here_.extent(0) < count) {
    here_ = ChainSums("here", count, static_cast<std::size_t>(dim + 1), block_chains);
  }
  population.read(blocks, here_, 0, Scale::coordinates);
  Kokkos::parallel_for("mcmc::centre", Kokkos::RangePolicy<Exec>(0, blocks.count * block_chains),
                       Centre{here_, centre_.data(), dim, population.per_block(),
                              population.results() - blocks.first * population.per_block()});
  Kokkos::parallel_for("mcmc::products", Kokkos::RangePolicy<Exec>(0, blocks.count * dim),
                       AddProducts{here_, sums_, blocks.first, dim});
}

std::vector<double> CovarianceSums::on_host(std::int64_t b) const {
  const Kokkos::View<double*, Memory> held("record", sums_.extent(1));
  Kokkos::deep_copy(held, Kokkos::subview(sums_, b, Kokkos::ALL));
  const auto host = Kokkos::create_mirror_view_and_copy(Kokkos::HostSpace(), held);
  return {host.data(), host.data() + host.size()};
}

std::vector<double> CovarianceSums::record(std::int64_t b) const {
  std::vector<double> out = on_host(b);
  const bool finite = std::all_of(out.begin(), out.end(), [](double v) { return is_finite(v); });
  if (!finite) std::fill(out.begin(), out.end(), 0.0);
  return out;
}

void CovarianceSums::save(stats::ByteWriter& out, std::int64_t b) const {
  out.put_vector(is_begun() ? on_host(b) : std::vector<double>{});
}

void CovarianceSums::restore(stats::ByteReader& in, std::int64_t b) {
  const auto values = in.get_vector<double>();
  if (values.empty()) return;  // between windows
  if (values.size() != sums_.extent(1)) {
    throw Error("saved products have another shape", "they are of another build or deck");
  }
  Kokkos::deep_copy(Kokkos::subview(sums_, b, Kokkos::ALL), on_device("record", values));
}

}  // namespace driftwood::mcmc
