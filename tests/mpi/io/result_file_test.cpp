// SPDX-License-Identifier: BSD-3-Clause
// Claim: what is written by any number of ranks is what a serial reader finds, under its own name
// only once it is whole.
#include "io/result_file.hpp"

#include <gtest/gtest.h>
#include <sys/resource.h>

#include <array>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <numeric>
#include <optional>
#include <sstream>

#include "base/error.hpp"
#include "mpi/io/scratch.hpp"

namespace {
using namespace driftwood;
using comm::Communicator;
using io::ResultFile;
using test::Scratch;
namespace fs = std::filesystem;
namespace h5 = io::h5;
using Reals = std::vector<double>;
using Texts = std::vector<std::string>;

/// A finished file, read without MPI.
class Reader {
 public:
  explicit Reader(const std::string& path)
      : path_(path), file_(h5::check(H5Fopen(path.c_str(), H5F_ACC_RDONLY, H5P_DEFAULT), path)) {}

  /// `each`: elements of T that one value takes.
  template <class T = double>
  [[nodiscard]] std::vector<T> values(const std::string& name, hid_t type = H5T_NATIVE_DOUBLE,
                                      std::size_t each = 1) {
    const auto set = open(name);
    const h5::Space space(h5::check(H5Dget_space(set.get()), path_));
    const auto count = static_cast<std::size_t>(H5Sget_simple_extent_npoints(space.get()));
    std::vector<T> found(count * each);
    h5::check(H5Dread(set.get(), type, H5S_ALL, H5S_ALL, H5P_DEFAULT, found.data()), path_);
    return found;
  }

  /// Texts with their padding.
  [[nodiscard]] Texts texts(const std::string& name) {
    const auto set = open(name);
    const h5::Type type(h5::check(H5Dget_type(set.get()), path_));
    EXPECT_EQ(H5Tget_strpad(type.get()), H5T_STR_NULLPAD);
    EXPECT_EQ(H5Tget_cset(type.get()), H5T_CSET_UTF8);
    EXPECT_EQ(H5Tis_variable_str(type.get()), 0);
    const auto length = H5Tget_size(type.get());
    const auto letters = values<char>(name, type.get(), length);
    Texts found;
    for (std::size_t at = 0; at < letters.size(); at += length) {
      found.emplace_back(letters.data() + at, length);
    }
    return found;
  }

  [[nodiscard]] std::vector<hsize_t> shape(const std::string& name) {
    const auto set = open(name);
    const h5::Space space(h5::check(H5Dget_space(set.get()), path_));
    std::vector<hsize_t> lengths(static_cast<std::size_t>(H5Sget_simple_extent_ndims(space.get())));
    H5Sget_simple_extent_dims(space.get(), lengths.data(), nullptr);
    return lengths;
  }

 private:
  [[nodiscard]] h5::DataSet open(const std::string& name) {
    return h5::DataSet(h5::check(H5Dopen2(file_.get(), name.c_str(), H5P_DEFAULT), path_));
  }

  std::string path_;
  UniqueHandle<h5::Traits<H5Fclose>> file_;
};

io::Dataset reals(const Reals& values, std::vector<std::string> dimensions = {}) {
  return {std::move(dimensions), "m", "some numbers", values};
}

std::string content(const std::string& path) {
  std::ostringstream text;
  text << std::ifstream(path).rdbuf();
  return text.str();
}

/// The names in the folder of `path`, sorted.
Texts names_beside(const std::string& path) {
  Texts names;
  for (const auto& entry : fs::directory_iterator(fs::path(path).parent_path())) {
    names.push_back(entry.path().filename());
  }
  std::ranges::sort(names);
  return names;
}

/// The text of the error of type E that `f` throws; nothing if it throws none.
template <class E, class F>
std::optional<std::string> refusal(F&& f) {
  try {
    f();
  } catch (const E& error) {
    return error.what();
  }
  return std::nullopt;
}

TEST(ResultFile, HoldsReplicatedValuesOfEveryType) {
  const auto comm = Communicator::world();
  const Scratch scratch(comm);
  const auto path = scratch.path("types.h5");
  const Reals times = {0, 0.5, 1};
  const Texts components = {"x", "velocity", "ä"};
  const Reals means = {1, 2, 3, 4, 5, 6, 7, 8, 1e-300};
  const std::vector<std::int64_t> counts = {-1, 0, std::int64_t{1} << 62};
  const std::vector<std::uint64_t> ids = {0, 1, ~std::uint64_t{0}};
  const Texts deck = {"format = 1\n"};

  ResultFile file(comm, path);
  file.coordinate("time", reals(times));
  file.coordinate("component", {{}, "1", "names", components});
  file.write("moments/mean", reals(means, {"time", "component"}));
  file.write("counts", {{"time"}, "1", "counts", counts});
  file.write("ids", {{"time"}, "1", "ids", ids});
  file.write("run/deck", {{}, "1", "deck", deck});
  file.write("run/seconds", reals({2.5}));
  file.commit();

  if (!comm.is_root()) return;
  Reader found(path);
  EXPECT_EQ(found.values("time"), times);
  EXPECT_EQ(found.texts("component"),
            (Texts{{"x\0\0\0\0\0\0\0", 8}, "velocity", {"ä\0\0\0\0\0\0", 8}}));
  EXPECT_EQ(found.values("moments/mean"), means);
  EXPECT_EQ(found.shape("moments/mean"), (std::vector<hsize_t>{3, 3}));
  EXPECT_EQ(found.values<std::int64_t>("counts", H5T_NATIVE_INT64), counts);
  EXPECT_EQ(found.values<std::uint64_t>("ids", H5T_NATIVE_UINT64), ids);
  EXPECT_EQ(found.texts("run/deck"), deck);
  EXPECT_EQ(found.values("run/seconds"), (Reals{2.5}));
  EXPECT_TRUE(found.shape("run/seconds").empty());
}

TEST(ResultFile, TakesTheValuesOfRankZero) {
  const auto comm = Communicator::world();
  const Scratch scratch(comm);
  const auto path = scratch.path("root.h5");

  ResultFile file(comm, path);
  file.coordinate("time", reals(comm.is_root() ? Reals{1, 2} : Reals{}));
  file.write("mean", reals(comm.is_root() ? Reals{3, 4} : Reals{}, {"time"}));
  file.commit();

  if (comm.is_root()) {
    EXPECT_EQ(Reader(path).values("mean"), (Reals{3, 4}));
  }
}

/// Rows of `width` numbers that say where they belong, distributed in `parts` over the ranks.
void expect_rows_arrive(const Communicator& comm, std::int64_t rows, std::int64_t width,
                        const std::function<comm::Share(int)>& part_of) {
  const Scratch scratch(comm);
  const auto path = scratch.path("rows.h5");
  const auto mine = part_of(comm.rank());
  Reals values(static_cast<std::size_t>(mine.count() * width));
  std::iota(values.begin(), values.end(), static_cast<double>(mine.first * width));

  ResultFile file(comm, path);
  file.dimension("path", rows);
  file.dimension("step", width);
  file.write_rows("paths/value", reals(values, {"path", "step"}),
                  std::array{io::Rows{mine.first, mine.count()}});
  file.commit();

  if (!comm.is_root()) return;
  Reals all(static_cast<std::size_t>(rows * width));
  std::iota(all.begin(), all.end(), 0.0);
  EXPECT_TRUE(Reader(path).values("paths/value") == all) << rows << " rows of " << width;
}

/// Every rank has every n-th row, as after a restart on other ranks.
TEST(ResultFile, GathersRowsInSeveralRanges) {
  const auto comm = Communicator::world();
  const Scratch scratch(comm);
  const std::string path = scratch.path("ranges.h5");
  const std::int64_t count = 5 * comm.size();
  Reals values;
  std::vector<io::Rows> rows;
  for (std::int64_t i = comm.rank(); i < count; i += comm.size()) {
    rows.push_back({i, 1});
    values.push_back(static_cast<double>(i) / 7);
  }

  ResultFile file(comm, path);
  file.dimension("path", count);
  file.write_rows("v", reals(values, {"path"}), rows);
  file.commit();

  if (!comm.is_root()) return;
  Reals all;
  for (std::int64_t i = 0; i < count; ++i) all.push_back(static_cast<double>(i) / 7);
  EXPECT_EQ(Reader(path).values("v"), all);
}

TEST(ResultFile, GathersRowsOfAllRanks) {
  const auto comm = Communicator::world();
  const auto even = [&](std::int64_t rows) {
    return [&, rows](int rank) { return comm::share(rows, rank, comm.size()); };
  };
  expect_rows_arrive(comm, 10, 3, even(10));
  expect_rows_arrive(comm, 1, 5, even(1));  // most ranks have none
  expect_rows_arrive(comm, 0, 5, even(0));
  expect_rows_arrive(comm, 30'000, 31, even(30'000));  // chunks, the last not full
  expect_rows_arrive(comm, 3, 200'000, even(3));       // rows longer than a chunk
}

TEST(ResultFile, GathersRowsThatOnlyTheLastRankHas) {
  const auto comm = Communicator::world();
  expect_rows_arrive(comm, 7, 2, [&](int rank) {
    return rank == comm.size() - 1 ? comm::Share{0, 7} : comm::Share{3, 3};
  });
}

TEST(ResultFile, RefusesRowsThatDoNotAddUp) {
  const auto comm = Communicator::world();
  const Scratch scratch(comm);
  ResultFile file(comm, scratch.path("rows.h5"));
  file.dimension("path", 3);
  const auto write = [&](const Reals& rows, std::int64_t first) {
    return refusal<Error>([&] {
      file.write_rows("v", reals(rows, {"path"}), std::array{io::Rows{first, std::ssize(rows)}});
    });
  };
  const Reals two = {1, 2};
  const Reals none;
  EXPECT_EQ(write(comm.is_root() ? two : none, 0),
            "'v' has 2 rows (3 are due, each from one rank)");
  EXPECT_NE(write(comm.is_root() ? Reals{1, 2, 3} : none, 1), std::nullopt);  // beyond the end
  EXPECT_NE(write(comm.is_root() ? Reals{1, 2, 3} : none, -1), std::nullopt);
}

TEST(ResultFile, RefusesShapesThatDoNotFit) {
  const auto comm = Communicator::world();
  const Scratch scratch(comm);
  const auto path = scratch.path("shapes.h5");
  ResultFile file(comm, path);
  file.dimension("time", 3);
  EXPECT_EQ(refusal<Error>([&] {
              file.write("v", reals({1, 2}, {"time"}));
            }),
            "'v' has 2 values where 3 are due");
  EXPECT_EQ(refusal<Error>([&] {
              file.write("v", reals({1, 2}, {"place"}));
            }),
            "'" + path + "' has no dimension 'place' (it must be made first)");
}

TEST(ResultFile, ReportsWhatHdf5Refuses) {
  const auto comm = Communicator::world();
  const Scratch scratch(comm);
  const auto path = scratch.path("twice.h5");
  ResultFile file(comm, path);
  file.write("v", reals({1}));
  EXPECT_EQ(refusal<IoError>([&] { file.write("v", reals({1})); }),
            "cannot write '" + path + "' (name already exists)");
}

TEST(ResultFile, ReplacesAnOlderFileOnlyAtCommit) {
  const auto comm = Communicator::world();
  const Scratch scratch(comm);
  const auto path = scratch.path("result.h5");
  if (comm.is_root()) std::ofstream(path) << "older";
  comm.barrier();

  ResultFile file(comm, path);
  file.write("v", reals({1}));
  if (comm.is_root()) {
    EXPECT_EQ(content(path), "older");
    EXPECT_EQ(names_beside(path), (Texts{"result.h5", "result.h5.partial"}));
  }
  comm.barrier();
  file.commit();

  if (!comm.is_root()) return;
  EXPECT_EQ(Reader(path).values("v"), (Reals{1}));
  EXPECT_EQ(names_beside(path), (Texts{"result.h5"}));
}

TEST(ResultFile, LeavesNothingWithoutCommit) {
  const auto comm = Communicator::world();
  const Scratch scratch(comm);
  const auto path = scratch.path("result.h5");
  if (comm.is_root()) std::ofstream(path) << "older";
  comm.barrier();
  {
    ResultFile file(comm, path);
    file.write("v", reals({1}));
  }
  if (!comm.is_root()) return;
  EXPECT_EQ(content(path), "older");
  EXPECT_EQ(names_beside(path), (Texts{"result.h5"}));
}

TEST(ResultFile, ReplacesThePartialFileOfAKilledRun) {
  const auto comm = Communicator::world();
  const Scratch scratch(comm);
  const auto path = scratch.path("result.h5");
  if (comm.is_root()) std::ofstream(path + ".partial") << std::string(100'000, 'x');
  comm.barrier();
  ResultFile file(comm, path);
  file.write("v", reals({1}));
  file.commit();
  if (comm.is_root()) {
    EXPECT_EQ(Reader(path).values("v"), (Reals{1}));
  }
}

TEST(ResultFile, KeepsAFailedRunUnderAnotherName) {
  const auto comm = Communicator::world();
  const Scratch scratch(comm);
  const auto path = scratch.path("result.h5");
  if (comm.is_root()) std::ofstream(path) << "older";
  comm.barrier();

  ResultFile file(comm, path);
  file.write("v", reals({1}));
  file.commit_as_failed();

  if (!comm.is_root()) return;
  EXPECT_EQ(content(path), "older");
  EXPECT_EQ(names_beside(path), (Texts{"result.h5", "result.h5.failed"}));
  EXPECT_EQ(Reader(path + ".failed").values("v"), (Reals{1}));
}

TEST(ResultFile, RefusesToReplaceWithoutOverwrite) {
  const auto comm = Communicator::world();
  const Scratch scratch(comm);
  const auto path = scratch.path("result.h5");
  if (comm.is_root()) std::ofstream(path) << "older";
  comm.barrier();
  EXPECT_NE(refusal<UsageError>([&] { ResultFile(comm, path, false); }), std::nullopt);
  if (comm.is_root()) {
    EXPECT_EQ(content(path), "older");
  }
}

TEST(ResultFile, DoesNotReplaceAFileThatAppearedMeanwhile) {
  const auto comm = Communicator::world();
  const Scratch scratch(comm);
  const auto path = scratch.path("result.h5");
  {
    ResultFile file(comm, path, false);
    file.write("v", reals({1}));
    if (comm.is_root()) std::ofstream(path) << "other";
    comm.barrier();
    EXPECT_EQ(refusal<IoError>([&] { file.commit(); }),
              "cannot write '" + path + "' (File exists)");
  }
  if (comm.is_root()) {
    EXPECT_EQ(content(path), "other");
  }
}

TEST(ResultFile, SaysWhyItCannotBeMade) {
  const auto comm = Communicator::world();
  const Scratch scratch(comm);
  const auto path = scratch.path("none/x.h5");
  EXPECT_EQ(refusal<UsageError>([&] { ResultFile(comm, path); }),
            "cannot write '" + path + "' (there is no folder '" + scratch.path("none") +
                "'); create it first");
  if (comm.is_root()) fs::create_directory(scratch.path("y.h5.partial"));
  comm.barrier();
  EXPECT_EQ(refusal<IoError>([&] { ResultFile(comm, scratch.path("y.h5")); }),
            "cannot open '" + scratch.path("y.h5.partial") + "' (Is a directory)");
}

/// The limit on the size of files, for as long as it lives.
class SizeLimit {
 public:
  explicit SizeLimit(rlim_t bytes) {
    ::getrlimit(RLIMIT_FSIZE, &before_);
    const rlimit small = {bytes, before_.rlim_max};
    ::setrlimit(RLIMIT_FSIZE, &small);
  }
  SizeLimit(const SizeLimit&) = delete;
  SizeLimit& operator=(const SizeLimit&) = delete;
  ~SizeLimit() { ::setrlimit(RLIMIT_FSIZE, &before_); }

 private:
  rlimit before_ = {};
};

// The reserve is the length of the draft; what HDF5 needs is the length once it has closed it.
TEST(ResultFile, SetsAsideAtLeastWhatItUses) {
  const auto comm = Communicator::world();
  const Scratch scratch(comm);
  const auto path = scratch.path("result.h5");
  const auto mine = comm.share(50'000);
  const Reals rows(static_cast<std::size_t>(mine.count()) * 7, 1.0);
  const Texts text = {std::string(100'000, 'x')};

  ResultFile file(comm, path);
  file.coordinate("time", reals(Reals{0, 1, 2}));
  file.dimension("path", 50'000);
  file.dimension("seven", 7);
  for (int i = 0; i < 200; ++i) {
    file.write("group" + std::to_string(i) + "/v", reals({1, 2, 3}, {"time"}));
  }
  file.write_rows("rows", reals(rows, {"path", "seven"}),
                  std::array{io::Rows{mine.first, mine.count()}});
  file.write("text", {{}, text[0], "a long text", text, {{"again", text[0]}}});
  const auto reserved = comm.is_root() ? fs::file_size(path + ".partial") : 0;
  comm.barrier();
  file.commit();

  if (!comm.is_root()) return;
  EXPECT_LE(fs::file_size(path), reserved);
  EXPECT_GT(fs::file_size(path), 50'000U * 7 * sizeof(double));
}

TEST(ResultFile, AFullDiskFailsOnEveryRankAndLeavesNothing) {
  const auto comm = Communicator::world();
  const Scratch scratch(comm);
  const auto path = scratch.path("result.h5");
  if (comm.is_root()) std::ofstream(path) << "older";
  comm.barrier();
  const Reals many(10'000, 1.0);
  int failed = 0;
  for (rlim_t limit = 0; limit < 2'000'000; limit += 100'000) {
    const SizeLimit small(limit);
    const auto text = refusal<IoError>([&] {
      ResultFile file(comm, path);
      file.dimension("n", 10'000);
      for (int i = 0; i < 20; ++i) file.write("v" + std::to_string(i), reals(many, {"n"}));
    });
    EXPECT_EQ(text, "cannot write '" + path + "' (File too large)") << limit;
    failed += text ? 1 : 0;
    if (comm.is_root()) {
      EXPECT_EQ(names_beside(path), (Texts{"result.h5"}));
    }
    comm.barrier();
  }
  EXPECT_EQ(failed, 20);
  if (comm.is_root()) {
    EXPECT_EQ(content(path), "older");
  }
}

// The limit holds for the last rank alone, so that setting space aside on rank 0 succeeds.
TEST(ResultFile, AWriteThatFailsOnOneRankFailsOnAll) {
  const auto comm = Communicator::world();
  if (comm.size() == 1) GTEST_SKIP() << "needs a second rank";
  const Scratch scratch(comm);
  const auto path = scratch.path("result.h5");
  const auto mine = comm.share(100'000);
  const Reals rows(static_cast<std::size_t>(mine.count()), 1.0);
  const bool limited = comm.rank() == comm.size() - 1;

  std::optional<std::string> text;
  {
    ResultFile file(comm, path);
    file.dimension("path", 100'000);
    std::optional<SizeLimit> limit;
    if (limited) limit.emplace(400'000);
    text = refusal<IoError>([&] {
      file.write_rows("rows", reals(rows, {"path"}),
                      std::array{io::Rows{mine.first, mine.count()}});
      file.commit();
    });
  }

  EXPECT_EQ(text, "cannot write '" + path + "' (file write failed)");
  EXPECT_FALSE(fs::exists(path));
}

}  // namespace
