// SPDX-License-Identifier: BSD-3-Clause
#include "natgrad/advice/answer.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "natgrad/advice/inversion.hpp"
#include "natgrad/ensemble/draw.hpp"
#include "natgrad/spectrum.hpp"
#include "natgrad/theory/companion.hpp"

namespace driftwood::natgrad {
namespace {

/// Cells of one (n, signal, P).
std::span<const BiasVariance> group(const AdviceGrid& grid, std::span<const BiasVariance> theory,
                                    std::size_t n, std::size_t signal, std::size_t p) {
  return theory.subspan(grid.cell(n, signal, p, 0), AdviceGrid::filters());
}

double told(double risk) { return std::max(risk, least_told); }

Answer asked(const AdviceGrid& grid, std::span<const BiasVariance> theory, std::size_t n,
             std::size_t signal, Tuning tuning, std::size_t noise) {
  std::vector<double> risks;
  for (std::size_t p = 0; p < grid.preconditioners().size(); ++p) {
    const auto cells = group(grid, theory, n, signal, p);
    const double variance = grid.noise()[noise];
    risks.push_back(told(cells[best_filter(cells, tuning, variance)].risk(variance)));
  }
  const auto best =
      static_cast<std::size_t>(std::min_element(risks.begin() + 1, risks.end()) - risks.begin());
  const double nan = std::nan("");
  const bool is_tie = std::max(risks[best], risks[0]) <= least_told;
  return {n, signal, tuning, noise, best, 1 - risks[best] / risks[0], is_tie, false, nan, nan, nan};
}

/// Risks of every preconditioner on every n, for what one draw says. Tunings are `end` and `ridge`.
class DrawnRisks {
 public:
  DrawnRisks(const AdviceGrid& grid, const std::vector<double>& spectrum)
      : grid_(grid), spectrum_(spectrum) {
    taus_.resize(grid.preconditioners().size(), std::vector<double>(spectrum.size()));
    for (std::size_t p = 0; p < taus_.size(); ++p) {
      grid.preconditioners()[p].fill(spectrum, spectrum, taus_[p]);
      for (std::size_t i = 0; i < spectrum.size(); ++i) taus_[p][i] *= spectrum[i];
    }
    for (std::size_t n = 0; n < grid.rows().size(); ++n) {
      for (const auto& tau : taus_) {
        double mean = 0;
        for (const double t : tau) mean += t / static_cast<double>(tau.size());
        for (std::size_t f = 0; f < ridges_end(); ++f) {
          const bool has_risk = f > 0 || grid.has_end(n);
          known_.push_back(has_risk ? std::optional<Companion>(std::in_place, tau, grid.gamma(n),
                                                               AdviceGrid::strength(f) * mean)
                                    : std::nullopt);
        }
      }
    }
  }

  /// Bias and variance of (n, P, filter).
  [[nodiscard]] std::vector<BiasVariance> of(std::span<const double> prior) const {
    std::vector<double> signal(prior.size());
    for (std::size_t i = 0; i < signal.size(); ++i) signal[i] = prior[i] * spectrum_[i];
    std::vector<BiasVariance> out;
    out.reserve(known_.size());
    for (const auto& known : known_) {
      out.push_back(known ? known->bias_variance(signal) : BiasVariance{});
    }
    return out;
  }

  /// 1 - the risk of P over that of the first.
  [[nodiscard]] double gain(const std::vector<BiasVariance>& of, std::size_t n, std::size_t p,
                            Tuning tuning, double noise) const {
    return 1 - risk(of, n, p, tuning, noise) / risk(of, n, 0, tuning, noise);
  }

 private:
  static std::size_t ridges_end() { return AdviceGrid::filters_of(Tuning::ridge).last; }

  [[nodiscard]] double risk(const std::vector<BiasVariance>& of, std::size_t n, std::size_t p,
                            Tuning tuning, double noise) const {
    const auto cells = std::span(of).subspan((n * taus_.size() + p) * ridges_end(), ridges_end());
    return told(cells[best_filter(cells, tuning, noise)].risk(noise));
  }

  const AdviceGrid& grid_;
  const std::vector<double>& spectrum_;
  std::vector<std::vector<double>> taus_;
  std::vector<std::optional<Companion>> known_;
};

/// Counts the draws that agree with answers.
class Agreement {
 public:
  Agreement(std::vector<Answer>& answers, const AdviceGrid& grid, double worth)
      : answers_(answers), grid_(grid), worth_(worth), agree_(answers.size()) {}

  /// With answers on signal number `signal`; a noise of the draw's own replaces one of the grid's.
  void count(const DrawnRisks& risks, std::span<const double> prior, std::size_t signal,
             std::optional<std::size_t> own, double own_noise) {
    const std::vector<BiasVariance> of = risks.of(prior);
    for (std::size_t k = 0; k < answers_.size(); ++k) {
      const Answer& a = answers_[k];
      if (a.signal != signal || a.tuning == Tuning::time) continue;
      const double noise = own == a.noise ? own_noise : grid_.noise()[a.noise];
      const auto gain = [&](std::size_t p) { return risks.gain(of, a.n, p, a.tuning, noise); };
      bool agrees = true;
      if (a.does_pay) {
        agrees = gain(a.best) > 0;
      } else {
        for (std::size_t p = 1; p < grid_.preconditioners().size(); ++p) {
          agrees = agrees && !(gain(p) > worth_);
        }
      }
      agree_[k] += agrees ? 1 : 0;
    }
  }

  void settle(std::size_t draws_of_each) {
    for (std::size_t k = 0; k < answers_.size(); ++k) {
      if (answers_[k].tuning == Tuning::time) continue;
      answers_[k].confidence = agree_[k] / static_cast<double>(draws_of_each);
    }
  }

 private:
  std::vector<Answer>& answers_;
  const AdviceGrid& grid_;
  double worth_;
  std::vector<double> agree_;
};

}  // namespace

Verdict Answer::verdict(double worth) const {
  if (confidence < 0.5) return Verdict::cannot_tell;
  if (does_pay) return Verdict::yes;
  return gain < -worth ? Verdict::no : Verdict::no_matter;
}

std::optional<bool> Answer::is_confirmed(double worth) const {
  const Verdict said = verdict(worth);
  if (std::isnan(measured) || said == Verdict::cannot_tell) return std::nullopt;
  constexpr double none = std::numeric_limits<double>::infinity();
  const double from = said == Verdict::yes ? worth : said == Verdict::no ? -none : -worth;
  const double to = said == Verdict::yes ? none : said == Verdict::no ? -worth : worth;
  const double low = measured - 2 * measured_error;
  const double high = measured + 2 * measured_error;
  if (from <= low && high <= to) return true;
  if (high < from || low > to) return false;
  return std::nullopt;
}

std::vector<double> redrawn_spectrum(std::span<const double> population, std::size_t rows,
                                     std::uint64_t seed, std::uint32_t i) {
  std::vector<double> scales;
  fill_roots(population, scales);
  constexpr std::size_t together = 4096;  // rows in memory
  Dense covariance;
  Dense x;
  for (std::size_t first = 0; first < rows; first += together) {
    x.shape(std::min(together, rows - first), population.size());
    draw_rows({seed, 0, i}, RowSource::unlabelled, FeatureLaw::normal, first, x.rows(), scales,
              x.data());
    blas::square(blas::Form::transposed, x, covariance, 1 / static_cast<double>(rows),
                 first == 0 ? 0 : 1);
  }
  std::vector<double> sample;
  blas::decompose(covariance, sample);
  for (double& v : sample) v = std::max(v, 0.0);
  std::vector<double> out = population_spectrum(sample, rows).values;
  double mean = 0;
  for (const double v : out) mean += v / static_cast<double>(out.size());
  for (double& v : out) v /= mean;
  return out;
}

std::vector<Answer> answers(const AdviceGrid& grid, std::span<const BiasVariance> theory,
                            const AdviceDraws& draws, double worth) {
  std::vector<Answer> out;
  for (std::size_t n = 0; n < grid.rows().size(); ++n) {
    for (std::size_t s = 0; s < grid.signals().size(); ++s) {
      for (const Tuning tuning : {Tuning::end, Tuning::ridge, Tuning::time}) {
        if (tuning == Tuning::end && !grid.has_end(n)) continue;
        for (std::size_t v = 0; v < grid.noise().size(); ++v) {
          Answer a = asked(grid, theory, n, s, tuning, v);
          a.does_pay = a.gain > worth;
          out.push_back(a);
        }
      }
    }
  }
  if (draws.spectra.empty()) return out;
  Agreement agreement(out, grid, worth);
  const std::size_t spectra = draws.spectra.size();
  std::vector<double> prior(grid.features());
  for (std::size_t b = 0; b < spectra; ++b) {
    const DrawnRisks risks(grid, draws.spectra[b]);
    for (std::size_t s = 0; s < draws.alignments.size(); ++s) {
      fill_aligned(draws.spectra[b], draws.alignments[s], prior);
      agreement.count(risks, prior, s, std::nullopt, 0);
    }
    for (std::size_t i = b; i < draws.signals.size(); i += spectra) {
      agreement.count(risks, draws.signals[i].prior, 0, draws.estimated_noise,
                      draws.signals[i].noise);
    }
  }
  agreement.settle(draws.signals.empty() ? spectra : draws.signals.size());
  return out;
}

Measured measured(std::span<const double> values) {
  Measured out;
  double square = 0;
  for (const double v : values) {
    if (std::isnan(v)) continue;
    ++out.count;
    const double off = v - out.mean;
    out.mean += off / static_cast<double>(out.count);
    square += off * (v - out.mean);
  }
  const auto n = static_cast<double>(out.count);
  if (out.count < 2) return {std::nan(""), std::nan(""), out.count};
  out.standard_error = std::sqrt(square / (n - 1) / n);
  return out;
}

void compare(std::vector<Answer>& answers, const AdviceGrid& grid,
             std::span<const BiasVariance> theory, const AdviceTrial& trial,
             std::span<const TrialFinding> found) {
  const auto replicas = static_cast<std::size_t>(trial.replicas());
  for (Answer& a : answers) {
    const auto at = std::find(trial.tried().begin(), trial.tried().end(), a.n);
    if (at == trial.tried().end() || found.empty()) continue;
    const auto own =
        found.subspan(static_cast<std::size_t>(at - trial.tried().begin()) * replicas, replicas);
    const double noise = grid.noise()[a.noise];
    const auto risks_of = [&](std::size_t p) {
      const auto filter = best_filter(group(grid, theory, a.n, a.signal, p), a.tuning, noise);
      const std::size_t cell = grid.cell(0, a.signal, p, filter);
      std::vector<double> out;
      for (const TrialFinding& f : own) out.push_back(told(f.cells[cell].risk(noise)));
      return out;
    };
    const std::vector<double> plain = risks_of(0);
    const std::vector<double> best = risks_of(a.best);
    // All or none: where some are missing, the others would be the easy ones.
    bool are_all = true;
    for (std::size_t r = 0; r < replicas; ++r) are_all = are_all && !std::isnan(plain[r] + best[r]);
    if (!are_all) continue;
    const double mean = measured(plain).mean;
    a.measured = 1 - measured(best).mean / mean;
    std::vector<double> off;
    for (std::size_t r = 0; r < replicas; ++r) off.push_back(plain[r] * (1 - a.measured) - best[r]);
    a.measured_error = measured(off).standard_error / mean;
  }
}

}  // namespace driftwood::natgrad
