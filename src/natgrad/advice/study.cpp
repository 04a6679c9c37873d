// SPDX-License-Identifier: BSD-3-Clause
#include "natgrad/advice/study.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include "natgrad/spectrum.hpp"

namespace driftwood::natgrad {
namespace {

constexpr std::size_t drawn_spectra = 8;
constexpr std::size_t drawn_signals = 400;

EstimatedSpectrum estimate(const AdviceRows& rows) {
  EstimatedSpectrum out = population_spectrum(rows.pooled, rows.pooled_freedom);
  double mean = 0;
  for (const double v : out.values) mean += v / static_cast<double>(out.values.size());
  for (double& v : out.values) v /= mean;
  return out;
}

AdviceGrid grid_of(const AdviceOptions& options, const std::vector<double>& population,
                   const std::optional<Evidence>& evidence) {
  std::vector<NamedSignal> signals;
  std::vector<double> noise = options.noise;
  if (evidence) {
    signals.push_back({"labels", evidence->signal().prior});
    noise.push_back(evidence->signal().noise);
  } else {
    for (const double r : options.alignment) {
      NamedSignal& of = signals.emplace_back(NamedSignal{fmt::format("r = {:g}", r), population});
      fill_aligned(population, r, of.prior);
    }
  }
  std::sort(noise.begin(), noise.end());
  noise.erase(std::unique(noise.begin(), noise.end()), noise.end());
  return {population, options.rows_to_learn(), std::move(signals), options.parsed,
          std::move(noise)};
}

}  // namespace

AdviceStudy::AdviceStudy(const comm::Communicator& comm, const AdviceOptions& options)
    : options_(options),
      spectrum_(estimate(*options.table)),
      evidence_(options.table->labels.empty()
                    ? std::nullopt
                    : std::optional<Evidence>(std::in_place, *options.table, spectrum_.values)),
      grid_(grid_of(options, spectrum_.values, evidence_)),
      trial_(grid_, *options.table, options.replicas, options.seed),
      theory_(predict(comm, grid_)) {
  AdviceDraws draws;
  draws.estimated_noise = estimated_noise();
  for (std::uint32_t i = 0; i < drawn_spectra; ++i) {
    draws.spectra.push_back(
        redrawn_spectrum(spectrum_.values, options.table->pooled_freedom, options.seed, i));
  }
  if (evidence_) {
    for (std::size_t i = 0; i < drawn_signals; ++i) {
      draws.signals.push_back(evidence_->draw(options.seed, i));
    }
  } else {
    draws.alignments = options.alignment;
  }
  answers_ = natgrad::answers(grid_, theory_, draws, options.worth);
}

void AdviceStudy::conclude(const comm::Communicator& comm) {
  found_ = trial_.collected(comm);
  compare(answers_, grid_, theory_, trial_, found_);
}

std::optional<std::size_t> AdviceStudy::estimated_noise() const {
  if (!evidence_) return std::nullopt;
  const auto& noise = grid_.noise();
  return static_cast<std::size_t>(std::find(noise.begin(), noise.end(), evidence_->signal().noise) -
                                  noise.begin());
}

std::span<const TrialFinding> AdviceStudy::found_on(std::size_t n) const {
  const auto at = std::find(trial_.tried().begin(), trial_.tried().end(), n);
  if (at == trial_.tried().end() || found_.empty()) return {};
  const auto replicas = static_cast<std::size_t>(trial_.replicas());
  return std::span(found_).subspan(static_cast<std::size_t>(at - trial_.tried().begin()) * replicas,
                                   replicas);
}

std::size_t AdviceStudy::chosen_filter(std::size_t n, std::size_t signal, std::size_t p,
                                       Tuning tuning, double noise) const {
  const auto cells = std::span(theory_).subspan(grid_.cell(n, signal, p, 0), AdviceGrid::filters());
  return best_filter(cells, tuning, noise);
}

std::vector<AdviceStudy::Point> AdviceStudy::points() const {
  std::vector<Point> out;
  for (std::size_t n = 0; n < grid_.rows().size(); ++n) {
    const auto found = found_on(n);
    for (std::size_t s = 0; s < grid_.signals().size(); ++s) {
      for (std::size_t p = 0; p < grid_.preconditioners().size(); ++p) {
        for (const Tuning tuning : {Tuning::end, Tuning::ridge, Tuning::time}) {
          for (std::size_t v = 0; v < grid_.noise().size(); ++v) {
            const double noise = grid_.noise()[v];
            const std::size_t f = chosen_filter(n, s, p, tuning, noise);
            std::vector<double> risks;
            for (const TrialFinding& of : found) {
              risks.push_back(of.cells[grid_.cell(0, s, p, f)].risk(noise));
            }
            out.push_back(
                {n, s, p, tuning, v, f, theory_[grid_.cell(n, s, p, f)], measured(risks)});
          }
        }
      }
    }
  }
  return out;
}

std::vector<AdviceStudy::LabelTest> AdviceStudy::label_tests() const {
  std::vector<LabelTest> out;
  if (!evidence_) return out;
  const double noise = evidence_->signal().noise;
  for (const std::size_t n : trial_.tried()) {
    const auto found = found_on(n);
    if (found.empty()) continue;
    for (std::size_t p = 0; p < grid_.preconditioners().size(); ++p) {
      for (const Tuning tuning : {Tuning::end, Tuning::ridge, Tuning::time}) {
        const std::size_t f = chosen_filter(n, 0, p, tuning, noise);
        std::vector<double> errors;
        for (const TrialFinding& of : found) {
          errors.push_back(of.errors[p * AdviceGrid::filters() + f]);
        }
        const double risk = theory_[grid_.cell(n, 0, p, f)].risk(noise);
        out.push_back({n, p, tuning, f, risk * evidence_->signal_share() + evidence_->noise_share(),
                       measured(errors)});
      }
    }
  }
  return out;
}

}  // namespace driftwood::natgrad
