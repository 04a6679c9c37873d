// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// What the propagators of fixed and of run-time size share: included only by the files that
/// instantiate a model.

#include <cmath>
#include <vector>

#include "base/error.hpp"
#include "sde/launch/fill_states.hpp"
#include "sde/launch/jumps.hpp"
#include "sde/launch/noise_source.hpp"
#include "sde/launch/saved_columns.hpp"

namespace driftwood::sde {

/// Widens the states to the doubles that statistics are made of.
template <class T>
struct ReadStates {
  States<T> states;
  States<T> watched;
  Channels to;
  std::int64_t components;

  KOKKOS_FUNCTION void operator()(std::int64_t p) const {
    for (std::int64_t i = 0; i < components; ++i) to(i, p) = static_cast<double>(states(i, p));
    const auto more = static_cast<std::int64_t>(watched.extent(0));
    for (std::int64_t i = 0; i < more; ++i) {
      to(components + i, p) = static_cast<double>(watched(i, p));
    }
  }
};

/// Holds the states, in precision T; how they advance is the derived class's.
template <class T>
class StatePropagator : public Propagator {
 public:
  /// `copies` states per path.
  StatePropagator(const InitialState& initial, int copies, const DrawnParameters& parameters,
                  const PropagatorOptions& options)
      : noise_{{options.seed, options.end / static_cast<double>(steps_drawn(options)),
                random::LevyTerms(levy_terms(options))},
               options.antithetic,
               options.joins_steps},
        initial_(upload(initial)),
        laws_(upload(parameters)),
        parameters_("parameters", parameters.size(),
                    static_cast<std::size_t>(padded(options.capacity))),
        states_("states", initial.size() * static_cast<std::size_t>(copies),
                static_cast<std::size_t>(padded(options.capacity))),
        watch_(make_watch<T>(options.watchers, padded(options.capacity))) {}

  void start(const PathRange& paths) override {
    if (padded(paths.count) > static_cast<std::int64_t>(states_.extent(1))) {
      throw Error("a wave has more paths than its states have room for");
    }
    paths_ = paths;
    noise_.first_path = paths.first;
    const std::uint64_t seed = noise_.brownian.seed;
    const Columns columns{paths.first, padded(paths.count), noise_.antithetic};
    fill_states(states_, initial_, seed, random::Purpose::initial, columns);
    fill_states(parameters_, laws_, seed, random::Purpose::parameter, columns);
    begin_watch(watch_, states_, columns.count);
  }

  void read(const Channels& to) const override {
    Kokkos::parallel_for(
        "sde::read", Kokkos::RangePolicy<Exec>(0, padded(paths_.count)),
        ReadStates<T>{states_, watch_.rows, to, static_cast<std::int64_t>(initial_.law.extent(0))});
  }

  void save(stats::ByteWriter& out) const override {
    save_columns(out, states_, padded(paths_.count));
    save_columns(out, watch_.rows, padded(paths_.count));
  }
  void restore(stats::ByteReader& in) override {
    restore_columns(in, states_, padded(paths_.count));
    restore_columns(in, watch_.rows, padded(paths_.count));
  }

 protected:
  [[noreturn]] static void refuse_given_noise() {
    throw Error("noise from elsewhere is for double precision, and for laws that follow a noise");
  }
  static std::int64_t padded(std::int64_t paths) {
    return (paths + path_padding - 1) / path_padding * path_padding;
  }
  /// Rows that `read` fills.
  [[nodiscard]] std::int64_t rows_read() const {
    return static_cast<std::int64_t>(initial_.law.extent(0) + watch_.rows.extent(0));
  }
  /// What jumps need to know of the paths.
  [[nodiscard]] PathData path_data(const PropagatorOptions& options,
                                   const DrawnParameters& drawn) const {
    PathData out{static_cast<int>(initial_.law.extent(0)), padded(options.capacity), drawn, {}};
    if constexpr (std::is_same_v<T, double>) out.drawn = parameters_;
    return out;
  }
  [[nodiscard]] const NoiseSource& noise() const { return noise_; }
  [[nodiscard]] const States<T>& states() const { return states_; }
  [[nodiscard]] const PathRange& paths() const { return paths_; }
  [[nodiscard]] const Watch<T>& watch() const { return watch_; }
  /// Those that paths drew on their own, in the order given: parameter i of path p at (i, p).
  [[nodiscard]] const States<T>& parameters() const { return parameters_; }

 private:
  /// Terms of the series of Levy areas: what they leave out must not exceed the error of a scheme
  /// of strong order 1, so that they grow like 1 / sqrt(h).
  static int levy_terms(const PropagatorOptions& options) {
    if (options.levy_areas == LevyAreas::conditional_gaussian) return 0;
    return static_cast<int>(std::ceil(std::sqrt(static_cast<double>(steps_drawn(options)))));
  }
  static std::int64_t steps_drawn(const PropagatorOptions& options) {
    return options.joins_steps ? 2 * options.steps : options.steps;
  }

  NoiseSource noise_;
  StartLaws initial_;
  StartLaws laws_;
  States<T> parameters_;
  States<T> states_;
  Watch<T> watch_;
  PathRange paths_{0, 0};
};

}  // namespace driftwood::sde
