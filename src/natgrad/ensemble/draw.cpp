// SPDX-License-Identifier: BSD-3-Clause
#include "natgrad/ensemble/draw.hpp"

#include <algorithm>
#include <numeric>

#include "base/portability.hpp"
#include "random/design.hpp"

namespace driftwood::natgrad {
namespace {

random::Purpose purpose_of(RowSource source) {
  switch (source) {
    case RowSource::unlabelled:
      return random::Purpose::unlabelled;
    case RowSource::hidden:
      return random::Purpose::hidden;
    default:
      return random::Purpose::design;
  }
}

/// Components of streams that rows of features leave free: theirs are below 5 x 2^24.
enum Component : int {
  uniform_inputs = 1 << 30,
  order_of_rows,
  resample,
};

/// The first word of each draw [first, first + count) of a design: take(i, word).
template <class Take>
void each_word(const DesignKey& key, random::Purpose purpose, Component component,
               std::uint64_t first, std::size_t count, const Take& take) {
  const random::Stream stream(key.seed, purpose, component);
  const std::uint64_t id = (static_cast<std::uint64_t>(key.design) << 32) | key.replica;
  for (std::size_t i = 0; i < count; ++i) {
    take(i, stream.words<double>({id}, first + i).word[0]);
  }
}

}  // namespace

void draw_rows(const DesignKey& key, RowSource source, FeatureLaw law, std::uint64_t first,
               std::size_t n, std::span<const double> scales, double* to) {
  const random::DesignRows rows{key, purpose_of(source), law};
  random::fill_columns<Lane<double>>(rows, first, n, scales, to, n);
}

void draw_uniforms(const DesignKey& key, RowSource source, std::uint64_t first,
                   std::span<double> to) {
  each_word(key, purpose_of(source), uniform_inputs, first, to.size(),
            [&](std::size_t i, std::uint64_t word) { to[i] = random::uniform(word); });
}

std::vector<std::size_t> shuffled(const DesignKey& key, std::size_t n) {
  std::vector<std::uint64_t> words(n);
  each_word(key, random::Purpose::subsample, order_of_rows, 0, n,
            [&](std::size_t i, std::uint64_t word) { words[i] = word; });
  std::vector<std::size_t> out(n);
  std::iota(out.begin(), out.end(), std::size_t{0});
  std::sort(out.begin(), out.end(), [&](std::size_t a, std::size_t b) {
    return words[a] != words[b] ? words[a] < words[b] : a < b;
  });
  return out;
}

void draw_resample(const DesignKey& key, std::size_t n, std::span<std::size_t> to) {
  each_word(key, random::Purpose::subsample, resample, 0, to.size(),
            [&](std::size_t i, std::uint64_t word) {
              const double at = random::uniform(word) * static_cast<double>(n);
              to[i] = std::min(static_cast<std::size_t>(at), n - 1);
            });
}

}  // namespace driftwood::natgrad
