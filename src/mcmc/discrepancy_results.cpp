// SPDX-License-Identifier: BSD-3-Clause
#include "mcmc/discrepancy_results.hpp"

#include <fmt/format.h>

#include <cmath>

#include "io/layout.hpp"

namespace driftwood::mcmc {
namespace {

namespace at = io::layout::diagnostics;

const char* word_for(Verdict verdict) {
  switch (verdict) {
    case Verdict::indistinguishable:
      return "indistinguishable";
    case Verdict::unclear:
      return "unclear: the floor varies as much";
    case Verdict::apart:
      return "apart";
    case Verdict::unknown:
      return "cannot be said";
  }
  return "";
}

std::string line(const std::string& name, double value, double spread, double floor,
                 Verdict verdict) {
  const std::string ratio = floor > 0 ? fmt::format("{:.2f}", value / floor) : "-";
  return fmt::format("{:<10}  {:>10} {:>9} {:>10} {:>6}  {}\n", name, fmt::format("{:.4g}", value),
                     std::isnan(spread) ? "" : fmt::format("{:.1g}", spread),
                     fmt::format("{:.4g}", floor), ratio, word_for(verdict));
}

}  // namespace

void write(io::ResultFile& file, const DiscrepancyFindings& found) {
  const auto number = [&](std::string_view name, const auto& value, const std::string& what) {
    file.write(name, {{}, "1", what, std::span(&value, 1)});
  };
  if (found.ksd) {
    number(at::ksd, found.ksd->value, "kernel Stein discrepancy of the last states");
    number(at::ksd_floor, found.ksd->floor, "the same of as many independent draws");
    number(at::ksd_floor_spread, found.ksd->floor_sd,
           "standard deviation of that of independent draws");
    number(at::ksd_unbiased_square, found.ksd->unbiased_square,
           "its square, without pairs of equal points: unbiased, may be negative");
    number(at::ksd_points, found.ksd->points, "states that it is of");
  }
  if (!found.w2) return;
  std::vector<std::string> kinds;
  for (const auto& one : found.w2->kinds) kinds.push_back(one.kind);
  file.coordinate(at::w2_kind, {{}, "1", "kind of the distance", std::span(kinds)});
  const auto put = [&](std::string_view name, double W2Findings::Distance::*member,
                       const std::string& what) {
    std::vector<double> values;
    for (const auto& one : found.w2->kinds) values.push_back(one.*member);
    file.write(name, {{std::string(at::w2_kind)}, "1", what, std::span(values)});
  };
  using D = W2Findings::Distance;
  put(at::w2, &D::value, "W2 of the last states from draws of the reference");
  put(at::w2_spread, &D::value_sd, "its standard deviation over sets of the reference");
  put(at::w2_floor, &D::floor, "W2 of two sets of the reference");
  put(at::w2_floor_spread, &D::floor_sd, "its standard deviation over pairs of sets");
  const std::vector<std::string> of_names{std::string(io::layout::summary::name)};
  file.write(at::w2_marginal, {of_names, "1", "W2 of each parameter alone",
                               std::span<const double>(found.w2->marginal)});
  file.write(at::w2_marginal_floor, {of_names, "1", "the same of two sets of the reference",
                                     std::span<const double>(found.w2->marginal_floor)});
  number(at::w2_points, found.w2->points, "points of each set");
  number(at::w2_repeats, found.w2->repeats, "sets of the reference");
}

std::vector<std::string> concerns(const DiscrepancyFindings& found) {
  std::vector<std::string> out;
  if (found.ksd &&
      judged(found.ksd->value, found.ksd->floor, found.ksd->floor_sd) == Verdict::apart) {
    out.push_back(
        fmt::format("the last states are not as draws from the target: their KSD is "
                    "{:.2f} times that of independent ones; they are biased, or chains "
                    "have not mixed",
                    found.ksd->value / found.ksd->floor));
  }
  if (!found.w2) return out;
  for (const auto& one : found.w2->kinds) {
    if (judged(one.value, one.floor, one.floor_sd) != Verdict::apart) continue;
    out.push_back(
        fmt::format("the last states are not as draws of the reference: W2 ({}) is {:.2f} "
                    "times the distance of two sets of these",
                    one.kind, one.value / one.floor));
    break;
  }
  return out;
}

std::string table_text(const std::vector<std::string>& names, const DiscrepancyFindings& found) {
  if (!found.ksd && !found.w2) return {};
  std::string text =
      fmt::format("{:<10}  {:>10} {:>9} {:>10} {:>6}\n", "", "distance", "+-", "floor", "ratio");
  if (found.ksd) {
    const KsdFindings& ksd = *found.ksd;
    text +=
        line("KSD", ksd.value, std::nan(""), ksd.floor, judged(ksd.value, ksd.floor, ksd.floor_sd));
  }
  if (found.w2) {
    for (const auto& one : found.w2->kinds) {
      text += line("W2 " + one.kind, one.value, one.value_sd, one.floor,
                   judged(one.value, one.floor, one.floor_sd));
    }
    std::size_t worst = 0;
    const auto ratio = [&](std::size_t i) {
      return found.w2->marginal[i] / found.w2->marginal_floor[i];
    };
    for (std::size_t i = 1; i < names.size(); ++i) {
      if (ratio(i) > ratio(worst)) worst = i;
    }
    text += fmt::format("of single parameters '{}' is furthest away, {:.2f} times its floor\n",
                        names[worst], ratio(worst));
  }
  text +=
      "\nfloors are of independent draws: what is below 1.5 of them is indistinguishable from "
      "the target by so many points, not equal to it";
  text += found.ksd ? "; KSD hardly sees the weights of separate modes\n" : "\n";
  for (const std::string& concern : concerns(found)) text += "\n! " + concern + "\n";
  return text;
}

}  // namespace driftwood::mcmc
