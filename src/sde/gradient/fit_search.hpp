// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/error.hpp"
#include "neural/optimiser.hpp"
#include "sde/gradient/fit_coordinates.hpp"
#include "stats/bytes.hpp"

namespace driftwood::sde {

/// Moments of data less those of the model, M of them, at some values of the P parameters.
struct MomentGaps {
  std::vector<double> gap;         ///< (M)
  std::vector<double> jacobian;    ///< (M, P) by the parameters
  std::vector<double> covariance;  ///< (M, M) of the gaps: of data and of the simulation
  std::vector<double> model;       ///< (M) moments of the model
  double terms = 0;                ///< what gaps are means of: transitions, or paths
  std::int64_t nonfinite = 0;      ///< paths that are not finite
};

/// Levenberg's and Marquardt's damped steps of Gauss and Newton. Marquardt (1963).
struct GaussNewton {
  std::int64_t iterations = 50;  ///< at most, of each weighting
  double damping = 1e-3;         ///< at first
};

/// Against the gradient of the objective.
struct Descent {
  std::int64_t iterations = 500;  ///< at most, of each weighting
  neural::OptimiserSettings settings{};
};

struct FitSearchSettings {
  std::variant<GaussNewton, Descent> method = GaussNewton{};
  double tolerance = 1e-4;  ///< of a step that is as good as none, in standard errors
  bool optimal = true;      ///< weights by the inverse of the covariance of gaps, else its diagonal
};

/// Moments that cannot tell some parameters, whose names these are.
class NotIdentified : public Error {
 public:
  explicit NotIdentified(const std::vector<std::string>& names);
};

/// What a search found.
struct FitEstimate {
  std::vector<double> parameters;   ///< (P)
  std::vector<double> covariance;   ///< (P, P) of the estimates
  std::vector<double> lower;        ///< (P) ends of the 95 % intervals, inside the ranges
  std::vector<double> upper;        ///< (P)
  std::vector<double> leftover;     ///< (M) variances of gaps at the estimate; 0: fitted exactly
  double objective = 0;             ///< half of gap^T W gap
  bool is_converged = false;        ///<
  double last_step = 0;             ///< that a step of Gauss and Newton would still be, in
                                    ///< standard errors
  double overidentification = 0;    ///< Hansen's J; NaN without moments to spare or optimal weights
  double overidentification_p = 0;  ///< the probability of one as large; likewise
};

/// Finds the parameters at which gaps between moments vanish, or weigh least: minimises
///
///     gap(theta)^T W gap(theta) / 2
///
/// over coordinates of the parameters. W first is the inverse of the diagonal of the covariance at
/// the start. Where there are more moments than parameters, and weights are to be optimal, the
/// search goes on with the inverse of the whole covariance at what that gave: Hansen (1982). As
/// many moments as parameters have their root whatever W.
///
/// It asks for gaps at `trial` and is told by `take`; between the two it can be saved. The same
/// gaps lead to the same bits.
class FitSearch {
 public:
  FitSearch(FitCoordinates coordinates, FitSearchSettings settings, std::size_t moments);

  [[nodiscard]] bool is_done() const noexcept { return done_; }
  /// The values of the parameters at which gaps are wanted next.
  [[nodiscard]] std::vector<double> trial() const { return parameters_at(coordinates_, trial_); }
  /// Gaps there. Throws `NumericsError` where they are not finite and there is no way back,
  /// `NotIdentified` where moments do not tell parameters.
  void take(const MomentGaps& gaps);

  /// One for every call of `take`.
  struct Trace {
    std::vector<std::int64_t> weighting;  ///< 0: by the diagonal, 1: optimal
    std::vector<std::int64_t> accepted;   ///< 1: the search went on from there
    std::vector<double> objective;        ///<
    std::vector<double> parameters;       ///< (iteration, P)
  };
  [[nodiscard]] const Trace& trace() const noexcept { return trace_; }
  [[nodiscard]] const FitCoordinates& coordinates() const noexcept { return coordinates_; }

  /// Of a search that is done. Throws `NotIdentified` likewise.
  [[nodiscard]] FitEstimate estimate() const;
  /// Gaps at the estimate.
  [[nodiscard]] const MomentGaps& gaps() const noexcept { return gaps_; }

  void save(stats::ByteWriter& out) const;
  /// Goes on from there. Throws `Error` for what a search of another shape left.
  void restore(stats::ByteReader& in);

 private:
  struct Normal;  ///< the normal equations at some gaps

  [[nodiscard]] Normal normal_at(const MomentGaps& gaps, const std::vector<double>& u) const;
  [[nodiscard]] double objective_of(const MomentGaps& gaps) const;
  void weigh(bool whole);
  void take(const GaussNewton& method, const MomentGaps& gaps);
  void take(const Descent& method, const MomentGaps& gaps);
  void accept(const MomentGaps& gaps);
  void propose(const Normal& normal);
  void end_weighting();
  void note(bool accepted, double objective);

  FitCoordinates coordinates_;
  FitSearchSettings settings_;
  std::size_t moments_;
  std::optional<neural::Optimiser> optimiser_;

  bool done_ = false;
  bool is_converged_ = false;
  bool is_averaged_ = false;     ///< the next gaps are those at an average, which ends
  std::int64_t weighting_ = 0;   ///<
  std::int64_t iteration_ = 0;   ///< of this weighting
  double damping_ = 0;           ///<
  double objective_ = 0;         ///< where the search is
  std::vector<double> at_;       ///< where the search is; empty before the first gaps
  std::vector<double> trial_;    ///<
  std::vector<double> weights_;  ///< (M, M)
  MomentGaps gaps_;              ///< at `at_`
  Trace trace_;
};

}  // namespace driftwood::sde
