// SPDX-License-Identifier: BSD-3-Clause
#include "io/inflated.hpp"

#include <fmt/format.h>
#include <zlib.h>

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <fstream>

#include "base/error.hpp"
#include "base/handle.hpp"
#include "io/disk.hpp"

namespace driftwood::io {
namespace {

struct GzTraits {
  using type = gzFile;
  static type null() noexcept { return nullptr; }
  static void release(type handle) noexcept { gzclose(handle); }
};

}  // namespace

bool is_gzip(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return file.get() == 0x1f && file.get() == 0x8b;
}

std::string inflated_head(const std::string& path, std::size_t count) {
  const UniqueHandle<GzTraits> file(gzopen(path.c_str(), "rb"));
  std::string out(count, '\0');
  if (file.get() == nullptr) return {};
  const int found = gzread(file.get(), out.data(), static_cast<unsigned>(count));
  out.resize(static_cast<std::size_t>(std::max(found, 0)));
  return out;
}

std::string read_inflated(const std::string& path, std::uint64_t most) {
  disk::check_file(path);
  // A file that gzip has not compressed is read as it is.
  const UniqueHandle<GzTraits> file(gzopen(path.c_str(), "rb"));
  if (file.get() == nullptr) disk::fail("read", path, errno);
  std::string out;
  constexpr std::size_t piece = std::size_t{1} << 20U;
  while (true) {
    const std::size_t before = out.size();
    out.resize(before + piece);
    const int count = gzread(file.get(), out.data() + before, piece);
    if (count < 0) {
      int code = 0;
      throw UsageError("'" + path + "' is damaged", gzerror(file.get(), &code));
    }
    out.resize(before + static_cast<std::size_t>(count));
    if (out.size() > most) {
      throw UsageError(fmt::format("'{}' holds more than {} MiB", path, most >> 20U));
    }
    if (count == 0) break;
  }
  int code = Z_OK;
  const char* const reason = gzerror(file.get(), &code);
  if (code != Z_OK && code != Z_STREAM_END) {
    throw UsageError("'" + path + "' ends too soon", reason);
  }
  return out;
}

}  // namespace driftwood::io
