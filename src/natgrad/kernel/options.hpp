// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "io/data_table.hpp"
#include "natgrad/kernel/kernel.hpp"

namespace driftwood::deck {
class Schema;
class Source;
}  // namespace driftwood::deck

namespace driftwood::natgrad {

/// One kind of kernel with its keys.
struct KernelChoice {
  Kernel::Kind kind = Kernel::Kind::rbf;
  std::optional<double> length;  ///< none: by the data
  double offset = 0;
  std::int64_t degree = 1;

  void describe(deck::Schema& s);
  /// With a length for these rows, where the deck has none.
  [[nodiscard]] Kernel kernel(const Points& points) const;
};

struct KernelFunctionOptions {
  std::shared_ptr<KernelChoice> choice;

  void describe(deck::Schema& s);
};

/// Rows of a table, split at random into those that are learnt from and those that are tested.
/// Columns may be shifted to mean 0 and scaled to standard deviation 1, by the former alone.
struct KernelData {
  Points learnt;  ///< in random order
  Points tested;
  Dense labels;                      ///< (learnt, K), less the mean of each
  Dense tested_labels;               ///< (tested, K), less the same
  std::vector<double> means;         ///< (K)
  std::vector<double> variances;     ///< (K) of the labels that are learnt from
  std::vector<std::string> targets;  ///< (K) names
  std::vector<std::int64_t> rows;    ///< of the table, those that are tested
};

/// The deck's table `[kernel]`: kernel ridge regression on a table.
struct KernelOptions {
  io::TableRequest table;
  std::optional<std::vector<std::string>> target;
  KernelFunctionOptions function;
  std::vector<double> lambda;
  std::string solver = "eigen";
  double test = 0.2;
  bool standardise = true;
  std::uint64_t seed = 1;
  std::int64_t centres = 500;
  std::int64_t probes = 20;
  double tolerance = 1e-10;
  std::int64_t iterations = 1000;
  double memory = 4096;  ///< of a rank [MiB]

  void describe(deck::Schema& s);
  /// Reads the table.
  void validate(const deck::Source& deck);

  [[nodiscard]] bool is_iterative() const { return solver == "cg"; }

  /// Set by `validate`.
  KernelData data{};
};

}  // namespace driftwood::natgrad
