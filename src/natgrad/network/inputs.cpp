// SPDX-License-Identifier: BSD-3-Clause
#include "natgrad/network/inputs.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "base/error.hpp"
#include "deck/schema.hpp"
#include "io/data_table.hpp"
#include "io/disk.hpp"
#include "io/idx_file.hpp"
#include "io/table_keys.hpp"
#include "natgrad/network/draws.hpp"

namespace driftwood::natgrad {
namespace {

class GaussianInputs final : public InputSource {
 public:
  void describe(deck::Schema& s) override {
    s.key("features", features_, deck::between(1, 100'000), "numbers of a sample");
    s.key("rows", rows_, deck::between(2, 10'000'000), "samples");
    s.key("exponent", exponent_, deck::finite,
          "e of standard deviations i^-e of the features i = 1, 2, ...");
  }
  void validate(const deck::Source&, const std::string&) override {}
  [[nodiscard]] std::size_t features() const override {
    return static_cast<std::size_t>(features_);
  }
  [[nodiscard]] std::size_t rows() const override { return static_cast<std::size_t>(rows_); }
  [[nodiscard]] Dense load(std::uint64_t seed) const override {
    std::vector<double> scales(features());
    for (std::size_t j = 0; j < scales.size(); ++j) {
      scales[j] = std::pow(static_cast<double>(j + 1), -exponent_);
    }
    const Dense by_rows = drawn(seed, NetworkDraw::inputs, 0, rows(), scales);
    Dense out(features(), rows());
    for (std::size_t i = 0; i < rows(); ++i) {
      for (std::size_t j = 0; j < features(); ++j) out(j, i) = by_rows(i, j);
    }
    return out;
  }

 private:
  std::int64_t features_ = 20;
  std::int64_t rows_ = 2000;
  double exponent_ = 0.5;
};

class TableInputs final : public InputSource {
 public:
  void describe(deck::Schema& s) override {
    s.key("file", request_.file, deck::non_empty,
          "CSV, LIBSVM, HDF5 or idx table, also compressed by gzip; relative names start from the "
          "folder of the deck")
        .required();
    s.key("label", request_.label, deck::non_empty,
          "column of labels, which is left out, by its name or its number from 0, negative from "
          "the end; left out: the last. In HDF5 files a dataset");
    s.key("drop", request_.drop, "further columns that are left out, likewise");
    io::describe_form(s, request_);
  }
  void validate(const deck::Source& deck, const std::string& path) override {
    io::TableRequest request = request_;
    request.file = io::disk::beside(deck.file(), request_.file);
    try {
      table_ = io::read_data_table(request);
    } catch (const Error& error) {
      throw deck.error(path + ".file", error.what());
    }
  }
  [[nodiscard]] std::size_t features() const override { return table_.columns(); }
  [[nodiscard]] std::size_t rows() const override { return table_.rows(); }
  [[nodiscard]] Dense load(std::uint64_t) const override {
    Dense out(features(), rows());
    std::copy(table_.values.begin(), table_.values.end(), out.data());
    return out;
  }

 private:
  io::TableRequest request_;
  io::DataTable table_;
};

class ImageInputs final : public InputSource {
 public:
  void describe(deck::Schema& s) override {
    s.key("file", file_, deck::non_empty,
          "images in the idx format, also compressed by gzip; relative names start from the folder "
          "of the deck")
        .required();
    s.key("pool", pool_, deck::between(1, 64),
          "edge of the squares of pixels that are averaged to one, which must divide both sides");
    s.key("rows", rows_, deck::at_least(2), "images, the first of the file; left out: all");
  }
  void validate(const deck::Source& deck, const std::string& path) override {
    try {
      images_ = io::read_idx(io::disk::beside(deck.file(), file_));
    } catch (const Error& error) {
      throw deck.error(path + ".file", error.what());
    }
    if (images_.shape.size() != 3) {
      throw deck.error(path + ".file",
                       fmt::format("'{}' has {} dimensions", file_, images_.shape.size()),
                       "images have three: image, row, column");
    }
    const auto edge = static_cast<std::size_t>(pool_);
    if (images_.shape[1] % edge != 0 || images_.shape[2] % edge != 0) {
      throw deck.error(path + ".pool", fmt::format("{} does not divide {} x {} pixels", edge,
                                                   images_.shape[1], images_.shape[2]));
    }
    if (rows_ && static_cast<std::size_t>(*rows_) > images_.rows()) {
      throw deck.error(path + ".rows", fmt::format("'{}' has {} images", file_, images_.rows()));
    }
  }
  [[nodiscard]] std::size_t features() const override {
    return images_.width() / static_cast<std::size_t>(pool_ * pool_);
  }
  [[nodiscard]] std::size_t rows() const override {
    return rows_ ? static_cast<std::size_t>(*rows_) : images_.rows();
  }
  [[nodiscard]] Dense load(std::uint64_t) const override {
    const auto edge = static_cast<std::size_t>(pool_);
    const std::size_t across = images_.shape[2];
    Dense out(features(), rows());
    std::fill_n(out.data(), features() * rows(), 0.0);
    for (std::size_t i = 0; i < rows(); ++i) {
      const char* const image = images_.bytes.data() + i * images_.width();
      for (std::size_t p = 0; p < images_.width(); ++p) {
        const std::size_t square = p / across / edge * (across / edge) + p % across / edge;
        out(square, i) += static_cast<unsigned char>(image[p]);
      }
    }
    return out;
  }

 private:
  std::string file_;
  std::int64_t pool_ = 1;
  std::optional<std::int64_t> rows_;
  io::IdxArray images_;
};

}  // namespace

void InputOptions::describe(deck::Schema& s) {
  s.one_of("kind", source,
           std::vector<deck::Alternative<InputSource>>{
               {"gaussian", "independent normal features",
                [] { return std::make_shared<GaussianInputs>(); }},
               {"table", "rows of a table", [] { return std::make_shared<TableInputs>(); }},
               {"images", "pixels of images", [] { return std::make_shared<ImageInputs>(); }}},
           "where inputs come from");
  s.key("scale", scale, deck::positive,
        "root of the mean square norm of samples: features are shifted to mean 0, and all divided "
        "by one number");
  s.key("constant", constant, deck::finite,
        "one more input of this value, in place of biases; 0: none");
}

void InputOptions::validate(const deck::Source& deck, const std::string& path) {
  source->validate(deck, path);
}

Dense InputOptions::load(std::uint64_t seed) const {
  const Dense raw = source->load(seed);
  const std::size_t features = raw.rows();
  const std::size_t rows = raw.columns();
  std::vector<double> mean(features, 0.0);
  for (std::size_t i = 0; i < rows; ++i) {
    for (std::size_t j = 0; j < features; ++j) mean[j] += raw(j, i) / static_cast<double>(rows);
  }
  Dense out(width(), rows);
  double square = 0;
  for (std::size_t i = 0; i < rows; ++i) {
    for (std::size_t j = 0; j < features; ++j) {
      out(j, i) = raw(j, i) - mean[j];
      square += out(j, i) * out(j, i) / static_cast<double>(rows);
    }
    if (constant != 0) out(features, i) = constant;
  }
  if (!(square > 0)) throw UsageError("all inputs are the same");
  const double factor = scale / std::sqrt(square);
  for (std::size_t i = 0; i < rows; ++i) {
    for (double& v : out.column(i).first(features)) v *= factor;
  }
  return out;
}

}  // namespace driftwood::natgrad
