// SPDX-License-Identifier: BSD-3-Clause
#include "sde/gradient/study.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <span>

#include "io/gradient_layout.hpp"
#include "io/layout.hpp"
#include "sde/launch/pairs.hpp"

namespace driftwood::sde {
namespace {

namespace layout = io::layout;
using Names = std::vector<std::string>;

constexpr std::int64_t none = std::numeric_limits<std::int64_t>::max();

std::string name(std::string_view view) { return std::string(view); }

/// Row of numbers and their weights in host memory.
using HostSamples = Kokkos::View<const double**, Kokkos::LayoutRight, Kokkos::HostSpace>;

/// The record of columns [first, last), as `block_moments` would make it of a block; the third and
/// fourth moments, which nothing here uses, are left at 0.
std::vector<double> record_of(const stats::MomentLayout& layout, const HostSamples& samples,
                              std::int64_t first, std::int64_t last) {
  std::vector<double> record(static_cast<std::size_t>(layout.size()));
  const std::int64_t weights = layout.channels();
  double n = 0;
  for (std::int64_t c = first; c < last; ++c) n += samples(weights, c);
  record[stats::MomentLayout::count()] = n;
  for (std::int64_t k = 0; k < layout.channels() && n > 0; ++k) {
    double sum = 0;
    for (std::int64_t c = first; c < last; ++c) {
      if (samples(weights, c) == 1) sum += samples(k, c);
    }
    const double mean = sum / n;
    double m2 = 0;
    for (std::int64_t c = first; c < last; ++c) {
      if (samples(weights, c) == 1) m2 += (samples(k, c) - mean) * (samples(k, c) - mean);
    }
    record[static_cast<std::size_t>(stats::MomentLayout::mean(k))] = mean;
    record[static_cast<std::size_t>(layout.central(2, k))] = m2;
  }
  return record;
}

/// Of all paths that are in one of them.
GradientRecord joined(const GradientRecord& a, const GradientRecord& b) {
  return {std::max(a.gap, b.gap),     std::max(a.rebuilt, b.rebuilt), std::max(a.start, b.start),
          std::max(a.bytes, b.bytes), a.accepted + b.accepted,        a.rejected + b.rejected,
          a.forced + b.forced};
}

/// The units of a variance.
std::string squared(const std::string& units) { return units == "1" ? units : "(" + units + ")^2"; }

}  // namespace

std::vector<std::vector<double>> unit_weights(std::int64_t formulas, std::int64_t times) {
  const auto count = static_cast<std::size_t>(formulas * times);
  std::vector<std::vector<double>> out(count, std::vector<double>(count, 0.0));
  for (std::size_t s = 0; s < count; ++s) out[s][s] = 1;
  return out;
}

namespace {
void require_no_jump(const GradientSolver& solver, const deck::Source& deck,
                     const std::vector<std::string>& formulas) {
  const std::optional<FoundJump> jump = solver.jump();
  if (!jump) return;
  const std::string why = "paths that cross the jump move the mean, which their derivatives miss";
  if (!jump->formula) {
    throw deck.error("time.scheme", jump->text, why,
                     "where Ito's equation is converted, the derivative of a kink jumps: use "
                     "euler_maruyama or milstein in mode 'pathwise' or 'checkpointed', or smooth "
                     "the equation");
  }
  const auto number = static_cast<std::size_t>(*jump->formula);
  const std::string what = number < formulas.size() ? fmt::format("'{}'", formulas[number])
                                                    : fmt::format("formula {}", number + 1);
  throw deck.error(
      number < formulas.size() ? "observe.formulas." + formulas[number] : "observe.formulas",
      fmt::format("{} {}", what, jump->text), why, "smooth it, such as by sigmoid(x/0.1)");
}
}  // namespace

std::unique_ptr<GradientSolver> solver_of(const Model& model, const std::string& scheme,
                                          Precision precision, const GradientPlan& plan,
                                          const deck::Source& deck, const std::string& where,
                                          const std::vector<std::string>& formulas) {
  std::unique_ptr<GradientSolver> out;
  try {
    out = model.gradients(scheme, precision, plan);
  } catch (const UsageError& error) {
    if (std::string_view(error.what()).find(": error: ") != std::string_view::npos) throw;
    throw deck.error(where, error.what());
  }
  require_no_jump(*out, deck, formulas);
  return out;
}

void require_groups(const deck::Source& deck, std::int64_t paths, const GradientSolver& solver) {
  const std::int64_t group = solver.group();
  if (paths % group == 0) return;
  const std::int64_t below = paths / group * group;
  throw deck.error(
      "ensemble.paths", fmt::format("{} paths are not whole groups of {}", paths, group),
      "gradients by so many parameters are means over such groups",
      below > 0 ? fmt::format("use {} or {}", below, below + group) : fmt::format("use {}", group));
}

GradientStudy::GradientStudy(std::unique_ptr<GradientSolver> solver, GradientLabels labels,
                             std::int64_t paths, bool antithetic)
    : solver_(std::move(solver)),
      labels_(std::move(labels)),
      derivatives_(solver_->derivatives()),
      paths_(paths),
      group_(solver_->group()),
      rows_(solver_->rows()),
      // A group holds whole pairs, so that its mean is one independent value.
      copies_(antithetic && group_ == 1 ? 2 : 1),
      layout_{1, rows_ * copies_, 0, false},
      tree_(static_cast<std::size_t>(layout_.size()), {layout_}),
      first_nonfinite_(none) {
  const auto width = static_cast<std::int64_t>(derivatives_.size());
  if (rows_ != formula_times() * (1 + width)) {
    throw Error("a solver's samples have another shape",
                fmt::format("{} rows where {} formulas at {} times have {} derivatives each", rows_,
                            labels_.formulas.size(), labels_.times.size(), width));
  }
  running_.name = labels_.formulas.front();
  running_.copies = copies_;
}

void GradientStudy::measure(const Wave& blocks) {
  const std::int64_t first = blocks.first * stats::block_paths;
  const std::int64_t count = std::min(blocks.count * stats::block_paths, paths_ - first);
  const GradientRecord before = solver_->record();
  solver_->run({static_cast<std::uint64_t>(first), count});
  GradientRecord now = solver_->record();
  now.accepted -= before.accepted;
  now.rejected -= before.rejected;
  now.forced -= before.forced;
  record_ = joined(record_, now);
  if (group_ > 1) {
    push_groups(blocks, solver_->samples(), (count + group_ - 1) / group_);
  } else {
    push_blocks(blocks, channels_of(blocks.count * stats::block_paths));
  }
}

Channels GradientStudy::channels_of(std::int64_t columns) {
  const Channels& samples = solver_->samples();
  if (copies_ == 1) return samples;
  const auto rows = static_cast<std::size_t>(rows_);
  if (pairs_.extent(1) != samples.extent(1)) {
    pairs_ = Channels("pairs", 2 * rows + 1, samples.extent(1));
  }
  const auto part = [](const Channels& of, std::size_t first, std::size_t last) {
    return Kokkos::subview(of, Kokkos::pair<std::size_t, std::size_t>(first, last), Kokkos::ALL);
  };
  Kokkos::deep_copy(part(pairs_, 0, rows), part(samples, 0, rows));
  Kokkos::deep_copy(part(pairs_, 2 * rows, 2 * rows + 1), part(samples, rows, rows + 1));
  add_means_of_pairs(pairs_, rows_, columns);
  return pairs_;
}

void GradientStudy::push_blocks(const Wave& blocks, const Channels& channels) {
  if (static_cast<std::int64_t>(records_.extent(0)) < blocks.count) {
    records_ = stats::BlockRecords("records", static_cast<std::size_t>(blocks.count),
                                   static_cast<std::size_t>(layout_.size()));
  }
  stats::block_moments(layout_, 0, channels, blocks.count, records_);
  const auto host = Kokkos::create_mirror_view_and_copy(Kokkos::HostSpace(), records_);
  Kokkos::fence();
  const std::int64_t first = blocks.first * stats::block_paths;
  const std::int64_t count = std::min(blocks.count * stats::block_paths, paths_ - first);
  double finite = 0;
  for (std::int64_t b = 0; b < blocks.count; ++b) {
    const double* record = &host(b, 0);
    finite += record[stats::MomentLayout::count()];
    push(blocks.first + b, {record, record + layout_.size()});
  }
  if (finite != static_cast<double>(count)) note_first_nonfinite(channels, count, first);
}

void GradientStudy::push_groups(const Wave& blocks, const Channels& samples, std::int64_t count) {
  const auto host = Kokkos::create_mirror_view_and_copy(Kokkos::HostSpace(), samples);
  Kokkos::fence();
  const std::int64_t per_block = stats::block_paths / group_;
  double finite = 0;
  for (std::int64_t b = 0; b < blocks.count; ++b) {
    std::vector<double> record =
        record_of(layout_, host, b * per_block, std::min((b + 1) * per_block, count));
    finite += record[stats::MomentLayout::count()];
    push(blocks.first + b, std::move(record));
  }
  if (finite != static_cast<double>(count)) {
    note_first_nonfinite(samples, count, blocks.first * stats::block_paths);
  }
}

void GradientStudy::push(std::int64_t block, std::vector<double> record) {
  const std::int64_t leading = row(0, labels_.times.size() - 1);
  const auto at = [&](std::int64_t place) { return record[static_cast<std::size_t>(place)]; };
  running_.merge(at(stats::MomentLayout::count()), at(stats::MomentLayout::mean(leading)),
                 at(layout_.central(2, error_channel(leading))));
  tree_.push(block, std::move(record));
}

void GradientStudy::note_first_nonfinite(const Channels& samples, std::int64_t count,
                                         std::int64_t first_path) {
  const auto weights = Kokkos::create_mirror_view_and_copy(
      Kokkos::HostSpace(),
      Kokkos::subview(samples, static_cast<std::size_t>(samples.extent(0)) - 1, Kokkos::ALL));
  for (std::int64_t c = 0; c < count; ++c) {
    if (weights(c) == 1) continue;
    first_nonfinite_ = std::min(first_nonfinite_, first_path + c * group_);
    return;
  }
}

void GradientStudy::save(stats::ByteWriter& out) const {
  out.put_bytes(tree_.bytes());
  for (const double x : {running_.count, running_.mean, running_.m2}) out.put(x);
  out.put(record_);
  out.put(first_nonfinite_);
}

void GradientStudy::absorb(stats::ByteReader& in) {
  tree_.absorb(in.get_bytes());
  const auto count = in.get<double>();
  const auto mean = in.get<double>();
  running_.merge(count, mean, in.get<double>());
  record_ = joined(record_, in.get<GradientRecord>());
  first_nonfinite_ = std::min(first_nonfinite_, in.get<std::int64_t>());
}

GradientStudy::Estimate GradientStudy::estimate(const std::vector<double>& record,
                                                std::int64_t row) const {
  const auto at = [&](std::int64_t place) { return record[static_cast<std::size_t>(place)]; };
  const double n = at(stats::MomentLayout::count());
  constexpr double nan = std::numeric_limits<double>::quiet_NaN();
  if (n == 0) return {nan, nan, nan};
  const double variance = n > 1 ? at(layout_.central(2, row)) / (n - 1) : nan;
  return {at(stats::MomentLayout::mean(row)), variance,
          stats::error_of_mean(n, at(layout_.central(2, error_channel(row))), copies_)};
}

double GradientStudy::standard_error(const comm::Communicator& comm) const {
  const std::vector<double> root = tree_.collected(comm).root();
  double error = 0;
  if (comm.is_root()) {
    const double found = estimate(root, row(0, labels_.times.size() - 1)).standard_error;
    // Values that are all the same tell nothing of the error yet: the rare ones may be to come.
    error = std::isfinite(found) && found > 0 ? found : std::numeric_limits<double>::infinity();
  }
  return comm.all_reduce_max(error);
}

void GradientStudy::merge(const comm::Communicator& comm, std::int64_t paths) {
  const Tree all = tree_.collected(comm);
  std::int64_t finite = 0;
  if (comm.is_root()) {
    root_ = all.root();
    finite = static_cast<std::int64_t>(root_[stats::MomentLayout::count()]) * group_;
  }
  nonfinite_ = paths - comm.all_reduce_sum(finite);
  first_nonfinite_ = comm.all_reduce_min(first_nonfinite_);
  record_ = {comm.all_reduce_max(record_.gap),      comm.all_reduce_max(record_.rebuilt),
             comm.all_reduce_max(record_.start),    comm.all_reduce_max(record_.bytes),
             comm.all_reduce_sum(record_.accepted), comm.all_reduce_sum(record_.rejected),
             comm.all_reduce_sum(record_.forced)};
}

std::optional<std::uint64_t> GradientStudy::first_nonfinite() const {
  if (first_nonfinite_ == none) return std::nullopt;
  return static_cast<std::uint64_t>(first_nonfinite_);
}

std::string GradientStudy::table_text() const {
  constexpr std::size_t most = 40;  // rows; networks have thousands
  const std::size_t last = labels_.times.size() - 1;
  std::string text = fmt::format("means at t = {:.6g} and their derivatives, +- standard error\n\n",
                                 labels_.times[last]);
  std::size_t lines = 0;
  const auto line = [&](const std::string& formula, const std::string& by, std::int64_t at) {
    const Estimate found = estimate(root_, at);
    if (++lines <= most) {
      text += fmt::format("{:<20} {:<24} {:>14.7g} +- {}\n", formula, by, found.mean,
                          std::isfinite(found.standard_error)
                              ? fmt::format("{:.2g}", found.standard_error)
                              : "unknown");
    }
  };
  for (std::size_t f = 0; f < labels_.formulas.size(); ++f) {
    line(labels_.formulas[f], "", row(f, last));
    for (std::size_t p = 0; p < derivatives_.size(); ++p) {
      line("", "by " + derivatives_[p], row(f, last, p));
    }
  }
  if (lines > most) text += fmt::format("... and {} more in the file\n", lines - most);
  return text;
}

void GradientStudy::write(io::ResultFile& file, GradientMode mode) const {
  // Rank 0 has the merged record; the others take part with the shapes alone.
  std::vector<double> record = root_;
  record.resize(static_cast<std::size_t>(layout_.size()));
  file.coordinate(
      layout::time,
      {{}, labels_.time_units, "time of the results", std::span<const double>(labels_.times)});
  file.coordinate(layout::gradient::formula,
                  {{}, "1", "formula", std::span<const std::string>(labels_.formulas)});
  file.coordinate(layout::gradient::parameter,
                  {{}, "1", "what derivatives are by", std::span<const std::string>(derivatives_)});

  std::vector<double> value;
  std::vector<double> error;
  for (std::size_t f = 0; f < labels_.formulas.size(); ++f) {
    for (std::size_t t = 0; t < labels_.times.size(); ++t) {
      for (std::size_t p = 0; p < derivatives_.size(); ++p) {
        const Estimate found = estimate(record, row(f, t, p));
        value.push_back(found.mean);
        error.push_back(found.standard_error);
      }
    }
  }
  const Names shape = {name(layout::gradient::formula), name(layout::time),
                       name(layout::gradient::parameter)};
  const std::string units = "units of the formula per unit of the parameter";
  file.write(layout::gradient::value, {shape,
                                       units,
                                       "derivative of the mean over paths",
                                       std::span<const double>(value),
                                       {{name(layout::gradient::mode), name(to_string(mode))}}});
  file.write(layout::gradient::standard_error,
             {shape, units, "standard error of the derivative", std::span<const double>(error)});
  write_formulas(file, record);
}

void GradientStudy::write_formulas(io::ResultFile& file, const std::vector<double>& record) const {
  for (std::size_t f = 0; f < labels_.formulas.size(); ++f) {
    std::vector<double> mean;
    std::vector<double> variance;
    std::vector<double> error;
    for (std::size_t t = 0; t < labels_.times.size(); ++t) {
      const Estimate found = estimate(record, row(f, t));
      mean.push_back(found.mean);
      // Means of groups vary by so much less than paths do.
      variance.push_back(found.variance * static_cast<double>(group_));
      error.push_back(found.standard_error);
    }
    const layout::Formula at = layout::formulas(labels_.formulas[f]);
    const std::string what = "formula '" + labels_.formulas[f] + "'";
    const std::string& units = labels_.units[f];
    const Names shape = {name(layout::time)};
    file.write(at.mean, {shape,
                         units,
                         "mean of the " + what,
                         std::span<const double>(mean),
                         {{name(layout::gradient::text), labels_.texts[f]}}});
    file.write(at.variance, {shape, squared(units), "unbiased variance of the " + what,
                             std::span<const double>(variance)});
    file.write(at.standard_error, {shape, units, "standard error of the mean of the " + what,
                                   std::span<const double>(error)});
  }
}

}  // namespace driftwood::sde
