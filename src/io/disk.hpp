// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <csignal>
#include <cstdint>
#include <string>
#include <utility>

#include "base/handle.hpp"

/// What the operating system is asked about files: every failure becomes an `IoError` that names
/// the file and the system's reason.
namespace driftwood::io::disk {

/// For `UniqueHandle`: closes a file descriptor.
struct DescriptorTraits {
  using type = int;
  static int null() noexcept { return -1; }
  static void release(int descriptor) noexcept;
};
using Descriptor = UniqueHandle<DescriptorTraits>;

/// Makes a write beyond the file size limit fail instead of ending the process, while it lives.
class NoSizeSignal {
 public:
  NoSizeSignal();
  NoSizeSignal(const NoSizeSignal&) = delete;
  NoSizeSignal& operator=(const NoSizeSignal&) = delete;
  ~NoSizeSignal();

 private:
  struct sigaction before_ = {};
};

/// Removes a file at the end of its scope, unless that was called off.
class Temporary {
 public:
  Temporary() = default;
  explicit Temporary(std::string path) : path_(std::move(path)) {}
  Temporary(const Temporary&) = delete;
  Temporary& operator=(const Temporary&) = delete;
  ~Temporary();

  [[nodiscard]] const std::string& path() const noexcept { return path_; }
  void keep() noexcept { keep_ = true; }

 private:
  std::string path_;
  bool keep_ = false;
};

/// The folder that `path` lies in; "." without one.
[[nodiscard]] std::string folder_of(const std::string& path);

/// Opens an existing file for writing.
[[nodiscard]] Descriptor open(const std::string& path);

/// Sets disk space aside for the bytes [first, last) of an open file, so that writing them cannot
/// fail for lack of it.
void reserve(const Descriptor& file, const std::string& path, std::uint64_t first,
             std::uint64_t last);

/// Returns when the file's content is on disk.
void sync(const Descriptor& file, const std::string& path);

/// Renames `from` to `to` in one step, durably. Without `overwrite` an existing `to` is an error.
void rename(const std::string& from, const std::string& to, bool overwrite);

/// Throws `IoError` "cannot DO 'PATH' (reason of `code`, an errno)".
[[noreturn]] void fail(const std::string& what, const std::string& path, int code);

}  // namespace driftwood::io::disk
