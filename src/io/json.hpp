// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"

namespace driftwood::io {

/// An object of a JSON file: numbers, lists and objects under names. Whatever is missing or of
/// another kind is a `UsageError` that names file and field.
class JsonObject {
 public:
  /// The object that is the whole file.
  explicit JsonObject(std::string file);
  /// The objects of a file that is a list of some.
  [[nodiscard]] static std::vector<JsonObject> list(const std::string& file);

  [[nodiscard]] std::vector<std::string> names() const;

  [[nodiscard]] double number(const std::string& field) const;
  /// A number of things, 1 or more.
  [[nodiscard]] std::int64_t count(const std::string& field) const;
  [[nodiscard]] std::vector<double> numbers(const std::string& field, std::int64_t count) const;
  /// However many there are, at least one.
  [[nodiscard]] std::vector<double> numbers(const std::string& field) const;
  /// A matrix, by rows.
  [[nodiscard]] std::vector<double> matrix(const std::string& field, std::int64_t rows,
                                           std::int64_t columns) const;
  [[nodiscard]] JsonObject object(const std::string& field) const;

  /// The error "FILE: field 'FIELD' PROBLEM (WHY)".
  [[nodiscard]] UsageError error(std::string_view field, std::string_view problem,
                                 std::string_view why = {}) const;

 private:
  struct Content;

  JsonObject(std::string file, std::string inside, std::shared_ptr<const Content> content);

  std::string file_;
  std::string inside_;  ///< the names before those of the fields, with a dot after each
  std::shared_ptr<const Content> content_;
};

}  // namespace driftwood::io
