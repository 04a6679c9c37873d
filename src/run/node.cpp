// SPDX-License-Identifier: BSD-3-Clause
#include "run/node.hpp"

#include <mpi.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>

namespace driftwood::run {

Node node_of(const comm::Communicator& comm) {
  if (comm.is_alone()) return {};
  MPI_Comm shared = MPI_COMM_NULL;
  comm::check(
      MPI_Comm_split_type(comm.get(), MPI_COMM_TYPE_SHARED, comm.rank(), MPI_INFO_NULL, &shared),
      "find the ranks of a node");
  const comm::CommHandle handle(shared);
  Node node;
  comm::check(MPI_Comm_rank(shared, &node.rank), "tell the rank");
  comm::check(MPI_Comm_size(shared, &node.ranks), "count the ranks of a node");
  return node;
}

int cores_used(const comm::Communicator& comm, int threads) {
  const Node node = node_of(comm);
  const auto wanted = static_cast<std::int64_t>(node.ranks) * threads;
  const std::int64_t there = ::sysconf(_SC_NPROCESSORS_ONLN);  // -1 where it is not known
  const std::int64_t used = there > 0 ? std::min(wanted, there) : wanted;
  return static_cast<int>(comm.all_reduce_sum(node.rank == 0 ? used : std::int64_t{0}));
}

}  // namespace driftwood::run
