// SPDX-License-Identifier: BSD-3-Clause
// Claim: an error on any rank becomes the same error on all ranks, and nobody hangs.
#include <gtest/gtest.h>

#include <new>
#include <stdexcept>

#include "base/error.hpp"
#include "comm/communicator.hpp"

namespace {
using namespace driftwood;
using comm::Communicator;

/// What `f`, run under `agree`, threw here: "TYPE FAULT TEXT", or "" when it returned.
template <class F>
std::string outcome(const Communicator& comm, F&& f) {
  const auto describe = [](std::string_view type, const Error& error) {
    return std::string(type) + (error.fault() == Fault::usage ? " usage " : " failure ") +
           error.what();
  };
  try {
    comm.agree(f);
  } catch (const UsageError& e) {
    return describe("UsageError", e);
  } catch (const IoError& e) {
    return describe("IoError", e);
  } catch (const NumericsError& e) {
    return describe("NumericsError", e);
  } catch (const Error& e) {
    return describe("Error", e);
  }
  return "";
}

TEST(Agree, ReturnsWhatEachRankReturned) {
  const auto comm = Communicator::world();
  EXPECT_EQ(comm.agree([&] { return 10 * comm.rank(); }), 10 * comm.rank());
  EXPECT_EQ(outcome(comm, [] {}), "");
}

TEST(Agree, ReturnsWhatCannotBeCopied) {
  const auto comm = Communicator::world();
  const auto made = comm.agree([&] { return std::make_unique<int>(comm.rank()); });
  EXPECT_EQ(*made, comm.rank());
}

TEST(Agree, OneRanksErrorReachesAll) {
  const auto comm = Communicator::world();
  for (int failing = 0; failing < comm.size(); ++failing) {
    const auto text = outcome(comm, [&] {
      if (comm.rank() == failing) {
        throw IoError("disk " + std::to_string(failing) + " is gone", "unplugged", "plug it in");
      }
    });
    EXPECT_EQ(text, "IoError failure disk " + std::to_string(failing) +
                        " is gone (unplugged); plug it in");
  }
}

TEST(Agree, TheLowestFailingRankSpeaks) {
  const auto comm = Communicator::world();
  const int lowest = comm.size() > 2 ? 1 : comm.size() - 1;
  const auto text = outcome(comm, [&] {
    if (comm.rank() >= lowest) throw UsageError("rank " + std::to_string(comm.rank()));
  });
  EXPECT_EQ(text, "UsageError usage rank " + std::to_string(lowest));
}

TEST(Agree, KeepsTypeAndFaultOfEveryKind) {
  const auto comm = Communicator::world();
  const int last = comm.size() - 1;
  const auto thrown = [&](auto error) {
    return outcome(comm, [&] {
      if (comm.rank() == last) throw error;
    });
  };
  EXPECT_EQ(thrown(UsageError("u")), "UsageError usage u");
  EXPECT_EQ(thrown(IoError("i")), "IoError failure i");
  EXPECT_EQ(thrown(NumericsError("n")), "NumericsError failure n");
  EXPECT_EQ(thrown(Error("e")), "Error failure e");
  EXPECT_EQ(thrown(Error("e", {}, {}, Fault::usage)), "Error usage e");
  EXPECT_EQ(thrown(std::runtime_error("standard")), "Error failure standard");
  EXPECT_EQ(thrown(std::bad_alloc()), "Error failure out of memory");
  EXPECT_EQ(thrown(7), "Error failure an exception of unknown type");
}

TEST(Agree, CarriesLongAndEmptyTexts) {
  const auto comm = Communicator::world();
  const std::string longer(100'000, 'x');
  const auto thrown = [&](const std::string& text) {
    return outcome(comm, [&] {
      if (comm.rank() == comm.size() - 1) throw Error(text);
    });
  };
  EXPECT_EQ(thrown(longer), "Error failure " + longer);
  EXPECT_EQ(thrown(""), "Error failure ");
}

TEST(Agree, WorksOnAfterAnError) {
  const auto comm = Communicator::world();
  EXPECT_NE(outcome(comm, [] { throw Error("all fail"); }), "");
  EXPECT_EQ(comm.all_reduce_sum(std::int64_t{1}), comm.size());
}

TEST(Agree, NestsWhereAllRanksEnter) {
  const auto comm = Communicator::world();
  const auto text = outcome(comm, [&] {
    comm.agree([&] {
      if (comm.is_root()) throw NumericsError("inner");
    });
  });
  EXPECT_EQ(text, "NumericsError failure inner");
}
}  // namespace
