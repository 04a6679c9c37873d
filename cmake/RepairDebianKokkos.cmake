# SPDX-License-Identifier: BSD-3-Clause
# Debian's libtrilinos-kokkos-dev (3.4.1) says that its headers are in /usr/lib/include, which does
# not exist; they are in /usr/include/trilinos. Any other Kokkos is left as it is.
if(TARGET trilinos_kokkoscore)
  get_target_property(kokkos_says Kokkos::kokkos INTERFACE_INCLUDE_DIRECTORIES)
  if(NOT EXISTS "${kokkos_says}/Kokkos_Core.hpp")
    find_path(DRIFTWOOD_KOKKOS_HEADERS Kokkos_Core.hpp HINTS ${Kokkos_INCLUDE_DIRS} REQUIRED
      NO_DEFAULT_PATH)
    mark_as_advanced(DRIFTWOOD_KOKKOS_HEADERS)
    set_target_properties(Kokkos::kokkos PROPERTIES
      INTERFACE_INCLUDE_DIRECTORIES "${DRIFTWOOD_KOKKOS_HEADERS}")
  endif()
  unset(kokkos_says)
endif()
