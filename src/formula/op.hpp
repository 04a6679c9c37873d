// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>

namespace driftwood::formula {

/// What a node of a formula does. Leaves and powers do not appear on a tape.
enum class Op : std::uint8_t {
  number,
  time,
  varying,      ///< an input that changes along a path
  fixed,        ///< an input that a path keeps
  power,        ///< a^b = exp(b log a)
  whole_power,  ///< a^n by repeated multiplication
  negate,
  add,
  subtract,
  multiply,
  divide,
  multiply_add,       ///< a b + c, rounded once
  multiply_subtract,  ///< a b - c, rounded once
  subtract_product,   ///< c - a b, rounded once
  minimum,
  maximum,
  step,    ///< 0 below zero, else 1
  less,    ///< 1 where a < b, else 0
  equal,   ///< 1 where a = b, else 0
  choose,  ///< b, or c where a is 0
  abs,
  sqrt,
  exp,
  log,
  log1p,
  expm1,
  sin,
  cos,
  tan,
  sinh,
  cosh,
  tanh,
  atan,
  sigmoid,
  table,        ///< a function given by points
  table_slope,  ///< its slope; on records alone
};

}  // namespace driftwood::formula
