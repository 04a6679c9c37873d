# SPDX-License-Identifier: BSD-3-Clause
# What `cmake --install` puts where: drivers, libraries, headers, decks, plots, the CMake package.
include(CMakePackageConfigHelpers)
set(package_dir ${CMAKE_INSTALL_LIBDIR}/cmake/Driftwood)

install(DIRECTORY src/ DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/driftwood
  FILES_MATCHING PATTERN "*.hpp")
install(DIRECTORY inputs DESTINATION ${CMAKE_INSTALL_DATADIR}/driftwood)
install(FILES LICENSE CITATION.cff DESTINATION ${CMAKE_INSTALL_DOCDIR})

set(driftwood_has_petsc OFF)
if(TARGET driftwood_petsc)
  set(driftwood_has_petsc ON)
endif()
install(EXPORT DriftwoodTargets NAMESPACE driftwood:: DESTINATION ${package_dir})
configure_package_config_file(cmake/DriftwoodConfig.cmake.in
  "${PROJECT_BINARY_DIR}/DriftwoodConfig.cmake" INSTALL_DESTINATION ${package_dir})
write_basic_package_version_file("${PROJECT_BINARY_DIR}/DriftwoodConfigVersion.cmake"
  COMPATIBILITY SameMinorVersion)
install(FILES
  "${PROJECT_BINARY_DIR}/DriftwoodConfig.cmake"
  "${PROJECT_BINARY_DIR}/DriftwoodConfigVersion.cmake"
  cmake/DriftwoodDependencies.cmake
  cmake/RepairDebianTargets.cmake
  DESTINATION ${package_dir})
