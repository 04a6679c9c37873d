// SPDX-License-Identifier: BSD-3-Clause
#include <fmt/format.h>

#include <cmath>
#include <utility>

#include "io/study_layout.hpp"
#include "natgrad/advice/study.hpp"

namespace driftwood::natgrad {
namespace {

namespace layout = io::layout;

/// Writes one number of each of some items, along their own dimension.
template <class Item>
class Columns {
 public:
  Columns(io::ResultFile& file, std::string_view group, const std::vector<Item>& items)
      : file_(file), group_(group), items_(items) {
    std::vector<std::int64_t> numbers(items.size());
    for (std::size_t i = 0; i < numbers.size(); ++i) numbers[i] = static_cast<std::int64_t>(i);
    file_.coordinate(group_ + "number",
                     {{}, "1", "number", std::span<const std::int64_t>(numbers)});
  }

  template <class T, class Get>
  void put(const char* name, const char* what, const Get& get) {
    std::vector<T> values;
    for (const Item& item : items_) values.push_back(get(item));
    file_.write(group_ + name, {{group_ + "number"}, "1", what, std::span<const T>(values)});
  }

 private:
  io::ResultFile& file_;
  std::string group_;
  const std::vector<Item>& items_;
};

std::int64_t as_int(std::size_t n) { return static_cast<std::int64_t>(n); }

}  // namespace

void AdviceStudy::write(io::ResultFile& file) const {
  write_spectrum(file);
  write_points(file);
  write_answers(file);
  write_labels(file);
  const AdviceRows& rows = *options_.table;
  const auto set = [&](const char* name, const io::Attribute& value) {
    file.attribute_of(layout::advice::group, name, value);
  };
  set("rows", as_int(rows.count()));
  set("pooled_rows", as_int(rows.pooled_rows));
  set("features", as_int(rows.features()));
  set("dependent", as_int(rows.dependent));
  set("left_out", fmt::format("{}", fmt::join(rows.left_out, " ")));
  set("misfit", spectrum_.misfit);
  set("worth", options_.worth);
  std::vector<std::string> warnings = data_warnings();
  for (std::string& warning : trial_warnings()) warnings.push_back(std::move(warning));
  set("warnings", fmt::format("{}", fmt::join(warnings, "\n")));
  set("replicas", trial_.tried().empty() ? std::int64_t{0} : trial_.replicas());
  if (!evidence_) return;
  set("noise", evidence_->noise().value);
  set("noise_low", evidence_->noise().low);
  set("noise_high", evidence_->noise().high);
  set("alignment", evidence_->alignment().value);
  set("alignment_low", evidence_->alignment().low);
  set("alignment_high", evidence_->alignment().high);
  set("signal_share", evidence_->signal_share());
  set("noise_share", evidence_->noise_share());
}

void AdviceStudy::write_spectrum(io::ResultFile& file) const {
  std::vector<std::int64_t> numbers(grid_.features());
  for (std::size_t i = 0; i < numbers.size(); ++i) numbers[i] = as_int(i);
  const std::string number(layout::advice::eigenvalue);
  file.coordinate(number, {{},
                           "1",
                           "number of the eigenvalue, the largest first",
                           std::span<const std::int64_t>(numbers)});
  file.write(layout::advice::population,
             {{number},
              "1",
              "eigenvalues of the covariance of the population, as estimated",
              std::span<const double>(spectrum_.values)});
  file.write(layout::advice::sample,
             {{number}, "1", "of the rows", std::span<const double>(options_.table->pooled)});
}

void AdviceStudy::write_points(io::ResultFile& file) const {
  const std::vector<Point> all = points();
  Columns<Point> out(file, layout::advice::prediction, all);
  out.put<std::int64_t>("rows", "rows that are learnt from",
                        [&](const Point& p) { return as_int(grid_.rows()[p.n]); });
  out.put<double>("gamma", "features over rows", [&](const Point& p) { return grid_.gamma(p.n); });
  out.put<std::string>("signal", "what lies behind the labels",
                       [&](const Point& p) { return grid_.signals()[p.signal].name; });
  out.put<std::string>("preconditioner", "what multiplies the gradient", [&](const Point& p) {
    return grid_.preconditioners()[p.preconditioner].name();
  });
  out.put<std::string>("tuning", "what keeps it from learning noise",
                       [&](const Point& p) { return name_of(p.tuning); });
  out.put<double>("noise", "variance of noise over that of the signal",
                  [&](const Point& p) { return grid_.noise()[p.noise]; });
  out.put<double>("ridge", "the best one in theory, in the norm of P^-1", [&](const Point& p) {
    return grid_.estimator(p.preconditioner, p.signal, p.filter).ridge;
  });
  out.put<double>("time", "the best one in theory", [&](const Point& p) {
    return grid_.estimator(p.preconditioner, p.signal, p.filter).time;
  });
  out.put<double>("bias", "in theory", [](const Point& p) { return p.theory.bias; });
  out.put<double>("variance", "in theory, per unit of noise",
                  [](const Point& p) { return p.theory.variance; });
  out.put<double>("risk", "in theory",
                  [&](const Point& p) { return p.theory.risk(grid_.noise()[p.noise]); });
  out.put<double>("measured", "risk, mean over choices of rows",
                  [](const Point& p) { return p.risk.mean; });
  out.put<double>("standard_error", "of that",
                  [](const Point& p) { return p.risk.standard_error; });
  out.put<std::int64_t>("replicas", "choices of rows that have a risk",
                        [](const Point& p) { return p.risk.count; });
}

void AdviceStudy::write_answers(io::ResultFile& file) const {
  Columns<Answer> out(file, layout::advice::answer, answers_);
  out.put<std::int64_t>("rows", "rows that are learnt from",
                        [&](const Answer& a) { return as_int(grid_.rows()[a.n]); });
  out.put<std::string>("signal", "what lies behind the labels",
                       [&](const Answer& a) { return grid_.signals()[a.signal].name; });
  out.put<std::string>("tuning", "what keeps it from learning noise",
                       [](const Answer& a) { return name_of(a.tuning); });
  out.put<double>("noise", "variance of noise over that of the signal",
                  [&](const Answer& a) { return grid_.noise()[a.noise]; });
  out.put<std::string>("best", "the preconditioner but gd with the least risk in theory",
                       [&](const Answer& a) { return grid_.preconditioners()[a.best].name(); });
  out.put<double>("gain", "1 - its risk over that of gd", [](const Answer& a) { return a.gain; });
  out.put<std::int64_t>("does_pay", "whether that is more than what is worth it",
                        [](const Answer& a) { return a.does_pay ? 1 : 0; });
  out.put<std::string>("verdict", "yes, no, no matter or cannot tell", [&](const Answer& a) {
    return std::string(verdict_names.at(static_cast<std::size_t>(a.verdict(options_.worth))));
  });
  out.put<std::string>("words", "the same, with what is gained or lost",
                       [&](const Answer& a) { return words_of(a); });
  out.put<double>("confidence", "share of draws that agree",
                  [](const Answer& a) { return a.confidence; });
  out.put<double>("measured", "the gain over choices of rows",
                  [](const Answer& a) { return a.measured; });
  out.put<double>("standard_error", "of that", [](const Answer& a) { return a.measured_error; });
  out.put<std::int64_t>("confirmed", "1: yes, 0: no, -1: cannot tell", [&](const Answer& a) {
    const auto confirmed = a.is_confirmed(options_.worth);
    return !confirmed ? -1 : *confirmed ? 1 : 0;
  });
}

void AdviceStudy::write_labels(io::ResultFile& file) const {
  const std::vector<LabelTest> tests = label_tests();
  if (tests.empty()) return;
  Columns<LabelTest> out(file, layout::advice::labels, tests);
  out.put<std::int64_t>("rows", "rows that are learnt from",
                        [&](const LabelTest& t) { return as_int(grid_.rows()[t.n]); });
  out.put<std::string>("preconditioner", "what multiplies the gradient", [&](const LabelTest& t) {
    return grid_.preconditioners()[t.preconditioner].name();
  });
  out.put<std::string>("tuning", "what keeps it from learning noise",
                       [](const LabelTest& t) { return name_of(t.tuning); });
  out.put<double>("predicted", "mean square error on other rows over the labels' variance",
                  [](const LabelTest& t) { return t.predicted; });
  out.put<double>("measured", "the same, mean over choices of rows",
                  [](const LabelTest& t) { return t.error.mean; });
  out.put<double>("standard_error", "of that",
                  [](const LabelTest& t) { return t.error.standard_error; });
}

}  // namespace driftwood::natgrad
