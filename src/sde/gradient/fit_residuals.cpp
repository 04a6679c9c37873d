// SPDX-License-Identifier: BSD-3-Clause
#include "sde/gradient/fit_residuals.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

#include "base/error.hpp"
#include "comm/gather.hpp"
#include "stats/bytes.hpp"

namespace driftwood::sde {
namespace {

constexpr std::int64_t most_fan_times = 512;

/// By linear interpolation between order statistics.
double quantile_of(const std::vector<double>& sorted, double p) {
  const double at = p * static_cast<double>(sorted.size() - 1);
  const auto below = static_cast<std::size_t>(at);
  const std::size_t above = std::min(below + 1, sorted.size() - 1);
  return sorted[below] + (at - static_cast<double>(below)) * (sorted[above] - sorted[below]);
}

}  // namespace

FitResiduals::FitResiduals(std::unique_ptr<GradientSolver> solver, const Series& series,
                           std::int64_t draws, std::uint64_t first_path, std::int64_t most_blocks)
    : solver_(std::move(solver)),
      series_(&series),
      draws_(draws),
      first_path_(first_path),
      sums_(static_cast<std::size_t>(most_blocks * stats::block_paths) * series.components) {
  if (solver_->group() != 1) throw Error("residuals are of single paths");
}

std::int64_t FitResiduals::blocks() const {
  return (terms() + stats::block_paths - 1) / stats::block_paths;
}

void FitResiduals::measure(const comm::Share& blocks) {
  const std::int64_t first = blocks.first * stats::block_paths;
  const std::int64_t count = std::min(blocks.last * stats::block_paths, terms()) - first;
  std::fill(sums_.begin(), sums_.end(), Sums{});
  const std::int64_t padded = this->blocks() * stats::block_paths;
  for (std::int64_t k = 0; k < draws_; ++k) {
    solver_->run({first_path_ + static_cast<std::uint64_t>(k * padded + first), count});
    add_samples(first, count);
  }
  const std::size_t components = series_->components;
  for (std::int64_t i = 0; i < count; ++i) {
    const double* const next = next_of(first + i);
    std::vector<Entry>& block = blocks_[(first + i) / stats::block_paths];
    for (std::size_t c = 0; c < components; ++c) {
      const Sums& of = sums_[static_cast<std::size_t>(i) * components + c];
      const double away = of.sum / of.count;
      const double sd = std::sqrt((of.square - of.count * away * away) / (of.count - 1));
      block.push_back({next[c] + away, sd, -away / sd, of.below / of.count});
    }
  }
}

const double* FitResiduals::next_of(std::int64_t transition) const {
  return series_->row(series_->starts[static_cast<std::size_t>(transition)] + 1);
}

void FitResiduals::add_samples(std::int64_t first, std::int64_t count) {
  const auto rows = Kokkos::create_mirror_view_and_copy(Kokkos::HostSpace(), solver_->samples());
  const auto weights = rows.extent(0) - 1;
  const std::size_t components = series_->components;
  for (std::int64_t i = 0; i < count; ++i) {
    if (!(rows(weights, i) > 0)) continue;
    const double* const next = next_of(first + i);
    for (std::size_t c = 0; c < components; ++c) {
      Sums& to = sums_[static_cast<std::size_t>(i) * components + c];
      const double away = rows(c, i) - next[c];
      to.sum += away;
      to.square += away * away;
      to.below += away < 0 ? 1 : (away == 0 ? 0.5 : 0);
      to.count += 1;
    }
  }
}

comm::Bytes FitResiduals::saved() const {
  stats::ByteWriter out;
  for (const auto& [block, entries] : blocks_) {
    out.put(block);
    out.put_vector(entries);
  }
  return out.take();
}

void FitResiduals::absorb(std::span<const std::byte> saved) {
  stats::ByteReader in(saved);
  while (!in.at_end()) {
    const auto block = in.get<std::int64_t>();
    blocks_[block] = in.get_vector<Entry>();
  }
}

std::vector<comm::Share> FitResiduals::finished() const {
  std::vector<comm::Share> out;
  for (const auto& [block, entries] : blocks_) {
    if (!out.empty() && out.back().last == block) {
      ++out.back().last;
    } else {
      out.push_back({block, block + 1});
    }
  }
  return out;
}

void FitResiduals::merge(const comm::Communicator& comm) {
  const comm::Bytes all = comm::gathered(comm, saved());
  blocks_.clear();
  absorb(all);
  for (const auto& [block, entries] : blocks_) {
    entries_.insert(entries_.end(), entries.begin(), entries.end());
  }
}

std::vector<FitResiduals::Tests> FitResiduals::tests() const {
  std::vector<Tests> out;
  for (std::size_t c = 0; c < series_->components; ++c) {
    std::vector<double> values;
    std::vector<double> squares;
    std::vector<double> beaten;
    for (std::size_t i = c; i < entries_.size(); i += series_->components) {
      values.push_back(entries_[i].value);
      squares.push_back(entries_[i].value * entries_[i].value);
      beaten.push_back(entries_[i].beaten);
    }
    out.push_back({stats::ljung_box(values, lags), stats::ljung_box(squares, lags),
                   stats::jarque_bera(values), stats::kolmogorov_smirnov(beaten)});
  }
  return out;
}

FanTimes fan_times(const Series& series, const FanOptions& options) {
  const auto last = static_cast<std::int64_t>(series.rows()) - 1;
  const auto is_late = [&](std::size_t row) {
    return static_cast<std::int64_t>(row) > last - options.observations;
  };
  // The last whole observation that so many follow, or else the first one.
  auto from = std::find_if(series.starts.begin(), series.starts.end(), is_late);
  if (from != series.starts.begin()) --from;
  FanTimes out;
  out.first = *from;
  const std::int64_t count =
      std::min(options.observations, last - static_cast<std::int64_t>(out.first));
  const std::int64_t stride = (count + most_fan_times - 1) / most_fan_times;
  for (std::int64_t k = count; k > 0; k -= stride) out.after.push_back(k);
  std::reverse(out.after.begin(), out.after.end());
  return out;
}

FitFan simulate_fan(GradientSolver& solver, const FanTimes& times, const FanOptions& options,
                    std::size_t components, std::uint64_t first_path) {
  FitFan out;
  out.first = static_cast<std::int64_t>(times.first);
  for (const std::int64_t k : times.after) out.rows.push_back(out.first + k);
  const std::size_t count = times.after.size();
  const std::size_t quantiles = options.quantiles.size();
  out.value.resize(count * quantiles * components);
  std::vector<std::vector<double>> paths(count * components);
  for (std::int64_t first = 0; first < options.paths; first += stats::block_paths) {
    const std::int64_t now = std::min(stats::block_paths, options.paths - first);
    solver.run({first_path + static_cast<std::uint64_t>(first), now});
    const auto rows = Kokkos::create_mirror_view_and_copy(Kokkos::HostSpace(), solver.samples());
    const auto weights = rows.extent(0) - 1;
    for (std::size_t r = 0; r < paths.size(); ++r) {
      for (std::int64_t p = 0; p < now; ++p) {
        if (rows(weights, p) > 0) paths[r].push_back(rows(r, p));
      }
    }
  }
  for (std::size_t c = 0; c < components; ++c) {
    for (std::size_t t = 0; t < count; ++t) {
      std::vector<double>& at = paths[c * count + t];
      std::sort(at.begin(), at.end());
      for (std::size_t q = 0; q < quantiles; ++q) {
        out.value[(t * quantiles + q) * components + c] =
            at.empty() ? std::nan("") : quantile_of(at, options.quantiles[q]);
      }
    }
  }
  return out;
}

}  // namespace driftwood::sde
