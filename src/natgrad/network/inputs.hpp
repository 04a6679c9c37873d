// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "natgrad/ensemble/blas.hpp"

namespace driftwood::deck {
class Schema;
class Source;
}  // namespace driftwood::deck

namespace driftwood::natgrad {

/// Where the inputs of a network come from.
class InputSource {
 public:
  virtual ~InputSource() = default;

  virtual void describe(deck::Schema& s) = 0;
  /// Reads what the keys name. Throws `UsageError` at the key under the table `path`.
  virtual void validate(const deck::Source& deck, const std::string& path) = 0;
  [[nodiscard]] virtual std::size_t features() const = 0;
  [[nodiscard]] virtual std::size_t rows() const = 0;
  /// (features, rows) as they are, one sample a column.
  [[nodiscard]] virtual Dense load(std::uint64_t seed) const = 0;
};

/// The deck's table `[network.inputs]`.
struct InputOptions {
  std::shared_ptr<InputSource> source;
  double scale = 1;
  double constant = 0;

  void describe(deck::Schema& s);
  void validate(const deck::Source& deck, const std::string& path);

  /// Numbers that the network gets of a sample.
  [[nodiscard]] std::size_t width() const { return source->features() + (constant != 0 ? 1 : 0); }
  /// (width, rows): features of mean 0 over samples, all divided by one number so that samples have
  /// the mean square norm `scale`^2, and then the constant. Throws `UsageError` for inputs that are
  /// all the same.
  [[nodiscard]] Dense load(std::uint64_t seed) const;
};

}  // namespace driftwood::natgrad
