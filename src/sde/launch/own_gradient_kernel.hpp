// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// Gradients where each path has steps of its own, which adapt to their errors: those of reversible
/// Heun, whose nodes have any step to either side.
///
/// On the way there every accepted step is recorded, and on the way back the same steps are taken,
/// so that derivatives are those of the computed solution, on the steps that it chose; that these
/// depend on parameters is left out, as they change by whole steps or not at all. Kidger, Foster,
/// Li and Lyons (2021), section 3; specification AD-5 and AD-6.

#include "random/dyadic.hpp"
#include "sde/launch/lane_formulas.hpp"
#include "sde/size_control.hpp"

namespace driftwood::sde {

/// The paths of one lane, there and back. Memory is taken by the constructor, and written by `run`.
template <class R>
class OwnGradient : LaneFormulas<R> {
 public:
  /// `x` holds the components at time 0, `parameter` those of the model.
  KOKKOS_FUNCTION OwnGradient(const GradientSetup& setup, const PathNoise<R>& noise,
                              const Block<R>& x, const Block<R>& parameter)
      : Base(setup, x, parameter),
        noise_(noise),
        walk_({noise.drawn.seed}, noise.ids, take<R>(x, setup.noises), setup.own.depth,
              take_lanes(Walk::memory(setup.noises, setup.own.depth)).data),
        y_(take_lanes(setup.dim)),
        next_y_(take_lanes(setup.dim)),
        error_(take_lanes(setup.dim)),
        left_(take_lanes(setup.noises + 1)),
        steps_(take<double>(x, static_cast<int>(setup.own.most * (setup.noises + 2) * width))),
        seen_(take_lanes(setup.times * 2 * setup.dim)),
        ends_(take_lanes(setup.times)) {}

  KOKKOS_FUNCTION void run(const GradientRows& rows) {
    Base::begin();
    back_.begin(parameter_, x0_);
    go_there(rows);
    // Without memory for all steps there is no way back, and the solver throws.
    for (std::int64_t s = 0; s < setup_.objectives && !is_full_; ++s) come_back(s, rows);
    put_weight(rows);
    rows.put(rows.gap, GradientRows::gap_row, gap_);
    rows.put(rows.gap, GradientRows::rebuilt_row, rebuilt_);
    rows.put(rows.gap, GradientRows::accepted_row, count_);
    rows.put(rows.gap, GradientRows::rejected_row, rejected_);
    rows.put(rows.gap, GradientRows::forced_row, forced_);
    rows.put(rows.gap, GradientRows::lacking_row, R(is_full_ ? 1 : 0));
  }

 private:
  using Base = LaneFormulas<R>;
  using Walk = random::DyadicWalk<Block<R>>;
  using Base::add_cotangents;
  using Base::back_;
  using Base::clear;
  using Base::copy;
  using Base::finish;
  using Base::gap_;
  using Base::parameter_;
  using Base::put_values;
  using Base::put_weight;
  using Base::raise;
  using Base::rebuilt_;
  using Base::setup_;
  using Base::take_lanes;
  using Base::there_;
  using Base::x0_;
  static constexpr int width = width_of<R>;

  // Numbers of a recorded step, one lane each: its beginning [time], its length [time], its noises.
  [[nodiscard]] KOKKOS_FUNCTION double& number_of_step(std::int64_t n, int number, int lane) const {
    return steps_.data[(n * (setup_.noises + 2) + number) * width + lane];
  }
  /// The components at a time of those observed, and then the carried ones.
  [[nodiscard]] KOKKOS_FUNCTION R* seen(std::int64_t t) const {
    return seen_.data + t * 2 * setup_.dim;
  }
  [[nodiscard]] KOKKOS_FUNCTION double time_of(std::int64_t node) const {
    return node == 0 ? 0.0 : setup_.own.times(node - 1);
  }

  /// Through all intervals, recording steps and what is seen between them.
  KOKKOS_FUNCTION void go_there(const GradientRows& rows) {
    const int dim = setup_.dim;
    for (int i = 0; i < 2 * dim; ++i) there_.varying[i] = x0_[i % dim];
    copy(y_.data, x0_.data, dim);
    clear(left_.data, left_.size());
    SizeMemory<R> control{R(setup_.own.log2_first), R(0), R(0)};
    std::int64_t t = 0;
    see(t, 0, rows);
    for (std::int64_t r = 0; r < setup_.last_node() && !is_full_; ++r) {
      const double length = time_of(r + 1) - time_of(r);
      walk_.begin(static_cast<std::uint64_t>(r), length);
      const R log2_length = log2(R(length));
      while (any(!walk_.done()) && !is_full_) attempt(time_of(r), log2_length, control);
      see(t, r + 1, rows);
    }
  }

  /// Values at node `node` of all paths, if it is observed next.
  KOKKOS_FUNCTION void see(std::int64_t& t, std::int64_t node, const GradientRows& rows) {
    if (t == setup_.times || setup_.observed(t) != node) return;
    const int dim = setup_.dim;
    copy(seen(t), y_.data, dim);
    copy(seen(t) + dim, there_.varying.data + dim, dim);
    ends_[static_cast<int>(t)] = count_;
    Base::evaluate_formulas(seen(t), time_of(node));
    put_values(t++, rows);
  }

  /// Tries one step of all paths that are on their way, and goes on where its error allows. The
  /// error: by how much the step differs from one whose field stays as it was.
  KOKKOS_FUNCTION void attempt(double begin, const R& log2_length, SizeMemory<R>& control) {
    const int dim = setup_.dim;
    const int m = setup_.noises;
    halve_where_wanted(walk_, control, log2_length);
    const mask_of<R> moves = !walk_.done();
    const R h = select(moves, walk_.step(), R(0));
    const R at = R(begin) + walk_.start();
    R* const half = there_.varying.data;
    R* const sides = half + 2 * dim;
    const auto dw = [&](int k) {
      const R w = select(moves, walk_.noise().dw[k], R(0));
      return noise_.is_mirrored ? noise_.sign * w : w;
    };

    // The node where the step begins: y there, and `half` and z where it ends.
    copy(sides, left_.data, m);
    for (int k = 0; k < m; ++k) sides[m + k] = dw(k);
    sides[2 * m] = left_[m];
    sides[2 * m + 1] = h;
    there_.evaluate(at);
    for (int i = 0; i < 3 * dim; ++i) there_.moved[i] = there_.output(i);
    const R* const y = there_.moved.data;
    const R* const next_half = y + dim;
    const R* const next_z = y + 2 * dim;

    // The node where it ends, with nothing to its right.
    copy(old_state(), half, 2 * dim);
    copy(half, next_half, 2 * dim);
    for (int k = 0; k < m; ++k) sides[k] = dw(k);
    for (int k = 0; k < m; ++k) sides[m + k] = R(0);
    sides[2 * m] = h;
    sides[2 * m + 1] = R(0);
    there_.evaluate(at + h);
    for (int i = 0; i < dim; ++i) {
      next_y_[i] = there_.output(i);
      error_[i] = fma(R(-2), next_half[i], next_y_[i] + y[i]);
    }
    const Block<R> from{there_.moved.data, dim, y_.arena};
    const Verdict<R> verdict = judge_steps(error_order, setup_.own.relative, setup_.own.absolute,
                                           walk_, log2_length, from, next_y_, error_, control);
    const mask_of<R>& accepted = verdict.accepted;
    for (int i = 0; i < dim; ++i) {
      const R apart = abs(next_y_[i] - next_z[i]) / (R(1) + abs(next_y_[i]));
      raise(gap_, select(accepted, apart, R(0)));
      y_[i] = select(accepted, next_y_[i], y_[i]);
    }
    for (int i = 0; i < 2 * dim; ++i) half[i] = select(accepted, half[i], old_state()[i]);
    record(accepted, at, h);
    rejected_ = rejected_ + select(verdict.rejected, R(1), R(0));
    forced_ = forced_ + select(verdict.forced, R(1), R(0));
    walk_.next(accepted);
  }

  /// Keeps the step that `there_` just ended at a node, of the paths that accepted it.
  KOKKOS_FUNCTION void record(const mask_of<R>& accepted, const R& at, const R& h) {
    const int m = setup_.noises;
    const R* const dw = there_.varying.data + 2 * setup_.dim;
    for (int k = 0; k < m; ++k) left_[k] = select(accepted, dw[k], left_[k]);
    left_[m] = select(accepted, h, left_[m]);
    double counts[width];
    double takes[width];
    store_lanes(counts, count_);
    store_lanes(takes, select(accepted, R(1), R(0)));
    for (int l = 0; l < width; ++l) {
      if (takes[l] == 0) continue;
      is_full_ = is_full_ || counts[l] + 1 >= static_cast<double>(setup_.own.most);
    }
    const auto put = [&](int number, const R& from) {
      double lanes[width];
      store_lanes(lanes, from);
      for (int l = 0; l < width; ++l) {
        if (takes[l] != 0) {
          number_of_step(static_cast<std::int64_t>(counts[l]), number, l) = lanes[l];
        }
      }
    };
    put(0, at);
    put(1, h);
    for (int k = 0; k < m; ++k) put(2 + k, dw[k]);
    count_ = count_ + select(accepted, R(1), R(0));
  }

  /// Noises and steps to either side of the nodes `node`, one in each lane, and their times;
  /// nothing to the left of node 0, and nothing to the right of nodes `end`.
  KOKKOS_FUNCTION R put_sides(R* inputs, const double* node, const double* end,
                              const R& end_time) const {
    const int m = setup_.noises;
    double times[width];
    store_lanes(times, end_time);
    double numbers[width];
    const auto gather = [&](int number, int shift, bool is_right) {
      for (int l = 0; l < width; ++l) {
        const bool is_there = is_right ? node[l] < end[l] : node[l] > 0;
        const std::int64_t n = static_cast<std::int64_t>(node[l]) + shift;
        numbers[l] = is_there ? number_of_step(n, number, l) : 0.0;
      }
      return load<R>(numbers);
    };
    for (int k = 0; k < m; ++k) inputs[k] = gather(2 + k, -1, false);
    for (int k = 0; k < m; ++k) inputs[m + k] = gather(2 + k, 0, true);
    inputs[2 * m] = gather(1, -1, false);
    inputs[2 * m + 1] = gather(1, 0, true);
    for (int l = 0; l < width; ++l) {
      if (node[l] < end[l]) times[l] = number_of_step(static_cast<std::int64_t>(node[l]), 0, l);
    }
    return load<R>(times);
  }

  /// Back from the last time at which objective s sees anything, through each path's own nodes.
  /// Paths wait for each other at the times that are observed.
  KOKKOS_FUNCTION void come_back(std::int64_t s, const GradientRows& rows) {
    const int dim = setup_.dim;
    R* const half = back_.varying.data;
    R* const y_bar = half + 2 * dim;
    R* const parameter_bar = half + 5 * dim;
    clear(half, 5 * dim + setup_.parameters);
    const std::int64_t last = setup_.last(s);
    copy(half, last < 0 ? x0_.data : seen(last), dim);
    copy(half + dim, last < 0 ? x0_.data : seen(last) + dim, dim);
    if (last < 0) return finish(s, parameter_bar, y_bar, rows);

    const R end_time(time_of(setup_.observed(last)));
    double node[width];
    double end[width];
    double until[width];
    store_lanes(node, ends_[static_cast<int>(last)]);
    store_lanes(end, ends_[static_cast<int>(last)]);
    for (std::int64_t t = last; t >= 0; --t) {
      Base::evaluate_formulas(seen(t), time_of(setup_.observed(t)));
      add_cotangents(s, t, y_bar);
      store_lanes(until, t > 0 ? ends_[static_cast<int>(t - 1)] : R(-1));
      for (;;) {
        double moves[width];
        bool any_moves = false;
        for (int l = 0; l < width; ++l) {
          moves[l] = node[l] > until[l] ? 1 : 0;
          any_moves = any_moves || node[l] > until[l];
        }
        if (!any_moves) break;
        const R at = put_sides(parameter_bar + setup_.parameters, node, end, end_time);
        back_.evaluate(at);
        const mask_of<R> moving = less(R(0), load<R>(moves));
        const int outputs = back_.tape.outputs;
        for (int i = 0; i < outputs; ++i) back_.moved[i] = back_.output(i);
        for (int i = 0; i < outputs; ++i) half[i] = select(moving, back_.moved[i], half[i]);
        for (int l = 0; l < width; ++l) node[l] -= moves[l];
      }
    }
    // After node 0, which has nothing to its left, `half` is y, and the two cotangents add up.
    for (int i = 0; i < dim; ++i) {
      raise(rebuilt_, abs(half[i] - x0_[i]));
      y_bar[i] = y_bar[i] + y_bar[dim + i];
    }
    finish(s, parameter_bar, y_bar, rows);
  }

  /// How errors fall with the size of a step, as `judge_steps` takes it.
  static constexpr double error_order = 1.0;

  [[nodiscard]] KOKKOS_FUNCTION R* old_state() const { return back_.varying.data; }

  PathNoise<R> noise_;
  Walk walk_;
  Block<R> y_;
  Block<R> next_y_;
  Block<R> error_;
  Block<R> left_;        ///< noises and length of the last accepted step
  Block<double> steps_;  ///< accepted ones
  Block<R> seen_;
  Block<R> ends_;  ///< accepted steps until each time that is observed
  R count_ = R(0);
  R rejected_ = R(0);
  R forced_ = R(0);
  bool is_full_ = false;
};

}  // namespace driftwood::sde
