// SPDX-License-Identifier: BSD-3-Clause
#include "run/progress.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include "run/context.hpp"
#include "run/status.hpp"
#include "run/terminal.hpp"
#include "run/text.hpp"

namespace driftwood::run {

Progress::Progress(Context& context, std::int64_t total, std::string unit)
    : Progress(context.clock(), context.progress_sinks(), total, std::move(unit)) {}

Progress::Progress(const Clock& clock, Sinks sinks, std::int64_t total, std::string unit)
    : clock_(&clock),
      sinks_(std::move(sinks)),
      total_(total),
      unit_(std::move(unit)),
      start_(clock.elapsed()),
      next_line_(start_ + first_line) {
  if (sinks_.terminal != nullptr && sinks_.terminal->interactive()) {
    next_line_ = start_ + quiet_start;
  }
  if (sinks_.status != nullptr) sinks_.status->update(advance(0));
}

Progress::~Progress() {
  if (sinks_.terminal != nullptr) sinks_.terminal->clear();
}

void Progress::update(std::int64_t done, const std::optional<Estimate>& estimate) {
  update(done, [&] {
    return estimate ? fmt::format("{} = {}", estimate->name,
                                  estimate_text(estimate->value, estimate->standard_error))
                    : std::string();
  });
}

void Progress::update(std::int64_t done, const std::function<std::string()>& words) {
  done_ = done;
  const double now = clock_->elapsed();
  if (sinks_.tick) sinks_.tick();
  if (sinks_.status != nullptr) sinks_.status->update(advance(now - start_));
  if (sinks_.terminal != nullptr && now >= next_line_) show(now, words());
}

Advance Progress::advance(double spent) const {
  Advance result{.done = done_, .total = total_, .unit = unit_, .rate = 0, .remaining = {}};
  if (done_ <= 0 || spent <= 0) return result;
  result.rate = static_cast<double>(done_) / spent;
  result.remaining = static_cast<double>(std::max<std::int64_t>(total_ - done_, 0)) / result.rate;
  return result;
}

void Progress::show(double now, const std::string& words) {
  const std::string text = line(now - start_, words);
  if (sinks_.terminal->interactive()) {
    sinks_.terminal->redraw(text);
    next_line_ = now + redraw_period;
    return;
  }
  sinks_.terminal->print(text);
  next_line_ = now + std::clamp(now - start_, first_line, longest_gap);
}

std::string Progress::line(double spent, const std::string& words) const {
  const Advance state = advance(spent);
  std::string text = fmt::format("{:3.0f} %", std::floor(100 * state.fraction()));
  if (state.remaining) {
    text += fmt::format("  {} left  {} {}/s", duration_text(*state.remaining),
                        count_text(state.rate), unit_);
  }
  if (!words.empty()) text += "  " + words;
  return text + fmt::format("  {} of {} {}", count_text(static_cast<double>(done_)),
                            count_text(static_cast<double>(total_)), unit_);
}

}  // namespace driftwood::run
