// SPDX-License-Identifier: BSD-3-Clause
#include "sde/first_passages.hpp"

#include <algorithm>

#include "io/layout.hpp"

namespace driftwood::sde {

FirstPassages::FirstPassages(const Events& events, double end, std::int64_t first_channel)
    : end_(end) {
  std::int64_t channel = first_channel;
  for (const auto& [name, event] : events) {
    events_.push_back({name, channel,
                       std::vector<std::int64_t>(static_cast<std::size_t>(event.bins) + 1),
                       event.bridge ? "with the passages of the bridge between two steps"
                                    : "with passages at the ends of steps only"});
    channel += 2;
  }
}

void FirstPassages::add(const Ensemble& ensemble) {
  const auto counts = ensemble.counts();
  for (Event& event : events_) {
    const auto passages = ensemble.values(event.channel);
    const auto times = ensemble.values(event.channel + 1);
    const std::size_t bins = event.counts.size() - 1;
    const double per_time = static_cast<double>(bins) / end_;
    for (std::size_t p = 0; p < passages.size(); ++p) {
      if (counts[p] == 0) continue;
      const auto bin = std::min(static_cast<std::size_t>(times[p] * per_time), bins - 1);
      ++event.counts[passages[p] > 0 ? bin : bins];
    }
  }
}

void FirstPassages::save(stats::ByteWriter& out) const {
  for (const Event& event : events_) out.put_all(std::span<const std::int64_t>(event.counts));
}

void FirstPassages::absorb(stats::ByteReader& in) {
  for (Event& event : events_) {
    const auto more = in.get_all<std::int64_t>(event.counts.size());
    for (std::size_t i = 0; i < more.size(); ++i) event.counts[i] += more[i];
  }
}

void FirstPassages::merge(const comm::Communicator& comm) {
  for (Event& event : events_) comm.all_reduce_sum(std::span<std::int64_t>(event.counts));
}

void FirstPassages::write(io::ResultFile& file, const std::string& time_units) const {
  for (const Event& event : events_) {
    const io::layout::FirstPassage at = io::layout::first_passage(event.name);
    const std::size_t bins = event.counts.size() - 1;
    std::vector<double> edges;
    for (std::size_t i = 0; i <= bins; ++i) {
      edges.push_back(end_ * static_cast<double>(i) / static_cast<double>(bins));
    }
    file.coordinate(at.time_edges, {{},
                                    time_units,
                                    "edges of the bins of first passage times",
                                    std::span<const double>(edges)});
    file.dimension(at.bin, static_cast<std::int64_t>(bins));
    file.write(at.count, {{at.bin},
                          "1",
                          "paths per bin, " + event.what,
                          std::span<const std::int64_t>(event.counts).first(bins)});
    file.write(at.never, {{},
                          "1",
                          "paths that did not pass until the end",
                          std::span<const std::int64_t>(event.counts).last(1)});
  }
}

}  // namespace driftwood::sde
