// SPDX-License-Identifier: BSD-3-Clause
#include "comm/wave.hpp"

#include <algorithm>
#include <stdexcept>

namespace driftwood::comm {

Wave::Wave(std::size_t sums, std::size_t maxima)
    : comm_(Communicator::world()), buffers_(std::make_unique<Buffers>()) {
  buffers_->sums = {std::vector<std::int64_t>(sums), std::vector<std::int64_t>(sums)};
  buffers_->maxima = {std::vector<std::int64_t>(maxima), std::vector<std::int64_t>(maxima)};
}

Wave::~Wave() {
  // Collective requests can be neither cancelled nor freed.
  if (is_open_) static_cast<void>(buffers_.release());
}

void Wave::begin(Numbers& numbers, std::span<const std::int64_t> mine, MPI_Op op,
                 MPI_Request& request) {
  if (mine.size() != numbers.mine.size()) throw std::logic_error("a wave is of other numbers");
  if (mine.empty()) return;
  std::copy(mine.begin(), mine.end(), numbers.mine.begin());
  check(MPI_Iallreduce(numbers.mine.data(), numbers.all.data(), static_cast<int>(mine.size()),
                       MPI_INT64_T, op, comm_.get(), &request),
        "begin a reduction over ranks");
}

void Wave::cast(std::span<const std::int64_t> sums, std::span<const std::int64_t> maxima) {
  if (is_open_) throw std::logic_error("a wave was begun while another is open");
  begin(buffers_->sums, sums, MPI_SUM, requests_[0]);
  is_open_ = true;
  begin(buffers_->maxima, maxima, MPI_MAX, requests_[1]);
}

bool Wave::is_answered() {
  if (!is_open_) return false;
  int ended = 0;
  check(MPI_Testall(2, requests_.data(), &ended, MPI_STATUSES_IGNORE),
        "ask for a reduction over ranks");
  if (ended != 0) is_open_ = false;
  return ended != 0;
}

void Wave::wait() {
  check(MPI_Waitall(2, requests_.data(), MPI_STATUSES_IGNORE), "wait for a reduction over ranks");
  is_open_ = false;
}

}  // namespace driftwood::comm
