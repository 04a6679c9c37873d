// SPDX-License-Identifier: BSD-3-Clause
#include "natgrad/network/results.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "io/study_layout.hpp"
#include "stats/student.hpp"

namespace driftwood::natgrad {
namespace {

namespace layout = io::layout::network;

/// Risks that differ by no more than this part are alike.
constexpr double rounding = 1e-8;

/// Of value(replica).
template <class Value>
NetworkMean mean_over(std::int64_t replicas, const Value& value) {
  const auto n = static_cast<double>(replicas);
  NetworkMean out;
  for (std::int64_t r = 0; r < replicas; ++r) out.mean += value(r) / n;
  double square = 0;
  for (std::int64_t r = 0; r < replicas; ++r) {
    square += (value(r) - out.mean) * (value(r) - out.mean);
  }
  out.standard_error = std::sqrt(square / (n - 1) / n);
  return out;
}

class Writer {
 public:
  Writer(io::ResultFile& file, const NetworkStudy& study) : file_(file), study_(study) {}

  /// (point), of get(point number).
  template <class T, class Get>
  void put(std::string_view name, const std::string& what, const Get& get,
           const std::string& units = "1") {
    std::vector<T> values;
    for (std::size_t p = 0; p < study_.points().size(); ++p) values.push_back(get(p));
    write(name, {point()}, what, values, units);
  }
  /// (replica, point), of get(outcome); on rank 0 alone.
  template <class Get>
  void put_outcomes(std::string_view name, const std::string& what, bool is_root, const Get& get) {
    std::vector<double> values;
    for (std::int64_t r = 0; is_root && r < study_.options().replicas; ++r) {
      for (std::size_t p = 0; p < study_.points().size(); ++p) {
        values.push_back(get(study_.outcome(r, p)));
      }
    }
    write(name, {std::string(layout::replica), point()}, what, values, "1");
  }
  template <class T>
  void write(std::string_view name, std::vector<std::string> dimensions, const std::string& what,
             const std::vector<T>& values, const std::string& units) {
    file_.write(name, {std::move(dimensions), units, what, std::span<const T>(values)});
  }

 private:
  static std::string point() { return std::string(layout::point); }

  io::ResultFile& file_;
  const NetworkStudy& study_;
};

template <class T>
void put_numbers(io::ResultFile& file, std::string_view name, const std::string& what, T count) {
  std::vector<std::int64_t> numbers(static_cast<std::size_t>(count));
  std::iota(numbers.begin(), numbers.end(), std::int64_t{0});
  file.coordinate(name, {{}, "1", what, std::span<const std::int64_t>(numbers)});
}

void write_curves(io::ResultFile& file, const NetworkStudy& study, bool is_root, Writer& out) {
  const auto& steps = study.records();
  file.coordinate(layout::step,
                  {{}, "1", "steps of training", std::span<const std::int64_t>(steps)});
  std::vector<double> mean;
  std::vector<double> error;
  for (std::size_t p = 0; is_root && p < study.points().size(); ++p) {
    for (std::size_t s = 0; s < steps.size(); ++s) {
      const NetworkMean m =
          mean_over(study.options().replicas, [&](std::int64_t r) { return study.curve(r, p)[s]; });
      mean.push_back(m.mean);
      error.push_back(m.standard_error);
    }
  }
  const std::vector<std::string> dimensions{std::string(layout::point), std::string(layout::step)};
  out.write(layout::curve_mean, dimensions, "mean risk while training; after its end the last one",
            mean, "1");
  out.write(layout::curve_error, dimensions, "standard error of that mean", error, "1");
}

/// "population:1", and of several numbers of unlabelled inputs "population:1 +1000".
std::string name_of(const NetworkStudy& study, const NetworkPoint& point) {
  const NetworkOptions& of = study.options();
  const std::string& name = of.preconditioner[point.preconditioner];
  const bool asks = of.parsed[point.preconditioner].uses_unlabelled();
  return asks && of.unlabelled.size() > 1 ? fmt::format("{} +{}", name, point.unlabelled) : name;
}

std::size_t width_of_names(const NetworkStudy& study) {
  std::size_t out = 14;
  for (const NetworkPoint& p : study.points()) out = std::max(out, name_of(study, p).size());
  return out;
}

/// One line for each preconditioner and number of unlabelled inputs, one column for each noise.
template <class Cell>
std::string rows_text(const NetworkStudy& study, const std::string& title, const Cell& cell) {
  const std::size_t width = width_of_names(study);
  const auto& noise = study.options().noise;
  std::string out = fmt::format("{:<{}}", title, width);
  for (const double v : noise) out += fmt::format("  {:>18}", fmt::format("noise {:g}", v));
  for (std::size_t p = 0; p < study.points().size(); ++p) {
    if (p % noise.size() == 0) {
      out += fmt::format("\n{:<{}}", name_of(study, study.points()[p]), width);
    }
    out += fmt::format("  {:>18}", cell(p));
  }
  return out + '\n';
}

/// The place of the least and of the largest noise.
std::pair<std::size_t, std::size_t> ends_of(const std::vector<double>& noise) {
  const auto [least, most] = std::minmax_element(noise.begin(), noise.end());
  return {static_cast<std::size_t>(least - noise.begin()),
          static_cast<std::size_t>(most - noise.begin())};
}

/// What noise does to one preconditioner, whose points begin at `first`.
std::string noise_text(const NetworkStudy& study, const std::vector<NetworkSummary>& found,
                       std::size_t first) {
  const auto& noise = study.options().noise;
  const std::int64_t replicas = study.options().replicas;
  const auto [low, high] = ends_of(noise);
  const NetworkMean& at_least = found[first + low].difference;
  const NetworkMean& at_most = found[first + high].difference;
  const std::string name = name_of(study, study.points()[first]);
  const auto side = [&](const NetworkMean& of) {
    if (!of.is_clear(replicas)) return "no clear difference to gd";
    return of.mean > 0 ? "a higher risk than gd" : "a lower risk than gd";
  };
  const bool turns = at_least.mean > 0 && at_least.is_clear(replicas) && at_most.mean < 0 &&
                     at_most.is_clear(replicas);
  return fmt::format("{}: {} at noise {:g}, {} at noise {:g}{}\n", name, side(at_least), noise[low],
                     side(at_most), noise[high], turns ? ": noise turns it" : "");
}

std::string verdicts(const NetworkStudy& study, const std::vector<NetworkSummary>& found) {
  std::string out;
  const std::size_t noises = study.options().noise.size();
  for (std::size_t p = 0; p < study.points().size(); p += noises) {
    const FisherChoice& of = study.options().parsed[study.points()[p].preconditioner];
    if (of.kind == FisherChoice::Kind::gd || of.kind == FisherChoice::Kind::population_mix)
      continue;
    if (of.kind == FisherChoice::Kind::sample && study.records().empty()) {
      double largest = 0;
      for (std::size_t v = 0; v < noises; ++v) {
        largest = std::max(largest, found[p + v].largest_difference);
      }
      out += fmt::format(
          "{}: within {:.1e} of gd in every replica: the Fisher matrix of the sample "
          "{}\n",
          name_of(study, study.points()[p]), largest,
          largest < rounding ? "changes nothing" : "should change nothing !");
    } else if (noises > 1) {
      out += noise_text(study, found, p);
    }
  }
  return out;
}

/// Names of other settings whose risks the least one of that noise is not clearly below, replica by
/// replica.
std::string alike_text(const NetworkStudy& study, std::size_t best, std::size_t noise) {
  const std::int64_t replicas = study.options().replicas;
  constexpr std::size_t most = 3;
  std::string out;
  std::size_t found = 0;
  for (std::size_t p = noise; p < study.points().size(); p += study.options().noise.size()) {
    if (p == best) continue;
    const NetworkMean off = mean_over(replicas, [&](std::int64_t r) {
      return study.outcome(r, p).risk - study.outcome(r, best).risk;
    });
    if (off.is_clear(replicas)) continue;
    if (++found <= most) {
      out += fmt::format("{}{}", out.empty() ? "" : ", ", name_of(study, study.points()[p]));
    }
  }
  if (found > most) out += fmt::format(" and {} more", found - most);
  return out.empty() ? "" : fmt::format("; not clearly above: {}", out);
}

/// Whose risk is the least at each noise, the first of those that are equal.
std::string least_text(const NetworkStudy& study, const std::vector<NetworkSummary>& found) {
  const auto& noise = study.options().noise;
  std::string out;
  for (std::size_t v = 0; v < noise.size(); ++v) {
    std::size_t best = v;
    for (std::size_t p = v; p < study.points().size(); p += noise.size()) {
      if (found[p].risk.mean < found[best].risk.mean * (1 - rounding)) best = p;
    }
    out += fmt::format("noise {:g}: the least risk is that of {} ({:.4f}){}\n", noise[v],
                       name_of(study, study.points()[best]), found[best].risk.mean,
                       alike_text(study, best, v));
  }
  return out;
}

/// Trainings that steps ended, not the tolerance.
std::int64_t unfinished(const NetworkStudy& study) {
  if (study.records().empty()) return 0;
  std::int64_t out = 0;
  for (std::int64_t r = 0; r < study.options().replicas; ++r) {
    for (std::size_t p = 0; p < study.points().size(); ++p) {
      if (study.outcome(r, p).loss > study.options().training->keys.tolerance) ++out;
    }
  }
  return out;
}

/// Whether none ended by the tolerance, though there is one: nothing can be compared then.
bool none_finished(const NetworkStudy& study) {
  return !study.records().empty() && study.options().training->keys.tolerance > 0 &&
         unfinished(study) == study.tasks();
}

/// How training ended.
std::string training_text(const NetworkStudy& study) {
  const std::int64_t count = unfinished(study);
  if (count == 0) return "all trainings reached the tolerance\n";
  return fmt::format("! {} of {} trainings did not reach the tolerance in {} steps{}\n", count,
                     study.tasks(), study.options().training->keys.steps,
                     none_finished(study)
                         ? ": risks are of networks on their way, and are not compared; take more "
                           "'network.training.steps', or a larger tolerance"
                         : "");
}

}  // namespace

double NetworkMean::half_width(std::int64_t replicas) const {
  return stats::student_quantile(0.975, static_cast<double>(replicas - 1)) * standard_error;
}

bool NetworkMean::is_clear(std::int64_t replicas) const {
  return std::abs(mean) > half_width(replicas);
}

std::vector<NetworkSummary> summarise(const NetworkStudy& study) {
  const std::int64_t replicas = study.options().replicas;
  std::vector<NetworkSummary> out;
  for (std::size_t p = 0; p < study.points().size(); ++p) {
    const auto risk = [&](std::int64_t r) { return study.outcome(r, p).risk; };
    const auto plain = [&](std::int64_t r) { return study.outcome(r, study.plain(p)).risk; };
    NetworkSummary& s = out.emplace_back();
    s.risk = mean_over(replicas, risk);
    s.difference = mean_over(replicas, [&](std::int64_t r) { return risk(r) - plain(r); });
    for (std::int64_t r = 0; r < replicas; ++r) {
      s.largest_difference =
          std::max(s.largest_difference, std::abs(risk(r) - plain(r)) / plain(r));
    }
  }
  return out;
}

void write(io::ResultFile& file, const NetworkStudy& study,
           const std::vector<NetworkSummary>& found) {
  const NetworkOptions& of = study.options();
  const bool is_root = !found.empty();
  put_numbers(file, layout::point, "number of the setting", study.points().size());
  put_numbers(file, layout::replica, "number of the replica", of.replicas);
  Writer out(file, study);
  const auto& points = study.points();
  out.put<std::string>(layout::preconditioner, "what divides gradients",
                       [&](std::size_t p) { return of.preconditioner[points[p].preconditioner]; });
  out.put<std::int64_t>(
      layout::unlabelled, "inputs of the Fisher matrix beside the samples",
      [&](std::size_t p) { return static_cast<std::int64_t>(points[p].unlabelled); });
  out.put<double>(layout::noise, "variance of the noise of labels over that of the teacher",
                  [&](std::size_t p) { return of.noise[points[p].noise]; });
  const auto put = [&](std::string_view name, const std::string& what, const auto& get) {
    out.put<double>(name, what, [&](std::size_t p) { return is_root ? get(found[p]) : 0.0; });
  };
  put(layout::risk_mean, "mean risk over replicas",
      [](const NetworkSummary& s) { return s.risk.mean; });
  put(layout::risk_error, "standard error of that mean",
      [](const NetworkSummary& s) { return s.risk.standard_error; });
  put(layout::difference_mean, "mean of the risk less that of gd in the same replica",
      [](const NetworkSummary& s) { return s.difference.mean; });
  put(layout::difference_error, "standard error of that mean",
      [](const NetworkSummary& s) { return s.difference.standard_error; });
  put(layout::difference_half, "half of its interval of 95 %, Student's law",
      [&](const NetworkSummary& s) { return s.difference.half_width(of.replicas); });
  out.put_outcomes(layout::risk, "risk", is_root, [](const NetworkOutcome& o) { return o.risk; });
  if (study.records().empty()) return;
  out.put_outcomes(layout::least_risk, "least risk while training", is_root,
                   [](const NetworkOutcome& o) { return o.least_risk; });
  out.put_outcomes(layout::loss, "mean square of residuals over the variance of labels, at the end",
                   is_root, [](const NetworkOutcome& o) { return o.loss; });
  out.put_outcomes(layout::steps, "steps that training took", is_root,
                   [](const NetworkOutcome& o) { return o.steps; });
  out.put_outcomes(layout::damping, "damping at the end, in units of the mean eigenvalue", is_root,
                   [](const NetworkOutcome& o) { return o.damping; });
  write_curves(file, study, is_root, out);
}

std::string table_text(const NetworkStudy& study, const std::vector<NetworkSummary>& found) {
  const std::int64_t replicas = study.options().replicas;
  std::string out = rows_text(study, "risk", [&](std::size_t p) {
    return fmt::format("{:.4f} +- {:.4f}", found[p].risk.mean, found[p].risk.standard_error);
  });
  const bool compares = !none_finished(study);
  out += '\n' + rows_text(study, "less gd", [&](std::size_t p) {
           if (study.plain(p) == p) return std::string("-");
           return fmt::format("{:+.4f} +- {:.4f}{}", found[p].difference.mean,
                              found[p].difference.half_width(replicas),
                              compares && found[p].difference.is_clear(replicas) ? " *" : "  ");
         });
  out += fmt::format(
      "\nrisks with standard errors over {} replicas; differences with intervals of 95 %{}\n",
      replicas, compares ? ", * where they exclude 0" : "");
  if (!study.records().empty()) out += training_text(study);
  return compares ? out + least_text(study, found) + verdicts(study, found) : out;
}

}  // namespace driftwood::natgrad
