// SPDX-License-Identifier: BSD-3-Clause
#include "pose/input/options.hpp"

#include <fmt/format.h>

#include <charconv>
#include <system_error>
#include <utility>

#include "base/error.hpp"
#include "deck/schema.hpp"
#include "io/disk.hpp"
#include "pose/input/problem_parts.hpp"

namespace driftwood::pose {
namespace {

constexpr const char* table = "correspondences";

std::string key_path(const std::string& name) { return fmt::format("{}.{}", table, name); }

/// The name of a file by the folder of the deck.
std::string placed(const CorrespondenceRequest& request, const std::string& file) {
  return io::disk::beside(request.folder + "/deck", file);
}

class SyntheticSource final : public CorrespondenceSource {
 public:
  void describe(deck::Schema& s) override {
    s.key("preset", preset_,
          deck::one_of({"std", "wide", "posebench", "planar", "structured", "dup"}),
          "scene and camera; planar: all points on a plane; structured: of the points that agree "
          "on a pose 40 % agree on another one; dup: three matches of each point");
    s.key("problems", problems_, deck::between(1, 100'000), "how many are drawn");
    s.key("points", points_, deck::between(4, 10'000'000), "of each");
    s.key("outliers", outliers_, deck::probability, "fraction of points without a right match");
    s.key("noise", noise_, deck::non_negative,
          "standard deviation of right matches per axis, cut off at three [pixel]");
    s.key("focal", focal_, deck::positive, "focal length [pixel]; left out: that of the preset");
    s.key("width", width_, deck::positive, "of the image [pixel]; likewise");
    s.key("height", height_, deck::positive, "of the image [pixel]; likewise");
    s.key("nearest", nearest_, deck::positive, "depth of points at least; likewise");
    s.key("farthest", farthest_, deck::positive, "depth of points at most; likewise");
    s.key("candidates", candidates_, deck::between(1, 1000), "matches of each point; likewise");
  }
  [[nodiscard]] std::string key() const override { return "preset"; }
  [[nodiscard]] bool has_thresholds() const override { return noise_ > 0; }
  [[nodiscard]] std::vector<PoseProblem> read(const CorrespondenceRequest& request) const override {
    const SyntheticOptions options = scene();
    std::vector<PoseProblem> out;
    for (std::uint64_t k = 0; k < static_cast<std::uint64_t>(problems_); ++k) {
      out.push_back(problem_of(synthetic_problem(options, request.seed, k), options, k));
      if (request.threshold) set_thresholds(out.back(), *request.threshold);
    }
    return out;
  }

 private:
  [[nodiscard]] SyntheticOptions scene() const {
    SyntheticOptions out = SyntheticOptions::preset(preset_);
    out.points = static_cast<int>(points_);
    out.outliers = outliers_;
    out.noise = noise_;
    out.focal = focal_.value_or(out.focal);
    out.width = width_.value_or(out.width);
    out.height = height_.value_or(out.height);
    out.nearest = nearest_.value_or(out.nearest);
    out.farthest = farthest_.value_or(out.farthest);
    if (candidates_) out.candidates = static_cast<int>(*candidates_);
    return out;
  }

  std::string preset_ = "std";
  std::int64_t problems_ = 1;
  std::int64_t points_ = 500;
  double outliers_ = 0.5;
  double noise_ = 1;
  std::optional<double> focal_;
  std::optional<double> width_;
  std::optional<double> height_;
  std::optional<double> nearest_;
  std::optional<double> farthest_;
  std::optional<std::int64_t> candidates_;
};

/// Keys of all files.
class FileSource : public CorrespondenceSource {
 public:
  [[nodiscard]] std::string key() const override { return "file"; }

 protected:
  void describe_file(deck::Schema& s, const std::string& what) {
    s.key("file", file_, deck::non_empty,
          what + "; relative names start from the folder of the deck")
        .required();
    s.key("outliers", outliers_, deck::probability,
          "fraction of the observations of each camera that are exchanged with each other, so that "
          "each belongs to a wrong point");
  }

  std::string file_;
  double outliers_ = 0;
};

class ReconstructionSource final : public FileSource {
 public:
  using Reader = Reconstruction (*)(const std::string&);
  ReconstructionSource(Reader reader, std::string what) : reader_(reader), what_(std::move(what)) {}

  void describe(deck::Schema& s) override {
    describe_file(s, what_);
    s.key(
         "cameras", cameras_, deck::non_empty,
         "numbers or \"all\": which cameras (of COLMAP images) are searched for, each a problem of "
         "its own")
        .also(deck::distinct);
  }
  [[nodiscard]] std::vector<PoseProblem> read(const CorrespondenceRequest& request) const override {
    const std::string file = placed(request, file_);
    return problems_of(reader_(file), file, numbers(), request.threshold, outliers_, request.seed);
  }

 private:
  [[nodiscard]] std::vector<std::optional<std::int64_t>> numbers() const {
    std::vector<std::optional<std::int64_t>> out;
    for (std::size_t i = 0; i < cameras_.size(); ++i) {
      const std::string& name = cameras_[i];
      if (name == "all" && cameras_.size() == 1) return {std::nullopt};
      std::int64_t number = 0;
      const char* const last = name.data() + name.size();
      const auto [end, error] = std::from_chars(name.data(), last, number);
      if (error != std::errc{} || end != last) {
        throw NoSuchCamera(i, fmt::format("'{}' is no number of a camera", name),
                           "cameras = \"all\" stands alone");
      }
      out.emplace_back(number);
    }
    return out;
  }

  Reader reader_;
  std::string what_;
  std::vector<std::string> cameras_{"all"};
};

class MatchSource final : public FileSource {
 public:
  using Reader = MatchList (*)(const std::string&);
  MatchSource(Reader reader, std::string what, bool has_thresholds)
      : reader_(reader), what_(std::move(what)), has_thresholds_(has_thresholds) {}

  void describe(deck::Schema& s) override {
    describe_file(s, what_);
    if (!has_thresholds_) {
      s.key("focal", focal_, deck::positive,
            "focal length of the camera [pixel]; needed for a threshold in pixels");
    }
  }
  [[nodiscard]] bool has_thresholds() const override { return has_thresholds_; }
  [[nodiscard]] std::vector<PoseProblem> read(const CorrespondenceRequest& request) const override {
    const std::string file = placed(request, file_);
    MatchList matches = reader_(file);
    if (focal_) matches.focal = *focal_;
    std::vector<PoseProblem> out;
    out.push_back(problem_of(std::move(matches), file, request.threshold));
    exchange(out.back(), outliers_, request.seed, 0);
    return out;
  }

 private:
  Reader reader_;
  std::string what_;
  bool has_thresholds_;  ///< whether the file may have them
  std::optional<double> focal_;
};

std::vector<deck::Alternative<CorrespondenceSource>> sources() {
  const auto views = [](ReconstructionSource::Reader reader, const char* what) {
    return [=] { return std::make_shared<ReconstructionSource>(reader, what); };
  };
  const auto matches = [](MatchSource::Reader reader, const char* what, bool has_thresholds) {
    return [=] { return std::make_shared<MatchSource>(reader, what, has_thresholds); };
  };
  return {{"synthetic", "drawn points, a drawn camera and wrong matches",
           [] { return std::make_shared<SyntheticSource>(); }},
          {"bal", "bundle adjustment in the large: cameras, points and observations",
           views(read_bal, "text, also compressed by gzip")},
          {"bundler", "what Bundler writes as bundle.out",
           views(read_bundler, "text, also compressed by gzip")},
          {"colmap", "a model of COLMAP as text",
           views(read_colmap, "the folder of cameras.txt, images.txt and points3D.txt")},
          {"text", "points and sight lines of one camera",
           matches(read_match_lines, "lines \"X Y Z fx fy fz\", also compressed by gzip", false)},
          {"hdf5", "datasets of one camera",
           matches(read_match_datasets,
                   "with X (N, 3), and f (N, 3) or uv (N, 2) with K (3, 3); optional are eps, "
                   "point, size, gt/R, gt/C and gt/inlier",
                   true)}};
}

}  // namespace

void ThresholdOptions::describe(deck::Schema& s) {
  s.key("pixels", pixels, deck::positive,
        "distance in an image without distortion; each sight line gets the widest angle that is so "
        "far [pixel]")
      .instead_of({"radians"});
  s.key("radians", radians, deck::Range{.low = 0, .high = 1.5, .low_open = true},
        "angle between sight lines")
      .instead_of({"pixels"});
}

void CorrespondenceOptions::describe(deck::Schema& s) {
  s.one_of("kind", source, sources(), "where correspondences come from");
  s.table("threshold", threshold,
          "how far from where it should be seen an inlier is at most; left out: that of the file, "
          "or of drawn points the angle of three standard deviations along both axes");
  s.key("seed", seed, "of what is drawn, and of which observations are exchanged");
}

void CorrespondenceOptions::validate(const deck::Source& deck) const {
  const std::string at = key_path("threshold");
  if (threshold && !threshold->pixels && !threshold->radians) {
    throw deck.error(at, "'" + at + "' is empty", "",
                     "give threshold = { pixels = 4.0 } or { radians = 0.01 }");
  }
  if (threshold && threshold->pixels && threshold->radians) {
    throw deck.error(at + ".radians", "'" + at + "' has both 'pixels' and 'radians'", "",
                     "remove one of them");
  }
  if (!threshold && !source->has_thresholds()) {
    throw deck.error(table, "'" + at + "' is missing", "nothing says how far off an inlier may be",
                     "add threshold = { pixels = 4.0 } or { radians = 0.01 }");
  }
  try {
    (void)read_problems(*this, io::disk::folder_of(deck.file()));
  } catch (const NoSuchCamera& error) {
    throw deck.error(fmt::format("{}[{}]", key_path("cameras"), error.entry()), error.what());
  } catch (const Error& error) {
    throw deck.error(key_path(source->key()), error.what());
  }
}

}  // namespace driftwood::pose
