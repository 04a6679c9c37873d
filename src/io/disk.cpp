// SPDX-License-Identifier: BSD-3-Clause
#include "io/disk.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <system_error>

#include "base/error.hpp"

namespace driftwood::io::disk {

void DescriptorTraits::release(int descriptor) noexcept { ::close(descriptor); }

NoSizeSignal::NoSizeSignal() {
  struct sigaction ignore = {};
  ignore.sa_handler = SIG_IGN;
  ::sigaction(SIGXFSZ, &ignore, &before_);
}

NoSizeSignal::~NoSizeSignal() { ::sigaction(SIGXFSZ, &before_, nullptr); }

Temporary::~Temporary() {
  if (!keep_ && !path_.empty()) ::unlink(path_.c_str());
}

void fail(const std::string& what, const std::string& path, int code) {
  throw IoError("cannot " + what + " '" + path + "'", std::generic_category().message(code));
}

std::string folder_of(const std::string& path) {
  const auto folder = std::filesystem::path(path).parent_path();
  return folder.empty() ? "." : folder.string();
}

Descriptor open(const std::string& path) {
  Descriptor file(::open(path.c_str(), O_WRONLY | O_CLOEXEC));
  if (!file) fail("open", path, errno);
  return file;
}

void reserve(const Descriptor& file, const std::string& path, std::uint64_t first,
             std::uint64_t last) {
  int code = EINTR;
  while (code == EINTR) {
    code =
        ::posix_fallocate(file.get(), static_cast<off_t>(first), static_cast<off_t>(last - first));
  }
  if (code != 0) fail("write", path, code);
}

void sync(const Descriptor& file, const std::string& path) {
  if (::fsync(file.get()) != 0) fail("write", path, errno);
}

namespace {

void sync_folder(const std::string& path) {
  const auto folder = folder_of(path);
  const Descriptor opened(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!opened) fail("open", folder, errno);
  // Some file systems cannot sync folders and say so; their renames are durable or never will be.
  if (::fsync(opened.get()) != 0 && errno != EINVAL) fail("write", folder, errno);
}

}  // namespace

void rename(const std::string& from, const std::string& to, bool overwrite) {
  if (overwrite) {
    if (::rename(from.c_str(), to.c_str()) != 0) fail("write", to, errno);
  } else {
    // Unlike rename, link refuses an existing name, and does so without a gap after the check.
    if (::link(from.c_str(), to.c_str()) != 0) fail("write", to, errno);
    ::unlink(from.c_str());
  }
  sync_folder(to);
}

}  // namespace driftwood::io::disk
