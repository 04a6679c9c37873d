// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <string>
#include <system_error>

namespace driftwood::test {

/// A folder of this process, in which decks find their data.
inline const std::filesystem::path& data_folder() {
  struct Folder {
    std::filesystem::path path;
    Folder() {
      std::string name = (std::filesystem::temp_directory_path() / "driftwood_XXXXXX").string();
      if (mkdtemp(name.data()) == nullptr) throw std::runtime_error("no temporary folder");
      path = name;
    }
    Folder(const Folder&) = delete;
    Folder& operator=(const Folder&) = delete;
    ~Folder() {
      std::error_code unknown;
      std::filesystem::remove_all(path, unknown);
    }
  };
  static const Folder folder;
  return folder.path;
}

inline void write_data(const std::string& name, const std::string& text) {
  std::ofstream(data_folder() / name, std::ios::binary) << text;
}

}  // namespace driftwood::test
