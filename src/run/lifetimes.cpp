// SPDX-License-Identifier: BSD-3-Clause
#include "run/lifetimes.hpp"

#include <mpi.h>

#include <Kokkos_Core.hpp>

#include "base/error.hpp"

namespace driftwood::run {

MpiLifetime::MpiLifetime() {
  int provided = MPI_THREAD_SINGLE;
  MPI_Init_thread(nullptr, nullptr, MPI_THREAD_FUNNELED, &provided);
  if (provided < MPI_THREAD_FUNNELED) {
    MPI_Finalize();
    throw Error("MPI offers no threads", "it was built without", "use a build of MPI with threads");
  }
}

MpiLifetime::~MpiLifetime() { MPI_Finalize(); }

KokkosLifetime::KokkosLifetime(const std::string& program,
                               const std::vector<std::string>& options) {
  std::vector<std::string> words{program};
  words.insert(words.end(), options.begin(), options.end());
  std::vector<char*> arguments;
  for (std::string& word : words) arguments.push_back(word.data());
  arguments.push_back(nullptr);

  int count = static_cast<int>(words.size());
  try {
    Kokkos::initialize(count, arguments.data());
  } catch (const std::exception& error) {
    std::string given;
    for (const std::string& option : options) given += ' ' + option;
    throw UsageError("Kokkos does not start with the options '--" + given + "'", error.what());
  }
  if (count > 1) {  // Kokkos takes out what it understands
    const std::string unknown = arguments[1];
    Kokkos::finalize();
    throw UsageError("Kokkos does not know '" + unknown + "'", {},
                     "see '" + program + " DECK -- --kokkos-help'");
  }
}

KokkosLifetime::~KokkosLifetime() { Kokkos::finalize(); }

std::string KokkosLifetime::version() {
  // 10000 major + 100 minor + patch
  const auto part = [](int number) { return std::to_string(number % 100); };
  return std::to_string(KOKKOS_VERSION / 10000) + '.' + part(KOKKOS_VERSION / 100) + '.' +
         part(KOKKOS_VERSION);
}

std::string KokkosLifetime::backend() { return Kokkos::DefaultExecutionSpace::name(); }

int KokkosLifetime::threads() {
  return static_cast<int>(Kokkos::DefaultHostExecutionSpace().concurrency());
}

}  // namespace driftwood::run
