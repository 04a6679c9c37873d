// SPDX-License-Identifier: BSD-3-Clause
#include "io/json.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>
#include <utility>

namespace driftwood::io {
namespace {

using Json = nlohmann::json;

std::string text_of(const std::string& file) {
  std::ifstream in(file, std::ios::binary);
  if (in) in.peek();  // a folder can be opened, but not read
  if (!in.is_open() || in.bad()) {
    throw UsageError("cannot read '" + file + "'", "", "give a file that exists and may be read");
  }
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

Json parsed(const std::string& file) {
  const std::string text = text_of(file);
  try {
    return Json::parse(text);
  } catch (const Json::parse_error& problem) {
    const std::size_t at = std::min(problem.byte > 0 ? problem.byte - 1 : 0, text.size());
    const auto end = text.begin() + static_cast<std::ptrdiff_t>(at);
    throw UsageError(
        fmt::format("{}:{}: this is not JSON", file, 1 + std::count(text.begin(), end, '\n')));
  } catch (const Json::exception&) {
    throw UsageError(file + ": a number is too large");
  }
}

/// Appends a list of so many numbers; false: it is none.
bool append(std::vector<double>& to, const Json& list, std::int64_t count) {
  if (!list.is_array() || static_cast<std::int64_t>(list.size()) != count) return false;
  for (const Json& entry : list) {
    if (!entry.is_number()) return false;
    to.push_back(entry.get<double>());
  }
  return true;
}

}  // namespace

struct JsonObject::Content {
  Json json;

  [[nodiscard]] const Json& at(const JsonObject& object, const std::string& field) const {
    const auto found = json.find(field);
    if (found == json.end()) throw object.error(field, "is missing");
    return *found;
  }
};

JsonObject::JsonObject(std::string file) : file_(std::move(file)) {
  content_ = std::make_shared<const Content>(Content{parsed(file_)});
  if (!content_->json.is_object()) {
    throw UsageError(file_ + ": this is no JSON object", "", "give fields: {\"name\": ...}");
  }
}

std::vector<JsonObject> JsonObject::list(const std::string& file) {
  const Json all = parsed(file);
  const auto is_object = [](const Json& entry) { return entry.is_object(); };
  if (!all.is_array() || all.empty() || !std::all_of(all.begin(), all.end(), is_object)) {
    throw UsageError(file + ": this is no list of JSON objects", "", "give [{\"name\": ...}, ...]");
  }
  std::vector<JsonObject> out;
  for (std::size_t i = 0; i < all.size(); ++i) {
    out.push_back(JsonObject(file, fmt::format("[{}].", i),
                             std::make_shared<const Content>(Content{all[i]})));
  }
  return out;
}

JsonObject::JsonObject(std::string file, std::string inside, std::shared_ptr<const Content> content)
    : file_(std::move(file)), inside_(std::move(inside)), content_(std::move(content)) {}

UsageError JsonObject::error(std::string_view field, std::string_view problem,
                             std::string_view why) const {
  return UsageError(fmt::format("{}: field '{}{}' {}", file_, inside_, field, problem), why);
}

std::vector<std::string> JsonObject::names() const {
  std::vector<std::string> out;
  for (const auto& item : content_->json.items()) out.push_back(item.key());
  return out;
}

double JsonObject::number(const std::string& field) const {
  const Json& found = content_->at(*this, field);
  if (!found.is_number()) throw error(field, "is not a number");
  return found.get<double>();
}

std::int64_t JsonObject::count(const std::string& field) const {
  const double found = number(field);
  if (!(found >= 1 && found <= 0x1p40 && found == std::floor(found))) {
    throw error(field, "is not a whole number from 1 on");
  }
  return static_cast<std::int64_t>(found);
}

std::vector<double> JsonObject::numbers(const std::string& field, std::int64_t count) const {
  std::vector<double> out;
  if (!append(out, content_->at(*this, field), count)) {
    throw error(field, fmt::format("is not a list of {} numbers", count));
  }
  return out;
}

std::vector<double> JsonObject::numbers(const std::string& field) const {
  const Json& found = content_->at(*this, field);
  std::vector<double> out;
  if (found.empty() || !append(out, found, static_cast<std::int64_t>(found.size()))) {
    throw error(field, "is not a list of numbers");
  }
  return out;
}

std::vector<double> JsonObject::matrix(const std::string& field, std::int64_t rows,
                                       std::int64_t columns) const {
  const Json& found = content_->at(*this, field);
  std::vector<double> out;
  const auto is_row = [&](const Json& row) { return append(out, row, columns); };
  if (!found.is_array() || static_cast<std::int64_t>(found.size()) != rows ||
      !std::all_of(found.begin(), found.end(), is_row)) {
    throw error(field, fmt::format("is not a list of {} lists of {} numbers", rows, columns));
  }
  return out;
}

JsonObject JsonObject::object(const std::string& field) const {
  const Json& found = content_->at(*this, field);
  if (!found.is_object()) throw error(field, "is no object");
  return {file_, inside_ + field + ".", std::make_shared<const Content>(Content{found})};
}

}  // namespace driftwood::io
