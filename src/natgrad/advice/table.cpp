// SPDX-License-Identifier: BSD-3-Clause
#include "natgrad/advice/table.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "base/error.hpp"
#include "natgrad/ensemble/preconditioned.hpp"

namespace driftwood::natgrad {
namespace {

using io::DataTable;

/// How often the commonest entry of a column occurs, over all rows.
double commonest_share(const DataTable& table, std::size_t column) {
  std::vector<double> values(table.rows());
  for (std::size_t i = 0; i < values.size(); ++i) {
    values[i] = table.values[i * table.columns() + column];
  }
  std::sort(values.begin(), values.end());
  std::size_t most = 0;
  for (std::size_t first = 0; first < values.size();) {
    const auto last = static_cast<std::size_t>(
        std::upper_bound(values.begin(), values.end(), values[first]) - values.begin());
    most = std::max(most, last - first);
    first = last;
  }
  return static_cast<double>(most) / static_cast<double>(values.size());
}

/// Whether each entry of a column is 1 more than that of the row before.
bool is_counting(const DataTable& table, std::size_t column) {
  for (std::size_t i = 1; i < table.rows(); ++i) {
    const std::size_t at = i * table.columns() + column;
    if (table.values[at] != table.values[at - table.columns()] + 1) return false;
  }
  return true;
}

/// Further rows with the columns of the table, whether they have labels or not.
DataTable read_unlabelled(const AdviceTable& request, const DataTable& table) {
  io::TableRequest further = request.table;
  further.file = *request.unlabelled;
  if (further.has_labels) {
    try {
      DataTable out = io::read_data_table(further);
      if (out.names == table.names) return out;
    } catch (
        const UsageError&) {  // as where there is no such column: what else is wrong shows next
    }
  }
  further.has_labels = false;
  further.label.reset();
  try {
    DataTable out = io::read_data_table(further);
    if (out.names == table.names) return out;
    throw UsageError(fmt::format("'{}' has other columns than '{}' ({} and {})", further.file,
                                 request.table.file, out.columns(), table.columns()),
                     "unlabelled rows have the columns of the others, with or without the target");
  } catch (const UsageError& error) {
    throw UnlabelledError(error.what());
  }
}

/// Those columns of a table that `used` names, of mean 0.
Dense centred(const DataTable& table, const std::vector<std::size_t>& used) {
  Dense out(table.rows(), used.size());
  for (std::size_t k = 0; k < used.size(); ++k) {
    const auto column = out.column(k);
    double mean = 0;
    for (std::size_t i = 0; i < column.size(); ++i) {
      column[i] = table.values[i * table.columns() + used[k]];
      mean += column[i] / static_cast<double>(column.size());
    }
    for (double& v : column) v -= mean;
  }
  return out;
}

double variance_of(std::span<const double> centred_column) {
  double square = 0;
  for (const double v : centred_column) square += v * v;
  return square / static_cast<double>(centred_column.size());
}

std::vector<double> labels_of(const DataTable& table) {
  std::vector<double> out;
  std::set<std::string> words;
  for (const std::string& label : table.labels) {
    const auto number = io::number_in(label);
    if (number) out.push_back(*number);
    words.insert(label);
  }
  if (words.size() == 1) throw UsageError("all labels are the same", "nothing can be learnt");
  if (out.size() != table.rows()) {
    if (words.size() != 2) {
      throw UsageError(fmt::format("the target has {} different words", words.size()),
                       "it must hold numbers, or two words, which become -1 and 1",
                       "name another column as the target");
    }
    out.clear();
    for (const std::string& label : table.labels) out.push_back(label == *words.begin() ? -1 : 1);
  }
  const auto [least, most] = std::minmax_element(out.begin(), out.end());
  const bool vary = *least < *most;  // a variance would be one of rounding
  double mean = 0;
  for (const double v : out) mean += v / static_cast<double>(out.size());
  for (double& v : out) v -= mean;
  const double variance = variance_of(out);
  if (!vary || !(variance > 0))
    throw UsageError("all labels are the same", "nothing can be learnt");
  for (double& v : out) v /= std::sqrt(variance);
  return out;
}

/// Eigenvalues of x^T x / n, the largest first; x becomes its rows in the eigenbasis where wanted.
std::vector<double> eigenvalues_of(const Dense& x, Dense* turned) {
  Dense vectors;
  std::vector<double> ascending;
  blas::square(blas::Form::transposed, x, vectors, 1 / static_cast<double>(x.rows()));
  blas::decompose(vectors, ascending);
  std::vector<double> out(ascending.rbegin(), ascending.rend());
  for (double& v : out) v = std::max(v, 0.0);
  if (turned == nullptr) return out;
  Dense ordered(vectors.rows(), vectors.columns());
  for (std::size_t j = 0; j < vectors.columns(); ++j) {
    const auto from = vectors.column(vectors.columns() - 1 - j);
    std::copy(from.begin(), from.end(), ordered.column(j).begin());
  }
  blas::multiply(blas::Form::plain, x, blas::Form::plain, ordered, *turned);
  return out;
}

/// Both one under the other.
Dense stacked(const Dense& a, const Dense& b) {
  Dense out(a.rows() + b.rows(), a.columns());
  for (std::size_t j = 0; j < a.columns(); ++j) {
    const auto column = out.column(j);
    std::copy(a.column(j).begin(), a.column(j).end(), column.begin());
    std::copy(b.column(j).begin(), b.column(j).end(),
              column.begin() + static_cast<std::ptrdiff_t>(a.rows()));
  }
  return out;
}

/// Leaves the first columns alone.
void shorten(Dense& x, std::size_t columns) {
  Dense out(x.rows(), columns);
  for (std::size_t j = 0; j < columns; ++j) {
    std::copy(x.column(j).begin(), x.column(j).end(), out.column(j).begin());
  }
  x = std::move(out);
}

}  // namespace

AdviceRows read_advice_rows(const AdviceTable& request) {
  const DataTable table = io::read_data_table(request.table);
  AdviceRows out;
  if (request.table.has_labels) out.labels = labels_of(table);
  std::vector<std::size_t> used;
  for (std::size_t j = 0; j < table.columns(); ++j) {
    const double share = commonest_share(table, j);
    if (share > 1 - request.rare || share == 1) {
      out.left_out.push_back(table.names[j]);
    } else {
      used.push_back(j);
      if (is_counting(table, j)) out.counting.push_back(table.names[j]);
    }
  }
  if (used.empty()) {
    throw UsageError(
        fmt::format("no column of '{}' varies enough", request.table.file),
        fmt::format("of each, more than {:g} of entries are the same, or all", 1 - request.rare),
        "lower 'rare'");
  }
  if (used.size() > blas::most_decomposed) {
    throw UsageError(fmt::format("'{}' has {} columns that vary", request.table.file, used.size()),
                     fmt::format("their covariance may have {} at most", blas::most_decomposed),
                     "leave out some by 'drop', or raise 'rare'");
  }
  if (table.rows() < 8) {
    throw UsageError(fmt::format("'{}' has {} rows", request.table.file, table.rows()),
                     "nothing follows from so few");
  }
  Dense x = centred(table, used);
  Dense z;
  if (request.unlabelled) {
    z = centred(read_unlabelled(request, table), used);
  }
  for (std::size_t k = 0; k < used.size() && request.standardise; ++k) {
    const double scale = 1 / std::sqrt(variance_of(x.column(k)));
    for (double& v : x.column(k)) v *= scale;
    if (request.unlabelled) {
      for (double& v : z.column(k)) v *= scale;
    }
  }

  out.covariance = eigenvalues_of(x, &out.rows);
  out.pooled = request.unlabelled ? eigenvalues_of(stacked(x, z), nullptr) : out.covariance;
  out.pooled_rows = x.rows() + z.rows();
  out.pooled_freedom = out.pooled_rows - (request.unlabelled ? 2 : 1);
  std::size_t seen = 0;
  while (seen < used.size() && out.pooled[seen] > AdviceRows::least_extent * out.pooled.front())
    ++seen;
  if (out.pooled_rows > used.size()) {  // of fewer rows the rest may well have some extent
    out.dependent = used.size() - seen;
    out.covariance.resize(seen);
    out.pooled.resize(seen);
    shorten(out.rows, seen);
  }
  double mean = 0;
  for (const double v : out.pooled) mean += v / static_cast<double>(out.pooled.size());
  for (double& v : out.covariance) v /= mean;
  for (double& v : out.pooled) v /= mean;
  const std::vector<double> scales(out.features(), 1 / std::sqrt(mean));
  scale_columns(out.rows, scales);
  return out;
}

}  // namespace driftwood::natgrad
