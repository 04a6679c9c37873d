# SPDX-License-Identifier: BSD-3-Clause
# Every library that Driftwood needs, found in one place: the build reads this file, and so does the
# installed package.

# driftwood_find(<package> DEBIAN <package> SPACK <package> [ARGS <arguments of find_package>...])
# stops with the names of the packages that provide what is missing.
macro(driftwood_find package)
  cmake_parse_arguments(driftwood_find "" "DEBIAN;SPACK" "ARGS" ${ARGN})
  find_package(${package} ${driftwood_find_ARGS} QUIET)
  if(NOT ${package}_FOUND)
    driftwood_missing("${package}" "${driftwood_find_DEBIAN}" "${driftwood_find_SPACK}")
  endif()
  message(STATUS "Found ${package} ${${package}_VERSION}")
endmacro()

function(driftwood_missing what debian spack)
  message(FATAL_ERROR "${what} was not found. Install the Debian package ${debian}, or run "
    "`spack install ${spack}` (or load a module) and pass its prefix in CMAKE_PREFIX_PATH.")
endfunction()

# The interpreter of the plots, reports and Python tests. Debian's modules belong to
# /usr/bin/python3, whatever python3 comes first on PATH.
macro(driftwood_find_python)
  if(NOT Python3_EXECUTABLE AND EXISTS /usr/bin/python3)
    set(Python3_EXECUTABLE /usr/bin/python3 CACHE FILEPATH "Python with numpy, h5py and matplotlib")
  endif()
  driftwood_find(Python3 DEBIAN python3 SPACK python ARGS COMPONENTS Interpreter)
endmacro()

# MPI, by its C interface alone.
set(MPI_CXX_SKIP_MPICXX ON)
driftwood_find(MPI DEBIAN libopenmpi-dev SPACK openmpi ARGS COMPONENTS C CXX)

# Kokkos: a user's own comes first by Kokkos_ROOT or CMAKE_PREFIX_PATH.
driftwood_find(Kokkos DEBIAN libtrilinos-kokkos-dev SPACK kokkos)
if(Kokkos_VERSION VERSION_LESS 3.4)
  driftwood_missing("Kokkos 3.4 or later (there is ${Kokkos_VERSION} in ${Kokkos_DIR})"
    libtrilinos-kokkos-dev kokkos)
endif()
driftwood_find(xsimd DEBIAN libxsimd-dev SPACK xsimd)
include("${CMAKE_CURRENT_LIST_DIR}/RepairDebianTargets.cmake")

# Files that many ranks write together.
set(HDF5_PREFER_PARALLEL ON)
driftwood_find(HDF5 DEBIAN libhdf5-openmpi-dev SPACK "hdf5+mpi+hl" ARGS COMPONENTS C HL)
if(NOT HDF5_IS_PARALLEL)
  driftwood_missing("A parallel HDF5 (the one in ${HDF5_INCLUDE_DIRS} is serial)"
    libhdf5-openmpi-dev "hdf5+mpi+hl")
endif()

# Checksums: a header that brings its code along. Debian's package has no CMake file.
find_path(DRIFTWOOD_XXHASH_INCLUDE xxhash.h)
mark_as_advanced(DRIFTWOOD_XXHASH_INCLUDE)
if(NOT DRIFTWOOD_XXHASH_INCLUDE)
  driftwood_missing("xxhash.h" libxxhash-dev xxhash)
endif()
if(NOT TARGET driftwood_xxhash)
  add_library(driftwood_xxhash INTERFACE IMPORTED)
  target_include_directories(driftwood_xxhash SYSTEM INTERFACE "${DRIFTWOOD_XXHASH_INCLUDE}")
endif()

# Data sets that gzip has compressed.
driftwood_find(ZLIB DEBIAN zlib1g-dev SPACK zlib)

driftwood_find(tomlplusplus DEBIAN libtomlplusplus-dev SPACK tomlplusplus)
driftwood_find(fmt DEBIAN libfmt-dev SPACK fmt)
driftwood_find(spdlog DEBIAN libspdlog-dev SPACK "spdlog+fmt_external")
driftwood_find(CLI11 DEBIAN libcli11-dev SPACK cli11)
driftwood_find(nlohmann_json DEBIAN nlohmann-json3-dev SPACK nlohmann-json)

# Fourier transforms. Neither Debian's package nor most others of FFTW have a CMake file.
find_path(DRIFTWOOD_FFTW3_INCLUDE fftw3.h)
find_library(DRIFTWOOD_FFTW3_LIBRARY fftw3)
mark_as_advanced(DRIFTWOOD_FFTW3_INCLUDE DRIFTWOOD_FFTW3_LIBRARY)
if(NOT DRIFTWOOD_FFTW3_INCLUDE OR NOT DRIFTWOOD_FFTW3_LIBRARY)
  driftwood_missing("FFTW 3" libfftw3-dev fftw)
endif()
if(NOT TARGET driftwood_fftw3)
  add_library(driftwood_fftw3 INTERFACE IMPORTED)
  target_include_directories(driftwood_fftw3 SYSTEM INTERFACE "${DRIFTWOOD_FFTW3_INCLUDE}")
  target_link_libraries(driftwood_fftw3 INTERFACE "${DRIFTWOOD_FFTW3_LIBRARY}")
endif()

# Roots and singular values of small matrices.
driftwood_find(Eigen3 DEBIAN libeigen3-dev SPACK eigen)

# Dense linear algebra. The reference BLAS does, twenty times slower.
driftwood_find(BLAS DEBIAN libopenblas-dev SPACK openblas)
driftwood_find(LAPACK DEBIAN libopenblas-dev SPACK openblas)

# Large dense problems; everything else does without. Only what is to be included and linked is
# taken: Debian's flags bring a _FORTIFY_SOURCE that builds without optimisation refuse.
option(DRIFTWOOD_WITH_PETSC "use PETSc and SLEPc where they are found" ON)
if(DRIFTWOOD_WITH_PETSC AND NOT TARGET driftwood_petsc)
  find_package(PkgConfig QUIET)
  if(PkgConfig_FOUND)
    pkg_check_modules(DRIFTWOOD_PETSC QUIET PETSc>=3.18)
    pkg_check_modules(DRIFTWOOD_SLEPC QUIET SLEPc>=3.18)
  endif()
  if(DRIFTWOOD_PETSC_FOUND AND DRIFTWOOD_SLEPC_FOUND)
    add_library(driftwood_petsc INTERFACE IMPORTED)
    target_include_directories(driftwood_petsc SYSTEM INTERFACE
      ${DRIFTWOOD_SLEPC_INCLUDE_DIRS} ${DRIFTWOOD_PETSC_INCLUDE_DIRS})
    target_link_libraries(driftwood_petsc INTERFACE
      ${DRIFTWOOD_SLEPC_LINK_LIBRARIES} ${DRIFTWOOD_PETSC_LINK_LIBRARIES} MPI::MPI_CXX)
    message(STATUS "Found PETSc ${DRIFTWOOD_PETSC_VERSION} and SLEPc ${DRIFTWOOD_SLEPC_VERSION}")
  else()
    message(STATUS "PETSc or SLEPc 3.18 was not found: building without src/la. Debian's packages are "
      "libpetsc-real-dev and libslepc-real-dev, spack's petsc and slepc.")
  endif()
endif()
