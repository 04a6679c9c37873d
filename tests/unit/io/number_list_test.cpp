// SPDX-License-Identifier: BSD-3-Clause
// Claims: lists of numbers are read however they are set out, and what is wrong is said with its
// line.
#include "io/number_list.hpp"

#include <gtest/gtest.h>
#include <hdf5.h>

#include <limits>

#include "base/error.hpp"
#include "support/data_files.hpp"

namespace {
using namespace driftwood;
using List = std::vector<double>;

std::string file() { return (test::data_folder() / "list").string(); }

List list_of(const std::string& text) {
  test::write_data("list", text);
  return io::read_number_list(file(), "x");
}

std::string error_of(const std::string& text) {
  try {
    static_cast<void>(list_of(text));
    return "";
  } catch (const UsageError& error) {
    std::string said = error.what();
    const std::string folder = test::data_folder().string() + "/";
    if (const std::size_t at = said.find(folder); at != said.npos) said.erase(at, folder.size());
    return said;
  }
}

TEST(NumberList, IsReadHoweverItIsSetOut) {
  const List all{1, -2.5, 3e-7};
  EXPECT_EQ(list_of("1 -2.5 3e-7"), all);
  EXPECT_EQ(list_of("1\n-2.5\n\n3e-7\n"), all);
  EXPECT_EQ(list_of("1,-2.5,3e-7\n"), all);
  EXPECT_EQ(list_of("1, -2.5,\n3e-7"), all);
  EXPECT_EQ(list_of("1;-2.5;+3e-7\r\n"), all);
  EXPECT_EQ(list_of("\xef\xbb\xbf# eigenvalues\nvalue\n1  # the first\n\t-2.5\n3e-7"), all);
}

TEST(NumberList, SaysWhatIsWrongAndWhere) {
  const std::string hint = "; write numbers alone, decimals with a point";
  EXPECT_EQ(error_of("1\n2\nNA\n"), "list:3: 'NA' is no finite number" + hint);
  EXPECT_EQ(error_of("1 2\n3 inf"), "list:2: 'inf' is no finite number" + hint);
  EXPECT_EQ(error_of("1,,2"), "list:1: a number is missing after 1" + hint);
  EXPECT_EQ(error_of(",1"), "list:1: a number is missing after 0" + hint);
  EXPECT_EQ(error_of("a\nb\n1"), "list:2: 'b' is no finite number" + hint);
}

TEST(NumberList, IsNeverEmpty) {
  EXPECT_EQ(error_of(""), "'list' holds no numbers");
  EXPECT_EQ(error_of("# 1 2 3\n"), "'list' holds no numbers");
  EXPECT_EQ(error_of("value\n"), "'list' holds no numbers");
  EXPECT_THROW(static_cast<void>(io::read_number_list(file() + "_none", "x")), UsageError);
  EXPECT_THROW(static_cast<void>(io::read_number_list(test::data_folder().string(), "x")),
               UsageError);
}

TEST(NumberList, OfHdf5IsAVector) {
  const std::string name = file() + ".h5";
  const hid_t h5 = H5Fcreate(name.c_str(), H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT);
  const auto put = [&](const char* dataset, const std::vector<hsize_t>& shape, const List& values) {
    const hid_t space = H5Screate_simple(static_cast<int>(shape.size()), shape.data(), nullptr);
    const hid_t data =
        H5Dcreate2(h5, dataset, H5T_IEEE_F64LE, space, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
    H5Dwrite(data, H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, values.data());
    H5Dclose(data);
    H5Sclose(space);
  };
  put("x", {3}, {3, 2, 1});
  put("m", {1, 2}, {3, 2});
  put("bad", {2}, {1, std::numeric_limits<double>::quiet_NaN()});
  H5Fclose(h5);
  EXPECT_EQ(io::read_number_list(name, "x"), (List{3, 2, 1}));
  for (const char* dataset : {"m", "bad", "none"}) {
    EXPECT_THROW(static_cast<void>(io::read_number_list(name, dataset)), UsageError) << dataset;
  }
}

}  // namespace
