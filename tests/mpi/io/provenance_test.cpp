// SPDX-License-Identifier: BSD-3-Clause
// Claim: the record of a run says who, where and when, in the formats it promises.
#include "io/provenance.hpp"

#include <gtest/gtest.h>

#include <regex>

#include "mpi/io/scratch.hpp"

namespace {
using namespace driftwood;

TEST(Provenance, TimesAreIso8601InUtc) {
  EXPECT_TRUE(std::regex_match(io::utc_now(),
                               std::regex(R"(\d{4}-[01]\d-[0-3]\dT[0-2]\d:[0-5]\d:[0-6]\dZ)")))
      << io::utc_now();
}

TEST(Provenance, LibrariesNameThemselvesInOneLine) {
  EXPECT_TRUE(std::regex_match(io::hdf5_library(), std::regex(R"(HDF5 \d+\.\d+\.\d+)")))
      << io::hdf5_library();
  EXPECT_FALSE(io::mpi_library().empty());
  EXPECT_EQ(io::mpi_library().find('\n'), std::string::npos);
}

TEST(Provenance, StartsWithThisMachineAndNow) {
  const auto comm = comm::Communicator::world();
  const auto before = io::utc_now();
  const auto record = io::Provenance::now(comm, "some_driver");
  const auto after = io::utc_now();
  EXPECT_EQ(record.driver, "some_driver");
  EXPECT_EQ(record.ranks, comm.size());
  EXPECT_FALSE(record.host.empty());
  EXPECT_LE(before, record.started);  // this format sorts by time
  EXPECT_LE(record.started, after);
}
}  // namespace
