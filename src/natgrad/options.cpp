// SPDX-License-Identifier: BSD-3-Clause
#include "natgrad/options.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <fstream>

#include "base/error.hpp"
#include "deck/schema.hpp"
#include "io/data_table.hpp"
#include "io/disk.hpp"
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

/// Numbers of a text file, with mean 1 after scaling.
class FileSpectrum final : public SpectrumSource {
 public:
  void describe(deck::Schema& s) override {
    s.key("file", file_, deck::non_empty,
          "text file of eigenvalues, by white space or lines; relative names start from the folder "
          "of "
          "the deck")
        .required();
  }
  void validate(const deck::Source& deck, const std::string& path) override {
    const auto name = std::filesystem::path(io::disk::folder_of(deck.file())) / file_;
    std::ifstream in(name.lexically_normal());
    if (!in) {
      throw deck.error(path + ".file", "cannot read '" + name.lexically_normal().string() + "'",
                       "relative names start from the folder of the deck");
    }
    values_.clear();
    for (std::string word; in >> word;) {
      std::size_t end = 0;
      double value = 0;
      try {
        value = std::stod(word, &end);
      } catch (const std::exception&) {
        end = 0;
      }
      if (end != word.size() || !(value > 0) || std::isinf(value)) {
        throw deck.error(path + ".file",
                         fmt::format("'{}' of '{}', number {}, is no eigenvalue", word, file_,
                                     values_.size() + 1),
                         "they are positive and finite");
      }
      values_.push_back(value);
    }
    if (values_.empty()) throw deck.error(path + ".file", "'" + file_ + "' is empty");
    to_mean_one(values_);
  }
  [[nodiscard]] std::optional<std::size_t> size() const override { return values_.size(); }
  [[nodiscard]] std::string kind() const override { return "file"; }
  void fill(std::span<double> x) const override { copy_all(values_, x); }

 private:
  std::string file_;
  std::vector<double> values_;
};

/// Of the sample covariance of a table.
class DataSpectrum final : public SpectrumSource {
 public:
  void describe(deck::Schema& s) override {
    s.key("file", table_.file, deck::non_empty,
          "CSV, LIBSVM or HDF5 table; relative names start from the folder of the deck")
        .required();
    s.key(
        "label", table_.label, deck::non_empty,
        "column of labels, which is left out, by its name or its number from 0, negative from the "
        "end; left out: the last. In HDF5 files a dataset");
    s.key("drop", table_.drop, "further columns that are left out, likewise");
    s.key("skip", table_.skip, deck::non_negative, "lines of the file before the table");
    s.key(
        "header", table_.header,
        "whether the table begins with names of columns; left out: whether its first line holds no "
        "number");
    s.key("dataset", table_.dataset, deck::non_empty, "of HDF5 files, the matrix");
    s.key("standardise", standardise_,
          "whether columns are scaled to standard deviation 1; they are shifted to mean 0");
  }
  void validate(const deck::Source& deck, const std::string& path) override {
    io::TableRequest request = table_;
    request.file =
        (std::filesystem::path(io::disk::folder_of(deck.file())) / table_.file).lexically_normal();
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

std::string at(const std::string& key, std::size_t i) { return fmt::format("{}[{}]", key, i); }

}  // namespace

void SpectrumOptions::describe(deck::Schema& s) {
  s.one_of("kind", source, sources(), "rule of the eigenvalues of Sigma_X, whose mean is 1");
}

void ProblemOptions::describe(deck::Schema& s) {
  s.table("spectrum", spectrum, "the covariance Sigma_X of the features");
  s.key("alignment", alignment, deck::finite,
        "r of Sigma_theta = Sigma_X^r, the signal's covariance; scaled so that predicting 0 has "
        "risk 1")
      .also(deck::non_empty)
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
}

void ProblemOptions::validate(const deck::Source& deck) {
  spectrum.source->validate(deck, "problem.spectrum");
  for (std::size_t i = 0; i < gamma.size(); ++i) {
    const std::size_t d = features(gamma[i]);
    if (d == 0) {
      throw deck.error(at("problem.gamma", i),
                       fmt::format("gamma n is {:.3g}", gamma[i] * static_cast<double>(n)),
                       "a design has a feature at least");
    }
    const auto size = spectrum.source->size();
    if (size && *size != d) {
      throw deck.error(
          at("problem.gamma", i),
          fmt::format("{} features are asked for, and the file has {} eigenvalues", d, *size),
          "d = round(gamma n)",
          fmt::format("take gamma = {:.6g}, or another n",
                      static_cast<double>(*size) / static_cast<double>(n)));
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
    try {
      parsed.push_back(Preconditioner::parse(preconditioner[i]));
    } catch (const UsageError& error) {
      throw deck.error(at("estimator.preconditioner", i), error.what());
    }
  }
  const bool is_plain =
      std::find(ridge.begin(), ridge.end(), 0.0) != ridge.end() &&
      std::any_of(time.begin(), time.end(), [](double t) { return std::isinf(t); });
  const bool has_sample = std::any_of(parsed.begin(), parsed.end(), [](const Preconditioner& p) {
    return p.kind == Preconditioner::Kind::fisher_sample;
  });
  const bool is_other = ridge.size() > 1 || time.size() > 1 || !is_plain;
  const auto n = static_cast<std::size_t>(problem.n);
  for (std::size_t g = 0; g < problem.gamma.size(); ++g) {
    const std::size_t d = problem.features(problem.gamma[g]);
    if (d == n && has_sample && !is_plain) {
      throw deck.error(at("problem.gamma", g), "there are as many features as rows",
                       "'fisher_sample' then has no limit, with a ridge or a time either",
                       "take another gamma, or leave 'fisher_sample' out");
    }
    if (d == n && is_plain) {
      throw deck.error(at("problem.gamma", g), "there are as many features as rows",
                       "without a ridge or a time the risk is infinite",
                       "take another gamma, or 'estimator.ridge' above 0");
    }
    for (std::size_t i = 0; i < parsed.size(); ++i) {
      const Preconditioner& p = parsed[i];
      if (p.kind != Preconditioner::Kind::fisher_estimate) continue;
      const auto u = static_cast<std::size_t>(p.rows);
      const std::size_t least = is_other ? d : d > n ? d - n + 1 : 1;
      if (u >= least) continue;
      throw deck.error(at("estimator.preconditioner", i),
                       fmt::format("{} unlabelled rows are too few for {} features", u, d),
                       is_other ? "with a ridge or a time there must be as many"
                                : "they must be more than the features less the rows",
                       fmt::format("take {} or more", least));
    }
  }
}

void EnsembleOptions::describe(deck::Schema& s) {
  s.key("replicas", replicas, deck::between(2, 10'000'000), "designs that are drawn for each gamma")
      .required();
  s.key("seed", seed, "of the designs");
  s.key("law", law_name, deck::one_of({"normal", "rademacher", "student"}),
        "of the independent features behind a design; student has 8 degrees of freedom");
  s.key("memory", memory, deck::positive,
        "that a rank may use for a design, and rank 0 for results of all replicas [MiB]")
      .may_change();
  s.key(
      "solver", solver_name, deck::one_of({"lapack", "petsc"}),
      "of a design: lapack factors matrices, which is exact; petsc iterates and probes traces, for "
      "designs that are too large for that");
  s.key("probes", probes, deck::between(2, 1'000'000),
        "vectors of signs by which petsc estimates either trace of a design");
}

void EnsembleOptions::validate(const deck::Source& deck, const ProblemOptions& problem,
                               const EstimatorOptions& estimator) const {
  constexpr double mebibyte = 0x1p20;
  const auto refuse = [&](const std::string& what, double bytes, const char* suggestion) {
    if (bytes <= memory * mebibyte) return;
    throw deck.error(
        "ensemble.memory",
        fmt::format("{} would take {:.5g} MiB, more than {:g}", what, bytes / mebibyte, memory), "",
        suggestion);
  };
  const double estimators = static_cast<double>(estimator.parsed.size()) *
                            static_cast<double>(estimator.ridge.size()) *
                            static_cast<double>(estimator.time.size());
  const double cells = estimators * static_cast<double>(problem.alignment.size()) *
                       static_cast<double>(problem.gamma.size());
  refuse(fmt::format("results of {:.0f} settings and {} replicas", cells, replicas),
         cells * static_cast<double>(replicas) * static_cast<double>(sizeof(BiasVariance)),
         "take fewer replicas, a smaller grid, or raise 'ensemble.memory'");
  if (are_large()) validate_large(deck, estimator);
  const bool has_fisher = std::any_of(estimator.parsed.begin(), estimator.parsed.end(),
                                      [](const Preconditioner& p) { return !p.is_fixed(); });
  const auto n = static_cast<double>(problem.n);
  for (const double gamma : problem.gamma) {
    const auto d = static_cast<double>(problem.features(gamma));
    const std::string design = fmt::format("a design of {:.0f} x {:.0f}", n, d);
    if (are_large()) {
      refuse(design,
             large_replica_bytes(1, static_cast<std::size_t>(problem.n), problem.features(gamma),
                                 large()),
             "take a smaller n, or raise 'ensemble.memory'");
      continue;
    }
    // X, what P makes of it, and the matrices that are factored.
    const double numbers = 3 * n * d + 3 * n * n + (has_fisher ? 2 * d * d : 0);
    refuse(design, numbers * static_cast<double>(sizeof(double)),
           "take a smaller n, raise 'ensemble.memory', or take the solver 'petsc'");
  }
}

void EnsembleOptions::validate_large(const deck::Source& deck,
                                     const EstimatorOptions& estimator) const {
  if (!has_large_replicas()) {
    throw deck.error(
        "ensemble.solver", "this build has no PETSc and SLEPc", "'petsc' needs both",
        "install libpetsc-real-dev and libslepc-real-dev (spack: petsc, slepc) and build "
        "again, or take 'lapack'");
  }
  for (std::size_t i = 0; i < estimator.parsed.size(); ++i) {
    if (estimator.parsed[i].is_fixed()) continue;
    throw deck.error(at("estimator.preconditioner", i),
                     fmt::format("'petsc' has no preconditioner '{}'", estimator.parsed[i].name()),
                     "it is a matrix of drawn rows", "leave it out, or take the solver 'lapack'");
  }
}

LargeOptions EnsembleOptions::large() const {
  constexpr double mebibyte = 0x1p20;
  return {.probes = probes, .law = law(), .memory = memory * mebibyte};
}

FeatureLaw EnsembleOptions::law() const {
  if (law_name == "rademacher") return FeatureLaw::rademacher;
  return law_name == "student" ? FeatureLaw::student : FeatureLaw::normal;
}

}  // namespace driftwood::natgrad
