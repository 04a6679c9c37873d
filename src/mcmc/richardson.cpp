// SPDX-License-Identifier: BSD-3-Clause
#include "mcmc/richardson.hpp"

#include <algorithm>
#include <cmath>
#include <string>
#include <utility>

#include "base/error.hpp"
#include "comm/gather.hpp"
#include "stats/merge_tree.hpp"

namespace driftwood::mcmc {
namespace {

using R = Lane<double>;
constexpr std::int64_t per_block = block_chains / width_of<R>;

/// Sums over the times that count, of each chain: how many these are, then for each parameter the
/// difference of its value and of its square, companion less chain, then both of the chain.
enum Sum : int { difference, square_difference, value, square, sums };

/// Of a record, for each parameter.
enum Channel : std::size_t { bias, square_bias, extrapolated, square_extrapolated, channels };

struct AddDifferences {
  ChainSums here;
  ChainSums there;
  ChainSums to;
  std::int64_t first_block;
  int parameters;

  KOKKOS_FUNCTION void operator()(std::int64_t lane) const {
    const std::int64_t block = lane / per_block;
    const std::int64_t chain = lane % per_block * width_of<R>;
    const auto rows = [&](const ChainSums& of, std::int64_t b, int row) {
      return Coordinates<R>{&of(b, row, chain), sums};
    };
    const Coordinates<R> count = rows(to, first_block + block, 0);
    count.set(0, count[0] + R(1));
    for (int i = 0; i < parameters; ++i) {
      const R chains = rows(here, block, i)[0];
      const R companions = rows(there, block, i)[0];
      const R apart = companions - chains;
      const Coordinates<R> sum = rows(to, first_block + block, 1 + i * sums);
      sum.set(difference, sum[difference] + apart);
      sum.set(square_difference, fma(apart, companions + chains, sum[square_difference]));
      sum.set(value, sum[value] + chains);
      sum.set(square, fma(chains, chains, sum[square]));
    }
  }
};

/// Records of chains: their number, then means of some channels and sums of squared deviations from
/// these. Chan, Golub and LeVeque (1983).
struct MergeMeans {
  void operator()(std::span<double> left, std::span<const double> right) const {
    const double n = left[0] + right[0];
    if (right[0] == 0) return;
    for (std::size_t k = 1; k + 1 < left.size(); k += 2) {
      const double apart = right[k] - left[k];
      left[k] += apart * (right[0] / n);
      left[k + 1] += right[k + 1] + apart * apart * (left[0] * right[0] / n);
    }
    left[0] = n;
  }
};

}  // namespace

Richardson::Richardson(const Sampler& sampler, const Density& density, Population::Options options,
                       const comm::Share& blocks)
    : coarse_(sampler, density,
              {.chains = options.chains,
               .seed = options.seed,
               .joins_steps = true,
               .same_start = options.same_start,
               .batches = options.batches},
              blocks),
      divisor_(std::ldexp(1.0, sampler.traits().bias_order) - 1),
      sums_("differences", static_cast<std::size_t>(blocks.count()),
            static_cast<std::size_t>(1 + coarse_.parameters() * sums), block_chains) {
  if (sampler.traits().bias_order == 0) {
    throw Error("there is no bias to estimate",
                "the sampler '" + std::string(sampler.traits().name) + "' has none");
  }
}

void Richardson::follow(const Population& chains, const Population::BlockRange& blocks,
                        std::uint64_t step, double h, bool counts) {
  if (step % 2 == 0) return;
  coarse_.advance(blocks, step / 2, step / 2 + 1, 2 * h,
                  [](const Population::BlockRange&, std::uint64_t) {});
  if (!counts) return;
  const int parameters = coarse_.parameters();
  const auto count = static_cast<std::size_t>(blocks.count);
  if (here_.extent(0) < count) {
    here_ = ChainSums("here", count, static_cast<std::size_t>(parameters), block_chains);
    there_ = ChainSums("there", count, static_cast<std::size_t>(parameters), block_chains);
  }
  chains.read(blocks, here_, 0);
  coarse_.read(blocks, there_, 0);
  Kokkos::parallel_for("mcmc::differences", Kokkos::RangePolicy<Exec>(0, blocks.count * per_block),
                       AddDifferences{here_, there_, sums_, blocks.first, parameters});
}

std::vector<double> Richardson::record_of(const std::vector<double>& of_block,
                                          std::int64_t b) const {
  const auto parameters = static_cast<std::size_t>(coarse_.parameters());
  const std::size_t width = parameters * channels;
  const std::int64_t chains = std::min(block_chains, coarse_.chains() - b * block_chains);
  std::vector<double> record(1 + 2 * width);
  std::vector<double> single(1 + 2 * width);
  for (std::int64_t c = 0; c < chains; ++c) {
    const auto sum = [&](std::size_t row) {
      return of_block[row * block_chains + static_cast<std::size_t>(c)];
    };
    bool finite = true;
    for (std::size_t i = 0; i < parameters; ++i) {
      const auto average = [&](Sum s) {
        return sum(1 + i * sums + static_cast<std::size_t>(s)) / sum(0);
      };
      double values[channels];
      values[bias] = average(difference) / divisor_;
      values[square_bias] = average(square_difference) / divisor_;
      values[extrapolated] = average(value) - values[bias];
      values[square_extrapolated] = average(square) - values[square_bias];
      for (std::size_t k = 0; k < channels; ++k) {
        finite = finite && std::isfinite(values[k]);
        single[1 + 2 * (i * channels + k)] = values[k];
      }
    }
    single[0] = 1;
    if (finite) MergeMeans()(record, single);
  }
  return record;
}

BiasFindings Richardson::findings(const comm::Communicator& comm) const {
  const auto parameters = static_cast<std::size_t>(coarse_.parameters());
  stats::MergeTree<double, MergeMeans> tree(1 + 2 * parameters * channels);
  const auto host = Kokkos::create_mirror_view_and_copy(Kokkos::HostSpace(), sums_);
  const std::size_t block_size = host.extent(1) * host.extent(2);
  for (std::int64_t b = 0; b < coarse_.blocks().count(); ++b) {
    const double* const first = host.data() + static_cast<std::size_t>(b) * block_size;
    tree.push(coarse_.blocks().first + b, record_of({first, first + block_size}, b));
  }
  std::vector<double> record = tree.collected(comm).root();
  broadcast(comm, record);

  const double n = record[0];
  const auto estimate = [&](std::size_t i, Channel of_bias, Channel of_value) {
    const auto mean = [&](Channel k) { return record[1 + 2 * (i * channels + k)]; };
    const auto error = [&](Channel k) {
      return std::sqrt(record[2 + 2 * (i * channels + k)] / (n * (n - 1)));
    };
    const double nothing = n > 0 ? 0 : std::nan("");
    return BiasEstimate{mean(of_bias) + nothing, error(of_bias), mean(of_value) + nothing,
                        error(of_value)};
  };
  BiasFindings out;
  out.chains = static_cast<std::int64_t>(n);
  for (std::size_t i = 0; i < parameters; ++i) {
    out.mean.push_back(estimate(i, bias, extrapolated));
    out.second_moment.push_back(estimate(i, square_bias, square_extrapolated));
  }
  return out;
}

void Richardson::save(stats::ByteWriter& out, std::int64_t b) const {
  coarse_.save(out, b);
  const auto block = Kokkos::subview(sums_, std::pair(b, b + 1), Kokkos::ALL, Kokkos::ALL);
  const ChainSums held("part", 1, sums_.extent(1), sums_.extent(2));
  Kokkos::deep_copy(held, block);
  const auto host = Kokkos::create_mirror_view_and_copy(Kokkos::HostSpace(), held);
  out.put_vector(std::vector<double>(host.data(), host.data() + host.size()));
}

void Richardson::restore(stats::ByteReader& in, std::int64_t b) {
  coarse_.restore(in, b);
  const auto values = in.get_vector<double>();
  const ChainSums held("part", 1, sums_.extent(1), sums_.extent(2));
  if (values.size() != held.size()) {
    throw Error("saved sums of differences have another shape",
                "they are of another build or deck");
  }
  const auto host = Kokkos::create_mirror_view(held);
  std::copy(values.begin(), values.end(), host.data());
  Kokkos::deep_copy(held, host);
  Kokkos::deep_copy(Kokkos::subview(sums_, std::pair(b, b + 1), Kokkos::ALL, Kokkos::ALL), held);
}

}  // namespace driftwood::mcmc
