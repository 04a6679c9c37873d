// SPDX-License-Identifier: BSD-3-Clause
#include "natgrad/kernel/options.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <span>
#include <utility>

#include "base/error.hpp"
#include "deck/schema.hpp"
#include "io/disk.hpp"
#include "natgrad/ensemble/draw.hpp"

namespace driftwood::natgrad {
namespace {

using Kind = Kernel::Kind;

deck::Alternative<KernelChoice> alternative(const std::string& name, const std::string& summary,
                                            Kind kind, double offset = 0, std::int64_t degree = 1) {
  return {name, summary, [=] {
            return std::make_shared<KernelChoice>(
                KernelChoice{.kind = kind, .length = {}, .offset = offset, .degree = degree});
          }};
}

bool is_integral(Kind kind) { return kind == Kind::arc_cosine || kind == Kind::ntk; }

struct MeanAndVariance {
  double mean = 0;
  double variance = 0;  ///< 0 exactly where all are the same
};

/// Of get(i) over some rows.
template <class Get>
MeanAndVariance moments(std::span<const std::size_t> rows, const Get& get) {
  MeanAndVariance out;
  const auto count = static_cast<double>(rows.size());
  if (std::all_of(rows.begin(), rows.end(),
                  [&](std::size_t i) { return get(i) == get(rows.front()); })) {
    return {get(rows.front()), 0};
  }
  for (const std::size_t i : rows) out.mean += get(i) / count;
  for (const std::size_t i : rows) {
    out.variance += (get(i) - out.mean) * (get(i) - out.mean) / count;
  }
  return out;
}

/// Numbers of the labels, a column for each target, and what is left of the table.
struct Columns {
  std::vector<std::vector<double>> labels;
  std::vector<std::string> targets;
  std::vector<std::string> names;
  std::vector<double> values;  ///< (row, column)
};

std::vector<double> numbers_of(const io::DataTable& table) {
  std::vector<double> out;
  for (std::size_t i = 0; i < table.rows(); ++i) {
    const auto number = io::number_in(table.labels[i]);
    if (!number) {
      throw UsageError(fmt::format("{}: label '{}' is no number", table.places[i], table.labels[i]),
                       "",
                       "name the column of labels by 'target'; where labels are two words, write "
                       "numbers in their place, which [advise] alone does itself");
    }
    out.push_back(*number);
  }
  return out;
}

/// Splits off the targets after the first, which are columns of the table.
Columns columns_of(const io::DataTable& table, const std::vector<std::string>& targets) {
  Columns out;
  out.labels.push_back(numbers_of(table));
  out.targets = targets;
  std::vector<std::size_t> taken;
  for (std::size_t k = 1; k < targets.size(); ++k) {
    const auto found = std::find(table.names.begin(), table.names.end(), targets[k]);
    if (found == table.names.end()) {
      throw UsageError(fmt::format("there is no column '{}' for a further target", targets[k]), "",
                       "targets after the first are named as the table names them");
    }
    taken.push_back(static_cast<std::size_t>(found - table.names.begin()));
    std::vector<double>& labels = out.labels.emplace_back();
    for (std::size_t i = 0; i < table.rows(); ++i) {
      labels.push_back(table.values[i * table.columns() + taken.back()]);
    }
  }
  const auto is_left = [&](std::size_t j) {
    return std::find(taken.begin(), taken.end(), j) == taken.end();
  };
  for (std::size_t j = 0; j < table.columns(); ++j) {
    if (is_left(j)) out.names.push_back(table.names[j]);
  }
  if (out.names.empty()) throw UsageError("no column is left to explain the labels");
  for (std::size_t i = 0; i < table.rows(); ++i) {
    for (std::size_t j = 0; j < table.columns(); ++j) {
      if (is_left(j)) out.values.push_back(table.values[i * table.columns() + j]);
    }
  }
  return out;
}

void standardise_by(std::span<const std::size_t> rows, Columns& columns) {
  const std::size_t d = columns.names.size();
  for (std::size_t j = 0; j < d; ++j) {
    const auto [mean, variance] =
        moments(rows, [&](std::size_t i) { return columns.values[i * d + j]; });
    if (!(variance > 0)) {
      throw UsageError(
          fmt::format("column '{}' is constant on the rows that are learnt from", columns.names[j]),
          "", "leave it out by 'drop', or do without 'standardise'");
    }
    for (std::size_t i = 0; i < columns.labels.front().size(); ++i) {
      columns.values[i * d + j] = (columns.values[i * d + j] - mean) / std::sqrt(variance);
    }
  }
}

Dense centred(const Columns& columns, std::span<const std::size_t> rows,
              const std::vector<double>& means) {
  Dense out(rows.size(), means.size());
  for (std::size_t k = 0; k < means.size(); ++k) {
    for (std::size_t i = 0; i < rows.size(); ++i) out(i, k) = columns.labels[k][rows[i]] - means[k];
  }
  return out;
}

KernelData split(Columns columns, const KernelOptions& options) {
  const std::size_t n = columns.labels.front().size();
  const std::vector<std::size_t> order = shuffled({.seed = options.seed}, n);
  const auto count = static_cast<std::size_t>(std::floor(options.test * static_cast<double>(n)));
  const std::span<const std::size_t> tested = std::span(order).first(count);
  const std::span<const std::size_t> learnt = std::span(order).subspan(count);
  if (learnt.size() < 3) {
    throw UsageError(fmt::format("{} rows are left to learn from", learnt.size()),
                     "3 are needed at least", "take a table of more rows, or a smaller 'test'");
  }
  if (options.standardise) standardise_by(learnt, columns);
  KernelData out;
  for (std::size_t k = 0; k < columns.targets.size(); ++k) {
    const auto [mean, variance] =
        moments(learnt, [&](std::size_t i) { return columns.labels[k][i]; });
    if (!(variance > 0)) {
      throw UsageError(fmt::format("target '{}' is constant", columns.targets[k]));
    }
    out.means.push_back(mean);
    out.variances.push_back(variance);
  }
  const std::size_t d = columns.names.size();
  out.learnt = {columns.values, d, learnt};
  out.tested = {columns.values, d, tested};
  out.labels = centred(columns, learnt, out.means);
  out.tested_labels = centred(columns, tested, out.means);
  out.targets = columns.targets;
  for (const std::size_t i : tested) out.rows.push_back(static_cast<std::int64_t>(i));
  return out;
}

}  // namespace

void KernelChoice::describe(deck::Schema& s) {
  if (Kernel{.kind = kind}.has_length()) {
    s.key("length", length, deck::positive,
          "distance over which it falls off; left out: the median distance of 1000 rows");
  } else if (kind == Kind::polynomial) {
    s.key("length", length, deck::positive,
          "what inner products are divided by, squared; left out: the root of the number of "
          "columns");
  } else if (kind == Kind::torus_sobolev) {
    s.key("length", length, deck::positive, "period of every coordinate; left out: 1");
  }
  if (kind == Kind::polynomial) {
    s.key("offset", offset, deck::non_negative, "is added to inner products");
    s.key("degree", degree, deck::between(1, 30), "power of these");
  } else if (is_integral(kind)) {
    s.key("offset", offset, deck::non_negative,
          "of rectifiers: a further coordinate of that value");
  }
  if (kind == Kind::arc_cosine) {
    s.key("degree", degree, deck::between(0, Kernel::most_arc),
          "power of rectifiers: 0 steps, 1 ramps");
  } else if (kind == Kind::torus_sobolev) {
    s.key("degree", degree, deck::between(1, Kernel::most_smooth),
          "weak derivatives that functions have: eigenvalues are m^-(2 degree)");
  }
}

Kernel KernelChoice::kernel(const Points& points) const {
  Kernel out{kind, 1, offset, static_cast<int>(degree)};
  if (length) {
    out.length = *length;
  } else if (out.has_length()) {
    out.length = median_distance(out, points);
  } else if (kind == Kind::polynomial) {
    out.length = std::sqrt(static_cast<double>(points.dimension()));
  }
  return out;
}

void KernelFunctionOptions::describe(deck::Schema& s) {
  s.one_of("kind", choice,
           {alternative("rbf", "exp(-r^2 / 2), r in lengths", Kind::rbf),
            alternative("laplace", "exp(-|x - y|_1 / length)", Kind::laplace),
            alternative("matern12", "exp(-r)", Kind::matern12),
            alternative("matern32", "once differentiable", Kind::matern32),
            alternative("matern52", "twice differentiable", Kind::matern52),
            alternative("polynomial", "(x.y / length^2 + offset)^degree", Kind::polynomial, 1, 3),
            alternative("arc_cosine", "of wide layers of rectifiers, Cho and Saul 2009",
                        Kind::arc_cosine, 1),
            alternative("ntk", "tangent kernel of two layers of rectifiers", Kind::ntk, 1),
            alternative("torus_sobolev", "periodic in every coordinate", Kind::torus_sobolev)},
           "what kernel");
}

void KernelOptions::describe(deck::Schema& s) {
  s.key("data", table.file, deck::non_empty,
        "CSV, LIBSVM, HDF5 or idx table, also compressed by gzip; relative names start from the "
        "folder of the deck")
      .required();
  s.key("target", target, deck::non_empty,
        "columns of labels, the first by its name or its number from 0, negative from the end, "
        "others as the table names them; left out: the last. In HDF5 files the first is a dataset")
      .also(deck::distinct);
  s.key("drop", table.drop, "columns that are left out, by name or number");
  s.key("skip", table.skip, deck::non_negative, "lines of the file before the table");
  s.key("header", table.header,
        "whether the table begins with names of columns; left out: whether its first line holds no "
        "number");
  s.key("dataset", table.dataset, deck::non_empty, "of HDF5 files, the matrix");
  s.table("function", function, "the kernel");
  s.key("lambda", lambda, deck::non_negative,
        "ridges: (K + n lambda I) a = y. What scikit-learn calls alpha is n lambda")
      .also(deck::non_empty)
      .also(deck::increasing)
      .required();
  s.key("solver", solver, deck::one_of({"eigen", "cholesky", "cg"}),
        "eigen: all lambdas from one decomposition, on one rank; cholesky: a factor for each, "
        "shared out; cg: iterations that keep no matrix, by all ranks, with cross-validated "
        "errors in place of those of left-out rows");
  s.key("test", test, deck::Range{.low = 0, .high = 1, .high_open = true},
        "fraction of the rows that is kept for a test, chosen at random");
  s.key("standardise", standardise,
        "whether columns are shifted to mean 0 and scaled to standard deviation 1, as the rows "
        "that are learnt from have them");
  s.key("seed", seed, "of the split");
  s.key("centres", centres, deck::between(1, 100'000),
        "rows that the preconditioner of cg is made from");
  s.key("probes", probes, deck::between(2, 10'000),
        "random signs from which cg estimates a trace for cross-validated errors");
  s.key("tolerance", tolerance,
        deck::Range{.low = 0, .high = 1, .low_open = true, .high_open = true},
        "of cg: residual over labels");
  s.key("iterations", iterations, deck::between(1, 10'000'000), "of cg, at most").may_change();
  s.key("memory", memory, deck::positive, "that a rank may use for matrices [MiB]").may_change();
}

void KernelOptions::validate(const deck::Source& deck) {
  if (is_iterative() && lambda.front() == 0) {
    throw deck.error("kernel.lambda[0]", "it is 0",
                     "the preconditioner of conjugate gradients needs more",
                     "leave it out, or take solver = \"cholesky\"");
  }
  if (standardise && function.choice->kind == Kind::torus_sobolev) {
    throw deck.error("kernel.function", "a periodic kernel has a period in the data's own units",
                     "standardised columns have others", "set 'standardise' to false");
  }
  io::TableRequest request = table;
  request.file = io::disk::beside(deck.file(), table.file);
  if (target) request.label = target->front();
  try {
    const io::DataTable read = io::read_data_table(request);
    data = split(columns_of(read, target.value_or(std::vector<std::string>{"label"})), *this);
  } catch (const Error& error) {
    throw deck.error("kernel.data", error.what());
  }
  if (solver == "eigen" && data.learnt.size() > blas::most_decomposed) {
    throw deck.error("kernel.solver",
                     fmt::format("eigen takes {} rows at most, and there are {}",
                                 blas::most_decomposed, data.learnt.size()),
                     "", "take solver = \"cg\"");
  }
  constexpr double mebibyte = 0x1p20;
  const auto n = static_cast<double>(data.learnt.size());
  const auto m = std::min(n, static_cast<double>(centres));
  const auto columns = static_cast<double>(data.targets.size()) + static_cast<double>(probes);
  // Eigenvectors and what LAPACK needs to find them; a factor; B, its square and vectors.
  const double numbers = solver == "eigen"      ? 3 * n * n
                         : solver == "cholesky" ? n * n
                                                : n * m + 3 * m * m + 8 * n * columns;
  const double bytes = numbers * sizeof(double);
  if (bytes > memory * mebibyte) {
    throw deck.error("kernel.memory",
                     fmt::format("{} of {:.0f} rows would take {:.5g} MiB, more than {:g}", solver,
                                 n, bytes / mebibyte, memory),
                     "",
                     is_iterative() ? "take fewer centres, or raise 'kernel.memory'"
                                    : "take solver = \"cg\", or raise 'kernel.memory'");
  }
}

}  // namespace driftwood::natgrad
