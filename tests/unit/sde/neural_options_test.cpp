// SPDX-License-Identifier: BSD-3-Clause
// Decks of the model "neural".
#include <gtest/gtest.h>
#include <hdf5.h>

#include <filesystem>

#include "base/error.hpp"
#include "sde/gradient/solver.hpp"
#include "sde/neural/options.hpp"
#include "sde/registry.hpp"
#include "support/kokkos_environment.hpp"

namespace driftwood::sde {
namespace {

/// A file with these datasets in a folder of its own.
class WeightFile {
 public:
  explicit WeightFile(const std::vector<std::pair<std::string, std::size_t>>& datasets)
      : folder_(std::filesystem::temp_directory_path() /
                ("neural_options_" + std::to_string(::getpid()))) {
    std::filesystem::create_directories(folder_);
    const hid_t file =
        H5Fcreate((folder_ / "w.h5").c_str(), H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT);
    for (const auto& [name, count] : datasets) {
      std::vector<double> values(count);
      for (std::size_t i = 0; i < count; ++i) values[i] = static_cast<double>(i) / 100;
      const hsize_t size = count;
      const hid_t space = H5Screate_simple(1, &size, nullptr);
      const hid_t data = H5Dcreate2(file, name.c_str(), H5T_NATIVE_DOUBLE, space, H5P_DEFAULT,
                                    H5P_DEFAULT, H5P_DEFAULT);
      H5Dwrite(data, H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, values.data());
      H5Dclose(data);
      H5Sclose(space);
    }
    H5Fclose(file);
  }
  WeightFile(const WeightFile&) = delete;
  WeightFile& operator=(const WeightFile&) = delete;
  ~WeightFile() { std::filesystem::remove_all(folder_); }

  [[nodiscard]] std::string deck() const { return (folder_ / "deck.toml").string(); }

 private:
  std::filesystem::path folder_;
};

struct Deck {
  NeuralOptions model;
  void describe(deck::Schema& s) { s.table("model", model, "the model"); }
};

NeuralOptions load(const std::string& keys, const std::string& file = "deck.toml") {
  Deck deck;
  const deck::Source source = deck::load(deck, {file, "format = 1\n[model]\n" + keys});
  deck.model.validate(source, "model");
  static_cast<void>(deck.model.parameters(source, "model"));
  return deck.model;
}

void expect_refusal(const std::string& keys, const std::string& words,
                    const std::string& file = "deck.toml") {
  try {
    static_cast<void>(load(keys, file));
    ADD_FAILURE() << "not refused: " << words;
  } catch (const UsageError& error) {
    EXPECT_NE(std::string(error.what()).find(words), std::string::npos) << error.what();
  }
}

TEST(NeuralOptions, Networks) {
  const NeuralOptions options = load(
      "dim = 3\nnoise_dim = 2\nnoise = \"general\"\ninitial = [0.5]\n"
      "drift = {depth = 2, width = 7, activation = \"tanh\", time_input = true}\n");
  const NeuralNetworks networks = options.networks();
  EXPECT_EQ(networks.drift, (neural::Shape{3, 3, 2, 7, neural::Activation::tanh,
                                           neural::Activation::identity, true}));
  EXPECT_EQ(networks.diffusion.outputs, 6);
  EXPECT_EQ(networks.diffusion.output, neural::Activation::sigmoid);
  EXPECT_EQ(options.initial_state().size(), 3U);
  EXPECT_EQ(options.initial_state()[2].first, 0.5);
  EXPECT_EQ(parameter_names(networks).front(), "drift.0.weight[0,0]");
  EXPECT_EQ(parameter_names(networks).back(), "diffusion.1.bias[5]");
}

TEST(NeuralOptions, WhatDoesNotFitIsRefused) {
  expect_refusal("dim = 3\nnoise_dim = 2\n", "'noise_dim' is 2 and 'dim' is 3");
  expect_refusal("dim = 3\ninitial = [0.0, 1.0]\n", "'initial' has 2 entries");
  expect_refusal("dim = 2\ndrift = {activation = \"relu\"}\n", "relu");
  expect_refusal("dim = 1024\ndrift = {depth = 4, width = 4096}\n", "more than 2^24");
  expect_refusal("dim = 2\nweights = \"w.h5\"\nseed = 3\n", "both 'weights' and 'seed'");
  expect_refusal("dim = 2\nweights = \"nowhere.h5\"\n", "there is no file");
}

// A network of 1 input, 1 output, one hidden layer of 2: (1 + 1) 2 + (2 + 1) 1 = 7 numbers.
TEST(NeuralOptions, WeightsFromAFile) {
  const std::string keys =
      "dim = 1\nweights = \"w.h5\"\ndrift = {width = 2}\ndiffusion = {width = 2}\n";
  {
    const WeightFile file({{"drift", 7}, {"diffusion", 7}});
    Deck deck;
    const deck::Source source = deck::load(deck, {file.deck(), "format = 1\n[model]\n" + keys});
    const std::vector<double> values = deck.model.parameters(source, "model");
    ASSERT_EQ(values.size(), 14U);
    EXPECT_EQ(values[6], 0.06);
    EXPECT_EQ(values[7], 0.0);
  }
  {
    const WeightFile file({{"drift", 7}, {"diffusion", 9}});
    expect_refusal(keys, "'diffusion' of '", file.deck());
    expect_refusal(keys, "has shape (9), and the network has (7)", file.deck());
  }
  {
    const WeightFile file({{"drift", 7}});
    expect_refusal(keys, "has no dataset 'diffusion'", file.deck());
  }
}

TEST(NeuralOptions, ItoEquationsHaveNoStratonovichScheme) {
  for (const auto& alternative : models()) {
    if (alternative.name != "neural") continue;
    const auto model = alternative.make();
    EXPECT_EQ(model->schemes(), (std::vector<std::string>{"heun", "midpoint", "reversible_heun"}));
    GradientPlan plan;
    plan.end = 1;
    plan.steps = 1;
    try {
      static_cast<void>(model->gradients("euler_maruyama", Precision::double_, plan));
      ADD_FAILURE();
    } catch (const UsageError& error) {
      EXPECT_NE(std::string(error.what()).find("the drift of networks is not converted"),
                std::string::npos)
          << error.what();
    }
    EXPECT_THROW(static_cast<void>(model->propagator("heun", Precision::double_, {})), UsageError);
  }
}

}  // namespace
}  // namespace driftwood::sde
