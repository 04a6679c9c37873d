// SPDX-License-Identifier: BSD-3-Clause
#include "sde/multilevel.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <numbers>
#include <utility>

#include "comm/share_rest.hpp"
#include "io/layout.hpp"
#include "sde/observations.hpp"
#include "sde/registry.hpp"
#include "stats/slope.hpp"

namespace driftwood::sde {
namespace {

namespace layout = io::layout;

constexpr std::int64_t none = std::numeric_limits<std::int64_t>::max();
constexpr int least_levels = 3;            ///< for a first look at how they fall
constexpr std::int64_t least_batch = 128;  ///< one padded wave
constexpr std::int64_t many_batches = 64;  ///< of a level, to share among ranks
constexpr int id_bits_of_sample = 48;      ///< of a path's id, above which is its level

/// Turns values of fine paths into how much they differ from those of coarse ones. A sample counts
/// where both do.
struct Differ {
  Channels fine;
  Channels coarse;

  KOKKOS_FUNCTION void operator()(std::int64_t p) const {
    const auto rows = static_cast<std::int64_t>(fine.extent(0)) - 1;
    const bool counts = fine(rows, p) * coarse(rows, p) == 1.0;
    for (std::int64_t k = 0; k < rows; ++k) {
      fine(k, p) = counts ? fine(k, p) - coarse(k, p) : 0.0;
    }
    fine(rows, p) = counts ? 1.0 : 0.0;
  }
};

std::int64_t rounded_up(std::int64_t n, std::int64_t unit) { return (n + unit - 1) / unit * unit; }

}  // namespace

Multilevel::Multilevel(const TaskOptions& task, const TimeOptions& time,
                       const EnsembleOptions& ensemble, const ObserveOptions& observe,
                       const Events& events, const Model& model, const deck::Source& source,
                       std::int64_t most_blocks)
    : task_(task),
      time_(time),
      ensemble_(ensemble),
      model_(&model),
      plan_(watch_plan(events, observe.running, {}, model)),
      contents_(contents_of(observe, plan_, model, source)),
      time_units_(model.underlying().empty() ? "time" : "year"),
      writes_components_(observe.moments),
      weak_order_(scheme_info(time.scheme).weak_order(model.noise())),
      strong_order_(scheme_info(time.scheme).strong_order(model.noise())),
      most_blocks_(most_blocks) {
  const auto components = model.components();
  for (const ComponentInfo& c : components) names_.push_back({c.name, c.units, c.long_name, true});
  for (const ObservedFormula& f : observed_formulas(observe, plan_)) {
    names_.push_back({f.name, f.units, f.what, false});
  }
  const std::size_t first = components.size() + plan_.numbers.size();
  leading_ = names_.size() > first ? first : 0;
  layout_ = {1, static_cast<std::int64_t>(names_.size()), 0, false};
  for (int l = 0; l < least_levels; ++l) add_level();
}

std::unique_ptr<Ensemble> Multilevel::make_ensemble(std::int64_t steps, bool joins) const {
  const PropagatorOptions options = {.end = time_.end,
                                     .steps = steps,
                                     .seed = ensemble_.seed,
                                     .capacity = most_blocks_ * stats::block_paths,
                                     .levy_areas = time_.levy_areas(),
                                     .joins_steps = joins,
                                     .watchers = plan_.watchers};
  return std::make_unique<Ensemble>(
      model_->propagator(time_.scheme, ensemble_.precision(), options), contents_, 0, most_blocks_);
}

void Multilevel::add_level() {
  const int l = levels();
  Level level{.fine = make_ensemble(steps(l), false),
              .coarse = l > 0 ? make_ensemble(steps(l - 1), true) : nullptr,
              .tree = Tree(static_cast<std::size_t>(layout_.size()), {layout_}),
              .first_nonfinite = none};
  levels_.push_back(std::move(level));
  want(l, task_.pilot());
}

void Multilevel::want(int level, std::int64_t samples) {
  Level& l = levels_[static_cast<std::size_t>(level)];
  if (samples <= l.samples) return;
  const std::int64_t more = samples - l.samples;
  const std::int64_t size =
      std::clamp(rounded_up(more / many_batches, least_batch), least_batch, stats::block_paths);
  for (std::int64_t n = rounded_up(more, size) / size; n > 0; --n) {
    due_.push_back({level, l.batches, l.samples, size});
    ++l.batches;
    l.samples += size;
  }
}

std::int64_t Multilevel::cost_of_sample(int level) const {
  return steps(level) + (level > 0 ? steps(level - 1) : 0);
}

std::int64_t Multilevel::cost(std::span<const Batch> batches) const {
  std::int64_t sum = 0;
  for (const Batch& b : batches) sum += b.count * cost_of_sample(b.level);
  return sum;
}

std::span<const Multilevel::Batch> Multilevel::share(const comm::Communicator& comm) const {
  const double all = static_cast<double>(cost(due_));
  // Batch i belongs to the rank in whose part of the whole cost its middle lies.
  const auto rank_of = [&](double middle) {
    return std::min(static_cast<int>(middle / all * comm.size()), comm.size() - 1);
  };
  std::size_t first = due_.size();
  std::size_t last = 0;
  double before = 0;
  for (std::size_t i = 0; i < due_.size(); ++i) {
    const auto own = static_cast<double>(cost({&due_[i], 1}));
    if (rank_of(before + own / 2) == comm.rank()) {
      first = std::min(first, i);
      last = i + 1;
    }
    before += own;
  }
  if (first >= last) return {};
  return std::span(due_).subspan(first, last - first);
}

std::vector<std::span<const Multilevel::Batch>> Multilevel::waves(
    std::span<const Batch> batches) const {
  std::vector<std::span<const Batch>> out;
  while (!batches.empty()) {
    // Batches of whole blocks lie side by side in a wave; smaller ones go alone.
    std::size_t n = 1;
    while (batches.front().count == stats::block_paths && n < batches.size() &&
           n < static_cast<std::size_t>(most_blocks_) &&
           batches[n].level == batches.front().level && batches[n].count == stats::block_paths &&
           batches[n].number == batches[n - 1].number + 1) {
      ++n;
    }
    out.push_back(batches.first(n));
    batches = batches.subspan(n);
  }
  return out;
}

void Multilevel::sample(std::span<const Batch> wave) {
  const Batch& first = wave.front();
  Level& level = levels_[static_cast<std::size_t>(first.level)];
  const PathRange paths{(static_cast<std::uint64_t>(first.level) << id_bits_of_sample) +
                            static_cast<std::uint64_t>(first.first),
                        wave.back().first + wave.back().count - first.first};
  const auto run = [&](Ensemble& ensemble, std::int64_t n) {
    ensemble.start_paths(paths);
    ensemble.advance({0, n});
    ensemble.observe(time_.end);
  };
  run(*level.fine, steps(first.level));
  const std::int64_t blocks = level.fine->blocks();
  if (level.coarse) {
    run(*level.coarse, steps(first.level - 1));
    Kokkos::parallel_for("sde::differ", Kokkos::RangePolicy<Exec>(0, blocks * stats::block_paths),
                         Differ{level.fine->channels(), level.coarse->channels()});
  }
  const stats::BlockRecords records("records", static_cast<std::size_t>(blocks),
                                    static_cast<std::size_t>(layout_.size()));
  stats::block_moments(layout_, 0, level.fine->channels(), blocks, records);
  const auto host = Kokkos::create_mirror_view_and_copy(Kokkos::HostSpace(), records);
  Kokkos::fence();
  double finite = 0;
  for (std::int64_t b = 0; b < blocks; ++b) {
    const double* record = &host(b, 0);
    finite += record[stats::MomentLayout::count()];
    level.tree.push(first.number + b, {record, record + layout_.size()});
  }
  if (finite == static_cast<double>(paths.count)) return;
  level.fine->fetch();
  const auto counts = level.fine->counts();
  const auto bad = std::find(counts.begin(), counts.end(), 0) - counts.begin();
  level.first_nonfinite = std::min(level.first_nonfinite, first.first + bad);
}

comm::Bytes Multilevel::saved() const {
  stats::ByteWriter plan;
  plan.put(static_cast<std::uint64_t>(levels_.size()));
  for (const Level& l : levels_) {
    plan.put(l.batches);
    plan.put(l.samples);
  }
  plan.put_vector(due_);
  stats::ByteWriter out;
  out.put_bytes(plan.take());
  for (const Level& l : levels_) {
    out.put_bytes(l.tree.bytes());
    out.put(l.first_nonfinite);
  }
  return out.take();
}

void Multilevel::read_plan(stats::ByteReader& in) {
  const auto count = in.get<std::uint64_t>();
  while (levels_.size() < count) add_level();
  for (Level& l : levels_) {
    l.batches = in.get<std::int64_t>();
    l.samples = in.get<std::int64_t>();
  }
  due_ = in.get_vector<Batch>();
}

void Multilevel::restore(const comm::Communicator& comm, const std::vector<comm::Bytes>& parts) {
  // Every part has the same plan; ranks without one take rank 0's.
  std::string agreed;
  if (!parts.empty()) {
    stats::ByteReader in(parts.front());
    const auto bytes = in.get_bytes();
    agreed.assign(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  }
  comm.broadcast(agreed);
  if (agreed.empty()) return;
  comm.agree([&] {
    stats::ByteReader in(std::as_bytes(std::span(agreed)));
    read_plan(in);
    for (const comm::Bytes& part : parts) {
      stats::ByteReader of_rank(part);
      static_cast<void>(of_rank.get_bytes());
      for (Level& l : levels_) {
        l.tree.absorb(of_rank.get_bytes());
        l.first_nonfinite = std::min(l.first_nonfinite, of_rank.get<std::int64_t>());
      }
    }
  });
  // Not due any more is what any rank has done.
  for (std::size_t l = 0; l < levels_.size(); ++l) {
    const auto left = comm::rest_of(comm, {0, levels_[l].batches}, levels_[l].tree.covered());
    std::erase_if(due_, [&](const Batch& b) {
      return b.level == static_cast<int>(l) &&
             std::ranges::none_of(left, [&](const comm::Share& s) {
               return s.first <= b.number && b.number < s.last;
             });
    });
  }
  if (due_.empty()) plan(comm);  // the earlier job had come to the end of a round
}

void Multilevel::collect(const comm::Communicator& comm) {
  const auto channel = static_cast<std::int64_t>(leading_);
  std::vector<Estimate> estimates(levels_.size());
  for (std::size_t l = 0; l < levels_.size(); ++l) {
    Level& level = levels_[l];
    level.record = level.tree.collected(comm).root();
    level.first_nonfinite = comm.all_reduce_min(level.first_nonfinite);
    if (!comm.is_root()) continue;
    const double n = level.record[stats::MomentLayout::count()];
    estimates[l] = {n, level.record[static_cast<std::size_t>(stats::MomentLayout::mean(channel))],
                    level.record[static_cast<std::size_t>(layout_.central(2, channel))] / (n - 1)};
  }
  std::string bytes(estimates.size() * sizeof(Estimate), '\0');
  std::memcpy(bytes.data(), estimates.data(), bytes.size());
  comm.broadcast(bytes);
  std::memcpy(estimates.data(), bytes.data(), bytes.size());
  for (std::size_t l = 0; l < levels_.size(); ++l) levels_[l].estimate = estimates[l];
}

double Multilevel::decay(bool of_variance, double least, double most) const {
  // Over the levels of differences, of which level 0 is none; all weigh the same.
  std::vector<double> x;
  std::vector<double> y;
  for (std::size_t l = 1; l < levels_.size(); ++l) {
    const Estimate& e = levels_[l].estimate;
    const double value = of_variance ? e.variance : std::abs(e.mean);
    if (!(value > 0)) continue;
    x.push_back(static_cast<double>(l));
    y.push_back(std::log2(value));
  }
  if (x.size() < 2) return least;
  std::vector<double> identity(x.size() * x.size());
  for (std::size_t i = 0; i < x.size(); ++i) identity[i * (x.size() + 1)] = 1;
  return std::clamp(-stats::fit_slope(x, y, identity).value, least, most);
}

void Multilevel::plan(const comm::Communicator& comm) {
  collect(comm);
  due_.clear();
  const double accuracy = task_.accuracy.value();
  const double alpha = decay(false, 0.5, std::max(0.5, weak_order_));
  const double beta = decay(true, 0.5, std::max(0.5, 2 * strong_order_));

  // Means and variances, but none far below what the levels before let expect: those of few samples
  // with rare large values are.
  std::vector<double> mean;
  std::vector<double> variance;
  for (std::size_t l = 0; l < levels_.size(); ++l) {
    mean.push_back(std::abs(levels_[l].estimate.mean));
    variance.push_back(levels_[l].estimate.variance);
    if (l < 2) continue;
    mean[l] = std::max(mean[l], 0.5 * mean[l - 1] / std::exp2(alpha));
    variance[l] = std::max(variance[l], 0.5 * variance[l - 1] / std::exp2(beta));
  }
  const auto want_samples = [&] {
    double sum = 0;
    for (std::size_t l = 0; l < variance.size(); ++l) {
      sum += std::sqrt(variance[l] * static_cast<double>(cost_of_sample(static_cast<int>(l))));
    }
    for (std::size_t l = 0; l < variance.size(); ++l) {
      const double c = static_cast<double>(cost_of_sample(static_cast<int>(l)));
      const double n = 2 / (accuracy * accuracy) * std::sqrt(variance[l] / c) * sum;
      if (!(n < 0x1p47)) {
        throw NumericsError("level " + std::to_string(l) + " needs too many samples",
                            "the variance is " + std::to_string(variance[l]),
                            "raise 'task.accuracy' or use smaller steps");
      }
      const double done = static_cast<double>(levels_[l].samples);
      if (n > 1.01 * done) want(static_cast<int>(l), static_cast<std::int64_t>(std::ceil(n)));
    }
  };
  want_samples();
  bias_ = std::max(mean.back(), mean[mean.size() - 2] / std::exp2(alpha)) / (std::exp2(alpha) - 1);
  lacks_levels_ = false;
  if (!due_.empty() || bias_ < accuracy * std::numbers::sqrt2 / 2) return;
  if (levels() == task_.most_levels()) {
    lacks_levels_ = true;
    return;
  }
  add_level();
  variance.push_back(variance.back() / std::exp2(beta));
  want_samples();
}

double Multilevel::mean() const {
  double sum = 0;
  for (const Level& l : levels_) sum += l.estimate.mean;
  return sum;
}

double Multilevel::standard_error() const {
  double sum = 0;
  for (const Level& l : levels_) sum += l.estimate.variance / l.estimate.count;
  return std::sqrt(sum);
}

std::int64_t Multilevel::steps_taken() const {
  std::int64_t sum = 0;
  for (std::size_t l = 0; l < levels_.size(); ++l) {
    sum += levels_[l].samples * cost_of_sample(static_cast<int>(l));
  }
  return sum;
}

std::int64_t Multilevel::samples() const {
  std::int64_t sum = 0;
  for (const Level& l : levels_) sum += l.samples;
  return sum;
}

std::int64_t Multilevel::nonfinite() const {
  std::int64_t sum = 0;
  for (const Level& l : levels_) sum += l.samples - static_cast<std::int64_t>(l.estimate.count);
  return sum;
}

std::optional<std::pair<int, std::uint64_t>> Multilevel::first_nonfinite() const {
  for (std::size_t l = 0; l < levels_.size(); ++l) {
    if (levels_[l].first_nonfinite == none) continue;
    return std::pair(static_cast<int>(l),
                     (static_cast<std::uint64_t>(l) << id_bits_of_sample) +
                         static_cast<std::uint64_t>(levels_[l].first_nonfinite));
  }
  return std::nullopt;
}

void Multilevel::write(io::ResultFile& file) const {
  namespace at = layout::multilevel;
  const std::string time(layout::time);
  file.coordinate(layout::time, {{}, time_units_, "time of the results", std::span(&time_.end, 1)});
  std::vector<std::string> names;
  for (const Name& n : names_) {
    if (n.is_component) names.push_back(n.name);
  }
  file.coordinate(layout::component,
                  {{}, "1", "component of the state", std::span<const std::string>(names)});

  // Rank 0 has the records; the others take part with the shapes alone.
  std::vector<double> means(names_.size());
  std::vector<double> errors(names_.size());
  for (std::size_t k = 0; k < names_.size(); ++k) {
    const auto channel = static_cast<std::int64_t>(k);
    double squares = 0;
    for (const Level& l : levels_) {
      if (l.record.empty()) continue;
      const double n = l.record[stats::MomentLayout::count()];
      means[k] += l.record[static_cast<std::size_t>(stats::MomentLayout::mean(channel))];
      squares += l.record[static_cast<std::size_t>(layout_.central(2, channel))] / (n - 1) / n;
    }
    errors[k] = std::sqrt(squares);
  }
  if (writes_components_) {
    std::string units = names_.front().units;
    for (std::size_t k = 1; k < names.size(); ++k) {
      if (names_[k].units != units) units = "units of the component";
    }
    const std::vector<std::string> shape = {time, std::string(layout::component)};
    file.write(layout::moments::mean,
               {shape, units, "mean, by levels", std::span(means).first(names.size())});
    file.write(layout::moments::standard_error,
               {shape, units, "standard error of the mean", std::span(errors).first(names.size())});
  }
  for (std::size_t k = names.size(); k < names_.size(); ++k) {
    const layout::Formula f = layout::formulas(names_[k].name);
    file.write(f.mean, {{time},
                        names_[k].units,
                        "mean of the " + names_[k].what + ", by levels",
                        std::span(&means[k], 1)});
    file.write(f.standard_error, {{time},
                                  names_[k].units,
                                  "standard error of the mean of the " + names_[k].what,
                                  std::span(&errors[k], 1)});
  }

  std::vector<std::int64_t> level, fine_steps, cost, samples;
  std::vector<double> mean, variance;
  for (int l = 0; l < levels(); ++l) {
    const Level& of = levels_[static_cast<std::size_t>(l)];
    level.push_back(l);
    fine_steps.push_back(steps(l));
    cost.push_back(cost_of_sample(l));
    samples.push_back(of.samples);
    mean.push_back(of.estimate.mean);
    variance.push_back(of.estimate.variance);
  }
  const std::string& units = names_[leading_].units;
  const std::vector<std::string> shape = {std::string(at::level)};
  const auto put = [&](std::string_view name, const std::string& unit, const char* what,
                       const auto& values,
                       std::vector<std::pair<std::string, io::Attribute>> more) {
    using T = std::remove_cvref_t<decltype(values.front())>;
    file.write(name, {shape, unit, what, std::span<const T>(values), std::move(more)});
  };
  file.coordinate(at::level, {{}, "1", "level", std::span<const std::int64_t>(level)});
  put(at::steps, "1", "steps of the finer paths", fine_steps, {});
  put(at::mean, units, "what the level adds to the mean", mean,
      {{std::string(at::quantity), quantity()}});
  put(at::variance, units == "1" ? units : "(" + units + ")^2", "variance of a sample", variance,
      {});
  put(at::cost, "1", "steps of a sample, fine and coarse", cost, {});
  put(at::samples, "1", "samples", samples, {});
  file.write(at::bias, {{},
                        units,
                        "what levels beyond the last would add, by the decay of those there are",
                        std::span(&bias_, 1)});
}

}  // namespace driftwood::sde
