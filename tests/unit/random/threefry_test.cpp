// SPDX-License-Identifier: BSD-3-Clause
// BM-1: the generator gives the words that Random123 publishes and computes.
#include "random/threefry.hpp"

#include <Random123/threefry.h>
#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <random>
#include <vector>

#include "random/stream.hpp"

namespace {
using namespace driftwood;
using random::Key;
using random::Pair;

struct KnownAnswer {
  Pair<std::uint64_t> counter;
  Key key;
  Pair<std::uint64_t> result;
};

TEST(Threefry, GivesTheKnownAnswersOfRandom123) {
  // Random123 1.14, tests/kat_vectors, "threefry2x64 13"
  constexpr std::uint64_t ones = ~std::uint64_t{0};
  const std::array<KnownAnswer, 3> answers = {{
      {{0, 0}, {0, 0}, {0xf167b032c3b480bd, 0xe91f9fee4b7a6fb5}},
      {{ones, ones}, {ones, ones}, {0xccdec5c917a874b1, 0x4df53abca26ceb01}},
      {{0x243f6a8885a308d3, 0x13198a2e03707344},
       {0xa4093822299f31d0, 0x082efa98ec4e6c89},
       {0xc3aac71561042993, 0x3fe7ae8801aff316}},
  }};
  for (const KnownAnswer& a : answers) {
    const auto out = random::threefry(a.counter, a.key);
    EXPECT_EQ(out.x0, a.result.x0);
    EXPECT_EQ(out.x1, a.result.x1);
  }
}

TEST(Threefry, AgreesWithRandom123OnRandomInputs) {
  std::mt19937_64 engine(20240602);
  r123::Threefry2x64_R<13> reference;
  for (int i = 0; i < 100'000; ++i) {
    const Pair<std::uint64_t> counter{engine(), engine()};
    const Key key{engine(), engine()};
    const auto expected = reference({{counter.x0, counter.x1}}, {{key.k0, key.k1}});
    const auto out = random::threefry(counter, key);
    ASSERT_EQ(out.x0, expected.v[0]);
    ASSERT_EQ(out.x1, expected.v[1]);
  }
}

/// Words of shuffled ids, lane by lane, against those of one lane at a time.
template <class T>
void compare_lanes_with_single_paths() {
  using R = Lane<T>;
  std::mt19937_64 engine(20240603);
  const random::Stream stream(engine(), random::Purpose::probe, 5);
  std::array<std::uint64_t, width_of<R>> ids;
  for (auto& id : ids) id = engine();
  std::array<std::array<typename LaneTraits<T>::word_type, width_of<R>>, random::words_per_draw<R>>
      packed;
  for (std::uint64_t draw = 0; draw < 100; ++draw) {
    const auto words = stream.words<R>(random::Ids<R>::from(ids.data()), draw);
    for (std::size_t w = 0; w < packed.size(); ++w) store_lanes(packed[w].data(), words.word[w]);
    for (std::size_t l = 0; l < ids.size(); ++l) {
      const auto single = stream.words<T>(random::Ids<T>{ids[l]}, draw);
      for (std::size_t w = 0; w < packed.size(); ++w) ASSERT_EQ(packed[w][l], single.word[w]);
    }
  }
}

TEST(Stream, APathGetsItsWordsWhateverLaneItIsIn) {
  compare_lanes_with_single_paths<double>();
  compare_lanes_with_single_paths<float>();
}

TEST(Stream, PurposesAndComponentsAreDifferentStreams) {
  const random::Ids<double> id{7};
  const auto word = [&](random::Purpose p, int component, std::uint64_t draw) {
    return random::Stream(1, p, component).words<double>(id, draw).word[0];
  };
  const auto base = word(random::Purpose::increment, 0, 0);
  EXPECT_NE(base, word(random::Purpose::area, 0, 0));
  EXPECT_NE(base, word(random::Purpose::increment, 1, 0));
  EXPECT_NE(base, word(random::Purpose::increment, 0, 1));
}

/// How far the pairs of leading bits of two words are from independent, over many paths:
/// chi-squared with 1023 degrees of freedom, in standard deviations.
double dependence(const random::Stream& a, std::uint64_t draw_a, const random::Stream& b,
                  std::uint64_t draw_b, std::uint64_t shift) {
  constexpr std::uint64_t paths = 400'000;
  std::vector<double> table(1024, 0.0);
  for (std::uint64_t p = 0; p < paths; ++p) {
    const auto left = a.words<double>(random::Ids<double>{p}, draw_a).word[0] >> 59;
    const auto right = b.words<double>(random::Ids<double>{p + shift}, draw_b).word[0] >> 59;
    table[32 * left + right] += 1;
  }
  const double expected = static_cast<double>(paths) / 1024;
  double sum = 0;
  for (const double n : table) sum += (n - expected) * (n - expected) / expected;
  return (sum - 1023) / std::sqrt(2.0 * 1023);
}

/// The generator adds keys to counters, so that these are the pairs that would start alike if keys
/// were numbered. False alarms: 30 checks beyond 6 of a nearly normal variable, 1e-7.
TEST(Stream, NeighboursAreIndependent) {
  using random::Purpose;
  using random::Stream;
  for (const std::uint64_t seed : {std::uint64_t{1}, std::uint64_t{0x123456789abcdef5}}) {
    for (const int next : {1, 2, 3}) {
      const auto step = static_cast<std::uint64_t>(next);
      const Stream first(seed, Purpose::increment, 0);
      const Stream other(seed, Purpose::increment, next);
      EXPECT_LT(dependence(first, 10, other, 10, 0), 6) << "components";
      EXPECT_LT(dependence(first, 10 + step, other, 10, 0), 6) << "components and draws";
      EXPECT_LT(dependence(first, 10, first, 10 + step, 0), 6) << "draws";
      EXPECT_LT(dependence(first, 10, first, 10, step), 6) << "paths";
      const Stream seeded(seed + step, Purpose::increment, 0);
      EXPECT_LT(dependence(first, 10, seeded, 10, 0), 6) << "seeds";
    }
  }
}

}  // namespace
