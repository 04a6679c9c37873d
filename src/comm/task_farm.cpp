// SPDX-License-Identifier: BSD-3-Clause
#include "comm/task_farm.hpp"

#include <chrono>
#include <exception>
#include <memory>
#include <optional>
#include <thread>

#include "base/error.hpp"

namespace driftwood::comm {
namespace {

constexpr int question = 1;  // tags
constexpr int reply = 2;
/// Between two looks for an answer: far below a task, and leaves the core to others.
constexpr std::chrono::microseconds pause(50);

void check(int code) {
  if (code != MPI_SUCCESS) throw Error("messages about tasks failed");
}

/// Whether a question is there, and whose. Open MPI looks before it fetches what has come, so that
/// one look finds only what an earlier one fetched: a whole task ago.
bool is_asked(MPI_Comm comm, MPI_Status& who) {
  int is_there = 0;
  for (int look = 0; look < 2 && is_there == 0; ++look) {
    check(MPI_Iprobe(MPI_ANY_SOURCE, question, comm, &is_there, &who));
  }
  return is_there != 0;
}

/// One question to rank 0, and its answer. MPI may write that until it ends.
class Asked {
 public:
  Asked(MPI_Comm comm, bool has_failed) {
    check(MPI_Irecv(answer_.get(), 1, MPI_INT64_T, 0, reply, comm, &request_));
    const std::int64_t says = has_failed ? 1 : 0;
    check(MPI_Send(&says, 1, MPI_INT64_T, 0, question, comm));
  }
  Asked(const Asked&) = delete;
  Asked& operator=(const Asked&) = delete;
  ~Asked() {
    if (request_ == MPI_REQUEST_NULL) return;
    MPI_Cancel(&request_);
    MPI_Wait(&request_, MPI_STATUS_IGNORE);
  }

  [[nodiscard]] std::optional<std::int64_t> answer() {
    int is_there = 0;
    check(MPI_Test(&request_, &is_there, MPI_STATUS_IGNORE));
    return is_there != 0 ? std::optional(*answer_) : std::nullopt;
  }

 private:
  std::unique_ptr<std::int64_t> answer_ = std::make_unique<std::int64_t>(0);
  MPI_Request request_ = MPI_REQUEST_NULL;
};

}  // namespace

TaskFarm::TaskFarm() : comm_(Communicator::world()) {}

bool TaskFarm::run(const std::vector<std::int64_t>& tasks,
                   const std::function<void(std::int64_t)>& work,
                   const std::function<bool()>& pass) {
  next_ = finished_ = 0;
  error_ = nullptr;
  return comm_.is_root() ? hand_out(tasks, work, pass) : take(tasks, work, pass);
}

void TaskFarm::settle() const {
  comm_.agree([&] {
    if (error_) std::rethrow_exception(error_);
  });
}

bool TaskFarm::does(std::int64_t task, const std::function<void(std::int64_t)>& work) {
  try {
    work(task);
  } catch (...) {
    error_ = std::current_exception();
  }
  return !error_;
}

bool TaskFarm::answer(std::int64_t tasks) {
  bool was_asked = false;
  while (true) {
    MPI_Status who;
    if (!is_asked(comm_.get(), who)) return was_asked;
    was_asked = true;
    std::int64_t has_failed = 0;
    check(MPI_Recv(&has_failed, 1, MPI_INT64_T, who.MPI_SOURCE, question, comm_.get(),
                   MPI_STATUS_IGNORE));
    if (has_failed != 0) next_ = tasks;
    const std::int64_t given = next_ < tasks ? next_++ : -1;
    if (given < 0) ++finished_;
    check(MPI_Send(&given, 1, MPI_INT64_T, who.MPI_SOURCE, reply, comm_.get()));
  }
}

bool TaskFarm::hand_out(const std::vector<std::int64_t>& tasks,
                        const std::function<void(std::int64_t)>& work,
                        const std::function<bool()>& pass) {
  const auto count = static_cast<std::int64_t>(tasks.size());
  while (true) {
    const bool was_asked = answer(count);
    if (next_ < count) {
      if (!does(tasks[static_cast<std::size_t>(next_++)], work)) next_ = count;
    } else if (finished_ == comm_.size() - 1) {
      return true;
    } else if (!was_asked) {
      std::this_thread::sleep_for(pause);
    }
    if (!pass()) return false;
  }
}

bool TaskFarm::take(const std::vector<std::int64_t>& tasks,
                    const std::function<void(std::int64_t)>& work,
                    const std::function<bool()>& pass) {
  auto asked = std::make_unique<Asked>(comm_.get(), false);
  while (true) {
    const std::optional<std::int64_t> given = asked->answer();
    if (given && *given < 0) return true;
    if (given) {
      // After a failure only to say so: what was handed out meanwhile is not done.
      asked = std::make_unique<Asked>(comm_.get(), error_ != nullptr);
      if (!error_) does(tasks[static_cast<std::size_t>(*given)], work);
    } else {
      std::this_thread::sleep_for(pause);
    }
    if (!pass()) return false;
  }
}

}  // namespace driftwood::comm
