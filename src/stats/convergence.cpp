// SPDX-License-Identifier: BSD-3-Clause
#include "stats/convergence.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <span>

#include "stats/autocovariance.hpp"
#include "stats/beta_quantile.hpp"
#include "stats/rank_normal.hpp"

namespace driftwood::stats {
namespace {

constexpr double nan = std::numeric_limits<double>::quiet_NaN();

/// The smaller one; NaN if either is.
double smaller(double a, double b) { return a < b || std::isnan(a) ? a : b; }

bool diagnosable(const ChainDraws& x) {
  check_shape(x);
  return x.draws >= 4 && finite_and_varied(x);
}

void check_probability(double p) {
  if (!(p >= 0 && p <= 1)) throw Error("a probability is not in [0, 1]");
}

double sum_of_squares(std::span<const double> values, double mean) {
  double sum = 0;
  for (const double v : values) sum += (v - mean) * (v - mean);
  return sum;
}

/// The unbiased variance; 0 for fewer than two values.
double variance(std::span<const double> values) {
  if (values.size() < 2) return 0;
  return sum_of_squares(values, chain_mean(values)) / static_cast<double>(values.size() - 1);
}

std::vector<double> chain_means(const ChainDraws& x) {
  std::vector<double> means;
  for (std::int64_t c = 0; c < x.chains; ++c) means.push_back(chain_mean(x.chain(c)));
  return means;
}

/// R-hat of whole chains.
double rhat(const ChainDraws& x) {
  if (x.draws < 2 || !finite_and_varied(x)) return nan;
  double within = 0;
  for (std::int64_t c = 0; c < x.chains; ++c) within += variance(x.chain(c));
  within /= static_cast<double>(x.chains);
  const auto n = static_cast<double>(x.draws);
  return std::sqrt((n - 1) / n + variance(chain_means(x)) / within);
}

/// Autocorrelations of all chains together, from those of each and from what is between their
/// means.
class Autocorrelations {
 public:
  Autocorrelations(const ChainDraws& x, Autocovariance& autocovariance)
      : covariance_(autocovariance.mean(x)) {
    const auto n = static_cast<double>(x.draws);
    within_ = covariance_[0] * n / (n - 1);
    total_ = covariance_[0] + variance(chain_means(x));
  }

  [[nodiscard]] double operator()(std::size_t lag) const {
    return lag == 0 ? 1 : 1 - (within_ - covariance_[lag]) / total_;
  }
  [[nodiscard]] double pair(std::size_t lag) const { return (*this)(lag) + (*this)(lag + 1); }

 private:
  std::vector<double> covariance_;
  double within_;
  double total_;
};

/// -1 + 2 (sum of autocorrelations), by Geyer's initial monotone sequence. The even lag of the pair
/// at which the sequence ends still counts once where it or the pair is positive: that lowers the
/// variance of antithetic chains.
double integrated_time(const Autocorrelations& rho, std::size_t draws) {
  if (draws < 6) return 2;
  double pair = rho.pair(0);
  double smallest = pair;
  double sum = pair;
  std::size_t lag = 0;
  while (lag + 5 < draws && pair > 0) {
    lag += 2;
    pair = rho.pair(lag);
    if (lag + 5 < draws && pair > 0) {
      smallest = std::min(smallest, pair);
      sum += smallest;
    }
  }
  const bool counts = lag > 0 && (pair >= 0 || rho(lag) > 0);
  return -1 + 2 * sum + (counts ? rho(lag) : 0);
}

/// The effective sample size of whole chains.
double ess(const ChainDraws& x, Autocovariance& autocovariance) {
  if (x.draws < 3 || !finite_and_varied(x)) return nan;
  const Autocorrelations rho(x, autocovariance);
  const auto total = static_cast<double>(x.values.size());
  const double time = integrated_time(rho, static_cast<std::size_t>(x.draws));
  return total / std::max(time, 1 / std::log10(total));
}

/// Draws that are sorted once and transformed in half chains, for everything that is said of them.
class Diagnosis {
 public:
  /// Of diagnosable draws, which may have been sorted already.
  explicit Diagnosis(const ChainDraws& x, std::vector<Placed> sorted = {})
      : x_(x), autocovariance_(x.draws / 2), sorted_(std::move(sorted)) {}

  [[nodiscard]] double mean() const { return chain_mean(x_.values); }
  [[nodiscard]] double sd() const { return std::sqrt(variance(x_.values)); }
  [[nodiscard]] const std::vector<Placed>& sorted() {
    if (sorted_.empty()) sorted_ = sort_with_places(x_.values);
    return sorted_;
  }

  [[nodiscard]] RankRhat rank_rhat() {
    return {rhat(view(bulk_scores())),
            rhat(view(scores_of_halves(folded(sorted(), median(sorted())))))};
  }
  [[nodiscard]] double ess_mean() { return ess(HalfChains(x_).view(), autocovariance_); }
  [[nodiscard]] double ess_bulk() { return ess(view(bulk_scores()), autocovariance_); }
  [[nodiscard]] double ess_quantile(double p) {
    const double quantile = interpolated_quantile(sorted(), p);
    return ess_of([quantile](double v) { return v <= quantile ? 1.0 : 0.0; });
  }
  [[nodiscard]] double ess_tail() { return smaller(ess_quantile(0.05), ess_quantile(0.95)); }
  [[nodiscard]] double ess_sd() {
    return ess_of([m = mean()](double v) { return (v - m) * (v - m); });
  }
  [[nodiscard]] double mcse_mean() { return sd() / std::sqrt(ess_mean()); }

 private:
  /// Of a function of each draw.
  template <class Function>
  [[nodiscard]] double ess_of(const Function& function) {
    std::vector<double> values(x_.values.size());
    std::transform(x_.values.begin(), x_.values.end(), values.begin(), function);
    return ess(HalfChains({values, x_.chains, x_.draws}).view(), autocovariance_);
  }

  [[nodiscard]] ChainDraws view(std::span<const double> halves) const {
    return {halves, 2 * x_.chains, x_.draws / 2};
  }

  /// Normal scores among the draws that are in half chains.
  [[nodiscard]] std::vector<double> scores_of_halves(std::vector<Placed> sorted) const {
    std::size_t kept = 0;
    for (const Placed& item : sorted) {
      const std::int64_t place = place_in_halves(item.place, x_.draws);
      if (place >= 0) sorted[kept++] = {item.value, place};
    }
    sorted.resize(kept);
    return normal_scores(sorted);
  }

  const std::vector<double>& bulk_scores() {
    if (bulk_scores_.empty()) bulk_scores_ = scores_of_halves(sorted());
    return bulk_scores_;
  }

  ChainDraws x_;
  Autocovariance autocovariance_;
  std::vector<Placed> sorted_;
  std::vector<double> bulk_scores_;
};

/// What `get` finds out about draws, or NaN.
template <class Get>
double diagnose(const ChainDraws& x, const Get& get) {
  if (!diagnosable(x)) return nan;
  Diagnosis diagnosis(x);
  return get(diagnosis);
}

}  // namespace

double split_rhat(const ChainDraws& x) { return diagnosable(x) ? rhat(HalfChains(x).view()) : nan; }

RankRhat rank_rhat(const ChainDraws& x) {
  if (!diagnosable(x)) return {nan, nan};
  return Diagnosis(x).rank_rhat();
}

double nested_rhat(const ChainDraws& x, std::int64_t superchains) {
  check_shape(x);
  if (superchains < 1 || x.chains % superchains != 0) {
    throw Error("chains cannot be divided evenly into superchains");
  }
  if (superchains < 2 || !finite_and_varied(x)) return nan;
  const std::int64_t group = x.chains / superchains;
  const auto means = chain_means(x);
  std::vector<double> group_means;
  double within = 0;
  for (std::int64_t k = 0; k < superchains; ++k) {
    const auto of_group = std::span(means).subspan(static_cast<std::size_t>(k * group),
                                                   static_cast<std::size_t>(group));
    group_means.push_back(chain_mean(of_group));
    double within_chains = 0;
    for (std::int64_t c = k * group; c < (k + 1) * group; ++c)
      within_chains += variance(x.chain(c));
    within += variance(of_group) + within_chains / static_cast<double>(group);
  }
  within /= static_cast<double>(superchains);
  return std::sqrt(1 + variance(group_means) / within);
}

double ess_mean(const ChainDraws& x) {
  return diagnose(x, [](Diagnosis& d) { return d.ess_mean(); });
}

double ess_bulk(const ChainDraws& x) {
  return diagnose(x, [](Diagnosis& d) { return d.ess_bulk(); });
}

double ess_quantile(const ChainDraws& x, double p) {
  check_probability(p);
  return diagnose(x, [p](Diagnosis& d) { return d.ess_quantile(p); });
}

double ess_tail(const ChainDraws& x) {
  return diagnose(x, [](Diagnosis& d) { return d.ess_tail(); });
}

double ess_sd(const ChainDraws& x) {
  return diagnose(x, [](Diagnosis& d) { return d.ess_sd(); });
}

double autocorrelation_time(const ChainDraws& x) {
  const double effective = ess_mean(x);
  const auto halves = 2 * x.chains * (x.draws / 2);
  return static_cast<double>(halves) / effective;
}

double mcse_mean(const ChainDraws& x) {
  return diagnose(x, [](Diagnosis& d) { return d.mcse_mean(); });
}

double mcse_sd(const ChainDraws& x) {
  return diagnose(x, [&x](Diagnosis& d) {
    const double mean = d.mean();
    double m2 = 0;
    double m4 = 0;
    for (const double v : x.values) {
      const double square = (v - mean) * (v - mean);
      m2 += square;
      m4 += square * square;
    }
    m2 /= static_cast<double>(x.values.size());
    m4 /= static_cast<double>(x.values.size());
    return std::sqrt(std::max(m4 - m2 * m2, 0.0) / (4 * m2 * d.ess_sd()));
  });
}

double mcse_quantile(const ChainDraws& x, double p) {
  check_probability(p);
  return diagnose(x, [p](Diagnosis& d) {
    const double effective = d.ess_quantile(p);
    if (std::isnan(effective)) return nan;
    const auto& sorted = d.sorted();
    const auto n = static_cast<double>(sorted.size());
    const auto order_statistic = [&](double position) {
      return sorted[static_cast<std::size_t>(std::clamp(position, 1.0, n)) - 1].value;
    };
    constexpr double below = 0.15865525393145705;  // Phi(-1)
    const double a = effective * p + 1;
    const double b = effective * (1 - p) + 1;
    return (order_statistic(std::ceil(beta_quantile(1 - below, a, b) * n)) -
            order_statistic(std::floor(beta_quantile(below, a, b) * n))) /
           2;
  });
}

std::vector<double> e_bfmi(const ChainDraws& energies) {
  check_shape(energies);
  std::vector<double> result;
  for (std::int64_t c = 0; c < energies.chains; ++c) {
    const auto e = energies.chain(c);
    if (!diagnosable({e, 1, energies.draws})) {
      result.push_back(nan);
      continue;
    }
    double moves = 0;
    for (std::size_t i = 1; i < e.size(); ++i) moves += (e[i] - e[i - 1]) * (e[i] - e[i - 1]);
    result.push_back(moves / sum_of_squares(e, chain_mean(e)));
  }
  return result;
}

ChainSummary summarise(const ChainDraws& x) {
  ChainSummary result{nan, nan, nan, nan, nan, nan, nan, nan, nan};
  check_shape(x);
  if (!std::all_of(x.values.begin(), x.values.end(), [](double v) { return std::isfinite(v); })) {
    return result;
  }
  result.mean = chain_mean(x.values);
  if (x.values.size() > 1) result.sd = std::sqrt(variance(x.values));
  if (x.values.empty()) return result;
  std::vector<Placed> sorted = sort_with_places(x.values);
  result.q5 = interpolated_quantile(sorted, 0.05);
  result.median = interpolated_quantile(sorted, 0.5);
  result.q95 = interpolated_quantile(sorted, 0.95);
  if (!diagnosable(x)) return result;
  Diagnosis diagnosis(x, std::move(sorted));
  result.mcse = result.sd / std::sqrt(diagnosis.ess_mean());
  result.rhat = diagnosis.rank_rhat().value();
  result.ess_bulk = diagnosis.ess_bulk();
  result.ess_tail = diagnosis.ess_tail();
  return result;
}

}  // namespace driftwood::stats
