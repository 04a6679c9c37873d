// SPDX-License-Identifier: BSD-3-Clause
#include "comm/mailbox.hpp"

#include <algorithm>
#include <limits>
#include <utility>

#include "base/error.hpp"

namespace driftwood::comm {

Mailbox::Mailbox() : comm_(Communicator::world()) {}

Mailbox::~Mailbox() {
  int ended = 0;
  MPI_Finalized(&ended);
  for (Sent& sent : sent_) {
    int is_gone = 0;
    if (ended == 0) MPI_Test(&sent.request, &is_gone, MPI_STATUS_IGNORE);
    if (is_gone == 0) static_cast<void>(new Bytes(std::move(sent.bytes)));
  }
}

void Mailbox::post(int to, int tag, Bytes bytes) {
  if (bytes.size() > std::size_t{std::numeric_limits<int>::max()}) {
    throw Error("a letter is too long for MPI");
  }
  forget_sent();
  Sent& sent = sent_.emplace_back(Sent{std::move(bytes), MPI_REQUEST_NULL});
  check(MPI_Isend(sent.bytes.data(), static_cast<int>(sent.bytes.size()), MPI_BYTE, to, tag,
                  comm_.get(), &sent.request),
        "send a letter");
  ++posted_;
}

void Mailbox::forget_sent() {
  for (auto i = sent_.begin(); i != sent_.end();) {
    int is_gone = 0;
    check(MPI_Test(&i->request, &is_gone, MPI_STATUS_IGNORE), "ask for a letter that was sent");
    i = is_gone != 0 ? sent_.erase(i) : std::next(i);
  }
}

std::optional<Mailbox::Letter> Mailbox::fetch() {
  MPI_Status status;
  int is_there = 0;
  // Open MPI looks before it fetches what has come, so that one look finds only what an earlier one
  // fetched.
  for (int look = 0; look < 2 && is_there == 0; ++look) {
    check(MPI_Iprobe(MPI_ANY_SOURCE, MPI_ANY_TAG, comm_.get(), &is_there, &status),
          "look for letters");
  }
  if (is_there == 0) return std::nullopt;
  int length = 0;
  check(MPI_Get_count(&status, MPI_BYTE, &length), "tell the length of a letter");
  Letter letter{status.MPI_SOURCE, status.MPI_TAG, Bytes(static_cast<std::size_t>(length))};
  check(MPI_Recv(letter.bytes.data(), length, MPI_BYTE, letter.from, letter.tag, comm_.get(),
                 MPI_STATUS_IGNORE),
        "take a letter");
  return letter;
}

std::optional<Mailbox::Letter> Mailbox::next() {
  std::optional<Letter> letter;
  if (!delay_) {
    letter = fetch();
  } else {
    using Clock = std::chrono::steady_clock;
    while (auto come = fetch()) {
      auto due = Clock::now() + delay_();
      for (const Kept& kept : kept_) {
        if (kept.letter.from == come->from) due = std::max(due, kept.due);
      }
      kept_.push_back({*std::move(come), due});
    }
    const auto now = Clock::now();  // once: of two letters that are due together the first is found
    for (auto i = kept_.begin(); i != kept_.end(); ++i) {
      if (i->due > now) continue;
      letter = std::move(i->letter);
      kept_.erase(i);
      break;
    }
  }
  if (letter) ++taken_;
  return letter;
}

}  // namespace driftwood::comm
