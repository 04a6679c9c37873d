// SPDX-License-Identifier: BSD-3-Clause
// Claims: what ranks save comes back, each part once, in order; two generations alternate; and a
// file that is cut off or altered anywhere is named and not used.
#include "io/checkpoint.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <random>

#include "base/error.hpp"
#include "mpi/io/scratch.hpp"

namespace {
using namespace driftwood;
using comm::Bytes;
using comm::Communicator;
using io::CheckpointFiles;
using io::CheckpointHeader;
using test::Scratch;
namespace fs = std::filesystem;

const CheckpointHeader header{"driver", "0.1 abc", "format = 1\n[run]\noutput = \"x.h5\"\n",
                              12.5,     99,        3};

/// What rank r saves the n-th time: of other lengths, that of rank 1 being 0.
Bytes part(int rank, int generation) {
  Bytes out(rank == 1 ? 0 : static_cast<std::size_t>(1000 * rank + 17 * generation + 5));
  for (std::size_t i = 0; i < out.size(); ++i) {
    out[i] = static_cast<std::byte>(i * 7 + static_cast<std::size_t>(31 * rank + generation));
  }
  return out;
}

void save(CheckpointFiles& files, const Communicator& comm, int generation) {
  files.write(header, part(comm.rank(), generation));
}

/// Two generations of an earlier run.
void leave_two(const Communicator& comm, const std::string& output) {
  CheckpointFiles files(comm, output, 2);
  save(files, comm, 1);
  save(files, comm, 2);
}

/// The generation that a new reader finds, -1 for none; checks that its parts are whole.
int generation_read(const Communicator& comm, const std::string& output,
                    std::vector<std::string>* complaints = nullptr) {
  CheckpointFiles files(comm, output, 2);
  const auto saved = files.read([&](const std::string& problem) {
    if (complaints != nullptr) complaints->push_back(problem);
  });
  if (!saved) return -1;
  EXPECT_EQ(saved->header.driver, header.driver);
  EXPECT_EQ(saved->header.effective_deck, header.effective_deck);
  EXPECT_EQ(saved->header.wall_seconds, header.wall_seconds);
  EXPECT_EQ(saved->header.jobs, header.jobs);
  EXPECT_EQ(saved->parts.size(), 1U);
  for (int generation = 1; generation < 9; ++generation) {
    const bool same = saved->parts.front() == part(comm.rank(), generation);
    if (comm.all_reduce_min(std::int64_t{same ? 1 : 0}) == 1) return generation;
  }
  ADD_FAILURE() << "the parts are of no generation";
  return -2;
}

void flip_bit(const std::string& file, std::uint64_t byte, int bit) {
  std::fstream stream(file, std::ios::in | std::ios::out | std::ios::binary);
  stream.seekg(static_cast<std::streamoff>(byte));
  const int before = stream.get();
  stream.seekp(static_cast<std::streamoff>(byte));
  stream.put(static_cast<char>(before ^ (1 << bit)));
}

TEST(Checkpoints, ComeBackAsTheyWere) {
  const auto comm = Communicator::world();
  const Scratch scratch(comm);
  const std::string output = scratch.path("x.h5");
  CheckpointFiles files(comm, output, 2);
  EXPECT_FALSE(files.any());
  EXPECT_EQ(generation_read(comm, output), -1);

  for (int generation = 1; generation < 5; ++generation) {
    save(files, comm, generation);

    EXPECT_TRUE(files.any());
    EXPECT_EQ(generation_read(comm, output), generation);
  }
  EXPECT_TRUE(fs::exists(output + ".ckpt.a"));
  EXPECT_TRUE(fs::exists(output + ".ckpt.b"));
  comm.barrier();
  files.remove();
  comm.barrier();
  EXPECT_FALSE(files.any());
}

TEST(Checkpoints, OfARunThatContinuesNoneReplaceThoseThatAreThere) {
  const auto comm = Communicator::world();
  const Scratch scratch(comm);
  const std::string output = scratch.path("x.h5");
  leave_two(comm, output);
  CheckpointFiles files(comm, output, 2);

  save(files, comm, 5);

  comm.barrier();
  EXPECT_EQ(fs::exists(output + ".ckpt.a") + fs::exists(output + ".ckpt.b"), 1);
  EXPECT_EQ(generation_read(comm, output), 5);
}

TEST(Checkpoints, OfARunThatContinuesOneKeepIt) {
  const auto comm = Communicator::world();
  const Scratch scratch(comm);
  const std::string output = scratch.path("x.h5");
  leave_two(comm, output);
  CheckpointFiles files(comm, output, 2);
  const auto saved = files.read([](const std::string&) {});
  ASSERT_TRUE(saved.has_value());

  save(files, comm, 3);

  comm.barrier();
  EXPECT_EQ(fs::exists(output + ".ckpt.a") + fs::exists(output + ".ckpt.b"), 2);
  EXPECT_EQ(generation_read(comm, output), 3);
  if (comm.is_root()) fs::remove(output + ".ckpt.b");
  comm.barrier();
  EXPECT_EQ(generation_read(comm, output), 2);
}

TEST(Checkpoints, MayBeASingleFile) {
  const auto comm = Communicator::world();
  const Scratch scratch(comm);
  CheckpointFiles files(comm, scratch.path("x.h5"), 1);

  save(files, comm, 1);
  save(files, comm, 2);

  comm.barrier();
  EXPECT_FALSE(fs::exists(scratch.path("x.h5.ckpt.b")));
  EXPECT_EQ(generation_read(comm, scratch.path("x.h5")), 2);
}

TEST(Checkpoints, ThatAreCutOffAreNamedAndSkipped) {
  const auto comm = Communicator::world();
  const Scratch scratch(comm);
  const std::string output = scratch.path("x.h5");
  leave_two(comm, output);
  const std::string newest = output + ".ckpt.a";
  comm.barrier();
  const auto size = fs::file_size(newest);
  for (const auto length :
       {size - 1, size - 60, size / 2, std::uintmax_t{100}, std::uintmax_t{0}}) {
    comm.barrier();
    if (comm.is_root()) fs::resize_file(newest, length);
    comm.barrier();
    std::vector<std::string> complaints;

    EXPECT_EQ(generation_read(comm, output, &complaints), 1) << length;

    if (comm.is_root()) {
      ASSERT_EQ(complaints.size(), 1U);
      EXPECT_NE(complaints.front().find(newest), std::string::npos);
    }
  }
}

/// Any bit of any byte; which ones is printed.
TEST(Checkpoints, WithABitFlippedAreNotUsed) {
  const auto comm = Communicator::world();
  const Scratch scratch(comm);
  const std::string output = scratch.path("x.h5");
  leave_two(comm, output);
  const std::string newest = output + ".ckpt.a";
  comm.barrier();
  const auto size = fs::file_size(newest);
  std::mt19937_64 random(2026);
  for (int trial = 0; trial < 40; ++trial) {
    const auto byte = random() % size;
    const int bit = static_cast<int>(random() % 8);
    comm.barrier();
    if (comm.is_root()) flip_bit(newest, byte, bit);
    comm.barrier();

    EXPECT_EQ(generation_read(comm, output), 1) << "byte " << byte << ", bit " << bit;

    comm.barrier();
    if (comm.is_root()) flip_bit(newest, byte, bit);
  }
  comm.barrier();
  EXPECT_EQ(generation_read(comm, output), 2);
}

/// The next one must not replace the only one that is whole.
TEST(Checkpoints, ReplaceTheOneThatCouldNotBeRead) {
  const auto comm = Communicator::world();
  const Scratch scratch(comm);
  const std::string output = scratch.path("x.h5");
  leave_two(comm, output);
  comm.barrier();
  if (comm.is_root()) flip_bit(output + ".ckpt.a", fs::file_size(output + ".ckpt.a") / 2, 3);
  comm.barrier();
  CheckpointFiles files(comm, output, 2);
  ASSERT_TRUE(files.read([](const std::string&) {}).has_value());
  if (comm.is_root()) fs::copy_file(output + ".ckpt.b", scratch.path("good"));

  save(files, comm, 3);

  comm.barrier();
  EXPECT_EQ(fs::file_size(output + ".ckpt.b"), fs::file_size(scratch.path("good")));
  EXPECT_EQ(generation_read(comm, output), 3);
  if (comm.is_root()) fs::remove(output + ".ckpt.a");
  comm.barrier();
  EXPECT_EQ(generation_read(comm, output), 1);
}

TEST(Checkpoints, ThatCannotBeWrittenLeaveTheOthers) {
  const auto comm = Communicator::world();
  const Scratch scratch(comm);
  const std::string output = scratch.path("x.h5");
  CheckpointFiles files(comm, output, 2);
  save(files, comm, 1);
  save(files, comm, 2);
  if (comm.is_root()) fs::create_directory(output + ".ckpt.b.partial");
  comm.barrier();

  EXPECT_THROW(save(files, comm, 3), Error);

  EXPECT_EQ(generation_read(comm, output), 2);
}

}  // namespace
