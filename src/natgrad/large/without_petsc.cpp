// SPDX-License-Identifier: BSD-3-Clause
// In the place of large_replica.cpp where PETSc or SLEPc was not found.
#include "base/error.hpp"
#include "natgrad/large/large_replica.hpp"

namespace driftwood::natgrad {

bool has_large_replicas() { return false; }

LargeFindings large_replica(const comm::Communicator& /*comm*/, const DesignKey& /*key*/,
                            std::size_t /*n*/, std::span<const double> /*features*/,
                            std::span<const double> /*prior*/, const Estimator& /*by*/,
                            const LargeOptions& /*options*/) {
  throw UsageError(
      "this build has no PETSc and SLEPc, which large designs need", {},
      "install libpetsc-real-dev and libslepc-real-dev (spack: petsc, slepc) and build "
      "again, or use the solver 'lapack'");
}

}  // namespace driftwood::natgrad
