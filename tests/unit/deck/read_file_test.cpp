// SPDX-License-Identifier: BSD-3-Clause
/// Files that are no decks.
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>

#include "deck/source.hpp"

namespace {
using namespace driftwood;
namespace fs = std::filesystem;

/// A folder of its own, removed with all that is in it.
class ReadFile : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = (fs::temp_directory_path() / "driftwood-deck-XXXXXX").string();
    ASSERT_NE(mkdtemp(pattern.data()), nullptr);
    folder_ = pattern;
  }
  void TearDown() override { fs::remove_all(folder_); }

  [[nodiscard]] std::string path(const std::string& name) const { return folder_ / name; }

  [[nodiscard]] std::string write(const std::string& name, const std::string& content) const {
    std::ofstream(path(name), std::ios::binary) << content;
    return path(name);
  }

  static std::string error_of(const std::string& path) {
    try {
      return "read " + std::to_string(deck::read_file(path).content.size()) + " bytes";
    } catch (const UsageError& error) {
      return error.what();
    }
  }

  fs::path folder_;
};

TEST_F(ReadFile, GivesTheTextAndTheNameToReportItBy) {
  const auto text = deck::read_file(write("d.toml", "a = 1\r\nb = 2"));

  EXPECT_EQ(text.file, path("d.toml"));
  EXPECT_EQ(text.content, "a = 1\r\nb = 2");
}

TEST_F(ReadFile, DropsAByteOrderMark) {
  EXPECT_EQ(deck::read_file(write("d.toml",
                                  "\xef\xbb\xbf"
                                  "a = 1"))
                .content,
            "a = 1");
}

TEST_F(ReadFile, MissingSuggestsTheSameNameWithItsEnding) {
  const std::string there = write("a.toml", "a = 1");

  EXPECT_EQ(error_of(path("a")), path("a") +
                                     ": error: cannot read the deck (No such file or "
                                     "directory); did you mean '" +
                                     there + "'?");
}

TEST_F(ReadFile, MissingSuggestsANearName) {
  const std::string there = write("heston.toml", "a = 1");

  EXPECT_EQ(error_of(path("hestn.toml")),
            path("hestn.toml") +
                ": error: cannot read the deck (No such file or directory); did "
                "you mean '" +
                there + "'?");
  EXPECT_EQ(error_of(path("nothing")),
            path("nothing") +
                ": error: cannot read the deck (No such file or directory); check "
                "the path, it is relative to the working directory");
}

TEST_F(ReadFile, Directory) {
  EXPECT_EQ(error_of(folder_),
            folder_.string() +
                ": error: the deck is a directory (a deck is one TOML file); give "
                "the path of a file in it");
}

TEST_F(ReadFile, Unreadable) {
  if (geteuid() == 0) GTEST_SKIP() << "the superuser can read everything";
  const std::string file = write("d.toml", "a = 1");
  ASSERT_EQ(chmod(file.c_str(), 0), 0);

  EXPECT_EQ(error_of(file), file +
                                ": error: cannot read the deck (Permission denied); check the "
                                "path and its permissions");
}

TEST_F(ReadFile, Empty) {
  const std::string why = ": error: the deck is empty; start from one of the decks in inputs/";
  for (const char* content : {"", "\n\r\n \t\n", "\xef\xbb\xbf"}) {
    const std::string file = write("d.toml", content);

    EXPECT_EQ(error_of(file), file + why);
  }
}

TEST_F(ReadFile, TooLarge) {
  const std::size_t limit = std::size_t{16} << 20;

  EXPECT_EQ(error_of(write("fits.toml", std::string(limit, '#'))),
            "read " + std::to_string(limit) + " bytes");
  EXPECT_EQ(error_of(write("large.toml", std::string(limit + 1, '#'))),
            path("large.toml") +
                ": error: the deck is too large (decks are at most 16 MiB); is "
                "this a data file or a result?");
}

TEST_F(ReadFile, ADeviceWithoutAnEnd) {
  EXPECT_EQ(error_of("/dev/zero"),
            "/dev/zero: error: the deck is too large (decks are at most 16 MiB); is this a data "
            "file or a result?");
}

TEST_F(ReadFile, NotUtf8) {
  const std::string why = "); save it as plain text in UTF-8";
  for (const char* bytes : {"\xff", "\xc0\x80", "\xe0\x80\x80", "\xed\xa0\x80", "\xf4\x90\x80\x80",
                            "\xc3", "\xe2\x82", "\x80"}) {
    const std::string file = write("d.toml", "a = 1\nb = \"" + std::string(bytes) + "\"\n");

    EXPECT_EQ(error_of(file).find(file + ": error: the deck is not UTF-8 text (byte 0x"), 0U);
    EXPECT_NE(error_of(file).find(" on line 2" + why), std::string::npos) << error_of(file);
  }
}

TEST_F(ReadFile, NulByte) {
  const std::string file = write("d.toml", std::string("a = 1\n\0", 7));

  EXPECT_EQ(error_of(file), file +
                                ": error: the deck is not UTF-8 text (line 2 holds a NUL byte); "
                                "save it as plain text in UTF-8");
}

TEST_F(ReadFile, EveryUtf8LengthIsText) {
  const std::string content = "a = \"ä \xe2\x82\xac \xf0\x9f\x8c\x8a\"";

  EXPECT_EQ(deck::read_file(write("d.toml", content)).content, content);
}

}  // namespace
