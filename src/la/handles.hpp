// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <petscksp.h>
#include <slepceps.h>
#include <slepcmfn.h>

#include <string_view>
#include <type_traits>

#include "base/handle.hpp"

namespace driftwood::la {

static_assert(std::is_same_v<PetscScalar, double>, "PETSc must compute in real doubles");

/// Throws `Error` with PETSc's own words when `code`, returned by a call of PETSc or SLEPc, is not
/// success. `doing` completes "PETSc failed to ...". A `Session` must be up.
void check(PetscErrorCode code, std::string_view doing);

/// For `UniqueHandle`: destroys an object, unless PETSc has ended. Destruction is collective.
template <class T, PetscErrorCode (*destroy)(T*)>
struct Traits {
  using type = T;
  static T null() noexcept { return nullptr; }
  static void release(T object) noexcept {
    PetscBool is_up = PETSC_FALSE;
    if (PetscInitialized(&is_up) == 0 && is_up == PETSC_TRUE) destroy(&object);
  }
};

using VecHandle = UniqueHandle<Traits<Vec, VecDestroy>>;
using MatHandle = UniqueHandle<Traits<Mat, MatDestroy>>;
using KspHandle = UniqueHandle<Traits<KSP, KSPDestroy>>;
using EpsHandle = UniqueHandle<Traits<EPS, EPSDestroy>>;
using MfnHandle = UniqueHandle<Traits<MFN, MFNDestroy>>;

}  // namespace driftwood::la
