// SPDX-License-Identifier: BSD-3-Clause
#include "pose_search_study.hpp"

#include <algorithm>
#include <array>
#include <limits>

#include "bnb/team_search.hpp"
#include "comm/gather.hpp"
#include "pose/estimate/climb.hpp"
#include "pose/estimate/refine.hpp"
#include "pose/estimate/seed.hpp"
#include "pose/search/certified.hpp"
#include "pose/verify/certificate.hpp"
#include "run/clock.hpp"

namespace driftwood::pose_search {
namespace {

using Problem = pose::CertifiedProblem;
using Search = bnb::TeamSearch<Problem>;

/// Between two looks at a search that nothing has changed in [s].
constexpr double look_period = 0.1;
/// Random moves of a first pose.
constexpr int climbs = 200;

/// The best pose that estimates alone find.
pose::Found first_pose(const pose::PoseProblem& problem, const pose::SearchOptions& options,
                       std::uint64_t seed) {
  const auto& all = problem.correspondences;
  const auto found = pose::seed_pose(all, seed, static_cast<int>(options.samples));
  const pose::Pose<double> start =
      found ? found->pose : pose::Pose<double>{{{{1, 0, 0}, {0, 1, 0}, {0, 0, 1}}}, {}};
  return pose::climbed(all, pose::improved(all, start), seed, climbs);
}

bnb::SearchOptions search_options(const pose::SearchOptions& of) {
  return {.gap = {static_cast<double>(of.gap.absolute), of.gap.relative.value_or(0)},
          .batch = static_cast<std::size_t>(of.batch),
          .frontier_most = static_cast<std::size_t>(of.frontier),
          .keeps_closed = true,
          .max_nodes = of.max_nodes.value_or(std::numeric_limits<std::int64_t>::max())};
}

/// Keeps a record of how a search goes, on rank 0.
class Trace {
 public:
  explicit Trace(double seconds_before) : before_(seconds_before) {}

  [[nodiscard]] double seconds() const { return before_ + run::monotonic_seconds() - began_; }

  void look(const Search& search) {
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
std::vector<pose::Leaf> leaves_of(Search& search) {
  std::vector<pose::Leaf> out;
  const auto add = [&](const Problem::Node& node) {
    out.push_back({node.key, node.bound, static_cast<std::int64_t>(node.rule)});
  };
  for (const auto& node : search.mine().closed()) add(node);
  for (const auto& node : search.mine().unresolved()) add(node);
  search.mine().frontier().for_each(add);
  return out;
}

void add_effort(const comm::Communicator& comm, const Search& search, const Problem& problem,
                pose::Effort& effort) {
  const auto& share = search.share();
  const auto& bounded = problem.statistics();
  std::array<std::int64_t, 6> sums{bounded.h_index, bounded.core, bounded.nested,
                                   bounded.cells,   share.gifts,  share.nodes_given};
  comm.all_reduce_sum(std::span<std::int64_t>(sums));
  effort.h_index = sums[0];
  effort.core = sums[1];
  effort.nested = sums[2];
  effort.cells = sums[3];
  effort.steals = sums[4];
  effort.moved = sums[5];
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

/// What is the same on all ranks once the best pose is.
void describe_pose(const pose::PoseProblem& problem, const pose::Found& best,
                   pose::Finding& finding) {
  const auto& all = problem.correspondences;
  const pose::Refined refined = pose::refined(
      all, best.pose, problem.focal > 0 ? pose::Noise::pixels : pose::Noise::bearings);
  finding.best = best;
  // The same inliers, whoever found them, are the same pose.
  const pose::Found smooth = pose::counted(refined.pose, all);
  const auto same = [&](const pose::Correspondence& c) {
    return pose::is_inlier(refined.pose, c) == pose::is_inlier(best.pose, c);
  };
  if (smooth.inliers == best.inliers && std::all_of(all.begin(), all.end(), same)) {
    finding.best = smooth;
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

}  // namespace

void Study::put(pose::Finding finding, std::vector<pose::Leaf> leaves) {
  leaves_.push_back({done(), std::move(leaves)});
  found_.push_back(std::move(finding));
  seconds_before_ = 0;
}

comm::Bytes Study::saved(const comm::Bytes& search) const {
  stats::ByteWriter out;
  // Findings are alike on all ranks: those of rank 0 do.
  out.put(static_cast<std::uint64_t>(comm_.is_root() ? found_.size() : 0));
  if (comm_.is_root()) {
    for (const pose::Finding& f : found_) save(f, out);
  }
  out.put(static_cast<std::uint64_t>(leaves_.size()));
  for (const pose::LeavesOfProblem& of : leaves_) {
    out.put(of.problem);
    out.put_vector(of.leaves);
  }
  out.put(seconds_before_);
  out.put_bytes(search);
  return out.take();
}

void Study::resume(const std::vector<comm::Bytes>& parts) {
  comm_.agree([&] {
    for (const comm::Bytes& part : parts) {
      stats::ByteReader in(part);
      for (auto n = in.get<std::uint64_t>(); n > 0; --n) found_.push_back(pose::read_finding(in));
      for (auto n = in.get<std::uint64_t>(); n > 0; --n) {
        pose::LeavesOfProblem of{in.get<std::int64_t>(), {}};
        of.leaves = in.get_vector<pose::Leaf>();
        leaves_.push_back(std::move(of));
      }
      seconds_before_ = std::max(seconds_before_, in.get<double>());
      const auto search = in.get_bytes();
      if (!search.empty()) begun_.emplace_back(search.begin(), search.end());
    }
  });
  // One rank has the findings.
  stats::ByteWriter out;
  for (const pose::Finding& f : found_) save(f, out);
  const comm::Bytes all = comm::gathered_by_all(comm_, out.take());
  found_.clear();
  stats::ByteReader in(all);
  while (!in.at_end()) found_.push_back(pose::read_finding(in));
  seconds_before_ = comm_.all_reduce_max(seconds_before_);
}

bool search(run::Context& context, const Deck& deck, Study& study, run::Checkpoints& checkpoints) {
  const comm::Communicator& comm = context.comm();
  const pose::PoseProblem& problem = study.problem();
  const auto& all = problem.correspondences;
  Trace trace(study.seconds_before());
  const pose::Found first =
      comm.agree([&] { return first_pose(problem, deck.search, deck.correspondences.seed); });
  pose::Finding finding;
  finding.effort.seed_seconds = trace.seconds() - study.seconds_before();
  const int block = deck.search.block_for(std::ssize(all), first.inliers);
  finding.effort.block = block;

  Problem boxes(all, block, deck.correspondences.seed, {.is_on = deck.search.nested});
  Search search(
      boxes, search_options(deck.search),
      {.termination = deck.search.termination == "mattern" ? bnb::Termination::four_counters
                                                           : bnb::Termination::ring,
       .seed = deck.correspondences.seed});
  search.offer({first.inliers, {first.pose, first.cost}});
  const std::vector<comm::Bytes> begun = study.take_begun();
  if (comm.all_reduce_max(static_cast<std::int64_t>(begun.size())) > 0) {
    search.resume(begun);
  } else {
    search.begin();
  }
  const auto state = [&] {
    study.note_seconds(trace.seconds());
    return study.saved(search.save());
  };
  while (search.advance()) {
    trace.look(search);
    if (deck.search.time_limit && trace.seconds() > deck.search.time_limit->seconds) search.stop();
    if (!checkpoints.pass(state)) return false;
  }
  if (!checkpoints.wait_for_others(state)) return false;
  search.finish();

  const auto& best = *search.incumbent();
  describe_pose(problem, {best.payload.pose, static_cast<int>(best.value), best.payload.cost},
                finding);
  finding.gap = search.mine().enough() - best.value;
  finding.upper_bound = search.result().upper_bound;
  const bool is_limited =
      search.ending() == bnb::Ending::stopped || search.ending() == bnb::Ending::node_limit;
  finding.status = finding.upper_bound <= best.value ? pose::Status::optimal
                   : is_limited                      ? pose::Status::limit
                                                     : pose::Status::gap;
  finding.order = boxes.order();
  add_effort(comm, search, boxes, finding.effort);
  finding.effort.seconds = comm.all_reduce_max(trace.seconds());
  trace.look(search);
  finding.trace = std::move(trace.looks());
  std::vector<pose::Leaf> leaves = leaves_of(search);
  certify(comm, problem, leaves, finding);
  study.put(std::move(finding), std::move(leaves));
  return true;
}

}  // namespace driftwood::pose_search
