// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace driftwood::mcmc {

/// A parameter of a target as results name it: a number, or a vector of `count` of them.
struct Parameter {
  std::string name;
  std::int64_t count = 0;  ///< 0: a number

  [[nodiscard]] std::int64_t numbers() const { return count == 0 ? 1 : count; }
};

/// A name for each number: "a", "b[0]", "b[1]", ...
[[nodiscard]] inline std::vector<std::string> names_of(const std::vector<Parameter>& parameters) {
  std::vector<std::string> out;
  for (const Parameter& p : parameters) {
    if (p.count == 0) out.push_back(p.name);
    for (std::int64_t i = 0; i < p.count; ++i) {
      out.push_back(p.name + "[" + std::to_string(i) + "]");
    }
  }
  return out;
}

}  // namespace driftwood::mcmc
