// SPDX-License-Identifier: BSD-3-Clause
// The main of tests on several ranks: rank 0 alone prints; a test passes where it passed on every
// rank; what failed elsewhere is printed by rank 0 with the rank in front.
#include <gtest/gtest.h>
#include <mpi.h>

#include <cstdlib>
#include <iostream>
#include <memory>
#include <numeric>
#include <string>
#include <string_view>
#include <vector>

namespace {

int rank_of_this_process() {
  int rank = 0;
  MPI_Comm_rank(MPI_COMM_WORLD, &rank);
  return rank;
}

int number_of_ranks() {
  int size = 1;
  MPI_Comm_size(MPI_COMM_WORLD, &size);
  return size;
}

/// True on every rank if `mine` is true on any. Collective.
bool any_rank(bool mine) {
  int value = mine ? 1 : 0;
  MPI_Allreduce(MPI_IN_PLACE, &value, 1, MPI_INT, MPI_MAX, MPI_COMM_WORLD);
  return value != 0;
}

/// The texts of all ranks in the order of ranks, on rank 0; empty elsewhere. Collective.
std::string gather(const std::string& mine) {
  const auto ranks = static_cast<std::size_t>(number_of_ranks());
  const int length = static_cast<int>(mine.size());
  std::vector<int> lengths(ranks);
  MPI_Gather(&length, 1, MPI_INT, lengths.data(), 1, MPI_INT, 0, MPI_COMM_WORLD);
  std::vector<int> starts(ranks);
  std::exclusive_scan(lengths.begin(), lengths.end(), starts.begin(), 0);
  std::string all(static_cast<std::size_t>(starts.back() + lengths.back()), '\0');
  MPI_Gatherv(mine.data(), length, MPI_CHAR, all.data(), lengths.data(), starts.data(), MPI_CHAR, 0,
              MPI_COMM_WORLD);
  return all;
}

/// Lets rank 0 print by the printer it owns, and agrees on the verdict of each test.
class AgreedVerdicts : public ::testing::TestEventListener {
 public:
  explicit AgreedVerdicts(::testing::TestEventListener* printer)
      : printer_(printer), rank_(rank_of_this_process()) {}

  void OnTestProgramStart(const ::testing::UnitTest& t) override {
    if (prints()) printer_->OnTestProgramStart(t);
  }
  void OnTestIterationStart(const ::testing::UnitTest& t, int n) override {
    if (prints()) printer_->OnTestIterationStart(t, n);
  }
  void OnEnvironmentsSetUpStart(const ::testing::UnitTest& t) override {
    if (prints()) printer_->OnEnvironmentsSetUpStart(t);
  }
  void OnEnvironmentsSetUpEnd(const ::testing::UnitTest& /*tests*/) override {}
  void OnTestSuiteStart(const ::testing::TestSuite& t) override {
    if (prints()) printer_->OnTestSuiteStart(t);
  }

  void OnTestStart(const ::testing::TestInfo& t) override {
    failures_.clear();
    if (prints()) printer_->OnTestStart(t);
  }

  void OnTestPartResult(const ::testing::TestPartResult& result) override {
    if (prints()) {
      printer_->OnTestPartResult(result);
    } else if (result.failed()) {
      const char* const file = result.file_name();
      failures_ += "[rank " + std::to_string(rank_) + "] " + (file == nullptr ? "?" : file) + ":" +
                   std::to_string(result.line_number()) + ": " + result.message() + "\n";
    }
  }

  void OnTestEnd(const ::testing::TestInfo& t) override {
    const bool failed_here = t.result()->Failed();
    const bool failed = any_rank(failed_here);
    std::cout << gather(failures_) << std::flush;
    if (failed && !failed_here) ADD_FAILURE() << "failed on another rank";
    if (prints()) printer_->OnTestEnd(t);
  }

  void OnTestSuiteEnd(const ::testing::TestSuite& t) override {
    if (prints()) printer_->OnTestSuiteEnd(t);
  }
  void OnEnvironmentsTearDownStart(const ::testing::UnitTest& t) override {
    if (prints()) printer_->OnEnvironmentsTearDownStart(t);
  }
  void OnEnvironmentsTearDownEnd(const ::testing::UnitTest& /*tests*/) override {}
  void OnTestIterationEnd(const ::testing::UnitTest& t, int n) override {
    if (prints()) printer_->OnTestIterationEnd(t, n);
  }
  void OnTestProgramEnd(const ::testing::UnitTest& t) override {
    if (prints()) printer_->OnTestProgramEnd(t);
  }

 private:
  [[nodiscard]] bool prints() const { return rank_ == 0; }

  std::unique_ptr<::testing::TestEventListener> printer_;
  int rank_;
  std::string failures_;
};

/// Leaves the report file to rank 0, so that ranks do not write one file together.
void keep_report_to_rank_0(int& argc, char** argv) {
  if (rank_of_this_process() == 0) return;
  ::unsetenv("GTEST_OUTPUT");
  int kept = 0;
  for (int i = 0; i < argc; ++i) {
    if (!std::string_view(argv[i]).starts_with("--gtest_output")) argv[kept++] = argv[i];
  }
  argc = kept;
  argv[argc] = nullptr;
}

int run_tests(int argc, char** argv) {
  keep_report_to_rank_0(argc, argv);
  ::testing::InitGoogleTest(&argc, argv);
  auto& listeners = ::testing::UnitTest::GetInstance()->listeners();
  listeners.Append(new AgreedVerdicts(listeners.Release(listeners.default_result_printer())));
  return any_rank(RUN_ALL_TESTS() != 0) ? 1 : 0;
}

}  // namespace

int main(int argc, char** argv) {
  int provided = 0;
  MPI_Init_thread(&argc, &argv, MPI_THREAD_FUNNELED, &provided);
  const int status = run_tests(argc, argv);
  MPI_Finalize();
  return status;
}
