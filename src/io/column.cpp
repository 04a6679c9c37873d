// SPDX-License-Identifier: BSD-3-Clause
#include "io/column.hpp"

#include <fmt/format.h>

#include <cmath>
#include <filesystem>

#include "base/error.hpp"
#include "io/hdf5.hpp"

namespace driftwood::io {
namespace {

constexpr hsize_t most_rows = hsize_t{1} << 27;  // 1 GiB on every rank

std::vector<hsize_t> shape_of(const h5::Space& space) {
  const int rank = H5Sget_simple_extent_ndims(space.get());
  std::vector<hsize_t> shape(static_cast<std::size_t>(std::max(rank, 0)));
  if (rank > 0) H5Sget_simple_extent_dims(space.get(), shape.data(), nullptr);
  return shape;
}

/// Selects [:, at] of the dataset.
void select_column(const h5::Space& space, const deck::Column& column, const std::string& what) {
  const std::vector<hsize_t> shape = shape_of(space);
  if (shape.empty()) throw Error(what + " is a single value and no column");
  if (shape.size() != column.at.size() + 1) {
    throw Error(fmt::format("{} has shape ({}), and 'at' has {} entries, not {}", what,
                            fmt::join(shape, ", "), column.at.size(), shape.size() - 1));
  }
  if (shape[0] == 0) throw Error(what + " is empty");
  if (shape[0] > most_rows) throw Error(fmt::format("{} has more than 2^27 rows", what));
  std::vector<hsize_t> start(shape.size(), 0);
  std::vector<hsize_t> count(shape.size(), 1);
  count[0] = shape[0];
  for (std::size_t i = 0; i < column.at.size(); ++i) {
    const auto size = static_cast<std::int64_t>(shape[i + 1]);
    const std::int64_t index = column.at[i] < 0 ? column.at[i] + size : column.at[i];
    if (index < 0 || index >= size) {
      throw Error(fmt::format("{} has shape ({}), and {} is outside", what, fmt::join(shape, ", "),
                              column.at[i]));
    }
    start[i + 1] = static_cast<hsize_t>(index);
  }
  if (H5Sselect_hyperslab(space.get(), H5S_SELECT_SET, start.data(), nullptr, count.data(),
                          nullptr) < 0) {
    throw Error("cannot select rows of " + what);
  }
}

}  // namespace

std::vector<double> read_column(const deck::Column& column, const std::string& folder) {
  const std::filesystem::path path =
      (std::filesystem::path(folder) / column.file).lexically_normal();
  const h5::Quiet quiet;
  if (!std::filesystem::exists(path)) {
    throw Error(fmt::format("there is no file '{}'", path.string()));
  }
  const h5::File file(H5Fopen(path.c_str(), H5F_ACC_RDONLY, H5P_DEFAULT));
  if (!file) throw Error(fmt::format("'{}' is not a readable HDF5 file", path.string()));
  const std::string what = fmt::format("'{}' of '{}'", column.dataset, path.string());
  const h5::DataSet data(H5Dopen2(file.get(), column.dataset.c_str(), H5P_DEFAULT));
  if (!data) throw Error(fmt::format("'{}' has no dataset '{}'", path.string(), column.dataset));
  const h5::Space space(H5Dget_space(data.get()));
  select_column(space, column, what);
  std::vector<double> values(static_cast<std::size_t>(H5Sget_select_npoints(space.get())));
  const hsize_t size = values.size();
  const h5::Space memory(H5Screate_simple(1, &size, nullptr));
  if (H5Dread(data.get(), H5T_NATIVE_DOUBLE, memory.get(), space.get(), H5P_DEFAULT,
              values.data()) < 0) {
    throw Error(what + " does not hold numbers");
  }
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (!std::isfinite(values[i]))
      throw Error(fmt::format("entry {} of {} is not finite", i, what));
  }
  return values;
}

}  // namespace driftwood::io
