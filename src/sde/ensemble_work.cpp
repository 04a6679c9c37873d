// SPDX-License-Identifier: BSD-3-Clause
#include "sde/ensemble_work.hpp"

#include <algorithm>
#include <utility>

namespace driftwood::sde {

EnsembleWork::EnsembleWork(const comm::Communicator& comm, const std::vector<comm::Bytes>& parts,
                           const EnsembleOptions& ensemble, const deck::Source& deck)
    : paths_(ensemble.paths) {
  comm.agree([&] {
    for (const comm::Bytes& part : parts) read(part);
  });
  earlier_paths_ = comm.all_reduce_max(earlier_paths_);
  last_ = comm.all_reduce_max(last_);
  std::vector<comm::Share> taken = finished_;
  for (const Begun& b : begun_) {
    taken.push_back({b.place.wave.first, b.place.wave.first + b.place.wave.count});
  }
  if (earlier_paths_ > 0) require_growth(comm, earlier_paths_, taken, ensemble, deck);
  if (earlier_paths_ == 0 || !ensemble.stop) last_ = ensemble.next_look(0, 0);
  new_ = comm::share_rest(comm, {0, last_}, taken);
  begin_round(comm);
}

void EnsembleWork::begin_round(const comm::Communicator& comm) {
  left_at_first_ = blocks_left();
  left_at_first_of_all_ = comm.all_reduce_sum(left_at_first_);
}

std::int64_t EnsembleWork::paths_done(const Place& place, std::int64_t end) const {
  const double of_wave = static_cast<double>(end - place.step) / static_cast<double>(end);
  const double left =
      static_cast<double>(blocks_left()) + static_cast<double>(place.wave.count) * of_wave;
  const double of_rank = left / static_cast<double>(std::max<std::int64_t>(left_at_first_, 1));
  const double blocks =
      static_cast<double>(last_) - of_rank * static_cast<double>(left_at_first_of_all_);
  return std::min(static_cast<std::int64_t>(blocks * static_cast<double>(stats::block_paths)),
                  paths_);
}

void EnsembleWork::read(const comm::Bytes& part) {
  stats::ByteReader in(part);
  earlier_paths_ = in.get<std::int64_t>();
  last_ = in.get<std::int64_t>();
  StepCounts steps;
  steps.accepted = in.get_vector<std::int64_t>();
  steps.rejected = in.get_vector<std::int64_t>();
  steps.forced = in.get<std::int64_t>();
  steps_ += steps;
  const auto rates = in.get_vector<double>();
  rates_.resize(std::max(rates_.size(), rates.size()));
  for (std::size_t i = 0; i < rates.size(); ++i) rates_[i] = std::max(rates_[i], rates[i]);
  const auto finished = in.get_vector<comm::Share>();
  finished_.insert(finished_.end(), finished.begin(), finished.end());
  for (auto n = in.get<std::uint64_t>(); n > 0; --n) {
    const auto place = in.get<Place>();
    const auto states = in.get_bytes();
    begun_.push_back({place, {states.begin(), states.end()}});
  }
  const auto seen = in.get_bytes();
  seen_.emplace_back(seen.begin(), seen.end());
}

void require_growth(const comm::Communicator& comm, std::int64_t earlier_paths,
                    const std::vector<comm::Share>& taken, const EnsembleOptions& ensemble,
                    const deck::Source& deck) {
  if (ensemble.paths == earlier_paths) return;
  const std::string before = "the checkpoint is of " + std::to_string(earlier_paths) + " paths";
  const auto refuse = [&](const std::string& why) {
    throw deck.error("ensemble.paths", before + ", and cannot be continued with more", why,
                     "set it back, or start anew without --resume");
  };
  if (ensemble.stop) refuse("'ensemble.stop' has looked at them as if they were all");
  // The last block of the smaller ensemble may not have been whole.
  const std::int64_t block = earlier_paths / stats::block_paths;
  std::int64_t is_taken = 0;
  for (const comm::Share& s : taken) {
    if (s.first <= block && block < s.last) is_taken = 1;
  }
  if (comm.all_reduce_max(is_taken) == 1 && earlier_paths % stats::block_paths != 0) {
    refuse("its last block of 4096 paths is not whole and has been simulated");
  }
}

void EnsembleWork::next_round(const comm::Communicator& comm, std::int64_t last) {
  const std::int64_t first = std::exchange(last_, last);
  new_ = comm::share_rest(comm, {first, last_}, {});
  begin_round(comm);
}

std::int64_t EnsembleWork::blocks_left() const {
  std::int64_t sum = comm::count_of(new_);
  for (const Begun& b : begun_) sum += b.place.wave.count;
  return sum;
}

std::int64_t EnsembleWork::largest_wave() const {
  std::int64_t most = 0;
  for (const Begun& b : begun_) most = std::max(most, b.place.wave.count);
  return most;
}

void EnsembleWork::give_back(Observations& seen) {
  for (const comm::Bytes& bytes : std::exchange(seen_, {})) {
    stats::ByteReader in(bytes);
    seen.absorb(in);
  }
}

std::optional<Place> EnsembleWork::next(Ensemble& ensemble, Observations& seen, std::int64_t most) {
  if (!begun_.empty()) {
    const Begun begun = std::move(begun_.front());
    begun_.pop_front();
    stats::ByteReader in(begun.states);
    ensemble.restore(in);
    seen.restore_wave(in, ensemble);
    return begun.place;
  }
  if (new_.empty()) return std::nullopt;
  comm::Share& blocks = new_.front();
  const Wave wave{blocks.first, std::min(most, blocks.count())};
  blocks.first += wave.count;
  if (blocks.empty()) new_.erase(new_.begin());
  ensemble.start(wave);
  return Place{wave};
}

StepCounts EnsembleWork::step_counts(const Propagator& propagator) const {
  StepCounts steps = propagator.step_counts();
  return steps += steps_;
}

std::vector<double> EnsembleWork::rates_above_bounds(const Propagator& propagator) const {
  std::vector<double> rates = propagator.rates_above_bounds();
  for (std::size_t i = 0; i < std::min(rates.size(), rates_.size()); ++i) {
    rates[i] = std::max(rates[i], rates_[i]);
  }
  return rates;
}

comm::Bytes EnsembleWork::saved(const Ensemble& ensemble, const Observations& seen,
                                const std::optional<Place>& place) const {
  stats::ByteWriter out;
  out.put(paths_);
  out.put(last_);
  const StepCounts steps = step_counts(ensemble.propagator());
  out.put_vector(steps.accepted);
  out.put_vector(steps.rejected);
  out.put(steps.forced);
  out.put_vector(rates_above_bounds(ensemble.propagator()));
  out.put_vector(seen.finished());
  out.put(static_cast<std::uint64_t>(begun_.size() + (place ? 1 : 0)));
  if (place) {
    stats::ByteWriter states;
    ensemble.save(states);
    seen.save_wave(states, ensemble);
    out.put(*place);
    out.put_bytes(states.take());
  }
  for (const Begun& b : begun_) {
    out.put(b.place);
    out.put_bytes(b.states);
  }
  stats::ByteWriter all;
  seen.save(all);
  out.put_bytes(all.take());
  return out.take();
}

}  // namespace driftwood::sde
