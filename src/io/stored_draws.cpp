// SPDX-License-Identifier: BSD-3-Clause
#include "io/stored_draws.hpp"

#include <fmt/format.h>

#include "base/error.hpp"
#include "io/disk.hpp"
#include "io/hdf5.hpp"
#include "io/layout.hpp"

namespace driftwood::io {
namespace {

constexpr std::int64_t most_values = std::int64_t{1} << 27;  // 1 GiB on every rank

}  // namespace

StoredDraws read_draws(const std::string& file, const std::string& name) {
  const h5::Quiet quiet;
  const h5::File opened(H5Fopen(file.c_str(), H5F_ACC_RDONLY, H5P_DEFAULT));
  if (!opened) {
    throw UsageError(fmt::format("'{}' is not a readable HDF5 file", file), "",
                     "give a result file of langevin_chains");
  }
  const std::string dataset = layout::DrawGroup(layout::draws::posterior).variable(name);
  const std::string what = fmt::format("'/{}' of '{}'", dataset, file);
  const h5::DataSet data(H5Dopen2(opened.get(), dataset.c_str(), H5P_DEFAULT));
  if (!data) {
    throw UsageError(fmt::format("there is no {}", what), "",
                     "its run has to store draws, by [chains] draws, of the same parameters");
  }
  const h5::Space space(H5Dget_space(data.get()));
  const int rank = H5Sget_simple_extent_ndims(space.get());
  if (rank != 2 && rank != 3) {
    throw UsageError(what + " is not of shape (chain, draw) or (chain, draw, number)");
  }
  hsize_t shape[3] = {0, 0, 1};
  H5Sget_simple_extent_dims(space.get(), shape, nullptr);
  StoredDraws out;
  out.draws = static_cast<std::int64_t>(shape[0] * shape[1]);
  out.numbers = static_cast<std::int64_t>(shape[2]);
  if (out.draws * out.numbers > most_values) {
    throw UsageError(fmt::format("{} has more than 2^27 numbers", what), "",
                     "store fewer draws, by [chains] draws");
  }
  out.values.resize(static_cast<std::size_t>(out.draws * out.numbers));
  if (H5Dread(data.get(), H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, out.values.data()) <
      0) {
    throw UsageError(what + " does not hold numbers");
  }
  return out;
}

}  // namespace driftwood::io
