// SPDX-License-Identifier: BSD-3-Clause
#include "mcmc/tempering_results.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "io/layout.hpp"

namespace driftwood::mcmc {
namespace {

namespace layout = io::layout::tempering;

void count_dimension(io::ResultFile& file, std::string_view name, const std::string& what,
                     std::int64_t count) {
  std::vector<std::int64_t> numbers(static_cast<std::size_t>(count));
  std::iota(numbers.begin(), numbers.end(), 0);
  file.coordinate(name, {{}, "1", what, std::span<const std::int64_t>(numbers)});
}

void write_process(io::ResultFile& file, const Tempering::Process& process, std::int64_t rungs) {
  count_dimension(file, layout::ladder, "number of the ladder", process.ladders);
  count_dimension(file, layout::draw, "number of the stored draw", process.draws);
  count_dimension(file, layout::replica, "number of the replica", rungs);
  const io::Rows rows{0, process.rungs.empty() ? 0 : process.ladders};
  file.write_rows(
      layout::index,
      {{std::string(layout::ladder), std::string(layout::draw), std::string(layout::replica)},
       "1",
       "rung of the replica",
       std::span<const std::int64_t>(process.rungs)},
      {&rows, rows.count > 0 ? std::size_t{1} : std::size_t{0}});
}

/// Mean probability of a swap below which a pair of rungs is a bottleneck.
constexpr double least_swaps = 0.1;
/// Of a log evidence, above which it says nothing: a factor of e.
constexpr double worst_error = 1;

}  // namespace

void write(io::ResultFile& file, const TemperingFindings& found,
           const Tempering::Process& process) {
  const std::int64_t rungs = std::ssize(found.beta);
  count_dimension(file, layout::rung, "rung of the ladder, 0 the cold one", rungs);
  count_dimension(file, layout::pair, "pair of this rung and the next", rungs - 1);
  const auto of_rungs = [&](std::string_view name, const std::vector<double>& values,
                            const std::string& what) {
    file.write(name, {{std::string(layout::rung)}, "1", what, std::span<const double>(values)});
  };
  const auto number = [&](std::string_view name, const auto& value, const std::string& what) {
    file.write(name, {{}, "1", what, std::span(&value, 1)});
  };
  of_rungs(layout::beta, found.beta, "inverse temperature");
  of_rungs(layout::stretch, found.stretch, "lengths of steps, in units of the cold rung's");
  of_rungs(layout::acceptance, found.step_acceptance, "mean probability of acceptance of steps");
  of_rungs(layout::difference, found.difference,
           "mean potential of the target less that of the reference");
  file.write(layout::swap_acceptance, {{std::string(layout::pair)},
                                       "1",
                                       "mean probability of a swap",
                                       std::span<const double>(found.swap_acceptance)});
  number(layout::barrier, found.barrier, "sum of the mean rejections of swaps");
  number(layout::rounds, found.rounds, "rounds of swaps of each ladder");
  number(layout::round_trips, found.round_trips,
         "round trips of all replicas, cold to hot to cold");
  number(layout::log_evidence, found.stepping_stone.value,
         "logarithm of the integral of the target's density, by stepping stones");
  number(layout::log_evidence_error, found.stepping_stone.standard_error,
         "standard error of the log evidence");
  number(layout::thermodynamic, found.thermodynamic.value,
         "the same by thermodynamic integration, trapezoidal");
  number(layout::thermodynamic_error, found.thermodynamic.standard_error,
         "its standard error, without the error of the trapezoidal rule");
  if (process.ladders > 0) write_process(file, process, rungs);
}

std::string table_text(const TemperingFindings& found) {
  std::string text = fmt::format("{:>4}  {:>10} {:>10} {:>10} {:>10}\n", "rung", "beta", "accepted",
                                 "stretch", "swapped");
  for (std::size_t k = 0; k < found.beta.size(); ++k) {
    text += fmt::format(
        "{:>4}  {:>10.4g} {:>10.3f} {:>10.3g} {:>10}\n", k, found.beta[k], found.step_acceptance[k],
        found.stretch[k],
        k < found.swap_acceptance.size() ? fmt::format("{:.3f}", found.swap_acceptance[k]) : "");
  }
  text += fmt::format(
      "barrier {:.3g}; {} round trips in {} rounds of {} ladders, at best {:.0f}\n"
      "log evidence {:.6g}, standard error {:.2g} ({})\n",
      found.barrier, found.round_trips, found.rounds, found.ladders,
      static_cast<double>(found.rounds * found.ladders) / (2 + 2 * found.barrier),
      found.stepping_stone.value, found.stepping_stone.standard_error,
      found.thermodynamic.standard_error < worst_error
          ? fmt::format("by thermodynamic integration {:.6g}, {:.2g}", found.thermodynamic.value,
                        found.thermodynamic.standard_error)
          : std::string(
                "thermodynamic integration cannot tell: hot replicas reach places with next "
                "to no density"));
  const auto least = std::min_element(found.swap_acceptance.begin(), found.swap_acceptance.end());
  if (*least < least_swaps) {
    text += fmt::format(
        "\n! rungs {} and {} hardly swap: take about {:.0f} temperatures, or a longer warm-up\n",
        least - found.swap_acceptance.begin(), least - found.swap_acceptance.begin() + 1,
        std::max(std::ceil(2 * found.barrier), static_cast<double>(found.beta.size() + 1)));
  }
  if (found.round_trips == 0) {
    text += "\n! no replica has gone from the cold to the hot end and back: take more steps\n";
  }
  return text;
}

}  // namespace driftwood::mcmc
