// SPDX-License-Identifier: BSD-3-Clause
#include "mcmc/targets/regression.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>

#include "base/error.hpp"
#include "io/disk.hpp"
#include "io/table_keys.hpp"

namespace driftwood::mcmc {
namespace {

constexpr std::size_t most_coefficients = 100'000;
constexpr std::size_t most_shown = 8;

std::string listed(const std::vector<std::string>& labels) {
  const auto end =
      labels.begin() + static_cast<std::ptrdiff_t>(std::min(labels.size(), most_shown));
  return fmt::format("'{}'{}", fmt::join(labels.begin(), end, "', '"),
                     labels.size() > most_shown ? ", ..." : "");
}

}  // namespace

std::vector<std::string> distinct_labels(const io::DataTable& table) {
  std::map<std::string, int> texts;
  for (const std::string& label : table.labels) texts.emplace(label, 0);
  std::map<double, std::string> numbers;
  for (const auto& [text, unused] : texts) {
    const auto number = io::number_in(text);
    if (!number) {
      numbers.clear();
      break;
    }
    numbers.emplace(*number, text);
  }
  std::vector<std::string> out;
  for (const auto& [number, text] : numbers) out.push_back(text);
  if (out.empty()) {
    for (const auto& [text, unused] : texts) out.push_back(text);
  }
  return out;
}

bool is_same_label(const std::string& a, const std::string& b) {
  if (a == b) return true;
  const auto x = io::number_in(a);
  const auto y = io::number_in(b);
  return x && y && *x == *y;
}

void RegressionTarget::describe(deck::Schema& s) {
  s.key("data", table_.file, deck::non_empty,
        "file with the data; relative names start from the folder of the deck")
      .required();
  s.key("data_format", table_.format, deck::one_of({"csv", "libsvm", "hdf5"}),
        "format of the file; left out: by its content");
  s.key("label", table_.label,
        "column of the answers, by name or number from 0, negative from the end; left out: the "
        "last; of HDF5 files a dataset, left out: y");
  s.key("drop", table_.drop, "columns that are not used, by name or number");
  io::describe_form(s, table_, "the matrix of what explains");
  describe_answers(s);
  s.key("intercept", intercept_, "whether a column of ones comes first");
  s.key(
      "standardise", standardise_,
      "whether columns are shifted and scaled to mean 0 and standard deviation 1 (with divisor n)");
  s.key("scale", scale_, deck::positive,
        "with 'standardise = false', what all columns are multiplied by");
  s.key("prior_sd", prior_sd_, deck::positive,
        "standard deviation of the normal prior of each coefficient: one for all, one for the "
        "intercept and one for the others, or one for each, the intercept first");
  s.key("design_prior", design_prior_, deck::positive,
        "instead of 'prior_sd': a, of a normal prior with covariance (X^T X / n)^-1 / a");
}

void RegressionTarget::validate(const deck::Source& deck, const std::string& path) {
  io::TableRequest request = table_;
  request.file = io::disk::beside(deck.file(), table_.file);
  try {
    read(io::read_data_table(request));
  } catch (const Error& error) {
    throw deck.error(path + ".data", error.what());
  }
  if (standardise_ && deck.gives(path + ".scale")) {
    throw deck.error(path + ".scale", "columns are scaled twice", "",
                     "write 'standardise = false', or leave out 'scale'");
  }
  settle_prior(deck, path);
}

void RegressionTarget::read(const io::DataTable& table) {
  data_ = {};
  Answers found = answers(table);
  const std::size_t first = intercept_ ? 1 : 0;
  const std::size_t columns = table.columns() + first;
  data_.rows = static_cast<std::int64_t>(table.rows());
  data_.columns = static_cast<int>(columns);
  data_.answers = std::move(found.values);
  data_.predictors = found.predictors;
  if (columns * static_cast<std::size_t>(found.predictors) > most_coefficients) {
    throw Error(fmt::format("there are more than {} coefficients", most_coefficients));
  }
  data_.x.assign(columns * table.rows(), 1.0);
  for (std::size_t r = 0; r < table.rows(); ++r) {
    for (std::size_t j = 0; j < table.columns(); ++j) {
      data_.x[r * columns + first + j] = scale_ * table.values[r * table.columns() + j];
    }
  }
  if (standardise_) scale_columns(table);
}

void RegressionTarget::scale_columns(const io::DataTable& table) {
  const auto columns = static_cast<std::size_t>(data_.columns);
  const auto n = static_cast<double>(data_.rows);
  for (std::size_t j = intercept_ ? 1 : 0; j < columns; ++j) {
    double mean = 0;
    for (std::size_t k = j; k < data_.x.size(); k += columns) mean += data_.x[k] / n;
    double square = 0;
    double largest = 0;
    for (std::size_t k = j; k < data_.x.size(); k += columns) {
      const double d = data_.x[k] - mean;
      square += d * d / n;
      largest = std::max(largest, std::abs(data_.x[k]));
    }
    const double sd = std::sqrt(square);
    if (!(sd > 1e-12 * largest)) {
      throw Error(
          fmt::format("column '{}' of the data is constant", table.names[j - (intercept_ ? 1 : 0)]),
          "its standard deviation is 0", "drop it, or write 'standardise = false'");
    }
    for (std::size_t k = j; k < data_.x.size(); k += columns) data_.x[k] = (data_.x[k] - mean) / sd;
  }
}

void RegressionTarget::settle_prior(const deck::Source& deck, const std::string& path) {
  const auto columns = static_cast<std::size_t>(data_.columns);
  if (design_prior_) {
    if (deck.gives(path + ".prior_sd")) {
      throw deck.error(path + ".design_prior", "the prior is given twice", "",
                       "leave out 'prior_sd' or 'design_prior'");
    }
    if (!takes_design_prior()) {
      throw deck.error(path + ".design_prior", "this model does not take it", "",
                       "give 'prior_sd'");
    }
    data_.precision.assign(columns, 0.0);
    data_.design_precision = *design_prior_ / static_cast<double>(data_.rows);
    return;
  }
  const std::size_t given = prior_sd_.size();
  if (given != 1 && given != columns && !(given == 2 && intercept_)) {
    throw deck.error(path + ".prior_sd", fmt::format("there are {} numbers", given),
                     fmt::format("there are {} coefficients{}", columns,
                                 intercept_ ? ", the intercept among them" : ""),
                     "give one for all, or one for each");
  }
  data_.precision.resize(columns);
  for (std::size_t j = 0; j < columns; ++j) {
    const double sd = prior_sd_[given == columns ? j : std::min(j, given - 1)];
    data_.precision[j] = 1 / (sd * sd);
  }
}

std::vector<Parameter> RegressionTarget::parameters() const {
  std::vector<Parameter> out;
  for (int k = 1; k <= data_.predictors; ++k) {
    const std::string suffix = data_.predictors == 1 ? "" : "_" + std::to_string(k);
    const int others = data_.columns - (intercept_ ? 1 : 0);
    if (intercept_) out.push_back({"intercept" + suffix});
    if (others > 0) out.push_back({"beta" + suffix, others});
  }
  return out;
}

void BinaryTarget::describe_answers(deck::Schema& s) {
  s.key("positive", positive_,
        "the label that stands for 1; left out: 1, of labels 0 and 1 or -1 and 1");
}

RegressionTarget::Answers BinaryTarget::answers(const io::DataTable& table) const {
  const std::vector<std::string> labels = distinct_labels(table);
  if (labels.size() != 2) {
    throw Error(fmt::format("there {} {} different label{}: {}", labels.size() == 1 ? "is" : "are",
                            labels.size(), labels.size() == 1 ? "" : "s", listed(labels)),
                "the model is of two", "name the right column by 'label'");
  }
  const std::string one = positive_.value_or("1");
  const auto is_one = [&](const std::string& label) { return is_same_label(label, one); };
  const bool usual = positive_ || is_same_label(labels[0], "0") || is_same_label(labels[0], "-1");
  if (!usual || std::none_of(labels.begin(), labels.end(), is_one)) {
    throw Error(positive_ ? fmt::format("no label is '{}'", one)
                          : std::string("it is not said which label stands for 1"),
                "the labels are " + listed(labels),
                fmt::format("write 'positive = \"{}\"'", labels[1]));
  }
  Answers out;
  for (const std::string& label : table.labels) out.values.push_back(is_one(label) ? 1 : 0);
  return out;
}

}  // namespace driftwood::mcmc
