// SPDX-License-Identifier: BSD-3-Clause
#include "io/hdf5.hpp"

#include <algorithm>

#include "base/error.hpp"

namespace driftwood::io::h5 {
namespace {

herr_t take_first(unsigned, const H5E_error2_t* entry, void* text) {
  *static_cast<std::string*>(text) = entry->desc != nullptr ? entry->desc : "";
  return 1;  // ends the walk
}

}  // namespace

Quiet::Quiet() {
  H5Eget_auto2(H5E_DEFAULT, &print_, &where_);
  H5Eset_auto2(H5E_DEFAULT, nullptr, nullptr);
}

Quiet::~Quiet() { H5Eset_auto2(H5E_DEFAULT, print_, where_); }

void fail(const std::string& file) {
  std::string reason;
  H5Ewalk2(H5E_DEFAULT, H5E_WALK_UPWARD, take_first, &reason);
  throw IoError("cannot write '" + file + "'", reason.empty() ? "HDF5 gives no reason" : reason);
}

Type string_type(std::size_t size, const std::string& file) {
  Type type(check(H5Tcopy(H5T_C_S1), file));
  check(H5Tset_size(type.get(), size), file);
  check(H5Tset_cset(type.get(), H5T_CSET_UTF8), file);
  if (size != H5T_VARIABLE) check(H5Tset_strpad(type.get(), H5T_STR_NULLPAD), file);
  return type;
}

std::string read_text(const DataSet& data, const std::string& file) {
  const Type type(check(H5Dget_type(data.get()), file));
  std::string text(H5Tget_size(type.get()), '\0');
  check(H5Dread(data.get(), type.get(), H5S_ALL, H5S_ALL, H5P_DEFAULT, text.data()), file);
  text.resize(std::min(text.find('\0'), text.size()));
  return text;
}

}  // namespace driftwood::io::h5
