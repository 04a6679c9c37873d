// SPDX-License-Identifier: BSD-3-Clause
#include "mcmc/population.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

#include "base/error.hpp"
#include "base/on_device.hpp"
#include "mcmc/launch/for_each.hpp"
#include "sde/draw_law.hpp"

namespace driftwood::mcmc {
namespace {

using R = Lane<double>;
constexpr std::int64_t per_block = block_chains / width_of<R>;
static_assert(block_chains % width_of<R> == 0);

/// A step whose energy error is larger has left the region where it follows the dynamics.
constexpr double divergent_error = 1000;

/// The numbers of steps that are but tried, whose noise is none of any other step.
constexpr std::uint64_t trial_steps = std::uint64_t{1} << 62;

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
  std::uint64_t same;  ///< consecutive chains that start at one point

  /// Whose numbers a chain that moves is put by: chains of the results share those of their
  /// superchain, rung by rung.
  [[nodiscard]] KOKKOS_FORCEINLINE_FUNCTION std::uint64_t id_of(std::uint64_t chain) const {
    if (same == 1) return chain;
    const auto ladder = static_cast<std::uint64_t>(layout.ladder);
    const std::uint64_t block = chain / block_chains;
    const std::uint64_t within = chain % block_chains;
    const std::uint64_t result = block * (block_chains / ladder) + within / ladder;
    return result / same * ladder + within % ladder;
  }

  KOKKOS_FUNCTION void operator()(std::int64_t lane) const {
    std::uint64_t ids[width_of<R>];
    for (int l = 0; l < width_of<R>; ++l) {
      ids[l] = id_of(first_chain + static_cast<std::uint64_t>(lane * width_of<R> + l));
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
  CoordinateMap map;

  [[nodiscard]] KOKKOS_FORCEINLINE_FUNCTION Coordinates<R> x(std::int64_t lane) const {
    const Coordinates<R> z = rows.of(lane, layout.vector(Slot::position), layout.dim);
    if (!layout.is_scaled) return z;
    const Coordinates<R> to = rows.of(lane, layout.x(), layout.dim);
    map.apply(z, to);
    return to;
  }
  [[nodiscard]] KOKKOS_FORCEINLINE_FUNCTION Coordinates<R> theta(std::int64_t lane) const {
    const Coordinates<R> at = x(lane);
    if (layout.theta == 0) return at;
    const Coordinates<R> to = rows.of(lane, layout.parameters(), layout.theta);
    static_cast<void>(chart.constrain(at, to));
    return to;
  }
  [[nodiscard]] KOKKOS_FORCEINLINE_FUNCTION Coordinates<R> of(Scale scale,
                                                              std::int64_t lane) const {
    return scale == Scale::parameters ? theta(lane) : x(lane);
  }
};

/// Adds deviations from a centre, and their squares, to the sums of each chain.
struct AddToSums {
  Here here;
  Scale scale;
  const double* centre;
  LaneRows sums;

  KOKKOS_FUNCTION void operator()(std::int64_t lane) const {
    const Coordinates<R> at = here.of(scale, lane);
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

/// Of chains with replicas: where the cold one of each is.
struct Cold {
  ChainRows rows;
  RowLayout layout;
  std::int64_t first_block;
  std::int64_t per_block;

  struct Place {
    std::int64_t block;
    std::int64_t chain;    ///< of those of the block that results are of
    std::int64_t replica;  ///< of the block's chains
  };
  [[nodiscard]] KOKKOS_FUNCTION Place place(std::int64_t item) const {
    const std::int64_t block = item / per_block;
    const std::int64_t chain = item % per_block;
    std::int64_t at = chain * layout.ladder;
    const int rung = layout.number(layout.of_replica(Replica::rung));
    for (int k = 1; k < layout.ladder && rows(first_block + block, rung, at) != 0; ++k) ++at;
    return {block, chain, at};
  }
  /// The first row of theta, or of x.
  [[nodiscard]] KOKKOS_FUNCTION int row(Scale scale) const {
    if (scale == Scale::parameters && layout.theta > 0) return layout.parameters();
    return layout.is_scaled ? layout.x() : layout.vector(Slot::position);
  }
  [[nodiscard]] KOKKOS_FUNCTION int size(Scale scale) const {
    return scale == Scale::parameters && layout.theta > 0 ? layout.theta : layout.dim;
  }
};

/// Puts x and theta of all chains where `Cold` finds them.
struct Locate {
  Here here;

  KOKKOS_FUNCTION void operator()(std::int64_t lane) const { static_cast<void>(here.theta(lane)); }
};

/// What `AddToSums` does, of cold replicas.
struct AddCold {
  Cold cold;
  Scale scale;
  const double* centre;
  ChainSums sums;

  KOKKOS_FUNCTION void operator()(std::int64_t item) const {
    const Cold::Place at = cold.place(item);
    const std::int64_t block = cold.first_block + at.block;
    const int row = cold.row(scale);
    const int size = cold.size(scale);
    for (int i = 0; i < size; ++i) {
      const double d = cold.rows(block, row + i, at.replica) - centre[i];
      double& squares = sums(block, size + i, at.chain);
      sums(block, i, at.chain) += d;
      squares = fma(d, d, squares);
    }
    const auto number = [&](int k) { return cold.rows(block, cold.layout.number(k), at.replica); };
    sums(block, 2 * size, at.chain) += number(Number::acceptance);
    sums(block, 2 * size + 1, at.chain) += divergent_error < number(Number::energy_error) ? 1 : 0;
  }
};

struct ReadCold {
  Cold cold;
  Scale scale;
  ChainSums to;
  std::int64_t first;

  KOKKOS_FUNCTION void operator()(std::int64_t item) const {
    const Cold::Place at = cold.place(item);
    const int row = cold.row(scale);
    for (int i = 0; i < cold.size(scale); ++i) {
      to(first + at.block, i, at.chain) =
          cold.rows(cold.first_block + at.block, row + i, at.replica);
    }
  }
};

struct ReadColdNumber {
  Cold cold;
  int number;
  ChainSums to;
  std::int64_t first;
  int row;

  KOKKOS_FUNCTION void operator()(std::int64_t item) const {
    const Cold::Place at = cold.place(item);
    to(first + at.block, row, at.chain) =
        cold.rows(cold.first_block + at.block, cold.layout.number(number), at.replica);
  }
};

struct ReadRows {
  Here here;
  Scale scale;
  LaneRows to;

  KOKKOS_FUNCTION void operator()(std::int64_t lane) const {
    const Coordinates<R> from = here.of(scale, lane);
    copy(to.of(lane, 0, from.size()), from);
  }
};

/// Puts chains to where they are by another map.
struct Remap {
  Here here;
  CoordinateMap to;

  KOKKOS_FUNCTION void operator()(std::int64_t lane) const {
    const RowLayout& layout = here.layout;
    to.solve(here.x(lane), here.rows.of(lane, layout.vector(Slot::position), layout.dim));
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
    : sampler_(&sampler), density_(density), blocks_(blocks), same_start_(options.same_start) {
  const SamplerTraits traits = sampler.traits();
  RowLayout& layout = set_.layout;
  layout.dim = density.dim();
  layout.theta = density.parameters();
  layout.vectors = Slot::own + std::max(traits.vectors, options.also.vectors);
  layout.numbers =
      Number::own + std::max(traits.own_numbers(layout.dim), options.also.own_numbers(layout.dim));
  layout.ladder = options.ladder;
  if (options.ladder > 1) {
    layout.vectors += 1;
    layout.numbers += Replica::count;
  }
  layout.is_scaled = true;
  set_.seed = options.seed;
  set_.first_chain = static_cast<std::uint64_t>(blocks.first * block_chains);
  const std::int64_t of_block = per_block();
  results_ = std::max<std::int64_t>(
      std::min(blocks.count() * of_block, options.chains - blocks.first * of_block), 0);
  set_.chains = results_ / of_block * block_chains + results_ % of_block * options.ladder;
  set_.density = &density;
  set_.joins_steps = options.joins_steps;
  set_.batches = options.batches;
  set_.warmup = static_cast<std::uint64_t>(options.warmup);
  set_.rows = ChainRows("chains", static_cast<std::size_t>(count()),
                        static_cast<std::size_t>(layout.rows()), block_chains);
  const std::int64_t block_bytes =
      layout.rows() * block_chains * static_cast<std::int64_t>(sizeof(double));
  const std::int64_t threads = Exec().concurrency();
  tile_blocks_ = std::max<std::int64_t>(tile_bytes / block_bytes, 1) * threads;
  set_preconditioner({std::vector<double>(static_cast<std::size_t>(layout.dim), 1.0), {}});
}

int Population::parameters() const {
  return set_.layout.theta == 0 ? set_.layout.dim : set_.layout.theta;
}

std::int64_t Population::lanes_of(const BlockRange& blocks) const {
  const std::int64_t chains =
      std::min(blocks.count * block_chains, set_.chains - blocks.first * block_chains);
  return (chains + width_of<R> - 1) / width_of<R>;
}

void Population::begin(const BlockRange& which) {
  const std::int64_t end = which.first + which.count;
  for (std::int64_t b = which.first; b < end; b += tile_blocks_) {
    Tile tile(set_, b, std::min(tile_blocks_, end - b));
    sampler_->begin(tile);
    count_work(tile);
  }
}

void Population::start(const deck::Distribution& law) {
  for_each("mcmc::start", lanes_of(all()),
           Start{{set_.rows, 0},
                 set_.layout,
                 set_.seed,
                 set_.first_chain,
                 law.kind,
                 law.first,
                 law.second,
                 static_cast<std::uint64_t>(same_start_)});
  begin();
}

void Population::place(std::span<const double> x) {
  const auto host = Kokkos::create_mirror_view_and_copy(Kokkos::HostSpace(), set_.rows);
  const auto chains = static_cast<std::size_t>(set_.chains);
  for (std::size_t i = 0; i < static_cast<std::size_t>(dim()); ++i) {
    for (std::size_t c = 0; c < chains; ++c) {
      host(c / block_chains, static_cast<std::size_t>(set_.layout.vector(Slot::position)) + i,
           c % block_chains) = x[i * chains + c];
    }
  }
  Kokkos::deep_copy(set_.rows, host);
  RowLayout as_given = set_.layout;
  as_given.is_scaled = false;
  for_each("mcmc::place", lanes_of(all()),
           Remap{{{set_.rows, 0}, as_given, density_.chart(), {}}, set_.map()});
  begin();
}

void Population::begin_sums(Scale scale, const std::vector<double>& centre) {
  of_ = scale;
  centre_ = on_device("centre", centre);
  sums_ = ChainSums("sums", static_cast<std::size_t>(count()), 2 * centre.size() + 2, block_chains);
}

std::int64_t Population::results_of(const BlockRange& blocks) const {
  return std::min(blocks.count * per_block(), results_ - blocks.first * per_block());
}

void Population::add_to_sums(const BlockRange& blocks) {
  const Here here{{set_.rows, blocks.first}, set_.layout, density_.chart(), set_.map()};
  if (ladder() == 1) {
    for_each("mcmc::add", lanes_of(blocks),
             AddToSums{here, of_, centre_.data(), {sums_, blocks.first}});
    return;
  }
  for_each("mcmc::locate", lanes_of(blocks), Locate{here});
  for_each(
      "mcmc::add_cold", results_of(blocks),
      AddCold{{set_.rows, set_.layout, blocks.first, per_block()}, of_, centre_.data(), sums_});
}

/// Whether a replica of a chain of a block is not finite.
bool Population::is_lost(const std::vector<double>& differences, std::int64_t chain) const {
  const auto first = differences.begin() + chain * ladder();
  return std::any_of(first, first + ladder(), [](double v) { return std::isnan(v); });
}

void Population::each_chain(
    const std::function<void(std::int64_t, std::int64_t, std::span<const double>)>& look) const {
  const auto host = Kokkos::create_mirror_view_and_copy(Kokkos::HostSpace(), sums_);
  std::vector<double> sums(host.extent(1));
  for (std::int64_t b = 0; b < count(); ++b) {
    std::vector<double> differences;
    if (ladder() > 1) differences = numbers(set_.layout.of_replica(Replica::difference), b);
    for (std::int64_t c = 0; c < results_of({b, 1}); ++c) {
      bool finite = differences.empty() || !is_lost(differences, c);
      for (std::size_t k = 0; k < sums.size(); ++k) {
        sums[k] = host(b, k, c);
        finite = finite && is_finite(sums[k]);
      }
      look(b, c, finite ? std::span<const double>(sums) : std::span<const double>());
    }
  }
}

std::vector<std::vector<double>> Population::sums_of_blocks(double least_accepted) const {
  const std::size_t rows = sums_.extent(1);
  std::vector<std::vector<double>> out(static_cast<std::size_t>(count()),
                                       std::vector<double>(rows + 2));
  each_chain([&](std::int64_t b, std::int64_t, std::span<const double> sums) {
    if (sums.empty()) return;
    std::vector<double>& record = out[static_cast<std::size_t>(b)];
    record[0] += 1;
    for (std::size_t k = 0; k < rows; ++k) record[k + 1] += sums[k];
    if (sums[rows - 2] < least_accepted) record[rows + 1] += 1;
  });
  return out;
}

void Population::attempt(const BlockRange& which, const Sampler& by, std::uint64_t step, double h,
                         const std::function<void(const BlockRange&)>& look) {
  const std::int64_t end = which.first + which.count;
  for (std::int64_t b = which.first; b < end; b += tile_blocks_) {
    const BlockRange blocks{b, std::min(tile_blocks_, end - b)};
    const auto now = Kokkos::subview(set_.rows, std::pair(b, b + blocks.count),
                                     std::pair(0, set_.layout.saved()), Kokkos::ALL);
    const ChainRows held(Kokkos::view_alloc("held", Kokkos::WithoutInitializing), now.extent(0),
                         now.extent(1), now.extent(2));
    Kokkos::deep_copy(held, now);
    Tile tile(set_, blocks.first, blocks.count);
    tile.set_step(step | trial_steps);
    tile.set_trial();
    if (&by != sampler_) by.begin(tile);
    by.step(tile, h);
    look(blocks);
    Kokkos::deep_copy(now, held);
    gradients_ += tile.gradients();
  }
}

void Population::move_by(const Sampler& sampler) {
  sampler_ = &sampler;
  // What the other one says of its steps stays no longer.
  const auto number = [&](int k) {
    const int row = set_.layout.number(k);
    return Kokkos::subview(set_.rows, Kokkos::ALL, std::pair(row, row + 1), Kokkos::ALL);
  };
  Kokkos::deep_copy(number(Number::acceptance), 1.0);
  Kokkos::deep_copy(number(Number::energy_error), 0.0);
  begin();
}

void Population::follow(const Population& other) {
  const auto positions = [](const Population& of) {
    const int row = of.set_.layout.vector(Slot::position);
    return Kokkos::subview(of.set_.rows, Kokkos::ALL, std::pair(row, row + of.dim()), Kokkos::ALL);
  };
  Kokkos::deep_copy(positions(*this), positions(other));
  set_preconditioner(other.preconditioner());
  begin();
}

Kokkos::RangePolicy<Exec> Population::chains_of(const BlockRange& blocks) const {
  const std::int64_t end = (blocks.first + blocks.count) * block_chains;
  return Kokkos::RangePolicy<Exec>(blocks.first * block_chains, std::min(end, set_.chains));
}

std::int64_t Population::acceptance(const BlockRange& blocks) const {
  std::int64_t sum = 0;
  Kokkos::parallel_reduce(
      "mcmc::acceptance", chains_of(blocks),
      SumAcceptance{set_.rows, set_.layout.number(Number::acceptance), 1 / acceptance_unit}, sum);
  return sum;
}

std::int64_t Population::energy_variance(const BlockRange& blocks) const {
  std::int64_t sum = 0;
  Kokkos::parallel_reduce("mcmc::energy_variance", chains_of(blocks),
                          SumEnergyVariance{set_.rows, set_.layout.number(Number::energy_error),
                                            1 / static_cast<double>(dim()), 1 / acceptance_unit},
                          sum);
  return sum;
}

void Population::read(const BlockRange& blocks, const ChainSums& to, std::int64_t at,
                      Scale scale) const {
  const Here here{{set_.rows, blocks.first}, set_.layout, density_.chart(), set_.map()};
  if (ladder() == 1) {
    for_each("mcmc::read", lanes_of(blocks), ReadRows{here, scale, {to, at}});
    return;
  }
  for_each("mcmc::locate", lanes_of(blocks), Locate{here});
  for_each("mcmc::read_cold", results_of(blocks),
           ReadCold{{set_.rows, set_.layout, blocks.first, per_block()}, scale, to, at});
}

std::vector<double> Population::read(std::int64_t b) const {
  const ChainSums to("parameters", 1, static_cast<std::size_t>(parameters()), block_chains);
  read({b, 1}, to, 0);
  const auto host = Kokkos::create_mirror_view_and_copy(Kokkos::HostSpace(), to);
  return {host.data(), host.data() + host.size()};
}

void Population::read_number(int number, std::int64_t b, const ChainSums& to, std::int64_t at,
                             int row) const {
  if (ladder() > 1) {
    for_each("mcmc::read_cold", results_of({b, 1}),
             ReadColdNumber{{set_.rows, set_.layout, b, per_block()}, number, to, at, row});
    return;
  }
  const int from = set_.layout.number(number);
  Kokkos::deep_copy(part_of_block(to, at, row, row + 1),
                    part_of_block(set_.rows, b, from, from + 1));
}

std::vector<double> Population::numbers(int number) const {
  std::vector<double> out;
  for (std::int64_t b = 0; b < count(); ++b) {
    const std::vector<double> block = numbers(number, b);
    out.insert(out.end(), block.begin(), block.end());
  }
  return out;
}

std::vector<double> Population::numbers(int number, std::int64_t b) const {
  const int row = set_.layout.number(number);
  std::vector<double> out = on_host(part_of_block(set_.rows, b, row, row + 1));
  out.resize(static_cast<std::size_t>(std::min(block_chains, set_.chains - b * block_chains)));
  return out;
}

void Population::rescale(const Preconditioner& by) {
  const Here here{{set_.rows, 0}, set_.layout, density_.chart(), set_.map()};
  // What the map is made of outlives its kernel.
  const auto scale = std::exchange(set_.scale, {});
  const auto factor = std::exchange(set_.factor, {});
  set_preconditioner(by);
  for_each("mcmc::rescale", lanes_of(all()), Remap{here, set_.map()});
  Kokkos::fence();
  begin();
}

void Population::set_preconditioner(const Preconditioner& by) {
  preconditioner_ = by;
  set_.scale = on_device("scale", by.scale);
  set_.factor = on_device("factor", padded_factor(by));
  set_.layout.is_scaled = !by.is_identity();
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
