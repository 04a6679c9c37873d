// SPDX-License-Identifier: BSD-3-Clause
/// Names of results, as in layout.hpp: those of searches for camera poses. P problems, T
/// correspondences of all of them, one problem after the other, M of the one with the most.
#pragma once

#include <string_view>

namespace driftwood::io::layout {

namespace pose {
inline constexpr std::string_view problem = "pose/problem";      ///< (P) names, a dimension
inline constexpr std::string_view x = "pose/x";                  ///< dimension: three coordinates
inline constexpr std::string_view y = "pose/y";                  ///< the same again, of columns
inline constexpr std::string_view member = "pose/member";        ///< dimension (M)
inline constexpr std::string_view rotation = "pose/rotation";    ///< (P, x, y)
inline constexpr std::string_view centre = "pose/centre";        ///< (P, x)
inline constexpr std::string_view consensus = "pose/consensus";  ///< (P)
inline constexpr std::string_view upper_bound = "pose/upper_bound";  ///< (P)
inline constexpr std::string_view allowed_gap = "pose/allowed_gap";  ///< (P)
inline constexpr std::string_view status = "pose/status";            ///< (P) names
inline constexpr std::string_view inliers = "pose/inliers";          ///< (P, M)
inline constexpr std::string_view count = "pose/correspondences";    ///< (P)

inline constexpr std::string_view refined_rotation = "pose/refined/rotation";      ///< (P, x, y)
inline constexpr std::string_view refined_centre = "pose/refined/centre";          ///< (P, x)
inline constexpr std::string_view refined_consensus = "pose/refined/consensus";    ///< (P)
inline constexpr std::string_view refined_rms = "pose/refined/rms";                ///< (P) [rad]
inline constexpr std::string_view refined_covariance = "pose/refined/covariance";  ///< (P, 6, 6)
inline constexpr std::string_view parameter = "pose/refined/parameter";            ///< dimension
inline constexpr std::string_view other_parameter = "pose/refined/other_parameter";

inline constexpr std::string_view second_rotation = "pose/second/rotation";    ///< (P, x, y)
inline constexpr std::string_view second_centre = "pose/second/centre";        ///< (P, x)
inline constexpr std::string_view second_consensus = "pose/second/consensus";  ///< (P), 0: none
}  // namespace pose

namespace truth {  // not a number where it is not known
inline constexpr std::string_view rotation = "truth/rotation";              ///< (P, x, y)
inline constexpr std::string_view centre = "truth/centre";                  ///< (P, x)
inline constexpr std::string_view rotation_error = "truth/rotation_error";  ///< (P) [degree]
inline constexpr std::string_view centre_error = "truth/centre_error";      ///< (P) by median depth
}  // namespace truth

namespace pose_search {  // (P)
inline constexpr std::string_view nodes = "search/nodes";
inline constexpr std::string_view critical_nodes = "search/critical_nodes";
inline constexpr std::string_view seconds = "search/seconds";
inline constexpr std::string_view seed_seconds = "search/seed_seconds";
inline constexpr std::string_view block = "search/block";
inline constexpr std::string_view h_index = "search/bounded_by/h_index";
inline constexpr std::string_view core = "search/bounded_by/core";
inline constexpr std::string_view nested = "search/bounded_by/nested";
inline constexpr std::string_view cells = "search/cells";
inline constexpr std::string_view steals = "search/steals";
inline constexpr std::string_view moved = "search/nodes_moved";
inline constexpr std::string_view idle = "search/idle";
inline constexpr std::string_view imbalance = "search/imbalance";
}  // namespace pose_search

namespace trace {  // (K) looks at searches, in the order of problems
inline constexpr std::string_view look = "trace/look";        ///< a dimension
inline constexpr std::string_view problem = "trace/problem";  ///< number
inline constexpr std::string_view seconds = "trace/seconds";  ///< since the problem's search began
inline constexpr std::string_view consensus = "trace/consensus";
inline constexpr std::string_view upper_bound = "trace/upper_bound";
inline constexpr std::string_view nodes = "trace/nodes";
inline constexpr std::string_view open = "trace/open";
}  // namespace trace

namespace correspondences {                                             // (T)
inline constexpr std::string_view row = "correspondences/row";          ///< a dimension
inline constexpr std::string_view problem = "correspondences/problem";  ///< number
inline constexpr std::string_view point = "correspondences/point";      ///< (T, x)
inline constexpr std::string_view bearing = "correspondences/bearing";  ///< (T, x)
inline constexpr std::string_view threshold = "correspondences/threshold";
inline constexpr std::string_view id = "correspondences/id";        ///< of the point in its file
inline constexpr std::string_view pixel = "correspondences/pixel";  ///< (T, 2), or not a number
inline constexpr std::string_view image_axis = "correspondences/image_axis";
inline constexpr std::string_view is_right = "correspondences/is_right";  ///< 1, 0; -1: not known
}  // namespace correspondences

namespace certificate {
inline constexpr std::string_view leaf = "certificate/leaf";          ///< (L) a dimension
inline constexpr std::string_view problem = "certificate/problem";    ///< (L) number
inline constexpr std::string_view key = "certificate/key";            ///< (L)
inline constexpr std::string_view bound = "certificate/bound";        ///< (L)
inline constexpr std::string_view rule = "certificate/rule";          ///< (L) number
inline constexpr std::string_view order = "certificate/order";        ///< (T)
inline constexpr std::string_view checksum = "certificate/checksum";  ///< (P)
}  // namespace certificate

}  // namespace driftwood::io::layout
