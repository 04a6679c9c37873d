// SPDX-License-Identifier: BSD-3-Clause
#include "pose/verify/read.hpp"

#include <fmt/format.h>

#include <cmath>
#include <string_view>
#include <type_traits>

#include "base/error.hpp"
#include "io/numbers.hpp"
#include "io/pose_layout.hpp"

namespace driftwood::pose {
namespace {

namespace layout = io::layout;

class Reader {
 public:
  explicit Reader(const std::string& file) : file_(file) {}

  [[nodiscard]] std::vector<double> numbers(std::string_view name) const {
    return guarded([&] { return io::read_numbers(file_, std::string(name)).values; });
  }
  [[nodiscard]] std::vector<std::uint64_t> words(std::string_view name) const {
    return guarded([&] { return io::read_words(file_, std::string(name)).values; });
  }
  [[nodiscard]] std::vector<std::string> texts(std::string_view name) const {
    return guarded([&] { return io::read_texts(file_, std::string(name)); });
  }
  [[noreturn]] void refuse(const std::string& what) const {
    throw UsageError(fmt::format("{}: {}", file_, what), {},
                     "give a result file of pose_search, as it was written");
  }
  void expect(bool holds, const std::string& what) const {
    if (!holds) refuse(what);
  }

 private:
  template <class F>
  std::invoke_result_t<const F&> guarded(const F& f) const {
    try {
      return f();
    } catch (const Error& error) {
      refuse(error.what());
    }
  }

  const std::string& file_;
};

/// Numbers that are whole and in range, as they were written.
std::vector<std::int64_t> whole(const Reader& in, std::string_view name) {
  std::vector<std::int64_t> out;
  for (const double x : in.numbers(name)) {
    in.expect(std::abs(x) < 0x1p53 && x == std::floor(x),
              fmt::format("'{}' holds a number that is not whole", name));
    out.push_back(static_cast<std::int64_t>(x));
  }
  return out;
}

Pose<double> pose_at(const std::vector<double>& rotation, const std::vector<double>& centre,
                     std::size_t p) {
  Pose<double> out;
  for (int i = 0; i < 3; ++i) {
    const auto row = static_cast<std::size_t>(i);
    for (int j = 0; j < 3; ++j) {
      out.rotation(i, j) = rotation[9 * p + 3 * row + static_cast<std::size_t>(j)];
    }
    out.centre[i] = centre[3 * p + row];
  }
  return out;
}

void read_poses(const Reader& in, std::vector<Claim>& claims) {
  const auto rotation = in.numbers(layout::pose::rotation);
  const auto centre = in.numbers(layout::pose::centre);
  const auto consensus = whole(in, layout::pose::consensus);
  const auto upper = whole(in, layout::pose::upper_bound);
  const auto gap = whole(in, layout::pose::allowed_gap);
  const auto block = whole(in, layout::pose_search::block);
  const auto status = in.texts(layout::pose::status);
  const auto checksum = in.words(layout::certificate::checksum);
  const std::size_t n = claims.size();
  in.expect(rotation.size() == 9 * n && centre.size() == 3 * n && consensus.size() == n &&
                upper.size() == n && gap.size() == n && block.size() == n && status.size() == n &&
                checksum.size() == n,
            "its datasets of poses are not of one length");
  for (std::size_t p = 0; p < n; ++p) {
    Certificate& c = claims[p].certificate;
    claims[p].status = status[p];
    c.pose = pose_at(rotation, centre, p);
    c.consensus = consensus[p];
    c.allowed = consensus[p] + gap[p];
    c.upper_bound = upper[p];
    c.block = block[p];
    c.checksum = checksum[p];
  }
}

void read_correspondences(const Reader& in, std::vector<Claim>& claims) {
  namespace names = layout::correspondences;
  const auto problem = whole(in, names::problem);
  const auto point = in.numbers(names::point);
  const auto bearing = in.numbers(names::bearing);
  const auto threshold = in.numbers(names::threshold);
  const auto order = whole(in, layout::certificate::order);
  const auto inliers = whole(in, layout::pose::inliers);
  const std::size_t rows = problem.size();
  in.expect(point.size() == 3 * rows && bearing.size() == 3 * rows && threshold.size() == rows &&
                order.size() == rows && inliers.size() % claims.size() == 0,
            "its datasets of correspondences are not of one length");
  const std::size_t most = inliers.size() / claims.size();
  for (std::size_t i = 0; i < rows; ++i) {
    in.expect(problem[i] >= 0 && problem[i] < std::ssize(claims),
              "a correspondence belongs to no problem");
    const auto p = static_cast<std::size_t>(problem[i]);
    Certificate& c = claims[p].certificate;
    const std::size_t place = c.correspondences.size();
    in.expect(place < most, "there are more correspondences than marks of inliers");
    c.correspondences.push_back({{point[3 * i], point[3 * i + 1], point[3 * i + 2]},
                                 {bearing[3 * i], bearing[3 * i + 1], bearing[3 * i + 2]},
                                 threshold[i]});
    c.is_inlier.push_back(inliers[p * most + place] != 0 ? 1 : 0);
    in.expect(order[i] >= 0 && order[i] < std::ssize(order), "a block holds no correspondence");
    c.order.push_back(static_cast<int>(order[i]));
  }
}

void read_leaves(const Reader& in, std::vector<Claim>& claims) {
  namespace names = layout::certificate;
  const auto problem = whole(in, names::problem);
  const auto key = in.words(names::key);
  const auto bound = whole(in, names::bound);
  const auto rule = whole(in, names::rule);
  in.expect(key.size() == problem.size() && bound.size() == problem.size() &&
                rule.size() == problem.size(),
            "its datasets of boxes are not of one length");
  for (std::size_t k = 0; k < key.size(); ++k) {
    in.expect(problem[k] >= 0 && problem[k] < std::ssize(claims), "a box belongs to no problem");
    claims[static_cast<std::size_t>(problem[k])].certificate.leaves.push_back(
        {key[k], bound[k], rule[k]});
  }
}

}  // namespace

std::vector<Claim> read_claims(const std::string& file) {
  const Reader in(file);
  std::vector<Claim> claims;
  for (std::string& name : in.texts(layout::pose::problem)) {
    claims.push_back({std::move(name), {}, {}});
  }
  in.expect(!claims.empty(), "it has no problem");
  read_poses(in, claims);
  read_correspondences(in, claims);
  read_leaves(in, claims);
  return claims;
}

}  // namespace driftwood::pose
