// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "natgrad/ensemble/draw.hpp"

namespace driftwood::natgrad {

/// Which trace is probed: probes of different ones are independent.
enum class Probed { variance, bias };

/// Signs of probes [first, first + k) of a design: entries [begin, end) of each, as columns.
[[nodiscard]] std::vector<double> probe_signs(const DesignKey& key, Probed what, std::size_t first,
                                              std::size_t k, std::size_t begin, std::size_t end);

/// What probes said of a trace, with a control of known mean.
class Probes {
 public:
  explicit Probes(double control_mean) : control_mean_(control_mean) {}
  void add(double value, double control);

  /// The mean over probes. The factor of the control is that of the other half of the probes, so
  /// that it is independent of what it multiplies, and the mean unbiased; none with fewer than 16.
  /// The standard error is that of the jackknife.
  struct Estimate {
    double mean = 0;
    double standard_error = 0;
    double left = 1;  ///< variance over that without the control
  };
  [[nodiscard]] Estimate estimate() const;

 private:
  double control_mean_;
  std::vector<double> values_{};
  std::vector<double> controls_{};  ///< minus their mean
};

}  // namespace driftwood::natgrad
