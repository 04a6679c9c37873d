// SPDX-License-Identifier: BSD-3-Clause
#include "mcmc/ladder.hpp"

#include <algorithm>
#include <cstddef>

namespace driftwood::mcmc {

std::vector<double> first_ladder(int rungs) {
  std::vector<double> out;
  for (int k = 0; k < rungs; ++k) {
    const double left = static_cast<double>(rungs - 1 - k) / static_cast<double>(rungs - 1);
    out.push_back(left * left * left);
  }
  return out;
}

std::vector<double> equalised(const std::vector<double>& beta,
                              const std::vector<double>& rejection) {
  // No two rungs fall together where nothing was refused.
  constexpr double least = 1e-3;
  const std::size_t pairs = rejection.size();
  std::vector<double> sum(pairs + 1);
  for (std::size_t k = 0; k < pairs; ++k) sum[k + 1] = sum[k] + std::max(rejection[k], least);
  std::vector<double> out = beta;
  std::size_t k = 0;
  for (std::size_t n = 1; n < pairs; ++n) {
    const double wanted = sum[pairs] * static_cast<double>(n) / static_cast<double>(pairs);
    while (k + 1 < pairs && sum[k + 1] < wanted) ++k;
    const double part = (wanted - sum[k]) / (sum[k + 1] - sum[k]);
    out[n] = beta[k] + part * (beta[k + 1] - beta[k]);
  }
  return out;
}

std::vector<double> carried_over(const std::vector<double>& beta, const std::vector<double>& values,
                                 const std::vector<double>& other_beta) {
  std::vector<double> out;
  for (const double b : other_beta) {
    std::size_t k = 0;
    while (k + 2 < beta.size() && beta[k + 1] > b) ++k;
    const double part = (b - beta[k]) / (beta[k + 1] - beta[k]);
    out.push_back(values[k] + part * (values[k + 1] - values[k]));
  }
  return out;
}

std::vector<std::int64_t> ladder_windows(std::int64_t rounds) {
  std::vector<std::int64_t> out;
  for (std::int64_t end = rounds * 4 / 5; end >= 4; end /= 2) out.insert(out.begin(), end);
  return out;
}

double integral_over_ladder(const std::vector<double>& beta, const std::vector<double>& values) {
  double sum = 0;
  for (std::size_t k = 0; k + 1 < beta.size(); ++k) {
    sum += 0.5 * (beta[k] - beta[k + 1]) * (values[k] + values[k + 1]);
  }
  return sum;
}

}  // namespace driftwood::mcmc
