// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "comm/communicator.hpp"
#include "natgrad/found_tasks.hpp"
#include "natgrad/network/options.hpp"

namespace driftwood::natgrad {

/// One setting of a study, on which all replicas are evaluated.
struct NetworkPoint {
  std::size_t preconditioner;
  std::size_t unlabelled;  ///< inputs beside those that are learnt from
  std::size_t noise;
};

/// What one replica of one setting came to. Risks are mean squares of what predictions are off the
/// teacher on tests, over the variance of the teacher there.
struct NetworkOutcome {
  double risk = 0;
  double least_risk = 0;  ///< while it was trained, where it was looked at
  double loss = 0;        ///< mean square of residuals over the variance of labels, at the end
  double steps = 0;       ///< that training took
  double damping = 0;     ///< at the end, in units of the mean eigenvalue
};

/// A replica draws a student, a teacher, an order of inputs and noise, which serve all settings, so
/// that differences between these have little noise. A task is one replica where the student is
/// linearised; where it is trained, one replica of one setting.
class NetworkStudy {
 public:
  /// Options must have been validated, and outlive it. Throws as `InputOptions::load`.
  explicit NetworkStudy(const NetworkOptions& options);

  [[nodiscard]] const NetworkOptions& options() const { return options_; }
  [[nodiscard]] const std::vector<NetworkPoint>& points() const { return points_; }
  /// The point of gradient descent with the same noise.
  [[nodiscard]] std::size_t plain(std::size_t point) const;
  /// Steps at which training is looked at, the last one among them; none where there is no
  /// training.
  [[nodiscard]] const std::vector<std::int64_t>& records() const { return records_; }
  [[nodiscard]] std::size_t parameters() const { return student_.parameters(); }

  /// All tasks, the costliest first.
  [[nodiscard]] std::vector<std::int64_t> order() const;
  /// Throws `NumericsError` where a matrix is singular or training diverges.
  void work(std::int64_t task);
  [[nodiscard]] std::int64_t tasks() const { return found_->tasks(); }
  /// (setting, number) of tasks.
  [[nodiscard]] FoundTasks& found() { return *found_; }

  /// Has rank 0 know what all ranks found. All tasks must be done. Collective.
  void gather(const comm::Communicator& comm) { merged_ = found_->merged(comm); }

  // On rank 0, after `gather`:
  [[nodiscard]] NetworkOutcome outcome(std::int64_t replica, std::size_t point) const;
  /// Risks at `records()`.
  [[nodiscard]] std::span<const double> curve(std::int64_t replica, std::size_t point) const;

 private:
  struct Replica;

  [[nodiscard]] bool is_trained() const { return options_.mode == NetworkMode::train; }
  [[nodiscard]] std::size_t numbers_of_point() const;
  [[nodiscard]] std::size_t numbers_of_task() const {
    return numbers_of_point() * (is_trained() ? 1 : points_.size());
  }
  [[nodiscard]] std::span<const double> values(std::int64_t replica, std::size_t point) const;
  [[nodiscard]] Replica drawn_replica(std::int64_t number) const;
  [[nodiscard]] std::vector<double> linearised(const Replica& of) const;
  [[nodiscard]] std::vector<double> trained(const Replica& of, const NetworkPoint& point) const;

  const NetworkOptions& options_;
  Architecture student_;
  Architecture teacher_;
  std::vector<NetworkPoint> points_;
  std::vector<std::int64_t> records_;
  Dense inputs_;
  std::optional<FoundTasks> found_;
  std::vector<double> merged_;  ///< of all tasks
};

}  // namespace driftwood::natgrad
