// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <string>
#include <vector>

#include "io/result_file.hpp"
#include "natgrad/network/study.hpp"

namespace driftwood::natgrad {

/// A mean over replicas.
struct NetworkMean {
  double mean = 0;
  double standard_error = 0;

  /// Whether 0 is outside of the interval that holds the truth with 95 %, Student's law.
  [[nodiscard]] bool is_clear(std::int64_t replicas) const;
  /// Half of that interval.
  [[nodiscard]] double half_width(std::int64_t replicas) const;
};

/// Of one setting.
struct NetworkSummary {
  NetworkMean risk;
  NetworkMean
      difference;  ///< of risks, to gradient descent with the same noise, replica by replica
  double largest_difference = 0;  ///< of these, over the risk of gradient descent
};

/// Of all settings, where all tasks are done and known: on rank 0 after `gather`.
[[nodiscard]] std::vector<NetworkSummary> summarise(const NetworkStudy& study);

/// Writes settings, risks, differences and, of training, curves. Collective; rank 0's are taken.
void write(io::ResultFile& file, const NetworkStudy& study,
           const std::vector<NetworkSummary>& found);

/// Tables of risks and of differences to gradient descent, and what follows from them.
[[nodiscard]] std::string table_text(const NetworkStudy& study,
                                     const std::vector<NetworkSummary>& found);

}  // namespace driftwood::natgrad
