// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace driftwood::deck {

/// Numbers in an HDF5 file: of a dataset of shape (N, a, b, ...) the N entries [:, at]. A negative
/// index counts from the end.
struct Column {
  std::string file;
  std::string dataset;
  std::vector<std::int64_t> at;
  /// What the file holds, once somebody has read it: decks only name it.
  std::shared_ptr<const std::vector<double>> values = nullptr;

  /// Whether they name the same numbers.
  [[nodiscard]] friend bool operator==(const Column& a, const Column& b) {
    return a.file == b.file && a.dataset == b.dataset && a.at == b.at;
  }
};

/// A number, the law it is drawn from, or one number for each path in turn. Decks give it as a
/// number or as one of
///
///     { kind = "normal", mean = 0.0, sd = 1.0 }
///     { kind = "lognormal", log_mean = 0.0, log_sd = 1.0 }
///     { kind = "uniform", low = 0.0, high = 1.0 }
///     { kind = "hdf5", file = "draws.h5", dataset = "/rate" }
struct Distribution {
  enum class Kind { constant, normal, lognormal, uniform, column };

  Kind kind = Kind::constant;
  double first = 0;   ///< the constant, the mean (of the logarithm), or the lower end
  double second = 0;  ///< the standard deviation (of the logarithm), or the upper end
  std::optional<Column> column = std::nullopt;  ///< of the kind of this name: path p has entry p,
                                                ///< and beyond the last the first again

  Distribution() = default;
  Distribution(double constant) : first(constant) {}  // NOLINT: a number is the simplest law
  Distribution(Kind k, double a, double b) : kind(k), first(a), second(b) {}

  explicit Distribution(Column c) : kind(Kind::column), column(std::move(c)) {}

  [[nodiscard]] friend bool operator==(const Distribution&, const Distribution&) = default;
};

/// As TOML.
[[nodiscard]] std::string toml_text(const Distribution& law);

}  // namespace driftwood::deck
