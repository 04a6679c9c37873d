# SPDX-License-Identifier: BSD-3-Clause
# Layers and drivers, and how they are compiled.

# Kernels promise the same bits on every backend, so products and sums are contracted only where the
# source says fma, and nothing is reassociated.
set(DRIFTWOOD_KERNEL_OPTIONS -ffp-contract=off -fno-math-errno -march=${DRIFTWOOD_ARCH})
if(DRIFTWOOD_SANITIZE)
  list(APPEND DRIFTWOOD_KERNEL_OPTIONS -O1 -g1 -fno-omit-frame-pointer -fsanitize=address,undefined
    -fno-sanitize-recover=all)
elseif(NOT CMAKE_BUILD_TYPE STREQUAL Debug)
  list(APPEND DRIFTWOOD_KERNEL_OPTIONS -O3)
endif()

# With a CUDA build of Kokkos the compiler is its nvcc_wrapper, and only files that include Kokkos
# may go through nvcc.
set(DRIFTWOOD_DEVICE_COMPILER OFF)
if(Kokkos_ENABLE_CUDA AND CMAKE_CXX_COMPILER MATCHES "nvcc_wrapper")
  set(DRIFTWOOD_DEVICE_COMPILER ON)
  # Kernels call constexpr functions of the standard library; and fmt 9 takes nvcc for a compiler
  # without any, with which it does not compile as C++20.
  list(APPEND DRIFTWOOD_KERNEL_OPTIONS -fmad=false --expt-relaxed-constexpr -DFMT_USE_CONSTEXPR=1)
endif()

# No -Wsign-conversion: GCC applies it to every int that bounds an array or picks an element.
set(DRIFTWOOD_WARNINGS -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wnon-virtual-dtor)
if(CMAKE_CXX_COMPILER_ID STREQUAL GNU AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 13)
  # False alarms of GCC 12: undefined vectors in its own AVX-512 intrinsics (GCC bug 105593), string
  # concatenation (105651) and fmt's buffers (107852); and what else it sees in strings, which it
  # does not know to be of the system where they come out of precompiled headers.
  list(APPEND DRIFTWOOD_WARNINGS -Wno-uninitialized -Wno-maybe-uninitialized -Wno-restrict
    -Wno-array-bounds -Wno-stringop-overflow -Wno-stringop-overread)
endif()
if(DRIFTWOOD_DEVICE_COMPILER)
  list(REMOVE_ITEM DRIFTWOOD_WARNINGS -Wpedantic)  # nvcc's own intermediate files do not pass it
  list(APPEND DRIFTWOOD_WARNINGS -Werror=cross-execution-space-call)  # host code from kernels
endif()
if(DRIFTWOOD_WERROR)
  list(APPEND DRIFTWOOD_WARNINGS -Werror)
endif()

# Gives everything that links `target` the options of the kernels.
function(driftwood_kernel_options target)
  target_compile_options(${target} INTERFACE ${DRIFTWOOD_KERNEL_OPTIONS})
  if(DRIFTWOOD_SANITIZE)
    target_link_options(${target} INTERFACE -fsanitize=address,undefined)
  endif()
endfunction()

# Kokkos and the standard library take half of the time in which most files compile, so they are read
# once for all layers, all drivers and all tests. Files still include what they use:
# CMAKE_DISABLE_PRECOMPILE_HEADERS=ON builds without, as nvcc always does.
set(DRIFTWOOD_PRECOMPILED <Kokkos_Core.hpp> <algorithm> <array> <cmath> <filesystem> <functional>
  <map> <memory> <optional> <random> <span> <sstream> <string> <variant> <vector>)

# driftwood_precompiled(<name> [PIC] [LINK <targets>] [HEADERS <headers>]) makes what
# driftwood_use_precompiled(<target> <name>) takes its precompiled headers from.
function(driftwood_precompiled name)
  if(DRIFTWOOD_DEVICE_COMPILER)
    return()
  endif()
  cmake_parse_arguments(PARSE_ARGV 1 pre "PIC" "" "LINK;HEADERS")
  file(CONFIGURE OUTPUT ${name}.cpp CONTENT "// Has what it is compiled with.\n")
  add_library(${name} OBJECT "${CMAKE_CURRENT_BINARY_DIR}/${name}.cpp")
  target_compile_features(${name} PRIVATE cxx_std_20)
  target_link_libraries(${name} PRIVATE driftwood_base ${pre_LINK})
  # The same, as -Wpedantic changes what is defined.
  target_compile_options(${name} PRIVATE ${DRIFTWOOD_WARNINGS})
  target_precompile_headers(${name} PRIVATE ${DRIFTWOOD_PRECOMPILED} ${pre_HEADERS})
  set_target_properties(${name} PROPERTIES POSITION_INDEPENDENT_CODE ${pre_PIC})
endfunction()

function(driftwood_use_precompiled target name)
  if(TARGET ${name})
    target_precompile_headers(${target} REUSE_FROM ${name})
  endif()
endfunction()

# driftwood_layer(<name> DEPENDS <layers> [SOURCES <files>] [KERNEL_SOURCES <files>]
#                 [LINK <targets>] [LINK_PRIVATE <targets>])
# makes driftwood::<name>, a header-only library where there are no files. KERNEL_SOURCES are the
# files that include Kokkos; LINK is for what headers include, LINK_PRIVATE for what only .cpp do.
function(driftwood_layer name)
  cmake_parse_arguments(PARSE_ARGV 1 layer "" ""
    "DEPENDS;SOURCES;KERNEL_SOURCES;LINK;LINK_PRIVATE")
  set(target driftwood_${name})
  if(layer_SOURCES OR layer_KERNEL_SOURCES)
    set(scope PUBLIC)
    add_library(${target} STATIC ${layer_SOURCES} ${layer_KERNEL_SOURCES})
    target_compile_options(${target} PRIVATE ${DRIFTWOOD_WARNINGS})
    target_link_libraries(${target} PRIVATE ${layer_LINK_PRIVATE})
    set_target_properties(${target} PROPERTIES POSITION_INDEPENDENT_CODE ON)
    if(NOT name STREQUAL base)
      driftwood_use_precompiled(${target} driftwood_precompiled_layer)
    endif()
    if(DRIFTWOOD_DEVICE_COMPILER AND layer_SOURCES)
      set_source_files_properties(${layer_SOURCES} PROPERTIES COMPILE_OPTIONS --host-only)
    endif()
  else()
    set(scope INTERFACE)
    add_library(${target} INTERFACE)
  endif()
  add_library(driftwood::${name} ALIAS ${target})
  target_compile_features(${target} ${scope} cxx_std_20)
  target_include_directories(${target} ${scope} "$<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/src>"
    "$<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}/driftwood>")
  list(TRANSFORM layer_DEPENDS PREPEND driftwood_)
  target_link_libraries(${target} ${scope} ${layer_DEPENDS} ${layer_LINK})
  set_target_properties(${target} PROPERTIES EXPORT_NAME ${name})
  install(TARGETS ${target} EXPORT DriftwoodTargets ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR})
  set_property(GLOBAL APPEND PROPERTY DRIFTWOOD_LAYERS ${name})
endfunction()

# driftwood_driver(<name> [SOURCES <files>] LAYERS <layers>) makes bin/<name> from <name>.cpp and files.
function(driftwood_driver name)
  cmake_parse_arguments(PARSE_ARGV 1 driver "" "" "SOURCES;LAYERS")
  list(TRANSFORM driver_LAYERS PREPEND driftwood::)
  add_executable(${name} ${name}.cpp ${driver_SOURCES})
  target_compile_options(${name} PRIVATE ${DRIFTWOOD_WARNINGS})
  target_link_libraries(${name} PRIVATE ${driver_LAYERS})
  driftwood_use_precompiled(${name} driftwood_precompiled_driver)
  set_target_properties(${name} PROPERTIES
    RUNTIME_OUTPUT_DIRECTORY "$<1:${PROJECT_BINARY_DIR}/bin>")
  install(TARGETS ${name} RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
  add_dependencies(drivers ${name})
endfunction()
