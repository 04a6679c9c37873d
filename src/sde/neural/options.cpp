// SPDX-License-Identifier: BSD-3-Clause
#include "sde/neural/options.hpp"

#include <fmt/format.h>

#include <filesystem>

#include "base/error.hpp"
#include "neural/initial.hpp"

namespace driftwood::sde {
namespace {

constexpr int most_components = 1024;
constexpr int most_width = 4096;
constexpr std::int64_t most_parameters = std::int64_t{1} << 24;

std::vector<std::string> activation_names() {
  using enum neural::Activation;
  std::vector<std::string> out;
  for (const auto a : {identity, tanh, sigmoid, softplus, swish, lipswish}) {
    out.emplace_back(neural::to_string(a));
  }
  return out;
}

std::int64_t count_of(const NetworkOptions& of, std::int64_t inputs, std::int64_t outputs) {
  const std::int64_t columns = inputs + (of.time_input ? 1 : 0);
  if (of.depth == 0) return outputs * (columns + 1);
  return of.width * (columns + 1) + (of.depth - 1) * of.width * (of.width + 1) +
         outputs * (of.width + 1);
}

}  // namespace

void NetworkOptions::describe(deck::Schema& s) {
  s.key("depth", depth, deck::between(0, 4), "hidden layers");
  s.key("width", width, deck::between(1, most_width), "numbers of each hidden layer");
  s.key("activation", activation, deck::one_of(activation_names()),
        "what follows the sums of hidden layers");
  s.key("output", output, deck::one_of(activation_names()), "what follows the last sums");
  s.key("time_input", time_input, "whether the time is the last input");
}

neural::Shape NetworkOptions::shape(int inputs, int outputs) const {
  return {inputs,
          outputs,
          static_cast<int>(depth),
          static_cast<int>(width),
          neural::activation_named(activation).value(),
          neural::activation_named(output).value(),
          time_input};
}

void NeuralOptions::describe(deck::Schema& s) {
  s.key("dim", dim, deck::between(1, most_components), "components x1, x2, ... of the state")
      .required();
  s.key("noise", noise, deck::one_of({"diagonal", "general"}),
        "diagonal: component i has a noise of its own, times output i of the diffusion network; "
        "general: output (i - 1) noise_dim + k is entry (i, k) of the diffusion matrix");
  s.key("noise_dim", noise_dim, deck::between(1, most_components),
        "components of the Brownian motion; left out: 'dim'");
  s.key("calculus", calculus, deck::one_of({"stratonovich", "ito"}),
        "how the products of diffusion and noise are meant; there is no conversion");
  s.table("drift", drift, "the network of the drift");
  s.table("diffusion", diffusion, "the network of the diffusion");
  s.key("weights", weights,
        "an HDF5 file with the datasets 'drift' and 'diffusion', each the numbers of a network: "
        "layer by layer its weights, row by row, then its biases; relative to the folder of the "
        "deck");
  s.key("seed", seed,
        "without a file: weights and biases are uniform within 1/sqrt(inputs of the layer), drawn "
        "by this seed")
      .instead_of({"weights"});
  s.key("initial", initial, deck::length(1, most_components),
        "state at time 0: a number or a law for each component, or one for all");
}

void NeuralOptions::validate(const deck::Source& deck, const std::string& path) const {
  const std::int64_t m = noise_dim.value_or(dim);
  if (noise == "diagonal" && m != dim) {
    throw deck.error(path + ".noise_dim", fmt::format("'noise_dim' is {} and 'dim' is {}", m, dim),
                     "diagonal noise has one component for each of the state",
                     "remove 'noise_dim', or set noise = \"general\"");
  }
  const auto initial_count = std::ssize(initial);
  if (initial_count != 1 && initial_count != dim) {
    throw deck.error(path + ".initial",
                     fmt::format("'initial' has {} entries and 'dim' is {}", initial_count, dim),
                     "every component needs one", "give one for each, or one for all");
  }
  const std::int64_t outputs = noise == "diagonal" ? dim : dim * m;
  if (count_of(drift, dim, dim) + count_of(diffusion, dim, outputs) > most_parameters) {
    throw deck.error(path, "the networks have more than 2^24 parameters", "",
                     "lower 'width' or 'noise_dim'");
  }
  if (weights && deck.gives(path + ".seed")) {
    throw deck.error(path + ".seed", "both 'weights' and 'seed' are given",
                     "the file holds what the seed would draw", "remove one of them");
  }
}

NeuralNetworks NeuralOptions::networks() const {
  NeuralNetworks out;
  out.dim = static_cast<int>(dim);
  out.noises = static_cast<int>(noise_dim.value_or(dim));
  out.is_diagonal = noise == "diagonal";
  out.drift = drift.shape(out.dim, out.dim);
  out.diffusion = diffusion.shape(out.dim, out.is_diagonal ? out.dim : out.dim * out.noises);
  return out;
}

Calculus NeuralOptions::calculus_kind() const {
  return calculus == "ito" ? Calculus::ito : Calculus::stratonovich;
}

InitialState NeuralOptions::initial_state() const {
  std::vector<deck::Distribution> laws = initial;
  laws.resize(static_cast<std::size_t>(dim), initial.front());
  return laws;
}

std::vector<double> NeuralOptions::random_parameters() const {
  const NeuralNetworks both = networks();
  std::vector<double> out =
      neural::initial_parameters(both.drift, neural::Initial::fan_in, seed, 0);
  const std::vector<double> second =
      neural::initial_parameters(both.diffusion, neural::Initial::fan_in, seed, 1);
  out.insert(out.end(), second.begin(), second.end());
  return out;
}

std::vector<double> NeuralOptions::parameters(const deck::Source& deck,
                                              const std::string& path) const {
  if (!weights) return random_parameters();
  const NeuralNetworks both = networks();
  const std::filesystem::path file =
      (std::filesystem::path(deck.file()).parent_path() / *weights).lexically_normal();
  try {
    std::vector<double> out = read_parameters(file.string(), "drift", both.drift);
    const std::vector<double> second = read_parameters(file.string(), "diffusion", both.diffusion);
    out.insert(out.end(), second.begin(), second.end());
    return out;
  } catch (const UsageError&) {
    throw;
  } catch (const Error& error) {
    throw deck.error(path + ".weights", error.what());
  }
}

}  // namespace driftwood::sde
