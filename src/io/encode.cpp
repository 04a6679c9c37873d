// SPDX-License-Identifier: BSD-3-Clause
#include "io/encode.hpp"

#include <algorithm>
#include <type_traits>

namespace driftwood::io {
namespace {

template <class T>
hid_t native_type() {
  if constexpr (std::is_same_v<T, double>) return H5T_NATIVE_DOUBLE;
  if constexpr (std::is_same_v<T, std::int64_t>) return H5T_NATIVE_INT64;
  if constexpr (std::is_same_v<T, std::uint64_t>) return H5T_NATIVE_UINT64;
}

template <class T>
Encoded encode_values(std::span<const T> numbers, const comm::Communicator&,
                      const std::string& file) {
  h5::Type type(h5::check(H5Tcopy(native_type<T>()), file));
  return {std::move(type), sizeof(T), std::as_bytes(numbers).data(), {}};
}

Encoded encode_values(std::span<const std::string> texts, const comm::Communicator& comm,
                      const std::string& file) {
  std::uint64_t longest = 1;  // HDF5 has no strings of length 0
  for (const auto& text : texts) longest = std::max<std::uint64_t>(longest, text.size());
  longest = comm.all_reduce_max(longest);

  Encoded encoded{h5::string_type(longest, file), longest, nullptr, {}};
  encoded.packed.resize(texts.size() * longest);
  for (std::size_t i = 0; i < texts.size(); ++i) {
    std::ranges::copy(std::as_bytes(std::span(texts[i])),
                      encoded.packed.begin() + static_cast<std::ptrdiff_t>(i * longest));
  }
  encoded.data = encoded.packed.data();
  return encoded;
}

}  // namespace

Encoded encode(const Values& values, const comm::Communicator& comm, const std::string& file) {
  return std::visit([&](auto span) { return encode_values(span, comm, file); }, values);
}

std::size_t size_of(const Values& values) {
  return std::visit([](auto span) { return span.size(); }, values);
}

void set_attribute(hid_t object, const std::string& name, const Attribute& value,
                   const std::string& file) {
  const h5::Space scalar(h5::check(H5Screate(H5S_SCALAR), file));
  const auto set = [&](hid_t type, const void* data) {
    const h5::Attribute made(h5::check(
        H5Acreate2(object, name.c_str(), type, scalar.get(), H5P_DEFAULT, H5P_DEFAULT), file));
    h5::check(H5Awrite(made.get(), type, data), file);
  };
  if (const auto* text = std::get_if<std::string>(&value)) {
    const auto type = h5::string_type(H5T_VARIABLE, file);
    const char* data = text->c_str();
    set(type.get(), &data);
  } else if (const auto* real = std::get_if<double>(&value)) {
    set(H5T_NATIVE_DOUBLE, real);
  } else {
    set(H5T_NATIVE_INT64, &std::get<std::int64_t>(value));
  }
}

}  // namespace driftwood::io
