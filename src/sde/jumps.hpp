// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "formula/tape.hpp"
#include "sde/draw_law.hpp"
#include "sde/jump_plan.hpp"
#include "sde/states.hpp"
#include "sde/watch.hpp"

namespace driftwood::sde {

/// The law of a mark.
struct MarkLaw {
  deck::Distribution::Kind kind;
  double first;   ///< as `deck::Distribution` has it
  double second;  ///< the same
};

/// A kind of jumps, as kernels read it. Tapes are valid as long as what they point to, which
/// `UploadedJumps` owns.
struct JumpCode {
  RateLaw law;
  double bound;  ///< [1/time]
  formula::Tape rate;
  formula::Tape change;
  int first_mark;  ///< in the list of all marks
  int marks;
  int first_component;  ///< in the list of all components that jumps change
  int rate_path;        ///< where in a work item's memory lies what a path keeps for `rate`
  int change_path;      ///< and for `change`
};

/// The numbers that a path remembers of its jumps, one a row: for each of K kinds how many there
/// have been, how long it still waits, and how many waits it has drawn; at the end how many pieces
/// of Brownian motion.
struct JumpRow {
  int kinds;

  [[nodiscard]] KOKKOS_FORCEINLINE_FUNCTION constexpr int jumps(int k) const { return k; }
  /// In units of the mean wait; negative: not drawn yet.
  [[nodiscard]] KOKKOS_FORCEINLINE_FUNCTION constexpr int wait(int k) const { return kinds + k; }
  [[nodiscard]] KOKKOS_FORCEINLINE_FUNCTION constexpr int waits(int k) const {
    return 2 * kinds + k;
  }
  [[nodiscard]] KOKKOS_FORCEINLINE_FUNCTION constexpr int pieces() const { return 3 * kinds; }
  [[nodiscard]] KOKKOS_FORCEINLINE_FUNCTION constexpr int count() const { return 3 * kinds + 1; }
};

/// The jumps of the paths of a wave.
struct Jumps {
  using R = Lane<double>;

  Kokkos::View<const JumpCode*, Memory> kinds = {};
  Kokkos::View<const MarkLaw*, Memory> marks = {};
  Kokkos::View<const int*, Memory> components = {};  ///< that jumps change
  Kokkos::View<const double*, Memory> parameters = {};
  Kokkos::View<const int*, Memory> drawn_row = {};  ///< of each parameter; -1: paths share it
  States<double> drawn = {};
  States<double> rows = {};  ///< of `JumpRow`
  /// A row for each token: inputs of formulas, rates, what formulas keep, their registers.
  Kokkos::View<R**, Kokkos::LayoutRight, Memory> memory = {};
  Kokkos::Experimental::UniqueToken<Exec> tokens = {};
  int rates = 0;                               ///< where these begin in such a row
  int registers = 0;                           ///< and these
  Kokkos::View<double*, Memory> highest = {};  ///< rate of each kind above its bound [1/time]
  std::int64_t paths = 0;                      ///< of the wave; columns beyond do not count

  KOKKOS_FORCEINLINE_FUNCTION int count() const { return static_cast<int>(kinds.extent(0)); }
  KOKKOS_FORCEINLINE_FUNCTION bool is_on() const { return kinds.extent(0) > 0; }
};

/// When a path may jump next.
template <class R>
struct NextJump {
  R wait;   ///< until then, or until the end of the interval [time]
  R kind;   ///< of the jump; -1: it is the end of the interval
  R piece;  ///< number of the piece of Brownian motion until then
};

/// The jumps of the paths in one lane. Holds a work item's memory while it lives.
template <class R>
class JumpingPaths {
 public:
  static_assert(std::is_same_v<R, Jumps::R>);

  KOKKOS_FORCEINLINE_FUNCTION JumpingPaths(const Jumps& jumps, const random::Ids<R>& ids,
                                           std::uint64_t seed, std::int64_t column)
      : jumps_(jumps), ids_(ids), seed_(seed), column_(column) {
    if (!jumps.is_on()) return;
    token_ = jumps.tokens.acquire();
    memory_ = &jumps.memory(token_, 0);
    out_of_line([&] {
      begin_paths();
      return 0;
    });
  }
  KOKKOS_FORCEINLINE_FUNCTION ~JumpingPaths() {
    if (jumps_.is_on()) jumps_.tokens.release(token_);
  }
  JumpingPaths(const JumpingPaths&) = delete;
  JumpingPaths& operator=(const JumpingPaths&) = delete;

  /// When the paths of `where`, which are at x at the times `now`, may jump next, if that is within
  /// `rest` [time]. For the jumps they count as having waited until then.
  template <class X>
  KOKKOS_FUNCTION NextJump<R> next(const mask_of<R>& where, const R& now, const X& x,
                                   const R& rest) const {
    const JumpRow rows{jumps_.count()};
    NextJump<R> out{rest, R(-1), counted(rows.pieces(), where)};
    R* const rates = memory_ + jumps_.rates;
    take_inputs(x);
    for (int k = 0; k < rows.kinds; ++k) {
      const JumpCode& kind = jumps_.kinds(k);
      rates[k] = R(kind.bound);
      if (kind.law != RateLaw::bounded) {
        const R rate = evaluate(kind.rate, kind.rate_path, now);
        spoil(where & !is_finite(rate), k);
        rates[k] = max(rate, R(0));
      }
      const R wait = max(drawn_wait(where, k), R(least)) / rates[k];
      const mask_of<R> sooner = less(wait, out.wait);
      out.wait = select(sooner, wait, out.wait);
      out.kind = select(sooner, R(k), out.kind);
    }
    out.wait = max(out.wait, R(shortest) * rest);
    for (int k = 0; k < rows.kinds; ++k) {
      double* const at = row(rows.wait(k));
      const R before = load<R>(at);
      const R after = max(fma(-rates[k], out.wait, before), R(0));
      const R waited = select(equal(out.kind, R(k)), R(-1), after);
      store_lanes(at, select(where, waited, before));
    }
    return out;
  }

  /// The jumps of the kinds `kind` of the paths of `where`, at the times `now`. Each that is taken
  /// is seen as a step of no length.
  template <class X, class See>
  KOKKOS_FUNCTION void jump(const mask_of<R>& where, const R& kind, const R& now, X& x,
                            const See& see) const {
    for (int k = 0; k < jumps_.count(); ++k) {
      const mask_of<R> here = where & equal(kind, R(k));
      if (any(here)) make(here, k, now, x, see);
    }
  }

 private:
  static constexpr double least = 1e-300;    ///< of waits, as 0 / 0 has no value
  static constexpr double shortest = 1e-14;  ///< of pieces, as a part of the interval
  static constexpr double rounding = 1e-12;  ///< by which a rate may be above its bound

  [[nodiscard]] KOKKOS_FORCEINLINE_FUNCTION double* row(int i) const {
    return &jumps_.rows(i, column_);
  }
  /// The row, before 1 is added for the paths of `where`.
  KOKKOS_FORCEINLINE_FUNCTION R counted(int i, const mask_of<R>& where) const {
    const R before = load<R>(row(i));
    store_lanes(row(i), select(where, before + R(1), before));
    return before;
  }
  [[nodiscard]] KOKKOS_FORCEINLINE_FUNCTION random::Words<R> words(random::Purpose purpose,
                                                                   int component,
                                                                   const R& number) const {
    return random::Stream(seed_, purpose, component).words_at(ids_, random::whole_word(number));
  }

  /// Completes what paths keep for each formula.
  KOKKOS_FUNCTION void begin_paths() const {
    for (int k = 0; k < jumps_.count(); ++k) {
      const JumpCode& kind = jumps_.kinds(k);
      begin_path(kind.rate, memory_ + kind.rate_path);
      begin_path(kind.change, memory_ + kind.change_path);
    }
  }
  KOKKOS_FUNCTION void begin_path(const formula::Tape& tape, R* path) const {
    for (int j = 0; j < tape.fixed; ++j) {
      const int i = jumps_.drawn_row(j);
      path[j] = i < 0 ? R(jumps_.parameters(j)) : load<R>(&jumps_.drawn(i, column_));
    }
    formula::begin_path(tape, path);
  }

  template <class X>
  KOKKOS_FORCEINLINE_FUNCTION void take_inputs(const X& x) const {
    for (int i = 0; i < x.size(); ++i) memory_[i] = x[i];
  }
  /// The first output of a formula.
  KOKKOS_FORCEINLINE_FUNCTION R evaluate(const formula::Tape& tape, int path, const R& now) const {
    return formula::output(tape, evaluated(tape, path, now), 0);
  }
  KOKKOS_FUNCTION formula::Banks<R> evaluated(const formula::Tape& tape, int path,
                                              const R& now) const {
    const formula::Banks<R> banks{memory_ + jumps_.registers, memory_, memory_ + path};
    formula::evaluate(tape, now, banks);
    return banks;
  }

  /// How long paths still wait for kind k; those of `where` that do not wait yet begin to.
  KOKKOS_FORCEINLINE_FUNCTION R drawn_wait(const mask_of<R>& where, int k) const {
    const JumpRow rows{jumps_.count()};
    const R wait = load<R>(row(rows.wait(k)));
    const mask_of<R> begins = where & less(wait, R(0));
    if (!any(begins)) return wait;
    const R number = counted(rows.waits(k), begins);
    const R u = random::uniform(words(random::Purpose::jump, k, number).word[0]);
    const R drawn = select(begins, -math::log_of_normal(u), wait);
    store_lanes(row(rows.wait(k)), drawn);
    return drawn;
  }

  /// Paths whose rates have no value are lost: their jumps are not a number.
  KOKKOS_FORCEINLINE_FUNCTION void spoil(const mask_of<R>& lost, int k) const {
    if (!any(lost)) return;
    double* const at = row(JumpRow{jumps_.count()}.jumps(k));
    const R before = load<R>(at);
    store_lanes(at, select(lost, before + bits_as<R>(word_of<R>(not_a_number)), before));
  }
  static constexpr std::uint64_t not_a_number = 0x7ff8000000000000;

  template <class X, class See>
  KOKKOS_FUNCTION void make(const mask_of<R>& where, int k, const R& now, X& x,
                            const See& see) const {
    const auto freed = scope(x);
    const JumpRow rows{jumps_.count()};
    const JumpCode& kind = jumps_.kinds(k);
    const R number = load<R>(row(rows.waits(k))) - R(1);
    take_inputs(x);
    mask_of<R> taken = where;
    if (kind.law == RateLaw::bounded) {
      const R rate = evaluate(kind.rate, kind.rate_path, now);
      spoil(where & !is_finite(rate), k);
      note(where & less(R(kind.bound * (1 + rounding)), rate), k, rate);
      const R u = random::uniform(words(random::Purpose::jump, k, number).word[1]);
      taken = where & less(u * R(kind.bound), rate);
    }
    for (int m = 0; m < kind.marks; ++m) {
      const MarkLaw& law = jumps_.marks(kind.first_mark + m);
      memory_[x.size() + m] = drawn_from(law.kind, law.first, law.second,
                                         words(random::Purpose::mark, kind.first_mark + m, number));
    }
    const X before = generate(x, [&](int i) { return x[i]; });
    const formula::Banks<R> banks = evaluated(kind.change, kind.change_path, now);
    for (int i = 0; i < kind.change.outputs; ++i) {
      R& to = x[jumps_.components(kind.first_component + i)];
      to = select(taken, to + formula::output(kind.change, banks, i), to);
    }
    counted(rows.jumps(k), taken);
    if (see.is_on()) {
      const mask_of<R> idle = !taken;
      see(WatchedStep<R, R, word_of<R>>{now, R(0), random::whole_word(number), seed_, ids_, column_,
                                        idle},
          before, x);
    }
  }

  /// Remembers the highest rate of the paths of `where`, which are above their bound.
  KOKKOS_FORCEINLINE_FUNCTION void note(const mask_of<R>& where, int k, const R& rate) const {
    if (!any(where)) return;
    double rates[width_of<R>];
    store_lanes(rates, select(where, rate, R(0)));
    for (int l = 0; l < width_of<R>; ++l) {
      if (column_ + l < jumps_.paths) Kokkos::atomic_fetch_max(&jumps_.highest(k), rates[l]);
    }
  }

  const Jumps& jumps_;
  random::Ids<R> ids_;
  std::uint64_t seed_;
  std::int64_t column_;
  int token_ = 0;
  R* memory_ = nullptr;
};

}  // namespace driftwood::sde
