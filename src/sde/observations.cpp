// SPDX-License-Identifier: BSD-3-Clause
#include "sde/observations.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace driftwood::sde {
namespace {

constexpr std::int64_t none = std::numeric_limits<std::int64_t>::max();

std::int64_t count_of(const auto& range) { return static_cast<std::int64_t>(range.size()); }

}  // namespace

std::vector<ObservedFormula> observed_formulas(const ObserveOptions& options,
                                               const WatchPlan& plan) {
  std::vector<ObservedFormula> out;
  for (const WatchedNumber& n : plan.numbers) out.push_back({n.name, n.units, n.what});
  for (const auto& [name, payoff] : options.payoffs) {
    out.push_back({name, payoff.kind.starts_with("digital") ? "1" : "currency",
                   "discounted payoff '" + name + "' (" + payoff.kind + ")"});
  }
  for (const auto& [name, formula] : options.formulas) {
    out.push_back({name, "1", "formula '" + name + "'"});
  }
  return out;
}

Ensemble::Contents contents_of(const ObserveOptions& options, const WatchPlan& plan,
                               const Model& model, const deck::Source& deck) {
  return {
      .components = static_cast<std::int64_t>(model.components().size()),
      .watched = static_cast<std::int64_t>(plan.numbers.size()),
      .contracts = contracts(options.payoffs, model),
      .formulas = read_formulas(options.formulas, model, plan.numbers, deck, "observe.formulas")};
}

void RunningMean::merge(double right_count, double right_mean, double right_m2) {
  if (right_count == 0) return;
  const double total = count + right_count;
  const double d = right_mean - mean;
  mean += d * right_count / total;
  m2 += right_m2 + d * d * count * right_count / total;
  count = total;
}

double RunningMean::standard_error() const { return stats::error_of_mean(count, m2, copies); }

Observations::Observations(const ObserveOptions& options, const Events& events,
                           const JumpTable& jumps, const TimeOptions& time,
                           const EnsembleOptions& ensemble, const Model& model,
                           std::int64_t most_blocks)
    : options_(options),
      total_paths_(ensemble.paths),
      components_(model.components()),
      plan_(watch_plan(events, options.running, jumps, model)),
      formulas_(observed_formulas(options, plan_)),
      time_units_(model.underlying().empty() ? "time" : "year"),
      copies_(ensemble.antithetic ? 2 : 1),
      steps_(options.steps(time)),
      times_(options.times(time)),
      cells_{count_of(steps_), count_of(components_)},
      tree_(0),
      first_nonfinite_(none) {
  const std::int64_t errors = copies_ == 1 ? 0 : cells_.components + count_of_formulas();
  layout_ = {cells_.times, cells_.components, count_of_formulas() + errors, options_.covariance};
  tree_ = make_tree();
  if (!options_.quantiles.empty()) {
    const double bytes = std::min(options_.quantile_memory * 0x1p20, 0x1p60);
    quantiles_ = stats::make_quantiles(cells_, total_paths_, most_blocks * stats::block_paths,
                                       static_cast<std::int64_t>(bytes));
  }
  if (options_.histogram) {
    histogram_.emplace(cells_, options_.histogram->bins);
    for (std::int64_t c = 0; options_.histogram->range && c < count_of(steps_) * cells_.components;
         ++c) {
      const auto& range = *options_.histogram->range;
      histogram_->set_range(c / cells_.components, c % cells_.components, {range[0], range[1]});
    }
  }
  if (!events.empty()) passages_.emplace(events, times_.back(), cells_.components);
  running_.copies = copies_;
  const std::int64_t leading = leading_channel();
  running_.name = leading == 0
                      ? components_.front().name
                      : formulas_[static_cast<std::size_t>(leading - cells_.components)].name;
}

Observations::Tree Observations::make_tree() {
  return Tree(static_cast<std::size_t>(layout_.size()), {layout_},
              [this](std::int64_t blocks, const std::vector<double>& record) {
                note_prefix(blocks, record);
              });
}

void Observations::note_prefix(std::int64_t blocks, const std::vector<double>& record) {
  const double* last = record.data() + (layout_.times - 1) * layout_.stride();
  Prefix prefix;
  for (std::int64_t f = 0; f < count_of_formulas(); ++f) {
    const std::int64_t channel = layout_.components + f;
    const double n = last[stats::MomentLayout::count()];
    prefix.count.push_back(n);
    prefix.mean.push_back(last[stats::MomentLayout::mean(channel)]);
    prefix.standard_error.push_back(
        stats::error_of_mean(n, last[layout_.central(2, error_channel(channel))], copies_));
  }
  prefixes_.insert_or_assign(blocks, std::move(prefix));
}

std::int64_t Observations::bytes_per_path() const {
  const bool keeps_all = quantiles_ && quantiles_->method() == "exact";
  return keeps_all ? static_cast<std::int64_t>(cells_.count() * sizeof(double)) : 0;
}

std::int64_t Observations::bytes_of_bins() const {
  const bool has_bins = quantiles_ && quantiles_->method() == "binned";
  return has_bins ? static_cast<std::int64_t>(quantiles_->memory()) : 0;
}

std::int64_t Observations::bytes_per_saved_path() const {
  return static_cast<std::int64_t>(sizeof(std::int64_t) + cells_.count() * sizeof(double));
}

std::int64_t Observations::bytes_per_record() const {
  return layout_.size() * static_cast<std::int64_t>(sizeof(double));
}

bool Observations::wants_pilot() const { return histogram_ && !options_.histogram->range; }

void Observations::pilot(Ensemble& ensemble, std::int64_t time) {
  ensemble.fetch();
  for (std::int64_t c = 0; c < cells_.components; ++c) {
    histogram_->pilot(time, c, ensemble.values(c), ensemble.counts());
  }
}

void Observations::end_pilot(const comm::Communicator& comm) { histogram_->agree(comm); }

void Observations::record(Ensemble& ensemble, std::int64_t time) {
  reserve_records(ensemble);
  stats::block_moments(layout_, time, ensemble.channels(), ensemble.blocks(), records_);

  const bool saves = ensemble.paths().first < static_cast<std::uint64_t>(options_.save_paths);
  const bool passes = passages_ && time == layout_.times - 1;
  if (!quantiles_ && !histogram_ && !saves && !passes) return;
  ensemble.fetch();
  if (passes) passages_->add(ensemble);
  if (saves) save_values(ensemble, time);
  for (std::int64_t c = 0; c < cells_.components; ++c) {
    const auto values = ensemble.values(c);
    if (quantiles_) quantiles_->add(time, c, values, ensemble.counts());
    if (histogram_) histogram_->add(time, c, values, ensemble.counts());
  }
}

void Observations::reserve_records(const Ensemble& ensemble) {
  const auto blocks = static_cast<std::size_t>(ensemble.blocks());
  if (records_.extent(0) >= blocks) return;
  records_ = stats::BlockRecords("records", blocks, static_cast<std::size_t>(layout_.size()));
}

void Observations::save_values(const Ensemble& ensemble, std::int64_t time) {
  const auto first = static_cast<std::int64_t>(ensemble.paths().first);
  const std::int64_t count = std::min(ensemble.paths().count, options_.save_paths - first);
  for (std::int64_t p = 0; p < count; ++p) {
    std::vector<double>& row = saved_[first + p];
    row.resize(cells_.count());
    for (std::int64_t c = 0; c < cells_.components; ++c) {
      row[cells_.index(time, c)] = ensemble.values(c)[static_cast<std::size_t>(p)];
    }
  }
}

void Observations::save(stats::ByteWriter& out) const {
  out.put_bytes(tree_.bytes());
  if (quantiles_) {
    out.put(quantiles_->method() == "exact");
    out.put_bytes(quantiles_->bytes());
  }
  if (histogram_) out.put_bytes(histogram_->bytes());
  if (passages_) passages_->save(out);
  out.put(static_cast<std::uint64_t>(saved_.size()));
  for (const auto& [path, values] : saved_) {
    out.put(path);
    out.put_all(std::span<const double>(values));
  }
  out.put(static_cast<std::uint64_t>(prefixes_.size()));
  for (const auto& [blocks, prefix] : prefixes_) {
    out.put(blocks);
    out.put_vector(prefix.count);
    out.put_vector(prefix.mean);
    out.put_vector(prefix.standard_error);
  }
  for (const double x : {running_.count, running_.mean, running_.m2}) out.put(x);
  out.put(first_nonfinite_);
}

void Observations::absorb(stats::ByteReader& in) {
  tree_.absorb(in.get_bytes());
  if (quantiles_) {
    if (in.get<bool>() != (quantiles_->method() == "exact")) {
      throw UsageError("the checkpoint's quantiles are not " + std::string(quantiles_->method()),
                       "more paths do not fit in 'observe.quantile_memory'",
                       "continue with as many paths as before");
    }
    quantiles_->absorb(in.get_bytes());
  }
  if (histogram_) histogram_->absorb(in.get_bytes());
  if (passages_) passages_->absorb(in);
  for (auto n = in.get<std::uint64_t>(); n > 0; --n) {
    const auto path = in.get<std::int64_t>();
    saved_.insert_or_assign(path, in.get_all<double>(cells_.count()));
  }
  for (auto n = in.get<std::uint64_t>(); n > 0; --n) {
    const auto blocks = in.get<std::int64_t>();
    auto count = in.get_vector<double>();
    auto mean = in.get_vector<double>();
    auto error = in.get_vector<double>();
    prefixes_.insert_or_assign(blocks, Prefix{std::move(count), std::move(mean), std::move(error)});
  }
  const auto count = in.get<double>();
  const auto mean = in.get<double>();
  running_.merge(count, mean, in.get<double>());
  first_nonfinite_ = std::min(first_nonfinite_, in.get<std::int64_t>());
}

void Observations::save_wave(stats::ByteWriter& out, const Ensemble& ensemble) const {
  const auto host = Kokkos::create_mirror_view_and_copy(Kokkos::HostSpace(), records_);
  const auto count = records_.extent(0) == 0 ? 0 : ensemble.blocks() * layout_.size();
  out.put_vector(std::vector<double>(host.data(), host.data() + count));
}

void Observations::restore_wave(stats::ByteReader& in, const Ensemble& ensemble) {
  const auto values = in.get_vector<double>();
  reserve_records(ensemble);
  const auto host = Kokkos::create_mirror_view(records_);
  if (!values.empty() &&
      static_cast<std::int64_t>(values.size()) != ensemble.blocks() * layout_.size()) {
    throw Error("saved records have another shape", "they are of another build or deck");
  }
  std::copy(values.begin(), values.end(), host.data());
  Kokkos::deep_copy(records_, host);
}

void Observations::finish(Ensemble& ensemble) {
  const auto host = Kokkos::create_mirror_view_and_copy(Kokkos::HostSpace(), records_);
  Kokkos::fence();
  const std::int64_t channel = leading_channel();
  double finite = 0;
  for (std::int64_t b = 0; b < ensemble.blocks(); ++b) {
    const double* record = &host(b, 0);
    const double* last = record + (layout_.times - 1) * layout_.stride();
    finite += last[stats::MomentLayout::count()];
    running_.merge(last[stats::MomentLayout::count()], last[stats::MomentLayout::mean(channel)],
                   last[layout_.central(2, error_channel(channel))]);
    tree_.push(ensemble.first_block() + b, {record, record + layout_.size()});
  }
  // A continued run need not come to its waves in their order.
  const PathRange paths = ensemble.paths();
  const bool is_first = static_cast<std::int64_t>(paths.first) < first_nonfinite_;
  if (!is_first || finite == static_cast<double>(paths.count)) return;
  ensemble.fetch();
  const auto counts = ensemble.counts();
  const auto bad = std::find(counts.begin(), counts.end(), 0) - counts.begin();
  first_nonfinite_ = static_cast<std::int64_t>(paths.first) + bad;
}

double Observations::standard_error(const comm::Communicator& comm) const {
  const std::vector<double> root = tree_.collected(comm).root();
  double error = 0;
  if (comm.is_root()) {
    const double* last = root.data() + (layout_.times - 1) * layout_.stride();
    const double found =
        stats::error_of_mean(last[stats::MomentLayout::count()],
                             last[layout_.central(2, error_channel(leading_channel()))], copies_);
    // Values that are all the same tell nothing of the error yet: the rare ones may be to come.
    error = std::isfinite(found) && found > 0 ? found : std::numeric_limits<double>::infinity();
  }
  return comm.all_reduce_max(error);
}

void Observations::merge(const comm::Communicator& comm, std::int64_t paths) {
  total_paths_ = paths;
  const Tree all = tree_.collected(comm);
  std::int64_t finite = 0;
  if (comm.is_root()) {
    root_ = all.root();
    note_prefix(all.blocks(), root_);
    finite = static_cast<std::int64_t>(root_[static_cast<std::size_t>(
        (layout_.times - 1) * layout_.stride() + stats::MomentLayout::count())]);
  }
  nonfinite_ = total_paths_ - comm.all_reduce_sum(finite);
  first_nonfinite_ = comm.all_reduce_min(first_nonfinite_);
  if (quantiles_) quantile_values_ = quantiles_->quantiles(comm, options_.quantiles);
  if (histogram_) histogram_ = histogram_->reduced(comm);
  if (passages_) passages_->merge(comm);
}

stats::MomentSummary Observations::summary() const {
  // Rank 0 has the merged record; the others take part with the shapes alone.
  std::vector<double> record = root_;
  record.resize(static_cast<std::size_t>(layout_.size()));
  stats::MomentSummary summary = stats::summarise(layout_, record);
  if (copies_ == 1) return summary;
  for (std::int64_t t = 0; t < layout_.times; ++t) {
    const double* at_t = record.data() + t * layout_.stride();
    const auto error = [&](std::int64_t channel) {
      return stats::error_of_mean(at_t[stats::MomentLayout::count()],
                                  at_t[layout_.central(2, error_channel(channel))], copies_);
    };
    for (std::int64_t c = 0; c < layout_.components; ++c) {
      summary.components.standard_error[cells_.index(t, c)] = error(c);
    }
    for (std::size_t f = 0; f < formulas_.size(); ++f) {
      summary.formulas[f].standard_error[static_cast<std::size_t>(t)] =
          error(layout_.components + static_cast<std::int64_t>(f));
    }
  }
  return summary;
}

std::optional<std::int64_t> Observations::first_overflow() const {
  for (std::int64_t t = 0; t < layout_.times && !root_.empty(); ++t) {
    const double* at_t = root_.data() + t * layout_.stride();
    for (std::int64_t k = 0; k < layout_.components; ++k) {
      if (!std::isfinite(at_t[layout_.central(2, k)])) return t;
    }
  }
  return std::nullopt;
}

std::optional<std::uint64_t> Observations::first_nonfinite() const {
  if (first_nonfinite_ == none) return std::nullopt;
  return static_cast<std::uint64_t>(first_nonfinite_);
}

}  // namespace driftwood::sde
