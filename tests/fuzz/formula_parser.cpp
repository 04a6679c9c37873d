// SPDX-License-Identifier: BSD-3-Clause
/// Any text either becomes a program that evaluates, forwards and in reverse, or is refused with a
/// problem that lies within it.
#include <cstdlib>

#include "support/formulas.hpp"

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  using namespace driftwood::formula;
  const std::string text(reinterpret_cast<const char*>(data), size);
  try {
    const testing::Compiled compiled({text}, Keep::all);
    static_cast<void>(compiled.values<double>(0.5, {1, 2, 3}, {4, 5}));
    static_cast<void>(compiled.gradient<double>(0.5, {1, 2, 3}, {4, 5}, {1}));
    static_cast<void>(testing::Compiled({text}).values<double>(0.5, {1, 2, 3}, {4, 5}));
  } catch (const Problem& problem) {
    const bool inside = problem.offset <= size && problem.opened.value_or(0) <= size;
    if (!inside || problem.problem.empty()) std::abort();
    static_cast<void>(place_of(text, problem.offset));
  }
  return 0;
}
