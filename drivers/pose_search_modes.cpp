// SPDX-License-Identifier: BSD-3-Clause
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <limits>
#include <numeric>

#include "bnb/team_search.hpp"
#include "pose/estimate/alternatives.hpp"
#include "pose/estimate/climb.hpp"
#include "pose/estimate/minimax.hpp"
#include "pose/estimate/refine.hpp"
#include "pose/estimate/seed.hpp"
#include "pose/search/certified.hpp"
#include "pose/search/exhaustive.hpp"
#include "pose/search/pair_problem.hpp"
#include "pose/search/pose_candidate.hpp"
#include "pose/search/surrogate.hpp"
#include "pose/verify/certificate.hpp"
#include "pose_search_study.hpp"
#include "run/clock.hpp"

namespace driftwood::pose_search {
namespace {

/// Between two looks at a search that nothing has changed in [s].
constexpr double look_period = 0.1;
/// Random moves of a first pose.
constexpr int climbs = 2000;
/// What another pose must explain, by what the best does, and how far it must be turned from it if
/// it explains the same, to be told of.
constexpr double second_share = 0.7;
constexpr double second_apart = 0.15;

/// The best pose that estimates alone find; any, where they are not to be tried.
pose::Found first_pose(const pose::PoseProblem& problem, const pose::SearchOptions& options,
                       std::uint64_t seed, bool tries) {
  const auto& all = problem.correspondences;
  const pose::Pose<double> any{{{{1, 0, 0}, {0, 1, 0}, {0, 0, 1}}}, {}};
  if (!tries) return pose::counted(any, all);
  const auto found = pose::seed_pose(all, seed, static_cast<int>(options.samples));
  return pose::climbed(all, pose::improved(all, found ? found->pose : any), seed, climbs);
}

/// Keeps a record of how a search goes, on rank 0.
class Trace {
 public:
  explicit Trace(double seconds_before) : before_(seconds_before) {}

  [[nodiscard]] double seconds() const { return before_ + run::monotonic_seconds() - began_; }

  template <class P>
  void look(const bnb::TeamSearch<P>& search) {
    const auto& now = search.progress();
    const double at = seconds();
    const bool is_new =
        looks_.empty() || now.reached != looks_.back().consensus ||
        (now.upper_bound != looks_.back().upper_bound && at >= looks_.back().seconds + 0.001);
    if (!is_new && at < looks_.back().seconds + period_) return;
    looks_.push_back({at, now.reached, now.upper_bound, now.evaluated,
                      static_cast<std::int64_t>(search.mine().frontier().size())});
    // Ever fewer, as a long search has nothing new to tell.
    if (!is_new) period_ *= 1.02;
  }

  [[nodiscard]] std::vector<pose::Look>& looks() { return looks_; }

 private:
  double before_;
  double began_ = run::monotonic_seconds();
  double period_ = look_period;
  std::vector<pose::Look> looks_;
};

/// All boxes of this rank, closed or not.
template <class P>
std::vector<pose::Leaf> leaves_of(bnb::TeamSearch<P>& search) {
  std::vector<pose::Leaf> out;
  const auto add = [&](const pose::BoxNode& node) {
    out.push_back({node.word, node.bound, static_cast<std::int64_t>(node.rule)});
  };
  for (const auto& node : search.mine().closed()) add(node);
  for (const auto& node : search.mine().unresolved()) add(node);
  search.mine().frontier().for_each(add);
  return out;
}

template <class P>
void add_effort(const comm::Communicator& comm, const bnb::TeamSearch<P>& search,
                pose::Effort& effort) {
  const auto& share = search.share();
  std::array<std::int64_t, 2> sums{share.gifts, share.nodes_given};
  comm.all_reduce_sum(std::span<std::int64_t>(sums));
  effort.steals = sums[0];
  effort.moved = sums[1];
  // Microseconds, as sums over ranks are of integers.
  std::array<std::int64_t, 2> time{static_cast<std::int64_t>(share.idle_seconds * 1e6),
                                   static_cast<std::int64_t>(share.seconds * 1e6)};
  comm.all_reduce_sum(std::span<std::int64_t>(time));
  effort.idle = time[1] > 0 ? static_cast<double>(time[0]) / static_cast<double>(time[1]) : 0;
  effort.nodes = search.result().counts.evaluated;
  effort.critical = search.result().critical;
  const auto most = comm.all_reduce_max(search.mine().counts().evaluated);
  effort.imbalance =
      effort.nodes > 0 ? static_cast<double>(most) * comm.size() / static_cast<double>(effort.nodes)
                       : 1;
}

void add_bounds(const comm::Communicator& comm, const pose::BoundCounts& bounded,
                pose::Effort& effort) {
  std::array<std::int64_t, 4> sums{bounded.h_index, bounded.core, bounded.nested, bounded.cells};
  comm.all_reduce_sum(std::span<std::int64_t>(sums));
  effort.h_index = sums[0];
  effort.core = sums[1];
  effort.nested = sums[2];
  effort.cells = sums[3];
}

pose::Noise noise_of(const pose::PoseProblem& problem) {
  return problem.focal > 0 ? pose::Noise::pixels : pose::Noise::bearings;
}

/// What is the same on all ranks once the best pose is.
void describe_pose(const pose::PoseProblem& problem, const pose::Found& best,
                   pose::Finding& finding) {
  const auto& all = problem.correspondences;
  const pose::Refined refined = pose::refined(all, best.pose, noise_of(problem));
  finding.best = best;
  // The same inliers, whoever found them, are the same pose: that of least squares, or if these
  // lose some, that of the least largest residual.
  const auto has_the_same = [&](const pose::Pose<double>& other) {
    return std::all_of(all.begin(), all.end(), [&](const pose::Correspondence& c) {
      return pose::is_inlier(other, c) == pose::is_inlier(best.pose, c);
    });
  };
  std::vector<int> members;
  for (std::size_t i = 0; i < all.size(); ++i) {
    if (pose::is_inlier(best.pose, all[i])) members.push_back(static_cast<int>(i));
  }
  if (has_the_same(refined.pose)) {
    finding.best = pose::counted(refined.pose, all);
  } else if (const auto tight = pose::minimax(all, members, best.pose, 0);
             tight && has_the_same(tight->pose)) {
    finding.best = pose::counted(tight->pose, all);
  }
  for (const pose::Correspondence& c : all) {
    finding.is_inlier.push_back(pose::is_inlier(finding.best.pose, c) ? 1 : 0);
  }
  finding.refined = refined.pose;
  finding.refined_inliers = refined.inliers;
  finding.refined_rms = refined.rms;
  finding.covariance.assign(refined.covariance.begin(), refined.covariance.end());
  finding.refined_converged = refined.converged;
}

/// The truth, or the pose of a file made the best one for its right matches.
std::optional<pose::Pose<double>> reference_of(const pose::PoseProblem& problem) {
  if (!problem.truth || !problem.is_estimate) return problem.truth;
  std::vector<pose::Correspondence> right;
  for (std::size_t i = 0; i < problem.is_right.size(); ++i) {
    if (problem.is_right[i] != 0) right.push_back(problem.correspondences[i]);
  }
  if (right.size() < 4) return problem.truth;
  const pose::Refined best = pose::refined(right, *problem.truth, noise_of(problem));
  return best.converged ? best.pose : *problem.truth;
}

void certify(const comm::Communicator& comm, const pose::PoseProblem& problem,
             const std::vector<pose::Leaf>& leaves, pose::Finding& finding) {
  pose::Certificate claim;
  claim.correspondences = problem.correspondences;
  claim.pose = finding.best.pose;
  claim.is_inlier = finding.is_inlier;
  claim.consensus = finding.best.inliers;
  claim.allowed = finding.best.inliers + finding.gap;
  claim.upper_bound = finding.upper_bound;
  claim.block = finding.effort.block;
  claim.order = finding.order;
  std::uint64_t sum = 0;
  for (const pose::Leaf& leaf : leaves) sum += hash_of(leaf);
  finding.checksum = checksum_of(claim, comm.all_reduce_sum(sum));
}

/// What the searches of all modes share: one problem's.
struct Ground {
  run::Context& context;
  const Deck& deck;
  Study& study;
  run::Checkpoints& checkpoints;
  run::Progress& progress;
  const pose::PoseProblem& problem;
  Trace trace;
  pose::Finding finding = {};

  [[nodiscard]] const comm::Communicator& comm() const { return context.comm(); }
  [[nodiscard]] std::span<const pose::Correspondence> all() const {
    return problem.correspondences;
  }
};

template <class P>
bnb::TeamSearch<P> team_search(const Ground& ground, P& problem) {
  const pose::SearchOptions& of = ground.deck.search;
  return bnb::TeamSearch<P>(
      problem,
      {.gap = {static_cast<double>(of.gap.absolute), of.gap.relative.value_or(0)},
       .batch = static_cast<std::size_t>(of.batch),
       .frontier_most = static_cast<std::size_t>(of.frontier),
       .keeps_closed = true,
       .max_nodes = of.max_nodes.value_or(std::numeric_limits<std::int64_t>::max())},
      {.termination =
           of.termination == "mattern" ? bnb::Termination::four_counters : bnb::Termination::ring,
       .seed = ground.deck.correspondences.seed});
}

/// To the search's end, or that of its time. False: the run is to stop. Collective.
template <class P>
bool run_search(Ground& ground, bnb::TeamSearch<P>& search) {
  const std::vector<comm::Bytes> begun = ground.study.take_begun();
  if (ground.comm().all_reduce_max(static_cast<std::int64_t>(begun.size())) > 0) {
    search.resume(begun);
  } else {
    search.begin();
  }
  const auto state = [&] {
    ground.study.note_seconds(ground.trace.seconds());
    return ground.study.saved(search.save());
  };
  const auto& limit = ground.deck.search.time_limit;
  while (search.advance()) {
    ground.trace.look(search);
    ground.progress.update(ground.study.done(), [&] {
      const auto& now = search.progress();
      return fmt::format("{}: {} found, at most {}, {} boxes", ground.problem.name, now.reached,
                         now.upper_bound, now.evaluated);
    });
    if (limit && ground.trace.seconds() > limit->seconds) search.stop();
    if (!ground.checkpoints.pass(state)) return false;
  }
  if (!ground.checkpoints.wait_for_others(state)) return false;
  search.finish();
  return true;
}

template <class P>
void put_finding(Ground& ground, const bnb::TeamSearch<P>& search, std::vector<pose::Leaf> leaves) {
  const comm::Communicator& comm = ground.comm();
  pose::Finding& finding = ground.finding;
  const auto others = pose::alternatives(ground.all(), finding.best, second_share, second_apart,
                                         ground.deck.correspondences.seed);
  if (!others.empty()) finding.second = others.front();
  finding.reference = reference_of(ground.problem);
  if (finding.order.empty()) {
    finding.order.resize(ground.all().size());
    std::iota(finding.order.begin(), finding.order.end(), 0);
  }
  add_effort(comm, search, finding.effort);
  finding.effort.seconds = comm.all_reduce_max(ground.trace.seconds());
  finding.trace = std::move(ground.trace.looks());
  certify(comm, ground.problem, leaves, finding);
  ground.study.put(std::move(finding), std::move(leaves));
}

/// A search that bounds inliers, from this pose on, and what it proves; `bounded()` tells what that
/// took. False: the run is to stop.
template <class P, class Bounded>
bool search_bounded(Ground& ground, P& boxes, const pose::Found& first, const Bounded& bounded) {
  auto search = team_search(ground, boxes);
  search.offer(candidate(first));
  if (!run_search(ground, search)) return false;
  ground.trace.look(search);
  pose::Finding& finding = ground.finding;
  const auto& best = *search.incumbent();
  describe_pose(ground.problem, found_of(best), finding);
  finding.gap = search.mine().enough() - best.value;
  finding.upper_bound = search.result().upper_bound;
  const bool was_limited =
      search.ending() == bnb::Ending::stopped || search.ending() == bnb::Ending::node_limit;
  finding.status = finding.upper_bound <= best.value ? pose::Status::optimal
                   : was_limited                     ? pose::Status::limit
                                                     : pose::Status::gap;
  add_bounds(ground.comm(), bounded(), finding.effort);
  put_finding(ground, search, leaves_of(search));
  return true;
}

bool search_certified(Ground& ground, const pose::Found& first) {
  const pose::SearchOptions& options = ground.deck.search;
  const int block = options.block_for(std::ssize(ground.all()), first.inliers);
  pose::CertifiedProblem boxes(ground.all(), block, ground.deck.correspondences.seed,
                               {.is_on = options.nested});
  if (const auto& limit = options.time_limit) {
    boxes.give_up_when([&] { return ground.trace.seconds() > limit->seconds; });
  }
  ground.finding.effort.block = block;
  ground.finding.order = boxes.order();
  return search_bounded(ground, boxes, first, [&] { return boxes.statistics(); });
}

bool search_exhaustive(Ground& ground, const pose::Found& first) {
  pose::ExhaustiveProblem boxes(ground.all(), static_cast<int>(ground.deck.search.level));
  ground.finding.effort.block = std::min<std::int64_t>(std::ssize(ground.all()), 256);
  return search_bounded(ground, boxes, first, [&] {
    return pose::BoundCounts{.nested = boxes.boxes(), .cells = boxes.cells()};
  });
}

bool search_surrogate(Ground& ground, const pose::Found& first) {
  const std::uint64_t seed = ground.deck.correspondences.seed;
  const auto pairs = pose::ring_of_pairs(ground.all(), ground.deck.search.pairs, seed);
  pose::PairProblem boxes(pairs);
  auto search = team_search(ground, boxes);
  if (!run_search(ground, search)) return false;
  pose::Found best = first;
  if (search.incumbent()) {
    const auto found = pose::pose_at(ground.all(), pose::rotation_of(search.incumbent()->payload));
    if (found && better(*found, best)) best = *found;
  }
  describe_pose(ground.problem, best, ground.finding);
  ground.finding.upper_bound = std::ssize(ground.all());
  ground.finding.status = pose::Status::surrogate;
  ground.finding.effort.block = 0;
  put_finding(ground, search, {});
  return true;
}

}  // namespace

bool search(run::Context& context, const Deck& deck, Study& study, run::Checkpoints& checkpoints,
            run::Progress& progress) {
  Ground ground{
      context, deck, study, checkpoints, progress, study.problem(), Trace(study.seconds_before())};
  const bool is_paper = deck.search.mode == "paper";
  const pose::Found first = context.comm().agree([&] {
    return first_pose(ground.problem, deck.search, deck.correspondences.seed, !is_paper);
  });
  ground.finding.effort.seed_seconds = ground.trace.seconds() - study.seconds_before();
  if (is_paper) return search_surrogate(ground, first);
  if (deck.search.mode == "exhaustive") return search_exhaustive(ground, first);
  return search_certified(ground, first);
}

}  // namespace driftwood::pose_search
