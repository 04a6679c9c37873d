// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "deck/schema.hpp"
#include "sde/model.hpp"

namespace driftwood::sde {

/// The deck's table `[order]`: which schemes are measured, on which steps, against what.
struct OrderOptions {
  static constexpr const char* solution = "solution";  ///< the reference that is no scheme

  std::vector<std::string> given_schemes;
  double end = 1;
  std::int64_t coarsest = 16;
  std::int64_t levels = 5;
  std::optional<std::string> given_reference;
  std::int64_t refinements = 3;
  std::optional<std::string> component;
  std::int64_t paths = 20'480;
  std::uint64_t seed = 1;

  void describe(deck::Schema& s);
  /// Throws `UsageError` for schemes that do not integrate the model, references that do not
  /// converge path by path, and components that there are not.
  void validate(const deck::Source& deck, const Model& model) const;

  /// The schemes to measure: those given, else all that integrate the model without being exact.
  [[nodiscard]] std::vector<std::string> schemes(const Model& model) const;
  /// What errors are measured against: the scheme's name, or "solution".
  [[nodiscard]] std::string reference(const Model& model) const;
  /// Index of the component whose expectations the weak errors are of.
  [[nodiscard]] std::size_t component_index(const Model& model) const;
  /// Steps of level l, twice those of the level before.
  [[nodiscard]] std::int64_t steps(std::int64_t level) const { return coarsest << level; }
  /// Size of the steps of each level [time].
  [[nodiscard]] std::vector<double> step_sizes() const;
};

}  // namespace driftwood::sde
