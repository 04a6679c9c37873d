// SPDX-License-Identifier: BSD-3-Clause
#include "run/status.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <system_error>
#include <utility>

#include "run/text.hpp"

namespace driftwood::run {
namespace {

std::string host_name() {
  std::array<char, 256> name{};
  if (gethostname(name.data(), name.size() - 1) != 0) return "unknown";
  return name.data();
}

/// A number as JSON, which has no infinities.
std::string json_number(double value) {
  return std::isfinite(value) ? fmt::format("{:.6g}", value) : "null";
}

}  // namespace

double Advance::fraction() const {
  if (total <= 0) return 1;
  return std::min(static_cast<double>(done) / static_cast<double>(total), 1.0);
}

std::string_view to_text(State state) {
  switch (state) {
    case State::running:
      return "running";
    case State::done:
      return "done";
    case State::stopped:
      return "stopped";
    case State::failed:
      break;
  }
  return "failed";
}

Status::Status(std::string path, Facts facts, const Clock& clock)
    : path_(std::move(path)), facts_(std::move(facts)), clock_(&clock) {}

void Status::update(const Advance& advance) {
  advance_ = advance;
  claimed_ = true;
  const double now = clock_->elapsed();
  if (facts_.rank != 0 || now < next_) return;
  next_ = now + period;
  write(State::running, {});
}

void Status::finish(State state, std::string_view message) {
  std::error_code ignored;
  const bool contradicted = std::filesystem::exists(path_, ignored);
  if (claimed_ && (clock_->elapsed() >= first || contradicted)) write(state, message);
}

std::string Status::json(State state, std::string_view message) const {
  return fmt::format(
      R"({{
  "program": {},
  "state": {},
  "progress": {},
  "done": {},
  "total": {},
  "unit": {},
  "rate": {},
  "eta_seconds": {},
  "elapsed_seconds": {},
  "started": {},
  "updated": {},
  "ranks": {},
  "host": {},
  "pid": {},
  "output": {},
  "message": {}
}}
)",
      json_string(facts_.program), json_string(to_text(state)), json_number(advance_.fraction()),
      advance_.done, advance_.total, json_string(advance_.unit), json_number(advance_.rate),
      advance_.remaining ? json_number(*advance_.remaining) : "null",
      json_number(clock_->elapsed()), json_string(clock_->started()),
      json_string(iso_utc(std::chrono::system_clock::now())), facts_.ranks,
      json_string(host_name()), getpid(), json_string(facts_.output), json_string(message));
}

void Status::write(State state, std::string_view message) {
  const std::string temporary = fmt::format("{}.{}.tmp", path_, getpid());
  std::ofstream file(temporary, std::ios::trunc);
  file << json(state, message);
  file.close();
  std::error_code error;
  if (file) std::filesystem::rename(temporary, path_, error);
  if (!file || error) std::filesystem::remove(temporary, error);
}

}  // namespace driftwood::run
