# SPDX-License-Identifier: BSD-3-Clause
# Given: BUILD, CONFIG, CONSUMER, WORK, GENERATOR, CXX, PREFIX_PATH, KOKKOS.
function(run)
  execute_process(COMMAND ${ARGV} RESULT_VARIABLE status OUTPUT_VARIABLE text ERROR_VARIABLE text)
  if(NOT status EQUAL 0)
    list(JOIN ARGV " " command)
    message(FATAL_ERROR "${command}\nfailed (${status}):\n${text}")
  endif()
endfunction()

file(REMOVE_RECURSE "${WORK}")
set(prefix "${WORK}/prefix")
run(${CMAKE_COMMAND} --install "${BUILD}" --prefix "${prefix}" --config "${CONFIG}")

foreach(installed
    bin/langevin_chains
    bin/natgrad_sweep
    bin/sde_ensemble
    include/driftwood/sde/concepts.hpp
    share/driftwood/inputs/sde_ensemble/heston.toml
    share/driftwood/postprocess/langevin_chains.py
    share/driftwood/postprocess/natgrad_sweep.py
    share/driftwood/postprocess/sde_ensemble.py)
  if(NOT EXISTS "${prefix}/${installed}")
    message(FATAL_ERROR "${installed} was not installed")
  endif()
endforeach()
run("${prefix}/bin/sde_ensemble" --check
  "${prefix}/share/driftwood/inputs/sde_ensemble/heston.toml")

run(${CMAKE_COMMAND} -S "${CONSUMER}" -B "${WORK}/build" -G "${GENERATOR}"
  "-DCMAKE_BUILD_TYPE=${CONFIG}" "-DCMAKE_CXX_COMPILER=${CXX}"
  "-DCMAKE_PREFIX_PATH=${prefix};${PREFIX_PATH}" "-DKokkos_DIR=${KOKKOS}")
run(${CMAKE_COMMAND} --build "${WORK}/build" --config "${CONFIG}")
run("${WORK}/build/oscillator_study")
