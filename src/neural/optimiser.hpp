// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <variant>
#include <vector>

#include "stats/bytes.hpp"

namespace driftwood::neural {

/// The rate of an optimiser, iteration by iteration. It rises linearly to `rate` over the first
/// `warm_up` iterations; s being the share gone by of those from there to `length`, it then is
///
///     constant      rate
///     exponential   rate last^s, also beyond `length`
///     cosine        rate (last + (1 - last) (1 + cos(pi s)) / 2), rate last beyond `length`
///
/// Cosine: Loshchilov and Hutter (2017), equation 5, without restarts.
struct Schedule {
  enum class Kind { constant, exponential, cosine };

  Kind kind = Kind::constant;
  double rate = 1e-2;
  std::int64_t warm_up = 0;  ///< iterations
  std::int64_t length = 1;   ///< iterations, those of the warm-up included
  double last = 1e-2;        ///< share of `rate` that is left after `length`; positive

  /// Of iteration number k, from 0.
  [[nodiscard]] double at(std::int64_t k) const;
};

/// Kingma and Ba (2015), algorithm 1, epsilon outside the root.
struct Adam {
  double first = 0.9;     ///< decay of the mean of gradients
  double second = 0.999;  ///< decay of the mean of their squares
  double epsilon = 1e-8;
};

/// Zeiler (2012), algorithm 1; its steps have the unit of the parameters and are multiplied by the
/// rate, 1 in the paper.
struct Adadelta {
  double decay = 0.95;  ///< of both means of squares
  double epsilon = 1e-6;
};

/// Stochastic gradient descent with the velocity v <- momentum v + g, which parameters follow; with
/// `nesterov` they follow momentum v + g. Sutskever, Martens, Dahl and Hinton (2013).
struct Momentum {
  double momentum = 0.9;
  bool nesterov = false;
};

struct OptimiserSettings {
  std::variant<Adam, Adadelta, Momentum> rule = Adam{};
  Schedule schedule{};
  /// Share of each parameter that rate times this takes away in an iteration, apart from the
  /// gradient: decoupled, Loshchilov and Hutter (2019).
  double weight_decay = 0;
  std::optional<double> largest_entry;       ///< entries of gradients are brought to +- this
  std::optional<double> largest_norm;        ///< then the whole to this Euclidean norm
  std::optional<std::int64_t> average_from;  ///< parameters are averaged from that iteration on
};

/// Moves parameters against gradients. Host only, in double precision, in the order of the
/// parameters: the same bits wherever it runs on the same gradients.
class Optimiser {
 public:
  /// Throws `Error` for settings that are out of their ranges.
  Optimiser(const OptimiserSettings& settings, std::size_t parameters);

  /// One iteration. Throws `NumericsError` where the gradient is not finite, `Error` where lengths
  /// are not those of the parameters; nothing has then moved.
  void step(std::span<double> parameters, std::span<const double> gradient);

  /// Iterations so far.
  [[nodiscard]] std::int64_t iterations() const noexcept { return iterations_; }
  /// Rate of the next iteration.
  [[nodiscard]] double rate() const { return settings_.schedule.at(iterations_); }
  /// Mean of the parameters after each iteration from `average_from` on; empty before the first.
  [[nodiscard]] std::span<const double> average() const noexcept;

  /// The state between two iterations, for a checkpoint.
  void save(stats::ByteWriter& out) const;
  /// Goes on from there as if never interrupted, to the last bit. Throws `Error` for what another
  /// number of parameters left.
  void restore(stats::ByteReader& in);

 private:
  void advance(const Adam& rule, double rate, std::span<double> parameters);
  void advance(const Adadelta& rule, double rate, std::span<double> parameters);
  void advance(const Momentum& rule, double rate, std::span<double> parameters);
  void clip();

  OptimiserSettings settings_;
  std::int64_t iterations_ = 0;
  std::vector<double> first_;     ///< mean of gradients, of squares of steps, or velocity
  std::vector<double> second_;    ///< mean of squares of gradients
  std::vector<double> average_;   ///<
  std::int64_t averaged_ = 0;     ///< iterations in it
  std::vector<double> gradient_;  ///< clipped
};

}  // namespace driftwood::neural
