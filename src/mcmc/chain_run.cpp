// SPDX-License-Identifier: BSD-3-Clause
#include "mcmc/chain_run.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <map>
#include <numeric>
#include <span>
#include <string>

#include "base/error.hpp"
#include "comm/gather.hpp"
#include "comm/share.hpp"
#include "mcmc/launch/free_stuck.hpp"
#include "mcmc/mode.hpp"
#include "mcmc/superchains.hpp"
#include "stats/merge_tree.hpp"

namespace driftwood::mcmc {
namespace {

struct Add {
  void operator()(std::span<double> left, std::span<const double> right) const {
    for (std::size_t i = 0; i < left.size(); ++i) left[i] += right[i];
  }
};

/// Where blocks are in the bytes of parts, each with its own.
using SavedBlocks = std::map<std::int64_t, comm::Bytes>;

/// Gives every rank the blocks of its share. Collective.
SavedBlocks exchanged(const comm::Communicator& comm, SavedBlocks mine, std::int64_t blocks) {
  // Which rank holds which block: pairs, the same on every rank.
  stats::ByteWriter holdings;
  for (const auto& [block, bytes] : mine) {
    holdings.put(block);
    holdings.put(static_cast<std::int64_t>(comm.rank()));
  }
  const comm::Bytes all = comm::gathered_by_all(comm, holdings.take());
  std::vector<std::int64_t> pairs(all.size() / sizeof(std::int64_t));
  std::memcpy(pairs.data(), all.data(), all.size());
  std::map<std::int64_t, int> holder;
  for (std::size_t i = 0; i + 1 < pairs.size(); i += 2) {
    holder[pairs[i]] = static_cast<int>(pairs[i + 1]);
  }
  if (std::ssize(holder) != blocks) {
    throw Error("a checkpoint lacks chains", "it holds " + std::to_string(holder.size()) + " of " +
                                                 std::to_string(blocks) + " blocks");
  }
  // One message for each pair of ranks that have something to exchange, in one order on all ranks.
  SavedBlocks out;
  for (int from = 0; from < comm.size(); ++from) {
    for (int to = 0; to < comm.size(); ++to) {
      if (from != comm.rank() && to != comm.rank()) continue;
      stats::ByteWriter message;
      bool is_any = false;
      const comm::Share share = comm::share(blocks, to, comm.size());
      for (std::int64_t b = share.first; b < share.last; ++b) {
        if (holder.at(b) != from) continue;
        is_any = true;
        if (from != comm.rank()) break;
        if (to == from) {
          out[b] = std::move(mine.at(b));
        } else {
          message.put(b);
          message.put_bytes(mine.at(b));
        }
      }
      if (!is_any || to == from) continue;
      if (from == comm.rank()) {
        comm.send(message.take(), to);
        continue;
      }
      const comm::Bytes received = comm.receive(from);
      stats::ByteReader in(received);
      while (!in.at_end()) {
        const auto block = in.get<std::int64_t>();
        const auto bytes = in.get_bytes();
        out[block] = comm::Bytes(bytes.begin(), bytes.end());
      }
    }
  }
  return out;
}

/// What a sampler that takes batches estimates the target by; else null. Collective.
std::unique_ptr<BatchDensity> batches_of(const comm::Communicator& comm, const Density& density,
                                         const BatchRule& rule) {
  if (rule.size == 0) return nullptr;
  Anchor anchor;
  if (rule.control_variate) {
    comm.agree([&] {
      if (comm.is_root()) anchor = mode_of(density);
    });
    std::vector<double> potential{anchor.potential};
    broadcast(comm, potential);
    broadcast(comm, anchor.x);
    broadcast(comm, anchor.gradient);
    anchor.potential = potential[0];
  }
  return density.batches(rule, anchor);
}

}  // namespace

/// What is the same on all ranks, and comes before the blocks.
struct ChainRun::Header {
  std::int64_t step;
  std::int64_t gradients;
  std::int64_t batch_rows;
  double step_size;
  std::int64_t is_sampling;
  std::int64_t adds_coordinates;  ///< sums of the warm-up are on their way
  std::int64_t is_mid_step;
};

ChainRun::ChainRun(const comm::Communicator& comm, const Density& density,
                   const SamplerOptions& sampler, const ChainOptions& chains,
                   const DiagnosticsOptions& diagnostics,
                   const std::optional<TemperingOptions>& tempering,
                   const std::vector<comm::Bytes>& parts)
    : sampler_(sampler),
      options_(chains),
      tempering_(tempering ? std::make_optional<Tempering>(*tempering, density, sampler, chains)
                           : std::nullopt),
      batches_(batches_of(comm, density, sampler.sampler->batches())),
      trial_(sampler.adapts_by_trials() ? trial_sampler() : nullptr),
      first_own_step_(trial_ ? first_scale_step(chains.warmup) : 0),
      population_(trial_ ? *trial_ : *sampler.sampler, tempering_ ? tempering_->density() : density,
                  {.chains = chains.count,
                   .seed = chains.seed,
                   .ladder = tempering_ ? tempering_->rungs() : 1,
                   .same_start = chains.same_start(),
                   .batches = batches_.get(),
                   .warmup = chains.warmup,
                   .also = sampler.sampler->traits()},
                  comm.share(chains.blocks(per_block()))),
      windows_(sampler.adapts_scale() ? scale_windows(chains.warmup) : std::vector<ScaleWindow>{}),
      judged_(population_, judged_plan(chains, diagnostics.memory, population_.parameters(),
                                       population_.per_block())),
      stored_(population_, stored_plan()),
      step_size_(sampler.step_size.value_or(1.0)),
      block_steps_(static_cast<std::size_t>(population_.blocks().count())) {
  if (sampler.adapts_step()) {
    averaging_.emplace(step_size_, wanted_quality());
  }
  if (diagnostics.bias) {
    bias_.emplace(*sampler.sampler, density,
                  Population::Options{.chains = chains.count,
                                      .seed = chains.seed,
                                      .same_start = chains.same_start(),
                                      .batches = batches_.get()},
                  population_.blocks());
  }
  // Energies of a cold replica change with whom it swaps.
  if (const int energy = sampler.sampler->traits().energy; energy > 0 && !tempering) {
    energies_.emplace(population_, energy);
  }
  const bool is_continued = comm.all_reduce_max(std::int64_t{parts.empty() ? 0 : 1}) > 0;
  if (is_continued) {
    restore(comm, parts);
  } else {
    if (tempering_) tempering_->begin(population_);
    population_.start(chains.initial);
    if (bias_) bias_->start(chains.initial);
  }
}

DrawStore::Plan ChainRun::judged_plan(const ChainOptions& chains, double memory, int parameters,
                                      std::int64_t per_block) {
  const auto bytes_of_block = [&](std::int64_t draws) {
    return static_cast<double>(draws * per_block * (parameters + DrawStore::extras)) *
           static_cast<double>(sizeof(double));
  };
  const double budget = memory * 0x1p20;
  DrawStore::Plan plan{.every_block = 1, .end_chain = chains.count, .thin = chains.thin};
  plan.draws = chains.most_steps() / plan.thin;
  const std::int64_t all_blocks = chains.blocks(per_block);
  const double all = bytes_of_block(plan.draws) * static_cast<double>(all_blocks);
  if (all <= budget) return plan;
  const double blocks = std::max(std::floor(budget / bytes_of_block(plan.draws)), 1.0);
  plan.every_block = static_cast<std::int64_t>(std::ceil(static_cast<double>(all_blocks) / blocks));
  while (bytes_of_block(plan.draws) > budget && plan.draws >= 8) {
    plan.thin *= 2;
    plan.draws = chains.most_steps() / plan.thin;
  }
  return plan;
}

DrawStore::Plan ChainRun::stored_plan() const {
  if (!options_.draws) return {};
  return {.every_block = 1,
          .end_chain = options_.draws->chains,
          .thin = options_.draws->thin,
          .draws = options_.most_steps() / options_.draws->thin,
          .energy = tempering_ ? 0 : sampler_.sampler->traits().energy};
}

void ChainRun::look(const Population::BlockRange& blocks, std::int64_t step) {
  const std::int64_t counted = step - options_.warmup;
  if (counted < 0 && window() != nullptr) add_to_window(blocks);
  if (bias_ && !moves_by_trial(step)) {
    bias_->follow(population_, blocks, static_cast<std::uint64_t>(step), step_size_, counted >= 0);
  }
  if (counted >= 0) {
    if ((counted + 1) % options_.thin == 0) population_.add_to_sums(blocks);
    judged_.look(population_, blocks, counted);
    stored_.look(population_, blocks, counted);
    if (energies_) energies_->look(population_, blocks, counted == 0);
    if (tempering_) tempering_->record(population_, blocks, counted);
  }
  if (tempering_) tempering_->after_step(population_, blocks, step);
  for (std::int64_t b = blocks.first; b < blocks.first + blocks.count; ++b) {
    block_steps_[static_cast<std::size_t>(b)] = step + 1;
  }
}

void ChainRun::go(std::int64_t last, double h) {
  const auto count = static_cast<std::size_t>(population_.blocks().count());
  for (std::size_t b = 0; b < count;) {
    const std::int64_t from = block_steps_[b];
    std::size_t end = b;
    while (end < count && block_steps_[end] == from) ++end;
    population_.advance(
        {static_cast<std::int64_t>(b), static_cast<std::int64_t>(end - b)},
        static_cast<std::uint64_t>(from), static_cast<std::uint64_t>(last), h,
        [&](const Population::BlockRange& blocks, std::uint64_t step) {
          look(blocks, static_cast<std::int64_t>(step));
        },
        interrupt_);
    b = end;
  }
  const auto least = std::min_element(block_steps_.begin(), block_steps_.end());
  step_ = least == block_steps_.end() ? last : *least;
}

void ChainRun::advance(std::int64_t last) { go(last, step_size_); }

const ScaleWindow* ChainRun::window() const {
  const auto at = std::find_if(windows_.begin(), windows_.end(), [&](const ScaleWindow& w) {
    return w.first <= step_ && step_ < w.last;
  });
  return at == windows_.end() ? nullptr : &*at;
}

std::vector<std::int64_t> ChainRun::step_qualities(const Population::BlockRange& blocks) const {
  if (tempering_) return tempering_->step_qualities(population_, blocks);
  return {adapts_by_acceptance() ? population_.acceptance(blocks)
                                 : population_.energy_variance(blocks)};
}

double ChainRun::quality(std::int64_t sum) const {
  const double mean = mean_of(sum, options_.count);
  return adapts_by_acceptance()
             ? mean
             : quality_of(mean, sampler_.target_energy_variance(population_.dim()));
}

std::vector<std::int64_t> ChainRun::tried(double h) {
  std::vector<std::int64_t> sums(static_cast<std::size_t>(tempering_ ? tempering_->rungs() : 1));
  population_.attempt(population_.all(), tries_by(), static_cast<std::uint64_t>(step_),
                      trial_step(h), [&](const Population::BlockRange& blocks) {
                        const std::vector<std::int64_t> of_blocks = step_qualities(blocks);
                        for (std::size_t k = 0; k < sums.size(); ++k) sums[k] += of_blocks[k];
                      });
  return sums;
}

void ChainRun::search_step(const comm::Communicator& comm) {
  averaging_->restart();
  StepSearch search(averaging_->step(), wanted_quality());
  if (tempering_) tempering_->begin_search(population_, search.step());
  for (bool is_over = false; !is_over;) {
    std::vector<std::int64_t> sums = tried(search.step());
    comm.all_reduce_sum(std::span(sums));
    search.update(quality(sums[0]));
    is_over = search.is_over();
    if (tempering_) {
      is_over = tempering_->search_steps(population_, std::span(sums), search.step()) && is_over;
    }
  }
  averaging_->restart(search.step());
  step_size_ = search.step();
}

void ChainRun::search_trial_step(const comm::Communicator& comm) {
  const double wanted = trial_->traits().acceptance;
  StepSearch search(trial_step(step_size_), wanted);
  while (!search.is_over()) {
    std::int64_t sum = 0;
    population_.attempt(
        population_.all(), *trial_, static_cast<std::uint64_t>(step_), search.step(),
        [&](const Population::BlockRange& blocks) { sum += population_.acceptance(blocks); });
    search.update(mean_of_all(comm.all_reduce_sum(sum)));
  }
  trial_averaging_.emplace(search.step(), wanted);
}

void ChainRun::begin_window(const comm::Communicator& comm) {
  centre_ = pooled_mean(comm, Scale::coordinates);
  if (sampler_.is_dense()) {
    products_.begin(population_, centre_);
  } else {
    population_.begin_sums(Scale::coordinates, centre_);
  }
}

void ChainRun::add_to_window(const Population::BlockRange& blocks) {
  if (sampler_.is_dense()) {
    products_.add(population_, blocks);
  } else {
    population_.add_to_sums(blocks);
  }
}

void ChainRun::end_window(const comm::Communicator& comm, std::int64_t steps) {
  Preconditioner found;
  if (sampler_.is_dense()) {
    found = factor_from(pooled_products(comm), population_.dim());
    products_.end();
  } else {
    std::vector<double> moments = pooled_sums(comm);
    moments.resize(1 + 2 * static_cast<std::size_t>(population_.dim()));
    moments[0] *= static_cast<double>(steps);
    found.scale = scales_from(moments);
  }
  population_.rescale(found);
  if (bias_) bias_->rescale(found);
}

bool ChainRun::adapt(const comm::Communicator& comm, bool calls_all) {
  const std::int64_t now = step_;
  const ScaleWindow* const in = window();
  const bool by_trial = moves_by_trial(now);
  if (!is_mid_step_) {
    if (in != nullptr && in->first == now) begin_window(comm);
    if (now == 0 && averaging_) search_step(comm);
    if (now == 0 && by_trial) search_trial_step(comm);
    if (trial_ && now == first_own_step_) {
      population_.move_by(*sampler_.sampler);
      if (bias_) bias_->place(population_);
    }
  }
  go(now + 1, by_trial ? trial_averaging_->step() : step_size_);
  std::vector<std::int64_t> ranks{step_ == now ? 1 : 0, calls_all ? 1 : 0};
  if (by_trial) {
    ranks.push_back(population_.acceptance());
  } else if (averaging_ && !trial_) {  // goes along: one reduction a step
    const std::vector<std::int64_t> own = step_qualities(population_.all());
    ranks.insert(ranks.end(), own.begin(), own.end());
  }
  comm.all_reduce_sum(std::span(ranks));
  is_mid_step_ = ranks[0] > 0;
  step_ = is_mid_step_ ? now : now + 1;
  if (is_mid_step_) return true;
  if (averaging_) {
    std::vector<std::int64_t> sums(ranks.begin() + 2, ranks.end());
    if (by_trial) trial_averaging_->update(mean_of_all(sums[0]));
    if (trial_) {
      sums = tried(step_size_);
      comm.all_reduce_sum(std::span(sums));
    }
    averaging_->update(quality(sums[0]));
    step_size_ = averaging_->step();
    if (tempering_) tempering_->adapt_steps(population_, std::span(sums), step_size_);
  }
  const bool has_moved_ladder = tempering_ && tempering_->adapt_ladder(comm, population_, step_);
  const bool has_new_scales = in != nullptr && in->last == step_;
  if (has_new_scales) end_window(comm, in->last - in->first);
  if (averaging_ && (has_moved_ladder || has_new_scales)) search_step(comm);
  if (averaging_ && (by_trial || adapts_by_acceptance()) &&
      looks_for_stuck(step_, options_.warmup)) {
    free_stuck(population_, tries_by(), static_cast<std::uint64_t>(step_),
               by_trial ? trial_averaging_->step() : step_size_);
  }
  return ranks[1] > 0;
}

std::vector<double> ChainRun::pooled_sums(const comm::Communicator& comm,
                                          double least_accepted) const {
  std::vector<std::vector<double>> blocks = population_.sums_of_blocks(least_accepted);
  std::int64_t size = blocks.empty() ? 0 : std::ssize(blocks.front());
  size = comm.all_reduce_max(size);
  stats::MergeTree<double, Add> tree(static_cast<std::size_t>(size));
  std::int64_t b = population_.blocks().first;
  for (auto& record : blocks) tree.push(b++, std::move(record));
  std::vector<double> out = tree.collected(comm).root();
  broadcast(comm, out);
  return out;
}

void ChainRun::find_by_superchains(const comm::Communicator& comm, ChainFindings& found) const {
  const Superchains groups(options_.same_start(),
                           static_cast<std::size_t>(population_.parameters()));
  stats::MergeTree<double, Superchains> tree(groups.record_size(), groups);
  const comm::Share& blocks = population_.blocks();
  std::vector<std::vector<double>> chains;  // of the block that is looked at
  const auto end_of_block = [&](std::int64_t b) {
    tree.push(b, groups.record(b * per_block(), chains, found.steps / options_.thin));
    chains.clear();
  };
  std::int64_t now = 0;
  population_.each_chain([&](std::int64_t b, std::int64_t, std::span<const double> sums) {
    if (b > now) end_of_block(blocks.first + now);
    now = b;
    chains.emplace_back(sums.begin(), sums.end());
  });
  if (!chains.empty()) end_of_block(blocks.first + now);
  std::vector<double> record = tree.collected(comm).root();
  broadcast(comm, record);
  found.nested_rhat = groups.rhat(record);
  const std::vector<double> errors = groups.standard_errors(record);
  for (std::size_t i = 0; i < errors.size(); ++i) {
    double& mcse = found.parameters[i].mcse;
    if (errors[i] > mcse) mcse = errors[i];
  }
}

std::vector<double> ChainRun::pooled_products(const comm::Communicator& comm) const {
  const comm::Share& mine = population_.blocks();
  stats::MergeTree<double, Add> tree(CovarianceSums::record_size(population_.dim()));
  for (std::int64_t b = mine.first; b < mine.last; ++b) {
    tree.push(b, products_.record(b - mine.first));
  }
  std::vector<double> out = tree.collected(comm).root();
  broadcast(comm, out);
  return out;
}

std::vector<double> ChainRun::pooled_mean(const comm::Communicator& comm, Scale scale) {
  const auto size = static_cast<std::size_t>(scale == Scale::parameters ? population_.parameters()
                                                                        : population_.dim());
  population_.begin_sums(scale, std::vector<double>(size));
  population_.add_to_sums(population_.all());
  const std::vector<double> sums = pooled_sums(comm);
  std::vector<double> mean(size);
  for (std::size_t i = 0; i < size; ++i) mean[i] = sums[0] > 0 ? sums[1 + i] / sums[0] : 0.0;
  return mean;
}

void ChainRun::begin_sampling(const comm::Communicator& comm) {
  if (averaging_) step_size_ = averaging_->averaged();
  if (tempering_) tempering_->begin_sampling(population_, step_size_);
  products_.end();
  centre_ = pooled_mean(comm, Scale::parameters);
  population_.begin_sums(Scale::parameters, centre_);
  is_sampling_ = true;
}

std::vector<double> ChainRun::gathered(const comm::Communicator& comm, int parameter, int owner,
                                       std::int64_t draws) const {
  if (owner != comm.rank()) {
    const std::vector<double> own = judged_.draws(parameter, draws);
    comm.send(std::as_bytes(std::span(own)), owner);
    return {};
  }
  std::vector<double> all;
  all.reserve(
      static_cast<std::size_t>(options_.blocks(per_block()) / judged_.plan().every_block + 1) *
      static_cast<std::size_t>(per_block() * draws));
  for (int rank = 0; rank < comm.size(); ++rank) {
    if (rank == comm.rank()) {
      const std::vector<double> own = judged_.draws(parameter, draws);
      all.insert(all.end(), own.begin(), own.end());
      continue;
    }
    const comm::Bytes received = comm.receive(rank);
    const std::size_t before = all.size();
    all.resize(before + received.size() / sizeof(double));
    if (!received.empty()) std::memcpy(all.data() + before, received.data(), received.size());
  }
  // A chain that is lost says nothing of the others.
  auto end = all.begin();
  for (auto first = all.begin(); first != all.end(); first += draws) {
    const bool is_finite =
        std::all_of(first, first + draws, [](double x) { return std::isfinite(x); });
    if (!is_finite) continue;
    if (end != first) std::copy(first, first + draws, end);
    end += draws;
  }
  all.erase(end, all.end());
  return all;
}

std::vector<stats::ChainSummary> ChainRun::judged(const comm::Communicator& comm,
                                                  std::int64_t draws) const {
  const int parameters = population_.parameters();
  stats::ByteWriter mine;
  // As many parameters at a time as there are ranks: each has one to judge.
  for (int first = 0; first < parameters; first += comm.size()) {
    std::vector<double> here;
    for (int owner = 0; owner < std::min(comm.size(), parameters - first); ++owner) {
      std::vector<double> all = gathered(comm, first + owner, owner, draws);
      if (owner == comm.rank()) here = std::move(all);
    }
    if (comm.rank() >= parameters - first) continue;
    mine.put(static_cast<std::int64_t>(first + comm.rank()));
    const std::int64_t chains = draws > 0 ? std::ssize(here) / draws : 0;
    mine.put(stats::summarise({.values = here, .chains = chains, .draws = draws}));
  }
  const comm::Bytes bytes = comm::gathered_by_all(comm, mine.take());
  std::vector<stats::ChainSummary> out(static_cast<std::size_t>(parameters));
  stats::ByteReader in(bytes);
  while (!in.at_end()) {
    const auto i = in.get<std::int64_t>();
    out[static_cast<std::size_t>(i)] = in.get<stats::ChainSummary>();
  }
  return out;
}

ChainFindings ChainRun::findings(const comm::Communicator& comm) const {
  ChainFindings out;
  out.steps = step_ - options_.warmup;
  out.judged_draws = judged_.draws_after(out.steps);
  out.judged_chains = comm.all_reduce_sum(judged_.chains());
  out.parameters = judged(comm, out.judged_draws);
  const auto per_chain = static_cast<double>(out.steps / options_.thin);
  // Steps of a chain that were to be expected to be accepted, and what is no move by that.
  const double no_move = std::min(0.5 / static_cast<double>(options_.thin), 0.01 * per_chain);
  const std::vector<double> sums = pooled_sums(comm, no_move);
  const double finite = sums.empty() ? 0 : sums[0];
  const double n = finite * per_chain;
  out.draws = static_cast<std::int64_t>(n);
  out.lost = options_.count - static_cast<std::int64_t>(finite);
  const auto judged_draws = static_cast<double>(out.judged_chains * out.judged_draws);
  const std::size_t size = out.parameters.size();
  for (std::size_t i = 0; i < size; ++i) {
    stats::ChainSummary& p = out.parameters[i];
    // Chains are independent: all of them together know as much more as they are.
    const double more = finite / static_cast<double>(out.judged_chains);
    const double ess_judged = std::pow(p.sd / p.mcse, 2);
    const double ess_mean = ess_judged * more;
    out.autocorrelation_times.push_back(static_cast<double>(judged_.plan().thin) * judged_draws /
                                        ess_judged);
    p.ess_bulk *= more;
    p.ess_tail *= more;
    const double mean = sums[1 + i] / n;
    const double of_squares = sums[1 + size + i] - sums[1 + i] * mean;
    p.mean = centre_[i] + mean;
    p.sd = std::sqrt(std::max(of_squares, 0.0) / (n - 1));
    p.mcse = p.sd / std::sqrt(ess_mean);
  }
  out.acceptance = sums[1 + 2 * size] / n;
  out.divergences = static_cast<std::int64_t>(sums[2 + 2 * size]);
  out.stuck = static_cast<std::int64_t>(sums[3 + 2 * size]);
  if (bias_) out.bias = bias_->findings(comm);
  if (sampler_.sampler->traits().bias_order > 0) out.unseen_step = step_size_;
  if (energies_) out.energies = energies_->findings(comm, out.steps);
  if (options_.superchains) {
    find_by_superchains(comm, out);
  }
  return out;
}

States ChainRun::last_states(const comm::Communicator& comm, std::int64_t most,
                             double apart) const {
  constexpr std::int64_t most_numbers = std::int64_t{1} << 26;  // 512 MiB on every rank
  const std::int64_t parameters = population_.parameters();
  const std::int64_t draws = judged_.draws_after(step_ - options_.warmup);
  const std::int64_t all = comm.all_reduce_sum(judged_.chains());
  const std::int64_t points = std::min(most, std::max<std::int64_t>(most_numbers / parameters, 1));
  const std::int64_t chains = std::min(points, all);
  const double fits = static_cast<double>(draws * judged_.plan().thin) / apart;
  const auto independent = fits > 1 ? static_cast<std::int64_t>(fits) : std::int64_t{1};
  const std::int64_t each = std::clamp<std::int64_t>(points / all, 1, std::min(independent, draws));
  // Judged chains of the ranks before.
  std::vector<std::int64_t> counts(static_cast<std::size_t>(comm.size()));
  counts[static_cast<std::size_t>(comm.rank())] = judged_.chains();
  comm.all_reduce_sum(std::span(counts));
  const std::int64_t first =
      std::accumulate(counts.begin(), counts.begin() + comm.rank(), std::int64_t{0});
  std::vector<std::pair<std::int64_t, std::int64_t>> chosen;  // (chain of this rank, draw)
  for (std::int64_t j = 0; j < chains; ++j) {
    const std::int64_t chain = j * all / chains - first;
    if (chain < 0 || chain >= judged_.chains()) continue;
    for (std::int64_t k = 0; k < each; ++k)
      chosen.emplace_back(chain, draws - 1 - k * draws / each);
  }
  std::vector<double> mine(chosen.size() * static_cast<std::size_t>(parameters));
  for (std::int64_t i = 0; i < parameters; ++i) {
    const std::vector<double> of_row = judged_.draws(i, draws);
    for (std::size_t p = 0; p < chosen.size(); ++p) {
      mine[p * static_cast<std::size_t>(parameters) + static_cast<std::size_t>(i)] =
          of_row[static_cast<std::size_t>(chosen[p].first * draws + chosen[p].second)];
    }
  }
  const auto bytes = std::as_bytes(std::span(mine));
  const comm::Bytes merged = comm::gathered_by_all(comm, {bytes.begin(), bytes.end()});
  std::vector<double> values(merged.size() / sizeof(double));
  if (!merged.empty()) std::memcpy(values.data(), merged.data(), merged.size());
  States out{{}, parameters};
  for (auto at = values.begin(); at != values.end(); at += parameters) {
    if (!std::all_of(at, at + parameters, [](double v) { return std::isfinite(v); })) continue;
    out.values.insert(out.values.end(), at, at + parameters);
  }
  return out;
}

std::optional<TemperingFindings> ChainRun::tempering(const comm::Communicator& comm) const {
  if (!tempering_) return std::nullopt;
  return tempering_->findings(comm, population_, step_ - options_.warmup);
}

std::int64_t ChainRun::gradients(const comm::Communicator& comm) const {
  std::int64_t out = comm.all_reduce_sum(own_gradients());
  if (batches_) {
    const std::int64_t rows = comm.all_reduce_sum(own_batch_rows());
    out += (rows + batches_->rows() / 2) / batches_->rows();
  }
  return out;
}

comm::Bytes ChainRun::saved() const {
  stats::ByteWriter out;
  const bool is_adding = !is_sampling_ && !centre_.empty();
  out.put(Header{step_, own_gradients(), own_batch_rows(), step_size_, is_sampling_ ? 1 : 0,
                 is_adding ? 1 : 0, is_mid_step_ ? 1 : 0});
  out.put(averaging_.value_or(DualAveraging()));
  out.put(trial_averaging_.value_or(DualAveraging()));
  out.put_vector(population_.preconditioner().scale);
  out.put_vector(population_.preconditioner().factor);
  out.put_vector(centre_);
  out.put_bytes(tempering_ ? tempering_->common() : comm::Bytes{});
  for (std::int64_t b = 0; b < population_.blocks().count(); ++b) {
    const std::int64_t step = block_steps_[static_cast<std::size_t>(b)];
    const std::int64_t counted = std::max<std::int64_t>(step - options_.warmup, 0);
    stats::ByteWriter block;
    block.put(step);
    population_.save(block, b);
    products_.save(block, b);
    judged_.save(block, b, judged_.draws_after(counted));
    stored_.save(block, b, options_.draws ? stored_.draws_after(counted) : 0);
    if (tempering_) tempering_->save(block, b);
    if (bias_) bias_->save(block, b);
    if (energies_) energies_->save(block, b);
    out.put(population_.blocks().first + b);
    out.put_bytes(block.take());
  }
  return out.take();
}

void ChainRun::stand_for(std::int64_t step) {
  const std::int64_t before = std::max<std::int64_t>(step_ - options_.warmup, 0);
  const std::int64_t counted = std::max<std::int64_t>(step - options_.warmup, 0);
  judged_.stand_for(judged_.draws_after(before), judged_.draws_after(counted));
  if (options_.draws) stored_.stand_for(stored_.draws_after(before), stored_.draws_after(counted));
  step_ = step;
  std::fill(block_steps_.begin(), block_steps_.end(), step);
}

void ChainRun::read_header(stats::ByteReader& in) {
  const auto header = in.get<Header>();
  step_ = header.step;  // of a rank without blocks
  step_size_ = header.step_size;
  is_sampling_ = header.is_sampling != 0;
  is_mid_step_ = header.is_mid_step != 0;
  const auto averaging = in.get<DualAveraging>();
  const auto trial_averaging = in.get<DualAveraging>();
  if (averaging_) averaging_ = averaging;
  if (trial_) trial_averaging_ = trial_averaging;
  Preconditioner by{in.get_vector<double>(), in.get_vector<double>()};
  population_.set_preconditioner(by);
  if (bias_) bias_->set_preconditioner(by);
  centre_ = in.get_vector<double>();
  const auto ladders = in.get_bytes();
  if (tempering_) tempering_->restore_common(population_, ladders);
  if (is_sampling_) {
    population_.begin_sums(Scale::parameters, centre_);
  } else if (header.adds_coordinates != 0) {
    population_.begin_sums(Scale::coordinates, centre_);
    if (sampler_.is_dense()) products_.begin(population_, centre_);
  }
}

void ChainRun::restore(const comm::Communicator& comm, const std::vector<comm::Bytes>& parts) {
  // Ranks that got no part take what is common from one that did.
  const int first = static_cast<int>(
      comm.all_reduce_min(std::int64_t{parts.empty() ? comm.size() : comm.rank()}));
  std::string common;
  SavedBlocks mine;
  comm.agree([&] {
    for (const comm::Bytes& part : parts) {
      stats::ByteReader in(part);
      static_cast<void>(in.get<Header>());
      static_cast<void>(in.get<DualAveraging>());
      static_cast<void>(in.get<DualAveraging>());
      for (int i = 0; i < 3; ++i) static_cast<void>(in.get_vector<double>());
      static_cast<void>(in.get_bytes());
      while (!in.at_end()) {
        const auto block = in.get<std::int64_t>();
        const auto bytes = in.get_bytes();
        mine[block] = comm::Bytes(bytes.begin(), bytes.end());
      }
    }
    if (!parts.empty()) {
      common.assign(reinterpret_cast<const char*>(parts.front().data()), parts.front().size());
    }
  });
  for (const comm::Bytes& part : parts) {
    stats::ByteReader in(part);
    const auto header = in.get<Header>();
    earlier_gradients_ += header.gradients;
    earlier_batch_rows_ += header.batch_rows;
  }
  comm.broadcast(common, first);
  comm.agree([&] {
    stats::ByteReader in(std::as_bytes(std::span(common)));
    read_header(in);
  });
  if (trial_ && (step_ > first_own_step_ || (step_ == first_own_step_ && is_mid_step_))) {
    population_.restore_sampler(*sampler_.sampler);
  }
  const SavedBlocks blocks = exchanged(comm, std::move(mine), options_.blocks(per_block()));
  comm.agree([&] {
    for (const auto& [block, bytes] : blocks) {
      stats::ByteReader in(bytes);
      const std::int64_t b = block - population_.blocks().first;
      block_steps_[static_cast<std::size_t>(b)] = in.get<std::int64_t>();
      population_.restore(in, b);
      products_.restore(in, b);
      judged_.restore(in, b);
      stored_.restore(in, b);
      if (tempering_) tempering_->restore(in, b);
      if (bias_) bias_->restore(in, b);
      if (energies_) energies_->restore(in, b);
    }
    // Blocks of ranks that were behind catch up, except within a step that all take together.
    const auto most = std::max_element(block_steps_.begin(), block_steps_.end());
    if (!is_mid_step_ && most != block_steps_.end()) advance(*most);
  });
}

}  // namespace driftwood::mcmc
