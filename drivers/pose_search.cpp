// SPDX-License-Identifier: BSD-3-Clause
/// pose_search: the camera pose that explains the most correspondences, with a proof that none
/// explains more, by distributed branch and bound.
#include <filesystem>

#include "io/output.hpp"
#include "pose/search/results.hpp"
#include "pose_search_deck.hpp"
#include "pose_search_study.hpp"
#include "run/checkpoints.hpp"
#include "run/main.hpp"
#include "run/progress.hpp"
#include "run/provenance.hpp"

namespace driftwood::pose_search {
namespace {

std::vector<pose::PoseProblem> problems_of(run::Context& context, const Deck& deck,
                                           const deck::Source& source) {
  const std::string folder = std::filesystem::path(source.file()).parent_path().string();
  auto problems = context.comm().agree(
      [&] { return pose::read_problems(deck.correspondences, folder.empty() ? "." : folder); });
  if (!context.comm().is_root()) return problems;
  for (const pose::PoseProblem& problem : problems) {
    for (const std::string& remark : pose::remarks(problem)) {
      context.log().warning(remark);
    }
    for (const std::string& fact : pose::facts(problem)) context.log().debug(fact);
  }
  return problems;
}

run::Outcome study(run::Context& context, Deck& deck, const deck::Source& source) {
  const comm::Communicator& comm = context.comm();
  const io::OutputLock lock(comm, context.output());
  run::Checkpoints checkpoints(context);
  if (checkpoints.has_results()) return run::Outcome::done;

  const std::vector<pose::PoseProblem> problems = problems_of(context, deck, source);
  Study found(comm, problems);
  found.resume(checkpoints.parts());
  {
    run::Progress progress(context, std::ssize(problems), "problems");
    for (std::int64_t p = found.done(); p < std::ssize(problems); p = found.done()) {
      if (!search(context, deck, found, checkpoints, progress)) return run::Outcome::stopped;
      progress.update(found.done());
    }
  }
  context.sample_memory();

  io::ResultFile file(comm, context.output(), deck.run.overwrite);
  pose::write(file, comm, problems, found.findings(), found.leaves());
  std::int64_t nodes = 0;
  for (const pose::Finding& f : found.findings()) nodes += f.effort.nodes;
  auto record = run::provenance(
      context, source, context.cost({{std::ssize(problems), "problems"}, {nodes, "boxes"}}));
  record.seed = deck.correspondences.seed;
  record.quantities = {{"problems", std::ssize(problems), "1", "cameras"},
                       {"boxes", nodes, "1", "boxes of rotations that were bounded"}};
  checkpoints.record(record.quantities);
  record.write(file);
  file.commit();
  checkpoints.finish();
  if (comm.is_root()) context.print(pose::table_text(problems, found.findings()));
  return run::Outcome::done;
}

std::string listing() {
  return "Correspondences ([correspondences] kind)\n\n"
         "  synthetic    drawn points, cameras and wrong matches: presets std, wide, posebench,\n"
         "               planar, structured, dup\n"
         "  bal          bundle adjustment in the large, text\n"
         "  bundler      bundle.out\n"
         "  colmap       a folder with cameras.txt, images.txt, points3D.txt\n"
         "  text         lines \"X Y Z fx fy fz\"\n"
         "  hdf5         datasets X, f or uv and K\n"
         "\nSearches ([search] mode)\n\n"
         "  certified    the most inliers, proven: boxes of rotations, bounded by cliques of\n"
         "               consistent pairs, and searched over camera centres where they are small\n"
         "  paper        most consistent pairs, then most inliers at that rotation: a surrogate\n"
         "  exhaustive   every box of a level: to check others by, for a dozen points\n";
}

const run::Program about = {
    .name = "pose_search",
    .summary = "globally optimal camera poses, with certificates",
    .description =
        "Of correspondences between points of the world and sight lines of a camera, of\n"
        "which most may be wrong, the pose that explains the most, and a proof that no\n"
        "pose explains more, which `pose_verify` checks by other means. Boxes of\n"
        "rotations are shared out among ranks; what is proven does not depend on how\n"
        "many there are.",
    .examples = {{"pose_search --list", "which inputs and searches are there?"},
                 {"mpirun -n 2 pose_search deck.toml", "run on two processes"},
                 {"pose_search deck.toml --set search.gap.relative=0.02",
                  "do not search for less than 2 % more inliers"},
                 {"pose_verify pose.h5", "prove the result again, by other means"},
                 {"postprocess/pose_search.py pose.h5", "plots and an HTML report"}},
    .list = listing,
};
}  // namespace
}  // namespace driftwood::pose_search

int main(int argc, char** argv) {
  using namespace driftwood::pose_search;
  return driftwood::run::main<Deck>(argc, argv, about, study);
}
