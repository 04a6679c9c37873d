// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "formula/program.hpp"
#include "sde/propagator.hpp"
#include "sde/step_control.hpp"

namespace driftwood::sde {

/// How the derivatives of a solution by its parameters are found.
enum class GradientMode {
  pathwise,         ///< reverse sweep through the stored solution; of the discrete map, exact
  checkpointed,     ///< the same with states stored here and there; the same bits
  adjoint,          ///< the stochastic adjoint equation, solved backwards: right as steps vanish
  reversible_heun,  ///< reverse sweep along the solution rebuilt backwards; exact, constant memory
};

[[nodiscard]] std::string_view to_string(GradientMode mode);

/// What is differentiated, and by what. A path's objective s is
///
///     sum_f sum_t weight[s][f T + t] formula_f(t, X_t, parameters, X_0)
///
/// for F formulas at T times.
struct GradientPlan {
  GradientMode mode = GradientMode::pathwise;
  double end = 0;          ///< [time]
  std::int64_t steps = 0;  ///< equal steps from 0 to `end`
  std::uint64_t seed = 0;
  std::int64_t capacity = 0;  ///< paths at most in one call of `run`; whole blocks
  bool antithetic = false;
  std::vector<std::int64_t> observed;  ///< increasing numbers of steps, within [0, steps]
  /// Kept whole (`formula::Keep::all`). Varying inputs are the components at that time; fixed
  /// inputs the model's parameters in their order, then the components at time 0.
  formula::Program formulas;
  std::vector<std::vector<double>> weights;  ///< one row for each objective
  std::vector<int> parameters;               ///< by which parameters of the model; increasing
  std::vector<int> initial;                  ///< by which components at time 0; increasing
  std::int64_t memory = 0;  ///< [bytes] of one work item's stored states; 0: enough, or a default
  /// Where given, steps adapt, of the mode reversible_heun; `steps` and `observed` are then numbers
  /// of intervals between its times.
  std::optional<StepControl> control = {};
  /// Where given, path p starts at row p mod rows (rows, components) instead of the model's law.
  std::vector<std::vector<double>> start = {};

  [[nodiscard]] std::int64_t formula_count() const { return formulas.tape().outputs; }
  [[nodiscard]] std::int64_t times() const { return static_cast<std::int64_t>(observed.size()); }
  [[nodiscard]] std::int64_t objectives() const {
    return static_cast<std::int64_t>(weights.size());
  }
};

/// What a solver found out besides its results, of all paths so far on this rank.
struct GradientRecord {
  double gap = 0;          ///< reversible Heun: the largest |y - z| relative to 1 + |y|
  double rebuilt = 0;      ///< reversible_heun and adjoint: largest |X_0 rebuilt - X_0|, absolute
  double start = 0;        ///< adjoint: largest |X_0|; of networks 0
  std::int64_t bytes = 0;  ///< of states or steps that wait for the way back, of one work item
  std::int64_t accepted = 0;  ///< steps that adapt
  std::int64_t rejected = 0;
  std::int64_t forced = 0;  ///< accepted with too large an error, as there are no smaller ones
};

/// A jump, in words: "the drift of 'variance' jumps by 0.02 at price = 90, variance = 0, t = 0.5",
/// or of a formula "jumps by 1 at ...".
struct FoundJump {
  std::string text;
  std::optional<int> formula;  ///< of the plan; else of the field
};

/// Solves an equation for many paths, and differentiates objectives of each by the parameters and
/// initial values that the plan names. Kernels behind it are chosen once per run.
///
/// Results are samples, one per path, or where the parameters are many (networks) one for each
/// group of `group()` consecutive paths, their mean. A sample has a row for each number:
///
///     formula f at time t                     f T + t
///     objective s by parameter j              F T + s (P + I) + j
///     objective s by initial component i      F T + s (P + I) + P + i
///
/// with P parameters and I initial components of the plan; parameters that a network or a group of
/// them has count one by one.
class GradientSolver {
 public:
  virtual ~GradientSolver() = default;

  /// Numbers of a sample.
  [[nodiscard]] virtual std::int64_t rows() const = 0;
  /// Paths of a sample: 1, or a divisor of `stats::block_paths`.
  [[nodiscard]] virtual std::int64_t group() const { return 1; }
  /// How many derivatives an objective has, P + I, and what each is by: "rate", "initial.price".
  [[nodiscard]] virtual std::vector<std::string> derivatives() const = 0;

  /// Solves forwards and backwards. Bits do not depend on which paths are in one call.
  virtual void run(const PathRange& paths) = 0;
  /// Row r of sample c of the last `run`; of paths whole blocks, of groups as many as there are.
  /// The last row are weights: 1 for a sample that counts, 0 for padding and what is not finite.
  [[nodiscard]] virtual const Channels& samples() const = 0;

  /// Other values of the model's parameters from here on, all of them; a fit does so.
  virtual void set_parameters(const std::vector<double>& values) = 0;
  [[nodiscard]] virtual std::vector<double> parameters() const = 0;
  /// Other weights from here on, as many objectives as before.
  virtual void set_weights(const std::vector<std::vector<double>>& weights) = 0;

  [[nodiscard]] virtual GradientRecord record() const = 0;

  /// A jump of the field or of a formula, if one was found: there the mean of a path's derivatives
  /// is not the derivative of the mean.
  [[nodiscard]] virtual std::optional<FoundJump> jump() const { return std::nullopt; }
};

/// A parameter of a model, as decks name it.
struct ParameterInfo {
  std::string name;
  double value;   ///< or what its law is moved by where every path draws its own
  bool is_drawn;  ///< every path draws its own
};

}  // namespace driftwood::sde
