// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace driftwood::formula {

/// A function of one number: linear between its points, and constant before the first and after
/// the last of them.
struct Table {
  std::vector<double> x;  ///< two numbers or more, increasing
  std::vector<double> y;  ///< as many; differences of points and slopes between them are finite

  friend bool operator==(const Table&, const Table&) = default;
};

/// The table of the name that a formula gives. Throws `Error` where there is none.
using OpenTable = std::function<std::shared_ptr<const Table>(const std::string& name)>;

}  // namespace driftwood::formula
