// SPDX-License-Identifier: BSD-3-Clause
#include "mcmc/discrepancy_options.hpp"

#include <algorithm>
#include <filesystem>
#include <set>

#include "io/disk.hpp"
#include "mcmc/exact_draws.hpp"
#include "mcmc/reference_draws.hpp"
#include "stats/wasserstein.hpp"

namespace driftwood::mcmc {
namespace {

constexpr std::int64_t most_points = 65'536;
constexpr std::int64_t most_of_covariance = 1024;
constexpr std::int64_t fewest_points = 16;

const std::vector<std::string> kind_names = {"exact", "sliced", "sinkhorn", "normal"};

}  // namespace

void KsdOptions::describe(deck::Schema& s) {
  s.key("points", points, deck::between(fewest_points, most_points),
        "states at the most, the last ones of the judged chains; the time grows as their square");
  s.key("c", kernel.c, deck::positive,
        "of the kernel (c^2 + r^2)^beta, r the distance in standard deviations of the coordinates");
  s.key("beta", kernel.beta, deck::Range{.low = -1, .high = 0, .low_open = true, .high_open = true},
        "its power");
}

void W2Options::describe(deck::Schema& s) {
  s.key(
      "kinds", kinds, deck::length(1, std::ssize(kind_names)),
      "which distances: \"exact\" (by assignment; of one parameter by sorting), \"sliced\" (root "
      "mean square over directions), \"sinkhorn\" (entropic, debiased), \"normal\" (of normal laws "
      "with the same means and covariances)");
  s.key(
      "points", points, deck::between(fewest_points, most_points),
      "states at the most, the last ones of the judged chains, and as many of the reference; "
      "\"exact\" and \"sinkhorn\" take at most 4096, their time grows as the cube and the square");
  s.key("repeats", repeats, deck::between(1, 64),
        "independent sets of the reference that these are compared with, and each of these with "
        "another one: the floor");
  s.key("directions", directions, deck::between(1, most_points), "of \"sliced\"");
  s.key("epsilon", epsilon, deck::positive,
        "of \"sinkhorn\", over the median squared distance of the points");
  s.key("standardise", standardise,
        "divide each parameter by its standard deviation in the reference first");
  s.key("reference", reference, deck::non_empty,
        "a file of draws from the target: a result file of another run that stores draws, or the "
        "JSON file of draws of posteriordb; left out: exact draws, which gaussian, mixture, "
        "student_t, funnel and the two-dimensional rosenbrock have");
}

void W2Options::validate(const deck::Source& deck, const Target& target) {
  const std::string path = "diagnostics.w2";
  for (const std::string& kind : kinds) {
    if (std::find(kind_names.begin(), kind_names.end(), kind) == kind_names.end()) {
      throw deck.error(path + ".kinds", "there is no distance '" + kind + "'", "",
                       "take some of exact, sliced, sinkhorn, normal");
    }
  }
  if (std::set(kinds.begin(), kinds.end()).size() < kinds.size()) {
    throw deck.error(path + ".kinds", "a distance is named twice");
  }
  const auto wants = [&](const char* kind) {
    return std::find(kinds.begin(), kinds.end(), kind) != kinds.end();
  };
  const std::vector<Parameter> parameters = target.parameters();
  const auto numbers = static_cast<std::int64_t>(names_of(parameters).size());
  const bool is_quadratic = (wants("exact") && numbers > 1) || wants("sinkhorn");
  if (is_quadratic && points > stats::most_assigned_points) {
    throw deck.error(path + ".points",
                     "these are too many for the distances 'exact' and 'sinkhorn'",
                     "their memory grows as the square", "give at most 4096, or only 'sliced'");
  }
  if (wants("normal") && numbers > most_of_covariance) {
    throw deck.error(path + ".kinds", "the covariance of so many parameters is too large",
                     "'normal' takes at most " + std::to_string(most_of_covariance));
  }
  if (!reference) {
    if (exact_draws(target) != nullptr) return;
    throw deck.error(path, "there are no exact draws of this target to compare with", "",
                     "give 'reference', a file of draws, such as the results of a long run");
  }
  const std::filesystem::path file(*reference);
  const auto found =
      file.is_absolute() ? file : std::filesystem::path(io::disk::folder_of(deck.file())) / file;
  draws = read_reference_draws(found.string(), parameters);
  if (static_cast<std::int64_t>(draws.size()) / numbers < 2 * fewest_points) {
    throw deck.error(path + ".reference", "there are too few draws in it", "",
                     "give at least 32, better several thousand");
  }
}

}  // namespace driftwood::mcmc
