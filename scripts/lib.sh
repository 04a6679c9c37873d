# shellcheck shell=bash
# SPDX-License-Identifier: BSD-3-Clause
# What the scripts beside this file share; sourced, never run. They set `set -euo pipefail`.

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
logs=$root/build/logs

# Debian's names of what the suite is built from and runs on ...
# shellcheck disable=SC2034
run_packages=(g++ cmake ninja-build git libopenmpi-dev openmpi-bin libtrilinos-kokkos-dev
  libxsimd-dev libhdf5-openmpi-dev libtomlplusplus-dev libcli11-dev libfmt-dev libspdlog-dev
  libxxhash-dev zlib1g-dev nlohmann-json3-dev libfftw3-dev libeigen3-dev libopenblas-dev libgtest-dev librandom123-dev
  libpetsc-real-dev libslepc-real-dev pkg-config
  python3 python3-numpy python3-h5py python3-matplotlib)
# ... and of what its tests use besides.
# shellcheck disable=SC2034
test_packages=(python3-pytest python3-xarray python3-h5netcdf iproute2)
# Of a SLURM, for scripts/local-slurm and the tests that use it.
# shellcheck disable=SC2034
slurm_packages=(slurm-wlm slurm-wlm-basic-plugins munge)

say() { printf '==> %s\n' "$*"; }

fail() {
  printf 'error: %s\n' "$*" >&2
  exit 1
}

has() { command -v "$1" >/dev/null 2>&1; }

# logged TITLE COMMAND... - runs it with its output in a log, tells every 20 s how far it is, and
# shows the end of the log if it fails.
logged() {
  local title=$1 log status=0 ticker
  shift
  mkdir -p "$logs"
  log=$logs/$(tr -cs '[:alnum:]\n' '-' <<<"$title").log
  say "$title"
  : >"$log"
  { tell_progress "$log" & } 2>/dev/null
  ticker=$!
  "$@" >"$log" 2>&1 </dev/null || status=$?
  kill "$ticker" 2>/dev/null || true
  wait "$ticker" 2>/dev/null || true
  if ((status != 0)); then
    tail -n 40 "$log" | sed 's/^/    /' >&2
    printf 'error: "%s" failed (exit code %d); all it said: %s\n' "$title" "$status" "$log" >&2
  fi
  return "$status"
}

tell_progress() {
  while sleep 20 >/dev/null 2>&1; do
    printf '    %s\n' "$(tail -n 1 "$1" | tr -d '\r' | cut -c 1-96)"
  done
}

# Those of the named Debian packages that are not installed, one a line.
missing_packages() {
  local installed
  # shellcheck disable=SC2016
  installed=$(dpkg-query -W -f '${db:Status-Status} ${Package}\n' "$@" 2>/dev/null || true)
  comm -23 <(printf '%s\n' "$@" | sort -u) <(sed -n 's/^installed //p' <<<"$installed" | sort -u)
}

as_root() {
  if ((EUID == 0)); then "$@"; else sudo "$@"; fi
}

can_become_root() {
  ((EUID == 0)) || { has sudo && { [[ -t 0 ]] || sudo -n true 2>/dev/null; }; }
}

apt_get() {
  as_root env DEBIAN_FRONTEND=noninteractive apt-get -o Dpkg::Use-Pty=0 -o DPkg::Lock::Timeout=120 \
    "$@"
}

install_packages() {
  apt_get update || echo "warning: not every package list could be read; going on" >&2
  apt_get install -y --no-install-recommends "$@"
}

# ensure_packages PACKAGE... - installs what is missing, or says how to get it without root.
ensure_packages() {
  local missing
  if ! has apt-get || ! has dpkg-query; then
    say "No apt here: libraries are taken from CMAKE_PREFIX_PATH (spack.yaml lists them)"
    return
  fi
  mapfile -t missing < <(missing_packages "$@")
  ((${#missing[@]})) || return 0
  if can_become_root; then
    logged "Installing ${#missing[@]} packages" install_packages "${missing[@]}" || exit 1
  elif [[ -n ${CMAKE_PREFIX_PATH:-} ]]; then
    say "Not installed as packages, hence expected in CMAKE_PREFIX_PATH: ${missing[*]}"
  else
    explain_missing "${missing[@]}" >&2
    exit 1
  fi
}

explain_missing() {
  cat <<EOF
error: these packages are missing, and there is neither root nor sudo to install them:

    $*

One of these provides them:
  - an administrator:  apt-get install --no-install-recommends $*
  - spack:             spack env activate -d $root && spack install
  - modules:           load a compiler, cmake, MPI, parallel HDF5 and Kokkos, and put the prefixes
                       of the libraries into CMAKE_PREFIX_PATH, separated by ':'
Then run this script again; it uses what CMAKE_PREFIX_PATH names.
EOF
}

# build_preset PRESET "TARGET..." [CMAKE ARGUMENT...] - configures and builds in build/PRESET.
build_preset() {
  local preset=$1 targets
  read -ra targets <<<"$2"
  shift 2
  cd "$root" || exit 1
  logged "Configuring build/$preset" cmake --preset "$preset" "$@" || exit 1
  logged "Building build/$preset (${targets[0]})" \
    cmake --build "build/$preset" --target "${targets[@]}" --parallel "$(nproc)" || exit 1
}

# Open MPI refuses root, counts cores in its own way, and binds ranks where a container may forbid
# it.
mpi_environment() {
  export OMPI_MCA_rmaps_base_oversubscribe=1 OMPI_MCA_hwloc_base_binding_policy=none
  if ((EUID == 0)); then
    export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1
  fi
}

# Cores that this process may use; two hardware threads of one core count once.
cores() {
  local physical
  physical=$(lscpu -p=core,socket 2>/dev/null | grep -v '^#' | sort -u | wc -l)
  if ((physical > 0 && physical < $(nproc))); then echo "$physical"; else nproc; fi
}

# Debian's modules belong to /usr/bin/python3, whatever python3 comes first on PATH.
python=${DRIFTWOOD_PYTHON:-/usr/bin/python3}
[[ -x $python ]] || python=python3
