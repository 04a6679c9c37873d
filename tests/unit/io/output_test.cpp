// SPDX-License-Identifier: BSD-3-Clause
#include "io/output.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "base/error.hpp"

namespace {
namespace fs = std::filesystem;
using driftwood::UsageError;
using driftwood::io::check_output;

class CheckOutput : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string name = fs::temp_directory_path() / "driftwood_output_XXXXXX";
    ASSERT_NE(::mkdtemp(name.data()), nullptr);
    folder_ = name;
  }
  void TearDown() override { fs::remove_all(folder_); }

  [[nodiscard]] std::string path(const std::string& name) const { return folder_ / name; }
  static void make(const std::string& path) { std::ofstream(path) << "old"; }

  /// The text of the error, or "" without one.
  static std::string refusal(const std::string& path, bool overwrite) {
    try {
      check_output(path, overwrite);
    } catch (const UsageError& error) {
      return error.what();
    }
    return "";
  }

  fs::path folder_;
};

TEST_F(CheckOutput, AcceptsANewFileAndAnOldOneThatMayBeReplaced) {
  make(path("old.h5"));
  EXPECT_EQ(refusal(path("new.h5"), true), "");
  EXPECT_EQ(refusal(path("new.h5"), false), "");
  EXPECT_EQ(refusal(path("old.h5"), true), "");
  EXPECT_EQ(refusal("name_without_folder.h5", false), "");
}

TEST_F(CheckOutput, RefusesAnOldFileThatMustStay) {
  make(path("old.h5"));
  EXPECT_EQ(refusal(path("old.h5"), false),
            "cannot write '" + path("old.h5") +
                "' (it exists and overwrite = false); move it away or choose another output");
}

TEST_F(CheckOutput, TreatsADanglingLinkAsAnOldFile) {
  fs::create_symlink(path("nowhere"), path("link.h5"));
  EXPECT_NE(refusal(path("link.h5"), false), "");
}

TEST_F(CheckOutput, RefusesAMissingFolder) {
  EXPECT_EQ(refusal(path("none/x.h5"), true), "cannot write '" + path("none/x.h5") +
                                                  "' (there is no folder '" + path("none") +
                                                  "'); create it first");
}

TEST_F(CheckOutput, RefusesAFileInPlaceOfTheFolder) {
  make(path("file"));
  EXPECT_EQ(refusal(path("file/x.h5"), true),
            "cannot write '" + path("file/x.h5") + "' ('" + path("file") + "' is not a folder)");
}

TEST_F(CheckOutput, RefusesAFolderInPlaceOfTheFile) {
  EXPECT_EQ(refusal(folder_, true),
            "cannot write '" + folder_.string() + "' (it is a folder); name a file in it");
  EXPECT_NE(refusal(folder_.string() + "/", true), "");
}

TEST_F(CheckOutput, RefusesWhatIsNoFile) {
  ASSERT_EQ(::mkfifo(path("pipe").c_str(), 0600), 0);
  EXPECT_EQ(refusal(path("pipe"), true),
            "cannot write '" + path("pipe") + "' (it is a device, pipe or socket); name a file");
}

TEST_F(CheckOutput, RefusesAnEmptyName) { EXPECT_NE(refusal("", true), ""); }

TEST_F(CheckOutput, RefusesAFolderWithoutPermission) {
  if (::geteuid() == 0) GTEST_SKIP() << "the superuser may write everywhere";
  fs::permissions(folder_, fs::perms::owner_read | fs::perms::owner_exec);
  EXPECT_EQ(
      refusal(path("x.h5"), true),
      "cannot write '" + path("x.h5") + "' (no permission to write in '" + folder_.string() + "')");
  fs::permissions(folder_, fs::perms::owner_all);
}
}  // namespace
