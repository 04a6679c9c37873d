// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <string>
#include <vector>

#include "base/error.hpp"
#include "deck/schema.hpp"
#include "pose/input/options.hpp"
#include "pose/input/problem_set.hpp"
#include "support/data_files.hpp"

namespace driftwood::pose::testing {

/// A deck with this one table.
struct Deck {
  CorrespondenceOptions correspondences;

  void describe(deck::Schema& s) {
    s.table("correspondences", correspondences, "2D-3D matches of a camera");
  }
};

/// As a driver does with a deck in the folder of the test's data.
inline std::vector<PoseProblem> problems_of(const std::string& keys) {
  const auto file = (test::data_folder() / "deck.toml").string();
  Deck deck;
  const auto source = deck::load(deck, {file, "[correspondences]\n" + keys});
  deck.correspondences.validate(source);
  return read_problems(deck.correspondences, test::data_folder().string());
}

/// What is said of a deck that is wrong, without names of folders; empty where it is right.
inline std::string error_of(const std::string& keys) {
  try {
    static_cast<void>(testing::problems_of(keys));
    return "";
  } catch (const Error& error) {
    EXPECT_EQ(error.fault(), Fault::usage);
    std::string text = error.what();
    const std::string folder = test::data_folder().string();
    for (const std::string& name : {folder + "/", folder}) {
      for (auto at = text.find(name); at != std::string::npos; at = text.find(name)) {
        text.erase(at, name.size());
      }
    }
    return text;
  }
}

/// Where a data file is: in the folder that DRIFTWOOD_DATA names, or beside the sources; empty:
/// nowhere.
inline std::string found(const std::string& name) {
  std::vector<std::filesystem::path> folders;
  if (const char* given = std::getenv("DRIFTWOOD_DATA")) folders.emplace_back(given);
  if (const char* source = std::getenv("DRIFTWOOD_SOURCE")) {
    folders.push_back(std::filesystem::path(source) / "../shared/data/pose");
  }
  for (const auto& folder : folders) {
    for (const auto& place : {folder / name, folder / "pose" / name}) {
      if (std::filesystem::exists(place)) return std::filesystem::absolute(place).string();
    }
  }
  return "";
}

}  // namespace driftwood::pose::testing
