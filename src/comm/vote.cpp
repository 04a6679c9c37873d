// SPDX-License-Identifier: BSD-3-Clause
#include "comm/vote.hpp"

#include <stdexcept>

namespace driftwood::comm {

Vote::Vote() : comm_(Communicator::world()), buffers_(std::make_unique<Buffers>()) {}

Vote::~Vote() {
  // Collective requests can be neither cancelled nor freed.
  if (is_open()) static_cast<void>(buffers_.release());
}

void Vote::cast(const Ballot& mine) {
  if (is_open()) throw std::logic_error("a ballot was cast while another is open");
  buffers_->mine = {mine.wish, mine.is_done ? 0 : 1};
  check(MPI_Iallreduce(buffers_->mine.data(), buffers_->all.data(), 2, MPI_INT64_T, MPI_MAX,
                       comm_.get(), &request_),
        "begin a vote of the ranks");
}

Vote::Ballot Vote::read() const { return {buffers_->all[0], buffers_->all[1] == 0}; }

std::optional<Vote::Ballot> Vote::answer() {
  if (!is_open()) return std::nullopt;
  int ended = 0;
  check(MPI_Test(&request_, &ended, MPI_STATUS_IGNORE), "ask for the answer of a vote");
  if (ended == 0) return std::nullopt;
  return read();
}

Vote::Ballot Vote::wait() {
  check(MPI_Wait(&request_, MPI_STATUS_IGNORE), "wait for the answer of a vote");
  return read();
}

}  // namespace driftwood::comm
