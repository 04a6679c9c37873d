// SPDX-License-Identifier: BSD-3-Clause
#include "mcmc/superchains.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace driftwood::mcmc {
namespace {

void add(std::span<double> to, std::span<const double> from) {
  for (std::size_t i = 0; i < to.size(); ++i) to[i] += from[i];
}

/// The unbiased variance of n numbers with these sums; 0 for fewer than two.
double variance(double n, double sum, double squares) {
  return n > 1 ? std::max(squares - sum * (sum / n), 0.0) / (n - 1) : 0.0;
}

}  // namespace

Superchains::Superchains(std::int64_t each, std::size_t parameters)
    : each_(each), parameters_(parameters) {}

bool Superchains::is_boundary(double chain) const {
  return static_cast<std::int64_t>(chain) % each_ == 0;
}

void Superchains::close(std::span<double> group, std::span<double> into) const {
  const double n = group[0];
  if (n > 0) {
    into[0] += 1;
    for (std::size_t i = 0; i < parameters_; ++i) {
      const double* const of = &group[1 + 3 * i];
      double* const to = &into[1 + 3 * i];
      const double mean = of[0] / n;
      to[0] += mean;
      to[1] += mean * mean;
      to[2] += variance(n, of[0], of[1]) + of[2] / n;
    }
  }
  std::fill(group.begin(), group.end(), 0.0);
}

std::vector<double> Superchains::record(std::int64_t first,
                                        std::span<const std::vector<double>> chains,
                                        std::int64_t draws) const {
  std::vector<double> out(record_size());
  out[0] = out[1] = static_cast<double>(first);
  const auto n = static_cast<double>(draws);
  std::vector<double> single(record_size());
  for (const std::vector<double>& sums : chains) {
    std::fill(single.begin(), single.end(), 0.0);
    single[0] = out[1];
    single[1] = out[1] + 1;
    const bool begins = is_boundary(single[0]);
    const auto group = part(std::span(single), begins ? ending : begun);
    if (!sums.empty()) {
      group[0] = 1;
      for (std::size_t i = 0; i < parameters_; ++i) {
        const double mean = sums[i] / n;
        group[1 + 3 * i] = mean;
        group[2 + 3 * i] = mean * mean;
        group[3 + 3 * i] = variance(n, sums[i], sums[parameters_ + i]);
      }
    }
    if (begins && each_ == 1) close(group, part(std::span(single), whole));
    (*this)(out, single);
  }
  return out;
}

void Superchains::operator()(std::span<double> left, std::span<const double> right) const {
  // The superchain that lies across began before `left`, or in it.
  const double left_begins =
      std::ceil(left[0] / static_cast<double>(each_)) * static_cast<double>(each_);
  const Part across = left_begins < left[1] ? ending : begun;
  const bool is_open = !is_boundary(left[1]);
  if (is_open) add(part(left, across), part(right, begun));
  const double next =
      (std::floor(left[1] / static_cast<double>(each_)) + 1) * static_cast<double>(each_);
  if (is_open && across == ending && right[1] >= next) {
    close(part(left, ending), part(left, whole));
  }
  add(part(left, whole), part(right, whole));
  // What right leaves open is right's own, if it began there.
  add(part(left, ending), part(right, ending));
  left[1] = right[1];
}

std::vector<double> Superchains::rhat(std::span<const double> record) const {
  const auto all = part(record, whole);
  const double n = all[0];
  std::vector<double> out(parameters_, std::numeric_limits<double>::quiet_NaN());
  if (n < 2) return out;
  for (std::size_t i = 0; i < parameters_; ++i) {
    const double between = variance(n, all[1 + 3 * i], all[2 + 3 * i]);
    const double within = all[3 + 3 * i] / n;
    if (between > 0 || within > 0) out[i] = std::sqrt(1 + between / within);
  }
  return out;
}

std::vector<double> Superchains::standard_errors(std::span<const double> record) const {
  const auto all = part(record, whole);
  const double n = all[0];
  std::vector<double> out(parameters_, std::numeric_limits<double>::quiet_NaN());
  if (n < 2) return out;
  for (std::size_t i = 0; i < parameters_; ++i) {
    out[i] = std::sqrt(variance(n, all[1 + 3 * i], all[2 + 3 * i]) / n);
  }
  return out;
}

}  // namespace driftwood::mcmc
