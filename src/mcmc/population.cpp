// SPDX-License-Identifier: BSD-3-Clause
#include "mcmc/population.hpp"

#include <algorithm>
#include <utility>

#include "base/error.hpp"
#include "base/on_device.hpp"
#include "sde/draw_law.hpp"

namespace driftwood::mcmc {
namespace {

using R = Lane<double>;
constexpr std::int64_t per_block = block_chains / width_of<R>;
static_assert(block_chains % width_of<R> == 0);

/// A step whose energy error is larger has left the region where it follows the dynamics.
constexpr double divergent_error = 1000;

/// What tiles of chains should take of a cache that a core has to itself [bytes].
constexpr std::int64_t tile_bytes = std::int64_t{256} << 10;

/// The rows of one lane.
struct LaneRows {
  ChainRows rows;
  std::int64_t first_block;

  KOKKOS_FORCEINLINE_FUNCTION Coordinates<R> of(std::int64_t lane, int row, int count) const {
    return {&rows(first_block + lane / per_block, row, lane % per_block * width_of<R>), count};
  }
};

/// Puts chains at positions drawn from a law.
struct Start {
  LaneRows rows;
  RowLayout layout;
  std::uint64_t seed;
  std::uint64_t first_chain;
  deck::Distribution::Kind kind;
  double first;
  double second;

  KOKKOS_FUNCTION void operator()(std::int64_t lane) const {
    std::uint64_t ids[width_of<R>];
    for (int l = 0; l < width_of<R>; ++l) {
      ids[l] = first_chain + static_cast<std::uint64_t>(lane * width_of<R> + l);
    }
    const Coordinates<R> z = rows.of(lane, layout.vector(Slot::position), layout.dim);
    rows.of(lane, layout.number(Number::acceptance), 1).set(0, R(1));
    for (int i = 0; i < layout.dim; ++i) {
      const random::Stream stream(seed, random::Purpose::initial, i);
      z.set(i,
            sde::drawn_from<R>(kind, first, second, stream.words<R>(random::Ids<R>::from(ids), 0)));
    }
  }
};

/// Where chains are, for results: theta in memory, made if need be.
struct Here {
  LaneRows rows;
  RowLayout layout;
  Chart chart;
  const double* scale;

  [[nodiscard]] KOKKOS_FORCEINLINE_FUNCTION Coordinates<R> x(std::int64_t lane) const {
    const Coordinates<R> z = rows.of(lane, layout.vector(Slot::position), layout.dim);
    if (!layout.is_scaled) return z;
    const Coordinates<R> to = rows.of(lane, layout.x(), layout.dim);
    for (int i = 0; i < layout.dim; ++i) to.set(i, R(scale[i]) * z[i]);
    return to;
  }
  [[nodiscard]] KOKKOS_FORCEINLINE_FUNCTION Coordinates<R> theta(std::int64_t lane) const {
    const Coordinates<R> at = x(lane);
    if (layout.theta == 0) return at;
    const Coordinates<R> to = rows.of(lane, layout.parameters(), layout.theta);
    static_cast<void>(chart.constrain(at, to));
    return to;
  }
};

/// Adds deviations from a centre, and their squares, to the sums of each chain.
struct AddToSums {
  Here here;
  bool of_parameters;
  const double* centre;
  LaneRows sums;

  KOKKOS_FUNCTION void operator()(std::int64_t lane) const {
    const Coordinates<R> at = of_parameters ? here.theta(lane) : here.x(lane);
    const Coordinates<R> sum = sums.of(lane, 0, at.size());
    const Coordinates<R> squares = sums.of(lane, at.size(), at.size());
    for (int i = 0; i < at.size(); ++i) {
      const R d = at[i] - R(centre[i]);
      sum.set(i, sum[i] + d);
      squares.set(i, fma(d, d, squares[i]));
    }
    const Coordinates<R> more = sums.of(lane, 2 * at.size(), 2);
    const auto number = [&](int k) { return here.rows.of(lane, here.layout.number(k), 1)[0]; };
    more.set(0, more[0] + number(Number::acceptance));
    const auto diverged = less(R(divergent_error), number(Number::energy_error));
    more.set(1, more[1] + select(diverged, R(1), R(0)));
  }
};

struct ReadParameters {
  Here here;
  LaneRows to;

  KOKKOS_FUNCTION void operator()(std::int64_t lane) const {
    const Coordinates<R> from = here.theta(lane);
    copy(to.of(lane, 0, from.size()), from);
  }
};

/// Multiplies the positions of all chains.
struct Stretch {
  LaneRows rows;
  RowLayout layout;
  const double* factor;

  KOKKOS_FUNCTION void operator()(std::int64_t lane) const {
    const Coordinates<R> z = rows.of(lane, layout.vector(Slot::position), layout.dim);
    for (int i = 0; i < layout.dim; ++i) z.set(i, R(factor[i]) * z[i]);
  }
};

struct SumAcceptance {
  ChainRows rows;
  int row;
  double per_unit;

  KOKKOS_FUNCTION void operator()(std::int64_t chain, std::int64_t& sum) const {
    sum +=
        static_cast<std::int64_t>(rows(chain / block_chains, row, chain % block_chains) * per_unit);
  }
};

struct SumEnergyVariance {
  ChainRows rows;
  int row;
  double per_coordinate;
  double per_unit;

  KOKKOS_FUNCTION void operator()(std::int64_t chain, std::int64_t& sum) const {
    const double error = rows(chain / block_chains, row, chain % block_chains);
    const double square = error * error * per_coordinate;
    sum += static_cast<std::int64_t>(select(less(square, 1.0), square, 1.0) * per_unit);
  }
};

template <class Kernel>
void launch(const char* label, std::int64_t lanes, const Kernel& kernel) {
  Kokkos::parallel_for(label, Kokkos::RangePolicy<Exec>(0, lanes), kernel);
}

/// Rows [first, last) of one block.
template <class V>
auto part_of_block(const V& view, std::int64_t block, int first, int last) {
  return Kokkos::subview(view, std::pair(block, block + 1), std::pair(first, last), Kokkos::ALL);
}

template <class V>
std::vector<double> on_host(const V& part) {
  const ChainRows held(Kokkos::view_alloc("part", Kokkos::WithoutInitializing), part.extent(0),
                       part.extent(1), part.extent(2));
  Kokkos::deep_copy(held, part);
  const auto host = Kokkos::create_mirror_view_and_copy(Kokkos::HostSpace(), held);
  return {host.data(), host.data() + host.size()};
}
template <class V>
void from_host(const V& part, const std::vector<double>& values) {
  const ChainRows held(Kokkos::view_alloc("part", Kokkos::WithoutInitializing), part.extent(0),
                       part.extent(1), part.extent(2));
  if (values.size() != held.size()) {
    throw Error("saved chains have another shape", "they are of another build or deck");
  }
  const auto host = Kokkos::create_mirror_view(held);
  std::copy(values.begin(), values.end(), host.data());
  Kokkos::deep_copy(held, host);
  Kokkos::deep_copy(part, held);
}

}  // namespace

Population::Population(const Sampler& sampler, const Density& density, const Options& options,
                       const comm::Share& blocks)
    : sampler_(sampler), density_(density), blocks_(blocks) {
  const SamplerTraits traits = sampler.traits();
  RowLayout& layout = set_.layout;
  layout.dim = density.dim();
  layout.theta = density.parameters();
  layout.vectors = Slot::own + traits.vectors;
  layout.numbers = Number::own + traits.numbers +
                   (traits.numbers_of_pairs ? layout.dim * (layout.dim - 1) / 2 : 0);
  layout.is_scaled = true;
  set_.seed = options.seed;
  set_.first_chain = static_cast<std::uint64_t>(blocks.first * block_chains);
  set_.chains = std::max<std::int64_t>(
      std::min(blocks.count() * block_chains, options.chains - blocks.first * block_chains), 0);
  set_.density = &density;
  set_.joins_steps = options.joins_steps;
  set_.rows = ChainRows("chains", static_cast<std::size_t>(count()),
                        static_cast<std::size_t>(layout.rows()), block_chains);
  const std::int64_t block_bytes =
      layout.rows() * block_chains * static_cast<std::int64_t>(sizeof(double));
  const std::int64_t threads = Exec().concurrency();
  tile_blocks_ = std::max<std::int64_t>(tile_bytes / block_bytes, 1) * threads;
  scale_.assign(static_cast<std::size_t>(layout.dim), 1.0);
  set_.layout.is_scaled = false;
}

int Population::parameters() const {
  return set_.layout.theta == 0 ? set_.layout.dim : set_.layout.theta;
}

std::int64_t Population::lanes_of(const BlockRange& blocks) const {
  const std::int64_t chains =
      std::min(blocks.count * block_chains, set_.chains - blocks.first * block_chains);
  return (chains + width_of<R> - 1) / width_of<R>;
}

void Population::begin() {
  for (std::int64_t b = 0; b < count(); b += tile_blocks_) {
    Tile tile(set_, b, std::min(tile_blocks_, count() - b));
    sampler_.begin(tile);
    gradients_ += tile.gradients();
  }
}

void Population::start(const deck::Distribution& law) {
  launch("mcmc::start", lanes_of(all()),
         Start{{set_.rows, 0},
               set_.layout,
               set_.seed,
               set_.first_chain,
               law.kind,
               law.first,
               law.second});
  begin();
}

void Population::place(std::span<const double> x) {
  const auto host = Kokkos::create_mirror_view_and_copy(Kokkos::HostSpace(), set_.rows);
  const auto chains = static_cast<std::size_t>(set_.chains);
  for (std::size_t i = 0; i < static_cast<std::size_t>(dim()); ++i) {
    for (std::size_t c = 0; c < chains; ++c) {
      host(c / block_chains, static_cast<std::size_t>(set_.layout.vector(Slot::position)) + i,
           c % block_chains) = x[i * chains + c] / scale_[i];
    }
  }
  Kokkos::deep_copy(set_.rows, host);
  begin();
}

void Population::begin_sums(Scale scale, const std::vector<double>& centre) {
  of_ = scale;
  centre_ = on_device("centre", centre);
  sums_ = ChainSums("sums", static_cast<std::size_t>(count()), 2 * centre.size() + 2, block_chains);
}

void Population::add_to_sums(const BlockRange& blocks) {
  launch("mcmc::add", lanes_of(blocks),
         AddToSums{{{set_.rows, blocks.first}, set_.layout, density_.chart(), set_.scale.data()},
                   of_ == Scale::parameters,
                   centre_.data(),
                   {sums_, blocks.first}});
}

std::vector<std::vector<double>> Population::sums_of_blocks() const {
  const auto host = Kokkos::create_mirror_view_and_copy(Kokkos::HostSpace(), sums_);
  const std::size_t rows = host.extent(1);
  std::vector<std::vector<double>> out;
  for (std::int64_t b = 0; b < count(); ++b) {
    std::vector<double> record(rows + 1);
    const std::int64_t chains = std::min(block_chains, set_.chains - b * block_chains);
    for (std::int64_t c = 0; c < chains; ++c) {
      bool finite = true;
      for (std::size_t k = 0; k < rows; ++k) finite = finite && is_finite(host(b, k, c));
      if (!finite) continue;
      record[0] += 1;
      for (std::size_t k = 0; k < rows; ++k) record[k + 1] += host(b, k, c);
    }
    out.push_back(std::move(record));
  }
  return out;
}

std::int64_t Population::acceptance() const {
  std::int64_t sum = 0;
  Kokkos::parallel_reduce(
      "mcmc::acceptance", Kokkos::RangePolicy<Exec>(0, set_.chains),
      SumAcceptance{set_.rows, set_.layout.number(Number::acceptance), 1 / acceptance_unit}, sum);
  return sum;
}

std::int64_t Population::energy_variance() const {
  std::int64_t sum = 0;
  Kokkos::parallel_reduce("mcmc::energy_variance", Kokkos::RangePolicy<Exec>(0, set_.chains),
                          SumEnergyVariance{set_.rows, set_.layout.number(Number::energy_error),
                                            1 / static_cast<double>(dim()), 1 / acceptance_unit},
                          sum);
  return sum;
}

void Population::read(const BlockRange& blocks, const ChainSums& to, std::int64_t at) const {
  launch(
      "mcmc::read", lanes_of(blocks),
      ReadParameters{{{set_.rows, blocks.first}, set_.layout, density_.chart(), set_.scale.data()},
                     {to, at}});
}

std::vector<double> Population::read(std::int64_t b) const {
  const ChainSums to("parameters", 1, static_cast<std::size_t>(parameters()), block_chains);
  read({b, 1}, to, 0);
  const auto host = Kokkos::create_mirror_view_and_copy(Kokkos::HostSpace(), to);
  return {host.data(), host.data() + host.size()};
}

void Population::read_number(int number, std::int64_t b, const ChainSums& to, std::int64_t at,
                             int row) const {
  const int from = set_.layout.number(number);
  Kokkos::deep_copy(part_of_block(to, at, row, row + 1),
                    part_of_block(set_.rows, b, from, from + 1));
}

std::vector<double> Population::numbers(int number) const {
  std::vector<double> out;
  const int row = set_.layout.number(number);
  for (std::int64_t b = 0; b < count(); ++b) {
    const auto block = on_host(part_of_block(set_.rows, b, row, row + 1));
    const std::int64_t chains = std::min(block_chains, set_.chains - b * block_chains);
    out.insert(out.end(), block.begin(), block.begin() + chains);
  }
  return out;
}

void Population::rescale(const std::vector<double>& scale) {
  std::vector<double> factor(scale.size());
  for (std::size_t i = 0; i < scale.size(); ++i) factor[i] = scale_[i] / scale[i];
  const auto held = on_device("factor", factor);
  launch("mcmc::rescale", lanes_of(all()), Stretch{{set_.rows, 0}, set_.layout, held.data()});
  Kokkos::fence();
  restore_scale(scale);
  begin();
}

void Population::restore_scale(const std::vector<double>& scale) {
  scale_ = scale;
  set_.scale = on_device("scale", scale);
  set_.layout.is_scaled =
      std::any_of(scale.begin(), scale.end(), [](double s) { return s != 1.0; });
}

void Population::save(stats::ByteWriter& out, std::int64_t b) const {
  out.put_vector(on_host(part_of_block(set_.rows, b, 0, set_.layout.saved())));
  out.put_vector(sums_.extent(0) == 0
                     ? std::vector<double>{}
                     : on_host(part_of_block(sums_, b, 0, static_cast<int>(sums_.extent(1)))));
}

void Population::restore(stats::ByteReader& in, std::int64_t b) {
  from_host(part_of_block(set_.rows, b, 0, set_.layout.saved()), in.get_vector<double>());
  const auto sums = in.get_vector<double>();
  if (!sums.empty()) {
    from_host(part_of_block(sums_, b, 0, static_cast<int>(sums_.extent(1))), sums);
  }
}

}  // namespace driftwood::mcmc
