// SPDX-License-Identifier: BSD-3-Clause
#include "io/disk.hpp"

#include <gtest/gtest.h>
#include <sys/resource.h>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "base/error.hpp"

namespace {
namespace disk = driftwood::io::disk;
namespace fs = std::filesystem;
using driftwood::IoError;

class Disk : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string name = fs::temp_directory_path() / "driftwood_disk_XXXXXX";
    ASSERT_NE(::mkdtemp(name.data()), nullptr);
    folder_ = name;
  }
  void TearDown() override { fs::remove_all(folder_); }

  [[nodiscard]] std::string path(const std::string& name) const { return folder_ / name; }
  static void make(const std::string& path, const std::string& text) { std::ofstream(path) << text; }
  static std::string content(const std::string& path) {
    std::ostringstream text;
    text << std::ifstream(path).rdbuf();
    return text.str();
  }

  fs::path folder_;
};

TEST_F(Disk, RenameReplacesOnlyWithOverwrite) {
  make(path("new"), "new");
  make(path("old"), "old");
  EXPECT_THROW(disk::rename(path("new"), path("old"), false), IoError);
  EXPECT_EQ(content(path("old")), "old");
  EXPECT_EQ(content(path("new")), "new");

  disk::rename(path("new"), path("old"), true);

  EXPECT_EQ(content(path("old")), "new");
  EXPECT_FALSE(fs::exists(path("new")));
}

TEST_F(Disk, RenameWithoutOverwriteLeavesOneName) {
  make(path("new"), "new");

  disk::rename(path("new"), path("other"), false);

  EXPECT_EQ(content(path("other")), "new");
  EXPECT_FALSE(fs::exists(path("new")));
}

TEST_F(Disk, TemporaryRemovesItsFileUnlessKept) {
  make(path("gone"), "x");
  make(path("kept"), "x");
  {
    const disk::Temporary gone(path("gone"));
    disk::Temporary kept(path("kept"));
    kept.keep();
  }
  EXPECT_FALSE(fs::exists(path("gone")));
  EXPECT_TRUE(fs::exists(path("kept")));
}

TEST_F(Disk, ReserveKeepsWhatIsThere) {
  make(path("file"), "content");

  disk::reserve(disk::open(path("file")), path("file"), 0, 5000);

  EXPECT_EQ(fs::file_size(path("file")), 5000U);
  EXPECT_EQ(content(path("file")).substr(0, 7), "content");
}

TEST_F(Disk, ReserveBeyondTheFileSizeLimitSaysSo) {
  make(path("file"), "");
  rlimit before = {};
  ASSERT_EQ(::getrlimit(RLIMIT_FSIZE, &before), 0);
  const rlimit small = {4096, before.rlim_max};
  const auto file = disk::open(path("file"));
  const disk::NoSizeSignal guard;
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &small), 0);

  std::string text;
  try {
    disk::reserve(file, path("file"), 0, 8192);
  } catch (const IoError& error) {
    text = error.what();
  }

  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &before), 0);
  EXPECT_EQ(text, "cannot write '" + path("file") + "' (File too large)");
}

TEST_F(Disk, NoSizeSignalRestoresWhatWasThere) {
  struct sigaction during = {};
  struct sigaction after = {};
  {
    const disk::NoSizeSignal guard;
    ASSERT_EQ(::sigaction(SIGXFSZ, nullptr, &during), 0);
  }
  ASSERT_EQ(::sigaction(SIGXFSZ, nullptr, &after), 0);
  EXPECT_EQ(during.sa_handler, SIG_IGN);
  EXPECT_EQ(after.sa_handler, SIG_DFL);
}

TEST_F(Disk, OpenNamesTheFileAndTheReason) {
  try {
    [[maybe_unused]] const auto file = disk::open(path("none"));
    FAIL() << "a missing file was opened";
  } catch (const IoError& error) {
    EXPECT_EQ(std::string(error.what()),
              "cannot open '" + path("none") + "' (No such file or directory)");
  }
}

TEST_F(Disk, FolderOfAPath) {
  EXPECT_EQ(disk::folder_of("x.h5"), ".");
  EXPECT_EQ(disk::folder_of("a/b/x.h5"), "a/b");
  EXPECT_EQ(disk::folder_of("/x.h5"), "/");
}
}  // namespace
