// SPDX-License-Identifier: BSD-3-Clause
#include "pose/input/match_list.hpp"

#include <fmt/format.h>

#include <cmath>

#include "base/error.hpp"
#include "io/disk.hpp"
#include "io/numbers.hpp"
#include "pose/input/camera.hpp"
#include "pose/input/words.hpp"

namespace driftwood::pose {
namespace {

std::string shape_text(const std::vector<std::int64_t>& shape) {
  return fmt::format("({})", fmt::join(shape, ", "));
}

/// Datasets of one file, all numbers finite.
class Datasets {
 public:
  explicit Datasets(const std::string& file) : file_(file) {}

  [[nodiscard]] bool has(const std::string& name) const { return io::has_dataset(file_, name); }

  /// Of this shape; -1 stands for any size.
  [[nodiscard]] std::vector<double> read(const std::string& name,
                                         const std::vector<std::int64_t>& shape) const {
    io::Numbers found = any(name);
    bool fits = found.shape.size() == shape.size();
    for (std::size_t a = 0; fits && a < shape.size(); ++a) {
      fits = shape[a] < 0 || shape[a] == found.shape[a];
    }
    if (!fits) {
      std::vector<std::string> wanted;
      for (const auto size : shape) wanted.push_back(size < 0 ? "N" : std::to_string(size));
      throw UsageError(fmt::format("{}: '{}' has shape {}", file_, name, shape_text(found.shape)),
                       fmt::format("it should have ({})", fmt::join(wanted, ", ")));
    }
    return std::move(found.values);
  }

  [[nodiscard]] io::Numbers any(const std::string& name) const {
    io::Numbers found;
    try {
      found = io::read_numbers(file_, name);
    } catch (const Error& error) {
      throw UsageError(error.what());
    }
    for (std::size_t i = 0; i < found.values.size(); ++i) {
      if (std::isfinite(found.values[i])) continue;
      const auto width = static_cast<std::size_t>(found.shape.size() > 1 ? found.shape[1] : 1);
      throw UsageError(fmt::format("{}: row {} of '{}' is not finite", file_, i / width, name));
    }
    return found;
  }

  [[noreturn]] void fail(const std::string& problem, const std::string& why = "",
                         const std::string& suggestion = "") const {
    throw UsageError(fmt::format("{}: {}", file_, problem), why, suggestion);
  }

 private:
  const std::string& file_;
};

Vec3<double> triple(const std::vector<double>& values, std::size_t row) {
  return {values[3 * row], values[3 * row + 1], values[3 * row + 2]};
}

/// The unit vector; none of what has no direction.
std::optional<Vec3<double>> direction(const Vec3<double>& f) {
  const double length = norm(f);
  if (!(length > 1e-150 && length < 1e150)) return std::nullopt;
  return normalised(f);
}

/// Upper triangular, for pixels (u, v, 1) of K f.
struct Calibration {
  double fx, skew, cx, fy, cy;

  explicit Calibration(const Datasets& in) {
    const std::vector<double> k = in.read("K", {3, 3});
    if (k[3] != 0 || k[6] != 0 || k[7] != 0 || k[8] != 1 || !(k[0] > 0 && k[4] > 0)) {
      in.fail("'K' is no calibration", "",
              "write [[fx, s, cx], [0, fy, cy], [0, 0, 1]] with positive fx and fy");
    }
    fx = k[0], skew = k[1], cx = k[2], fy = k[4], cy = k[5];
  }
  [[nodiscard]] Vec<double, 2> seen(double u, double v) const {
    const double y = (v - cy) / fy;
    return {(u - cx - skew * y) / fx, y};
  }
};

void read_sight_lines(const Datasets& in, std::int64_t n, MatchList& out) {
  const auto rows = static_cast<std::size_t>(n);
  std::optional<Calibration> k;
  if (in.has("K")) {
    k.emplace(in);
    out.focal = std::min(k->fx, k->fy);
    out.axis = {k->cx, k->cy};
  }
  if (in.has("uv")) {
    if (!k) in.fail("there is 'uv' without 'K'", "pixels need a calibration to be sight lines");
    const std::vector<double> uv = in.read("uv", {n, 2});
    for (std::size_t i = 0; i < rows; ++i) {
      const double u = uv[2 * i];
      const double v = uv[2 * i + 1];
      out.pixels.push_back({u - k->cx, v - k->cy});
      out.bearings.push_back(sight_line(k->seen(u, v)));
    }
  }
  if (!in.has("f")) {
    if (out.bearings.empty()) {
      in.fail("there is neither 'f' nor 'uv'", "", "store sight lines (N, 3) or pixels (N, 2)");
    }
    return;
  }
  const std::vector<double> f = in.read("f", {n, 3});
  out.bearings.clear();  // what is given takes the place of what is derived
  for (std::size_t i = 0; i < rows; ++i) {
    const auto unit = direction(triple(f, i));
    if (!unit) in.fail(fmt::format("row {} of 'f' has no direction", i));
    out.bearings.push_back(*unit);
  }
}

void read_truth(const Datasets& in, std::int64_t n, MatchList& out) {
  if (in.has("gt/inlier")) {
    for (const double v : in.read("gt/inlier", {n})) out.is_right.push_back(v != 0 ? 1 : 0);
  }
  if (!in.has("gt/R") || !in.has("gt/C")) return;
  const std::vector<double> r = in.read("gt/R", {3, 3});
  Rotation<double> matrix;
  for (int i = 0; i < 3; ++i) {
    for (int j = 0; j < 3; ++j) matrix(i, j) = r[static_cast<std::size_t>(3 * i + j)];
  }
  const auto rotation = rotation_near(matrix);
  if (!rotation) in.fail("'gt/R' is no rotation", "its rows are not orthonormal");
  out.truth = Pose<double>{*rotation, triple(in.read("gt/C", {3}), 0)};
}

}  // namespace

MatchList read_match_lines(const std::string& file) {
  Words in(file);
  MatchList out;
  while (in.next_line()) {
    if (in.left() != 6) {
      in.fail(fmt::format("the line has {} words", in.left()), "",
              "write X Y Z fx fy fz, six numbers between blanks");
    }
    Vec3<double> point;
    Vec3<double> f;
    for (int a = 0; a < 3; ++a) point[a] = in.real("a coordinate of a point");
    for (int a = 0; a < 3; ++a) f[a] = in.real("a coordinate of a sight line");
    const auto unit = direction(f);
    if (!unit) in.fail("the sight line has no direction", "fx, fy and fz are 0");
    out.points.push_back(point);
    out.bearings.push_back(*unit);
  }
  if (out.points.empty()) throw UsageError("'" + file + "' has no correspondences");
  return out;
}

MatchList read_match_datasets(const std::string& file) {
  io::disk::check_file(file);
  if (!io::is_hdf5(file)) {
    throw UsageError("'" + file + "' is not in the format HDF5", "", "text has kind = \"text\"");
  }
  const Datasets in(file);
  const std::vector<double> x = in.read("X", {-1, 3});
  const auto n = static_cast<std::int64_t>(x.size() / 3);
  if (n == 0) throw UsageError("'" + file + "' has no correspondences");
  MatchList out;
  for (std::size_t i = 0; i < x.size() / 3; ++i) out.points.push_back(triple(x, i));
  read_sight_lines(in, n, out);
  if (in.has("eps")) {
    const io::Numbers eps = in.any("eps");
    if (eps.values.size() == 1) {
      out.thresholds.assign(out.points.size(), eps.values[0]);
    } else {
      out.thresholds = in.read("eps", {n});
    }
  }
  if (in.has("point")) {
    for (const double v : in.read("point", {n})) {
      out.names.push_back(static_cast<std::int64_t>(v));
    }
  }
  if (in.has("size")) {
    const auto size = in.read("size", {2});
    out.size = {size[0], size[1]};
  }
  read_truth(in, n, out);
  return out;
}

}  // namespace driftwood::pose
