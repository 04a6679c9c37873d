# SPDX-License-Identifier: BSD-3-Clause
# Mends what two of Debian 12's packages say about themselves; any other Kokkos or xsimd is left as
# it is.

# libtrilinos-kokkos-dev 3.4.1 says that its headers are in /usr/lib/include, which does not exist;
# they are in /usr/include/trilinos.
if(TARGET trilinos_kokkoscore)
  get_target_property(driftwood_said Kokkos::kokkos INTERFACE_INCLUDE_DIRECTORIES)
  if(NOT EXISTS "${driftwood_said}/Kokkos_Core.hpp")
    find_path(DRIFTWOOD_KOKKOS_HEADERS Kokkos_Core.hpp HINTS ${Kokkos_INCLUDE_DIRS} REQUIRED
      NO_DEFAULT_PATH)
    mark_as_advanced(DRIFTWOOD_KOKKOS_HEADERS)
    set_target_properties(Kokkos::kokkos PROPERTIES
      INTERFACE_INCLUDE_DIRECTORIES "${DRIFTWOOD_KOKKOS_HEADERS}")
  endif()
endif()

# libxsimd-dev 8.1 asks to link xtl, a library of headers that it neither needs nor depends on.
if(NOT TARGET xtl)
  get_target_property(driftwood_said xsimd INTERFACE_LINK_LIBRARIES)
  if(driftwood_said STREQUAL "xtl")
    set_target_properties(xsimd PROPERTIES INTERFACE_LINK_LIBRARIES "")
  endif()
endif()
unset(driftwood_said)
