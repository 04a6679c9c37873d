// SPDX-License-Identifier: BSD-3-Clause
#include "natgrad/advice/options.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "base/error.hpp"
#include "deck/schema.hpp"
#include "io/disk.hpp"

namespace driftwood::natgrad {
namespace {

using Kind = Preconditioner::Kind;

constexpr double most_rows = 1e9;

bool is_of_the_features(const Preconditioner& p) {
  return p.kind == Kind::gd || p.kind == Kind::ngd || p.kind == Kind::add || p.kind == Kind::pow;
}

std::string at(const char* key, std::size_t i) { return fmt::format("advise.{}[{}]", key, i); }

}  // namespace

void AdviceOptions::describe(deck::Schema& s) {
  s.key("data", data, deck::non_empty,
        "CSV, LIBSVM, HDF5 or idx table, also compressed by gzip; relative names start from the "
        "folder of the deck")
      .required();
  s.key("target", target, deck::non_empty,
        "column of labels, numbers or two words, by its name or its number from 0, negative from "
        "the end; in HDF5 files a dataset; left out: there are none, but in LIBSVM files");
  s.key("drop", drop, "columns that are left out, likewise");
  s.key("unlabelled", unlabelled, deck::non_empty,
        "a further table, of rows without labels, from which the covariance is estimated too");
  s.key("skip", skip, deck::non_negative, "lines of files before the table");
  s.key("header", header,
        "whether tables begin with names of columns; left out: whether the first line holds no "
        "number");
  s.key("dataset", dataset, deck::non_empty, "of HDF5 files, the matrix");
  s.key("standardise", standardise,
        "whether columns are scaled to standard deviation 1; they are shifted to mean 0");
  s.key("rare", rare, deck::Range{.low = 0, .high = 1, .high_open = true},
        "columns of which all but this share of entries are the same are left out");
  s.key("rows", rows, deck::distinct,
        "numbers of rows to learn from; left out: all, and twice, half and a quarter of the "
        "features");
  s.key("alignment", alignment, deck::finite,
        "without a target, r of Sigma_theta = Sigma_X^r, the signal's covariance")
      .also(deck::non_empty)
      .also(deck::distinct);
  s.key("noise", noise, deck::non_negative,
        "variances of what is no linear function of the features, over the signal's; that of a "
        "target is added")
      .also(deck::non_empty)
      .also(deck::distinct);
  s.key("preconditioner", preconditioner, deck::non_empty,
        "what is compared with gd: gd, ngd, add:A or pow:A")
      .also(deck::distinct);
  s.key("worth", worth, deck::between(0.0, 1.0),
        "relative fall of the risk from which on preconditioning pays");
  s.key("replicas", replicas, deck::between(0, 100'000),
        "choices of rows on which every prediction is tried; 0: none");
  s.key("seed", seed, "of these, and of what else is drawn");
}

void AdviceOptions::validate(const deck::Source& deck) {
  parsed.clear();
  for (std::size_t i = 0; i < preconditioner.size(); ++i) {
    try {
      parsed.push_back(Preconditioner::parse(preconditioner[i]));
    } catch (const UsageError& error) {
      throw deck.error(at("preconditioner", i), error.what());
    }
    if (!is_of_the_features(parsed.back())) {
      throw deck.error(
          at("preconditioner", i), fmt::format("there is no advice on '{}'", preconditioner[i]),
          "a covariance of features does not tell what it does", "take gd, ngd, add:A or pow:A");
    }
  }
  const auto gd = std::find(parsed.begin(), parsed.end(), Preconditioner{});
  if (gd == parsed.end() || parsed.size() < 2) {
    throw deck.error("advise.preconditioner", "there is nothing to compare",
                     "advice is on what to take in place of gradient descent",
                     "list gd and another");
  }
  std::rotate(parsed.begin(), gd, gd + 1);
  if (replicas == 1) {
    throw deck.error("advise.replicas", "one choice of rows has no standard error", "",
                     "take 2 or more, or 0");
  }
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (rows[i] >= 2 && rows[i] <= most_rows && rows[i] == std::floor(rows[i])) continue;
    throw deck.error(at("rows", i), fmt::format("{} is no number of rows", rows[i]), "",
                     "give whole numbers from 2 on");
  }
  AdviceTable request;
  request.table.file = io::disk::beside(deck.file(), data);
  request.table.drop = drop;
  request.table.skip = skip;
  request.table.header = header;
  request.table.dataset = dataset;
  request.standardise = standardise;
  request.rare = rare;
  if (unlabelled) request.unlabelled = io::disk::beside(deck.file(), *unlabelled);
  try {
    request.table.label = target;
    request.table.has_labels = target.has_value() || io::table_format(request.table) == "libsvm";
    table = std::make_shared<const AdviceRows>(read_advice_rows(request));
  } catch (const UnlabelledError& error) {
    throw deck.error("advise.unlabelled", error.what());
  } catch (const Error& error) {
    const std::string hint =
        target ? "" : "name a column of labels by 'target', and leave others out by 'drop'";
    throw deck.error("advise.data", error.what(), "", hint);
  }
}

std::vector<std::size_t> AdviceOptions::rows_to_learn() const {
  std::vector<std::size_t> out;
  if (!rows.empty()) {
    for (const double n : rows) out.push_back(static_cast<std::size_t>(n));
    return out;
  }
  const std::size_t d = table->features();
  for (const std::size_t n : {table->count(), 2 * d, d / 2, d / 4}) {
    const bool is_known = std::find(out.begin(), out.end(), n) != out.end();
    if (n >= 2 && n <= table->count() && !is_known) out.push_back(n);
  }
  return out;
}

}  // namespace driftwood::natgrad
