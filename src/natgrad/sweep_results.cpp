// SPDX-License-Identifier: BSD-3-Clause
#include "natgrad/sweep_results.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <optional>

#include "io/layout.hpp"

namespace driftwood::natgrad {
namespace {

namespace layout = io::layout;

/// Calls get(cell number, cell, noise) for every point.
template <class T, class Get>
std::vector<T> of_points(const Grid& grid, const Get& get) {
  std::vector<T> out;
  out.reserve(grid.points());
  for (std::size_t c = 0; c < grid.cells(); ++c) {
    const Grid::Cell at = grid.cell(c);
    for (const double noise : grid.problem().noise) out.push_back(get(c, at, noise));
  }
  return out;
}

class Writer {
 public:
  Writer(io::ResultFile& file, const Grid& grid) : file_(file), grid_(grid) {}

  template <class T, class Get>
  void put(std::string_view name, const std::string& what, const Get& get) {
    const std::vector<T> values = of_points<T>(grid_, get);
    file_.write(name,
                {{std::string(layout::point::number)}, "1", what, std::span<const T>(values)});
  }

 private:
  io::ResultFile& file_;
  const Grid& grid_;
};

/// Of a mean over replicas, from their sample variance.
double standard_error(double square, std::int64_t replicas) {
  return std::sqrt(square) / std::sqrt(static_cast<double>(replicas));
}

/// Time in units of the mean eigenvalue of P Sigma_X, by which flows of different P compare; NaN
/// where P is drawn.
double scaled_time(const Grid& grid, const Grid::Cell& at) {
  const Preconditioner& of = grid.estimator().parsed[at.preconditioner];
  const double time = grid.estimator().time[at.time];
  if (!of.is_fixed()) return std::nan("");
  const auto& x = grid.features(at.gamma);
  std::vector<double> p(x.size());
  of.fill(x, grid.prior(at.alignment, at.gamma), p);
  double sum = 0;
  for (std::size_t i = 0; i < x.size(); ++i) sum += p[i] * x[i];
  return time * sum / static_cast<double>(x.size());
}

std::string alignment_text(const Grid& grid, std::size_t place) {
  const Alignment& of = grid.problem().alignment[place];
  return of.is_file() ? of.name : fmt::format("{:g}", of.r);
}

std::string estimator_name(const Grid& grid, const Grid::Cell& at) {
  const EstimatorOptions& of = grid.estimator();
  std::string text = of.preconditioner[at.preconditioner];
  if (of.ridge.size() > 1) text += fmt::format(", ridge {:.3g}", of.ridge[at.ridge]);
  if (of.time.size() > 1) text += fmt::format(", time {:.3g}", of.time[at.time]);
  return text;
}

/// Cells of one alignment and gamma are consecutive.
std::size_t first_cell(const Grid& grid, std::size_t alignment, std::size_t gamma) {
  return grid.number({alignment, gamma, 0, 0, 0});
}

std::optional<std::size_t> place_of(const Grid& grid, Preconditioner::Kind kind) {
  const auto& all = grid.estimator().parsed;
  const auto at =
      std::find_if(all.begin(), all.end(), [&](const Preconditioner& p) { return p.kind == kind; });
  if (at == all.end()) return std::nullopt;
  return static_cast<std::size_t>(at - all.begin());
}

/// The place of a value, or else the first.
std::size_t place_or_first(const std::vector<double>& of, double value) {
  const auto at = std::find(of.begin(), of.end(), value);
  return at == of.end() ? 0 : static_cast<std::size_t>(at - of.begin());
}

/// Where natural gradient and gradient descent compare: to the end of the flow and without a ridge,
/// if the grid has that.
std::string crossing_text(const Grid& grid, const SweepFindings& found) {
  const auto gd = place_of(grid, Preconditioner::Kind::gd);
  const auto ngd = place_of(grid, Preconditioner::Kind::ngd);
  if (!gd || !ngd) return "";
  const double endless = std::numeric_limits<double>::infinity();
  const std::size_t ridge = place_or_first(grid.estimator().ridge, 0);
  const auto& times = grid.estimator().time;  // the longest, which may be without end
  const auto time =
      static_cast<std::size_t>(std::max_element(times.begin(), times.end()) - times.begin());
  std::string text;
  if (grid.estimator().ridge[ridge] > 0 || grid.estimator().time[time] < endless) {
    text = fmt::format("with ridge {:g} and time {:g}:\n", grid.estimator().ridge[ridge],
                       grid.estimator().time[time]);
  }
  std::size_t lines = 0;
  for (std::size_t a = 0; a < grid.problem().alignment.size(); ++a) {
    for (std::size_t g = 0; g < grid.problem().gamma.size(); ++g) {
      if (++lines > 30) return text;
      const BiasVariance& plain = found.theory[grid.number({a, g, *gd, ridge, time})];
      const BiasVariance& natural = found.theory[grid.number({a, g, *ngd, ridge, time})];
      const double noise = crossing_noise(plain, natural);
      const std::string where =
          fmt::format("alignment {}, gamma {:g}", alignment_text(grid, a), grid.problem().gamma[g]);
      if (noise == 0) {
        text += fmt::format("{}: natural gradient has the lower risk at any noise\n", where);
      } else if (std::isinf(noise) && natural.bias < plain.bias) {
        text += fmt::format("{}: natural gradient has the lower risk below a noise of {:.4f}\n",
                            where, crossing_noise(natural, plain));
      } else if (std::isinf(noise)) {
        text += fmt::format("{}: gradient descent has no higher risk at any noise\n", where);
      } else {
        text += fmt::format("{}: natural gradient has the lower risk above a noise of {:.4f}\n",
                            where, noise);
      }
    }
  }
  return text;
}

/// Whether two risks differ by rounding alone, as those of all that least squares does.
bool are_equal(double risk, double other) {
  return std::abs(risk - other) <= 1e-9 * std::max(std::abs(risk), std::abs(other));
}

/// The cell of the least of `risk(cell)` among the estimators of one alignment and gamma that begin
/// at `first`, the first of equals.
template <class Risk>
std::size_t least_of(const Grid& grid, std::size_t first, const Risk& risk) {
  double least = risk(first);
  for (std::size_t c = first + 1; c < first + grid.estimators(); ++c) {
    least = std::min(least, risk(c));
  }
  std::size_t out = first;
  while (risk(out) > least && !are_equal(risk(out), least)) ++out;
  return out;
}

/// Of each point, the number of the one with the least risk of its alignment, gamma and noise.
/// `of(values[cell])` is its bias and variance.
template <class T, class Of>
void put_best(Writer& out, const Grid& grid, std::string_view name, const std::vector<T>& values,
              const Of& of) {
  const std::size_t noises = grid.problem().noise.size();
  std::vector<std::int64_t> best;  // (alignment and gamma, noise)
  for (std::size_t first = 0; first < grid.cells(); first += grid.estimators()) {
    for (std::size_t k = 0; k < noises; ++k) {
      const double noise = grid.problem().noise[k];
      const std::size_t least =
          least_of(grid, first, [&](std::size_t c) { return of(values[c]).risk(noise); });
      best.push_back(static_cast<std::int64_t>(least * noises + k));
    }
  }
  std::size_t k = 0;  // points of a cell are consecutive, in the order of noises
  out.put<std::int64_t>(
      name, "number of the point with the least risk of the same alignment, gamma and noise",
      [&](std::size_t c, const Grid::Cell&, double) {
        const std::size_t place = c / grid.estimators() * noises + k++ % noises;
        return best[place];
      });
}

}  // namespace

void write(io::ResultFile& file, const Grid& grid, const SweepFindings& found) {
  using Cell = Grid::Cell;
  std::vector<std::int64_t> numbers(grid.points());
  for (std::size_t i = 0; i < numbers.size(); ++i) numbers[i] = static_cast<std::int64_t>(i);
  file.coordinate(layout::point::number,
                  {{}, "1", "number of the point", std::span<const std::int64_t>(numbers)});
  Writer out(file, grid);
  const ProblemOptions& problem = grid.problem();
  const EstimatorOptions& estimator = grid.estimator();
  using std::size_t;
  out.put<std::string>(
      layout::point::spectrum, "rule of the eigenvalues of Sigma_X",
      [&](size_t, const Cell&, double) { return problem.spectrum.source->kind(); });
  out.put<double>(
      layout::point::alignment, "r of Sigma_theta = Sigma_X^r; NaN: eigenvalues of a file",
      [&](size_t, const Cell& at, double) { return problem.alignment[at.alignment].r; });
  const auto& alignments = problem.alignment;
  if (std::any_of(alignments.begin(), alignments.end(),
                  [](const auto& a) { return a.is_file(); })) {
    out.put<std::string>(layout::point::alignment_file, "file of eigenvalues of Sigma_theta",
                         [&](size_t, const Cell& at, double) {
                           const Alignment& of = alignments[at.alignment];
                           return of.is_file() ? of.name : std::string();
                         });
  }
  out.put<double>(layout::point::gamma, "features over rows, as the deck has it",
                  [&](size_t, const Cell& at, double) { return problem.gamma[at.gamma]; });
  out.put<std::int64_t>(layout::point::n, "rows that are learnt from",
                        [&](size_t, const Cell&, double) { return problem.n; });
  out.put<std::int64_t>(layout::point::d, "features", [&](size_t, const Cell& at, double) {
    return static_cast<std::int64_t>(grid.features(at.gamma).size());
  });
  out.put<double>(layout::point::noise, "variance of the noise of labels",
                  [&](size_t, const Cell&, double noise) { return noise; });
  out.put<std::string>(
      layout::point::preconditioner, "what multiplies the gradient",
      [&](size_t, const Cell& at, double) { return estimator.preconditioner[at.preconditioner]; });
  out.put<double>(layout::point::ridge, "ridge in the norm of P^-1",
                  [&](size_t, const Cell& at, double) { return estimator.ridge[at.ridge]; });
  out.put<double>(layout::point::time, "when gradient flow from 0 stops",
                  [&](size_t, const Cell& at, double) { return estimator.time[at.time]; });
  std::vector<double> scaled;  // whatever the noise
  for (size_t c = 0; c < grid.cells(); ++c) scaled.push_back(scaled_time(grid, grid.cell(c)));
  out.put<double>(layout::point::scaled_time,
                  "time times the mean eigenvalue of P Sigma_X, by which flows compare",
                  [&](size_t c, const Cell&, double) { return scaled[c]; });
  file.attribute_of(layout::point::group, layout::point::order,
                    std::string("alignment, gamma, preconditioner, ridge, time, noise"));

  const auto& theory = found.theory;
  const auto gd = place_of(grid, Preconditioner::Kind::gd);
  out.put<double>(layout::theory::bias, "risk of labels without noise, n -> infinity",
                  [&](size_t c, const Cell&, double) { return theory[c].bias; });
  out.put<double>(layout::theory::variance, "risk per unit of noise, n -> infinity",
                  [&](size_t c, const Cell&, double) { return theory[c].variance; });
  out.put<double>(layout::theory::risk, "bias + noise variance",
                  [&](size_t c, const Cell&, double noise) { return theory[c].risk(noise); });
  out.put<double>(layout::theory::crossing_noise,
                  "noise above which the risk is below that of gd, with the same ridge and time; "
                  "infinite: there is none, NaN: there is no gd",
                  [&](size_t c, const Cell& at, double) {
                    if (!gd) return std::nan("");
                    Cell plain = at;
                    plain.preconditioner = *gd;
                    return crossing_noise(theory[grid.number(plain)], theory[c]);
                  });
  put_best(out, grid, layout::theory::best, theory,
           [](const BiasVariance& v) -> const BiasVariance& { return v; });
  if (found.ensemble.empty()) return;
  const auto& drawn = found.ensemble;
  const auto put = [&](const char* what, const std::string& sentence, const auto& expected,
                       const auto& mean, const auto& error) {
    const layout::EnsembleOf names = layout::ensemble(what);
    out.put<double>(names.mean, "mean " + sentence + " over designs", mean);
    out.put<double>(names.standard_error, "standard error of that mean", error);
    out.put<double>(names.z, "standard errors by which that mean is above theory; NaN: it is exact",
                    [&](size_t c, const Cell& at, double noise) {
                      const double by = mean(c, at, noise) - expected(theory[c], noise);
                      const double unit = error(c, at, noise);
                      // Rounding is no difference, and no standard error either.
                      const double least = 1e-12 * std::abs(expected(theory[c], noise));
                      return unit > least ? by / unit : std::nan("");
                    });
  };
  put(
      "bias", "risk of labels without noise", [](const BiasVariance& t, double) { return t.bias; },
      [&](size_t c, const Cell&, double) { return drawn[c].mean.bias; },
      [&](size_t c, const Cell&, double) {
        return standard_error(drawn[c].bias_square, found.replicas);
      });
  put(
      "variance", "risk per unit of noise",
      [](const BiasVariance& t, double) { return t.variance; },
      [&](size_t c, const Cell&, double) { return drawn[c].mean.variance; },
      [&](size_t c, const Cell&, double) {
        return standard_error(drawn[c].variance_square, found.replicas);
      });
  put(
      "risk", "bias + noise variance",
      [](const BiasVariance& t, double noise) { return t.risk(noise); },
      [&](size_t c, const Cell&, double noise) { return drawn[c].mean.risk(noise); },
      [&](size_t c, const Cell&, double noise) {
        return drawn[c].standard_error(noise, found.replicas);
      });
  put_best(out, grid, layout::ensemble_best, drawn,
           [](const Spread& s) -> const BiasVariance& { return s.mean; });
  out.put<std::int64_t>(layout::ensemble_replicas, "designs",
                        [&](size_t, const Cell&, double) { return found.replicas; });
}

namespace {

/// How far the mean of an ensemble may be from theory: 4 standard errors, of a sample variance over
/// replicas, and 3/n of the value.
double allowed(const Grid& grid, const SweepFindings& found, double square, double expected) {
  return 4 * standard_error(square, found.replicas) +
         3 / static_cast<double>(grid.problem().n) * std::abs(expected);
}

/// Settings where that is so much that agreement says nothing.
std::size_t unclear(const Grid& grid, const SweepFindings& found) {
  std::size_t out = 0;
  for (std::size_t c = 0; c < found.ensemble.size(); ++c) {
    const double expected = found.theory[c].variance;
    if (allowed(grid, found, found.ensemble[c].variance_square, expected) > 0.5 * expected) ++out;
  }
  return out;
}

}  // namespace

std::vector<std::size_t> disagreements(const Grid& grid, const SweepFindings& found) {
  std::vector<std::size_t> out;
  const auto differs = [&](double mean, double square, double expected) {
    return !(std::abs(mean - expected) <= allowed(grid, found, square, expected) + 1e-12);
  };
  for (std::size_t c = 0; c < found.ensemble.size(); ++c) {
    const Spread& s = found.ensemble[c];
    const BiasVariance& t = found.theory[c];
    if (differs(s.mean.bias, s.bias_square, t.bias) ||
        differs(s.mean.variance, s.variance_square, t.variance)) {
      out.push_back(c);
    }
  }
  return out;
}

namespace {

/// The line of the table for one alignment, gamma and noise; `wide` and `width`: characters of
/// names of alignments and estimators.
std::string row_text(const Grid& grid, const SweepFindings& found, std::size_t alignment,
                     std::size_t gamma, double noise, std::size_t wide, std::size_t width) {
  const ProblemOptions& problem = grid.problem();
  const auto risk = [&](std::size_t c) { return found.theory[c].risk(noise); };
  const std::size_t first = first_cell(grid, alignment, gamma);
  const std::size_t best = least_of(grid, first, risk);
  std::string text = fmt::format(
      "{:>{}} {:>7g} {:>6} {:>7g}  {:<{}} {:>10.5g}", alignment_text(grid, alignment), wide,
      problem.gamma[gamma], grid.features(gamma).size(), noise,
      estimator_name(grid, grid.cell(best)), std::max<std::size_t>(width, 13), risk(best));
  if (!found.ensemble.empty()) {
    text += fmt::format(" {:>10.5g} {:>9.2g}", found.ensemble[best].mean.risk(noise),
                        found.ensemble[best].standard_error(noise, found.replicas));
  }
  std::vector<std::size_t> others;
  for (std::size_t c = first; c < first + grid.estimators(); ++c) {
    if (c != best) others.push_back(c);
  }
  if (others.empty()) return text + '\n';
  const auto equal = std::partition(others.begin(), others.end(),
                                    [&](std::size_t c) { return are_equal(risk(c), risk(best)); });
  if (equal != others.begin()) {
    return text +
           fmt::format("  {}\n", equal - others.begin() == 1
                                     ? estimator_name(grid, grid.cell(others.front())) + " alike"
                                     : fmt::format("{} more alike", equal - others.begin()));
  }
  const std::size_t next =
      *std::min_element(others.begin(), others.end(),
                        [&](std::size_t i, std::size_t j) { return risk(i) < risk(j); });
  return text + fmt::format("  {} ({:.5g})\n", estimator_name(grid, grid.cell(next)), risk(next));
}

}  // namespace

std::string table_text(const Grid& grid, const SweepFindings& found, std::size_t most) {
  const ProblemOptions& problem = grid.problem();
  std::size_t width = 5;
  for (std::size_t e = 0; e < grid.estimators(); ++e) {
    width = std::max(width, estimator_name(grid, grid.cell(e)).size());
  }
  const bool is_drawn = !found.ensemble.empty();
  std::size_t wide = 9;
  for (std::size_t a = 0; a < problem.alignment.size(); ++a) {
    wide = std::max(wide, alignment_text(grid, a).size());
  }
  std::string text = fmt::format("{:>{}} {:>7} {:>6} {:>7}  {:<{}} {:>10}", "alignment", wide,
                                 "gamma", "d", "noise", "least risk of", width, "theory");
  if (is_drawn) text += fmt::format(" {:>10} {:>9}", "ensemble", "+-");
  text += fmt::format("  {}\n", "next");
  std::size_t lines = 0;
  for (std::size_t a = 0; a < problem.alignment.size(); ++a) {
    for (std::size_t g = 0; g < problem.gamma.size(); ++g) {
      for (const double noise : problem.noise) {
        if (++lines > most) continue;
        text += row_text(grid, found, a, g, noise, wide, width);
      }
    }
  }
  if (lines > most) text += fmt::format("{} more are in the file\n", lines - most);
  if (const std::string crossing = crossing_text(grid, found); !crossing.empty()) {
    text += "\n" + crossing;
  }
  if (!is_drawn) return text;
  if (const std::size_t count = unclear(grid, found); count > 0) {
    text += fmt::format(
        "\n! at {} of {} settings designs are too few, n is too small or gamma too "
        "near to 1 to tell whether theory holds\n",
        count, grid.cells());
  }
  const auto apart = disagreements(grid, found);
  if (apart.empty()) {
    return text + fmt::format(
                      "\nensembles are what theory says, within 4 standard errors and 3/n, at "
                      "all {} settings\n",
                      grid.cells());
  }
  const Grid::Cell at = grid.cell(apart.front());
  const Spread& s = found.ensemble[apart.front()];
  const BiasVariance& t = found.theory[apart.front()];
  return text + fmt::format(
                    "\n! at {} of {} settings ensembles are not what theory says, as at alignment "
                    "{}, gamma {:g}, {}: bias {:.4g} against {:.4g}, variance {:.4g} against "
                    "{:.4g}; n may be too small for its limits, or gamma too near to 1\n",
                    apart.size(), grid.cells(), alignment_text(grid, at.alignment),
                    problem.gamma[at.gamma], estimator_name(grid, at), s.mean.bias, t.bias,
                    s.mean.variance, t.variance);
}

}  // namespace driftwood::natgrad
