// SPDX-License-Identifier: BSD-3-Clause
#include "mcmc/options.hpp"

#include <algorithm>
#include <filesystem>

#include "io/disk.hpp"
#include "mcmc/preconditioner.hpp"

namespace driftwood::mcmc {
namespace {

constexpr std::int64_t largest_count = std::int64_t{1} << 40;
constexpr std::int64_t most_with_areas = 256;  ///< coordinates: 17 MB for a block of chains

}  // namespace

void TargetOptions::describe(deck::Schema& s) {
  s.one_of("name", target, targets(), "the distribution to draw from");
}

void SamplerOptions::describe(deck::Schema& s) {
  s.one_of("name", sampler, samplers(), "how chains move");
  s.key(
      "step_size", step_size, deck::positive,
      "size h of the steps, in units of the scaled coordinates; left out: adapted in the warm-up");
  s.key(
      "acceptance", acceptance, deck::open_probability,
      "probability of acceptance that an adapted step size leads to; left out: the sampler's own");
  s.key("energy_variance", energy_variance, deck::positive,
        "the same of samplers that accept every step: mean square, per coordinate, of the energy "
        "error of a step, or of the one that tries it; left out: the sampler's own");
  s.key("precondition", precondition, deck::one_of({"none", "diagonal", "dense"}),
        "scales of the coordinates: all 1, or their standard deviations as the warm-up finds them, "
        "or with their correlations, too, at a cost of the square of their number");
}

void SamplerOptions::validate(const deck::Source& deck, std::int64_t warmup,
                              const Situation& where) const {
  const SamplerTraits traits = sampler->traits();
  const std::string name(traits.name);
  if (traits.needs_diffusion && where.noise == DiffusionNoise::none) {
    throw deck.error("sampler.name", "'" + name + "' moves chains by the target's Ito diffusion",
                     "this target has none that is known",
                     "take the target 'ito_diffusion', or the sampler 'ula' or 'srk_ld'");
  }
  if (traits.has_areas && where.dim > most_with_areas) {
    throw deck.error(
        "sampler.name",
        "'" + name + "' moves at most " + std::to_string(most_with_areas) + " coordinates",
        "it holds a number of each chain for each two of them", "take 'em'");
  }
  if (step_size && !traits.has_step_size) {
    throw deck.error("sampler.step_size", "'" + name + "' has no step size", "", "leave it out");
  }
  if (adapts_step() && !traits.can_adapt()) {
    throw deck.error("sampler.step_size", "'" + name + "' needs a step size",
                     "there is no test that tells how wrong a step is",
                     "give 'step_size', about the square of the smallest scale of the target");
  }
  if (is_dense() && traits.needs_diffusion) {
    throw deck.error("sampler.precondition", "'" + name + "' does not take correlations", "",
                     "take \"diagonal\", or leave it out");
  }
  if (adapts_step() && warmup < 50) {
    throw deck.error("chains.warmup", "the step size cannot be adapted in so few steps", "",
                     "give at least 50, or 'sampler.step_size'");
  }
  if (acceptance && traits.acceptance == 0) {
    throw deck.error("sampler.acceptance", "'" + name + "' accepts every step");
  }
  if (energy_variance && traits.energy_variance == 0) {
    throw deck.error("sampler.energy_variance",
                     "'" + name + "' does not adapt its steps by their energy errors");
  }
  if ((acceptance || energy_variance) && step_size) {
    const std::string key = acceptance ? "acceptance" : "energy_variance";
    throw deck.error("sampler." + key, "the step size is given", "",
                     "leave out 'step_size' or '" + key + "'");
  }
  if (adapts_scale() && warmup < 20) {
    throw deck.error("chains.warmup", "scales cannot be found in so few steps", "",
                     "give at least 20, better 500");
  }
  if (is_dense() && where.dim > Preconditioner::most_dense) {
    throw deck.error(
        "sampler.precondition", "the target has too many coordinates",
        "the factor of their covariance would have " + std::to_string(where.dim) + "^2 / 2 entries",
        "take \"diagonal\" for more than " + std::to_string(Preconditioner::most_dense));
  }
  sampler->validate(deck, "sampler", where);
}

double SamplerOptions::target_energy_variance(int dim) const {
  // Of tries, the sum over all coordinates: one stiff coordinate among many keeps its step stable.
  constexpr double most_of_tries = 0.5;
  const double own = energy_variance.value_or(sampler->traits().energy_variance);
  return sampler->traits().trial == Trial::own ? own : std::min(own, most_of_tries / dim);
}

void DrawsOptions::describe(deck::Schema& s) {
  s.key("thin", thin, deck::between(1, largest_count), "one of so many steps is stored");
  s.key("chains", chains, deck::between(1, largest_count), "so many chains are, the first ones");
}

void ChainStopOptions::describe(deck::Schema& s) {
  s.key("ess", ess, deck::positive,
        "effective draws that the worst parameter must have, in bulk and tails");
  s.key("rhat", rhat, deck::Range{.low = 1, .low_open = true},
        "R-hat that no parameter may exceed");
  s.key("nested_rhat", nested_rhat, deck::Range{.low = 1, .low_open = true},
        "the same of nested R-hat, which needs 'chains.superchains'");
  s.key("max_steps", max_steps, deck::between(1, largest_count), "steps after warm-up, at the most")
      .required()
      .may_grow();
}

void ChainOptions::describe(deck::Schema& s) {
  s.key("count", count, deck::between(1, largest_count), "number of chains");
  s.key("warmup", warmup, deck::between(0, largest_count), "steps before any count");
  s.key("steps", steps, deck::between(1, largest_count),
        "steps after warm-up; with 'stop', those before the first look");
  s.key("thin", thin, deck::between(1, largest_count), "one of so many steps counts");
  s.key("seed", seed, "seed of all random numbers");
  s.key("initial", initial, deck::finite,
        "where chains start: the law of each coordinate on the whole real line");
  s.key("superchains", superchains, deck::between(2, largest_count),
        "groups of as many chains each that start at one point, one point for each group: nested "
        "R-hat then tells whether many short chains have forgotten their starts");
  s.table("draws", draws, "draws that are stored under /posterior; left out: none");
  s.table("stop", stop, "ends the run when it knows enough");
}

void ChainOptions::validate(const deck::Source& deck, const Sampler& sampler) const {
  if (static_cast<long double>(count) * static_cast<long double>(warmup + most_steps()) > 0x1p62L) {
    throw deck.error("chains.steps", "chains x steps exceed 2^62", "they cannot be counted");
  }
  if (steps / thin < 4) {
    throw deck.error("chains.steps", "fewer than 4 draws of each chain",
                     "diagnostics compare their halves", "raise 'steps' or lower 'thin'");
  }
  if (initial.kind == deck::Distribution::Kind::column) {
    throw deck.error("chains.initial", "chains do not start at the entries of a file", "",
                     "give a number or a law");
  }
  if (draws && steps < draws->thin) {
    throw deck.error("chains.draws.thin", "no draw would be stored",
                     "there are only " + std::to_string(steps) + " steps");
  }
  if (draws && draws->chains > count) {
    throw deck.error("chains.draws.chains", "there are only " + std::to_string(count) + " chains");
  }
  if (stop && !stop->ess && !stop->rhat && !stop->nested_rhat) {
    throw deck.error("chains.stop", "nothing says when to stop", "",
                     "give 'ess', 'rhat' or 'nested_rhat', or several of them");
  }
  if (stop && stop->nested_rhat && !superchains) {
    throw deck.error("chains.stop.nested_rhat", "there are no superchains",
                     "nested R-hat compares groups of chains, each from a common start",
                     "give 'chains.superchains', such as 64");
  }
  if (superchains && count % *superchains != 0) {
    throw deck.error("chains.superchains",
                     std::to_string(count) + " chains cannot be divided into so many groups",
                     "each has as many chains", "take a divisor of 'chains.count'");
  }
  if (superchains && !sampler.traits().has_step_size) {
    throw deck.error(
        "chains.superchains",
        "'" + std::string(sampler.traits().name) + "' cannot start chains at one point",
        "it moves chains by others, and where all are the same none moves",
        "take another sampler, or leave it out");
  }
  if (stop && stop->max_steps < steps) {
    throw deck.error("chains.stop.max_steps", "the first look comes later",
                     "after 'chains.steps' = " + std::to_string(steps) + " steps");
  }
}

std::int64_t ChainOptions::next_look(std::int64_t done) const {
  if (!stop || done < steps) return steps;
  return std::min(done + std::max<std::int64_t>(done / 2, 1), most_steps());
}

void TemperingOptions::describe(deck::Schema& s) {
  s.key("temperatures", temperatures, deck::between(2, block_chains),
        "rungs of the ladder: replicas of each chain, at inverse temperatures beta from 1 to 0")
      .instead_of({"beta"});
  s.key("beta", beta, deck::length(2, block_chains),
        "their inverse temperatures, falling from 1 to 0; left out: a cubic ladder")
      .also(deck::probability)
      .instead_of({"temperatures"});
  s.key("swap_every", swap_every, deck::between(1, largest_count),
        "steps between two rounds of swaps");
  s.key("adapt", adapt,
        "whether the warm-up moves the rungs until swaps are refused equally often between all");
  s.key("path", path, deck::one_of({"power"}),
        "densities between: reference^(1 - beta) target^beta, of the unrestricted coordinates; the "
        "reference is the normal law 'chains.initial'");
}

void TemperingOptions::validate(const deck::Source& deck, const ChainOptions& chains,
                                const Sampler& sampler,
                                const DiagnosticsOptions& diagnostics) const {
  const SamplerTraits traits = sampler.traits();
  if (!traits.has_step_size) {
    throw deck.error("sampler.name", "'" + std::string(traits.name) + "' cannot be tempered",
                     "it moves chains by others, which have other temperatures",
                     "take another sampler, or leave out 'tempering'");
  }
  if (traits.needs_diffusion) {
    throw deck.error("sampler.name", "'" + std::string(traits.name) + "' cannot be tempered",
                     "the diffusion is that of the target, not of the laws between",
                     "take another sampler, or leave out 'tempering'");
  }
  if (traits.takes_batches) {
    throw deck.error("sampler.name", "'" + std::string(traits.name) + "' cannot be tempered",
                     "swaps compare potentials, of which batches know estimates only",
                     "take another sampler, or leave out 'tempering'");
  }
  if (diagnostics.bias) {
    throw deck.error("diagnostics.bias", "the bias of replicas cannot be estimated",
                     "companions with larger steps do not follow their swaps",
                     "leave out 'bias' or 'tempering'");
  }
  if (!beta.empty() && (beta.front() != 1 || beta.back() != 0)) {
    throw deck.error("tempering.beta", "the ladder does not go from 1 to 0",
                     "results are of the first rung, and the last is drawn from the reference");
  }
  for (std::size_t k = 1; k < beta.size(); ++k) {
    if (beta[k] >= beta[k - 1]) {
      throw deck.error("tempering.beta[" + std::to_string(k) + "]",
                       "the ladder does not fall here");
    }
  }
  if (chains.initial.kind != deck::Distribution::Kind::normal || chains.initial.second <= 0) {
    throw deck.error(
        "chains.initial", "tempering needs a normal law that chains start from",
        "it is the reference that hot replicas are drawn from",
        "give { kind = \"normal\", mean = ..., sd = ... }, wide enough for the target");
  }
  if (adapt && chains.warmup < 20 * swap_every) {
    throw deck.error("chains.warmup", "the ladder cannot be adapted in so few rounds",
                     "there are " + std::to_string(chains.warmup / swap_every) + " rounds of swaps",
                     "give at least " + std::to_string(20 * swap_every) +
                         " steps, or 'tempering.adapt = false'");
  }
  if (chains.steps < 2 * swap_every) {
    throw deck.error("tempering.swap_every", "fewer than two rounds of swaps count", "",
                     "raise 'chains.steps' or lower it");
  }
}

void DiagnosticsOptions::describe(deck::Schema& s) {
  s.key("memory", memory, deck::positive,
        "draws that diagnostics keep, of all ranks together [MiB]: where those of all chains take "
        "more, R-hat and effective sample sizes are estimated from some of the chains");
  s.key("bias", bias,
        "estimate the bias of a sampler that accepts every step, by companions of all chains with "
        "steps of twice the size (half as many gradients again)");
  s.key("reference", reference, deck::non_empty,
        "a JSON file of means and standard deviations that the results are compared with: "
        "{\"name\": {\"mean\": 0.0, \"sd\": 1.0, \"draws\": 10000}}");
  s.table("ksd", ksd, "kernel Stein discrepancy of the last states from the target");
  s.table("w2", w2, "Wasserstein distances W2 of the last states from reference draws");
}

void DiagnosticsOptions::validate(const deck::Source& deck, const Sampler& sampler,
                                  const Target& target) {
  const SamplerTraits traits = sampler.traits();
  if (bias && traits.bias_order == 0) {
    throw deck.error("diagnostics.bias",
                     "'" + std::string(traits.name) + "' has no bias to estimate",
                     "it accepts or refuses its steps", "leave it out");
  }
  if (bias && !sampler.has_constant_steps()) {
    throw deck.error("diagnostics.bias", "the bias of decreasing steps cannot be estimated",
                     "it is extrapolated from the size of the steps",
                     "leave it out, or take constant steps");
  }
  if (w2) w2->validate(deck, target);
  if (!reference) return;
  const std::filesystem::path file(*reference);
  const auto found =
      file.is_absolute() ? file : std::filesystem::path(io::disk::folder_of(deck.file())) / file;
  moments = read_reference(found.string(), names_of(target.parameters()));
}

}  // namespace driftwood::mcmc
