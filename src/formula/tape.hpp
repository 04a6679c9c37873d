// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// Formulas as a list of instructions, evaluated in order on memory of the caller. One switch per
/// instruction is shared by all paths of a lane, so lanes are best wide.

#include "formula/interpolate.hpp"
#include "formula/operations.hpp"

namespace driftwood::formula {

/// Where a value is kept: in which bank, and at which place there.
struct Slot {
  enum Bank : std::uint32_t { registers, varying, path };

  Bank bank;
  std::uint32_t index;
};

struct Instruction {
  Op op;
  Slot to;
  Slot a;
  Slot b;  ///< as `a` where the operation has fewer operands
  Slot c;
  int table;  ///< where the operation is one
};

/// Where a table lies among the points of a tape.
struct TableSpan {
  std::int64_t first;  ///< of its arguments, which its values follow
  int count;
};

/// The memory that a tape works on. What a path keeps may be of a type C that R is made from: lanes
/// where R are dual numbers.
template <class R, class C = R>
struct Banks {
  R* registers;      ///< `Tape::registers` lanes, of any content
  const R* varying;  ///< the inputs that change along a path
  const C* path;     ///< what `begin_path` made
};

/// A view of instructions in memory that the kernel can read; `Program` owns them.
struct Tape {
  const Instruction* code;
  int prologue;  ///< instructions that `begin_path` runs; those of `evaluate` follow
  int size;      ///< all instructions
  const double* constant;
  int constants;
  const double* point;
  const TableSpan* table;
  const Slot* output;
  int outputs;
  int varying;       ///< inputs that change along a path
  int fixed;         ///< inputs that a path keeps
  int path_values;   ///< lanes of the bank `path`: fixed inputs, results of the prologue, constants
  int registers;     ///< lanes of the bank `registers`
  bool uses_time;    ///< then register 0 holds it
  int first_output;  ///< register of the first output where they lie side by side; else -1
  bool is_reversed;  ///< each register is written once, as `sweep_back` needs
};

namespace detail {
KOKKOS_FORCEINLINE_FUNCTION Points points_of(const Tape& tape, const Instruction& now) {
  const TableSpan& span = tape.table[now.table];
  const double* const x = tape.point + span.first;
  return {x, x + span.count, span.count};
}

KOKKOS_FORCEINLINE_FUNCTION bool is_time(const Tape& tape, const Slot& slot) {
  return tape.uses_time && slot.bank == Slot::registers && slot.index == 0;
}

template <class R>
KOKKOS_FORCEINLINE_FUNCTION const R& value_at(const Slot& slot, const Banks<R>& banks) {
  if (slot.bank == Slot::registers) return banks.registers[slot.index];
  return slot.bank == Slot::varying ? banks.varying[slot.index] : banks.path[slot.index];
}

/// The same, with `room` for a value that has to be made.
template <class R, class C>
KOKKOS_FORCEINLINE_FUNCTION const R& value_at(const Slot& slot, const Banks<R, C>& banks, R& room) {
  if (slot.bank == Slot::registers) return banks.registers[slot.index];
  if (slot.bank == Slot::varying) return banks.varying[slot.index];
  return room = R(banks.path[slot.index]);
}
}  // namespace detail

/// Completes the bank of what a path keeps, whose first `tape.fixed` lanes hold the fixed inputs:
/// constants, and what follows from both.
template <class R>
KOKKOS_FUNCTION void begin_path(const Tape& tape, R* path) {
  using T = value_of<R>;
  const int first = tape.path_values - tape.constants;
  for (int i = 0; i < tape.constants; ++i) path[first + i] = R(static_cast<T>(tape.constant[i]));
  for (int i = 0; i < tape.prologue; ++i) {
    const Instruction& now = tape.code[i];
    apply(now.op, path[now.to.index], path[now.a.index], path[now.b.index], path[now.c.index],
          [&](R& to, const R& a) {
            R slope;
            to = interpolate(detail::points_of(tape, now), a, slope);
          });
  }
}

/// Evaluates all formulas at time t, which may differ from path to path; `output` finds their
/// values.
template <class R, class C, class Time>
KOKKOS_FUNCTION void evaluate(const Tape& tape, const Time& t, const Banks<R, C>& banks) {
  if (tape.uses_time) banks.registers[0] = as_lane<R>(t);
  for (int i = tape.prologue; i < tape.size; ++i) {
    const Instruction& now = tape.code[i];
    R& to = banks.registers[now.to.index];
    const auto look_up = [&](R& value, const R& a) {
      const Points points = detail::points_of(tape, now);
      if constexpr (std::is_arithmetic_v<Time>) {
        if (detail::is_time(tape, now.a)) {  // the same in all lanes, known in double precision
          value = R(static_cast<value_of<R>>(interpolate(points, t).value));
          return;
        }
      }
      R slope;
      value = interpolate(points, a, slope);
    };
    if constexpr (std::is_same_v<R, C>) {
      apply(now.op, to, detail::value_at(now.a, banks), detail::value_at(now.b, banks),
            detail::value_at(now.c, banks), look_up);
    } else {
      R a, b, c;
      apply(now.op, to, detail::value_at(now.a, banks, a), detail::value_at(now.b, banks, b),
            detail::value_at(now.c, banks, c), look_up);
    }
  }
}

/// The value of formula i. Valid until the memory of the banks changes.
template <class R>
KOKKOS_FORCEINLINE_FUNCTION const R& output(const Tape& tape, const Banks<R>& banks, int i) {
  return detail::value_at(tape.output[i], banks);
}
template <class R, class C>
KOKKOS_FORCEINLINE_FUNCTION R output(const Tape& tape, const Banks<R, C>& banks, int i) {
  R room;
  return detail::value_at(tape.output[i], banks, room);
}

/// Derivatives of a scalar by what is kept in the banks.
template <class R>
struct Adjoints {
  R* registers;  ///< of any content
  R* varying;    ///< added to
  R* path;       ///< added to; `end_path` gives those of the fixed inputs
};

namespace detail {

template <class R>
KOKKOS_FORCEINLINE_FUNCTION R& adjoint_at(const Slot& slot, const Adjoints<R>& adjoints) {
  if (slot.bank == Slot::registers) return adjoints.registers[slot.index];
  return slot.bank == Slot::varying ? adjoints.varying[slot.index] : adjoints.path[slot.index];
}

/// Hands the adjoint of an instruction's result to its operands.
template <class R>
KOKKOS_FORCEINLINE_FUNCTION void reverse(const Tape& tape, const Instruction& now,
                                         const Banks<R>& banks, const Adjoints<R>& adjoints) {
  const R g = adjoint_at(now.to, adjoints);
  const R& a = value_at(now.a, banks);
  const R& b = value_at(now.b, banks);
  R& to_a = adjoint_at(now.a, adjoints);
  R& to_b = adjoint_at(now.b, adjoints);
  R& to_c = adjoint_at(now.c, adjoints);
  switch (now.op) {
    case Op::add:
      to_a = to_a + g;
      to_b = to_b + g;
      return;
    case Op::subtract:
      to_a = to_a + g;
      to_b = to_b - g;
      return;
    case Op::multiply:
      to_a = fma(g, b, to_a);
      to_b = fma(g, a, to_b);
      return;
    case Op::divide: {
      const R part = g / b;
      to_a = to_a + part;
      to_b = fma(-part, value_at(now.to, banks), to_b);
      return;
    }
    case Op::multiply_add:
      to_a = fma(g, b, to_a);
      to_b = fma(g, a, to_b);
      to_c = to_c + g;
      return;
    case Op::multiply_subtract:
      to_a = fma(g, b, to_a);
      to_b = fma(g, a, to_b);
      to_c = to_c - g;
      return;
    case Op::subtract_product:
      to_a = fma(-g, b, to_a);
      to_b = fma(-g, a, to_b);
      to_c = to_c + g;
      return;
    case Op::minimum:
    case Op::maximum: {
      const auto second = now.op == Op::minimum ? less(b, a) : less(a, b);
      to_a = to_a + select(second, R(0), g);
      to_b = to_b + select(second, g, R(0));
      return;
    }
    case Op::choose: {
      const auto third = equal(a, R(0));
      to_b = to_b + select(third, R(0), g);
      to_c = to_c + select(third, g, R(0));
      return;
    }
    case Op::less:
    case Op::equal:
      return;
    case Op::table: {
      if (is_time(tape, now.a)) return;  // derivatives by the time are not asked for
      R slope;
      static_cast<void>(interpolate(points_of(tape, now), a, slope));
      to_a = fma(g, slope, to_a);
      return;
    }
    default: {
      R part;
      pull_back(now.op, part, g, a, value_at(now.to, banks));
      to_a = to_a + part;
      return;
    }
  }
}

}  // namespace detail

/// Adds seed^T J to the adjoints, J being the derivatives of the formulas by the inputs that change
/// along a path and by what the path keeps. After `evaluate` on the same banks, of a tape that
/// `is_reversed`. Griewank and Walther (2008), section 3.2.
template <class R>
KOKKOS_FUNCTION void sweep_back(const Tape& tape, const Banks<R>& banks, const R* seed,
                                const Adjoints<R>& adjoints) {
  for (int i = 0; i < tape.registers; ++i) adjoints.registers[i] = R(0);
  for (int i = 0; i < tape.outputs; ++i) {
    R& to = detail::adjoint_at(tape.output[i], adjoints);
    to = to + seed[i];
  }
  for (int i = tape.size - 1; i >= tape.prologue; --i) {
    detail::reverse(tape, tape.code[i], banks, adjoints);
  }
}

/// The rest of the derivatives by the fixed inputs: through the prologue, once per path, after the
/// last `sweep_back`. The first `tape.fixed` adjoints are then complete.
template <class R>
KOKKOS_FUNCTION void end_path(const Tape& tape, const R* path, R* adjoint) {
  const Banks<R> banks{nullptr, nullptr, path};
  const Adjoints<R> adjoints{nullptr, nullptr, adjoint};
  for (int i = tape.prologue - 1; i >= 0; --i) detail::reverse(tape, tape.code[i], banks, adjoints);
}

}  // namespace driftwood::formula
