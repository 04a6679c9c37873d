// SPDX-License-Identifier: BSD-3-Clause
#include "sde/gradient/fit_search.hpp"

#include <fmt/format.h>

#include <Eigen/Cholesky>
#include <Eigen/Eigenvalues>
#include <algorithm>
#include <cmath>
#include <limits>
#include <span>
#include <utility>

#include "stats/residual_tests.hpp"

namespace driftwood::sde {
namespace {

using Eigen::MatrixXd;
using Eigen::VectorXd;

constexpr double nan = std::numeric_limits<double>::quiet_NaN();
constexpr double infinite = std::numeric_limits<double>::infinity();
/// Eigenvalues of scaled normal equations that are as good as none beside the largest.
constexpr double rank_tolerance = 1e-13;
constexpr double clear_share = 0.1;  ///< of a direction, by which a parameter is named
constexpr double least_damping = 1e-12;
constexpr double most_damping = 1e12;
constexpr double damping_factor = 10;
constexpr double two_sided_95 = 1.959963984540054;  ///< normal quantile of 0.975
constexpr double rounding = 1e-10;                  ///< share of a variance that is none

// Copies, so that sums do not depend on where in memory a vector lies.
MatrixXd matrix_of(const std::vector<double>& values, std::size_t rows, std::size_t columns) {
  MatrixXd out(static_cast<Eigen::Index>(rows), static_cast<Eigen::Index>(columns));
  for (std::size_t i = 0; i < rows; ++i) {
    for (std::size_t j = 0; j < columns; ++j) {
      out(static_cast<Eigen::Index>(i), static_cast<Eigen::Index>(j)) = values[i * columns + j];
    }
  }
  return out;
}
std::vector<double> values_of(const MatrixXd& matrix) {
  std::vector<double> out;
  for (Eigen::Index i = 0; i < matrix.rows(); ++i) {
    for (Eigen::Index j = 0; j < matrix.cols(); ++j) out.push_back(matrix(i, j));
  }
  return out;
}

bool is_finite(const MomentGaps& gaps) {
  const auto finite = [](const std::vector<double>& all) {
    return std::all_of(all.begin(), all.end(), [](double v) { return std::isfinite(v); });
  };
  return gaps.nonfinite == 0 && finite(gaps.gap) && finite(gaps.jacobian) &&
         finite(gaps.covariance);
}

std::string text_of(const FitCoordinates& coordinates, const std::vector<double>& u) {
  std::string out;
  for (std::size_t i = 0; i < u.size(); ++i) {
    out += fmt::format("{}{} = {:.6g}", i == 0 ? "" : ", ", coordinates[i].name(),
                       coordinates[i].parameter(u[i]));
  }
  return out;
}

std::string names_text(const std::vector<std::string>& names) {
  if (names.size() == 1) return fmt::format("the moments do not depend on '{}'", names[0]);
  return fmt::format("the moments do not tell '{}' apart", fmt::join(names, "', '"));
}

/// The parameters of a direction that leaves the moments as they are, if there is one.
std::vector<std::string> untold(const MatrixXd& normal, const FitCoordinates& coordinates) {
  const VectorXd diagonal = normal.diagonal();
  for (Eigen::Index i = 0; i < diagonal.size(); ++i) {
    if (!(diagonal(i) > 0)) return {coordinates[static_cast<std::size_t>(i)].name()};
  }
  const VectorXd scale = diagonal.cwiseSqrt().cwiseInverse();
  const MatrixXd scaled = scale.asDiagonal() * normal * scale.asDiagonal();
  const Eigen::SelfAdjointEigenSolver<MatrixXd> spectrum(scaled);
  const VectorXd& values = spectrum.eigenvalues();
  if (values(0) > rank_tolerance * values(values.size() - 1)) return {};
  std::vector<std::string> names;
  for (Eigen::Index i = 0; i < values.size(); ++i) {
    if (std::abs(spectrum.eigenvectors()(i, 0)) < clear_share) continue;
    names.push_back(coordinates[static_cast<std::size_t>(i)].name());
  }
  return names;
}

}  // namespace

NotIdentified::NotIdentified(const std::vector<std::string>& names)
    : Error(names_text(names), "their derivatives are singular",
            "hold a parameter fixed, or add moments that depend on it in another way") {}

/// J^T W J and J^T W gap, J being by the coordinates.
struct FitSearch::Normal {
  MatrixXd matrix;
  VectorXd gradient;

  /// Against the gradient; `damping` times the diagonal is added.
  [[nodiscard]] VectorXd step(double damping) const {
    MatrixXd damped = matrix;
    damped.diagonal() *= 1 + damping;
    return -Eigen::LDLT<MatrixXd>(damped).solve(gradient);
  }
  /// What of that length remains to go, in standard errors.
  [[nodiscard]] double length() const { return std::sqrt(std::max(0.0, -step(0).dot(gradient))); }
};

FitSearch::FitSearch(FitCoordinates coordinates, FitSearchSettings settings, std::size_t moments)
    : coordinates_(std::move(coordinates)), settings_(std::move(settings)), moments_(moments) {
  if (moments < coordinates_.size()) {
    throw Error(fmt::format("{} moments cannot tell {} parameters", moments, coordinates_.size()),
                "", "add moments, or fit fewer parameters");
  }
  for (const FitCoordinate& one : coordinates_) trial_.push_back(one.coordinate(one.start()));
  if (const auto* of = std::get_if<GaussNewton>(&settings_.method)) damping_ = of->damping;
  if (const auto* of = std::get_if<Descent>(&settings_.method)) {
    optimiser_.emplace(of->settings, coordinates_.size());
  }
}

double FitSearch::objective_of(const MomentGaps& gaps) const {
  if (!is_finite(gaps)) return infinite;
  double sum = 0;
  for (std::size_t i = 0; i < moments_; ++i) {
    for (std::size_t j = 0; j < moments_; ++j) {
      sum += gaps.gap[i] * weights_[i * moments_ + j] * gaps.gap[j];
    }
  }
  return sum / 2;
}

void FitSearch::weigh(bool whole) {
  const MatrixXd covariance = matrix_of(gaps_.covariance, moments_, moments_);
  const VectorXd variances = covariance.diagonal();
  if (!(variances.minCoeff() > 0)) {
    throw NumericsError("a moment does not vary", "its gap has no error to weigh it by",
                        "leave it out");
  }
  if (!whole) {
    weights_ = values_of(MatrixXd(variances.cwiseInverse().asDiagonal()));
    return;
  }
  const VectorXd scale = variances.cwiseSqrt().cwiseInverse();
  const MatrixXd correlation = scale.asDiagonal() * covariance * scale.asDiagonal();
  const Eigen::SelfAdjointEigenSolver<MatrixXd> spectrum(correlation);
  if (!(spectrum.eigenvalues()(0) > rank_tolerance * static_cast<double>(moments_))) {
    throw NumericsError("the covariance of the moments is singular",
                        "some of them are combinations of others",
                        "leave some out, or write fit.weighting = \"diagonal\"");
  }
  const MatrixXd inverse = Eigen::LDLT<MatrixXd>(correlation)
                               .solve(MatrixXd::Identity(correlation.rows(), correlation.cols()));
  const MatrixXd weights = scale.asDiagonal() * inverse * scale.asDiagonal();
  weights_ = values_of((weights + weights.transpose()) / 2);
}

FitSearch::Normal FitSearch::normal_at(const MomentGaps& gaps, const std::vector<double>& u) const {
  MatrixXd jacobian = matrix_of(gaps.jacobian, moments_, coordinates_.size());
  for (std::size_t j = 0; j < u.size(); ++j) {
    jacobian.col(static_cast<Eigen::Index>(j)) *= coordinates_[j].slope(u[j]);
  }
  const MatrixXd weighted = matrix_of(weights_, moments_, moments_) * jacobian;
  Normal out{jacobian.transpose() * weighted,
             weighted.transpose() * matrix_of(gaps.gap, moments_, 1).col(0)};
  const std::vector<std::string> names = untold(out.matrix, coordinates_);
  if (!names.empty()) throw NotIdentified(names);
  return out;
}

void FitSearch::take(const MomentGaps& gaps) {
  if (done_) throw Error("a search that is done takes no more gaps");
  if (at_.empty()) {
    if (!is_finite(gaps)) {
      throw NumericsError("the moments of the model are not finite where the fit starts",
                          text_of(coordinates_, trial_), "start elsewhere, or use smaller steps");
    }
    at_ = trial_;
    gaps_ = gaps;
    weigh(false);
  }
  std::visit([&](const auto& method) { take(method, gaps); }, settings_.method);
}

void FitSearch::note(bool accepted, double objective) {
  trace_.weighting.push_back(weighting_);
  trace_.accepted.push_back(accepted ? 1 : 0);
  trace_.objective.push_back(objective);
  const auto here = parameters_at(coordinates_, trial_);
  trace_.parameters.insert(trace_.parameters.end(), here.begin(), here.end());
}

void FitSearch::accept(const MomentGaps& gaps) {
  at_ = trial_;
  gaps_ = gaps;
}

void FitSearch::take(const GaussNewton& method, const MomentGaps& gaps) {
  const double objective = objective_of(gaps);
  const bool is_first = iteration_ == 0 && weighting_ == 0;
  const bool is_better = is_first || objective < objective_;
  note(is_better, objective);
  ++iteration_;
  if (is_better) {
    accept(gaps);
    objective_ = objective;
    if (!is_first) damping_ = std::max(damping_ / damping_factor, least_damping);
  } else {
    damping_ *= damping_factor;
  }
  const Normal normal = normal_at(gaps_, at_);
  is_converged_ = normal.length() <= settings_.tolerance;
  if (is_converged_ || iteration_ > method.iterations || damping_ > most_damping) {
    return end_weighting();
  }
  propose(normal);
}

void FitSearch::propose(const Normal& normal) {
  const VectorXd step = normal.step(damping_);
  trial_ = at_;
  for (std::size_t i = 0; i < trial_.size(); ++i) trial_[i] += step(static_cast<Eigen::Index>(i));
}

void FitSearch::take(const Descent& method, const MomentGaps& gaps) {
  objective_ = objective_of(gaps);
  note(true, objective_);
  if (!is_finite(gaps)) {
    throw NumericsError("the moments of the model are not finite", text_of(coordinates_, trial_),
                        "lower the rate of fit.optimiser, or use smaller steps");
  }
  accept(gaps);
  const Normal normal = normal_at(gaps_, at_);
  is_converged_ = normal.length() <= settings_.tolerance;
  if (is_converged_ || is_averaged_) return end_weighting();
  if (optimiser_->iterations() >= method.iterations) {
    const auto average = optimiser_->average();
    if (average.empty()) return end_weighting();
    is_averaged_ = true;
    trial_.assign(average.begin(), average.end());
    return;
  }
  const std::vector<double> gradient(normal.gradient.begin(), normal.gradient.end());
  optimiser_->step(trial_, gradient);
}

void FitSearch::end_weighting() {
  const bool has_more = moments_ > coordinates_.size();
  if (!settings_.optimal || !has_more || weighting_ == 1) {
    done_ = true;
    return;
  }
  weighting_ = 1;
  iteration_ = 0;
  is_averaged_ = false;
  weigh(true);
  objective_ = objective_of(gaps_);
  trial_ = at_;
  if (const auto* of = std::get_if<GaussNewton>(&settings_.method)) {
    damping_ = of->damping;
    const Normal normal = normal_at(gaps_, at_);
    propose(normal);
  } else {
    const auto& descent = std::get<Descent>(settings_.method);
    optimiser_.emplace(descent.settings, coordinates_.size());
    const Normal normal = normal_at(gaps_, at_);
    const std::vector<double> gradient(normal.gradient.begin(), normal.gradient.end());
    optimiser_->step(trial_, gradient);
  }
}

FitEstimate FitSearch::estimate() const {
  const std::size_t count = coordinates_.size();
  const MatrixXd jacobian = matrix_of(gaps_.jacobian, moments_, count);
  const MatrixXd weights = matrix_of(weights_, moments_, moments_);
  const MatrixXd covariance = matrix_of(gaps_.covariance, moments_, moments_);
  const MatrixXd normal = jacobian.transpose() * weights * jacobian;
  const std::vector<std::string> names = untold(normal, coordinates_);
  if (!names.empty()) throw NotIdentified(names);

  // By parameters in units of their coordinates, so that it is well scaled.
  const VectorXd scale = normal.diagonal().cwiseSqrt().cwiseInverse();
  const MatrixXd scaled = scale.asDiagonal() * normal * scale.asDiagonal();
  const MatrixXd inverse =
      scale.asDiagonal() * MatrixXd(Eigen::LDLT<MatrixXd>(scaled).solve(
                               MatrixXd(scale.asDiagonal() * (jacobian.transpose() * weights))));
  const MatrixXd of_estimates = inverse * covariance * inverse.transpose();
  const MatrixXd rest =
      MatrixXd::Identity(covariance.rows(), covariance.cols()) - jacobian * inverse;
  const MatrixXd of_rest = rest * covariance * rest.transpose();

  FitEstimate out;
  out.parameters = parameters_at(coordinates_, at_);
  out.covariance = values_of((of_estimates + of_estimates.transpose()) / 2);
  for (std::size_t i = 0; i < count; ++i) {
    const double error = std::sqrt(out.covariance[i * count + i]);
    const double step = two_sided_95 * error / std::abs(coordinates_[i].slope(at_[i]));
    const double one = coordinates_[i].parameter(at_[i] - step);
    const double other = coordinates_[i].parameter(at_[i] + step);
    out.lower.push_back(std::min(one, other));
    out.upper.push_back(std::max(one, other));
  }
  for (std::size_t m = 0; m < moments_; ++m) {
    const auto i = static_cast<Eigen::Index>(m);
    const double left = of_rest(i, i);
    out.leftover.push_back(left > rounding * covariance(i, i) ? left : 0);
  }
  out.objective = objective_;
  out.is_converged = is_converged_;
  out.last_step = normal_at(gaps_, at_).length();
  const bool has_more = settings_.optimal && moments_ > count;
  out.overidentification = has_more ? 2 * objective_ : nan;
  out.overidentification_p =
      has_more ? stats::chi_squared_tail(2 * objective_, static_cast<double>(moments_ - count))
               : nan;
  return out;
}

namespace {

void put(stats::ByteWriter& out, const MomentGaps& gaps) {
  out.put_vector(gaps.gap);
  out.put_vector(gaps.jacobian);
  out.put_vector(gaps.covariance);
  out.put_vector(gaps.model);
  out.put(gaps.terms);
  out.put(gaps.nonfinite);
}
MomentGaps get_gaps(stats::ByteReader& in) {
  MomentGaps out;
  out.gap = in.get_vector<double>();
  out.jacobian = in.get_vector<double>();
  out.covariance = in.get_vector<double>();
  out.model = in.get_vector<double>();
  out.terms = in.get<double>();
  out.nonfinite = in.get<std::int64_t>();
  return out;
}

}  // namespace

void FitSearch::save(stats::ByteWriter& out) const {
  out.put(static_cast<std::uint64_t>(coordinates_.size()));
  out.put(static_cast<std::uint64_t>(moments_));
  out.put(done_);
  out.put(is_converged_);
  out.put(is_averaged_);
  out.put(weighting_);
  out.put(iteration_);
  out.put(damping_);
  out.put(objective_);
  out.put_vector(at_);
  out.put_vector(trial_);
  out.put_vector(weights_);
  put(out, gaps_);
  out.put_vector(trace_.weighting);
  out.put_vector(trace_.accepted);
  out.put_vector(trace_.objective);
  out.put_vector(trace_.parameters);
  if (optimiser_) optimiser_->save(out);
}

void FitSearch::restore(stats::ByteReader& in) {
  const auto count = in.get<std::uint64_t>();
  const auto moments = in.get<std::uint64_t>();
  if (count != coordinates_.size() || moments != moments_) {
    throw Error("a saved fit has other parameters or moments");
  }
  done_ = in.get<bool>();
  is_converged_ = in.get<bool>();
  is_averaged_ = in.get<bool>();
  weighting_ = in.get<std::int64_t>();
  iteration_ = in.get<std::int64_t>();
  damping_ = in.get<double>();
  objective_ = in.get<double>();
  at_ = in.get_vector<double>();
  trial_ = in.get_vector<double>();
  weights_ = in.get_vector<double>();
  gaps_ = get_gaps(in);
  trace_.weighting = in.get_vector<std::int64_t>();
  trace_.accepted = in.get_vector<std::int64_t>();
  trace_.objective = in.get_vector<double>();
  trace_.parameters = in.get_vector<double>();
  if (optimiser_) optimiser_->restore(in);
}

}  // namespace driftwood::sde
