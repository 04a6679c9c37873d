// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "comm/communicator.hpp"
#include "comm/share.hpp"
#include "deck/source.hpp"
#include "io/result_file.hpp"
#include "sde/gradient/formulas.hpp"
#include "sde/gradient/solver.hpp"
#include "sde/gradient/table_options.hpp"
#include "sde/model.hpp"

namespace driftwood::sde {

/// How gradients of one case on one grid compare.
struct GradientError {
  double error = 0;    ///< sum |a - b| / max(sum |a|, sum |b|)
  double rebuilt = 0;  ///< largest distance of a rebuilt state at time 0
  double seconds = 0;  ///< of a solve of all paths, forwards and back
  double bytes = 0;    ///< of states that wait for the way back, of one work item
};

/// What an error table is of.
struct ErrorTableSetup {
  double end = 0;  ///< [time]
  std::int64_t paths = 0;
  std::uint64_t seed = 0;
  Precision precision = Precision::double_;
  std::vector<int> parameters;  ///< of the model
  std::vector<int> initial;     ///< components
};

/// Errors of gradients: of each case on each grid, against a reverse sweep through the stored
/// solution of the same scheme, steps and noise. The gradient is that of the sum over paths of all
/// formulas at the end, by the parameters and by each path's own initial values, as in Kidger,
/// Foster, Li and Lyons (2021), "Efficient and accurate gradients for neural SDEs", section 5.
class ErrorTable {
 public:
  /// The model must outlive it.
  ErrorTable(const ErrorTableOptions& options, ErrorTableSetup setup, GradientFormulas formulas,
             const Model& model);

  /// One for each case and number of steps, the latter running fastest.
  [[nodiscard]] std::int64_t cells() const;
  /// Throws `UsageError` for a case that the model does not have, and for paths that are not whole
  /// groups of a solver's samples.
  void require_gradients(const deck::Source& deck) const;
  /// Finds the gradients of one. Throws `NumericsError` where paths are not finite.
  void measure(std::int64_t cell);

  /// The cells that this rank has, for a checkpoint; and takes over those of one.
  [[nodiscard]] comm::Bytes saved() const;
  void absorb(const comm::Bytes& saved);
  [[nodiscard]] std::vector<comm::Share> finished() const;

  /// Brings the cells of all ranks together, on every rank. Collective.
  void merge(const comm::Communicator& comm);

  /// After `merge`:
  [[nodiscard]] std::string table_text() const;
  /// Collective.
  void write(io::ResultFile& file) const;
  /// Steps of all paths of all cells, forwards.
  [[nodiscard]] std::int64_t path_steps() const;

 private:
  [[nodiscard]] GradientPlan plan(GradientMode mode, std::int64_t steps) const;
  /// The parts of the gradient, and what it took.
  [[nodiscard]] std::vector<double> gradient(const GradientCase& of, std::int64_t steps,
                                             GradientError& found) const;

  std::vector<std::string> names_;
  std::vector<GradientCase> cases_;
  std::vector<std::int64_t> steps_;
  ErrorTableSetup setup_;
  GradientFormulas formulas_;
  const Model& model_;
  std::map<std::int64_t, GradientError> found_;  ///< by cell
};

}  // namespace driftwood::sde
