// SPDX-License-Identifier: BSD-3-Clause
#include "pose/search/finding.hpp"

namespace driftwood::pose {

void save(const Finding& f, stats::ByteWriter& to) {
  to.put(f.best);
  to.put_vector(f.is_inlier);
  to.put(f.upper_bound);
  to.put(f.gap);
  to.put(f.status);
  to.put(f.refined);
  to.put(f.refined_inliers);
  to.put(f.refined_rms);
  to.put_vector(f.covariance);
  to.put(f.refined_converged);
  to.put(std::uint8_t{f.reference.has_value()});
  if (f.reference) to.put(*f.reference);
  to.put(std::uint8_t{f.second.has_value()});
  if (f.second) to.put(*f.second);
  to.put(f.effort);
  to.put_vector(f.trace);
  to.put_vector(f.order);
  to.put(f.checksum);
}

Finding read_finding(stats::ByteReader& from) {
  Finding f;
  f.best = from.get<Found>();
  f.is_inlier = from.get_vector<char>();
  f.upper_bound = from.get<std::int64_t>();
  f.gap = from.get<std::int64_t>();
  f.status = from.get<Status>();
  f.refined = from.get<Pose<double>>();
  f.refined_inliers = from.get<std::int64_t>();
  f.refined_rms = from.get<double>();
  f.covariance = from.get_vector<double>();
  f.refined_converged = from.get<bool>();
  if (from.get<std::uint8_t>() != 0) f.reference = from.get<Pose<double>>();
  if (from.get<std::uint8_t>() != 0) f.second = from.get<Found>();
  f.effort = from.get<Effort>();
  f.trace = from.get_vector<Look>();
  f.order = from.get_vector<int>();
  f.checksum = from.get<std::uint64_t>();
  return f;
}

}  // namespace driftwood::pose
