// SPDX-License-Identifier: BSD-3-Clause
#include "io/disk.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
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

void check_file(const std::string& path) {
  std::error_code unknown;
  if (!std::filesystem::exists(path, unknown)) {
    throw UsageError("there is no file '" + path + "'", "",
                     "relative names start from the folder of the deck");
  }
  if (!std::filesystem::is_regular_file(path, unknown)) {
    throw UsageError("'" + path + "' is not a regular file");
  }
}

void fail(const std::string& what, const std::string& path, int code) {
  throw IoError("cannot " + what + " '" + path + "'", std::generic_category().message(code));
}

std::string folder_of(const std::string& path) {
  const auto folder = std::filesystem::path(path).parent_path();
  return folder.empty() ? "." : folder.string();
}

std::string beside(const std::string& path, const std::string& name) {
  return (std::filesystem::path(folder_of(path)) / name).lexically_normal().string();
}

namespace {

// A file that cannot even hold this much is refused in our words, before MPI uses its own.
constexpr off_t least_bytes = 4096;

void allocate(const Descriptor& file, const std::string& path, off_t first, off_t count) {
  int code = EINTR;
  while (code == EINTR) code = ::posix_fallocate(file.get(), first, count);
  if (code != 0) fail("write", path, code);
}

void sync_folder(const std::string& path) {
  const auto folder = folder_of(path);
  const Descriptor opened(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!opened) fail("open", folder, errno);
  // Some file systems cannot sync folders and say so; their renames are durable or never will be.
  if (::fsync(opened.get()) != 0 && errno != EINVAL) fail("write", folder, errno);
}

}  // namespace

Draft::Draft(std::string path) : path_(std::move(path)), draft_(name(path_)) {
  file_ = Descriptor(::open(draft_.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0666));
  if (!file_) fail("open", draft_, errno);
  try {
    allocate(file_, path_, 0, least_bytes);
  } catch (...) {
    ::unlink(draft_.c_str());
    throw;
  }
}

Draft::~Draft() {
  if (!published_) ::unlink(draft_.c_str());
}

void Draft::reserve(std::uint64_t bytes) {
  allocate(file_, path_, static_cast<off_t>(reserved_), static_cast<off_t>(bytes));
  reserved_ += bytes;
}

void Draft::publish(const std::string& to, bool overwrite) {
  if (::fsync(file_.get()) != 0) fail("write", path_, errno);
  if (overwrite) {
    if (::rename(draft_.c_str(), to.c_str()) != 0) fail("write", to, errno);
  } else {
    // Unlike rename, link refuses an existing name, and does so without a gap after the check.
    if (::link(draft_.c_str(), to.c_str()) != 0) fail("write", to, errno);
    ::unlink(draft_.c_str());
  }
  published_ = true;
  sync_folder(to);
}

ScratchFolder::ScratchFolder(const std::string& path) : folder_(path + ".plan-XXXXXX") {
  if (::mkdtemp(folder_.data()) == nullptr) fail("create a folder beside", path, errno);
}

ScratchFolder::~ScratchFolder() {
  std::error_code ignored;
  std::filesystem::remove_all(folder_, ignored);
}

}  // namespace driftwood::io::disk
