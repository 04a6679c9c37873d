// SPDX-License-Identifier: BSD-3-Clause
#include "natgrad/rkhs/options.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <optional>

#include "deck/schema.hpp"

namespace driftwood::natgrad {
namespace {

constexpr std::int64_t most_rows = 1'000'000;
constexpr std::int64_t most_features = 20'000;

void refuse_fractions(const deck::Source& deck, const std::string& key,
                      const std::vector<double>& values) {
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (values[i] == std::floor(values[i])) continue;
    throw deck.error(fmt::format("rkhs.{}[{}]", key, i),
                     fmt::format("{} is no whole number", values[i]), "it is a number of inputs");
  }
}

}  // namespace

void RkhsOptions::describe(deck::Schema& s) {
  s.key("decay", decay, deck::Range{.low = 1, .high = 20, .low_open = true},
        "s of the kernel operator's eigenvalues j^-s");
  s.key("source", source, deck::between(0.5, 10),
        "r of targets Sigma^r h: how smooth they are, measured by the kernel")
      .also(deck::non_empty)
      .also(deck::increasing);
  s.key("features", features, deck::between(2, most_features),
        "waves that functions are made of, J");
  s.key("noise", noise_sd, deck::non_negative, "standard deviation of the noise of labels");
  s.key("n", n, deck::between(2, most_rows), "rows that are learnt from")
      .also(deck::non_empty)
      .also(deck::increasing)
      .required();
  s.key("unlabelled", unlabelled, deck::between(1, 10 * most_rows),
        "inputs without labels that the preconditioner is estimated from, too; it is always run "
        "with the operator itself")
      .also(deck::increasing);
  s.key("designs", designs, deck::between(2, 1'000'000), "that are drawn for each n");
  s.key("steps", steps, deck::between(1, 1'000'000), "of each descent");
  s.key("step_size", step_size,
        deck::Range{.low = 0, .high = 2, .low_open = true, .high_open = true},
        "eta times the largest eigenvalue of what is descended");
  s.key("within", within, deck::Range{.low = 0, .high = 10, .low_open = true},
        "steps are counted until the mean risk is that much above its least, relatively");
  s.key("seed", seed, "of the designs");
  s.key("memory", memory, deck::positive,
        "that a rank may use for one design, and rank 0 for results of all [MiB]")
      .may_change();
}

void RkhsOptions::validate(const deck::Source& deck) const {
  refuse_fractions(deck, "n", n);
  refuse_fractions(deck, "unlabelled", unlabelled);
  check_designs(deck);
  const double bytes = static_cast<double>(numbers()) * static_cast<double>(designs) *
                       static_cast<double>(n.size()) * sizeof(double);
  constexpr double mebibyte = 0x1p20;
  // As bytes and as numbers.
  if (2 * bytes > memory * mebibyte) {
    throw deck.error("rkhs.memory",
                     fmt::format("results of all designs would take {:.5g} MiB, more than {:g}",
                                 2 * bytes / mebibyte, memory),
                     "every step of every descent is kept",
                     "take fewer steps or designs, or raise 'rkhs.memory'");
  }
}

double RkhsOptions::design_bytes() const {
  const auto waves = static_cast<double>(features);
  const double most = n.back();
  // Waves and inner products, and Sigma_hat where it is made.
  double numbers = most * (waves + static_cast<double>(source.size() * methods().size()));
  if (waves < 2 * most) numbers += waves * waves;
  // A factor for each source, the sums, and waves of 4096 inputs at once.
  if (!unlabelled.empty()) {
    const auto factors = static_cast<double>(source.size() * unlabelled.size());
    numbers += waves * (waves * (factors + 1) + std::min(unlabelled.back(), 4096.0));
  }
  return numbers * sizeof(double);
}

void RkhsOptions::check_designs(const deck::Source& deck) const {
  constexpr double mebibyte = 0x1p20;
  if (design_bytes() <= memory * mebibyte) return;
  throw deck.error("rkhs.memory",
                   fmt::format("a design of {:.0f} rows and {} features would take {:.5g} MiB on a "
                               "rank, more than {:g}",
                               n.back(), features, design_bytes() / mebibyte, memory),
                   "", "take smaller 'n' or fewer features, or raise 'rkhs.memory'");
}

std::vector<std::string> RkhsOptions::methods() const {
  std::vector<std::string> out{"gd", "pgd"};
  for (const double u : unlabelled) out.push_back(fmt::format("pgd:{:.0f}", u));
  return out;
}

double RkhsOptions::alpha(std::size_t r, std::size_t i) const {
  return std::pow(n[i], -decay / (2 * source[r] * decay + 1));
}

std::vector<DescentMethod> RkhsOptions::descents(std::size_t i) const {
  std::vector<DescentMethod> out;
  for (std::size_t r = 0; r < source.size(); ++r) {
    out.push_back({r, std::nullopt, 0});
    out.push_back({r, alpha(r, i), 0});
    for (const double u : unlabelled) out.push_back({r, alpha(r, i), static_cast<std::size_t>(u)});
  }
  return out;
}

std::size_t RkhsOptions::numbers() const {
  return source.size() * (2 + unlabelled.size()) * (static_cast<std::size_t>(steps) + 1);
}

}  // namespace driftwood::natgrad
