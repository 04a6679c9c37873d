// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "comm/communicator.hpp"
#include "io/dataset.hpp"
#include "io/hdf5.hpp"

namespace driftwood::io {

/// Values as HDF5 takes them: numbers as they are, texts copied into equal lengths.
struct Encoded {
  h5::Type type;            ///< in memory and in the file
  std::size_t element = 0;  ///< bytes of one value
  const std::byte* data = nullptr;
  std::vector<std::byte> packed;  ///< what `data` points to, for texts
};

/// Collective: texts take the length of the longest on any rank. `file` is for the error text.
[[nodiscard]] Encoded encode(const Values& values, const comm::Communicator& comm,
                             const std::string& file);

/// The number of values.
[[nodiscard]] std::size_t size_of(const Values& values);

/// Sets an attribute of an object.
void set_attribute(hid_t object, const std::string& name, const Attribute& value,
                   const std::string& file);

}  // namespace driftwood::io
