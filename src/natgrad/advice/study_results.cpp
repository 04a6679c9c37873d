// SPDX-License-Identifier: BSD-3-Clause
#include <fmt/format.h>

#include <algorithm>
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

/// Of risks that are said to be apart, predicting 0 having the risk 1.
constexpr double least_compared = 0.01;

std::string name_of(Tuning tuning) {
  return std::string(tuning_names.at(static_cast<std::size_t>(tuning)));
}

std::int64_t as_int(std::size_t n) { return static_cast<std::int64_t>(n); }

/// "3.2 % less"
std::string less(double gain) {
  return fmt::format("{:.1f} % {}", std::abs(gain) * 100, gain >= 0 ? "less" : "more");
}

/// "3.1 +- 0.4 %, confirmed"
std::string trial_of(const Answer& a, double worth) {
  if (std::isnan(a.measured)) return "-";
  const auto confirmed = a.is_confirmed(worth);
  return fmt::format("{:.1f} +- {:.1f} %, {}", a.measured * 100, a.measured_error * 100,
                     !confirmed   ? "cannot tell"
                     : *confirmed ? "confirmed"
                                  : "not so");
}

std::string confidence_of(const Answer& a) {
  return std::isnan(a.confidence) ? "-" : fmt::format("{:.0f} %", a.confidence * 100);
}

std::string lines_of(const std::vector<std::string>& warnings) {
  std::string text;
  for (const std::string& warning : warnings) text += "! " + warning + "\n";
  return text;
}

/// Measurements that are far from what was predicted, and the farthest.
class Misses {
 public:
  void add(double predicted, const Measured& of, const std::string& place) {
    ++all_;
    const double off = std::abs(of.mean - predicted);
    if (!(off > far * predicted && off > errors * of.standard_error)) return;
    ++missed_;
    if (off / predicted <= most_) return;
    most_ = off / predicted;
    worst_ = fmt::format("{}, {:.3g} predicted, {:.3g} +- {:.2g} measured", place, predicted,
                         of.mean, of.standard_error);
  }
  void warn(const char* what, std::vector<std::string>& warnings) const {
    if (missed_ == 0) return;
    warnings.push_back(
        fmt::format("{} of {} {} are more than {:.0f} % and {:g} standard errors from what is "
                    "predicted; the worst: {}",
                    missed_, all_, what, far * 100, errors, worst_));
  }

 private:
  static constexpr double far = 0.5;
  static constexpr double errors = 4;
  std::size_t all_ = 0;
  std::size_t missed_ = 0;
  double most_ = 0;
  std::string worst_{};
};

double median(std::vector<double> values) {
  if (values.empty()) return std::nan("");
  const auto middle = values.begin() + std::ssize(values) / 2;
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

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

std::string AdviceStudy::text() const {
  return data_text() + "\nShould I precondition?\n\n" +
         (evidence_ ? answer_text() + label_text() : ranges_text()) + trial_text();
}

std::string AdviceStudy::data_text() const {
  const AdviceRows& rows = *options_.table;
  std::string text = fmt::format("{} rows of {} features", rows.count(), rows.features());
  if (!rows.left_out.empty()) {
    text += fmt::format("; {} columns hardly vary and are left out", rows.left_out.size());
  }
  if (rows.dependent > 0) text += fmt::format("; {} depend on others", rows.dependent);
  if (rows.pooled_rows > rows.count()) {
    text += fmt::format("; {} rows without labels", rows.pooled_rows - rows.count());
  }
  text += fmt::format(
      "\neigenvalues of the covariance: of the rows {:.3g} to {:.3g}, of their population {:.3g} "
      "to "
      "{:.3g}, mean 1\n",
      rows.pooled.front(), rows.pooled.back(), spectrum_.values.front(), spectrum_.values.back());
  text += lines_of(data_warnings());
  if (evidence_) {
    const Estimated& noise = evidence_->noise();
    const Estimated& r = evidence_->alignment();
    text += fmt::format(
        "labels: {:.1f} % of their variance is linear in the features; noise is {:.3g} times that "
        "(95 %: {:.3g} to {:.3g}); alignment r = {:.1f} ({:.1f} to {:.1f})\n",
        100 * evidence_->signal_share(), noise.value, noise.low, noise.high, r.value, r.low,
        r.high);
  }
  return text;
}

std::vector<std::string> AdviceStudy::data_warnings() const {
  std::vector<std::string> out;
  for (const std::string& name : options_.table->counting) {
    out.push_back(fmt::format(
        "column '{}' counts the rows: if it is no feature, leave it out by 'drop'", name));
  }
  if (spectrum_.misfit > 3) {
    out.push_back(fmt::format(
        "no spectrum explains the rows' within {:.1f} of their standard errors", spectrum_.misfit));
  }
  return out;
}

std::vector<std::string> AdviceStudy::trial_warnings() const {
  std::vector<std::string> out;
  if (found_.empty()) {
    if (options_.replicas == 0) return out;
    return {
        "nothing was tried: that takes twice as many rows as features, and as are learnt from, in "
        "which no feature depends on others"};
  }
  Misses risks;
  for (const Point& p : points()) {
    const double noise = grid_.noise()[p.noise];
    const double risk = p.theory.risk(noise);
    if (p.risk.count < trial_.replicas() || !(risk >= least_compared)) continue;
    risks.add(risk, p.risk,
              fmt::format("{}, {}, noise {:.3g}", place_of(p.n, p.preconditioner, p.tuning),
                          grid_.signals()[p.signal].name, noise));
  }
  risks.warn("measured risks", out);
  Misses errors;
  for (const LabelTest& t : label_tests()) {
    if (t.error.count < trial_.replicas() || !(t.predicted >= least_compared)) continue;
    errors.add(t.predicted, t.error, place_of(t.n, t.preconditioner, t.tuning));
  }
  errors.warn("errors on the labels", out);
  return out;
}

std::string AdviceStudy::place_of(std::size_t n, std::size_t p, Tuning tuning) const {
  return fmt::format("{} rows, {}, tuning {}", grid_.rows()[n], grid_.preconditioners()[p].name(),
                     name_of(tuning));
}

std::string AdviceStudy::words_of(const Answer& a) const {
  const Verdict verdict = a.verdict(options_.worth);
  const std::string_view said = verdict_names.at(static_cast<std::size_t>(verdict));
  if (a.tuning == Tuning::end && grid_.gamma(a.n) < 1) {
    return fmt::format("{}: least squares, whatever P", said);
  }
  if (a.is_tie) return fmt::format("{}: risks below {:g}", said, least_told);
  const std::string name = grid_.preconditioners()[a.best].name();
  if (verdict == Verdict::yes) return fmt::format("{}: {}, {} risk", said, name, less(a.gain));
  return fmt::format("{} (best other: {}, {} risk)", said, name, less(a.gain));
}

std::string AdviceStudy::answer_text() const {
  std::string text = fmt::format("{:>8} {:>7}  {:<10}  {:<48} {:>10}  {}\n", "rows", "d/n",
                                 "tuning", "answer", "confidence", "less risk in the trial");
  const auto noise = estimated_noise();
  for (const Answer& a : answers_) {
    if (a.noise != noise) continue;
    text += fmt::format("{:>8} {:>7.3g}  {:<10}  {:<48} {:>10}  {}\n", grid_.rows()[a.n],
                        grid_.gamma(a.n), name_of(a.tuning), words_of(a), confidence_of(a),
                        trial_of(a, options_.worth));
  }
  return text;
}

std::string AdviceStudy::ranges_text() const {
  std::string text =
      "Where the noise is, over the variance of the signal (confidence; less risk in the trial):\n";
  const std::size_t noises = grid_.noise().size();
  for (std::size_t first = 0; first < answers_.size(); first += noises) {
    const Answer& of = answers_[first];
    text += fmt::format("{} rows, d/n {:.3g}, {}, {}:\n", grid_.rows()[of.n], grid_.gamma(of.n),
                        grid_.signals()[of.signal].name, name_of(of.tuning));
    if (of.tuning == Tuning::end && grid_.gamma(of.n) < 1) {
      text += fmt::format("  {}\n", words_of(of));
      continue;
    }
    for (std::size_t v = 0; v < noises; ++v) {
      const Answer& a = answers_[first + v];
      text += fmt::format("  {:>6.3g}: {:<48} ({}; {})\n", grid_.noise()[a.noise], words_of(a),
                          confidence_of(a), trial_of(a, options_.worth));
    }
  }
  return text;
}

std::string AdviceStudy::label_text() const {
  const std::vector<LabelTest> tests = label_tests();
  if (tests.empty()) return "";
  std::string text =
      "\nOn the labels themselves: mean square error on other rows, over the labels' variance\n\n";
  text += fmt::format("{:>8}  {:<12} {:<10} {:>10} {:>10} {:>8}\n", "rows", "P", "tuning",
                      "predicted", "measured", "+-");
  for (const LabelTest& t : tests) {
    if (t.tuning == Tuning::time || std::isnan(t.predicted) || std::isnan(t.error.mean)) continue;
    text += fmt::format("{:>8}  {:<12} {:<10} {:>10.4f} {:>10.4f} {:>8.4f}\n", grid_.rows()[t.n],
                        grid_.preconditioners()[t.preconditioner].name(), name_of(t.tuning),
                        t.predicted, t.error.mean, t.error.standard_error);
  }
  return text;
}

std::string AdviceStudy::trial_text() const {
  if (found_.empty()) {
    if (options_.replicas == 0) return "\nnothing was tried: replicas = 0\n";
    return "\n" + lines_of(trial_warnings());
  }
  std::string text = fmt::format(
      "\nThe trial: {} choices of rows of each number up to a half, the covariance of all rows for "
      "the population's; risks from {:g} on are compared\n",
      trial_.replicas(), least_compared);
  for (const Tuning tuning : {Tuning::end, Tuning::ridge, Tuning::time}) {
    std::vector<double> off;
    std::size_t singular = 0;
    for (const Point& p : points()) {
      if (p.tuning != tuning || found_on(p.n).empty() || std::isnan(p.theory.bias)) continue;
      const double risk = p.theory.risk(grid_.noise()[p.noise]);
      if (p.risk.count < trial_.replicas()) {
        ++singular;
      } else if (risk >= least_compared) {
        off.push_back(std::abs(p.risk.mean / risk - 1));
      }
    }
    text += fmt::format("tuning {:<10}  ", name_of(tuning));
    if (!off.empty()) {
      text += fmt::format("risks are {:.1f} % from theory at the median, {:.1f} % at most",
                          100 * median(off), 100 * *std::max_element(off.begin(), off.end()));
    }
    if (singular > 0) {
      text += fmt::format("{}{} risks have none to compare: rows depend on others",
                          off.empty() ? "" : "; ", singular);
    }
    text += '\n';
  }
  std::size_t confirmed = 0;
  std::size_t wrong = 0;
  std::size_t unclear = 0;
  for (const Answer& a : answers_) {
    if (std::isnan(a.measured)) continue;
    const auto is_so = a.is_confirmed(options_.worth);
    ++(!is_so ? unclear : *is_so ? confirmed : wrong);
  }
  text += fmt::format(
      "of {} answers at all noises {} are confirmed by two standard errors, {} are not so, on {} "
      "it cannot tell\n",
      confirmed + wrong + unclear, confirmed, wrong, unclear);
  return text + lines_of(trial_warnings());
}

}  // namespace driftwood::natgrad
