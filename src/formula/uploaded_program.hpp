// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "base/on_device.hpp"
#include "formula/program.hpp"

namespace driftwood::formula {

/// A program in memory that kernels can read.
class UploadedProgram {
 public:
  explicit UploadedProgram(const Program& program)
      : code_(on_device("code", program.code())),
        constants_(on_device("constants", program.constants())),
        points_(on_device("points", program.points())),
        tables_(on_device("tables", program.tables())),
        outputs_(on_device("outputs", program.outputs())),
        tape_(program.tape()) {
    tape_.code = code_.data();
    tape_.constant = constants_.data();
    tape_.point = points_.data();
    tape_.table = tables_.data();
    tape_.output = outputs_.data();
  }

  /// Valid as long as a copy of this.
  [[nodiscard]] const Tape& tape() const noexcept { return tape_; }

 private:
  Kokkos::View<Instruction*, Memory> code_;
  Kokkos::View<double*, Memory> constants_;
  Kokkos::View<double*, Memory> points_;
  Kokkos::View<TableSpan*, Memory> tables_;
  Kokkos::View<Slot*, Memory> outputs_;
  Tape tape_;
};

}  // namespace driftwood::formula
