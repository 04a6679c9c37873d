// SPDX-License-Identifier: BSD-3-Clause
// Claim: a build without PETSc says so when a large design is asked for.
#include <gtest/gtest.h>

#include <array>
#include <string>

#include "base/error.hpp"
#include "natgrad/large/large_replica.hpp"

namespace {
using namespace driftwood;

TEST(WithoutPetsc, LargeDesignsAreRefusedWithWhatIsMissing) {
  const std::array<double, 4> ones{1, 1, 1, 1};
  EXPECT_FALSE(natgrad::has_large_replicas());
  try {
    static_cast<void>(natgrad::large_replica(comm::Communicator::alone(), {}, 2, ones, ones, {}));
    FAIL() << "not refused";
  } catch (const UsageError& error) {
    EXPECT_STREQ(
        error.what(),
        "this build has no PETSc and SLEPc, which large designs need; install "
        "libpetsc-real-dev and libslepc-real-dev (spack: petsc, slepc) and build again, or "
        "use the solver 'lapack'");
  }
}

}  // namespace
