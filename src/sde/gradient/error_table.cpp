// SPDX-License-Identifier: BSD-3-Clause
#include "sde/gradient/error_table.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <span>
#include <utility>

#include "base/error.hpp"
#include "comm/gather.hpp"
#include "io/gradient_layout.hpp"
#include "sde/gradient/study.hpp"
#include "stats/bytes.hpp"
#include "stats/moments.hpp"

namespace driftwood::sde {
namespace {

constexpr double long_enough = 0.5;  ///< a solve that is not timed again [s]

double relative_difference(const std::vector<double>& a, const std::vector<double>& b) {
  double difference = 0;
  double size_of_a = 0;
  double size_of_b = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    difference += std::abs(a[i] - b[i]);
    size_of_a += std::abs(a[i]);
    size_of_b += std::abs(b[i]);
  }
  const double size = std::max(size_of_a, size_of_b);
  return size > 0 ? difference / size : 0;
}

/// Wall time of a call [s].
template <class Call>
double seconds_of(const Call& call) {
  const auto began = std::chrono::steady_clock::now();
  call();
  Kokkos::fence();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count();
}

}  // namespace

ErrorTable::ErrorTable(const ErrorTableOptions& options, ErrorTableSetup setup,
                       GradientFormulas formulas, const Model& model)
    : names_(options.case_names),
      cases_(options.cases()),
      steps_(options.steps()),
      setup_(std::move(setup)),
      formulas_(std::move(formulas)),
      model_(model) {}

std::int64_t ErrorTable::cells() const { return std::ssize(cases_) * std::ssize(steps_); }

void ErrorTable::require_gradients(const deck::Source& deck) const {
  for (std::size_t c = 0; c < cases_.size(); ++c) {
    const auto solver =
        solver_of(model_, cases_[c].scheme, setup_.precision, plan(cases_[c].mode, steps_.front()),
                  deck, fmt::format("table.cases[{}]", c));
    require_groups(deck, setup_.paths, *solver);
  }
}

GradientPlan ErrorTable::plan(GradientMode mode, std::int64_t steps) const {
  GradientPlan out;
  out.mode = mode;
  out.end = setup_.end;
  out.steps = steps;
  out.seed = setup_.seed;
  out.capacity = (setup_.paths + stats::block_paths - 1) / stats::block_paths * stats::block_paths;
  out.observed = {steps};
  out.formulas = formulas_.program;
  out.weights = {std::vector<double>(formulas_.names.size(), 1.0)};
  out.parameters = setup_.parameters;
  out.initial = setup_.initial;
  return out;
}

std::vector<double> ErrorTable::gradient(const GradientCase& of, std::int64_t steps,
                                         GradientError& found) const {
  const auto solver = model_.gradients(of.scheme, setup_.precision, plan(of.mode, steps));
  const PathRange paths{0, setup_.paths};
  found.seconds = seconds_of([&] { solver->run(paths); });
  if (found.seconds < long_enough) {
    found.seconds = std::min(found.seconds, seconds_of([&] { solver->run(paths); }));
  }
  found.rebuilt = solver->record().rebuilt;
  found.bytes = static_cast<double>(solver->record().bytes);

  const auto host = Kokkos::create_mirror_view_and_copy(Kokkos::HostSpace(), solver->samples());
  const std::int64_t samples = (setup_.paths + solver->group() - 1) / solver->group();
  const auto width = std::ssize(solver->derivatives());
  const std::int64_t by_parameters = width - std::ssize(setup_.initial);
  const auto first = std::ssize(formulas_.names);  // row of the derivatives
  std::vector<double> out(static_cast<std::size_t>(by_parameters));
  for (std::int64_t c = 0; c < samples; ++c) {
    if (host(first + width, c) != 1) {
      throw NumericsError(fmt::format("the gradient of a path by '{} {}' is not finite", of.scheme,
                                      to_string(of.mode)),
                          fmt::format("{} steps", steps), "use more steps");
    }
    for (std::int64_t j = 0; j < by_parameters; ++j) {
      out[static_cast<std::size_t>(j)] += host(first + j, c);
    }
    for (std::int64_t i = by_parameters; i < width; ++i) out.push_back(host(first + i, c));
  }
  return out;
}

void ErrorTable::measure(std::int64_t cell) {
  const GradientCase& of = cases_[static_cast<std::size_t>(cell / std::ssize(steps_))];
  const std::int64_t steps = steps_[static_cast<std::size_t>(cell % std::ssize(steps_))];
  GradientError ignored;
  GradientError found;
  // The reference has checkpoints where states are many: the same bits.
  const auto exact = gradient({of.scheme, GradientMode::checkpointed}, steps, ignored);
  found.error = relative_difference(gradient(of, steps, found), exact);
  found_.insert_or_assign(cell, found);
}

comm::Bytes ErrorTable::saved() const {
  stats::ByteWriter out;
  for (const auto& [cell, found] : found_) {
    out.put(cell);
    out.put(found);
  }
  return out.take();
}

void ErrorTable::absorb(const comm::Bytes& saved) {
  stats::ByteReader in(saved);
  while (!in.at_end()) {
    const auto cell = in.get<std::int64_t>();
    found_.insert_or_assign(cell, in.get<GradientError>());
  }
}

std::vector<comm::Share> ErrorTable::finished() const {
  std::vector<comm::Share> out;
  for (const auto& [cell, found] : found_) out.push_back({cell, cell + 1});
  return out;
}

void ErrorTable::merge(const comm::Communicator& comm) {
  absorb(comm::gathered_by_all(comm, saved()));
}

std::int64_t ErrorTable::path_steps() const {
  std::int64_t steps = 0;
  for (const std::int64_t n : steps_) steps += n;
  return 2 * steps * std::ssize(cases_) * setup_.paths;
}

std::string ErrorTable::table_text() const {
  std::string text = "errors of gradients against those of the stored solution\n\n";
  text += fmt::format("{:>10}", "steps");
  for (const std::string& name : names_) text += fmt::format("  {:>34}", name);
  for (std::size_t n = 0; n < steps_.size(); ++n) {
    text += fmt::format("\n{:>10}", steps_[n]);
    for (std::size_t c = 0; c < cases_.size(); ++c) {
      const auto cell = static_cast<std::int64_t>(c * steps_.size() + n);
      text += fmt::format("  {:>34.2e}", found_.at(cell).error);
    }
  }
  return text + "\n";
}

void ErrorTable::write(io::ResultFile& file) const {
  namespace names = io::layout::error_table;
  file.coordinate(names::mode, {{}, "1", "scheme and mode", std::span<const std::string>(names_)});
  file.coordinate(names::steps,
                  {{}, "1", "numbers of steps", std::span<const std::int64_t>(steps_)});
  const auto put = [&](std::string_view name, const std::string& units, const std::string& what,
                       double GradientError::*part) {
    std::vector<double> values;
    for (const auto& [cell, found] : found_) values.push_back(found.*part);
    file.write(name, {{std::string(names::mode), std::string(names::steps)},
                      units,
                      what,
                      std::span<const double>(values)});
  };
  put(names::error, "1", "relative error of the gradient", &GradientError::error);
  put(names::rebuilt, "1", "largest distance of a rebuilt state at time 0",
      &GradientError::rebuilt);
  put(names::seconds, "s", "wall time of a solve, forwards and back", &GradientError::seconds);
  put(names::bytes, "byte", "states that wait for the way back, of paths that are solved together",
      &GradientError::bytes);
}

}  // namespace driftwood::sde
