// SPDX-License-Identifier: BSD-3-Clause
#include "io/output.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <filesystem>
#include <system_error>

#include "base/error.hpp"

namespace driftwood::io {

void check_output(const std::string& path, bool overwrite) {
  namespace fs = std::filesystem;
  if (path.empty()) throw UsageError("the output file has an empty name");
  const auto folder = disk::folder_of(path);
  std::error_code ignored;
  const std::string problem = "cannot write '" + path + "'";
  if (!fs::exists(folder, ignored)) {
    throw UsageError(problem, "there is no folder '" + folder + "'", "create it first");
  }
  if (!fs::is_directory(folder, ignored)) {
    throw UsageError(problem, "'" + folder + "' is not a folder");
  }
  if (::access(folder.c_str(), W_OK | X_OK) != 0) {
    throw UsageError(problem, "no permission to write in '" + folder + "'");
  }
  if (fs::is_directory(path, ignored)) {
    throw UsageError(problem, "it is a folder", "name a file in it");
  }
  if (fs::exists(path, ignored) && !fs::is_regular_file(path, ignored)) {
    throw UsageError(problem, "it is a device, pipe or socket", "name a file");
  }
  if (!overwrite && fs::exists(fs::symlink_status(path, ignored))) {
    throw UsageError(problem, "it exists and overwrite = false",
                     "move it away or choose another output");
  }
}

namespace {

/// Who holds the lock, for the error text of those who wait; nobody reads it for anything else.
void sign(const disk::Descriptor& file) {
  std::array<char, 256> host = {};
  ::gethostname(host.data(), host.size() - 1);
  const std::string text =
      "process " + std::to_string(::getpid()) + " on " + std::string(host.data());
  if (::ftruncate(file.get(), 0) != 0) return;
  [[maybe_unused]] const auto written = ::pwrite(file.get(), text.data(), text.size(), 0);
}

std::string signature(const disk::Descriptor& file) {
  std::array<char, 300> text = {};
  const auto length = ::pread(file.get(), text.data(), text.size(), 0);
  return length > 0 ? std::string(text.data(), static_cast<std::size_t>(length))
                    : "an unknown process";
}

/// Whether `path` still names the open file, and not one made after it was removed.
bool still_named(const disk::Descriptor& file, const std::string& path) {
  struct stat opened = {};
  struct stat named = {};
  return ::fstat(file.get(), &opened) == 0 && ::stat(path.c_str(), &named) == 0 &&
         opened.st_dev == named.st_dev && opened.st_ino == named.st_ino;
}

disk::Descriptor open_lock(const std::string& path) {
  disk::Descriptor file(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0666));
  if (file) return file;
  const int code = errno;
  if (code == ENOENT || code == EACCES || code == EPERM || code == EROFS) {
    throw UsageError("cannot create '" + path + "'", std::generic_category().message(code),
                     "choose an output in a folder that takes new files");
  }
  disk::fail("create", path, code);
}

/// Locks `<output>.lock`; a null descriptor when the file system has no locks.
disk::Descriptor lock_file(const std::string& output, const std::string& path) {
  while (true) {
    auto file = open_lock(path);
    if (::flock(file.get(), LOCK_EX | LOCK_NB) == 0) {
      // The last holder may have removed the file between our open and our lock.
      if (!still_named(file, path)) continue;
      sign(file);
      return file;
    }
    if (errno == EINTR) continue;
    if (errno == EWOULDBLOCK) {
      throw IoError("another job is writing '" + output + "'",
                    signature(file) + " holds '" + path + "'",
                    "wait for it or choose another output");
    }
    if (errno == ENOLCK || errno == ENOSYS || errno == EOPNOTSUPP) return {};
    disk::fail("lock", path, errno);
  }
}

}  // namespace

OutputLock::OutputLock(const comm::Communicator& comm, const std::string& path)
    : path_(path + ".lock") {
  comm.agree([&] {
    if (comm.is_root()) file_ = lock_file(path, path_);
  });
  guards_ = comm.all_reduce_max(std::int64_t{file_ ? 1 : 0}) == 1;
}

OutputLock::~OutputLock() {
  // While the lock is still held: nobody else can have locked this very file.
  if (file_) ::unlink(path_.c_str());
}

}  // namespace driftwood::io
