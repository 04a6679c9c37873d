// SPDX-License-Identifier: BSD-3-Clause
#include "io/numbers.hpp"

#include <fmt/format.h>

#include <array>
#include <filesystem>
#include <fstream>

#include "base/error.hpp"
#include "io/hdf5.hpp"

namespace driftwood::io {
namespace {

constexpr hsize_t most_numbers = hsize_t{1} << 31;

template <class Out>
Out read_as(hid_t type, const std::string& file, const std::string& dataset) {
  const h5::Quiet quiet;
  if (!std::filesystem::exists(file)) throw Error(fmt::format("there is no file '{}'", file));
  const h5::File in(H5Fopen(file.c_str(), H5F_ACC_RDONLY, H5P_DEFAULT));
  if (!in) throw Error(fmt::format("'{}' is not a readable HDF5 file", file));
  const h5::DataSet data(H5Dopen2(in.get(), dataset.c_str(), H5P_DEFAULT));
  if (!data) throw Error(fmt::format("'{}' has no dataset '{}'", file, dataset));
  const h5::Space space(H5Dget_space(data.get()));
  const auto dimensions =
      static_cast<std::size_t>(std::max(H5Sget_simple_extent_ndims(space.get()), 0));
  std::vector<hsize_t> shape(dimensions);
  if (dimensions > 0) H5Sget_simple_extent_dims(space.get(), shape.data(), nullptr);
  Out out;
  hsize_t count = 1;
  for (const hsize_t size : shape) {
    out.shape.push_back(static_cast<std::int64_t>(size));
    if (size != 0 && count > most_numbers / size) {
      throw Error(fmt::format("'{}' of '{}' has more than 2^31 numbers", dataset, file));
    }
    count *= size;
  }
  out.values.resize(static_cast<std::size_t>(count));
  if (H5Dread(data.get(), type, H5S_ALL, H5S_ALL, H5P_DEFAULT, out.values.data()) < 0) {
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
