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
    s.named_keys("simplex", simplexes_, {deck::length(2, most_states), deck::distinct},
                 "states that are positive and have the sum 1, each such group under a name",
                 "states in the order of 'state': [\"p1\", \"p2\", \"p3\"]");
    s.named_keys("ordered", ordered_, {deck::length(2, most_states), deck::distinct},
                 "states each of which is above the one before, each such group under a name",
                 "states in the order of 'state': [\"low\", \"high\"]");
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
    check_bounds(deck, path);
    groups_.clear();
    read_groups(Segment::Kind::simplex, simplexes_, deck, path + ".simplex");
    read_groups(Segment::Kind::ordered, ordered_, deck, path + ".ordered");
    check_dependence(graph.dependence(0), deck, path);
    make_segments();
  }

  [[nodiscard]] std::vector<Parameter> parameters() const override {
    std::vector<Parameter> out;
    for (const std::string& state : states_) out.push_back({state});
    return out;
  }

  [[nodiscard]] std::int64_t coordinates() const override {
    return std::ssize(states_) - std::ssize(simplexes_);
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
        static_cast<int>(coordinates()), Held{program, parameters}, segments_);
  }

 private:
  /// States that are restricted together, from number `first` on.
  struct Group {
    Segment::Kind kind;
    std::size_t first;
    std::size_t count;
    std::string name;

    [[nodiscard]] bool has(std::size_t state) const {
      return first <= state && state < first + count;
    }
  };

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
      const bool bounded = (bounds != bounds_.end() && std::isfinite(bounds->second[0]) &&
                            std::isfinite(bounds->second[1])) ||
                           is_in(Segment::Kind::simplex, i);
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

  /// Number of a state. Throws `UsageError` at `key` where there is none of this name.
  [[nodiscard]] std::size_t number_of(const std::string& state, const deck::Source& deck,
                                      const std::string& key) const {
    const auto found = std::find(states_.begin(), states_.end(), state);
    if (found == states_.end()) {
      throw deck.error(key, "there is no state '" + state + "'", "", "name one of 'target.state'");
    }
    return static_cast<std::size_t>(found - states_.begin());
  }
  /// The group that a state is in.
  [[nodiscard]] const Group* group_of(std::size_t state) const {
    const auto found = std::find_if(groups_.begin(), groups_.end(),
                                    [&](const Group& group) { return group.has(state); });
    return found == groups_.end() ? nullptr : &*found;
  }
  [[nodiscard]] bool is_in(Segment::Kind kind, std::size_t state) const {
    const Group* const group = group_of(state);
    return group != nullptr && group->kind == kind;
  }

  void check_bounds(const deck::Source& deck, const std::string& path) const {
    for (const auto& [name, ends] : bounds_) {
      const std::string key = path + ".bounds." + name;
      static_cast<void>(number_of(name, deck, key));
      if (!(ends[0] < ends[1])) {
        throw deck.error(key, "the lower end is not below the upper end");
      }
    }
  }

  void read_groups(Segment::Kind kind, const std::map<std::string, std::vector<std::string>>& named,
                   const deck::Source& deck, const std::string& path) {
    for (const auto& [name, members] : named) {
      const std::string key = path + "." + name;
      const Group group{kind, number_of(members[0], deck, key + "[0]"), members.size(), name};
      for (std::size_t i = 0; i < members.size(); ++i) {
        const std::string at = key + "[" + std::to_string(i) + "]";
        const std::size_t state = number_of(members[i], deck, at);
        if (bounds_.contains(members[i])) {
          throw deck.error(at, "'" + members[i] + "' has bounds of its own", "",
                           "leave out 'target.bounds." + members[i] + "'");
        }
        if (const Group* const other = group_of(state)) {
          throw deck.error(at, "'" + members[i] + "' is in the group '" + other->name + "', too");
        }
        if (state != group.first + i) {
          throw deck.error(at, "'" + members[i] + "' does not follow '" + members[i - 1] + "'",
                           "states of a group follow one another in 'target.state'",
                           "name them in one order in both places");
        }
      }
      groups_.push_back(group);
    }
  }

  void make_segments() {
    segments_.clear();
    bool is_restricted = false;
    int x = 0;
    for (std::size_t i = 0; i < states_.size();) {
      Segment segment = segment_of(i);
      segment.first_x = x;
      segment.first_theta = static_cast<int>(i);
      x += segment.count;
      i += static_cast<std::size_t>(segment.parameters());
      is_restricted = is_restricted || segment.kind != Segment::Kind::real;
      segments_.push_back(segment);
    }
    if (!is_restricted) segments_.clear();
  }

  /// Of the states from one on that are restricted together.
  [[nodiscard]] Segment segment_of(std::size_t state) const {
    if (const Group* const group = group_of(state)) {
      const int count = static_cast<int>(group->count);
      return {.kind = group->kind,
              .count = group->kind == Segment::Kind::simplex ? count - 1 : count};
    }
    const auto found = bounds_.find(states_[state]);
    if (found == bounds_.end()) return {.count = 1};
    Segment out{.count = 1, .low = found->second[0], .high = found->second[1]};
    const bool low = std::isfinite(out.low);
    const bool high = std::isfinite(out.high);
    out.kind = low && high ? Segment::Kind::interval
               : low       ? Segment::Kind::above
               : high      ? Segment::Kind::below
                           : Segment::Kind::real;
    return out;
  }

  std::vector<std::string> states_;
  std::map<std::string, double> constants_;
  std::map<std::string, std::vector<double>> bounds_;
  std::map<std::string, std::vector<std::string>> simplexes_;
  std::map<std::string, std::vector<std::string>> ordered_;
  std::string log_density_;
  std::vector<double> values_;  ///< of the parameters, in the order of their names
  formula::Program program_;
  std::vector<Group> groups_;
  std::vector<Segment> segments_;
};

}  // namespace

std::shared_ptr<Target> make_expression() { return std::make_shared<ExpressionTarget>(); }

}  // namespace driftwood::mcmc
