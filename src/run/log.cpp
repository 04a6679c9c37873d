// SPDX-License-Identifier: BSD-3-Clause
#include "run/log.hpp"

#include <fmt/format.h>
#include <spdlog/details/null_mutex.h>
#include <spdlog/logger.h>
#include <spdlog/sinks/base_sink.h>

#include <string>

#include "run/terminal.hpp"

namespace driftwood::run {
namespace {

/// Hands finished lines to a terminal, which may have a progress line to take care of.
class TerminalSink final : public spdlog::sinks::base_sink<spdlog::details::null_mutex> {
 public:
  explicit TerminalSink(Terminal& terminal) : terminal_(&terminal) {}

 private:
  void sink_it_(const spdlog::details::log_msg& message) override {
    spdlog::memory_buf_t text;
    formatter_->format(message, text);
    std::string_view line(text.data(), text.size());
    if (line.ends_with('\n')) line.remove_suffix(1);
    terminal_->print(line);
  }
  void flush_() override {}

  Terminal* terminal_;
};

spdlog::level::level_enum to_spdlog(LogLevel level) {
  switch (level) {
    case LogLevel::debug:
      return spdlog::level::debug;
    case LogLevel::info:
      return spdlog::level::info;
    case LogLevel::warning:
      return spdlog::level::warn;
    case LogLevel::error:
      break;
  }
  return spdlog::level::err;
}

}  // namespace

struct Log::Implementation {
  spdlog::logger logger;
};

Log::Log(Terminal& terminal, std::string_view program, LogLevel level, int rank)
    : implementation_(new Implementation{
          spdlog::logger(std::string(program), std::make_shared<TerminalSink>(terminal))}) {
  spdlog::logger& logger = implementation_->logger;
  const bool verbose = level == LogLevel::debug;
  logger.set_level(rank == 0 || verbose ? to_spdlog(level) : spdlog::level::off);
  logger.set_pattern(verbose ? fmt::format("%T.%e %n[{}]: %v", rank) : "%n: %v");
}

Log::~Log() = default;

void Log::debug(std::string_view message) { implementation_->logger.debug("{}", message); }
void Log::info(std::string_view message) { implementation_->logger.info("{}", message); }
void Log::warning(std::string_view message) {
  implementation_->logger.warn("warning: {}", message);
}
void Log::error(std::string_view message) { implementation_->logger.error("error: {}", message); }

}  // namespace driftwood::run
