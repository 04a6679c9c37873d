# shellcheck shell=bash disable=SC2034
# SPDX-License-Identifier: BSD-3-Clause
# The cluster of scripts/local-slurm: several nodes, and more CPUs than there are, on one machine.
# DRIFTWOOD_LAUNCHER=mpirun takes the other launcher.
if [[ ${DRIFTWOOD_LAUNCHER:-srun} == mpirun ]]; then
  launch=(mpirun -n "$ranks" -x SLURM_JOB_END_TIME -x OMP_NUM_THREADS)
else
  launch=(srun --mpi=pmix)
fi
# Its nodes have one name and one /dev/shm, in which Open MPI would mix up their ranks.
export OMPI_MCA_btl=self,tcp OMPI_MCA_btl_tcp_if_include=lo OMPI_MCA_pml=ob1
export OMPI_MCA_rmaps_base_oversubscribe=1 OMPI_MCA_hwloc_base_binding_policy=none
export OMPI_MCA_mpi_yield_when_idle=1
if ((EUID == 0)); then
  export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1
fi
