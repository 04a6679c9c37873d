// SPDX-License-Identifier: BSD-3-Clause
#include "sde/gradient/fit_moments.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

#include "base/error.hpp"
#include "comm/gather.hpp"

namespace driftwood::sde {
namespace {

std::int64_t blocks_of(std::int64_t terms) {
  return (terms + stats::block_paths - 1) / stats::block_paths;
}

/// Where the numbers of a block's record lie: terms | paths not finite | gaps (M) | products of
/// gaps (M, M) | derivatives of simulated means (M, P).
struct RecordLayout {
  std::size_t moments;
  std::size_t derivatives;

  static constexpr std::size_t terms = 0;
  static constexpr std::size_t nonfinite = 1;
  [[nodiscard]] std::size_t gap(std::size_t m) const { return 2 + m; }
  [[nodiscard]] std::size_t product(std::size_t a, std::size_t b) const {
    return 2 + moments + a * moments + b;
  }
  [[nodiscard]] std::size_t derivative(std::size_t m, std::size_t p) const {
    return 2 + moments + moments * moments + m * derivatives + p;
  }
  [[nodiscard]] std::size_t size() const { return derivative(moments, 0); }
};

}  // namespace

std::int64_t MomentPlan::padded_terms() const { return blocks_of(terms) * stats::block_paths; }

SimulatedMoments::SimulatedMoments(std::unique_ptr<GradientSolver> solver, MomentPlan plan,
                                   std::int64_t most_blocks)
    : solver_(std::move(solver)),
      plan_(std::move(plan)),
      derivatives_(static_cast<std::int64_t>(solver_->derivatives().size())),
      first_derivative_row_(solver_->rows() - plan_.moments() * derivatives_),
      block_samples_(stats::block_paths / solver_->group()),
      tree_(record_size()) {
  const bool fits = first_derivative_row_ > 0 &&
                    std::all_of(plan_.row.begin(), plan_.row.end(), [&](std::int64_t row) {
                      return row >= 0 && row < first_derivative_row_;
                    });
  if (!fits) throw Error("samples of a solver are not the moments of a fit");
  if (plan_.draws > 1 && solver_->group() > 1) {
    throw Error("a series is fitted path by path", "samples of this model are groups of paths");
  }
  const auto moments = static_cast<std::size_t>(plan_.moments());
  const auto samples = static_cast<std::size_t>(most_blocks * block_samples_);
  sums_.resize(moments * samples);
  counts_.resize(samples);
  jacobians_.resize(static_cast<std::size_t>(most_blocks) * moments *
                    static_cast<std::size_t>(derivatives_));
}

std::size_t SimulatedMoments::record_size() const {
  return RecordLayout{static_cast<std::size_t>(plan_.moments()),
                      static_cast<std::size_t>(derivatives_)}
      .size();
}

std::int64_t SimulatedMoments::blocks() const { return blocks_of(plan_.terms); }

double MomentPlan::data_mean(std::int64_t moment) const {
  if (is_given()) return data_of(moment, 0);
  double sum = 0;
  for (std::int64_t i = 0; i < terms; ++i) sum += data_of(moment, i);
  return sum / static_cast<double>(terms);
}

void SimulatedMoments::measure(const comm::Share& blocks) {
  if (static_cast<std::size_t>(blocks.count() * block_samples_) > counts_.size()) {
    throw Error("more blocks of a fit than there is room for");
  }
  std::fill(sums_.begin(), sums_.end(), 0.0);
  std::fill(counts_.begin(), counts_.end(), 0.0);
  std::fill(jacobians_.begin(), jacobians_.end(), 0.0);
  for (std::int64_t k = 0; k < plan_.draws; ++k) run(blocks, k);
  for (std::int64_t b = 0; b < blocks.count(); ++b) {
    tree_.push(blocks.first + b, record_of(blocks.first + b, b));
  }
}

void SimulatedMoments::run(const comm::Share& blocks, std::int64_t draw) {
  const std::int64_t first = blocks.first * stats::block_paths;
  const std::int64_t count = std::min(blocks.last * stats::block_paths, plan_.terms) - first;
  solver_->run({static_cast<std::uint64_t>(draw * plan_.padded_terms() + first), count});
  add_samples(blocks, (count + solver_->group() - 1) / solver_->group());
}

void SimulatedMoments::add_samples(const comm::Share& blocks, std::int64_t samples) {
  const auto rows = Kokkos::create_mirror_view_and_copy(Kokkos::HostSpace(), solver_->samples());
  const auto weights = static_cast<std::int64_t>(rows.extent(0)) - 1;
  const auto row_of = [&](std::int64_t row) { return &rows(row, 0); };
  const double* const weight = row_of(weights);
  for (std::int64_t c = 0; c < samples; ++c) {
    counts_[static_cast<std::size_t>(c)] += weight[c] > 0 ? 1 : 0;
  }
  const auto stride = static_cast<std::int64_t>(counts_.size());
  for (std::int64_t m = 0; m < plan_.moments(); ++m) {
    const double* const value = row_of(plan_.row[static_cast<std::size_t>(m)]);
    double* const sum = &sums_[static_cast<std::size_t>(m * stride)];
    for (std::int64_t c = 0; c < samples; ++c) sum[c] += weight[c] > 0 ? value[c] : 0;
  }
  const std::int64_t width = plan_.moments() * derivatives_;
  for (std::int64_t b = 0; b < blocks.count(); ++b) {
    const std::int64_t first = b * block_samples_;
    const std::int64_t last = std::min(first + block_samples_, samples);
    for (std::int64_t j = 0; j < width; ++j) {
      const double* const value = row_of(first_derivative_row_ + j);
      double sum = 0;
      for (std::int64_t c = first; c < last; ++c) sum += weight[c] > 0 ? value[c] : 0;
      jacobians_[static_cast<std::size_t>(b * width + j)] += sum;
    }
  }
}

std::vector<double> SimulatedMoments::record_of(std::int64_t block, std::int64_t place) const {
  const auto moments = static_cast<std::size_t>(plan_.moments());
  const auto derivatives = static_cast<std::size_t>(derivatives_);
  const RecordLayout at{moments, derivatives};
  std::vector<double> out(at.size());
  std::vector<double> gaps(moments);
  const std::int64_t first_term = block * stats::block_paths;
  const std::int64_t samples = std::min(
      (plan_.terms - first_term + solver_->group() - 1) / solver_->group(), block_samples_);
  double finite = 0;
  for (std::int64_t c = 0; c < samples; ++c) {
    const auto column = static_cast<std::size_t>(place * block_samples_ + c);
    finite += counts_[column];
    if (counts_[column] == 0) continue;
    out[RecordLayout::terms] += 1;
    for (std::size_t m = 0; m < moments; ++m) {
      const double mean = sums_[m * counts_.size() + column] / counts_[column];
      gaps[m] = plan_.data_of(static_cast<std::int64_t>(m), first_term + c) - mean;
    }
    for (std::size_t a = 0; a < moments; ++a) {
      out[at.gap(a)] += gaps[a];
      for (std::size_t b = 0; b < moments; ++b) out[at.product(a, b)] += gaps[a] * gaps[b];
    }
  }
  out[RecordLayout::nonfinite] = static_cast<double>(samples * plan_.draws) - finite;
  const std::size_t width = moments * derivatives;
  for (std::size_t j = 0; j < width; ++j) {
    // Of the mean over the draws of a term, summed over terms, as if all draws were finite: gaps
    // are refused where some are not.
    out[at.derivative(0, 0) + j] =
        jacobians_[static_cast<std::size_t>(place) * width + j] / static_cast<double>(plan_.draws);
  }
  return out;
}

MomentGaps SimulatedMoments::merged(const comm::Communicator& comm) const {
  std::vector<double> root = tree_.collected(comm).root();
  comm::broadcast(comm, root);
  const auto moments = static_cast<std::size_t>(plan_.moments());
  const auto derivatives = static_cast<std::size_t>(derivatives_);
  const RecordLayout at{moments, derivatives};
  MomentGaps out;
  const double n = root[RecordLayout::terms];
  out.terms = n;
  out.nonfinite = static_cast<std::int64_t>(root[RecordLayout::nonfinite]);
  for (std::size_t a = 0; a < moments; ++a) {
    out.gap.push_back(root[at.gap(a)] / n);
    out.model.push_back(plan_.data_mean(static_cast<std::int64_t>(a)) - out.gap[a]);
  }
  for (std::size_t a = 0; a < moments; ++a) {
    for (std::size_t b = 0; b < moments; ++b) {
      const double centred = root[at.product(a, b)] / n - out.gap[a] * out.gap[b];
      double covariance = centred / (n - 1);
      if (a == b && plan_.is_given()) {
        covariance += plan_.data_errors[a] * plan_.data_errors[a];
      }
      out.covariance.push_back(covariance);
    }
  }
  for (std::size_t m = 0; m < moments; ++m) {
    for (std::size_t p = 0; p < derivatives; ++p) {
      out.jacobian.push_back(-root[at.derivative(m, p)] / n);
    }
  }
  return out;
}

}  // namespace driftwood::sde
