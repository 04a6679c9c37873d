// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <utility>

namespace driftwood {

/// Owns one C handle. `Traits` gives its `type`, its `null()` and a noexcept `release(type)`.
template <class Traits>
class [[nodiscard]] UniqueHandle {
 public:
  using type = typename Traits::type;

  UniqueHandle() = default;
  explicit UniqueHandle(type raw) noexcept : raw_(raw) {}
  UniqueHandle(const UniqueHandle&) = delete;
  UniqueHandle& operator=(const UniqueHandle&) = delete;
  UniqueHandle(UniqueHandle&& other) noexcept : raw_(std::exchange(other.raw_, Traits::null())) {}
  UniqueHandle& operator=(UniqueHandle&& other) noexcept {
    std::swap(raw_, other.raw_);
    return *this;
  }
  ~UniqueHandle() { reset(); }

  [[nodiscard]] type get() const noexcept { return raw_; }
  [[nodiscard]] explicit operator bool() const noexcept { return raw_ != Traits::null(); }

  /// Releases the handle now instead of at the end of its scope.
  void reset() noexcept {
    if (raw_ != Traits::null()) Traits::release(std::exchange(raw_, Traits::null()));
  }

 private:
  type raw_ = Traits::null();
};

}  // namespace driftwood
