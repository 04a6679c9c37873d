// SPDX-License-Identifier: BSD-3-Clause
#include "neural/optimiser.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <string>

#include "base/error.hpp"

namespace driftwood::neural {
namespace {

void require(bool fits, const char* what) {
  if (!fits) throw Error(std::string("settings of an optimiser: ") + what);
}

bool is_share(double value) { return value >= 0 && value < 1; }

void check(const Adam& rule) {
  require(is_share(rule.first) && is_share(rule.second), "decays must be from 0 to below 1");
  require(rule.epsilon > 0, "epsilon must be positive");
}
void check(const Adadelta& rule) {
  require(is_share(rule.decay), "the decay must be from 0 to below 1");
  require(rule.epsilon > 0, "epsilon must be positive");
}
void check(const Momentum& rule) {
  require(is_share(rule.momentum), "the momentum must be from 0 to below 1");
}

}  // namespace

double Schedule::at(std::int64_t k) const {
  if (k < warm_up) return rate * static_cast<double>(k + 1) / static_cast<double>(warm_up);
  if (kind == Kind::constant) return rate;
  const auto whole = static_cast<double>(std::max<std::int64_t>(length - warm_up, 1));
  const double share = static_cast<double>(k - warm_up) / whole;
  if (kind == Kind::exponential) return rate * std::pow(last, share);
  const double angle = std::numbers::pi * std::min(share, 1.0);
  return rate * (last + (1 - last) * (1 + std::cos(angle)) / 2);
}

Optimiser::Optimiser(const OptimiserSettings& settings, std::size_t parameters)
    : settings_(settings), first_(parameters), second_(parameters), gradient_(parameters) {
  std::visit([](const auto& rule) { check(rule); }, settings.rule);
  require(settings.schedule.rate > 0, "the rate must be positive");
  require(settings.schedule.warm_up >= 0, "the warm-up cannot be negative");
  require(settings.schedule.last > 0, "the last share of the rate must be positive");
  require(settings.weight_decay >= 0, "the weight decay cannot be negative");
  require(settings.largest_entry.value_or(1) > 0, "the largest entry must be positive");
  require(settings.largest_norm.value_or(1) > 0, "the largest norm must be positive");
  if (settings.average_from) average_.resize(parameters);
}

std::span<const double> Optimiser::average() const noexcept {
  return averaged_ > 0 ? std::span<const double>(average_) : std::span<const double>();
}

void Optimiser::clip() {
  if (settings_.largest_entry) {
    const double most = *settings_.largest_entry;
    for (double& g : gradient_) g = std::clamp(g, -most, most);
  }
  if (!settings_.largest_norm) return;
  double largest = 0;  // squares of what is scaled by it neither overflow nor vanish
  for (const double g : gradient_) largest = std::max(largest, std::abs(g));
  if (largest == 0) return;
  double square = 0;
  for (const double g : gradient_) square += (g / largest) * (g / largest);
  const double norm = largest * std::sqrt(square);
  if (norm <= *settings_.largest_norm) return;
  for (double& g : gradient_) g *= *settings_.largest_norm / norm;
}

void Optimiser::step(std::span<double> parameters, std::span<const double> gradient) {
  if (parameters.size() != first_.size() || gradient.size() != first_.size()) {
    throw Error("an optimiser was made for " + std::to_string(first_.size()) + " parameters",
                "it got " + std::to_string(parameters.size()) + " and a gradient of " +
                    std::to_string(gradient.size()));
  }
  const auto bad =
      std::find_if_not(gradient.begin(), gradient.end(), [](double g) { return std::isfinite(g); });
  if (bad != gradient.end()) {
    throw NumericsError("the gradient is not finite",
                        "that by parameter number " + std::to_string(bad - gradient.begin()),
                        "lower the rate, or clip gradients");
  }
  std::copy(gradient.begin(), gradient.end(), gradient_.begin());
  clip();
  const double rate_now = rate();
  const double kept = 1 - rate_now * settings_.weight_decay;
  if (settings_.weight_decay > 0) {
    for (double& p : parameters) p *= kept;
  }
  std::visit([&](const auto& rule) { advance(rule, rate_now, parameters); }, settings_.rule);
  if (settings_.average_from && iterations_ >= *settings_.average_from) {
    ++averaged_;
    const double weight = 1 / static_cast<double>(averaged_);
    for (std::size_t i = 0; i < average_.size(); ++i) {
      average_[i] += weight * (parameters[i] - average_[i]);
    }
  }
  ++iterations_;
}

void Optimiser::advance(const Adam& rule, double rate, std::span<double> parameters) {
  const auto t = static_cast<double>(iterations_ + 1);
  const double unbias_first = 1 - std::pow(rule.first, t);
  const double unbias_second = 1 - std::pow(rule.second, t);
  for (std::size_t i = 0; i < parameters.size(); ++i) {
    const double g = gradient_[i];
    first_[i] = rule.first * first_[i] + (1 - rule.first) * g;
    second_[i] = rule.second * second_[i] + (1 - rule.second) * g * g;
    const double mean = first_[i] / unbias_first;
    const double root = std::sqrt(second_[i] / unbias_second);
    parameters[i] -= rate * mean / (root + rule.epsilon);
  }
}

void Optimiser::advance(const Adadelta& rule, double rate, std::span<double> parameters) {
  for (std::size_t i = 0; i < parameters.size(); ++i) {
    const double g = gradient_[i];
    second_[i] = rule.decay * second_[i] + (1 - rule.decay) * g * g;
    const double step =
        std::sqrt(first_[i] + rule.epsilon) / std::sqrt(second_[i] + rule.epsilon) * g;
    first_[i] = rule.decay * first_[i] + (1 - rule.decay) * step * step;
    parameters[i] -= rate * step;
  }
}

void Optimiser::advance(const Momentum& rule, double rate, std::span<double> parameters) {
  for (std::size_t i = 0; i < parameters.size(); ++i) {
    first_[i] = rule.momentum * first_[i] + gradient_[i];
    const double along = rule.nesterov ? rule.momentum * first_[i] + gradient_[i] : first_[i];
    parameters[i] -= rate * along;
  }
}

void Optimiser::save(stats::ByteWriter& out) const {
  out.put(iterations_);
  out.put_vector(first_);
  out.put_vector(second_);
  out.put_vector(average_);
  out.put(averaged_);
}

void Optimiser::restore(stats::ByteReader& in) {
  const auto iterations = in.get<std::int64_t>();
  auto first = in.get_vector<double>();
  auto second = in.get_vector<double>();
  auto average = in.get_vector<double>();
  const auto averaged = in.get<std::int64_t>();
  if (first.size() != first_.size() || second.size() != second_.size() ||
      average.size() != average_.size()) {
    throw Error("a saved optimiser has other parameters",
                std::to_string(first.size()) + " where there are " + std::to_string(first_.size()));
  }
  iterations_ = iterations;
  first_ = std::move(first);
  second_ = std::move(second);
  average_ = std::move(average);
  averaged_ = averaged;
}

}  // namespace driftwood::neural
