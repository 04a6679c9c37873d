// SPDX-License-Identifier: BSD-3-Clause
#include "io/numbers.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <fstream>

#include "base/error.hpp"
#include "io/hdf5.hpp"

namespace driftwood::io {
namespace {

constexpr hsize_t most_numbers = hsize_t{1} << 31;

/// A dataset that is there, and its shape.
struct Opened {
  h5::File file;
  h5::DataSet data;
  std::vector<hsize_t> shape;
  hsize_t count = 1;
};

Opened opened(const std::string& file, const std::string& dataset) {
  if (!std::filesystem::exists(file)) throw Error(fmt::format("there is no file '{}'", file));
  Opened out;
  out.file = h5::File(H5Fopen(file.c_str(), H5F_ACC_RDONLY, H5P_DEFAULT));
  if (!out.file) throw Error(fmt::format("'{}' is not a readable HDF5 file", file));
  out.data = h5::DataSet(H5Dopen2(out.file.get(), dataset.c_str(), H5P_DEFAULT));
  if (!out.data) throw Error(fmt::format("'{}' has no dataset '{}'", file, dataset));
  const h5::Space space(H5Dget_space(out.data.get()));
  out.shape.resize(
      static_cast<std::size_t>(std::max(H5Sget_simple_extent_ndims(space.get()), 0)));
  if (!out.shape.empty()) H5Sget_simple_extent_dims(space.get(), out.shape.data(), nullptr);
  for (const hsize_t size : out.shape) {
    if (size != 0 && out.count > most_numbers / size) {
      throw Error(fmt::format("'{}' of '{}' has more than 2^31 numbers", dataset, file));
    }
    out.count *= size;
  }
  return out;
}

template <class Out>
Out read_as(hid_t type, const std::string& file, const std::string& dataset) {
  const h5::Quiet quiet;
  const Opened from = opened(file, dataset);
  Out out;
  out.shape.assign(from.shape.begin(), from.shape.end());
  out.values.resize(static_cast<std::size_t>(from.count));
  if (H5Dread(from.data.get(), type, H5S_ALL, H5S_ALL, H5P_DEFAULT, out.values.data()) < 0) {
    throw Error(fmt::format("'{}' of '{}' does not hold numbers", dataset, file));
  }
  return out;
}

}  // namespace

Numbers read_numbers(const std::string& file, const std::string& dataset) {
  return read_as<Numbers>(H5T_NATIVE_DOUBLE, file, dataset);
}

Words read_words(const std::string& file, const std::string& dataset) {
  return read_as<Words>(H5T_NATIVE_UINT64, file, dataset);
}

std::vector<std::string> read_texts(const std::string& file, const std::string& dataset) {
  const h5::Quiet quiet;
  const Opened from = opened(file, dataset);
  const h5::Type type(H5Dget_type(from.data.get()));
  if (H5Tget_class(type.get()) != H5T_STRING || H5Tis_variable_str(type.get()) > 0) {
    throw Error(fmt::format("'{}' of '{}' does not hold texts of fixed length", dataset, file));
  }
  const std::size_t size = H5Tget_size(type.get());
  std::vector<char> raw(size * static_cast<std::size_t>(from.count));
  if (H5Dread(from.data.get(), type.get(), H5S_ALL, H5S_ALL, H5P_DEFAULT, raw.data()) < 0) {
    throw Error(fmt::format("'{}' of '{}' cannot be read", dataset, file));
  }
  std::vector<std::string> out;
  for (std::size_t k = 0; k < static_cast<std::size_t>(from.count); ++k) {
    const char* const begin = raw.data() + k * size;
    out.emplace_back(begin, std::find(begin, begin + size, '\0'));
  }
  return out;
}

bool has_dataset(const std::string& file, const std::string& dataset) {
  const h5::Quiet quiet;
  const h5::File in(H5Fopen(file.c_str(), H5F_ACC_RDONLY, H5P_DEFAULT));
  if (!in) return false;
  const h5::Object found(H5Oopen(in.get(), dataset.c_str(), H5P_DEFAULT));
  return static_cast<bool>(found);
}

bool is_hdf5(const std::string& file) {
  constexpr std::array<char, 8> signature{'\x89', 'H', 'D', 'F', '\r', '\n', '\x1a', '\n'};
  std::array<char, 8> begin{};
  std::ifstream in(file, std::ios::binary);
  in.read(begin.data(), static_cast<std::streamsize>(begin.size()));
  return in.gcount() == static_cast<std::streamsize>(begin.size()) && begin == signature;
}

}  // namespace driftwood::io
