// SPDX-License-Identifier: BSD-3-Clause
// How evenly a search of many ranks is balanced.
//
//   bnb_scaling [levels] [microseconds of a node] [microseconds of a message] ...
//
// simulates 1 to 10^4 ranks on a generated tree: each has its own `bnb::Search` and asks for work
// by `bnb::Thief`; what is modelled is time alone, in which nodes are evaluated, messages travel
// and ranks look for them. By mpirun on several ranks it searches the same tree by
// `bnb::TeamSearch`, where evaluating is sleeping, so that there may be more ranks than cores: what
// it prints then is to be compared with the simulation.
#include <fmt/core.h>
#include <mpi.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <cstdlib>
#include <queue>
#include <span>
#include <thread>
#include <vector>

#include "bnb/team_search.hpp"
#include "bnb_tree.hpp"

namespace {
using namespace driftwood;
using benchmarks::BnbTree;
using Search = bnb::Search<BnbTree>;
using Node = BnbTree::Node;

constexpr bnb::SearchOptions options{.batch = 8};
constexpr std::uint64_t seed = 1;

struct Times {
  double node = 50e-6;    ///< to evaluate one [s]
  double message = 5e-6;  ///< from one rank to another
};
/// Between two looks of a rank without work; and what a rank searches at least between two [s].
constexpr double pause = 100e-6;
constexpr double slice = 200e-6;
/// That a network carries in a second, to one rank.
constexpr double bytes_per_second = 10e9;

struct Outcome {
  std::int64_t nodes = 0;
  double seconds = 0;
  double efficiency = 0;  ///< part of all ranks' time in which nodes are evaluated
  double imbalance = 0;   ///< most nodes of a rank, of the mean
  std::int64_t gifts = 0;
  std::int64_t questions = 0;
};

class Simulation {
 public:
  Simulation(BnbTree& tree, int ranks, const Times& times) : tree_(&tree), times_(times) {
    ranks_.reserve(static_cast<std::size_t>(ranks));
    for (int r = 0; r < ranks; ++r) ranks_.emplace_back(tree, r, ranks);
    for (Rank& rank : ranks_) rank.search.offer({0, 0});
  }

  Outcome run() {
    const double began = deal();
    for (int r = 0; r < size(); ++r) events_.push({began, next_++, r, Kind::look, {}});
    double end = 0;
    while (!events_.empty()) {
      const Event event = events_.top();
      events_.pop();
      if (event.kind == Kind::arrival) {
        arrive(event);
      } else {
        end = std::max(end, look(event.rank, event.time));
      }
    }
    return result(end + 2 * times_.message * std::ceil(std::log2(size())) * 2 + 2 * pause);
  }

 private:
  enum class Kind { arrival, look };
  struct Letter {
    int from = 0;
    bool is_question = false;
    bool is_lifeline = false;
    std::vector<Node> nodes;
  };
  struct Rank {
    Rank(BnbTree& tree, int rank, int size) : search(tree, options), thief(rank, size, seed) {}
    Search search;
    bnb::Thief thief;
    std::vector<int> waiting;
    std::vector<Letter> letters;
    bool is_asleep = false;  ///< until a letter comes
  };
  struct Event {
    double time = 0;
    std::uint64_t order = 0;
    int rank = 0;
    Kind kind = Kind::look;
    Letter letter;
    bool operator<(const Event& other) const {
      return time > other.time || (time == other.time && order > other.order);
    }
  };

  [[nodiscard]] int size() const { return static_cast<int>(ranks_.size()); }
  Rank& at(int rank) { return ranks_[static_cast<std::size_t>(rank)]; }

  /// As `bnb::Start` does. When ranks may begin.
  double deal() {
    Rank& first = ranks_.front();
    std::vector<Node> level = tree_->roots();
    double time = 0;
    for (int depth = 0;; ++depth) {
      const auto count = static_cast<double>(level.size());
      time += times_.node * std::ceil(count / size());
      time += times_.message * 3 * std::ceil(std::log2(size()));
      time += count * sizeof(Node) / bytes_per_second;
      tree_->evaluate(level, first.search.enough());
      dealt_ += static_cast<std::int64_t>(level.size());
      std::erase_if(level, [&](const Node& node) { return node.bound <= 0; });
      if (level.size() >= bnb::TeamOptions{}.start_nodes * ranks_.size() || depth == 24) break;
      const std::vector<Node> parents = std::exchange(level, {});
      for (const Node& node : parents) tree_->children(node, level);
    }
    for (Node& node : level) {
      at(bnb::owner_of(node.key, size())).search.put(std::span<Node>(&node, 1));
    }
    return time;
  }

  void post(double time, int to, Letter letter) {
    const double bytes = static_cast<double>(letter.nodes.size() * sizeof(Node));
    const double then = time + times_.message + bytes / bytes_per_second;
    events_.push({then, next_++, to, Kind::arrival, std::move(letter)});
  }

  void arrive(const Event& event) {
    Rank& rank = at(event.rank);
    rank.letters.push_back(event.letter);
    if (!rank.is_asleep) return;
    rank.is_asleep = false;
    events_.push({event.time + pause / 2, next_++, event.rank, Kind::look, {}});
  }

  bool give(double time, int from, int to, bool is_lifeline) {
    auto nodes = at(from).search.split_off(bnb::most_given);
    if (nodes.empty()) return false;
    ++gifts_;
    post(time, to, {from, false, is_lifeline, std::move(nodes)});
    return true;
  }

  void read(double time, int me) {
    Rank& rank = at(me);
    for (Letter& letter : std::exchange(rank.letters, {})) {
      if (!letter.is_question) {
        rank.thief.answered(letter.from, letter.is_lifeline, !letter.nodes.empty());
        rank.search.put(letter.nodes);
      } else if (!give(time, me, letter.from, letter.is_lifeline)) {
        if (letter.is_lifeline) {
          rank.waiting.push_back(letter.from);
        } else {
          post(time, letter.from, {me, false, false, {}});
        }
      }
    }
  }

  /// What `bnb::TeamSearch::advance` does, from the end of one batch to that of the next. When it
  /// had work last.
  double look(int me, double time) {
    Rank& rank = at(me);
    while (!rank.waiting.empty() && give(time, me, rank.waiting.back(), true)) {
      rank.waiting.pop_back();
    }
    read(time, me);
    if (rank.search.is_complete()) {
      while (const auto asks = rank.thief.ask()) {
        ++questions_;
        post(time, asks->to, {me, true, asks->is_lifeline, {}});
      }
      rank.is_asleep = true;
      return time;
    }
    const std::int64_t before = rank.search.counts().evaluated;
    double took = 0;
    while (took < slice && rank.search.step()) {
      took = times_.node * static_cast<double>(rank.search.counts().evaluated - before);
    }
    events_.push({time + took, next_++, me, Kind::look, {}});
    return time + took;
  }

  [[nodiscard]] Outcome result(double end) const {
    Outcome out;
    out.nodes = dealt_;
    std::int64_t most = 0;
    for (const Rank& rank : ranks_) {
      out.nodes += rank.search.counts().evaluated;
      most = std::max(most, rank.search.counts().evaluated);
    }
    const auto nodes = static_cast<double>(out.nodes);
    out.seconds = end;
    out.efficiency = nodes * times_.node / (end * size());
    out.imbalance = (static_cast<double>(most) * size() + static_cast<double>(dealt_)) / nodes;
    out.gifts = gifts_;
    out.questions = questions_;
    return out;
  }

  BnbTree* tree_;
  Times times_;
  std::vector<Rank> ranks_;
  std::priority_queue<Event> events_;
  std::uint64_t next_ = 0;
  std::int64_t dealt_ = 0;  ///< nodes that are evaluated before ranks go their own ways
  std::int64_t gifts_ = 0;
  std::int64_t questions_ = 0;
};

void print_head() {
  fmt::print("{:>7} {:>12} {:>10} {:>10} {:>10} {:>9} {:>9}\n", "ranks", "nodes", "seconds",
             "efficiency", "imbalance", "gifts", "questions");
}

void print_row(int ranks, const Outcome& out) {
  fmt::print("{:>7} {:>12} {:>10.3f} {:>10.3f} {:>10.2f} {:>9} {:>9}\n", ranks, out.nodes,
             out.seconds, out.efficiency, out.imbalance, out.gifts, out.questions);
  std::fflush(stdout);
}

void simulate(int levels, const Times& times) {
  BnbTree tree(seed, levels);
  fmt::print("{} levels, {:.0f} us for a node, {:.0f} us for a message\n", levels, 1e6 * times.node,
             1e6 * times.message);
  print_head();
  for (const int ranks : {1, 2, 4, 8, 100, 1000, 10000}) {
    print_row(ranks, Simulation(tree, ranks, times).run());
  }
}

/// On the ranks that there are.
void measure(const comm::Communicator& comm, int levels, const Times& times) {
  using Clock = std::chrono::steady_clock;
  BnbTree tree(seed, levels);
  std::chrono::duration<double> evaluating{};
  tree.after_evaluating = [&](std::size_t nodes) {
    const auto began = Clock::now();
    std::this_thread::sleep_until(
        began + std::chrono::duration_cast<Clock::duration>(
                    std::chrono::duration<double>(times.node * static_cast<double>(nodes))));
    evaluating += Clock::now() - began;
  };
  bnb::TeamSearch search(tree, options, {.seed = seed});
  search.offer({0, 0});
  comm.barrier();
  const auto began = Clock::now();
  search.begin();
  while (search.advance()) {
  }
  search.finish();
  const std::chrono::duration<double> took = Clock::now() - began;

  const auto& share = search.share();
  std::array<std::int64_t, 3> sums{static_cast<std::int64_t>(1e6 * evaluating.count()), share.gifts,
                                   share.questions};
  comm.all_reduce_sum(std::span<std::int64_t>(sums));
  const auto most = comm.all_reduce_max(search.mine().counts().evaluated);
  const std::int64_t nodes = search.result().counts.evaluated;
  if (!comm.is_root()) return;
  fmt::print("measured, {:.1f} us for a node\n",
             static_cast<double>(sums[0]) / static_cast<double>(nodes));
  print_head();
  print_row(
      comm.size(),
      {nodes, took.count(), 1e-6 * static_cast<double>(sums[0]) / (took.count() * comm.size()),
       static_cast<double>(most) * comm.size() / static_cast<double>(nodes), sums[1], sums[2]});
}

void study(std::span<char*> arguments) {
  const int levels = arguments.size() > 1 ? std::atoi(arguments[1]) : 10;
  std::vector<Times> all;
  const double node = arguments.size() > 2 ? 1e-6 * std::atof(arguments[2]) : Times{}.node;
  for (std::size_t i = 3; i < arguments.size(); ++i) {
    all.push_back({node, 1e-6 * std::atof(arguments[i])});
  }
  if (all.empty()) all.push_back({node, Times{}.message});
  const auto comm = comm::Communicator::world();
  if (comm.size() > 1) return measure(comm, levels, all.front());
  for (const Times& times : all) simulate(levels, times);
}

}  // namespace

int main(int argc, char** argv) {
  MPI_Init(&argc, &argv);
  study({argv, static_cast<std::size_t>(argc)});
  MPI_Finalize();
  return 0;
}
