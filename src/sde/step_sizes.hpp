// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "comm/communicator.hpp"
#include "io/result_file.hpp"
#include "sde/step_control.hpp"

namespace driftwood::sde {

/// Sizes of the steps of all ranks' paths, where they adapt.
class StepSizes {
 public:
  /// Adds up over ranks. Collective.
  StepSizes(StepCounts counts, const comm::Communicator& comm);

  [[nodiscard]] std::int64_t accepted() const;
  [[nodiscard]] std::int64_t rejected() const;
  /// Accepted with too large an error, as they were the smallest.
  [[nodiscard]] std::int64_t forced() const { return counts_.forced; }

  /// Writes the group /step_sizes. Collective.
  void write(io::ResultFile& file, const std::string& time_units) const;

 private:
  StepCounts counts_;
};

}  // namespace driftwood::sde
