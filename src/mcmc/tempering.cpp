// SPDX-License-Identifier: BSD-3-Clause
#include "mcmc/tempering.hpp"

#include <algorithm>
#include <cmath>

#include "base/error.hpp"
#include "base/on_device.hpp"
#include "comm/gather.hpp"
#include "mcmc/ladder.hpp"
#include "mcmc/launch/for_each.hpp"
#include "mcmc/launch/replicas.hpp"
#include "stats/merge_tree.hpp"

namespace driftwood::mcmc {
namespace {

/// Ladders whose rungs over time are stored, and of how many draws.
constexpr std::int64_t most_process_ladders = 4;
constexpr std::int64_t most_process_draws = 2000;

/// No weight yet: less than any that is finite.
constexpr double none_yet = -1e300;

/// Gives all replicas the inverse temperatures and stretches of their rungs; they stay where they
/// are.
struct FollowLadder {
  ChainRows rows;
  RowLayout layout;
  const double* beta;
  const double* stretch;

  KOKKOS_FUNCTION void operator()(std::int64_t chain) const {
    const std::int64_t block = chain / block_chains;
    const std::int64_t at = chain % block_chains;
    const auto number = [&](int k) -> double& {
      return rows(block, layout.number(layout.of_replica(k)), at);
    };
    const int rung = static_cast<int>(number(Replica::rung));
    const double ratio = number(Replica::stretch) / stretch[rung];
    for (int i = 0; i < layout.dim; ++i) {
      rows(block, layout.vector(Slot::position) + i, at) *= ratio;
      rows(block, layout.vector(Slot::gradient) + i, at) /= ratio;
    }
    number(Replica::beta) = beta[rung];
    number(Replica::stretch) = stretch[rung];
  }
};

/// Puts replicas at the rungs in their order. Chains that are idle are cold.
struct PlaceReplicas {
  ChainRows rows;
  RowLayout layout;
  const double* beta;
  const double* stretch;

  KOKKOS_FUNCTION void operator()(std::int64_t chain) const {
    const std::int64_t block = chain / block_chains;
    const std::int64_t at = chain % block_chains;
    const bool idle = at / layout.ladder >= block_chains / layout.ladder;
    const int rung = idle ? 0 : static_cast<int>(at % layout.ladder);
    const auto number = [&](int k) -> double& {
      return rows(block, layout.number(layout.of_replica(k)), at);
    };
    number(Replica::rung) = rung;
    number(Replica::beta) = beta[rung];
    number(Replica::stretch) = stretch[rung];
  }
};

struct SumSteps {
  ChainRows rows;
  RowLayout layout;
  std::int64_t per_block;
  std::int64_t first_block;
  bool by_energy;
  double per_unit;
  Kokkos::View<std::int64_t*, Memory> sums;  ///< (rungs)

  KOKKOS_FUNCTION void operator()(std::int64_t ladder) const {
    const std::int64_t block = first_block + ladder / per_block;
    const std::int64_t first = ladder % per_block * layout.ladder;
    for (int i = 0; i < layout.ladder; ++i) {
      const double rung = rows(block, layout.number(layout.of_replica(Replica::rung)), first + i);
      const auto number = [&](int k) { return rows(block, layout.number(k), first + i); };
      double quality = number(Number::acceptance);
      if (by_energy) {
        const double error = number(Number::energy_error);
        const double square = error * error / layout.dim;
        quality = square < 1 ? square : 1;
      }
      Kokkos::atomic_add(&sums(static_cast<std::int64_t>(rung)),
                         static_cast<std::int64_t>(quality * per_unit));
    }
  }
};

/// Adds the records of ladders: their number, sums, and for each pair of rungs a sum of
/// exponentials.
struct AddLadders {
  std::size_t pairs;

  void operator()(std::span<double> left, std::span<const double> right) const {
    const std::size_t plain = left.size() - 2 * pairs;
    for (std::size_t i = 0; i < plain; ++i) left[i] += right[i];
    for (std::size_t k = 0; k < pairs; ++k) {
      const std::size_t at = plain + 2 * k;
      add_exponential(right[at], right[at + 1], left[at], left[at + 1]);
    }
  }
};

/// The merged records of the blocks, one after the other from `first` on, on every rank.
/// Collective.
std::vector<double> merged(const comm::Communicator& comm, std::int64_t first, std::size_t size,
                           std::size_t pairs, std::vector<std::vector<double>> blocks) {
  stats::MergeTree<double, AddLadders> tree(size, {pairs});
  for (auto& record : blocks) tree.push(first++, std::move(record));
  std::vector<double> out = tree.collected(comm).root();
  broadcast(comm, out);
  return out;
}

double standard_error(double n, double squares) {
  return n > 1 ? std::sqrt(squares / (n * (n - 1))) : std::nan("");
}

}  // namespace

void TemperedDensity::evaluate(const Evaluation& what) const {
  const MovedChains chains{.rows = what.rows,
                           .layout = what.layout,
                           .first_block = what.first_block,
                           .lanes = what.lanes};
  const auto apply = [&](const char* label, const auto& move) {
    for_each(label, what.lanes, MoveLane<std::decay_t<decltype(move)>>{move, chains});
  };
  apply("mcmc::stretch", StretchReplica{what.at});
  Evaluation inner = what;
  inner.at = what.layout.stretched();
  target_.evaluate(inner);
  apply("mcmc::mix", MixReplica{{reference_, what.map}, what.gradient, what.potential});
}

Tempering::Tempering(const TemperingOptions& options, const Density& target,
                     const SamplerOptions& sampler, const ChainOptions& chains)
    : options_(options),
      chains_(chains),
      density_(std::make_unique<TemperedDensity>(target, Reference::of(chains.initial))),
      adapts_ladder_(options.adapt),
      wanted_acceptance_(sampler.target_acceptance()),
      beta_(options.beta.empty() ? first_ladder(static_cast<int>(options.temperatures))
                                 : options.beta),
      stretch_(beta_.size(), 1.0) {
  if (wanted_acceptance_ == 0) {
    wanted_acceptance_ = 0.5;
    wanted_variance_ = sampler.target_energy_variance(target.dim());
  }
  if (sampler.adapts_step()) {
    averaging_.assign(beta_.size() - 1, DualAveraging(1.0, wanted_acceptance_));
  }
  if (chains.draws) {
    process_ladders_ = std::min({most_process_ladders, per_block(), chains.draws->chains});
    process_draws_ = std::min(chains.most_steps() / chains.draws->thin, most_process_draws);
  }
  upload();
}

void Tempering::upload() {
  beta_here_ = on_device("beta", beta_);
  stretch_here_ = on_device("stretch", stretch_);
}

std::int64_t Tempering::ladders_of(const Population& population, std::int64_t b) const {
  return std::min(per_block(), population.results() - b * per_block());
}

void Tempering::allocate(const Population& population) {
  first_block_ = population.blocks().first;
  sums_ = Sums("ladders", static_cast<std::size_t>(population.blocks().count()),
               static_cast<std::size_t>(LadderRows{rungs()}.count()),
               static_cast<std::size_t>(per_block()));
  clear_sums();
  if (first_block_ == 0 && population.blocks().count() > 0) {
    process_.assign(static_cast<std::size_t>(process_ladders_ * process_draws_ * rungs()), 0);
  }
}

void Tempering::clear_sums() {
  Kokkos::deep_copy(sums_, 0.0);
  const LadderRows of{rungs()};
  Kokkos::deep_copy(
      Kokkos::subview(sums_, Kokkos::ALL, std::pair(of.largest(), of.weight()), Kokkos::ALL),
      none_yet);
}

void Tempering::begin(const Population& population) {
  allocate(population);
  for_each("mcmc::place", population.blocks().count() * block_chains,
           PlaceReplicas{population.set().rows, population.set().layout, beta_here_.data(),
                         stretch_here_.data()});
}

void Tempering::apply_ladder(const Population& population) const {
  for_each("mcmc::follow", population.blocks().count() * block_chains,
           FollowLadder{population.set().rows, population.set().layout, beta_here_.data(),
                        stretch_here_.data()});
}

void Tempering::after_step(Population& population, const Population::BlockRange& blocks,
                           std::int64_t step) {
  if ((step + 1) % options_.swap_every != 0) return;
  const auto round = static_cast<std::uint64_t>((step + 1) / options_.swap_every - 1);
  population.apply(blocks, [&](Tile& tile) {
    const ChainSet& set = tile.set();
    const MappedReference reference{density_->reference(), set.map()};
    tile.apply(RedrawHottest{reference, rungs() - 1, round});
    tile.apply(StretchReplica{});
    tile.evaluate(density_->target(), set.layout.stretched(), Slot::gradient, Number::potential);
    tile.apply(NoteDifference{reference});
    const std::int64_t ladders =
        std::min(blocks.count * per_block(), population.results() - blocks.first * per_block());
    for_each("mcmc::swap", ladders,
             SwapLadder{set.rows, set.layout, blocks.first, per_block(),
                        (first_block_ + blocks.first) * per_block(), set.seed, round,
                        beta_here_.data(), stretch_here_.data(), sums_});
    tile.apply(SettleReplica{});
    tile.apply(MixReplica{reference});
  });
}

void Tempering::record(const Population& population, const Population::BlockRange& blocks,
                       std::int64_t step) {
  if (process_.empty() || blocks.first > 0 || blocks.count == 0) return;
  if ((step + 1) % chains_.draws->thin != 0) return;
  const std::int64_t draw = step / chains_.draws->thin;
  if (draw >= process_draws_) return;
  const auto rungs_now = population.numbers(population.set().layout.of_replica(Replica::rung), 0);
  for (std::int64_t l = 0; l < process_ladders_; ++l) {
    for (std::int64_t i = 0; i < rungs(); ++i) {
      process_[static_cast<std::size_t>((l * process_draws_ + draw) * rungs() + i)] =
          static_cast<std::int64_t>(rungs_now[static_cast<std::size_t>(l * rungs() + i)]);
    }
  }
}

Tempering::Process Tempering::process(std::int64_t steps) const {
  Process out;
  out.ladders = process_ladders_;
  if (process_ladders_ == 0) return out;
  out.draws = std::min(steps / chains_.draws->thin, process_draws_);
  if (process_.empty()) return out;
  for (std::int64_t l = 0; l < out.ladders; ++l) {
    const auto first = process_.begin() + l * process_draws_ * rungs();
    out.rungs.insert(out.rungs.end(), first, first + out.draws * rungs());
  }
  return out;
}

std::vector<std::int64_t> Tempering::step_qualities(const Population& population,
                                                    const Population::BlockRange& blocks) const {
  const Kokkos::View<std::int64_t*, Memory> sums("qualities", beta_.size());
  for_each("mcmc::sum_steps",
           std::min(blocks.count * per_block(), population.results() - blocks.first * per_block()),
           SumSteps{population.set().rows, population.set().layout, per_block(), blocks.first,
                    wanted_variance_ > 0, 1 / Population::acceptance_unit, sums});
  const auto host = Kokkos::create_mirror_view_and_copy(Kokkos::HostSpace(), sums);
  return {host.data(), host.data() + host.size()};
}

void Tempering::stretch_by_steps(double step_size, bool averaged) {
  for (std::size_t k = 1; k < stretch_.size(); ++k) {
    const DualAveraging& of_rung = averaging_[k - 1];
    stretch_[k] = std::sqrt((averaged ? of_rung.averaged() : of_rung.step()) / step_size);
  }
  upload();
}

double Tempering::quality(std::int64_t sum) const {
  const double mean =
      static_cast<double>(sum) * Population::acceptance_unit / static_cast<double>(chains_.count);
  return wanted_variance_ > 0 ? quality_of(mean, wanted_variance_) : mean;
}

void Tempering::adapt_steps(const Population& population, std::span<const std::int64_t> qualities,
                            double step_size) {
  for (std::size_t k = 1; k < stretch_.size(); ++k) {
    averaging_[k - 1].update(quality(qualities[k]));
  }
  stretch_by_steps(step_size, false);
  apply_ladder(population);
}

void Tempering::begin_search(const Population& population, double step_size) {
  searches_.clear();
  for (DualAveraging& of_rung : averaging_) {
    of_rung.restart();
    searches_.emplace_back(of_rung.step(), wanted_acceptance_);
  }
  stretch_by_steps(step_size, false);
  apply_ladder(population);
}

bool Tempering::search_steps(const Population& population, std::span<const std::int64_t> qualities,
                             double step_size) {
  bool are_over = true;
  for (std::size_t k = 1; k < stretch_.size(); ++k) {
    StepSearch& search = searches_[k - 1];
    search.update(quality(qualities[k]));
    averaging_[k - 1].restart(search.step());
    are_over = are_over && search.is_over();
  }
  stretch_by_steps(step_size, false);
  apply_ladder(population);
  return are_over;
}

std::vector<double> Tempering::rejections(const comm::Communicator& comm,
                                          const Population& population, std::int64_t rounds) const {
  const auto host = Kokkos::create_mirror_view_and_copy(Kokkos::HostSpace(), sums_);
  const LadderRows of{rungs()};
  std::vector<std::int64_t> accepted(beta_.size() - 1);
  for (std::int64_t b = 0; b < population.blocks().count(); ++b) {
    for (std::int64_t l = 0; l < ladders_of(population, b); ++l) {
      for (std::size_t k = 0; k < accepted.size(); ++k) {
        accepted[k] += static_cast<std::int64_t>(host(b, of.swap() + static_cast<int>(k), l));
      }
    }
  }
  comm.all_reduce_sum(std::span(accepted));
  const double trials = static_cast<double>(chains_.count) * static_cast<double>(rounds);
  std::vector<double> out;
  for (const std::int64_t units : accepted) {
    out.push_back(1 - static_cast<double>(units) * LadderRows::unit / trials);
  }
  return out;
}

bool Tempering::adapt_ladder(const comm::Communicator& comm, Population& population,
                             std::int64_t steps) {
  if (!adapts_ladder_ || steps % options_.swap_every != 0) return false;
  const std::int64_t rounds = steps / options_.swap_every;
  const std::vector<std::int64_t> windows = ladder_windows(chains_.warmup / options_.swap_every);
  if (std::find(windows.begin(), windows.end(), rounds) == windows.end()) return false;
  const std::int64_t since = rounds - window_ / options_.swap_every;
  const std::vector<double> next = equalised(beta_, rejections(comm, population, since));
  std::vector<double> logarithms;
  for (const double s : stretch_) logarithms.push_back(std::log(s));
  const double cold_step =
      averaging_.empty() ? 1.0 : averaging_[0].step() / std::pow(stretch_[1], 2);
  logarithms = carried_over(beta_, logarithms, next);
  beta_ = next;
  window_ = steps;
  for (std::size_t k = 0; k < stretch_.size(); ++k) stretch_[k] = std::exp(logarithms[k]);
  for (std::size_t k = 1; k <= averaging_.size(); ++k) {
    averaging_[k - 1] = DualAveraging(cold_step * stretch_[k] * stretch_[k], wanted_acceptance_);
  }
  upload();
  apply_ladder(population);
  Kokkos::fence();
  population.begin();
  clear_sums();
  return true;
}

void Tempering::begin_sampling(const Population& population, double step_size) {
  if (!averaging_.empty()) {
    stretch_by_steps(step_size, true);
    apply_ladder(population);
  }
  clear_sums();
  const RowLayout& layout = population.set().layout;
  const int way = layout.number(layout.of_replica(Replica::way));
  Kokkos::deep_copy(
      Kokkos::subview(population.set().rows, Kokkos::ALL, std::pair(way, way + 2), Kokkos::ALL),
      0.0);
}

TemperingFindings Tempering::findings(const comm::Communicator& comm, const Population& population,
                                      std::int64_t steps) const {
  TemperingFindings out;
  out.beta = beta_;
  out.stretch = stretch_;
  const std::int64_t warmup = chains_.warmup;
  out.rounds = (warmup + steps) / options_.swap_every - warmup / options_.swap_every;
  const auto rounds = static_cast<double>(out.rounds);
  const LadderRows of{rungs()};
  const auto k_of = [](std::size_t k) { return static_cast<int>(k); };
  const std::size_t pairs = beta_.size() - 1;
  const auto host = Kokkos::create_mirror_view_and_copy(Kokkos::HostSpace(), sums_);

  // A ladder that is not finite somewhere says nothing of the others.
  const auto counts = [&](std::int64_t b, std::int64_t l) {
    for (int k = 0; k < rungs(); ++k) {
      if (std::isnan(host(b, of.difference() + k, l))) return false;
    }
    return true;
  };
  const auto log_integral = [&](std::int64_t b, std::int64_t l) {
    std::vector<double> means;
    for (int k = 0; k < rungs(); ++k) means.push_back(host(b, of.difference() + k, l) / rounds);
    return -integral_over_ladder(beta_, means);
  };

  const std::size_t plain = 2 + 2 * beta_.size() + pairs;
  std::vector<std::vector<double>> records;
  for (std::int64_t b = 0; b < population.blocks().count(); ++b) {
    std::vector<double> record(plain + 2 * pairs);
    for (std::size_t k = 0; k < pairs; ++k) record[plain + 2 * k] = none_yet;
    for (std::int64_t l = 0; l < ladders_of(population, b); ++l) {
      if (!counts(b, l)) continue;
      record[0] += 1;
      record[1] += log_integral(b, l);
      for (int row = 0; row < of.largest(); ++row) {
        record[2 + static_cast<std::size_t>(row)] += host(b, row, l);
      }
      for (std::size_t k = 0; k < pairs; ++k) {
        add_exponential(host(b, of.largest() + k_of(k), l), host(b, of.weight() + k_of(k), l),
                        record[plain + 2 * k], record[plain + 2 * k + 1]);
      }
    }
    records.push_back(std::move(record));
  }
  const std::vector<double> all =
      merged(comm, first_block_, plain + 2 * pairs, pairs, std::move(records));
  const double n = all[0];
  const double draws = n * rounds;
  out.ladders = static_cast<std::int64_t>(n);
  out.thermodynamic.value = all[1] / n;
  const auto row_mean = [&](int row) { return all[2 + static_cast<std::size_t>(row)] / draws; };
  for (int k = 0; k < rungs(); ++k) {
    out.difference.push_back(row_mean(of.difference() + k));
    out.step_acceptance.push_back(row_mean(of.step() + k) * LadderRows::unit);
  }
  std::vector<double> log_weights;
  for (std::size_t k = 0; k < pairs; ++k) {
    out.swap_acceptance.push_back(row_mean(of.swap() + k_of(k)) * LadderRows::unit);
    out.barrier += 1 - out.swap_acceptance.back();
    log_weights.push_back(all[plain + 2 * k] + std::log(all[plain + 2 * k + 1] / draws));
    out.stepping_stone.value += log_weights.back();
  }

  // Standard errors: ladders are independent. Of the logarithm of a product of means, by what each
  // ladder's means differ from these.
  std::vector<std::vector<double>> spreads;
  for (std::int64_t b = 0; b < population.blocks().count(); ++b) {
    std::vector<double> record(2);
    for (std::int64_t l = 0; l < ladders_of(population, b); ++l) {
      if (!counts(b, l)) continue;
      double relative = 0;
      for (std::size_t k = 0; k < pairs; ++k) {
        relative += std::exp(host(b, of.largest() + k_of(k), l) - log_weights[k]) *
                        host(b, of.weight() + k_of(k), l) / rounds -
                    1;
      }
      record[0] += relative * relative;
      record[1] += std::pow(log_integral(b, l) - out.thermodynamic.value, 2);
    }
    spreads.push_back(std::move(record));
  }
  const std::vector<double> squares = merged(comm, first_block_, 2, 0, std::move(spreads));
  out.stepping_stone.standard_error = standard_error(n, squares[0]);
  out.thermodynamic.standard_error = standard_error(n, squares[1]);

  std::int64_t trips = 0;
  for (const double t : population.numbers(population.set().layout.of_replica(Replica::trips))) {
    trips += static_cast<std::int64_t>(t);
  }
  out.round_trips = comm.all_reduce_sum(trips);
  return out;
}

comm::Bytes Tempering::common() const {
  stats::ByteWriter out;
  out.put_vector(beta_);
  out.put_vector(stretch_);
  out.put_vector(averaging_);
  out.put(window_);
  return out.take();
}

void Tempering::restore_common(const Population& population, std::span<const std::byte> bytes) {
  stats::ByteReader in(bytes);
  beta_ = in.get_vector<double>();
  stretch_ = in.get_vector<double>();
  averaging_ = in.get_vector<DualAveraging>();
  window_ = in.get<std::int64_t>();
  upload();
  allocate(population);
}

void Tempering::save(stats::ByteWriter& out, std::int64_t b) const {
  const auto block = Kokkos::subview(sums_, std::pair(b, b + 1), Kokkos::ALL, Kokkos::ALL);
  const Sums held("block", 1, sums_.extent(1), sums_.extent(2));
  Kokkos::deep_copy(held, block);
  const auto host = Kokkos::create_mirror_view_and_copy(Kokkos::HostSpace(), held);
  out.put_vector(std::vector<double>(host.data(), host.data() + host.size()));
  if (first_block_ + b == 0) out.put_vector(process_);
}

void Tempering::restore(stats::ByteReader& in, std::int64_t b) {
  const auto values = in.get_vector<double>();
  const Sums held("block", 1, sums_.extent(1), sums_.extent(2));
  if (values.size() != held.size()) {
    throw Error("saved ladders have another shape", "they are of another build or deck");
  }
  const auto host = Kokkos::create_mirror_view(held);
  std::copy(values.begin(), values.end(), host.data());
  Kokkos::deep_copy(held, host);
  Kokkos::deep_copy(Kokkos::subview(sums_, std::pair(b, b + 1), Kokkos::ALL, Kokkos::ALL), held);
  if (first_block_ + b == 0) process_ = in.get_vector<std::int64_t>();
}

}  // namespace driftwood::mcmc
