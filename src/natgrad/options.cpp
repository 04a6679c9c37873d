// SPDX-License-Identifier: BSD-3-Clause
#include "natgrad/options.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "base/error.hpp"
#include "deck/schema.hpp"
#include "io/data_table.hpp"
#include "io/disk.hpp"
#include "io/number_list.hpp"
#include "io/table_keys.hpp"
#include "natgrad/deck_checks.hpp"
#include "natgrad/ensemble/blas.hpp"
#include "natgrad/spectrum.hpp"

namespace driftwood::natgrad {
namespace {

constexpr std::int64_t most_rows = 1'000'000;
constexpr double most_gamma = 1e4;

void to_mean_one(std::vector<double>& values) {
  double sum = 0;
  for (const double v : values) sum += v;
  for (double& v : values) v *= static_cast<double>(values.size()) / sum;
}

void copy_all(const std::vector<double>& from, std::span<double> to) {
  if (to.size() != from.size()) throw Error("there is another number of eigenvalues");
  std::copy(from.begin(), from.end(), to.begin());
}

/// By a rule of one number, or of none.
class RuleSpectrum final : public SpectrumSource {
 public:
  RuleSpectrum(std::string kind, std::string key, double value)
      : kind_(std::move(kind)), key_(std::move(key)), parameter_(value) {}

  void describe(deck::Schema& s) override {
    if (key_ == "ratio") {
      s.key(key_, parameter_, deck::positive,
            kind_ == "geometric" ? "eigenvalues are ratio^-((i - 1/2)/d), i = 1 ... d"
                                 : "one half of the eigenvalues over the other")
          .required();
    } else if (key_ == "exponent") {
      s.key(key_, parameter_, deck::finite, "e of eigenvalues i^-e").required();
    }
  }
  void validate(const deck::Source& deck, const std::string& path) override {
    try {
      spectrum_ = Spectrum::named(kind_, parameter_);
    } catch (const UsageError& error) {
      throw deck.error(path, error.what());
    }
  }
  [[nodiscard]] std::string kind() const override { return kind_; }
  void fill(std::span<double> x) const override { spectrum_.fill(x); }

 private:
  std::string kind_;
  std::string key_;
  double parameter_;
  Spectrum spectrum_;
};

/// In HDF5 files.
constexpr const char* eigenvalues = "eigenvalues";

/// Numbers of a file, with mean 1 after scaling.
class FileSpectrum final : public SpectrumSource {
 public:
  void describe(deck::Schema& s) override {
    s.key("file", file_, deck::non_empty,
          "text of eigenvalues, between blanks, commas or ends of lines, or an HDF5 file; relative "
          "names start from the folder of the deck")
        .required();
    s.key("dataset", dataset_, deck::non_empty, "of HDF5 files, the vector");
  }
  void validate(const deck::Source& deck, const std::string& path) override {
    try {
      values_ = io::read_number_list(io::disk::beside(deck.file(), file_), dataset_);
    } catch (const Error& error) {
      throw deck.error(path + ".file", error.what());
    }
    const auto bad = std::find_if(values_.begin(), values_.end(), [](double v) { return v <= 0; });
    if (bad != values_.end()) {
      throw deck.error(
          path + ".file",
          fmt::format("number {} of '{}' is {:g}", bad - values_.begin() + 1, file_, *bad),
          "eigenvalues of a covariance of features are positive");
    }
    to_mean_one(values_);
  }
  [[nodiscard]] std::optional<std::size_t> size() const override { return values_.size(); }
  [[nodiscard]] std::string kind() const override { return "file"; }
  void fill(std::span<double> x) const override { copy_all(values_, x); }

 private:
  std::string file_;
  std::string dataset_ = eigenvalues;
  std::vector<double> values_;
};

/// Of the sample covariance of a table.
class DataSpectrum final : public SpectrumSource {
 public:
  void describe(deck::Schema& s) override {
    s.key("file", table_.file, deck::non_empty,
          "CSV, LIBSVM, HDF5 or idx table, also compressed by gzip; relative names start from the "
          "folder of the deck")
        .required();
    s.key(
        "label", table_.label, deck::non_empty,
        "column of labels, which is left out, by its name or its number from 0, negative from the "
        "end; left out: the last. In HDF5 files a dataset");
    s.key("drop", table_.drop, "further columns that are left out, likewise");
    io::describe_form(s, table_);
    s.key("standardise", standardise_,
          "whether columns are scaled to standard deviation 1; they are shifted to mean 0");
  }
  void validate(const deck::Source& deck, const std::string& path) override {
    io::TableRequest request = table_;
    request.file = io::disk::beside(deck.file(), table_.file);
    try {
      read(io::read_data_table(request));
    } catch (const Error& error) {
      throw deck.error(path + ".file", error.what());
    }
  }
  [[nodiscard]] std::optional<std::size_t> size() const override { return values_.size(); }
  [[nodiscard]] std::string kind() const override { return "data"; }
  void fill(std::span<double> x) const override { copy_all(values_, x); }

 private:
  void read(const io::DataTable& table) {
    const std::size_t n = table.rows();
    const std::size_t d = table.columns();
    if (n <= d) {
      throw UsageError(fmt::format("'{}' has {} rows of {} columns", table_.file, n, d),
                       "a covariance needs more rows than columns, and should have many more");
    }
    Dense x(n, d);
    for (std::size_t j = 0; j < d; ++j) {
      const auto column = x.column(j);
      double mean = 0;
      for (std::size_t i = 0; i < n; ++i) {
        column[i] = table.values[i * d + j];
        mean += column[i] / static_cast<double>(n);
      }
      double square = 0;
      for (double& v : column) {
        v -= mean;
        square += v * v / static_cast<double>(n);
      }
      if (!(square > 0)) {
        throw UsageError(fmt::format("column '{}' is constant", table.names[j]), "",
                         "leave it out by 'drop'");
      }
      if (!standardise_) continue;
      for (double& v : column) v /= std::sqrt(square);
    }
    Dense covariance;
    blas::square(blas::Form::transposed, x, covariance, 1 / static_cast<double>(n));
    blas::decompose(covariance, values_);
    std::reverse(values_.begin(), values_.end());  // the largest first, as rules have them
    if (!(values_.back() > 1e-12 * values_.front())) {
      throw UsageError("the covariance of '" + table_.file + "' is singular",
                       "some columns depend on others", "leave these out by 'drop'");
    }
    to_mean_one(values_);
  }

  io::TableRequest table_;
  bool standardise_ = true;
  std::vector<double> values_;
};

std::vector<deck::Alternative<SpectrumSource>> sources() {
  const auto rule = [](const std::string& kind, const std::string& key, double value) {
    return [=] { return std::make_shared<RuleSpectrum>(kind, key, value); };
  };
  return {{"identity", "all are 1", rule("identity", "", 0)},
          {"twopoint", "one half is so many times the other", rule("twopoint", "ratio", 20)},
          {"geometric", "evenly spaced logarithms", rule("geometric", "ratio", 100)},
          {"power", "a power of their number", rule("power", "exponent", 1)},
          {"data", "those of the sample covariance of a table",
           [] { return std::make_shared<DataSpectrum>(); }},
          {"file", "those of a file", [] { return std::make_shared<FileSpectrum>(); }}};
}

/// Throws where a file has another number of eigenvalues than there are features.
void check_size(const deck::Source& deck, const ProblemOptions& problem, std::size_t gamma,
                std::size_t size, const std::string& file) {
  const std::size_t d = problem.features(problem.gamma[gamma]);
  if (size == d) return;
  throw deck.error(
      entry_of("problem.gamma", gamma),
      fmt::format("{} features are asked for, and {} has {} eigenvalues", d, file, size),
      "d = round(gamma n)",
      fmt::format("take gamma = {:.6g}, or another n",
                  static_cast<double>(size) / static_cast<double>(problem.n)));
}

Alignment alignment_of(const deck::Source& deck, const std::string& name, std::size_t place) {
  if (const auto r = io::number_in(name)) return {name, *r};
  const std::string key = entry_of("problem.alignment", place);
  Alignment out{name, std::nan("")};
  try {
    out.values = io::read_number_list(io::disk::beside(deck.file(), name), eigenvalues);
  } catch (const Error& error) {
    throw deck.error(key, error.what());
  }
  const auto& values = out.values;
  const auto bad = std::find_if(values.begin(), values.end(), [](double v) { return v < 0; });
  if (bad != values.end()) {
    throw deck.error(key,
                     fmt::format("number {} of '{}' is {:g}", bad - values.begin() + 1, name, *bad),
                     "eigenvalues of a covariance are not negative");
  }
  if (std::all_of(values.begin(), values.end(), [](double v) { return v == 0; })) {
    throw deck.error(key, "all numbers of '" + name + "' are 0", "there would be no signal");
  }
  return out;
}

}  // namespace

void Alignment::fill(std::span<const double> features, std::span<double> prior) const {
  if (!is_file()) {
    fill_aligned(features, r, prior);
    return;
  }
  copy_all(values, prior);
  double sum = 0;
  for (std::size_t i = 0; i < prior.size(); ++i) sum += features[i] * prior[i];
  for (double& v : prior) v *= static_cast<double>(prior.size()) / sum;
}

void SpectrumOptions::describe(deck::Schema& s) {
  s.one_of("kind", source, sources(), "rule of the eigenvalues of Sigma_X, whose mean is 1");
}

void ProblemOptions::describe(deck::Schema& s) {
  s.table("spectrum", spectrum, "the covariance Sigma_X of the features");
  s.key("alignment", alignment_names, deck::non_empty,
        "numbers or names of files: r of the signal's covariance Sigma_theta = Sigma_X^r, or its "
        "eigenvalues in the order of those of Sigma_X, a text, or 'eigenvalues' of an HDF5 file; "
        "scaled so that predicting 0 has risk 1")
      .also(deck::distinct);
  s.key("gamma", gamma, deck::Range{.low = 0, .high = most_gamma, .low_open = true},
        "features over rows; d = round(gamma n) features are taken")
      .also(deck::non_empty)
      .also(deck::distinct)
      .required();
  s.key("n", n, deck::between(1, most_rows), "rows that are learnt from").required();
  s.key("noise", noise, deck::non_negative,
        "variance of the noise of labels, and of what is left out")
      .also(deck::non_empty)
      .also(deck::distinct);
  s.key("memory", memory, deck::positive,
        "that a rank may use for eigenvalues and for a design, and rank 0 for results [MiB]")
      .may_change();
}

void ProblemOptions::validate(const deck::Source& deck) {
  spectrum.source->validate(deck, "problem.spectrum");
  for (std::size_t i = 0; i < gamma.size(); ++i) {
    const std::size_t d = features(gamma[i]);
    if (d == 0) {
      throw deck.error(entry_of("problem.gamma", i),
                       fmt::format("gamma n is {:.3g}", gamma[i] * static_cast<double>(n)),
                       "a design has a feature at least");
    }
    for (std::size_t other = 0; other < i; ++other) {
      if (features(gamma[other]) != d) continue;
      throw deck.error(
          entry_of("problem.gamma", i),
          fmt::format("{:g} and {:g} both give {} features", gamma[other], gamma[i], d),
          "d = round(gamma n)", "remove one of them, or raise n");
    }
    if (const auto size = spectrum.source->size()) check_size(deck, *this, i, *size, "the file");
  }
  alignment.clear();
  for (std::size_t a = 0; a < alignment_names.size(); ++a) {
    const Alignment& added = alignment.emplace_back(alignment_of(deck, alignment_names[a], a));
    for (std::size_t other = 0; other < a; ++other) {
      if (added.is_file() || alignment[other].r != added.r) continue;
      throw deck.error(entry_of("problem.alignment", a),
                       fmt::format("{:g} is given again", added.r), "", "remove it");
    }
    if (!added.is_file()) continue;
    for (std::size_t i = 0; i < gamma.size(); ++i) {
      check_size(deck, *this, i, added.values.size(), "'" + added.name + "'");
    }
  }
}

std::size_t ProblemOptions::features(double of_gamma) const {
  return static_cast<std::size_t>(std::llround(of_gamma * static_cast<double>(n)));
}

void EstimatorOptions::describe(deck::Schema& s) {
  s.key("preconditioner", preconditioner, deck::non_empty,
        "P of theta' = P X^T (y - X theta) / n: gd (I), ngd (Sigma_X^-1), opt (Sigma_theta), add:A "
        "((A Sigma_X + (1 - A) I)^-1), pow:A (Sigma_X^-A), fisher_estimate:U (of U unlabelled "
        "rows), fisher_sample (of the rows that are learnt from)")
      .also(deck::distinct)
      .required();
  s.key("ridge", ridge, deck::non_negative, "of |theta|^2 in the norm of P^-1, per row")
      .also(deck::non_empty)
      .also(deck::distinct);
  s.key("time", time, deck::may_be_infinite, "when the gradient flow from 0 stops; \"inf\": never")
      .also(deck::non_negative)
      .also(deck::non_empty)
      .also(deck::distinct);
}

void EstimatorOptions::validate(const deck::Source& deck, const ProblemOptions& problem) {
  parsed.clear();
  for (std::size_t i = 0; i < preconditioner.size(); ++i) {
    const std::string key = entry_of("estimator.preconditioner", i);
    parsed.push_back(parsed_at(deck, key, preconditioner[i]));
    const auto same = std::find(parsed.begin(), parsed.end() - 1, parsed.back());
    if (same == parsed.end() - 1) continue;
    throw deck.error(key,
                     fmt::format("'{}' is '{}' again", preconditioner[i],
                                 preconditioner[static_cast<std::size_t>(same - parsed.begin())]),
                     "", "remove it");
  }
  const bool is_plain =
      std::find(ridge.begin(), ridge.end(), 0.0) != ridge.end() &&
      std::any_of(time.begin(), time.end(), [](double t) { return std::isinf(t); });
  const bool has_sample = std::any_of(parsed.begin(), parsed.end(), [](const Preconditioner& p) {
    return p.kind == Preconditioner::Kind::fisher_sample;
  });
  const bool is_other = ridge.size() > 1 || time.size() > 1 || !is_plain;
  const auto n = static_cast<std::size_t>(problem.n);
  const bool has_opt = std::any_of(parsed.begin(), parsed.end(), [](const Preconditioner& p) {
    return p.kind == Preconditioner::Kind::opt;
  });
  for (std::size_t a = 0; has_opt && is_plain && a < problem.alignment.size(); ++a) {
    const std::vector<double>& values = problem.alignment[a].values;
    const auto zeros = static_cast<std::size_t>(std::count(values.begin(), values.end(), 0.0));
    if (zeros == 0 || values.size() - zeros > n) continue;
    throw deck.error(entry_of("problem.alignment", a),
                     fmt::format("only {} eigenvalues of '{}' are above 0", values.size() - zeros,
                                 problem.alignment[a].name),
                     fmt::format("'opt' moves in these directions alone and is to fit {} rows", n),
                     "leave out 'opt', or give a ridge or a time alone");
  }
  for (std::size_t g = 0; g < problem.gamma.size(); ++g) {
    const std::size_t d = problem.features(problem.gamma[g]);
    if (d == n && has_sample && !is_plain) {
      throw deck.error(entry_of("problem.gamma", g), "there are as many features as rows",
                       "'fisher_sample' then has no limit, with a ridge or a time either",
                       "take another gamma, or leave 'fisher_sample' out");
    }
    if (d == n && is_plain) {
      throw deck.error(entry_of("problem.gamma", g), "there are as many features as rows",
                       "without a ridge or a time the risk is infinite",
                       "take another gamma, or 'estimator.ridge' above 0");
    }
    for (std::size_t i = 0; i < parsed.size(); ++i) {
      const Preconditioner& p = parsed[i];
      if (p.kind != Preconditioner::Kind::fisher_estimate) continue;
      const auto u = static_cast<std::size_t>(p.rows);
      const std::size_t least = is_other ? d : d > n ? d - n + 1 : 1;
      if (u >= least) continue;
      throw deck.error(entry_of("estimator.preconditioner", i),
                       fmt::format("{} unlabelled rows are too few for {} features", u, d),
                       is_other ? "with a ridge or a time there must be as many"
                                : "they must be more than the features less the rows",
                       fmt::format("take {} or more", least));
    }
  }
}

bool EstimatorOptions::takes_fisher() const {
  return std::any_of(parsed.begin(), parsed.end(),
                     [](const Preconditioner& p) { return !p.is_fixed(); });
}

void EnsembleOptions::describe(deck::Schema& s) {
  s.key("replicas", replicas, deck::between(2, 10'000'000), "designs that are drawn for each gamma")
      .required();
  s.key("seed", seed, "of the designs");
  s.key("law", law_name, deck::one_of({"normal", "rademacher", "student"}),
        "of the independent features behind a design; student has 8 degrees of freedom");
  s.key(
      "solver", solver_name, deck::one_of({"lapack", "petsc"}),
      "of a design: lapack factors matrices, which is exact; petsc iterates and probes traces, for "
      "designs that are too large for that");
  s.key("probes", probes, deck::between(2, 1'000'000),
        "vectors of signs by which petsc estimates either trace of a design");
}

double EnsembleOptions::bytes(double settings) const {
  return settings * static_cast<double>(replicas) * static_cast<double>(sizeof(BiasVariance));
}

void EnsembleOptions::validate(const deck::Source& deck, const EstimatorOptions& estimator) const {
  if (!are_large()) return;
  if (!has_large_replicas()) {
    throw deck.error(
        "ensemble.solver", "this build has no PETSc and SLEPc", "'petsc' needs both",
        "install libpetsc-real-dev and libslepc-real-dev (spack: petsc, slepc) and build "
        "again, or take 'lapack'");
  }
  for (std::size_t i = 0; i < estimator.parsed.size(); ++i) {
    if (estimator.parsed[i].is_fixed()) continue;
    throw deck.error(entry_of("estimator.preconditioner", i),
                     fmt::format("'petsc' has no preconditioner '{}'", estimator.parsed[i].name()),
                     "it is a matrix of drawn rows", "leave it out, or take the solver 'lapack'");
  }
}

LargeOptions EnsembleOptions::large(const ProblemOptions& problem) const {
  return {.probes = probes, .law = law(), .memory = problem.memory * mebibyte};
}

FeatureLaw EnsembleOptions::law() const {
  if (law_name == "rademacher") return FeatureLaw::rademacher;
  return law_name == "student" ? FeatureLaw::student : FeatureLaw::normal;
}

double design_bytes(const ProblemOptions& problem, const EstimatorOptions& estimator,
                    std::size_t features) {
  const auto n = static_cast<double>(problem.n);
  const auto d = static_cast<double>(features);
  const double numbers = 3 * n * d + 3 * n * n + (estimator.takes_fisher() ? 2 * d * d : 0);
  return numbers * sizeof(double);
}

void check_memory(const deck::Source& deck, const ProblemOptions& problem,
                  const EstimatorOptions& estimator,
                  const std::optional<EnsembleOptions>& ensemble) {
  constexpr double number = sizeof(double);
  const auto refuse = [&](const std::string& what, double bytes, const char* suggestion) {
    check_memory_limit(deck, "problem.memory", what, bytes, problem.memory, "", suggestion);
  };
  const auto count = [](const auto& list) { return static_cast<double>(list.size()); };
  double features = 0;
  for (const double gamma : problem.gamma) {
    features += static_cast<double>(problem.features(gamma));
  }
  refuse(fmt::format("{:.0f} eigenvalues of features, and of {} alignments", features,
                     problem.alignment.size()),
         features * (1 + count(problem.alignment)) * number,
         "take fewer or smaller gammas, a smaller n, or raise 'problem.memory'");
  const double cells =
      static_cast<double>(estimator.count()) * count(problem.alignment) * count(problem.gamma);
  const double points = cells * count(problem.noise);
  // What all ranks found comes as bytes and as values; names of points are texts, twice.
  refuse(fmt::format("results of {:.0f} points", points),
         4 * cells * static_cast<double>(sizeof(BiasVariance)) +
             2 * points * static_cast<double>(sizeof(std::string)),
         "take a smaller grid, or raise 'problem.memory'");
  if (!ensemble) return;
  refuse(fmt::format("results of {:.0f} settings and {} replicas", cells, ensemble->replicas),
         ensemble->bytes(cells), "take fewer replicas, a smaller grid, or raise 'problem.memory'");
  for (const double gamma : problem.gamma) {
    const std::size_t d = problem.features(gamma);
    const std::string design = fmt::format("a design of {} x {}", problem.n, d);
    if (ensemble->are_large()) {
      const LargeOptions large = ensemble->large(problem);
      refuse(design, large_replica_bytes(1, static_cast<std::size_t>(problem.n), d, large),
             "take a smaller n, or raise 'problem.memory'");
      continue;
    }
    refuse(design, design_bytes(problem, estimator, d),
           "take a smaller n, raise 'problem.memory', or take the solver 'petsc'");
  }
}

}  // namespace driftwood::natgrad
