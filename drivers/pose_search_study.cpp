// SPDX-License-Identifier: BSD-3-Clause
#include "pose_search_study.hpp"

#include <algorithm>
#include <span>

#include "comm/gather.hpp"
#include "stats/bytes.hpp"

namespace driftwood::pose_search {

void Study::put(pose::Finding finding, std::vector<pose::Leaf> leaves) {
  leaves_.push_back({done(), std::move(leaves)});
  found_.push_back(std::move(finding));
  seconds_before_ = 0;
}

comm::Bytes Study::saved(const comm::Bytes& search) const {
  stats::ByteWriter out;
  out.put(sum_of_problems_);
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
      if (in.get<std::uint64_t>() != sum_of_problems_) {
        throw UsageError("the correspondences are others than those that were searched",
                         "a file that they are read from was changed since",
                         "put it back, or start anew without --resume");
      }
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

}  // namespace driftwood::pose_search
