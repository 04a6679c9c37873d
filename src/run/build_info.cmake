# SPDX-License-Identifier: BSD-3-Clause
# Writes OUTPUT from build_info.cpp.in when something in it changed; run at every build, because the
# commit may have. Given: SOURCE_DIR, OUTPUT, VERSION, COMPILER, FLAGS, ARCHITECTURE.
set(COMMIT "")
set(DIRTY false)
find_package(Git QUIET)
if(GIT_FOUND)
  execute_process(COMMAND "${GIT_EXECUTABLE}" rev-parse HEAD WORKING_DIRECTORY "${SOURCE_DIR}"
    OUTPUT_VARIABLE COMMIT OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET RESULT_VARIABLE failed)
  if(failed)
    set(COMMIT "")
  else()
    execute_process(COMMAND "${GIT_EXECUTABLE}" diff --quiet HEAD
      WORKING_DIRECTORY "${SOURCE_DIR}" ERROR_QUIET RESULT_VARIABLE changed)
    if(changed)
      set(DIRTY true)
    endif()
  endif()
endif()
configure_file("${CMAKE_CURRENT_LIST_DIR}/build_info.cpp.in" "${OUTPUT}" @ONLY)
