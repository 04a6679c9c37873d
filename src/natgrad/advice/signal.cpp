// SPDX-License-Identifier: BSD-3-Clause
#include "natgrad/advice/signal.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <utility>

#include "base/error.hpp"
#include "natgrad/ensemble/draw.hpp"

namespace driftwood::natgrad {
namespace {

constexpr int alignments = 41;
constexpr double least_alignment = -2;
constexpr double alignment_step = 0.1;
constexpr int ratios = 71;
constexpr double least_ratio = 1e-4;

/// Of a distribution on a line, by sorted values and their weights.
double quantile(const std::vector<std::pair<double, double>>& sorted, double share) {
  double sum = 0;
  for (const auto& [value, weight] : sorted) {
    sum += weight;
    if (sum >= share) return value;
  }
  return sorted.back().first;
}

Estimated estimated(std::vector<std::pair<double, double>> values) {
  std::sort(values.begin(), values.end());
  return {quantile(values, 0.5), quantile(values, 0.025), quantile(values, 0.975)};
}

std::size_t place_of(double alignment) {
  return static_cast<std::size_t>(std::lround((alignment - least_alignment) / alignment_step));
}

/// A chi-square variable of many degrees of freedom, of a standard normal: Wilson and Hilferty,
/// PNAS 17 (1931) 684.
double chi_square(double degrees, double normal) {
  const double share = 2 / (9 * degrees);
  const double root = std::max(1 - share + normal * std::sqrt(share), 1e-3);
  return degrees * root * root * root;
}

}  // namespace

Evidence::Evidence(const AdviceRows& of, std::span<const double> population)
    : sample_(of.covariance),
      population_(population.begin(), population.end()),
      rows_(static_cast<double>(of.count() - 1)) {  // the mean is taken away
  if (of.labels.empty()) throw Error("there are no labels");
  if (population_.size() != sample_.size()) throw Error("there is another number of eigenvalues");
  for (const double v : of.labels) rest_ += v * v;
  for (std::size_t i = 0; i < sample_.size(); ++i) {
    const auto x = of.rows.column(i);
    double product = 0;
    for (std::size_t k = 0; k < x.size(); ++k) product += x[k] * of.labels[k];
    const double length = std::sqrt(static_cast<double>(of.count()) * sample_[i]);
    projected_.push_back(sample_[i] > 1e-9 * sample_.front() ? product / length : 0);
    rest_ -= projected_.back() * projected_.back();
  }
  rest_ = std::max(rest_, 0.0);
  for (int a = 0; a < alignments; ++a) {
    const double r = least_alignment + a * alignment_step;
    double moment = 0;
    for (const double t : population_) {
      powers_.push_back(std::pow(t, r));
      moment += t * powers_.back();
    }
    moments_.push_back(moment);
  }
  weigh();
  summarise();
}

double Evidence::scale_of(const Cell& cell) const {
  return cell.ratio / moments_[place_of(cell.alignment)];
}

double Evidence::prior_of(const Cell& cell, double scale, std::size_t i) const {
  return scale * powers_[place_of(cell.alignment) * population_.size() + i];
}

double Evidence::log_likelihood(Cell& cell) const {
  const double scale = scale_of(cell);
  double squares = rest_;
  double logs = 0;
  for (std::size_t i = 0; i < sample_.size(); ++i) {
    const double spread = 1 + rows_ * sample_[i] * prior_of(cell, scale, i);
    squares += projected_[i] * projected_[i] / spread;
    logs += std::log(spread);
  }
  cell.noise = squares / rows_;
  return -(rows_ * std::log(cell.noise) + logs) / 2;
}

void Evidence::weigh() {
  double most = -std::numeric_limits<double>::infinity();
  for (int a = 0; a < alignments; ++a) {
    for (int k = 0; k < ratios; ++k) {
      Cell cell{least_alignment + a * alignment_step, least_ratio * std::pow(10.0, k / 10.0), 0, 0};
      cell.weight = log_likelihood(cell);
      most = std::max(most, cell.weight);
      cells_.push_back(cell);
    }
  }
  double sum = 0;
  for (Cell& cell : cells_) sum += cell.weight = std::exp(cell.weight - most);
  for (Cell& cell : cells_) cell.weight /= sum;
}

void Evidence::summarise() {
  std::vector<double> squares(sample_.size());
  double noise = 0;
  std::vector<std::pair<double, double>> by_alignment;
  for (const Cell& cell : cells_) {
    by_alignment.emplace_back(cell.alignment, cell.weight);
    if (cell.weight < 1e-9) continue;
    const double scale = scale_of(cell);
    noise += cell.weight * cell.noise;
    for (std::size_t i = 0; i < sample_.size(); ++i) {
      const double prior = prior_of(cell, scale, i);
      const double gain = rows_ * sample_[i] * prior;  // of precision, over that before labels
      const double mean = sample_[i] > 0 ? projected_[i] / std::sqrt(rows_ * sample_[i]) : 0;
      const double kept = gain / (1 + gain);
      squares[i] += cell.weight * (kept * kept * mean * mean + cell.noise * prior / (1 + gain));
    }
  }
  // Both are estimated as if the labels' variance were not known: only their ratio is kept.
  signal_ = scaled(std::move(squares), noise);
  signal_share_ = 1 / (1 + signal_.noise);
  alignment_ = estimated(std::move(by_alignment));
  std::vector<std::pair<double, double>> by_noise;
  constexpr std::size_t draws = 400;
  for (std::size_t i = 0; i < draws; ++i) by_noise.emplace_back(draw(0, i).noise, 1.0 / draws);
  noise_ = estimated(std::move(by_noise));
  noise_.value = signal_.noise;
}

Signal Evidence::scaled(std::vector<double> squares, double noise) const {
  // The labels' variance on these rows is of their own covariance, where they are enough for all
  // directions: eigenvalues of the population, put to eigenvectors of the sample, would not add up.
  const std::vector<double>& extents =
      rows_ > static_cast<double>(squares.size()) ? sample_ : population_;
  double power = 0;
  double shown = 0;
  for (std::size_t i = 0; i < squares.size(); ++i) {
    power += population_[i] * squares[i];
    shown += extents[i] * squares[i];
  }
  const auto d = static_cast<double>(squares.size());
  for (double& v : squares) v *= d / power;
  return {std::move(squares), noise / shown};
}

Signal Evidence::draw(std::uint64_t seed, std::size_t i) const {
  // One row of normals: which cell, its noise, and theta.
  const std::size_t d = sample_.size();
  const std::vector<double> ones(d + 2, 1.0);
  std::vector<double> normal(d + 2);
  draw_rows({seed, 0, 0}, RowSource::hidden, FeatureLaw::normal, i, 1, ones, normal.data());
  double share = std::erfc(-normal[0] / std::sqrt(2.0)) / 2;
  const Cell* cell = &cells_.back();
  for (const Cell& c : cells_) {
    share -= c.weight;
    if (share > 0) continue;
    cell = &c;
    break;
  }
  const double noise = cell->noise * rows_ / chi_square(rows_, normal[1]);
  const double scale = scale_of(*cell);
  std::vector<double> squares(d);
  for (std::size_t k = 0; k < d; ++k) {
    const double prior = prior_of(*cell, scale, k);
    const double gain = rows_ * sample_[k] * prior;
    const double mean = sample_[k] > 0 ? projected_[k] / std::sqrt(rows_ * sample_[k]) : 0;
    const double theta =
        gain / (1 + gain) * mean + std::sqrt(noise * prior / (1 + gain)) * normal[k + 2];
    squares[k] = theta * theta;
  }
  return scaled(std::move(squares), noise);
}

}  // namespace driftwood::natgrad
