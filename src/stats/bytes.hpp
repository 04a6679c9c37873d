// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <type_traits>
#include <utility>
#include <vector>

#include "base/error.hpp"

namespace driftwood::stats {

/// Appends plain values to a byte buffer, for messages between ranks and for checkpoints.
class ByteWriter {
 public:
  template <class T>
  requires std::is_trivially_copyable_v<T>
  void put(const T& value) { put_all(std::span<const T>(&value, 1)); }

  /// The elements only: the reader must know how many there are.
  template <class T>
  void put_all(std::span<const T> values) {
    const auto raw = std::as_bytes(values);
    bytes_.insert(bytes_.end(), raw.begin(), raw.end());
  }

  /// The number of elements, then the elements.
  template <class T>
  void put_vector(const std::vector<T>& values) {
    put(static_cast<std::uint64_t>(values.size()));
    put_all(std::span<const T>(values));
  }

  /// The length of some bytes, then these.
  void put_bytes(std::span<const std::byte> bytes) {
    put(static_cast<std::uint64_t>(bytes.size()));
    put_all(bytes);
  }

  [[nodiscard]] std::vector<std::byte> take() { return std::move(bytes_); }

 private:
  std::vector<std::byte> bytes_;
};

/// Reads back what a `ByteWriter` wrote; throws `Error` where the bytes end too soon.
class ByteReader {
 public:
  explicit ByteReader(std::span<const std::byte> bytes) : rest_(bytes) {}

  template <class T>
  requires std::is_trivially_copyable_v<T>
  [[nodiscard]] T get() {
    T value;
    std::memcpy(&value, next(1, sizeof(T)).data(), sizeof(T));
    return value;
  }

  template <class T>
  [[nodiscard]] std::vector<T> get_all(std::uint64_t count) {
    const auto raw = next(count, sizeof(T));
    std::vector<T> values(count);
    if (count > 0) std::memcpy(values.data(), raw.data(), raw.size());
    return values;
  }

  template <class T>
  [[nodiscard]] std::vector<T> get_vector() {
    return get_all<T>(get<std::uint64_t>());
  }

  /// What `put_bytes` wrote; valid as long as the bytes that are read.
  [[nodiscard]] std::span<const std::byte> get_bytes() { return next(get<std::uint64_t>(), 1); }

  [[nodiscard]] bool at_end() const { return rest_.empty(); }

 private:
  std::span<const std::byte> next(std::uint64_t count, std::size_t size) {
    if (count > rest_.size() / size) {
      throw Error("saved statistics end too soon", "they are truncated or of another layout");
    }
    const auto found = rest_.first(count * size);
    rest_ = rest_.subspan(count * size);
    return found;
  }

  std::span<const std::byte> rest_;
};

}  // namespace driftwood::stats
