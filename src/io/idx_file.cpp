// SPDX-License-Identifier: BSD-3-Clause
#include "io/idx_file.hpp"

#include <fmt/format.h>

#include <cstdint>

#include "base/error.hpp"
#include "io/inflated.hpp"

namespace driftwood::io {
namespace {

constexpr std::uint64_t most_bytes = std::uint64_t{1} << 32U;
constexpr unsigned unsigned_byte = 8;

}  // namespace

bool is_idx(const std::string& path) {
  const std::string head = inflated_head(path, 4);
  return head.size() == 4 && head[0] == 0 && head[1] == 0 && head[2] == unsigned_byte &&
         head[3] > 0;
}

IdxArray read_idx(const std::string& path) {
  std::string all = read_inflated(path, most_bytes);
  const auto byte = [&](std::size_t i) { return std::size_t{static_cast<unsigned char>(all[i])}; };
  if (all.size() < 8 || byte(0) != 0 || byte(1) != 0 || byte(3) == 0) {
    throw UsageError("'" + path + "' is no idx file", "it does not begin with 0, 0, type, shape");
  }
  if (byte(2) != unsigned_byte) {
    throw UsageError(fmt::format("'{}' holds numbers of type {}", path, byte(2)),
                     "only unsigned bytes, type 8, are read");
  }
  IdxArray out;
  const std::size_t dimensions = byte(3);
  const std::size_t head = 4 + 4 * dimensions;
  std::size_t count = 1;
  for (std::size_t k = 0; k < dimensions && head <= all.size(); ++k) {
    const std::size_t at = 4 + 4 * k;
    out.shape.push_back((byte(at) << 24U) | (byte(at + 1) << 16U) | (byte(at + 2) << 8U) |
                        byte(at + 3));
    count *= out.shape.back();
    if (out.shape.back() == 0 || count > most_bytes) {
      throw UsageError(fmt::format("'{}' has shape ({})", path, fmt::join(out.shape, ", ")));
    }
  }
  if (all.size() != head + count) {
    throw UsageError(
        fmt::format("'{}' has {} bytes", path, all.size()),
        fmt::format("its shape ({}) needs {}", fmt::join(out.shape, ", "), head + count));
  }
  out.bytes = all.substr(head);
  return out;
}

}  // namespace driftwood::io
