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

/// A file that is being written as `<path>.partial`, and that is removed at the end of its scope
/// unless it was published. Errors name `path`.
class Draft {
 public:
  /// Makes the file, or takes an old one over.
  explicit Draft(std::string path);
  Draft(const Draft&) = delete;
  Draft& operator=(const Draft&) = delete;
  ~Draft();

  [[nodiscard]] static std::string name(const std::string& path) { return path + ".partial"; }

  /// Sets aside disk space for `bytes` more, so that writing them cannot fail for lack of it.
  void reserve(std::uint64_t bytes);

  /// Waits until the content is on disk and gives the file the name `to` in one step. Without
  /// `overwrite` an existing `to` is an error.
  void publish(const std::string& to, bool overwrite);

 private:
  std::string path_;
  std::string draft_;
  Descriptor file_;
  std::uint64_t reserved_ = 0;
  bool published_ = false;
};

/// A new, empty folder beside `path`, which is removed with all that is in it.
class ScratchFolder {
 public:
  /// Throws `IoError` where it cannot be made.
  explicit ScratchFolder(const std::string& path);
  ScratchFolder(const ScratchFolder&) = delete;
  ScratchFolder& operator=(const ScratchFolder&) = delete;
  ~ScratchFolder();

  [[nodiscard]] std::string file(const std::string& name) const { return folder_ + '/' + name; }

 private:
  std::string folder_;
};

/// The folder that `path` lies in; "." without one.
[[nodiscard]] std::string folder_of(const std::string& path);
/// What a file of that folder may call `name`: relative names start there.
[[nodiscard]] std::string beside(const std::string& path, const std::string& name);

/// Throws `UsageError` where there is no such file, or it is none that can be read to its end. To
/// be done before one is opened: a pipe that nobody writes to would not even say so.
void check_file(const std::string& path);

/// Throws `IoError` "cannot DO 'PATH' (reason of `code`, an errno)".
[[noreturn]] void fail(const std::string& what, const std::string& path, int code);

}  // namespace driftwood::io::disk
