// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "natgrad/network/choice.hpp"
#include "natgrad/network/inputs.hpp"
#include "natgrad/network/network.hpp"
#include "natgrad/network/training.hpp"

namespace driftwood::natgrad {

/// The deck's tables `[network.student]` and `[network.teacher]`: a network with one output.
struct PerceptronOptions {
  std::vector<double> hidden{64};
  std::string activation_name = "tanh";
  std::vector<double> gain;
  std::vector<double> sd;
  bool biases = true;

  void describe(deck::Schema& s);
  void validate(const deck::Source& deck, const std::string& path) const;

  [[nodiscard]] Architecture architecture(std::size_t inputs) const;
};

/// The deck's table `[network.training]`.
struct TrainingOptions {
  std::string method_name = "dual";
  std::string kronecker_name = "exact";
  std::string rule_name = "fixed";
  TrainingKeys keys{};

  void describe(deck::Schema& s);
  /// What the names say.
  [[nodiscard]] TrainingKeys settled() const;
};

enum class NetworkMode { linearised, train };

/// The deck's table `[network]`: a student learns the outputs of a teacher on some inputs, with
/// noise, and is tested on others without.
struct NetworkOptions {
  std::string mode_name = "linearised";
  InputOptions inputs;
  PerceptronOptions student;
  PerceptronOptions teacher;
  std::optional<TrainingOptions> training;
  std::int64_t samples = 0;
  std::vector<double> unlabelled{0};
  std::optional<std::int64_t> tests;
  std::vector<double> noise{0};
  std::vector<std::string> preconditioner;
  std::int64_t replicas = 10;
  std::uint64_t seed = 1;
  double memory = 4096;  ///< of a rank [MiB]

  void describe(deck::Schema& s);
  void validate(const deck::Source& deck);

  /// What names say. Set by `validate`.
  NetworkMode mode = NetworkMode::linearised;
  std::vector<FisherChoice> parsed{};

  [[nodiscard]] std::size_t most_unlabelled() const;
  [[nodiscard]] std::size_t test_rows() const;
  /// What a rank needs at least [byte].
  [[nodiscard]] double bytes() const;

 private:
  void parse_preconditioners(const deck::Source& deck);
  void check_sizes(const deck::Source& deck) const;
};

}  // namespace driftwood::natgrad
