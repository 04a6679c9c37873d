// SPDX-License-Identifier: BSD-3-Clause
#include "mcmc/chain_results.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <numeric>
#include <utility>

#include "io/layout.hpp"

namespace driftwood::mcmc {
namespace {

namespace layout = io::layout;

/// R-hat from which on chains have not mixed: Vehtari et al. (2021), section 4.
constexpr double good_rhat = 1.01;
/// Effective draws of which R-hat and standard errors can be judged, of all chains together.
constexpr double least_ess = 400;

template <class Member>
std::vector<double> column(const ChainFindings& found, Member member) {
  std::vector<double> out;
  for (const stats::ChainSummary& p : found.parameters) out.push_back(p.*member);
  return out;
}

void write_summary(io::ResultFile& file, const std::vector<std::string>& names,
                   const ChainFindings& found) {
  using S = stats::ChainSummary;
  file.coordinate(layout::summary::name, {{}, "1", "what is drawn", std::span(names)});
  const auto put = [&](std::string_view name, double S::*member, const std::string& what) {
    const std::vector<double> values = column(found, member);
    file.write(name, {{std::string(layout::summary::name)}, "1", what, std::span(values)});
  };
  put(layout::summary::mean, &S::mean, "mean over all chains and draws");
  put(layout::summary::sd, &S::sd, "standard deviation of all draws");
  put(layout::summary::mcse, &S::mcse, "Monte Carlo standard error of the mean");
  put(layout::summary::q5, &S::q5, "quantile 0.05 of the draws that diagnostics keep");
  put(layout::summary::median, &S::median, "median of the draws that diagnostics keep");
  put(layout::summary::q95, &S::q95, "quantile 0.95 of the draws that diagnostics keep");
  put(layout::summary::rhat, &S::rhat, "rank-normalised split R-hat");
  put(layout::summary::ess_bulk, &S::ess_bulk, "effective draws of the bulk");
  put(layout::summary::ess_tail, &S::ess_tail, "effective draws of the tails");
  const auto put_values = [&](std::string_view name, const std::vector<double>& values,
                              const std::string& what) {
    file.write(name, {{std::string(layout::summary::name)}, "1", what, std::span(values)});
  };
  put_values(layout::summary::autocorrelation_time, found.autocorrelation_times,
             "steps that one independent draw of the mean takes");
  if (!found.nested_rhat.empty()) {
    put_values(layout::summary::nested_rhat, found.nested_rhat,
               "nested R-hat of superchains, of all chains");
  }
}

/// The stored chains of this rank are rows of what all ranks store.
struct StoredChains {
  std::int64_t all;
  io::Rows mine;
  std::int64_t draws;

  [[nodiscard]] std::span<const io::Rows> rows() const {
    return {&mine, mine.count > 0 ? std::size_t{1} : std::size_t{0}};
  }
};

/// Makes a group of draws with its dimensions.
layout::DrawGroup begin_group(io::ResultFile& file, std::string_view name,
                              const StoredChains& chains) {
  layout::DrawGroup group(name);
  std::vector<std::int64_t> numbers(static_cast<std::size_t>(std::max(chains.all, chains.draws)));
  std::iota(numbers.begin(), numbers.end(), 0);
  const std::span<const std::int64_t> all(numbers);
  file.coordinate(
      group.chain,
      {{}, "1", "number of the chain", all.first(static_cast<std::size_t>(chains.all))});
  file.coordinate(
      group.draw,
      {{}, "1", "number of the stored draw", all.first(static_cast<std::size_t>(chains.draws))});
  return group;
}

void write_posterior(io::ResultFile& file, const std::vector<Parameter>& parameters,
                     const DrawStore& store, const StoredChains& chains) {
  const layout::DrawGroup group = begin_group(file, layout::draws::posterior, chains);
  const auto count = static_cast<std::size_t>(chains.mine.count * chains.draws);
  std::int64_t row = 0;
  for (const Parameter& p : parameters) {
    const auto numbers = static_cast<std::size_t>(p.numbers());
    std::vector<double> values(count * numbers);
    for (std::size_t k = 0; k < numbers; ++k) {
      const std::vector<double> draws = store.draws(row++, chains.draws);
      for (std::size_t i = 0; i < count; ++i) values[i * numbers + k] = draws[i];
    }
    std::vector<std::string> dimensions{group.chain, group.draw};
    if (p.count > 0) {
      file.dimension(group.dimension(p.name), p.count);
      dimensions.push_back(group.dimension(p.name));
    }
    file.write_rows(group.variable(p.name),
                    {dimensions, "1", "draws of " + p.name, std::span<const double>(values)},
                    chains.rows());
  }
}

void write_sample_stats(io::ResultFile& file, const DrawStore& store, const StoredChains& chains,
                        bool are_estimates) {
  const layout::DrawGroup group = begin_group(file, layout::draws::sample_stats, chains);
  const std::int64_t parameters =
      store.rows() - DrawStore::extras - (store.plan().energy > 0 ? 1 : 0);
  const auto put = [&](std::string_view name, DrawStore::Extra extra, const std::string& what) {
    const std::vector<double> values = store.draws(parameters + extra, chains.draws);
    file.write_rows(group.variable(name),
                    {{group.chain, group.draw}, "1", what, std::span<const double>(values)},
                    chains.rows());
  };
  put(layout::draws::log_density, DrawStore::log_density,
      std::string("logarithm of the density of the unrestricted coordinates, up to a constant") +
          (are_estimates ? ", estimated from the batch of the step" : ""));
  put(layout::draws::acceptance, DrawStore::acceptance, "probability of acceptance of the step");
  if (store.plan().energy > 0) {
    put(layout::draws::energy, DrawStore::energy,
        "energy that the step began with: minus the log density, and that of the new velocity");
  }
}

void write_draws(io::ResultFile& file, const std::vector<Parameter>& parameters,
                 const ChainFindings& found, const ChainRun& run, std::int64_t all) {
  const DrawStore& store = run.stored();
  const StoredChains chains{
      all,
      {run.population().blocks().first * run.population().per_block(), store.chains()},
      store.draws_after(found.steps)};
  write_posterior(file, parameters, store, chains);
  write_sample_stats(file, store, chains, run.takes_batches());
}

void write_sampler(io::ResultFile& file, const ChainFindings& found, const ChainRun& run) {
  const auto number = [&](std::string_view name, const auto& value, const std::string& what) {
    file.write(name, {{}, "1", what, std::span(&value, 1)});
  };
  const double step_size = run.step_size();
  number(layout::sampler::step_size, step_size, "size of the steps that count");
  number(layout::sampler::acceptance, found.acceptance, "mean probability of acceptance");
  number(layout::sampler::divergences, found.divergences, "steps whose energy error exceeds 1000");
  if (found.energies) {
    number(layout::sampler::ebfmi, found.energies->ebfmi,
           "energy fraction of missing information, of all chains");
    number(layout::sampler::low_ebfmi_chains, found.energies->low_chains,
           "chains of which it is below 0.3");
  }
  number(layout::sampler::judged_chains, found.judged_chains,
         "chains that R-hat and effective sample sizes are taken from");
  number(layout::sampler::judged_draws, found.judged_draws, "draws of each of these");
  number(layout::sampler::stuck_chains, found.stuck, "chains of which no step was accepted");
  const Preconditioner& by = run.preconditioner();
  const std::string coordinate(layout::sampler::coordinate);
  file.dimension(coordinate, std::ssize(by.scale));
  file.write(layout::sampler::scale, {{coordinate},
                                      "1",
                                      "scales of the coordinates that the sampler moves",
                                      std::span<const double>(by.scale)});
  if (by.factor.empty()) return;
  const std::string other(layout::sampler::other);
  file.dimension(other, std::ssize(by.scale));
  file.write(layout::sampler::factor, {{coordinate, other},
                                       "1",
                                       "lower triangle L: coordinates are L times what moves",
                                       std::span<const double>(by.factor)});
}

void write_bias(io::ResultFile& file, std::string_view group,
                const std::vector<BiasEstimate>& estimates, const std::string& of) {
  const layout::Bias at = layout::bias(group);
  const auto put = [&](const std::string& name, double BiasEstimate::*member,
                       const std::string& what) {
    std::vector<double> values;
    for (const BiasEstimate& e : estimates) values.push_back(e.*member);
    file.write(name, {{std::string(layout::summary::name)}, "1", what, std::span(values)});
  };
  put(at.estimate, &BiasEstimate::bias, "bias of " + of + " of the chains, by extrapolation");
  put(at.standard_error, &BiasEstimate::standard_error, "standard error of that bias");
  put(at.extrapolated, &BiasEstimate::extrapolated, of + " without its bias");
  put(at.extrapolated_error, &BiasEstimate::extrapolated_error,
      "standard error of " + of + " without its bias");
}

std::vector<double> distances(const ChainFindings& found,
                              const std::vector<ReferenceMoments>& reference) {
  std::vector<double> out;
  for (std::size_t i = 0; i < reference.size(); ++i) {
    out.push_back(
        standard_errors(reference[i], found.parameters[i].mean, found.parameters[i].mcse));
  }
  return out;
}

void write_reference(io::ResultFile& file, const ChainFindings& found,
                     const std::vector<ReferenceMoments>& reference) {
  std::vector<double> mean;
  std::vector<double> sd;
  for (const ReferenceMoments& r : reference) {
    mean.push_back(r.mean);
    sd.push_back(r.sd);
  }
  const std::vector<double> z = distances(found, reference);
  const std::vector<std::string> dimensions{std::string(layout::summary::name)};
  file.write(layout::reference::mean, {dimensions, "1", "mean of the reference", std::span(mean)});
  file.write(layout::reference::sd,
             {dimensions, "1", "standard deviation of the reference", std::span(sd)});
  file.write(layout::reference::standard_errors,
             {dimensions, "1", "standard errors by which the mean is above the reference's",
              std::span(z)});
}

/// The place of the largest or smallest value; NaN counts as worse than any number.
template <class Worse>
std::size_t worst(const std::vector<double>& values, const Worse& worse) {
  std::size_t at = 0;
  for (std::size_t i = 1; i < values.size(); ++i) {
    if (std::isnan(values[at])) break;
    if (std::isnan(values[i]) || worse(values[i], values[at])) at = i;
  }
  return at;
}

std::string number_text(double value) {
  if (std::isnan(value)) return "-";
  return fmt::format("{:.4g}", value);
}

std::string count_text(double value) {
  if (!std::isfinite(value)) return "-";
  return value < 1e7 ? fmt::format("{:.0f}", value) : fmt::format("{:.2e}", value);
}

}  // namespace

void write(io::ResultFile& file, const std::vector<Parameter>& parameters,
           const ChainFindings& found, const ChainRun& run,
           const std::vector<ReferenceMoments>& reference) {
  write_summary(file, names_of(parameters), found);
  write_sampler(file, found, run);
  if (found.bias) {
    write_bias(file, "mean", found.bias->mean, "the mean");
    write_bias(file, "second_moment", found.bias->second_moment, "the mean square");
  }
  if (!reference.empty()) write_reference(file, found, reference);
  if (const std::int64_t all = run.stored_chains(); all > 0) {
    write_draws(file, parameters, found, run, all);
  }
}

namespace {

/// What the steps do to the second moment that they distort most, where that is certain and counts;
/// else nothing.
std::string bias_concern(const std::vector<std::string>& names, const ChainFindings& found) {
  constexpr double certain = 4;  // standard errors
  double most = 0.01;            // of the variance
  std::string text;
  for (std::size_t i = 0; i < names.size(); ++i) {
    const BiasEstimate& now = found.bias->second_moment[i];
    const double part = std::abs(now.bias) / (found.parameters[i].sd * found.parameters[i].sd);
    if (!(std::abs(now.bias) > certain * now.standard_error) || !(part > most)) continue;
    most = part;
    text = fmt::format(
        "the size of the steps puts E {}^2 wrong by {:.3g} +- {:.2g}, {:.2g} % of the variance; "
        "take "
        "smaller steps, or the extrapolated values under /bias",
        names[i], now.bias, now.standard_error, 100 * part);
  }
  return text;
}

}  // namespace

std::vector<std::string> concerns(const std::vector<std::string>& names,
                                  const ChainFindings& found) {
  std::vector<std::string> out;
  if (found.lost > 0) {
    out.push_back(fmt::format("{} chains are not finite and do not count", found.lost));
  }
  if (found.stuck > 0) {
    out.push_back(fmt::format(
        "{} {} did not move, as all steps that count were refused, and their place is in the "
        "results all the same; start nearer to the bulk ('chains.initial'), or take smaller steps",
        found.stuck, found.stuck == 1 ? "chain" : "chains"));
  }
  const auto rhat = column(found, &stats::ChainSummary::rhat);
  const std::size_t r = worst(rhat, std::greater<>());
  if (std::isnan(rhat[r])) {
    out.push_back(
        fmt::format("'{}' cannot be judged: its draws are all equal or too few", names[r]));
  } else if (found.nested_rhat.empty() && rhat[r] > good_rhat) {
    out.push_back(
        fmt::format("the chains have not mixed: R-hat of '{}' is {:.3f}, above {}; take "
                    "more steps, a longer warm-up or another sampler",
                    names[r], rhat[r], good_rhat));
  }
  if (!found.nested_rhat.empty()) {
    const std::size_t n = worst(found.nested_rhat, std::greater<>());
    if (std::isnan(found.nested_rhat[n])) {
      out.push_back(
          fmt::format("superchains cannot be judged by '{}': its draws are all equal, or "
                      "there are fewer than 2 superchains that count",
                      names[n]));
    } else if (found.nested_rhat[n] > good_rhat) {
      out.push_back(
          fmt::format("superchains have not forgotten where they started, or have too few draws: "
                      "nested R-hat of '{}' is {:.3f}, above {}; take a longer warm-up, more steps "
                      "or fewer superchains",
                      names[n], found.nested_rhat[n], good_rhat));
    }
  }
  for (const auto& [member, what] : {std::pair(&stats::ChainSummary::ess_bulk, "bulk"),
                                     std::pair(&stats::ChainSummary::ess_tail, "tails")}) {
    const auto ess = column(found, member);
    const std::size_t e = worst(ess, std::less<>());
    if (!std::isnan(ess[e]) && ess[e] < least_ess) {
      out.push_back(
          fmt::format("there are only {:.0f} effective draws of the {} of '{}', below {}; "
                      "take more steps or chains",
                      ess[e], what, names[e], least_ess));
    }
  }
  if (found.bias) {
    for (std::size_t i = 0; i < names.size(); ++i) {
      const BiasEstimate& bias = found.bias->mean[i];
      const double size = std::abs(bias.bias);
      // Of an error that is larger than the noise of the mean and of its own estimate.
      if (!(size > 2 * found.parameters[i].mcse && size > 4 * bias.standard_error)) continue;
      out.push_back(
          fmt::format("the step size shows: the mean of '{}' is biased by {:.2g} +- {:.1g}; take "
                      "smaller steps, "
                      "or the extrapolated values under /bias",
                      names[i], bias.bias, bias.standard_error));
      break;
    }
    if (std::string bias = bias_concern(names, found); !bias.empty())
      out.push_back(std::move(bias));
  }
  if (found.energies && found.energies->ebfmi < good_ebfmi) {
    out.push_back(fmt::format(
        "E-BFMI is {:.2f}, below {}: the velocities that are drawn change the energy too "
        "little, so that chains come to high and low densities, the tails, too slowly; "
        "take other coordinates, such as those of a hierarchy that is not centred",
        found.energies->ebfmi, good_ebfmi));
  }
  if (found.divergences > 0) {
    out.push_back(
        fmt::format("{} steps diverged: the step size is too large somewhere, and what is "
                    "there may be missing",
                    found.divergences));
  }
  return out;
}

std::string table_text(const std::vector<std::string>& names, const ChainFindings& found,
                       const std::vector<ReferenceMoments>& reference, std::size_t most) {
  std::vector<std::size_t> shown(names.size());
  std::iota(shown.begin(), shown.end(), std::size_t{0});
  if (shown.size() > most) {
    std::stable_sort(shown.begin(), shown.end(), [&](std::size_t a, std::size_t b) {
      return found.parameters[a].ess_bulk < found.parameters[b].ess_bulk;
    });
    shown.resize(most);
    std::sort(shown.begin(), shown.end());
  }
  std::size_t width = 4;
  for (const std::size_t i : shown) width = std::max(width, names[i].size());
  const std::vector<double> z = distances(found, reference);
  std::string text =
      fmt::format("{:<{}}  {:>11} {:>10} {:>10} {:>10} {:>10} {:>10} {:>9} {:>9} {:>6}", "", width,
                  "mean", "mcse", "sd", "5%", "50%", "95%", "ess_bulk", "ess_tail", "rhat");
  if (!found.nested_rhat.empty()) text += fmt::format(" {:>6}", "nested");
  if (found.bias) text += fmt::format(" {:>10} {:>9}", "bias", "+-");
  if (!z.empty()) text += fmt::format(" {:>6}", "z");
  text += '\n';
  for (const std::size_t i : shown) {
    const stats::ChainSummary& p = found.parameters[i];
    text += fmt::format("{:<{}}  {:>11} {:>10} {:>10} {:>10} {:>10} {:>10} {:>9} {:>9} {:>6}",
                        names[i], width, number_text(p.mean), number_text(p.mcse),
                        number_text(p.sd), number_text(p.q5), number_text(p.median),
                        number_text(p.q95), count_text(p.ess_bulk), count_text(p.ess_tail),
                        std::isnan(p.rhat) ? "-" : fmt::format("{:.3f}", p.rhat));
    if (!found.nested_rhat.empty()) {
      const double nested = found.nested_rhat[i];
      text += fmt::format(" {:>6}", std::isnan(nested) ? "-" : fmt::format("{:.3f}", nested));
    }
    if (found.bias) {
      const BiasEstimate& bias = found.bias->mean[i];
      const bool is_known = std::isfinite(bias.bias);
      text += fmt::format(" {:>10} {:>9}", is_known ? fmt::format("{:.3g}", bias.bias) : "-",
                          is_known ? fmt::format("{:.2g}", bias.standard_error) : "-");
    }
    if (!z.empty()) text += fmt::format(" {:>6.2f}", z[i]);
    text += '\n';
  }
  if (names.size() > shown.size()) {
    text += fmt::format("{} more under /summary have more effective draws\n",
                        names.size() - shown.size());
  }
  std::vector<std::string> problems = concerns(names, found);
  for (std::size_t i = 0; i < z.size(); ++i) {
    if (std::abs(z[i]) < 4) continue;
    problems.push_back(fmt::format("the mean of '{}' is {:.1f} standard errors from the reference",
                                   names[i], z[i]));
  }
  if (problems.empty()) {
    text += "\nno sign of trouble: chains agree, and there are enough effective draws\n";
  }
  for (const std::string& problem : problems) text += "\n! " + problem + "\n";
  if (found.unseen_step > 0 && !found.bias) {
    text += fmt::format(
        "\nall steps were accepted, of size {:.3g}: results have a bias that no number above "
        "shows; "
        "'diagnostics.bias = true' estimates it\n",
        found.unseen_step);
  }
  return text;
}

}  // namespace driftwood::mcmc
