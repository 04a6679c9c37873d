// SPDX-License-Identifier: BSD-3-Clause
/// pose_verify: proves anew what pose_search claims, by other means. Needs no MPI.
#include <CLI/CLI.hpp>
#include <cstdint>
#include <cstdio>
#include <exception>
#include <string>

#include "base/error.hpp"
#include "pose/verify/read.hpp"
#include "pose/verify/verify.hpp"
#include "run/build_info.hpp"
#include "run/clock.hpp"

namespace driftwood::pose_verify {
namespace {

constexpr int proven = 0;
constexpr int not_proven = 1;
constexpr int unreadable = 2;

/// Between two words on what is under way [s].
constexpr double between_words = 10;

void say(bool quiet, const std::string& line) {
  if (!quiet) std::printf("%s\n", line.c_str());
}

int verify_file(const std::string& file, bool quiet) {
  const std::vector<pose::Claim> claims = pose::read_claims(file);
  std::size_t held = 0;
  double next_word = run::monotonic_seconds() + between_words;
  for (const pose::Claim& claim : claims) {
    const pose::Certificate& c = claim.certificate;
    const pose::Verdict verdict = pose::verify(c, [&](std::int64_t leaves) {
      if (quiet || run::monotonic_seconds() < next_word) return;
      next_word = run::monotonic_seconds() + between_words;
      std::fprintf(stderr, "%s: %lld of %lld boxes\n", claim.name.c_str(),
                   static_cast<long long>(leaves), static_cast<long long>(c.leaves.size()));
    });
    const std::string why = verdict.is_proven ? pose::check_status(claim.status, c) : verdict.why;
    if (!why.empty()) {
      say(quiet, claim.name + ": NOT PROVEN: " + why);
      continue;
    }
    ++held;
    say(quiet, claim.name + ": proven: " + std::to_string(c.consensus) + " inliers of " +
                   std::to_string(c.correspondences.size()) + ", and no pose has more than " +
                   std::to_string(c.upper_bound) + " (" + std::to_string(verdict.leaves) +
                   " boxes, " + std::to_string(verdict.nested) +
                   " of them searched over camera centres)");
  }
  say(quiet, std::to_string(held) + " of " + std::to_string(claims.size()) + " proven");
  return held == claims.size() ? proven : not_proven;
}

}  // namespace
}  // namespace driftwood::pose_verify

int main(int argc, char** argv) {
  using namespace driftwood;
  CLI::App app(
      "Proves anew that no pose has more inliers than a result file of pose_search says: counts "
      "those of the pose, checks that the boxes of the certificate hold all rotations, and bounds "
      "each of them in double precision, by other code than the search. Exit code 0: proven, for "
      "every problem of the file; 1: not proven; 2: the file cannot be read.",
      "pose_verify");
  std::string file;
  bool quiet = false;
  app.add_option("FILE", file, "result file of pose_search")->required();
  app.add_flag("--quiet", quiet, "say nothing, exit with the verdict");
  app.set_version_flag("--version", "pose_verify " + run::build_info().version);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : pose_verify::unreadable;
  }
  try {
    return pose_verify::verify_file(file, quiet);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "error: %s\n", error.what());
    return pose_verify::unreadable;
  }
}
