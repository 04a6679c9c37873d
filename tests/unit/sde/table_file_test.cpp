// SPDX-License-Identifier: BSD-3-Clause
// Claims: what files of tables may look like, and the exact text of every refusal.
#include "sde/table_file.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "base/error.hpp"

namespace {
namespace fs = std::filesystem;
using driftwood::formula::Table;
using driftwood::sde::read_table;
using driftwood::sde::tables_in;

const Table three{{0, 0.5, 2}, {1, -2.5, 1e-3}};

class TableFile : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string name = fs::temp_directory_path() / "driftwood_table_XXXXXX";
    ASSERT_NE(::mkdtemp(name.data()), nullptr);
    folder_ = name;
    file_ = folder_ / "rate.csv";
  }
  void TearDown() override { fs::remove_all(folder_); }

  void write(const std::string& text) const { std::ofstream(file_, std::ios::binary) << text; }
  [[nodiscard]] Table table(const std::string& text) const {
    write(text);
    return read_table(file_);
  }
  /// The text of the error, with the name of the file alone.
  [[nodiscard]] std::string refusal(const std::string& text) const {
    write(text);
    return refusal();
  }
  [[nodiscard]] std::string refusal() const {
    try {
      static_cast<void>(read_table(file_));
    } catch (const driftwood::Error& error) {
      std::string what = error.what();
      const std::string prefix = folder_.string() + "/";
      const std::size_t at = what.find(prefix);
      return at == std::string::npos ? what : what.erase(at, prefix.size());
    }
    return "none";
  }

  fs::path folder_;
  fs::path file_;
};

TEST_F(TableFile, TakesTheUsualSeparators) {
  EXPECT_EQ(table("0,1\n0.5,-2.5\n2,1e-3\n"), three);
  EXPECT_EQ(table("0;1\n0.5;-2.5\n2;1e-3"), three);
  EXPECT_EQ(table("0\t1\n0.5\t-2.5\n2\t1e-3\n"), three);
  EXPECT_EQ(table("0 1\n  0.5   -2.5\n2 \t 1e-3  \n"), three);
  EXPECT_EQ(table(" 0 , 1 \r\n0.5, -2.5\r\n2 ,1e-3\r\n"), three);
}

TEST_F(TableFile, PassesOverCommentsEmptyLinesAndHeadings) {
  EXPECT_EQ(table("# of 2020, in percent\n\n0,1\n  # later\n0.5,-2.5\n \n2,1e-3\n\n"), three);
  EXPECT_EQ(table("# a file\ntime,rate\n0,1\n0.5,-2.5\n2,1e-3\n"), three);
  EXPECT_EQ(table("nanoseconds rate of growth\n0 1\n0.5 -2.5\n2 1e-3\n"), three);
  EXPECT_EQ(table("\xef\xbb\xbf\"t\";\"r\"\n0;1\n0.5;-2.5\n2;1e-3\n"), three);
}

TEST_F(TableFile, KeepsEveryBitOfANumber) {
  EXPECT_EQ(table("0.1,4.9406564584124654e-324\n0.30000000000000004,1.7976931348623157e307\n"),
            (Table{{0.1, 0.1 + 0.2}, {5e-324, 1.7976931348623157e307}}));
}

TEST_F(TableFile, RefusesWhatIsNoTable) {
  const std::pair<const char*, const char*> cases[] = {
      {"", "'rate.csv' has fewer than 2 points (it has 0)"},
      {"t,r\n1,2\n", "'rate.csv' has fewer than 2 points (it has 1)"},
      {"1,2\n3\n", "line 2 of 'rate.csv': it has 1 column, not 2"},
      {"1,2\n\n3,4,5\n", "line 3 of 'rate.csv': it has 3 columns, not 2; keep two of them"},
      {"1,2\n3,4,\n", "line 2 of 'rate.csv': it has 3 columns, not 2; keep two of them"},
      {"1,2\n3,x\n", "line 2 of 'rate.csv': 'x' is not a number"},
      {"1,2\n3,\n", "line 2 of 'rate.csv': '' is not a number"},
      {"1,2\n3,4 5\n", "line 2 of 'rate.csv': '4 5' is not a number"},
      {"t,r\nt,r\n", "line 2 of 'rate.csv': 't' is not a number"},
      {"2020-01-01,2\n", "line 1 of 'rate.csv': '2020-01-01' is not a number"},
      {"1,x\n", "line 1 of 'rate.csv': 'x' is not a number"},
      {"0,5;1,5\n", "line 1 of 'rate.csv': '0,5' is not a number; write decimals with a point"},
      {"1,2\n3,0x10\n", "line 2 of 'rate.csv': '0x10' is not a number"},
      {"1,2\n3,\x01\n", "line 2 of 'rate.csv': '?' is not a number"},
      {"nan,nan\n", "line 1 of 'rate.csv': 'nan' is not finite"},
      {"1,2\n3,-inf\n", "line 2 of 'rate.csv': '-inf' is not finite"},
      {"1,2\n3,1e999\n", "line 2 of 'rate.csv': '1e999' is beyond the range of double precision"},
      {"1,2\n1.0,3\n", "line 2 of 'rate.csv': the first column does not increase (1 follows 1)"},
      {"# x\n1,2\n0.5,3\n",
       "line 3 of 'rate.csv': the first column does not increase (0.5 follows 1)"},
      {"0,-1e308\n1,1e308\n",
       "line 2 of 'rate.csv': the slope from the point before is beyond the range of double "
       "precision"},
      {"-1e308,0\n1e308,1\n",
       "line 2 of 'rate.csv': the slope from the point before is beyond the range of double "
       "precision"},
  };
  for (const auto& [text, expected] : cases) EXPECT_EQ(refusal(text), expected) << text;
  EXPECT_EQ(refusal("1,2\n" + std::string(50, 'x') + ",1\n"),
            "line 2 of 'rate.csv': '" + std::string(40, 'x') + "...' is not a number");
}

TEST_F(TableFile, RefusesMoreThanAMillionPoints) {
  std::string text;
  for (int i = 0; i < 1'000'000; ++i) text += std::to_string(i) + ",1\n";
  EXPECT_EQ(table(text).x.size(), 1'000'000U);
  EXPECT_EQ(refusal(text + "1000000,1\n"),
            "line 1000001 of 'rate.csv': there are more than 1000000 points");
}

TEST_F(TableFile, RefusesWhatIsNoFile) {
  EXPECT_EQ(refusal(),
            "there is no file 'rate.csv'; relative names start from the folder of the deck");
  fs::create_directory(file_);
  EXPECT_EQ(refusal(), "'rate.csv' is not a regular file");
  fs::remove(file_);
  if (::geteuid() == 0) return;  // who may read everything
  write("0,1\n1,2\n");
  fs::permissions(file_, fs::perms::none);
  EXPECT_EQ(refusal(), "cannot read 'rate.csv' (Permission denied)");
}

TEST_F(TableFile, EachIsReadOnceWhateverItsNameInTheFolder) {
  write("0,1\n0.5,-2.5\n2,1e-3\n");
  const auto open = tables_in(folder_);
  const auto first = open("rate.csv");
  EXPECT_EQ(*first, three);
  EXPECT_EQ(open("./rate.csv"), first);
  EXPECT_EQ(open(file_), first);
  EXPECT_THROW(static_cast<void>(open("other.csv")), driftwood::Error);
}
}  // namespace
