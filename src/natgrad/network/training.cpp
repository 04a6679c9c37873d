// SPDX-License-Identifier: BSD-3-Clause
#include "natgrad/network/training.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <span>

#include "base/error.hpp"

namespace driftwood::natgrad {
namespace {

/// Of Martens and Grosse (2015), section 6.5, per step.
constexpr double damping_decay = 19.0 / 20;
constexpr double least_damping = 1e-8;
/// Where a step is taken back.
constexpr double damping_growth = 4;

/// Training has diverged where the loss is that many times the first.
constexpr double most_growth = 1e3;

/// The variance of labels about their means, all outputs together.
double variance_of(const Dense& y) {
  double sum = 0;
  for (std::size_t k = 0; k < y.rows(); ++k) {
    double mean = 0;
    for (std::size_t i = 0; i < y.columns(); ++i) mean += y(k, i);
    mean /= static_cast<double>(y.columns());
    for (std::size_t i = 0; i < y.columns(); ++i) sum += (y(k, i) - mean) * (y(k, i) - mean);
  }
  return sum / static_cast<double>(y.columns());
}

double norm_of(std::span<const double> x) {
  double sum = 0;
  for (const double v : x) sum += v * v;
  return std::sqrt(sum);
}

class Trainer {
 public:
  Trainer(const Architecture& of, Loss loss, const FisherChoice& choice, const TrainingKeys& keys,
          const TrainingData& data, const EpochOrder& order, Layers& theta)
      : of_(of),
        loss_(loss),
        choice_(choice),
        keys_(keys),
        data_(data),
        order_(order),
        theta_(theta),
        moved_(zeros_like(theta)),
        spread_(std::sqrt(variance_of(data.y))),
        enough_(keys.tolerance * 0.5 * spread_ * spread_),
        refresh_(choice.is_plain() ? keys.gd_refresh : keys.refresh),
        batch_(keys.batch > 0
                   ? std::min<std::size_t>(static_cast<std::size_t>(keys.batch), data.x.columns())
                   : data.x.columns()) {
    if (!choice.is_plain()) {
      solver_ = make_fisher(keys.fisher);
      state_.damping = choice.damping();
    }
  }

  TrainingState run(const std::function<void(const TrainingState&)>& look) {
    state_.loss = loss_of_all();
    const double most = most_growth * state_.loss;
    for (; state_.step < keys_.steps && state_.loss > enough_; ++state_.step) {
      look(state_);
      if (is_stale_ || state_.step % refresh_ == 0) refresh();
      advance();
      if (!(state_.loss <= most)) {
        throw NumericsError(fmt::format("training diverges: the loss is {:.2g} after {} steps",
                                        state_.loss, state_.step + 1),
                            "",
                            "take smaller steps, less momentum, a smaller clip or more damping");
      }
    }
    look(state_);
    return state_;
  }

 private:
  [[nodiscard]] bool is_full() const { return batch_ == data_.x.columns(); }

  double loss_of_all() {
    forward(of_, theta_, data_.x, pass_);
    return mean_loss(loss_, pass_.outputs, data_.y);
  }

  /// P and the largest step anew.
  void refresh() {
    is_stale_ = false;
    forward(of_, theta_, data_.x, pass_);
    rows_.emplace(of_, theta_, pass_, curvature_roots(loss_, pass_.outputs));
    if (solver_) take_fisher();
    largest_ = largest_eigenvalue(*rows_);
  }

  void take_fisher() {
    Pass seen;
    forward(of_, theta_, data_.fisher.columns() > 0 ? data_.fisher : data_.x, seen);
    std::vector<Dense> cotangents;
    if (choice_.kind == FisherChoice::Kind::empirical) {
      residuals(loss_, seen.outputs, data_.y, cotangents.emplace_back());
    } else {
      cotangents = curvature_roots(loss_, seen.outputs);
    }
    fisher_rows_.emplace(of_, theta_, seen, cotangents);
    solver_->refresh(*fisher_rows_, state_.damping * fisher_rows_->mean_eigenvalue());
  }

  /// Of J P J^T / n, by the power method from where it was before.
  double largest_eigenvalue(const JacobianRows& rows) {
    constexpr int first_rounds = 20;
    constexpr int later_rounds = 6;
    const int rounds = power_.size() == rows.rows() ? later_rounds : first_rounds;
    // Eigenvectors of the largest have signs of their own; any start that has a part of them does.
    if (power_.size() != rows.rows()) power_.assign(rows.rows(), 1.0);
    double value = 0;
    Layers back;
    for (int k = 0; k < rounds; ++k) {
      const double norm = norm_of(power_);
      for (double& v : power_) v /= norm;
      rows.transposed_times(power_, back);
      if (solver_) solver_->apply(back);
      power_ = rows.times(back);
      value = norm_of(power_) / static_cast<double>(rows.samples());
    }
    if (!(value > 0) || !std::isfinite(value)) {
      throw NumericsError("the Gauss-Newton matrix has no largest eigenvalue",
                          "training diverges, or no input moves the output");
    }
    return value;
  }

  void advance() {
    fill_gradient();
    Layers direction = gradient_;
    if (solver_) solver_->apply(direction);
    scale(solver_ ? 0 : keys_.momentum, moved_);
    add(-keys_.step / largest_, direction, moved_);
    clip();
    if (keys_.adapts_damping && solver_) before_ = theta_;
    add(1, moved_, theta_);
    const double before = state_.loss;
    if (!is_full()) {
      if ((state_.step + 1) % steps_an_epoch() == 0) state_.loss = loss_of_all();
      return;
    }
    state_.loss = loss_of_all();
    if (keys_.adapts_damping && solver_) adapt(before);
  }

  /// Of the samples of this step, in `gradient_`.
  void fill_gradient() {
    if (is_full()) {  // `pass_` is that of theta
      differentiate(pass_, data_.y);
      return;
    }
    const std::int64_t an_epoch = steps_an_epoch();
    const std::int64_t place = state_.step % an_epoch;
    if (place == 0 || epoch_.empty()) {
      epoch_ = order_(static_cast<std::uint64_t>(state_.step / an_epoch));
    }
    const auto which = std::span(epoch_).subspan(static_cast<std::size_t>(place) * batch_, batch_);
    Pass pass;
    forward(of_, theta_, columns_of(data_.x, which), pass);
    differentiate(pass, columns_of(data_.y, which));
  }

  void differentiate(const Pass& pass, const Dense& y) {
    residuals(loss_, pass.outputs, y, residual_);
    backward(of_, theta_, pass, residual_, signals_);
    gradient(pass, signals_, gradient_);
    scale(1 / static_cast<double>(y.columns()), gradient_);
  }

  /// Samples that fill no batch sit an epoch out.
  [[nodiscard]] std::int64_t steps_an_epoch() const {
    return static_cast<std::int64_t>(data_.x.columns() / batch_);
  }

  /// Shortens a step that would move outputs too far.
  void clip() {
    image_ = rows_->times(moved_);
    const double moves = norm_of(image_) / std::sqrt(static_cast<double>(rows_->samples()));
    const double factor = keys_.clip * spread_ / moves;
    if (!(factor < 1)) return;
    scale(factor, moved_);
    for (double& v : image_) v *= factor;
  }

  /// Compares what the step gained with what the Gauss-Newton model of the loss promised; takes it
  /// back where it lost.
  void adapt(double before) {
    const double norm = norm_of(image_);
    const double promised =
        product(gradient_, moved_) + 0.5 * norm * norm / static_cast<double>(rows_->samples());
    const double ratio = (state_.loss - before) / promised;
    const double factor = std::pow(damping_decay, static_cast<double>(refresh_));
    if (!(state_.loss <= before)) {
      theta_ = before_;
      scale(0, moved_);
      state_.loss = loss_of_all();
      state_.damping *= damping_growth;
      is_stale_ = true;
    } else if ((state_.step + 1) % refresh_ == 0) {
      if (ratio > 0.75) state_.damping = std::max(state_.damping * factor, least_damping);
      if (ratio < 0.25) state_.damping /= factor;
    }
  }

  const Architecture& of_;
  Loss loss_;
  const FisherChoice& choice_;
  const TrainingKeys& keys_;
  const TrainingData& data_;
  const EpochOrder& order_;
  Layers& theta_;
  Layers moved_;
  Layers before_;  ///< parameters before the step, where it may be taken back
  double spread_;
  double enough_;
  std::int64_t refresh_;
  std::size_t batch_;
  TrainingState state_{};
  bool is_stale_ = false;
  std::unique_ptr<FisherSolver> solver_;
  std::optional<JacobianRows> fisher_rows_;
  std::optional<JacobianRows> rows_;  ///< of all samples where P was found
  std::vector<double> image_;         ///< of the step by these
  std::vector<double> power_;
  double largest_ = 0;
  Pass pass_;
  Dense residual_;
  std::vector<Dense> signals_;
  Layers gradient_;
  std::vector<std::size_t> epoch_;
};

}  // namespace

TrainingState train(const Architecture& of, Loss loss, const FisherChoice& choice,
                    const TrainingKeys& keys, const TrainingData& data, const EpochOrder& order,
                    Layers& theta, const std::function<void(const TrainingState&)>& look) {
  return Trainer(of, loss, choice, keys, data, order, theta).run(look);
}

}  // namespace driftwood::natgrad
