// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <hdf5.h>

#include <concepts>
#include <string>

#include "base/handle.hpp"

/// HDF5's identifiers as owned handles, and its error stack as exceptions.
namespace driftwood::io::h5 {

/// For `UniqueHandle`: an identifier that `Close` closes.
template <herr_t (*Close)(hid_t)>
struct Traits {
  using type = hid_t;
  static hid_t null() noexcept { return H5I_INVALID_HID; }
  static void release(hid_t id) noexcept { Close(id); }
};
using File = UniqueHandle<Traits<H5Fclose>>;
using DataSet = UniqueHandle<Traits<H5Dclose>>;
using Object = UniqueHandle<Traits<H5Oclose>>;
using Space = UniqueHandle<Traits<H5Sclose>>;
using Type = UniqueHandle<Traits<H5Tclose>>;
using Attribute = UniqueHandle<Traits<H5Aclose>>;
using Properties = UniqueHandle<Traits<H5Pclose>>;

/// Keeps HDF5 from printing its error stack, while it lives.
class Quiet {
 public:
  Quiet();
  Quiet(const Quiet&) = delete;
  Quiet& operator=(const Quiet&) = delete;
  ~Quiet();

 private:
  H5E_auto2_t print_ = nullptr;
  void* where_ = nullptr;
};

/// Throws `IoError` "cannot write 'FILE' (the innermost message of HDF5's error stack)".
[[noreturn]] void fail(const std::string& file);

/// Returns the status or identifier that an HDF5 call returned, or fails when it is negative.
template <std::signed_integral Status>
Status check(Status status, const std::string& file) {
  if (status < 0) fail(file);
  return status;
}

/// A fixed-length, null-padded UTF-8 string of `size` bytes: parallel HDF5 1.10 cannot write
/// variable-length ones. Or, with H5T_VARIABLE, a string for attributes.
[[nodiscard]] Type string_type(std::size_t size, const std::string& file);

/// The text of a dataset with one string of fixed length.
[[nodiscard]] std::string read_text(const DataSet& data, const std::string& file);

}  // namespace driftwood::io::h5
