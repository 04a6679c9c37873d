// SPDX-License-Identifier: BSD-3-Clause
// Claims: idx files are read, plain or under gzip, and so are tables; what is damaged, cut short or
// no such file is said to be.
#include "io/idx_file.hpp"

#include <gtest/gtest.h>
#include <zlib.h>

#include "base/error.hpp"
#include "io/data_table.hpp"
#include "io/inflated.hpp"
#include "support/data_files.hpp"

namespace {
using namespace driftwood;

std::string path_of(const std::string& name) { return (test::data_folder() / name).string(); }

void write_gzip(const std::string& name, const std::string& text) {
  gzFile file = gzopen(path_of(name).c_str(), "wb");
  ASSERT_NE(file, nullptr);
  ASSERT_EQ(gzwrite(file, text.data(), static_cast<unsigned>(text.size())),
            static_cast<int>(text.size()));
  ASSERT_EQ(gzclose(file), Z_OK);
}

std::string bytes(std::initializer_list<int> values) {
  std::string out;
  for (const int v : values) out += static_cast<char>(v);
  return out;
}

/// Two images of 2 x 3 pixels.
const std::string images = bytes({0, 0, 8, 3, 0, 0, 0,   2,   0,   0,   0,   2,  0, 0, 0, 3,  //
                                  1, 2, 3, 4, 5, 6, 250, 251, 252, 253, 254, 255});

std::string error_of(const std::string& content) {
  test::write_data("bad", content);
  try {
    (void)io::read_idx(path_of("bad"));
    return "";
  } catch (const UsageError& error) {
    return error.what();
  }
}

TEST(IdxFiles, AreReadPlainOrUnderGzip) {
  test::write_data("images", images);
  write_gzip("images.gz", images);
  EXPECT_FALSE(io::is_gzip(path_of("images")));
  EXPECT_TRUE(io::is_gzip(path_of("images.gz")));
  for (const char* name : {"images", "images.gz"}) {
    const io::IdxArray found = io::read_idx(path_of(name));
    EXPECT_EQ(found.shape, (std::vector<std::size_t>{2, 2, 3}));
    EXPECT_EQ(found.rows(), 2U);
    EXPECT_EQ(found.width(), 6U);
    EXPECT_EQ(found.bytes, images.substr(16));
  }
}

TEST(IdxFiles, ThatAreNoneAreRefused) {
  EXPECT_NE(error_of("a,b\n1,2\n").find("is no idx file"), std::string::npos);
  EXPECT_NE(error_of("").find("is no idx file"), std::string::npos);
  EXPECT_NE(error_of(images.substr(0, 20)).find("has 20 bytes (its shape (2, 2, 3) needs 28)"),
            std::string::npos);
  EXPECT_NE(error_of(images + "x").find("has 29 bytes"), std::string::npos);
  std::string floats = images;
  floats[2] = 13;
  EXPECT_NE(error_of(floats).find("numbers of type 13"), std::string::npos);
  std::string none = images;
  none[7] = 0;
  EXPECT_NE(error_of(none).find("has shape (0)"), std::string::npos);
  EXPECT_THROW((void)io::read_idx(path_of("nowhere")), UsageError);
}

TEST(Gzip, ThatIsDamagedOrCutShortIsRefused) {
  write_gzip("whole.gz", std::string(100'000, 'x') + images);
  std::string packed;
  {
    std::ifstream file(path_of("whole.gz"), std::ios::binary);
    packed.assign(std::istreambuf_iterator<char>(file), {});
  }
  EXPECT_NE(error_of(packed.substr(0, packed.size() / 2)).find("ends too soon"), std::string::npos);
  char& checksum = packed[packed.size() - 6];
  checksum = static_cast<char>(checksum ^ 0x55);
  EXPECT_NE(error_of(packed).find("is damaged"), std::string::npos) << error_of(packed);
  try {
    (void)io::read_inflated(path_of("whole.gz"), 1000);
    FAIL() << "it was read";
  } catch (const UsageError& error) {
    EXPECT_NE(std::string(error.what()).find("holds more than"), std::string::npos);
  }
}

TEST(Tables, AreReadUnderGzip) {
  write_gzip("t.csv.gz", "a,b,y\n1,2,No\n3,x,Yes\n");
  io::TableRequest request;
  request.file = path_of("t.csv.gz");
  request.drop = {"b"};
  const io::DataTable table = io::read_data_table(request);
  EXPECT_EQ(table.values, (std::vector<double>{1, 3}));
  EXPECT_EQ(table.labels, (std::vector<std::string>{"No", "Yes"}));
  request.drop = {};
  try {
    (void)io::read_data_table(request);
    FAIL() << "it was read";
  } catch (const UsageError& error) {
    EXPECT_NE(std::string(error.what()).find("t.csv.gz:3: column 'b' holds 'x'"),
              std::string::npos);
  }
}

}  // namespace
