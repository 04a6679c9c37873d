// SPDX-License-Identifier: BSD-3-Clause
#include "mcmc/targets/expression.hpp"

#include <algorithm>
#include <cmath>

#include "formula/uploaded_program.hpp"
#include "io/disk.hpp"
#include "mcmc/launch/density_of.hpp"
#include "mcmc/targets/make.hpp"

namespace driftwood::mcmc {
namespace {

constexpr std::size_t most_states = 64;

/// A log density written in the deck.
class ExpressionTarget final : public Target {
 public:
  void describe(deck::Schema& s) override {
    s.key("state", states_, deck::length(1, most_states), "names of the parameters to draw")
        .also(deck::identifier)
        .also(deck::distinct)
        .required();
    s.named_keys("parameters", constants_, {deck::finite},
                 "numbers under names of their own, for the formula", "a number");
    s.named_keys("bounds", bounds_, {deck::length(2, 2), deck::may_be_infinite},
                 "ends of the range of each state that is restricted",
                 "lower and upper end, one of which may be infinite: [0, inf]");
    s.key("log_density", log_density_,
          "logarithm of the density of the states, up to a constant, a formula")
        .required();
  }

  void validate(const deck::Source& deck, const std::string& path) override {
    formula::Scope scope;
    for (std::size_t i = 0; i < states_.size(); ++i) {
      guarded(deck, path + ".state[" + std::to_string(i) + "]",
              [&] { scope.add_varying(states_[i]); });
    }
    values_.clear();
    for (const auto& [name, value] : constants_) {
      guarded(deck, path + ".parameters." + name, [&] { scope.add_fixed(name); });
      values_.push_back(value);
    }
    const std::string key = path + ".log_density";
    formula::Graph graph(scope);
    guarded(deck, key, [&] { graph.add(formula::parse(log_density_, scope)); });
    program_ = formula::Program(graph, {0}, formula::Keep::all);
    check_dependence(graph.dependence(0), deck, path);
    read_bounds(deck, path);
  }

  [[nodiscard]] std::vector<Parameter> parameters() const override {
    std::vector<Parameter> out;
    for (const std::string& state : states_) out.push_back({state});
    return out;
  }

  [[nodiscard]] std::unique_ptr<Density> density() const override {
    const formula::UploadedProgram program(program_);
    const auto parameters = on_device("parameters", values_);
    const Kokkos::Experimental::UniqueToken<Exec> tokens;
    const Kokkos::View<ExpressionDensity::R**, Kokkos::LayoutRight, Memory> memory(
        Kokkos::view_alloc("formula", Kokkos::WithoutInitializing),
        static_cast<std::size_t>(tokens.size()),
        static_cast<std::size_t>(ExpressionDensity::lanes(program.tape())));
    using Held = std::pair<formula::UploadedProgram, decltype(parameters)>;
    return std::make_unique<DensityOf<ExpressionDensity>>(
        ExpressionDensity{program.tape(), parameters.data(), memory, tokens},
        static_cast<int>(states_.size()), Held{program, parameters}, segments_);
  }

 private:
  template <class F>
  static void guarded(const deck::Source& deck, const std::string& key, const F& f) {
    try {
      f();
    } catch (const formula::Problem& problem) {
      throw deck.error_inside(key, problem.offset, problem.problem, problem.why,
                              problem.suggestion);
    }
  }

  /// A density that some state does not enter has no integral, and one that changes in time is
  /// none.
  void check_dependence(const formula::Dependence& on, const deck::Source& deck,
                        const std::string& path) const {
    if (on.time) {
      throw deck.error(path + ".log_density", "the density depends on time", "'t' is the time",
                       "name a state or a parameter instead");
    }
    for (std::size_t i = 0; i < states_.size(); ++i) {
      const auto bounds = bounds_.find(states_[i]);
      const bool bounded = bounds != bounds_.end() && std::isfinite(bounds->second[0]) &&
                           std::isfinite(bounds->second[1]);
      if (!on.varying[i] && !bounded) {
        throw deck.error(
            path + ".log_density",
            "the density cannot be normalised: it does not depend on '" + states_[i] + "'",
            "its integral is infinite", "use the state, or remove it");
      }
    }
    std::size_t j = 0;
    for (const auto& [name, value] : constants_) {
      if (!on.fixed[j++]) {
        throw deck.error(path + ".parameters." + name, "the parameter '" + name + "' is not used",
                         "", "use it in 'log_density', or remove it");
      }
    }
  }

  void read_bounds(const deck::Source& deck, const std::string& path) {
    for (const auto& [name, ends] : bounds_) {
      const std::string key = path + ".bounds." + name;
      if (std::find(states_.begin(), states_.end(), name) == states_.end()) {
        throw deck.error(key, "there is no state '" + name + "'", "", "name one of 'target.state'");
      }
      if (!(ends[0] < ends[1])) {
        throw deck.error(key, "the lower end is not below the upper end");
      }
    }
    segments_.clear();
    bool is_restricted = false;
    for (std::size_t i = 0; i < states_.size(); ++i) {
      Segment segment;
      segment.first_x = segment.first_theta = static_cast<int>(i);
      segment.count = 1;
      const auto found = bounds_.find(states_[i]);
      if (found != bounds_.end()) {
        segment.low = found->second[0];
        segment.high = found->second[1];
        const bool low = std::isfinite(segment.low);
        const bool high = std::isfinite(segment.high);
        segment.kind = low && high ? Segment::Kind::interval
                       : low       ? Segment::Kind::above
                       : high      ? Segment::Kind::below
                                   : Segment::Kind::real;
      }
      is_restricted = is_restricted || segment.kind != Segment::Kind::real;
      segments_.push_back(segment);
    }
    if (!is_restricted) segments_.clear();
  }

  std::vector<std::string> states_;
  std::map<std::string, double> constants_;
  std::map<std::string, std::vector<double>> bounds_;
  std::string log_density_;
  std::vector<double> values_;  ///< of the parameters, in the order of their names
  formula::Program program_;
  std::vector<Segment> segments_;
};

}  // namespace

std::shared_ptr<Target> make_expression() { return std::make_shared<ExpressionTarget>(); }

}  // namespace driftwood::mcmc
