// SPDX-License-Identifier: BSD-3-Clause
// Claim: PETSc comes up and goes within MPI, any number of times; options of the user reach it, and
// its errors come out with its own words.
#include "la/session.hpp"

#include <gtest/gtest.h>
#include <mpi.h>

#include <csignal>
#include <string>

#include "base/error.hpp"
#include "la/handles.hpp"

namespace {
using namespace driftwood;

bool is_up() {
  PetscBool up = PETSC_FALSE;
  PetscInitialized(&up);
  return up == PETSC_TRUE;
}

TEST(Session, ComesAndGoesWithinMpi) {
  const auto comm = comm::Communicator::world();
  for (int i = 0; i < 3; ++i) {
    const la::Session outer(comm);
    EXPECT_TRUE(is_up());
    {
      const la::Session inner(comm);
      EXPECT_TRUE(is_up());
    }
    EXPECT_TRUE(is_up());
  }
  EXPECT_FALSE(is_up());
  int ended = 0;
  MPI_Finalized(&ended);
  EXPECT_EQ(ended, 0);
}

TEST(Session, LeavesSignalsToTheirOwners) {
  std::signal(SIGHUP, SIG_IGN);
  const auto comm = comm::Communicator::world();
  const la::Session session(comm);

  EXPECT_EQ(std::signal(SIGHUP, SIG_DFL), SIG_IGN);
}

TEST(Session, OptionsReachPetscAndTheUnusedOnesAreKnown) {
  const auto comm = comm::Communicator::world();
  for (const bool is_nested : {false, true}) {
    const la::Session outer(
        comm, is_nested ? std::vector<std::string>{}
                        : std::vector<std::string>{"-ksp_max_it", "17", "-ksp_maxit", "3"});
    const la::Session session(
        comm, is_nested ? std::vector<std::string>{"-ksp_max_it", "17", "-ksp_maxit", "3"}
                        : std::vector<std::string>{});
    KSP raw = nullptr;
    la::check(KSPCreate(comm.get(), &raw), "make a solver");
    const la::KspHandle ksp(raw);
    la::check(KSPSetFromOptions(raw), "take options");
    PetscInt most = 0;
    la::check(KSPGetTolerances(raw, nullptr, nullptr, nullptr, &most), "read options");

    EXPECT_EQ(most, 17);
    EXPECT_EQ(session.unused_options(), std::vector<std::string>{"-ksp_maxit"});
  }
}

TEST(Session, RefusesWordsThatAreNoOptions) {
  const auto comm = comm::Communicator::world();

  EXPECT_THROW(la::Session(comm, {"ksp_max_it", "17"}), UsageError);
  EXPECT_THROW(la::Session(comm, {"-ksp_max_it", "17", "18"}), UsageError);
  EXPECT_FALSE(is_up());
}

TEST(Session, ErrorsHaveTheWordsOfPetsc) {
  const auto comm = comm::Communicator::world();
  const la::Session session(comm);
  KSP raw = nullptr;
  la::check(KSPCreate(comm.get(), &raw), "make a solver");
  const la::KspHandle ksp(raw);

  try {
    la::check(KSPSetType(raw, "none_such"), "choose a solver");
    FAIL() << "there is a solver of that name";
  } catch (const Error& error) {
    const std::string text = error.what();
    EXPECT_TRUE(text.starts_with("PETSc failed to choose a solver (")) << text;
    EXPECT_NE(text.find("none_such"), std::string::npos) << text;
  }
}

}  // namespace
