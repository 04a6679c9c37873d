// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "deck/schema.hpp"
#include "deck/source.hpp"
#include "sde/calculus.hpp"
#include "sde/initial_state.hpp"
#include "sde/neural/networks.hpp"

namespace driftwood::sde {

/// A table `drift` or `diffusion`.
struct NetworkOptions {
  std::int64_t depth = 1;
  std::int64_t width = 16;
  std::string activation = "lipswish";
  std::string output = "identity";
  bool time_input = false;

  void describe(deck::Schema& s);
  [[nodiscard]] neural::Shape shape(int inputs, int outputs) const;
};

/// The deck's keys of the model "neural".
struct NeuralOptions {
  std::int64_t dim = 1;
  std::optional<std::int64_t> noise_dim;
  std::string noise = "diagonal";
  std::string calculus = "stratonovich";
  NetworkOptions drift;
  NetworkOptions diffusion{.output = "sigmoid"};
  std::optional<std::string> weights;
  std::uint64_t seed = 1;
  std::vector<deck::Distribution> initial = {0.0};

  void describe(deck::Schema& s);
  /// Throws `UsageError` at the key under the table `path`.
  void validate(const deck::Source& deck, const std::string& path) const;

  [[nodiscard]] NeuralNetworks networks() const;
  [[nodiscard]] Calculus calculus_kind() const;
  /// A law for each component.
  [[nodiscard]] InitialState initial_state() const;
  /// Of drift and diffusion, from the file, relative to the folder of the deck, or by the seed.
  /// Throws as `validate`.
  [[nodiscard]] std::vector<double> parameters(const deck::Source& deck,
                                               const std::string& path) const;
  /// By the seed, whatever the file.
  [[nodiscard]] std::vector<double> random_parameters() const;
};

}  // namespace driftwood::sde
