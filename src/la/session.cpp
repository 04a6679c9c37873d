// SPDX-License-Identifier: BSD-3-Clause
#include "la/session.hpp"

#include <fmt/format.h>

#include <string_view>

#include "base/error.hpp"
#include "la/handles.hpp"

namespace driftwood::la {
namespace {

bool is_option(std::string_view word) {
  // as PETSc has it: "-1e-3" is a value
  return word.size() > 1 && word[0] == '-' &&
         ((word[1] >= 'a' && word[1] <= 'z') || (word[1] >= 'A' && word[1] <= 'Z') ||
          word[1] == '-');
}

void refuse_loose_words(const std::vector<std::string>& options) {
  bool may_be_value = false;
  for (const std::string& word : options) {
    const bool starts = is_option(word);
    if (!starts && !may_be_value) {
      throw UsageError("'" + word + "' is no option of PETSc", "one begins with '-'");
    }
    may_be_value = starts;
  }
}

}  // namespace

void check(PetscErrorCode code, std::string_view doing) {
  if (code == 0) return;
  const char* kind = nullptr;
  char* specific = nullptr;
  PetscErrorMessage(code, &kind, &specific);
  std::string why = kind != nullptr ? kind : fmt::format("error {}", code);
  if (specific != nullptr && *specific != '\0') why += std::string(": ") + specific;
  throw Error("PETSc failed to " + std::string(doing), why);
}

MPI_Comm ranks_of(const comm::Communicator& comm) {
  return comm.is_alone() ? MPI_COMM_SELF : comm.get();
}

Session::Session(const comm::Communicator& comm, const std::vector<std::string>& options) {
  int is_begun = 0;
  MPI_Initialized(&is_begun);
  if (is_begun == 0) throw Error("PETSc needs MPI", "it has not been started");
  refuse_loose_words(options);
  words_ = {"driftwood", "-no_signal_handler", "-skip_petscrc"};
  words_.insert(words_.end(), options.begin(), options.end());
  for (std::string& word : words_) arguments_.push_back(word.data());
  arguments_.push_back(nullptr);
  PetscBool is_up = PETSC_FALSE;
  SlepcInitialized(&is_up);
  starts_ = is_up == PETSC_FALSE;
  if (starts_) start(comm);
  PetscPushErrorHandler(PetscReturnErrorHandler, nullptr);
  if (!starts_) {
    const int given = static_cast<int>(options.size());
    check(PetscOptionsInsertArgs(nullptr, given, arguments_.data() + 3), "take options");
  }
}

void Session::start(const comm::Communicator& comm) {
  PETSC_COMM_WORLD = ranks_of(comm);
  int count = static_cast<int>(words_.size());
  char** arguments = arguments_.data();
  if (const PetscErrorCode code = SlepcInitialize(&count, &arguments, nullptr, nullptr);
      code != 0) {
    throw Error("PETSc does not start", fmt::format("error {}", code),
                "see what it said, and the options in PETSC_OPTIONS");
  }
}

Session::~Session() {
  PetscPopErrorHandler();
  if (!starts_) return;
  SlepcFinalize();
  PETSC_COMM_WORLD = MPI_COMM_NULL;
}

std::vector<std::string> Session::unused_options() const {
  PetscInt count = 0;
  char** names = nullptr;
  char** values = nullptr;
  check(PetscOptionsLeftGet(nullptr, &count, &names, &values), "list unused options");
  std::vector<std::string> out;
  for (PetscInt i = 0; i < count; ++i) out.push_back(std::string("-") + names[i]);
  PetscOptionsLeftRestore(nullptr, &count, &names, &values);
  return out;
}

}  // namespace driftwood::la
