// SPDX-License-Identifier: BSD-3-Clause
// Claims: tables are read in every form that occurs, and whatever is wrong with one is said with
// its line and what to do.
#include "io/data_table.hpp"

#include <gtest/gtest.h>
#include <hdf5.h>
#include <sys/stat.h>

#include <filesystem>
#include <random>

#include "base/error.hpp"
#include "support/data_files.hpp"

namespace {
using namespace driftwood;
using io::DataTable;
using io::TableRequest;
using Numbers = std::vector<double>;
using Texts = std::vector<std::string>;

TableRequest request_of(const std::string& text) {
  test::write_data("t.csv", text);
  TableRequest request;
  request.file = (test::data_folder() / "t.csv").string();
  return request;
}
DataTable table_of(const std::string& text) { return io::read_data_table(request_of(text)); }

std::string error_of(const TableRequest& request) {
  try {
    static_cast<void>(io::read_data_table(request));
    return "";
  } catch (const Error& error) {
    EXPECT_EQ(error.fault(), Fault::usage);
    std::string text = error.what();
    const std::string folder = test::data_folder().string() + "/";
    for (std::size_t at = text.find(folder); at != std::string::npos; at = text.find(folder)) {
      text.erase(at, folder.size());
    }
    return text;
  }
}
std::string error_of(const std::string& text) { return error_of(request_of(text)); }

TEST(DataTable, TakesAnySeparatorAndHeadings) {
  for (const std::string text : {"a,b,y\n1,2,No\n3,4,Yes\n", "a;b;y\n1;2;No\n3;4;Yes\n",
                                 "a\tb\ty\n1\t2\tNo\n3\t4\tYes", "a b y\n1  2 No\n 3 4   Yes \n",
                                 "\xef\xbb\xbf"
                                 "a, b, y\r\n1, 2, No\r\n3, 4, Yes\r\n",
                                 "# by hand\n\na,b,y\n1,2,No\n\n# half of it\n3,4,Yes\n",
                                 "\"a\",\"b\",\"y\"\n\"1\",\"2\",\"No\"\n3,4,\"Yes\"\n"}) {
    const DataTable table = table_of(text);
    EXPECT_EQ(table.names, (Texts{"a", "b"})) << text;
    EXPECT_EQ(table.values, (Numbers{1, 2, 3, 4})) << text;
    EXPECT_EQ(table.labels, (Texts{"No", "Yes"})) << text;
  }
}

TEST(DataTable, NumbersColumnsWithoutNames) {
  const DataTable table = table_of("5 +86 6.8e1 No\n7 -195 70 Yes\n");
  EXPECT_EQ(table.names, (Texts{"0", "1", "2"}));
  EXPECT_EQ(table.values, (Numbers{5, 86, 68, 7, -195, 70}));
}

TEST(DataTable, QuotesKeepSeparatorsAndQuotes) {
  const DataTable table = table_of("x,y\n1,\"a, \"\"b\"\"\"\n");
  EXPECT_EQ(table.labels, (Texts{"a, \"b\""}));
}

TEST(DataTable, ABlankMayStandForASeparatorThatWasForgotten) {
  EXPECT_EQ(table_of("1,2,3,0\n4 5,6,1\n").values, (Numbers{1, 2, 3, 4, 5, 6}));
}

TEST(DataTable, ColumnsAreChosenByNameOrNumber) {
  TableRequest request = request_of("id,y,a,b\n7,no,1,2\n8,yes,3,4\n");
  request.label = "y";
  request.drop = {"0", "b"};
  EXPECT_EQ(io::read_data_table(request).names, (Texts{"a"}));
  request.label = "-3";
  EXPECT_EQ(io::read_data_table(request).labels, (Texts{"no", "yes"}));
}

TEST(DataTable, LinesBeforeTheTableAreSkipped) {
  TableRequest request = request_of("2,2,malignant,benign\n1,2,0\n3,4,1\n");
  EXPECT_EQ(
      error_of(request),
      "t.csv:1: column '2' holds 'malignant', which is no finite number; write numbers, decimals "
      "with a point; 'drop' leaves out a column, 'skip' lines before the table");
  request.skip = 1;
  EXPECT_EQ(io::read_data_table(request).values, (Numbers{1, 2, 3, 4}));
}

TEST(DataTable, AnEmptyLineWithinASingleColumnIsNoSeparator) {
  TableRequest request = request_of("x\n\n1\n2\n\n\n");  // before and after the numbers
  request.has_labels = false;
  request.columns = {"x"};
  EXPECT_EQ(io::read_data_table(request).values, (Numbers{1, 2}));
  request = request_of("x\n1\n\n2\n");
  request.has_labels = false;
  request.columns = {"x"};
  EXPECT_EQ(error_of(request),
            "t.csv:3: an empty line within a single column (is a value missing there?); remove the "
            "line, or write nan");
  EXPECT_EQ(table_of("1,2,0\n\n3,4,1\n").rows(), 2u);
}

TEST(DataTable, OnlyTablesWhoseColumnsAreNotChosenSpeakOfDropping) {
  TableRequest request = request_of("a,y\n?,1\n");
  request.has_labels = false;
  request.columns = {"a"};
  EXPECT_EQ(error_of(request),
            "t.csv:2: column 'a' is missing ('?') (there is no imputation); remove the row");
}

TEST(DataTable, HeadingsMayBeNumbers) {
  TableRequest request = request_of("1,2,3\n4,5,6\n");
  request.header = true;
  EXPECT_EQ(io::read_data_table(request).names, (Texts{"1", "2"}));
  EXPECT_EQ(io::read_data_table(request).rows(), 1u);
}

TEST(DataTable, LibsvmIsToldByItsContent) {
  const DataTable table = table_of("+1 1:0.5 3:-2\n-1 2:1e2 # second\n");
  EXPECT_EQ(table.names, (Texts{"1", "2", "3"}));
  EXPECT_EQ(table.values, (Numbers{0.5, 0, -2, 0, 100, 0}));
  EXPECT_EQ(table.labels, (Texts{"+1", "-1"}));
  TableRequest request = request_of("1 1:0.5 3:-2\n0 2:1\n");
  request.drop = {"2"};
  EXPECT_EQ(io::read_data_table(request).values, (Numbers{0.5, -2, 0, 0}));
}

void write_hdf5(const std::string& name, const Numbers& x, std::vector<hsize_t> shape,
                const Numbers& y) {
  const std::string path = (test::data_folder() / name).string();
  const hid_t file = H5Fcreate(path.c_str(), H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT);
  const auto put = [&](const char* dataset, const Numbers& values, std::vector<hsize_t> extent) {
    const hid_t space = H5Screate_simple(static_cast<int>(extent.size()), extent.data(), nullptr);
    const hid_t data =
        H5Dcreate2(file, dataset, H5T_IEEE_F64LE, space, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
    H5Dwrite(data, H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, values.data());
    H5Dclose(data);
    H5Sclose(space);
  };
  put("x", x, shape);
  put("y", y, {y.size()});
  H5Fclose(file);
}

TEST(DataTable, Hdf5IsToldByItsContent) {
  write_hdf5("t.h5", {1, 2, 3, 4, 5, 6}, {2, 3}, {0, 1});
  TableRequest request;
  request.file = (test::data_folder() / "t.h5").string();
  request.drop = {"-2"};
  const DataTable table = io::read_data_table(request);
  EXPECT_EQ(table.names, (Texts{"0", "2"}));
  EXPECT_EQ(table.values, (Numbers{1, 3, 4, 6}));
  EXPECT_EQ(table.labels, (Texts{"0", "1"}));
  request.dataset = "z";
  EXPECT_NE(error_of(request).find("has no dataset 'z'"), std::string::npos);
  request.dataset = "y";
  EXPECT_EQ(error_of(request), "'y' of 't.h5' is no matrix (it has shape (2))");
  write_hdf5("t.h5", {1, 2, 3, 4, 5, 6}, {2, 3}, {0, 1, 1});
  request.dataset = "x";
  EXPECT_EQ(error_of(request), "'y' of 't.h5' has shape (3) ('x' has 2 rows)");
}

struct Bad {
  std::string text;
  std::string error;
};

TEST(DataTable, MayHaveNoLabels) {
  TableRequest csv = request_of("a,b\n1,2\n3,4\n");
  csv.has_labels = false;
  const DataTable table = io::read_data_table(csv);
  EXPECT_EQ(table.names, (Texts{"a", "b"}));
  EXPECT_EQ(table.values, (Numbers{1, 2, 3, 4}));
  EXPECT_EQ(table.labels, (Texts{"", ""}));

  TableRequest single = request_of("1\n3\n");
  single.has_labels = false;
  EXPECT_EQ(io::read_data_table(single).values, (Numbers{1, 3}));

  TableRequest libsvm = request_of("1 1:2\n0 2:5\n");
  libsvm.has_labels = false;
  EXPECT_EQ(io::table_format(libsvm), "libsvm");
  EXPECT_EQ(io::read_data_table(libsvm).labels, (Texts{"", ""}));

  TableRequest words = request_of("a,b\n1,No\n");
  words.has_labels = false;
  EXPECT_NE(error_of(words).find("column 'b' holds 'No'"), std::string::npos);
}

TEST(DataTable, SaysWhatIsWrongAndWhere) {
  const std::string decimals =
      "write numbers, decimals with a point; 'drop' leaves out a column, 'skip' lines before the "
      "table";
  const std::string remove = "remove the row, or the column with 'drop'";
  const Bad cases[] = {
      {"", "'t.csv' has no rows"},
      {"a,b,y\n", "'t.csv' has no rows"},
      {"y\n1\n",
       "t.csv:1: there is only one column (a label and numbers that explain it are "
       "needed)"},
      {"a,b,y\n1,2,no\n3,4\n",
       "t.csv:3: there are 2 columns, not 3 as in the first line; complete "
       "the line; 'skip' passes over lines before the table"},
      {"a,b,y\n1,NA,no\n",
       "t.csv:2: column 'b' is missing ('NA') (there is no imputation); " + remove},
      {"a,b,y\n1,,no\n", "t.csv:2: column 'b' is missing ('') (there is no imputation); " + remove},
      {"a,b,y\n1,2,?\n", "t.csv:2: the label is missing; remove the row"},
      {"a,b,y\n1,red,no\n",
       "t.csv:2: column 'b' holds 'red', which is no finite number; " + decimals},
      {"a;y\n1,5;no\n", "t.csv:2: column 'a' holds '1,5', which is no finite number; " + decimals},
      {"a,y\n1e999,no\n",
       "t.csv:2: column 'a' holds '1e999', which is no finite number; " + decimals},
      {"a,y\n\"1,no\n",
       "t.csv:2: a quote is not closed (cells end on the line on which they "
       "begin)"},
      {"a,y\n\"1\"2,no\n",
       "t.csv:2: text follows a closing quote; double the quotes inside a cell"},
      {"1 1:2\n0 0:2\n", "t.csv:2: the index 0 is not from 1 to 10^6; number columns from 1"},
      {"1 1:2\n0 2:2 2:3\n", "t.csv:2: index 2 does not follow 2"},
      {"1 1:2\n0 2\n", "t.csv:2: '2' is not INDEX:VALUE"},
      {"1 1:2\n0 2:x\n", "t.csv:2: column '2' holds 'x', which is no finite number; " + decimals},
      {"1 1:2\n2:1\n", "t.csv:2: the line does not begin with a label"},
  };
  for (const Bad& one : cases) EXPECT_EQ(error_of(one.text), one.error) << one.text;
}

TEST(DataTable, SaysWhichColumnsThereAre) {
  TableRequest request = request_of("glucose,age,type\n1,2,No\n");
  request.label = "glucos";
  EXPECT_EQ(
      error_of(request),
      "t.csv:1: there is no column 'glucos' ('label') (there are: glucose, age, type); did you "
      "mean 'glucose'?");
  request.label = "3";
  EXPECT_EQ(error_of(request), "t.csv:1: there is no column 3 ('label') (there are 3 columns)");
  request.label = "type";
  request.drop = {"type"};
  EXPECT_EQ(error_of(request), "t.csv:1: the column of labels is dropped");
  request.drop = {"glucose", "age"};
  EXPECT_EQ(error_of(request), "t.csv:1: no column is left to explain the labels");
  request = request_of("1 2\n");
  request.label = "type";
  EXPECT_EQ(error_of(request),
            "t.csv:1: there is no column 'type' ('label') (columns have no "
            "names here); give its number, from 0");
  request.file = (test::data_folder() / "none.csv").string();
  EXPECT_EQ(error_of(request),
            "there is no file 'none.csv'; relative names start from the folder of the deck");
}

TEST(DataTable, ReadsOnlyTheColumnsThatAreNamedInTheirOrder) {
  TableRequest request = request_of("date,a,b,c\nmonday,1,x,3\ntuesday,,y,6\n");
  request.label = "date";
  request.columns = {"c", "a"};
  request.keeps_missing = true;
  const DataTable table = io::read_data_table(request);
  EXPECT_EQ(table.names, (std::vector<std::string>{"c", "a"}));
  EXPECT_EQ(table.labels, (std::vector<std::string>{"monday", "tuesday"}));
  EXPECT_EQ(table.values[0], 3);
  EXPECT_EQ(table.values[1], 1);
  EXPECT_EQ(table.values[2], 6);
  EXPECT_TRUE(std::isnan(table.values[3]));
  request.columns = {"c", "d"};
  EXPECT_EQ(error_of(request),
            "t.csv:1: there is no column 'd' ('columns') (there are: date, a, b, c)");
  request.columns = {"b"};
  EXPECT_THROW(static_cast<void>(io::read_data_table(request)), UsageError);
}

TEST(DataTable, APipeIsRefusedAndNotWaitedFor) {
  TableRequest request;
  request.file = (test::data_folder() / "pipe").string();
  ASSERT_EQ(::mkfifo(request.file.c_str(), 0600), 0);
  EXPECT_NE(error_of(request).find("is not a regular file"), std::string::npos);
  std::filesystem::remove(request.file);
}

/// Whatever happens to a file, reading it ends soon in a table or in one error.
TEST(DataTable, SurvivesDamage) {
  std::mt19937_64 engine(20261128);
  const std::string good[] = {"a,b,y\n1,2,No\n3,\"4\",Yes\n5,6,No\n",
                              "+1 1:0.5 3:-2\n-1 2:1e2 # second\n"};
  for (int round = 0; round < 600; ++round) {
    std::string text = good[round % 2];
    for (std::size_t k = 0; k <= engine() % 3; ++k) {
      const std::size_t at = engine() % text.size();
      if (engine() % 2 == 0) {
        text[at] = "\",;:#\n\0 .-1x\xff"[engine() % 13];
      } else {
        text.erase(at, 1 + engine() % 4);
      }
      if (text.empty()) text = "1";
    }
    EXPECT_NO_THROW(static_cast<void>(error_of(text)));
  }
}

TEST(DataTables, AreReadOfIdxFilesWhoseLabelsAreAnother) {
  using namespace std::string_literals;
  const std::string images("\0\0\x08\x03\0\0\0\x02\0\0\0\x01\0\0\0\x03\x01\x02\x03\xfa\xfb\xff"s);
  test::write_data("images", images);
  test::write_data("labels", "\0\0\x08\x01\0\0\0\x02\x07\x09"s);
  test::write_data("three", "\0\0\x08\x01\0\0\0\x03\x07\x09\x01"s);
  TableRequest request;
  request.file = (test::data_folder() / "images").string();
  EXPECT_EQ(io::table_format(request), "idx");
  request.label = "labels";
  request.drop = {"1"};
  const DataTable found = io::read_data_table(request);
  EXPECT_EQ(found.names, (Texts{"0", "2"}));
  EXPECT_EQ(found.values, (Numbers{1, 3, 250, 255}));
  EXPECT_EQ(found.labels, (Texts{"7", "9"}));
  test::write_data("wide", "\0\0\x08\x02\0\0\0\x01\0\x0f\x42\x41"s + std::string(1'000'001, 'x'));
  TableRequest wide;
  wide.file = (test::data_folder() / "wide").string();
  wide.has_labels = false;
  EXPECT_NE(error_of(wide).find("has 1000001 columns, more than 10^6"), std::string::npos);
  request.label = "three";
  EXPECT_NE(error_of(request).find("has shape (3)"), std::string::npos);
  request.label = "missing";
  EXPECT_NE(error_of(request).find("there is no file"), std::string::npos);
  request.label.reset();
  EXPECT_NE(error_of(request).find("holds no labels"), std::string::npos);
  request.has_labels = false;
  EXPECT_EQ(io::read_data_table(request).labels, (Texts{"", ""}));
}

}  // namespace
