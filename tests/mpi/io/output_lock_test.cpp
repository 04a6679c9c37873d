// SPDX-License-Identifier: BSD-3-Clause
// Claim: two jobs cannot write one output at a time, and a killed one does not block the next.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/file.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <filesystem>
#include <optional>

#include "base/error.hpp"
#include "io/output.hpp"
#include "mpi/io/scratch.hpp"

namespace {
using namespace driftwood;
using comm::Communicator;
using io::OutputLock;
using test::Scratch;
namespace fs = std::filesystem;

std::optional<std::string> refusal(const Communicator& comm, const std::string& path) {
  try {
    const OutputLock lock(comm, path);
  } catch (const IoError& error) {
    return error.what();
  }
  return std::nullopt;
}

/// Another process that holds the lock file of an output until it is killed.
class OtherJob {
 public:
  explicit OtherJob(const std::string& lock_file) {
    std::array<int, 2> ready = {};
    EXPECT_EQ(::pipe(ready.data()), 0);
    child_ = ::fork();
    if (child_ == 0) {
      const int file = ::open(lock_file.c_str(), O_RDWR | O_CREAT, 0666);
      const bool held = ::flock(file, LOCK_EX | LOCK_NB) == 0 && ::write(file, "job 7", 5) == 5;
      if (held) (void)!::write(ready[1], "x", 1);
      while (true) ::pause();
    }
    char go = 0;
    EXPECT_EQ(::read(ready[0], &go, 1), 1);
    ::close(ready[0]);
    ::close(ready[1]);
  }
  OtherJob(const OtherJob&) = delete;
  OtherJob& operator=(const OtherJob&) = delete;
  ~OtherJob() { kill(); }

  void kill() {
    if (child_ <= 0) return;
    ::kill(child_, SIGKILL);
    ::waitpid(child_, nullptr, 0);
    child_ = 0;
  }

 private:
  pid_t child_ = 0;
};

TEST(OutputLock, IsHeldForItsLifeAndLeavesNoFile) {
  const auto comm = Communicator::world();
  const Scratch scratch(comm);
  const auto path = scratch.path("x.h5");
  {
    const OutputLock lock(comm, path);
    EXPECT_TRUE(lock.guards());
    EXPECT_TRUE(fs::exists(path + ".lock"));
    EXPECT_NE(refusal(comm, path), std::nullopt);
    EXPECT_EQ(refusal(comm, scratch.path("y.h5")), std::nullopt);
  }
  comm.barrier();
  EXPECT_FALSE(fs::exists(path + ".lock"));
  comm.barrier();
  EXPECT_EQ(refusal(comm, path), std::nullopt);
}

TEST(OutputLock, NamesWhoHoldsIt) {
  const auto comm = Communicator::world();
  const Scratch scratch(comm);
  const auto path = scratch.path("x.h5");
  std::array<char, 256> host = {};
  ::gethostname(host.data(), host.size() - 1);
  std::string process = std::to_string(::getpid());
  comm.broadcast(process);

  const OutputLock lock(comm, path);

  EXPECT_EQ(refusal(comm, path), "another job is writing '" + path + "' (process " + process +
                                     " on " + host.data() + " holds '" + path +
                                     ".lock'); wait for it or choose another output");
}

TEST(OutputLock, IsRefusedOnEveryRankWhileAnotherProcessHoldsItAndFreeOnceThatIsKilled) {
  const auto comm = Communicator::world();
  const Scratch scratch(comm);
  const auto path = scratch.path("x.h5");
  std::optional<OtherJob> other;
  if (comm.is_root()) other.emplace(path + ".lock");
  comm.barrier();
  EXPECT_EQ(refusal(comm, path), "another job is writing '" + path + "' (job 7 holds '" + path +
                                     ".lock'); wait for it or choose another output");
  comm.barrier();
  if (other) other->kill();

  // The dead job's file is still there, and no obstacle.
  EXPECT_EQ(refusal(comm, path), std::nullopt);
}

TEST(OutputLock, SaysWhyTheLockFileCannotBeMade) {
  const auto comm = Communicator::world();
  const Scratch scratch(comm);
  const auto path = scratch.path("none/x.h5");
  try {
    const OutputLock lock(comm, path);
    ADD_FAILURE() << "there is no such folder";
  } catch (const Error& error) {
    EXPECT_EQ(error.fault(), Fault::usage);
    EXPECT_EQ(error.what(), "cannot create '" + path +
                                ".lock' (No such file or directory); choose "
                                "an output in a folder that takes new files");
  }
}
}  // namespace
