// SPDX-License-Identifier: BSD-3-Clause
#include "io/result_text.hpp"

#include "io/hdf5.hpp"
#include "io/layout.hpp"

namespace driftwood::io {

std::optional<std::string> result_text(const std::string& path, ResultText which) {
  const h5::Quiet quiet;
  const h5::File file(H5Fopen(path.c_str(), H5F_ACC_RDONLY, H5P_DEFAULT));
  if (!file) return std::nullopt;
  const std::string name(which == ResultText::driver ? layout::run::driver
                                                     : layout::run::effective_deck);
  if (H5Lexists(file.get(), "run", H5P_DEFAULT) <= 0 ||
      H5Lexists(file.get(), name.c_str(), H5P_DEFAULT) <= 0) {
    return std::nullopt;
  }
  const h5::DataSet data(H5Dopen2(file.get(), name.c_str(), H5P_DEFAULT));
  if (!data) return std::nullopt;
  return h5::read_text(data, path);
}

}  // namespace driftwood::io
