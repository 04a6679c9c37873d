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
  static void make(const std::string& path, const std::string& text) {
    std::ofstream(path) << text;
  }
  static std::string content(const std::string& path) {
    std::ostringstream text;
    text << std::ifstream(path).rdbuf();
    return text.str();
  }

  /// The text of the IoError that `f` throws, or "".
  template <class F>
  static std::string refusal(F&& f) {
    try {
      f();
    } catch (const IoError& error) {
      return error.what();
    }
    return "";
  }

  fs::path folder_;
};

TEST_F(Disk, DraftTakesItsNameWhenPublished) {
  make(path("x"), "old");
  {
    disk::Draft draft(path("x"));
    make(path("x.partial"), "new");
    EXPECT_EQ(content(path("x")), "old");
    draft.publish(path("x"), true);
  }
  EXPECT_EQ(content(path("x")), "new");
  EXPECT_FALSE(fs::exists(path("x.partial")));
}

TEST_F(Disk, DraftThatIsNotPublishedIsRemoved) {
  make(path("x"), "old");
  {
    const disk::Draft draft(path("x"));
    EXPECT_TRUE(fs::exists(path("x.partial")));
  }
  EXPECT_EQ(content(path("x")), "old");
  EXPECT_FALSE(fs::exists(path("x.partial")));
}

TEST_F(Disk, DraftReplacesNothingWithoutOverwrite) {
  disk::Draft draft(path("x"));
  make(path("x.partial"), "new");
  make(path("x"), "old");
  EXPECT_EQ(refusal([&] { draft.publish(path("x"), false); }),
            "cannot write '" + path("x") + "' (File exists)");
  EXPECT_EQ(content(path("x")), "old");

  draft.publish(path("y"), false);

  EXPECT_EQ(content(path("y")), "new");
  EXPECT_FALSE(fs::exists(path("x.partial")));
}

TEST_F(Disk, DraftSetsSpaceAsideBehindWhatItHas) {
  disk::Draft draft(path("x"));
  draft.reserve(5000);
  make(path("x.partial"), "content");  // truncates; then only what is new is set aside
  draft.reserve(3000);
  EXPECT_EQ(fs::file_size(path("x.partial")), 8000U);
  EXPECT_EQ(content(path("x.partial")).substr(0, 7), "content");
}

TEST_F(Disk, DraftSaysWhyItCannotBeMade) {
  EXPECT_EQ(refusal([&] { const disk::Draft draft(path("none/x")); }),
            "cannot open '" + path("none/x.partial") + "' (No such file or directory)");
}

TEST_F(Disk, TheFileSizeLimitIsReportedAndLeavesNothing) {
  rlimit before = {};
  ASSERT_EQ(::getrlimit(RLIMIT_FSIZE, &before), 0);
  const auto refused_at = [&](rlim_t limit) {
    const disk::NoSizeSignal guard;
    const rlimit small = {limit, before.rlim_max};
    EXPECT_EQ(::setrlimit(RLIMIT_FSIZE, &small), 0);
    const auto text = refusal([&] { disk::Draft(path("x")).reserve(100'000); });
    EXPECT_EQ(::setrlimit(RLIMIT_FSIZE, &before), 0);
    return text;
  };
  EXPECT_EQ(refused_at(0), "cannot write '" + path("x") + "' (File too large)");
  EXPECT_EQ(refused_at(50'000), "cannot write '" + path("x") + "' (File too large)");
  EXPECT_EQ(refused_at(100'000), "");
  EXPECT_TRUE(fs::is_empty(folder_));
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

TEST_F(Disk, FolderOfAPath) {
  EXPECT_EQ(disk::folder_of("x.h5"), ".");
  EXPECT_EQ(disk::folder_of("a/b/x.h5"), "a/b");
  EXPECT_EQ(disk::folder_of("/x.h5"), "/");
}
}  // namespace
