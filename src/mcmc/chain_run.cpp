// SPDX-License-Identifier: BSD-3-Clause
#include "mcmc/chain_run.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <map>
#include <span>
#include <string>

#include "base/error.hpp"
#include "comm/share.hpp"
#include "mcmc/broadcast.hpp"
#include "mcmc/mode.hpp"
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
  const comm::Bytes all = comm.tree_merge(holdings.take(), [](comm::Bytes a, comm::Bytes b) {
    a.insert(a.end(), b.begin(), b.end());
    return a;
  });
  std::vector<std::int64_t> pairs(all.size() / sizeof(std::int64_t));
  std::memcpy(pairs.data(), all.data(), all.size());
  broadcast(comm, pairs);
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
      population_(*sampler.sampler, tempering_ ? tempering_->density() : density,
                  {.chains = chains.count,
                   .seed = chains.seed,
                   .ladder = tempering_ ? tempering_->rungs() : 1,
                   .batches = batches_.get()},
                  comm.share(chains.blocks(per_block()))),
      windows_(sampler.adapts_scale() ? scale_windows(chains.warmup) : std::vector<ScaleWindow>{}),
      judged_(population_, judged_plan(chains, diagnostics.memory, population_.parameters(),
                                       population_.per_block())),
      stored_(population_, stored_plan()),
      step_size_(sampler.step_size.value_or(1.0)) {
  if (sampler.adapts_step()) {
    averaging_.emplace(step_size_, adapts_by_acceptance() ? sampler.target_acceptance() : 0.5);
  }
  if (diagnostics.bias) {
    bias_.emplace(
        *sampler.sampler, density,
        Population::Options{.chains = chains.count, .seed = chains.seed, .batches = batches_.get()},
        population_.blocks());
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
          .draws = options_.most_steps() / options_.draws->thin};
}

void ChainRun::look(const Population::BlockRange& blocks, std::int64_t step) {
  const std::int64_t counted = step - options_.warmup;
  if (bias_) {
    bias_->follow(population_, blocks, static_cast<std::uint64_t>(step), step_size_, counted >= 0);
  }
  if (counted >= 0) {
    if ((counted + 1) % options_.thin == 0) population_.add_to_sums(blocks);
    judged_.look(population_, blocks, counted);
    stored_.look(population_, blocks, counted);
    if (tempering_) tempering_->record(population_, blocks, counted);
  }
  if (tempering_) tempering_->after_step(population_, blocks, step);
}

void ChainRun::advance(std::int64_t last) {
  population_.advance(population_.all(), static_cast<std::uint64_t>(step_),
                      static_cast<std::uint64_t>(last), step_size_,
                      [&](const Population::BlockRange& blocks, std::uint64_t step) {
                        look(blocks, static_cast<std::int64_t>(step));
                      });
  step_ = last;
}

bool ChainRun::adapt(const comm::Communicator& comm, bool calls_all) {
  const auto window = std::find_if(windows_.begin(), windows_.end(), [&](const ScaleWindow& w) {
    return w.first <= step_ && step_ < w.last;
  });
  const bool adds = window != windows_.end();
  if (adds && window->first == step_) {
    centre_ = pooled_mean(comm, Scale::coordinates);
    population_.begin_sums(Scale::coordinates, centre_);
  }
  const auto n = static_cast<std::uint64_t>(step_);
  population_.advance(population_.all(), n, n + 1, step_size_,
                      [&](const Population::BlockRange& blocks, std::uint64_t step) {
                        if (adds) population_.add_to_sums(blocks);
                        look(blocks, static_cast<std::int64_t>(step));
                      });
  ++step_;
  std::vector<std::int64_t> sums{calls_all ? 1 : 0};
  if (tempering_) {
    const auto of_rungs = tempering_->step_qualities(population_);
    sums.insert(sums.end(), of_rungs.begin(), of_rungs.end());
  } else {
    sums.push_back(adapts_by_acceptance() ? population_.acceptance()
                                          : population_.energy_variance());
  }
  comm.all_reduce_sum(std::span(sums));
  if (averaging_) {
    adapt_step(sums[1]);
    if (tempering_) tempering_->adapt_steps(population_, std::span(sums).subspan(1), step_size_);
  }
  if (tempering_ && tempering_->adapt_ladder(comm, population_, step_) && averaging_) {
    averaging_->restart();
  }
  if (adds && window->last == step_) {
    std::vector<double> moments = pooled_sums(comm);
    moments.resize(1 + 2 * static_cast<std::size_t>(population_.dim()));
    moments[0] *= static_cast<double>(window->last - window->first);
    population_.rescale(scales_from(moments));
    if (bias_) bias_->rescale(population_.scale());
    if (averaging_) averaging_->restart();
    if (tempering_) tempering_->restart_steps();
  }
  return sums[0] > 0;
}

void ChainRun::adapt_step(std::int64_t sum) {
  const double mean =
      static_cast<double>(sum) * Population::acceptance_unit / static_cast<double>(options_.count);
  averaging_->update(adapts_by_acceptance() ? mean
                                            : quality_of(mean, sampler_.target_energy_variance()));
  step_size_ = averaging_->step();
}

std::vector<double> ChainRun::pooled_sums(const comm::Communicator& comm) const {
  std::vector<std::vector<double>> blocks = population_.sums_of_blocks();
  std::int64_t size = blocks.empty() ? 0 : std::ssize(blocks.front());
  size = comm.all_reduce_max(size);
  stats::MergeTree<double, Add> tree(static_cast<std::size_t>(size));
  std::int64_t b = population_.blocks().first;
  for (auto& record : blocks) tree.push(b++, std::move(record));
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
  comm::Bytes bytes = comm.tree_merge(mine.take(), [](comm::Bytes a, comm::Bytes b) {
    a.insert(a.end(), b.begin(), b.end());
    return a;
  });
  broadcast(comm, bytes);
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
  const std::vector<double> sums = pooled_sums(comm);
  const double finite = sums.empty() ? 0 : sums[0];
  const auto per_chain = static_cast<double>(out.steps / options_.thin);
  const double n = finite * per_chain;
  out.draws = static_cast<std::int64_t>(n);
  out.lost = options_.count - static_cast<std::int64_t>(finite);
  const std::size_t size = out.parameters.size();
  for (std::size_t i = 0; i < size; ++i) {
    stats::ChainSummary& p = out.parameters[i];
    // Chains are independent: all of them together know as much more as they are.
    const double more = finite / static_cast<double>(out.judged_chains);
    const double ess_mean = std::pow(p.sd / p.mcse, 2) * more;
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
  if (bias_) out.bias = bias_->findings(comm);
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
                 is_adding ? 1 : 0});
  out.put(averaging_.value_or(DualAveraging()));
  out.put_vector(population_.scale());
  out.put_vector(centre_);
  out.put_bytes(tempering_ ? tempering_->common() : comm::Bytes{});
  const std::int64_t counted = std::max<std::int64_t>(step_ - options_.warmup, 0);
  for (std::int64_t b = 0; b < population_.blocks().count(); ++b) {
    stats::ByteWriter block;
    block.put(step_);
    population_.save(block, b);
    judged_.save(block, b, judged_.draws_after(counted));
    stored_.save(block, b, options_.draws ? stored_.draws_after(counted) : 0);
    if (tempering_) tempering_->save(block, b);
    if (bias_) bias_->save(block, b);
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
}

void ChainRun::read_header(stats::ByteReader& in) {
  const auto header = in.get<Header>();
  step_ = header.step;  // of a rank without blocks
  step_size_ = header.step_size;
  is_sampling_ = header.is_sampling != 0;
  const auto averaging = in.get<DualAveraging>();
  if (averaging_) averaging_ = averaging;
  population_.restore_scale(in.get_vector<double>());
  if (bias_) bias_->restore_scale(population_.scale());
  centre_ = in.get_vector<double>();
  const auto ladders = in.get_bytes();
  if (tempering_) tempering_->restore_common(population_, ladders);
  if (is_sampling_) {
    population_.begin_sums(Scale::parameters, centre_);
  } else if (header.adds_coordinates != 0) {
    population_.begin_sums(Scale::coordinates, centre_);
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
      static_cast<void>(in.get_vector<double>());
      static_cast<void>(in.get_vector<double>());
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
  const SavedBlocks blocks = exchanged(comm, std::move(mine), options_.blocks(per_block()));
  comm.agree([&] {
    std::vector<std::int64_t> steps;
    if (!blocks.empty()) step_ = 0;
    for (const auto& [block, bytes] : blocks) {
      stats::ByteReader in(bytes);
      const std::int64_t b = block - population_.blocks().first;
      steps.push_back(in.get<std::int64_t>());
      population_.restore(in, b);
      judged_.restore(in, b);
      stored_.restore(in, b);
      if (tempering_) tempering_->restore(in, b);
      if (bias_) bias_->restore(in, b);
      step_ = std::max(step_, steps.back());
    }
    // Blocks of ranks that were behind catch up.
    for (std::size_t b = 0; b < steps.size(); ++b) {
      population_.advance({static_cast<std::int64_t>(b), 1}, static_cast<std::uint64_t>(steps[b]),
                          static_cast<std::uint64_t>(step_), step_size_,
                          [&](const Population::BlockRange& at, std::uint64_t step) {
                            look(at, static_cast<std::int64_t>(step));
                          });
    }
  });
}

}  // namespace driftwood::mcmc
