// SPDX-License-Identifier: BSD-3-Clause
#include "sde/fields/reaction_network.hpp"

#include <algorithm>
#include <map>
#include <optional>
#include <utility>

#include "base/suggest.hpp"
#include "sde/launch/make_propagator.hpp"
#include "sde/reaction_equation.hpp"
#include "sde/registry.hpp"

namespace driftwood::sde {
namespace {

constexpr int most_species = 64;
constexpr std::size_t most_reactions = 256;

/// How strongly a species enters a Hill term.
struct HillWeight {
  double scale = 1;

  void describe(deck::Schema& s) {
    s.key("scale", scale, deck::positive, "the species is multiplied by it [1/concentration]");
  }
};

struct HillOptions {
  double maximum = 1;
  std::int64_t exponent = 2;
  double half = 1;
  std::map<std::string, HillWeight> activators;
  std::map<std::string, HillWeight> repressors;

  void describe(deck::Schema& s) {
    s.key(
        "maximum", maximum, deck::positive,
        "adds maximum A^n / (A^n + R^n + half^n) to the rate, where A and R are the weighted sums "
        "of activators and repressors [concentration/time]");
    s.key("exponent", exponent, deck::between(1, 16), "the exponent n");
    s.key("half", half, deck::non_negative, "with no repressors: A at half of the maximum");
    s.named_tables("activators", activators, "species that raise the rate, by name");
    s.named_tables("repressors", repressors, "species that lower the rate, by name");
  }
};

struct ReactionOptions {
  std::string equation;
  deck::Distribution rate = 0.0;
  std::optional<HillOptions> hill;

  void describe(deck::Schema& s) {
    s.key("equation", equation, "what reacts to what: 'A + 2 B -> C', '-> A', 'A ->'").required();
    s.key(
        "rate", rate, deck::non_negative,
        "rate constant k: the reaction fires at k times the product of its reactants, each to the "
        "power of its number [1/time, 1/(concentration time), ...]");
    s.table("hill", hill, "a term of regulation that is added to the rate");
  }
};

class NetworkModel final : public Model {
 public:
  void describe(deck::Schema& s) override {
    s.key("species", species_, deck::length(1, most_species), "names of the species")
        .also(deck::identifier)
        .also(deck::distinct)
        .required();
    s.key("initial", initial_, deck::length(1, most_species),
          "amount of each species at time 0 [concentration]")
        .also(deck::non_negative)
        .required();
    s.key("noise_scale", noise_scale_, deck::non_negative,
          "factor of all noise: 1 for molecule numbers, 1/sqrt(volume) for concentrations");
    s.key(
        "non_negativity", non_negativity_, deck::one_of({"truncate"}),
        "what becomes of species below zero: 'truncate' lets rates see zero instead, and the drift "
        "brings them back");
    s.named_tables("reactions", reactions_,
                   "the reactions, by name; noises are numbered in the order of the names");
  }

  void validate(const deck::Source& deck, const std::string& path) const override {
    if (initial_.size() != species_.size()) {
      throw deck.error(path + ".initial", "'species' and 'initial' differ in length",
                       "'species' has " + std::to_string(species_.size()) + ", 'initial' has " +
                           std::to_string(initial_.size()),
                       "give one amount per species");
    }
    if (reactions_.empty() || reactions_.size() > most_reactions) {
      throw deck.error(
          path + ".reactions",
          reactions_.empty() ? "there are no reactions" : "there are too many reactions",
          "1 to " + std::to_string(most_reactions) + " are possible",
          "add for example 'reactions.birth = { equation = \"-> A\", rate = 1.0 }'");
    }
    for (const auto& [name, reaction] : reactions_) {
      validate(deck, path + ".reactions." + name, name, reaction);
    }
    require_all_to_take_part(deck, path);
  }

  [[nodiscard]] std::string name() const override { return "reaction_network"; }
  [[nodiscard]] std::vector<ComponentInfo> components() const override {
    std::vector<ComponentInfo> out;
    for (const std::string& s : species_) out.push_back({s, "concentration", "amount of " + s});
    return out;
  }
  [[nodiscard]] Calculus calculus() const override { return ReactionNetwork<>::calculus; }
  [[nodiscard]] Noise noise() const override { return ReactionNetwork<>::noise; }
  [[nodiscard]] std::vector<double> underlying() const override { return {}; }
  [[nodiscard]] int noises() const override { return static_cast<int>(reactions_.size()); }
  [[nodiscard]] std::vector<std::string> schemes() const override {
    return schemes_for<ReactionNetwork<>>();
  }
  [[nodiscard]] std::unique_ptr<Propagator> propagator(
      const std::string& scheme, Precision precision,
      const PropagatorOptions& options) const override {
    const auto parameters = laws();
    std::vector<double> values = coefficients();
    for (const deck::Distribution& law : parameters) values.push_back(law.first);
    const auto held = on_device("network", values);
    const double* first = held.data();
    const ReactionNetwork<> field{static_cast<int>(species_.size()),
                                  noises(),
                                  first,
                                  first + species_.size() * reactions_.size(),
                                  static_cast<int>(parameters.size()),
                                  first + values.size() - parameters.size()};
    return make_propagator<Motions::all>(field, held, initial_, scheme, precision, options,
                                         drawn_of(parameters));
  }
  [[nodiscard]] bool has_solution() const override { return false; }
  [[nodiscard]] std::unique_ptr<Propagator> solution(const PropagatorOptions&) const override {
    return nullptr;
  }

 private:
  [[nodiscard]] std::size_t index_of(const std::string& name) const {
    return static_cast<std::size_t>(std::find(species_.begin(), species_.end(), name) -
                                    species_.begin());
  }

  void require_species(const deck::Source& deck, const std::string& key, const std::string& name,
                       const std::string& reaction) const {
    if (index_of(name) < species_.size()) return;
    const std::string near = nearest(name, species_);
    throw deck.error(key, "there is no species '" + name + "'",
                     "reaction '" + reaction + "' names it",
                     near.empty() ? "add it to 'species'" : "did you mean '" + near + "'?");
  }

  void require_all_to_take_part(const deck::Source& deck, const std::string& path) const {
    std::vector<bool> named(species_.size());
    for (const auto& [name, reaction] : reactions_) {
      const ReactionEquation equation = parse_reaction(reaction.equation);
      for (const auto* side : {&equation.reactants, &equation.products}) {
        for (const auto& [s, count] : *side) named[index_of(s)] = true;
      }
      if (!reaction.hill) continue;
      for (const auto* side : {&reaction.hill->activators, &reaction.hill->repressors}) {
        for (const auto& [s, weight] : *side) named[index_of(s)] = true;
      }
    }
    const auto idle = std::find(named.begin(), named.end(), false);
    if (idle == named.end()) return;
    const auto i = static_cast<std::size_t>(idle - named.begin());
    throw deck.error(path + ".species[" + std::to_string(i) + "]",
                     "species '" + species_[i] + "' takes part in no reaction",
                     "no equation and no Hill term names it",
                     "add a reaction, or remove it and its initial amount");
  }

  void validate(const deck::Source& deck, const std::string& key, const std::string& name,
                const ReactionOptions& reaction) const {
    ReactionEquation equation;
    try {
      equation = parse_reaction(reaction.equation);
    } catch (const Error& error) {
      throw deck.error(key + ".equation", error.what());
    }
    for (const auto* side : {&equation.reactants, &equation.products}) {
      for (const auto& [s, count] : *side) require_species(deck, key + ".equation", s, name);
    }
    if (equation.reactants == equation.products) {
      throw deck.error(key + ".equation", "reaction '" + name + "' changes nothing", "",
                       "remove it");
    }
    if (reaction.rate == deck::Distribution(0) && !reaction.hill) {
      throw deck.error(key, "reaction '" + name + "' has no rate", "",
                       "add for example 'rate = 1.0'");
    }
    if (!reaction.hill) return;
    for (const auto& [s, weight] : reaction.hill->activators) {
      require_species(deck, key + ".hill.activators." + s, s, name);
    }
    for (const auto& [s, weight] : reaction.hill->repressors) {
      require_species(deck, key + ".hill.repressors." + s, s, name);
    }
    if (reaction.hill->activators.empty()) {
      throw deck.error(key + ".hill", "the Hill term of reaction '" + name + "' is always 0",
                       "it is maximum A^n / (A^n + R^n + half^n), and without activators A = 0",
                       reaction.hill->repressors.empty()
                           ? "add for example 'activators." + species_.front() + " = {}'"
                           : "for K^n / (K^n + R^n) add a species of amount 1 that no reaction "
                             "changes, as an activator with scale = K, and set half = 0");
    }
  }

  /// Of the parameters of the field: the rate constants, and the factor of the noise.
  [[nodiscard]] std::vector<deck::Distribution> laws() const {
    std::vector<deck::Distribution> out;
    for (const auto& [name, reaction] : reactions_) out.push_back(reaction.rate);
    out.push_back(noise_scale_);
    return out;
  }

  /// The changes, rows of species, and then the rates as `ReactionNetwork::Row` says.
  [[nodiscard]] std::vector<double> coefficients() const {
    using Row = ReactionNetwork<>::Row;
    const std::size_t n = species_.size();
    const std::size_t m = reactions_.size();
    const auto stride = static_cast<std::size_t>(Row::stride(static_cast<int>(n)));
    std::vector<double> out(n * m + m * stride);
    std::size_t r = 0;
    for (const auto& [name, reaction] : reactions_) {
      const ReactionEquation equation = parse_reaction(reaction.equation);
      double* row = &out[n * m + r * stride];
      for (const auto& [s, count] : equation.reactants) {
        out[index_of(s) * m + r] -= count;
        row[Row::head + index_of(s)] = count;
      }
      for (const auto& [s, count] : equation.products) out[index_of(s) * m + r] += count;
      if (reaction.hill) {
        row[Row::hill_maximum] = reaction.hill->maximum;
        row[Row::hill_exponent] = static_cast<double>(reaction.hill->exponent);
        row[Row::hill_half] = reaction.hill->half;
        double* weights = row + Row::head + n;
        for (const auto& [s, w] : reaction.hill->activators) weights[index_of(s)] = w.scale;
        for (const auto& [s, w] : reaction.hill->repressors) weights[n + index_of(s)] = w.scale;
      }
      ++r;
    }
    return out;
  }

  std::vector<std::string> species_;
  std::vector<deck::Distribution> initial_;
  deck::Distribution noise_scale_ = 1.0;
  std::string non_negativity_ = "truncate";
  std::map<std::string, ReactionOptions> reactions_;
};

}  // namespace

std::shared_ptr<Model> make_reaction_network() { return std::make_shared<NetworkModel>(); }

}  // namespace driftwood::sde
