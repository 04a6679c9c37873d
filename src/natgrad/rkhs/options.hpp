// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "natgrad/rkhs/descent.hpp"

namespace driftwood::deck {
class Schema;
class Source;
}  // namespace driftwood::deck

namespace driftwood::natgrad {

/// The deck's table `[rkhs]`: how many steps descents in a reproducing kernel Hilbert space take.
struct RkhsOptions {
  double decay = 2;
  std::vector<double> source{0.5};
  std::int64_t features = 600;
  double noise_sd = 0.5;
  std::vector<double> n;
  std::vector<double> unlabelled;
  std::int64_t designs = 10;
  std::int64_t steps = 400;
  double step_size = 1;
  double within = 0.1;
  std::uint64_t seed = 1;
  double memory = 4096;  ///< of a rank [MiB]

  void describe(deck::Schema& s);
  void validate(const deck::Source& deck) const;

  /// Names of the methods: "gd", "pgd", and "pgd:U" for each number of unlabelled inputs.
  [[nodiscard]] std::vector<std::string> methods() const;
  [[nodiscard]] std::size_t rows(std::size_t i) const { return static_cast<std::size_t>(n[i]); }
  /// n^-(decay / (2 source decay + 1)).
  [[nodiscard]] double alpha(std::size_t source, std::size_t i) const;
  /// All descents on designs of n[i] rows, methods of one source together.
  [[nodiscard]] std::vector<DescentMethod> descents(std::size_t i) const;
  /// What the largest design takes, nearly [byte].
  [[nodiscard]] double design_bytes() const;
  /// Numbers that a design leaves: (source, method, t).
  [[nodiscard]] std::size_t numbers() const;

 private:
  void check_designs(const deck::Source& deck) const;
};

}  // namespace driftwood::natgrad
