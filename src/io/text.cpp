// SPDX-License-Identifier: BSD-3-Clause
#include "io/text.hpp"

#include <algorithm>

namespace driftwood::io {

std::string_view trimmed(std::string_view text) {
  text.remove_prefix(std::min(text.find_first_not_of(blanks), text.size()));
  return text.substr(0, text.find_last_not_of(blanks) + 1);
}

std::string shown(std::string_view text) {
  constexpr std::size_t most = 40;
  std::string out(text.substr(0, most));
  std::replace_if(
      out.begin(), out.end(), [](char c) { return static_cast<unsigned char>(c) < 0x20; }, '?');
  return "'" + out + (text.size() > most ? "...'" : "'");
}

}  // namespace driftwood::io
