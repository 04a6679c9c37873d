// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// Steps of groups of paths whose drift and diffusion are networks, and the way back over them.

#include "sde/launch/group_formulas.hpp"
#include "sde/neural/tableau.hpp"

namespace driftwood::sde {

/// What a solver knows before it is given paths, as kernels read it.
template <class T>
struct NeuralSetup : GradientSetup {
  NeuralField<T> field;
  bool is_reversible;  ///< reversible Heun, else the tableau
  NeuralTableau tableau;
};

/// Memory for the states of one group, and what steps are made of. Cotangents of objective s are
/// the rows from s dim on.
template <class T, class Member>
class GroupSteps {
 public:
  using R = NarrowLane<T>;

  KOKKOS_FUNCTION GroupSteps(const Member& team, const NeuralSetup<T>& setup,
                             const NoiseSource& noise, std::int64_t column, int paths, Arena& arena)
      : setup_(setup),
        field_(setup.field),
        dim_(setup.dim),
        state(take_rows<T>(arena, setup.copies * setup.dim)),
        next(take_rows<T>(arena, setup.dim)),
        bar(take_rows<T>(arena, setup.objectives * setup.dim)),
        carried_bar(take_rows<T>(arena, setup.is_reversible ? setup.objectives * setup.dim : 0)),
        team_(team),
        room_(setup.field, stages_kept(setup), arena),
        noise_(noise, column, column + paths - 1, setup.noises, arena),
        nothing_(take_rows<T>(arena, setup.noises)),
        beside_(take_rows<T>(arena, setup.noises)),
        middle_(take_rows<T>(arena, setup.dim)),
        increment_(take_rows<T>(arena, setup.is_reversible ? 0 : 2 * setup.dim)),
        part_bar_(take_rows<T>(arena, setup.objectives * setup.dim)),
        middle_bar_(take_rows<T>(arena, setup.is_reversible ? 0 : setup.dim)),
        gradient_(
            arena.take<double>(static_cast<int>(setup.objectives) * setup.field.parameters())) {}

  /// Of objective s by all parameters.
  [[nodiscard]] KOKKOS_FUNCTION double* gradient(std::int64_t s) const {
    return gradient_ + s * field_.parameters();
  }
  [[nodiscard]] KOKKOS_FUNCTION T* of(T* bars, std::int64_t s) const {
    return bars + s * dim_ * group_paths;
  }

  KOKKOS_FUNCTION void begin(const T* x0) const {
    for (int c = 0; c < setup_.copies; ++c) copy(state + c * dim_ * group_paths, x0, dim_);
    clear(nothing_, setup_.noises);
    clear(bar, setup_.objectives * dim_);
    if (setup_.is_reversible) {
      clear(carried_bar, setup_.objectives * dim_);
      clear(part_bar_, setup_.objectives * dim_);
    }
    const std::int64_t numbers = setup_.objectives * field_.parameters();
    for (std::int64_t j = team_.team_rank(); j < numbers; j += team_.team_size()) gradient_[j] = 0;
    team_.team_barrier();
  }

  KOKKOS_FUNCTION void copy(T* to, const T* from, std::int64_t rows) const {
    for_rows<R>(team_, static_cast<int>(rows), [&](int i, int p) {
      store_lanes(to + i * group_paths + p, load<R>(from + i * group_paths + p));
    });
  }
  KOKKOS_FUNCTION void clear(T* to, std::int64_t rows) const {
    for_rows<R>(team_, static_cast<int>(rows),
                [&](int i, int p) { store_lanes(to + i * group_paths + p, R(0)); });
  }
  /// Keeps the largest |a - b|.
  KOKKOS_FUNCTION void compare(R& highest, const T* a, const T* b) const {
    for_rows<R>(team_, dim_, [&](int i, int p) {
      const int at = i * group_paths + p;
      highest = max(abs(load<R>(a + at) - load<R>(b + at)), highest);
    });
  }

  // ---- Runge-Kutta schemes ----

  /// `next`, after step n from `state`. Where it is to be pulled back, what that takes is `kept`.
  KOKKOS_FUNCTION void take_step(std::int64_t n, bool kept) {
    const NeuralTableau& scheme = setup_.tableau;
    const T* const w = noise_.at(team_, n);
    evaluate_stage(0, time(n), state, w, kept);
    if (scheme.stages == 2) {
      add(middle_, state, scheme.a, increment_);
      evaluate_stage(1, time(n) + scheme.c * setup_.step, middle_, w, kept);
    }
    add_weighted(next, state, 1);
  }
  KOKKOS_FUNCTION void move_on() {
    T* const before = state;
    state = next;
    next = before;
  }
  /// The cotangents of `next` in `bar` become those of `state`.
  KOKKOS_FUNCTION void sweep_step(std::int64_t n, std::int64_t s) {
    const NeuralTableau& scheme = setup_.tableau;
    const T* const w = noise_.at(team_, n);
    T* const own = of(bar, s);
    clear(middle_bar_, dim_);
    if (scheme.stages == 2) {
      pull_stage(1, time(n) + scheme.c * setup_.step, middle_, w, scheme.b[1], own, middle_bar_, s,
                 true);
    }
    for_rows<R>(team_, dim_, [&](int i, int p) {
      const int at = i * group_paths + p;
      const R after = load<R>(own + at);
      const R middle = load<R>(middle_bar_ + at);
      store_lanes(part_bar_ + at, fma(R(T(scheme.a)), middle, R(T(scheme.b[0])) * after));
      store_lanes(own + at, after + middle);
    });
    pull_stage(0, time(n), state, w, 1, part_bar_, own, s, true);
  }

  /// One step of the stochastic adjoint equation from the end of step n back to its beginning:
  /// `state`, and the cotangents of objectives from `first` on for which active(s). See
  /// `adjoint_step` in sde/gradient/programs.hpp. A stage's part of the gradient is pulled back
  /// with its weight.
  template <class Active>
  KOKKOS_FUNCTION void step_adjoint(std::int64_t n, const Active& active) {
    const NeuralTableau& scheme = setup_.tableau;
    const T* const w = noise_.at(team_, n);
    const double b = scheme.b[0];
    const double scale = b != 0 ? b : 1;
    evaluate_stage(0, time(n + 1), state, w, true);
    for (std::int64_t s = 0; s < setup_.objectives; ++s) {
      if (!active(s)) continue;
      T* const own = of(bar, s);
      clear(middle_bar_, dim_);
      pull_stage(0, time(n + 1), state, w, scale, own, middle_bar_, s, b != 0);
      add(of(part_bar_, s), own, scheme.a / scale, middle_bar_);
      if (b != 0) add(own, own, 1, middle_bar_);
    }
    if (scheme.stages == 2) {
      const double t = time(n + 1) - scheme.c * setup_.step;
      add(middle_, state, -scheme.a, increment_);
      evaluate_stage(1, t, middle_, w, true);
      for (std::int64_t s = 0; s < setup_.objectives; ++s) {
        if (active(s)) {
          pull_stage(1, t, middle_, w, scheme.b[1], of(part_bar_, s), of(bar, s), s, true);
        }
      }
    }
    add_weighted(state, state, -1);
  }

  // ---- Reversible Heun, whose `state` before a node is (half, z) ----

  /// From before node n, with steps on the sides that are there, to before the node to the right;
  /// `next` is y of the node. Keeps the largest |y - z| / (1 + |y|).
  KOKKOS_FUNCTION void take_node(std::int64_t n, bool has_right, R& gap) {
    const Sides at = sides(n, n > 0, has_right);
    evaluate(0, time(n), carried(), nullptr);
    evaluate(1, time(n), carried(), nullptr);
    for_rows<R>(team_, dim_, [&](int i, int p) {
      const int place = i * group_paths + p;
      const R left = increment(at.left, i, p);
      const R right = increment(at.right, i, p);
      const R y = fma(R(T(0.5)), left, load<R>(state + place));
      const R z = load<R>(carried() + place);
      store_lanes(next + place, y);
      store_lanes(state + place, fma(R(T(0.5)), right, y));
      store_lanes(carried() + place, fma(R(2), y, right - z));
      gap = max(abs(y - z) / (R(1) + abs(y)), gap);
    });
  }
  /// `next`, y of the node n before which `state` is.
  KOKKOS_FUNCTION void find_node(std::int64_t n, bool has_right) {
    const Sides at = sides(n, n > 0, has_right);
    evaluate(0, time(n), carried(), nullptr);
    evaluate(1, time(n), carried(), nullptr);
    for_rows<R>(team_, dim_, [&](int i, int p) {
      const int place = i * group_paths + p;
      store_lanes(next + place, fma(R(T(0.5)), increment(at.left, i, p), load<R>(state + place)));
    });
  }

  /// The cotangents of the state after node n become those of y there and of z, the latter as far
  /// as they are known. Then come those that objectives add to `bar`, and `sweep_node`.
  KOKKOS_FUNCTION void meet_node() const {
    for_rows<R>(team_, static_cast<int>(setup_.objectives) * dim_, [&](int i, int p) {
      const int at = i * group_paths + p;
      const R y_bar = load<R>(bar + at);
      const R z_bar = load<R>(carried_bar + at);
      store_lanes(part_bar_ + at, fma(R(T(0.5)), y_bar, z_bar));
      store_lanes(bar + at, fma(R(2), z_bar, y_bar));
      store_lanes(carried_bar + at, -z_bar);
    });
  }
  /// Evaluates the field at z of node n, before which `state` is, or after which half of it is, and
  /// pulls back what the step to the right and the half step to the left make of it.
  template <class Active>
  KOKKOS_FUNCTION void sweep_node(std::int64_t n, bool has_right, const Active& active) {
    const Sides at = sides(n, n > 0, has_right);
    swept_ = at;
    for (int net = 0; net < 2; ++net) {
      evaluate(net, time(n), carried(), room_.kept[0][net]);
      for (std::int64_t s = 0; s < setup_.objectives; ++s) {
        if (!active(s)) continue;
        const T* const y_bar = of(bar, s);
        const T* const part = of(part_bar_, s);
        for_rows<R>(team_, dim_, [&](int i, int p) {
          const int place = i * group_paths + p;
          const R to_left = R(T(0.5)) * load<R>(y_bar + place);
          const R to_right = load<R>(part + place);
          put_entries(net, at.left, i, p,
                      [&](T* to, const R& factor) { store_lanes(to, to_left * factor); });
          put_entries(net, at.right, i, p, [&](T* to, const R& factor) {
            store_lanes(to, fma(to_right, factor, load<R>(to)));
          });
        });
        pull_back(net, time(n), carried(), room_.kept[0][net], of(carried_bar, s), s, true);
      }
    }
  }
  /// After `sweep_node`: from half of `state` after the node to that before it.
  KOKKOS_FUNCTION void leave_node() const {
    const Sides at = swept_;
    for_rows<R>(team_, dim_, [&](int i, int p) {
      const int place = i * group_paths + p;
      const R left = increment(at.left, i, p);
      const R right = increment(at.right, i, p);
      const R y = fma(R(T(-0.5)), right, load<R>(state + place));
      store_lanes(state + place, fma(R(T(-0.5)), left, y));
      store_lanes(carried() + place, fma(R(2), y, -left - load<R>(carried() + place)));
    });
  }
  [[nodiscard]] KOKKOS_FUNCTION T* carried() const { return state + dim_ * group_paths; }

 private:
  /// A step next to a node; 0 where there is none.
  struct Side {
    T step;
    const T* w;
  };
  struct Sides {
    Side left;
    Side right;
  };

  /// Networks that wait to be pulled back: of so many stages both; of reversible Heun only one.
  [[nodiscard]] KOKKOS_FUNCTION static int stages_kept(const NeuralSetup<T>& setup) {
    if (setup.is_reversible) return 0;
    return setup.mode == GradientMode::adjoint ? 1 : setup.tableau.stages;
  }
  [[nodiscard]] KOKKOS_FUNCTION double time(std::int64_t node) const {
    return static_cast<double>(node) * setup_.step;
  }
  [[nodiscard]] KOKKOS_FUNCTION T step() const { return static_cast<T>(setup_.step); }

  [[nodiscard]] KOKKOS_FUNCTION Sides sides(std::int64_t n, bool has_left, bool has_right) {
    const Side none{T(0), nothing_};
    if (!has_left || !has_right) {
      return {has_left ? Side{step(), noise_.at(team_, n - 1)} : none,
              has_right ? Side{step(), noise_.at(team_, n)} : none};
    }
    if (GroupNoise<T>::share_draw(n - 1, n)) {
      return {{step(), noise_.at(team_, n - 1)}, {step(), noise_.at(team_, n)}};
    }
    const bool left_first = !noise_.holds(n);
    copy(beside_, noise_.at(team_, left_first ? n - 1 : n), setup_.noises);
    const T* const other = noise_.at(team_, left_first ? n : n - 1);
    return {{step(), left_first ? beside_ : other}, {step(), left_first ? other : beside_}};
  }

  KOKKOS_FORCEINLINE_FUNCTION R increment(const Side& side, int i, int p) const {
    return field_.template increment<R>(room_.out[0], room_.out[1], side.step, side.w, i, p);
  }
  template <class Put>
  KOKKOS_FORCEINLINE_FUNCTION void put_entries(int net, const Side& side, int i, int p,
                                               const Put& put) const {
    field_.template for_entries<R>(net, side.step, side.w, i, p, [&](int row, const R& factor) {
      put(room_.out_bar + row * group_paths + p, factor);
    });
  }

  KOKKOS_FUNCTION void evaluate(int net, double t, const T* x, T* kept) const {
    neural::evaluate(team_, field_.network(net), static_cast<T>(t), x, room_.out[net], kept,
                     room_.scratch);
  }
  /// Of the cotangents `out_bar`; adds to `x_bar`, and where `wanted` to the gradient.
  KOKKOS_FUNCTION void pull_back(int net, double t, const T* x, const T* kept, T* x_bar,
                                 std::int64_t s, bool wanted) const {
    double* const to = wanted ? gradient(s) + field_.first_parameter(net) : nullptr;
    neural::pull_back(team_, field_.network(net), static_cast<T>(t), x, kept,
                      static_cast<const T*>(room_.out_bar), x_bar, to, room_.scratch);
    team_.team_barrier();  // what it reads of other threads' paths is written next
  }

  /// Increment `stage` at x.
  KOKKOS_FUNCTION void evaluate_stage(int stage, double t, const T* x, const T* w,
                                      bool kept) const {
    // The adjoint equation pulls a stage back before the next.
    T* const* const to = room_.kept[setup_.mode == GradientMode::adjoint ? 0 : stage];
    for (int net = 0; net < 2; ++net) evaluate(net, t, x, kept ? to[net] : nullptr);
    for_rows<R>(team_, dim_, [&](int i, int p) {
      store_lanes(increment_ + (stage * dim_ + i) * group_paths + p, increment({step(), w}, i, p));
    });
  }
  /// Pulls back the cotangent scale * k_bar of an increment; adds to `x_bar`.
  KOKKOS_FUNCTION void pull_stage(int stage, double t, const T* x, const T* w, double scale,
                                  const T* k_bar, T* x_bar, std::int64_t s, bool wanted) const {
    T* const* const kept = room_.kept[setup_.mode == GradientMode::adjoint ? 0 : stage];
    for (int net = 0; net < 2; ++net) {
      for_rows<R>(team_, dim_, [&](int i, int p) {
        const R c = R(static_cast<T>(scale)) * load<R>(k_bar + i * group_paths + p);
        put_entries(net, {step(), w}, i, p,
                    [&](T* to, const R& factor) { store_lanes(to, c * factor); });
      });
      pull_back(net, t, x, kept[net], x_bar, s, wanted);
    }
  }

  /// to = from + factor added
  KOKKOS_FUNCTION void add(T* to, const T* from, double factor, const T* added) const {
    for_rows<R>(team_, dim_, [&](int i, int p) {
      const int at = i * group_paths + p;
      store_lanes(to + at, fma(R(static_cast<T>(factor)), load<R>(added + at), load<R>(from + at)));
    });
  }
  /// to = from + sign (b_1 k_1 + b_2 k_2)
  KOKKOS_FUNCTION void add_weighted(T* to, const T* from, double sign) const {
    for (int stage = 0; stage < setup_.tableau.stages; ++stage) {
      const double b = setup_.tableau.b[stage];
      if (b == 0) continue;
      add(to, from, sign * b, increment_ + stage * dim_ * group_paths);
      from = to;
    }
  }

  const NeuralSetup<T>& setup_;
  const NeuralField<T>& field_;
  int dim_;

 public:
  T* state;
  T* next;
  T* bar;          ///< cotangents of states: of y
  T* carried_bar;  ///< of z

 private:
  const Member& team_;
  NeuralRoom<T> room_;
  GroupNoise<T> noise_;
  T* nothing_;     ///< the noise of steps that are not there
  T* beside_;      ///< the noise of a step whose draw has passed
  T* middle_;      ///< where the second stage is
  T* increment_;   ///< of the stages
  T* part_bar_;    ///< of a stage's increment or state, or of the step to the right of a node
  T* middle_bar_;  ///< of `middle_`
  double* gradient_;
  Sides swept_{};  ///< of the node of the last `sweep_node`
};

}  // namespace driftwood::sde
