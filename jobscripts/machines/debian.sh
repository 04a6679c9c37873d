# shellcheck shell=bash disable=SC2034
# SPDX-License-Identifier: BSD-3-Clause
# Debian's packages on every node: Open MPI 4 and SLURM speak PMIx with each other, no other PMI.
launch=(srun --mpi=pmix)
