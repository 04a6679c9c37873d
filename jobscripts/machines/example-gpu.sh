# shellcheck shell=bash disable=SC2034,SC2154
# SPDX-License-Identifier: BSD-3-Clause
# Template for a cluster with GPUs: one rank per GPU. See example-cpu.sh for what may stand here.

#module purge
#module load COMPILER CUDA MPI HDF5

# A build with a Kokkos for GPUs.
bin=$root/build/cuda/bin

# Each rank sees one GPU, a near one. srun takes what sbatch was told (--gpus-per-task, --gpu-bind)
# from its environment; options here win.
launch=(srun --mpi=pmix --cpu-bind=cores)
if [[ -z ${SLURM_GPUS_PER_TASK:-}${SLURM_GPU_BIND:-} ]]; then
  launch+=(--gpus-per-task=1 --gpu-bind=single:1)
fi
# With mpirun each rank sees all GPUs of its node, and Kokkos gives them out by local rank.
#launch=(mpirun -n "$ranks" --map-by "slot:PE=$threads" -x SLURM_JOB_END_TIME -x OMP_NUM_THREADS)
