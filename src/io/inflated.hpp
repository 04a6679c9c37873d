// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

namespace driftwood::io {

/// Whether a file begins as gzip's do. False where it cannot be read.
[[nodiscard]] bool is_gzip(const std::string& path);

/// The first bytes of a file, inflated where gzip has compressed it; fewer where it has no more or
/// cannot be read.
[[nodiscard]] std::string inflated_head(const std::string& path, std::size_t count);

/// The bytes of a file, inflated where gzip has compressed it. Throws `UsageError` where there is
/// no such file, where its content is larger than `most` bytes, or where it is damaged.
[[nodiscard]] std::string read_inflated(const std::string& path, std::uint64_t most);

}  // namespace driftwood::io
