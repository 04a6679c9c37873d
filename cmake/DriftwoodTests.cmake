# SPDX-License-Identifier: BSD-3-Clause
# Tests: one label each, a time limit each, and the environment in which ranks may share a core.
set(DRIFTWOOD_LABELS unit property physics mpi restart bad_input postprocess slurm install nightly)

# More ranks than cores, as root too, without binding all tests to the first core.
set(DRIFTWOOD_TEST_ENVIRONMENT
  OMPI_ALLOW_RUN_AS_ROOT=1
  OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1
  OMPI_MCA_rmaps_base_oversubscribe=1
  OMPI_MCA_hwloc_base_binding_policy=none
  OMPI_MCA_btl=self,vader
  OMPI_MCA_pml=ob1
  OMPI_MCA_mpi_yield_when_idle=1
  # Else the launcher sleeps for two seconds after every job that exits with another code than 0.
  OMPI_MCA_odls_base_sigkill_timeout=0
  OMPI_MCA_osc=^rdma,ucx
  OMP_NUM_THREADS=2
  OMP_PROC_BIND=false
  OPENBLAS_NUM_THREADS=1
  UBSAN_OPTIONS=print_stacktrace=1
  DRIFTWOOD_BIN=${PROJECT_BINARY_DIR}/bin
  DRIFTWOOD_SOURCE=${PROJECT_SOURCE_DIR}
  MPLCONFIGDIR=${PROJECT_BINARY_DIR}/matplotlib
  PYTHONDONTWRITEBYTECODE=1)

# What unit and property tests are built from, without the rest.
add_custom_target(small_tests)

function(driftwood_check_label test label)
  if(NOT label IN_LIST DRIFTWOOD_LABELS)
    message(FATAL_ERROR "The test ${test} has the label '${label}'; there are: ${DRIFTWOOD_LABELS}")
  endif()
endfunction()

# driftwood_test(<name> LABEL <label> SOURCES <files> LAYERS <layers> [RANKS <n>...] [TIMEOUT <s>])
# makes the test <name>, or <name>_np<n> for each number of ranks. Unit and property tests start
# without mpirun even where they use MPI, and may then have one rank only.
function(driftwood_test name)
  cmake_parse_arguments(PARSE_ARGV 1 test "" "LABEL;TIMEOUT" "SOURCES;LAYERS;RANKS")
  driftwood_check_label(${name} "${test_LABEL}")
  list(TRANSFORM test_LAYERS PREPEND driftwood::)
  add_executable(${name} ${test_SOURCES})
  target_compile_options(${name} PRIVATE ${DRIFTWOOD_WARNINGS})
  target_include_directories(${name} PRIVATE "${PROJECT_SOURCE_DIR}/tests")
  target_link_libraries(${name} PRIVATE ${test_LAYERS})
  driftwood_use_precompiled(${name} driftwood_precompiled_test)
  set_target_properties(${name} PROPERTIES
    RUNTIME_OUTPUT_DIRECTORY "$<1:${PROJECT_BINARY_DIR}/tests/bin>")
  if(test_LABEL MATCHES "^(unit|property)$")
    add_dependencies(small_tests ${name})
  endif()
  if(NOT test_RANKS)
    target_link_libraries(${name} PRIVATE GTest::gtest GTest::gtest_main)
    driftwood_add_test(${name} "${test_LABEL}" "${test_TIMEOUT}" 1 $<TARGET_FILE:${name}>)
    return()
  endif()
  target_link_libraries(${name} PRIVATE driftwood_mpi_main)
  foreach(ranks IN LISTS test_RANKS)
    set(launch ${MPIEXEC_EXECUTABLE} ${MPIEXEC_NUMPROC_FLAG} ${ranks} ${MPIEXEC_PREFLAGS})
    if(test_LABEL MATCHES "^(unit|property)$")
      set(launch "")
      if(NOT ranks EQUAL 1)
        message(FATAL_ERROR "${name}: ${test_LABEL} tests run on one rank; give it the label mpi")
      endif()
    endif()
    driftwood_add_test(${name}_np${ranks} "${test_LABEL}" "${test_TIMEOUT}" ${ranks}
      ${launch} $<TARGET_FILE:${name}>)
    # Open MPI keeps what it allocates, and unloads the code by which that could be told from ours.
    set_property(TEST ${name}_np${ranks} APPEND PROPERTY ENVIRONMENT
      OMP_NUM_THREADS=1 ASAN_OPTIONS=detect_leaks=0)
  endforeach()
endfunction()

# driftwood_pytest(<name> LABEL <label> SCRIPT <file>... [TIMEOUT <s>] [ENVIRONMENT <NAME=value>...])
# runs pytest files as one test. They find the drivers by DRIFTWOOD_BIN, this tree by
# DRIFTWOOD_SOURCE, the launcher by DRIFTWOOD_MPIEXEC, and import from tests/support. They count as one
# processor, whatever they start: most of what they run are single ranks, and the rest is short.
function(driftwood_pytest name)
  cmake_parse_arguments(PARSE_ARGV 1 test "" "LABEL;TIMEOUT" "SCRIPT;ENVIRONMENT")
  driftwood_check_label(${name} "${test_LABEL}")
  list(TRANSFORM test_SCRIPT PREPEND "${CMAKE_CURRENT_SOURCE_DIR}/")
  driftwood_add_test(${name} "${test_LABEL}" "${test_TIMEOUT}" 1
    ${Python3_EXECUTABLE} -m pytest -q -p no:cacheprovider --rootdir "${PROJECT_SOURCE_DIR}"
    ${test_SCRIPT})
  set_property(TEST ${name} APPEND PROPERTY ENVIRONMENT
    "PYTHONPATH=${PROJECT_SOURCE_DIR}/tests/support:${PROJECT_SOURCE_DIR}/postprocess"
    "DRIFTWOOD_MPIEXEC=${MPIEXEC_EXECUTABLE}" ${test_ENVIRONMENT})
endfunction()

# The part that all kinds share. `timeout` ends what a lost rank leaves waiting; ctest's own limit
# comes later and only if that fails.
function(driftwood_add_test name label timeout processors)
  if(NOT timeout)
    set(timeout 120)
  endif()
  math(EXPR limit "${timeout} + 15")
  add_test(NAME ${name} COMMAND timeout -k 5 ${timeout} ${ARGN})
  set_tests_properties(${name} PROPERTIES LABELS ${label} PROCESSORS ${processors} TIMEOUT ${limit}
    ENVIRONMENT "${DRIFTWOOD_TEST_ENVIRONMENT}")
endfunction()
