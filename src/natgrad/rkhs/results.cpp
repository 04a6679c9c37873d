// SPDX-License-Identifier: BSD-3-Clause
#include "natgrad/rkhs/results.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <string_view>
#include <vector>

#include "io/study_layout.hpp"

namespace driftwood::natgrad {
namespace {

namespace layout = io::layout;

class Writer {
 public:
  explicit Writer(io::ResultFile& file) : file_(file) {}

  template <class T>
  void coordinate(std::string_view name, const std::string& what, const std::vector<T>& values) {
    file_.coordinate(name, {{}, "1", what, std::span<const T>(values)});
  }
  template <class T>
  void put(std::string_view name, const std::vector<std::string_view>& dimensions,
           const std::string& what, const std::vector<T>& values) {
    file_.write(name,
                {{dimensions.begin(), dimensions.end()}, "1", what, std::span<const T>(values)});
  }

 private:
  io::ResultFile& file_;
};

template <class T, class Item, class Get>
std::vector<T> each(const std::vector<Item>& items, const Get& get) {
  std::vector<T> out;
  out.reserve(items.size());
  for (const Item& item : items) out.push_back(get(item));
  return out;
}

void write_coordinates(Writer& out, const RkhsOptions& options) {
  out.coordinate<double>(layout::rkhs::source, "r of the target Sigma^r h", options.source);
  out.coordinate<std::string>(layout::rkhs::method,
                              "gradient descent, and preconditioned by (Sigma + alpha I)^-1 or its "
                              "estimate from so many unlabelled inputs",
                              options.methods());
  out.coordinate<std::int64_t>(
      layout::rkhs::n, "rows that are learnt from",
      each<std::int64_t>(options.n, [](double n) { return static_cast<std::int64_t>(n); }));
  std::vector<std::int64_t> steps(static_cast<std::size_t>(options.steps) + 1);
  for (std::size_t t = 0; t < steps.size(); ++t) steps[t] = static_cast<std::int64_t>(t);
  out.coordinate<std::int64_t>(layout::rkhs::step, "steps", steps);
}

void write_theory(Writer& out, const RkhsOptions& options) {
  const auto of = [&](const auto& get) {
    return each<double>(options.source,
                        [&](double r) { return get(rkhs_theory(r, options.decay)); });
  };
  const std::vector<std::string_view> sources{layout::rkhs::source};
  out.put(layout::rkhs::step_exponent, sources,
          "exponent of n in steps of gradient descent, s / (2 r s + 1)",
          of([](const RkhsTheory& t) { return t.steps; }));
  out.put(layout::rkhs::printed_exponent, sources,
          "the other exponent that is quoted for them, 2 r s / (2 r s + 1)",
          of([](const RkhsTheory& t) { return t.printed; }));
  out.put(layout::rkhs::risk_exponent, sources,
          "exponent of n in the least risk of all methods, -2 r s / (2 r s + 1)",
          of([](const RkhsTheory& t) { return t.risk; }));
  std::vector<double> alphas;
  for (std::size_t r = 0; r < options.source.size(); ++r) {
    for (std::size_t i = 0; i < options.n.size(); ++i) alphas.push_back(options.alpha(r, i));
  }
  out.put(layout::rkhs::alpha, {layout::rkhs::source, layout::rkhs::n},
          "alpha of preconditioners, n^-(s / (2 r s + 1))", alphas);
}

/// "64", "1024" ... over columns of this width.
constexpr int column = 11;

std::string row_of_steps(const RkhsOptions& options, const RkhsFindings& found, std::size_t cell) {
  std::string text;
  for (std::size_t i = 0; i < options.n.size(); ++i) {
    const StepCount& c = found.counts[cell * options.n.size() + i];
    text += fmt::format(" {:>{}}", fmt::format("{}{}", c.is_cut() ? ">=" : "", c.steps), column);
  }
  return text;
}

std::string row_of_risks(const RkhsOptions& options, const RkhsFindings& found, std::size_t cell) {
  std::string text;
  for (std::size_t i = 0; i < options.n.size(); ++i) {
    const StepCount& c = found.counts[cell * options.n.size() + i];
    text += fmt::format(" {:>{}}", fmt::format("{}{:.3g}", c.is_cut() ? "<=" : "", c.best_risk()),
                        column);
  }
  return text;
}

std::string slope_text(const stats::Slope& slope) {
  if (!std::isfinite(slope.value)) return fmt::format("  {:>6}", "-");
  return fmt::format("  {:>6.2f} +- {:.2f}", slope.value, slope.standard_error);
}

bool any_is_cut(const RkhsFindings& found) {
  return std::any_of(found.counts.begin(), found.counts.end(),
                     [](const StepCount& c) { return c.is_cut(); });
}

/// "12", or "at least 12" where one of them is cut.
std::string most_text(const RkhsComparison::Most& most) {
  return fmt::format("{}{}", most.is_cut ? "at least " : "", most.steps);
}

/// What the numbers of "pgd" say beside those of "gd".
std::string verdict(const RkhsFindings& found, const RkhsOptions& options) {
  const RkhsComparison c = compare(options, found);
  std::string text = fmt::format(
      "\npgd, preconditioned by the operator itself, beside gd in {} pairs of source and n:\n"
      "steps: fewer in {}, not fewer in {}, not known in {}; the most are {}, of gd {}\n"
      "least risk: lower in {}, alike in {}, higher in {} by two standard errors; {:.2f} to {:.2f} "
      "times that of gd\n",
      c.pairs, c.fewer, c.not_fewer, c.pairs - c.fewer - c.not_fewer, most_text(c.most),
      most_text(c.most_plain), c.lower, c.pairs - c.lower - c.higher, c.higher, c.least_ratio,
      c.largest_ratio);
  if (any_is_cut(found)) {
    text += fmt::format(
        "! some mean risks are least at the last step, {}, and might fall further: counts with "
        "'>=' and risks with '<=' are bounds, to which no slope is fitted; take more "
        "'rkhs.steps'\n",
        options.steps);
  } else if (c.fewer == c.pairs && c.lower + c.higher == 0) {
    text += "the gain is in steps, not in the least risk\n";
  }
  return text;
}

}  // namespace

RkhsTheory rkhs_theory(double source, double decay) {
  const double whole = 2 * source * decay;
  return {decay / (whole + 1), whole / (whole + 1), -whole / (whole + 1)};
}

void write(io::ResultFile& file, const RkhsOptions& options, const RkhsFindings& found) {
  namespace names = layout::rkhs;
  Writer out(file);
  write_coordinates(out, options);
  write_theory(out, options);
  std::vector<double> risks;
  std::vector<double> errors;
  for (const StepCount& c : found.counts) {
    risks.insert(risks.end(), c.risk.begin(), c.risk.end());
    errors.insert(errors.end(), c.standard_error.begin(), c.standard_error.end());
  }
  out.put(names::risk, {names::source, names::method, names::n, names::step},
          "mean over designs of |f_t - f*|^2", risks);
  out.put(names::risk_error, {names::source, names::method, names::n, names::step},
          "standard error of that mean", errors);
  const std::vector<std::string_view> cells{names::source, names::method, names::n};
  const auto put = [&]<class T>(T, std::string_view name, const char* what, const auto& get) {
    out.put(name, cells, what, each<T>(found.counts, get));
  };
  put(std::int64_t{}, names::steps,
      "the first step whose mean risk is within the deck's fraction of the least",
      [](const StepCount& c) { return c.steps; });
  put(std::int64_t{}, names::best_step, "the step of the least mean risk",
      [](const StepCount& c) { return c.best_step; });
  put(double{}, names::best_risk, "the least mean risk",
      [](const StepCount& c) { return c.best_risk(); });
  put(double{}, names::best_risk_error, "standard error of the mean risk there",
      [](const StepCount& c) { return c.standard_error[static_cast<std::size_t>(c.best_step)]; });
  const auto put_slope = [&](std::string_view name, const char* what, const auto& get) {
    out.put(name, {names::source, names::method}, what, each<double>(found.growth, get));
  };
  put_slope(names::step_slope, "slope of log steps against log n",
            [](const Growth& g) { return g.steps.value; });
  put_slope(names::step_slope_error, "its standard error, by a bootstrap over designs",
            [](const Growth& g) { return g.steps.standard_error; });
  put_slope(names::risk_slope, "slope of the logarithm of the least mean risk against log n",
            [](const Growth& g) { return g.risk.value; });
  put_slope(names::risk_slope_error, "its standard error, by a bootstrap over designs",
            [](const Growth& g) { return g.risk.standard_error; });
}

std::string table_text(const RkhsOptions& options, const RkhsFindings& found) {
  const std::vector<std::string> methods = options.methods();
  std::size_t width = 6;
  for (const std::string& name : methods) width = std::max(width, name.size());
  std::string text;
  for (std::size_t r = 0; r < options.source.size(); ++r) {
    const RkhsTheory theory = rkhs_theory(options.source[r], options.decay);
    std::string head;
    for (const double n : options.n)
      head += fmt::format(" {:>{}}", fmt::format("n={:.0f}", n), column);
    text += fmt::format("{}source {:g}: steps until the mean risk is within {:g} % of its least\n",
                        r == 0 ? "" : "\n", options.source[r], 100 * options.within);
    text += fmt::format("{:<{}}{}   slope\n", "", width, head);
    for (std::size_t m = 0; m < methods.size(); ++m) {
      const std::size_t cell = r * methods.size() + m;
      text += fmt::format("{:<{}}{}{}\n", methods[m], width, row_of_steps(options, found, cell),
                          slope_text(found.growth[cell].steps));
    }
    text += fmt::format(
        "theory: gd {:.2f} = s/(2rs+1) (2rs/(2rs+1), also quoted, is {:.2f}), pgd log n\n",
        theory.steps, theory.printed);
    text += "least mean risk\n";
    for (std::size_t m = 0; m < methods.size(); ++m) {
      const std::size_t cell = r * methods.size() + m;
      text += fmt::format("{:<{}}{}{}\n", methods[m], width, row_of_risks(options, found, cell),
                          slope_text(found.growth[cell].risk));
    }
    text += fmt::format("theory: {:.2f} = -2rs/(2rs+1), all\n", theory.risk);
  }
  return text + verdict(found, options);
}

}  // namespace driftwood::natgrad
