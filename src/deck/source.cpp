// SPDX-License-Identifier: BSD-3-Clause
#include "deck/source.hpp"

#include <fmt/format.h>

#include <charconv>

#include "deck/text.hpp"
#include "deck/value.hpp"

namespace driftwood::deck {
namespace {

/// Takes the first part of "a.b[2].c" off: "a", then "b", then "[2]", then "c".
std::string_view next_part(std::string_view& path) {
  if (path.starts_with('.')) path.remove_prefix(1);
  const std::size_t end = path.find_first_of(".[", 1);
  const std::string_view part = path.substr(0, end);
  path.remove_prefix(part.size());
  return part;
}

const Value* entry(const Value& value, std::string_view part) {
  if (!part.starts_with('[')) return value.find(part);
  const auto* list = std::get_if<Value::List>(&value.data);
  std::size_t index = 0;
  const auto [end, error] = std::from_chars(part.data() + 1, part.data() + part.size(), index);
  const bool found = list != nullptr && error == std::errc{} && index < list->size();
  return found ? &(*list)[index] : nullptr;
}

/// What stands under the path, or the nearest table around it.
const Value& nearest(const Value& root, std::string_view key_path) {
  const Value* found = &root;
  while (!key_path.empty()) {
    const Value* inner = entry(*found, next_part(key_path));
    if (inner == nullptr) break;
    found = inner;
  }
  return *found;
}

}  // namespace

std::uint64_t content_hash(std::string_view text) noexcept {
  std::uint64_t hash = 0xcbf29ce484222325U;
  for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3U;
  return hash;
}

Source::Source(Text text, std::shared_ptr<const Value> root)
    : text_(std::move(text)), root_(std::move(root)) {}

UsageError Source::error(std::string_view key_path, std::string_view problem, std::string_view why,
                         std::string_view suggestion) const {
  return to_error(text_.file, {nearest(*root_, key_path).at, std::string(problem), std::string(why),
                               std::string(suggestion)});
}

UsageError Source::error_inside(std::string_view key_path, std::size_t offset,
                                std::string_view problem, std::string_view why,
                                std::string_view suggestion) const {
  const Value& value = nearest(*root_, key_path);
  const auto* written = std::get_if<std::string>(&value.data);
  if (written == nullptr || value.at.set == nullptr) {
    return to_error(text_.file, {position_inside(text_.content, value.at, offset),
                                 std::string(problem), std::string(why), std::string(suggestion)});
  }
  const std::size_t before = characters(std::string_view(*written).substr(0, offset));
  return to_error(text_.file, {value.at, fmt::format("{} at character {}", problem, before + 1),
                               std::string(why), std::string(suggestion)});
}

bool Source::gives(std::string_view key_path) const {
  const Value* value = root_.get();
  while (value != nullptr && !key_path.empty()) value = entry(*value, next_part(key_path));
  return value != nullptr;
}

}  // namespace driftwood::deck
