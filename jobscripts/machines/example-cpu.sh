# shellcheck shell=bash disable=SC2034,SC2154
# SPDX-License-Identifier: BSD-3-Clause
# Template for a cluster of processors: copy it to NAME.sh, and export DRIFTWOOD_SITE=NAME where you
# submit. Every job reads it, in each of its lives, before anything else. Known are $ranks, $threads
# (per rank; OMP_NUM_THREADS is set already) and $root, the folder of Driftwood.

# 1. The libraries that Driftwood was built with, from modules ...
#module purge
#module load COMPILER MPI HDF5
# ... or from the spack environment of spack.yaml.
#source SPACK/share/spack/setup-env.sh
#spack env activate "$root"

# 2. Where the drivers and Python with h5py and matplotlib are, if not in build/release/bin and
#    /usr/bin/python3.
#bin=PREFIX/bin
#python=$(command -v python3)

# 3. What starts ranks. `srun --mpi=list` shows which kinds of PMI it speaks; the MPI library must
#    speak the same.
launch=(srun --mpi=pmix --cpu-bind=cores)
# Or mpirun, with a core for each thread. It hands over variables by name.
#launch=(mpirun -n "$ranks" --map-by "slot:PE=$threads" --bind-to core
#  -x SLURM_JOB_END_TIME -x OMP_NUM_THREADS -x OMP_PROC_BIND -x OMP_PLACES)

# 4. Threads of a rank stay on its cores; for a Kokkos with OpenMP.
export OMP_PROC_BIND=close OMP_PLACES=cores
