// SPDX-License-Identifier: BSD-3-Clause
#include "mcmc/targets/posteriordb/linear_regression.hpp"

#include <Eigen/QR>
#include <cmath>
#include <memory>

#include "mcmc/launch/density_of.hpp"
#include "mcmc/targets/posteriordb/posterior.hpp"

namespace driftwood::mcmc::posteriordb {
namespace {

using Column = std::vector<double>;

/// A regression before anything is computed from its data.
struct Regression {
  std::vector<Column> columns;
  Column answers;
  std::vector<Parameter> parameters;
  double precision = 0;
  LinearRegression::Spread spread = LinearRegression::Spread::flat;
  double scale = 1;
};

/// The least-squares fit, and what is quadratic about it.
struct Fit {
  Column coefficients;
  Column errors;  ///< standard errors of the coefficients
  Column gram;
  double squares = 0;
  double sd = 1;  ///< of the answers about the fit
};

Fit fit_of(const Regression& model, const io::JsonObject& data) {
  const auto n = static_cast<Eigen::Index>(model.answers.size());
  const auto d = static_cast<Eigen::Index>(model.columns.size());
  Eigen::MatrixXd x(n, d);
  for (Eigen::Index j = 0; j < d; ++j) {
    x.col(j) =
        Eigen::Map<const Eigen::VectorXd>(model.columns[static_cast<std::size_t>(j)].data(), n);
  }
  const Eigen::Map<const Eigen::VectorXd> y(model.answers.data(), n);
  const Eigen::ColPivHouseholderQR<Eigen::MatrixXd> factor(x);
  if (n <= d || factor.rank() < d) {
    throw data.error("N", "does not let the coefficients be found",
                     "there are too few answers, or their predictors depend on each other");
  }
  const Eigen::VectorXd beta = factor.solve(y);
  const Eigen::MatrixXd gram = x.transpose() * x;
  Fit out;
  out.squares = (y - x * beta).squaredNorm();
  out.sd = std::sqrt(out.squares / static_cast<double>(n - d));
  if (!(out.squares > 0)) {
    throw data.error("N", "is of answers without errors", "a straight line goes through them all");
  }
  const Eigen::MatrixXd inverse = factor.solve(Eigen::MatrixXd::Identity(n, n));
  for (Eigen::Index j = 0; j < d; ++j) {
    out.coefficients.push_back(beta(j));
    out.errors.push_back(out.sd * inverse.row(j).norm());
  }
  out.gram.assign(gram.data(), gram.data() + gram.size());
  return out;
}

/// Coordinates are in units of the least-squares fit, from which chains start.
Posterior posterior(const Regression& model, const io::JsonObject& data) {
  const Fit fit = fit_of(model, data);
  const int columns = static_cast<int>(model.columns.size());
  std::vector<Segment> segments;
  for (int i = 0; i < columns; ++i) {
    const auto k = static_cast<std::size_t>(i);
    segments.push_back({.first_x = i,
                        .first_theta = i,
                        .count = 1,
                        .centre = fit.coefficients[k],
                        .unit = fit.errors[k]});
  }
  segments.push_back({.kind = Segment::Kind::above,
                      .first_x = columns,
                      .first_theta = columns,
                      .count = 1,
                      .unit = fit.sd});
  const double answers = static_cast<double>(model.answers.size());
  const auto density = [=, precision = model.precision, spread = model.spread,
                        scale = model.scale]() -> std::unique_ptr<Density> {
    const auto coefficients = on_device("fit", fit.coefficients);
    const auto gram = on_device("gram", fit.gram);
    const LinearRegression value{coefficients.data(), gram.data(), fit.squares, answers,
                                 precision,           spread,      scale};
    return std::make_unique<DensityOf<LinearRegression>>(value, columns + 1,
                                                         std::pair(coefficients, gram), segments);
  };
  return {model.parameters, density};
}

Column ones(std::int64_t n) { return Column(static_cast<std::size_t>(n), 1.0); }

Column positive(const io::JsonObject& data, const std::string& field, std::int64_t n) {
  Column out = data.numbers(field, n);
  for (const double value : out) {
    if (!(value > 0)) throw data.error(field, "has an entry that is not positive");
  }
  return out;
}

Column logarithms(Column of) {
  for (double& value : of) value = std::log(value);
  return of;
}

Column product(const Column& a, const Column& b) {
  Column out = a;
  for (std::size_t i = 0; i < out.size(); ++i) out[i] *= b[i];
  return out;
}

/// 1 where the entry is this number, else 0.
Column indicator(const Column& of, double number) {
  Column out;
  for (const double value : of) out.push_back(value == number ? 1 : 0);
  return out;
}

std::vector<Parameter> coefficients_and_sigma(std::int64_t columns) {
  return {{"beta", columns}, {"sigma"}};
}

}  // namespace

Posterior kidscore_momiq(const io::JsonObject& data) {
  const std::int64_t n = data.count("N");
  return posterior({.columns = {ones(n), data.numbers("mom_iq", n)},
                    .answers = data.numbers("kid_score", n),
                    .parameters = coefficients_and_sigma(2),
                    .spread = LinearRegression::Spread::half_cauchy,
                    .scale = 2.5},
                   data);
}

Posterior kidscore_interaction(const io::JsonObject& data) {
  const std::int64_t n = data.count("N");
  const Column school = data.numbers("mom_hs", n);
  const Column iq = data.numbers("mom_iq", n);
  return posterior({.columns = {ones(n), school, iq, product(school, iq)},
                    .answers = data.numbers("kid_score", n),
                    .parameters = coefficients_and_sigma(4),
                    .spread = LinearRegression::Spread::half_cauchy,
                    .scale = 2.5},
                   data);
}

Posterior logearn_height(const io::JsonObject& data) {
  const std::int64_t n = data.count("N");
  return posterior({.columns = {ones(n), data.numbers("height", n)},
                    .answers = logarithms(positive(data, "earn", n)),
                    .parameters = coefficients_and_sigma(2)},
                   data);
}

Posterior logmesquite_logvolume(const io::JsonObject& data) {
  const std::int64_t n = data.count("N");
  const Column area = product(positive(data, "diam1", n), positive(data, "diam2", n));
  const Column volume = product(area, positive(data, "canopy_height", n));
  return posterior({.columns = {ones(n), logarithms(volume)},
                    .answers = logarithms(positive(data, "weight", n)),
                    .parameters = coefficients_and_sigma(2)},
                   data);
}

Posterior blr(const io::JsonObject& data) {
  const std::int64_t n = data.count("N");
  const std::int64_t d = data.count("D");
  const Column x = data.matrix("X", n, d);
  std::vector<Column> columns(static_cast<std::size_t>(d));
  for (std::size_t i = 0; i < x.size(); ++i) columns[i % columns.size()].push_back(x[i]);
  return posterior({.columns = columns,
                    .answers = data.numbers("y", n),
                    .parameters = coefficients_and_sigma(d),
                    .precision = 1.0 / (10 * 10),
                    .spread = LinearRegression::Spread::half_normal,
                    .scale = 10},
                   data);
}

Posterior nes(const io::JsonObject& data) {
  const std::int64_t n = data.count("N");
  const Column age = data.numbers("age_discrete", n);
  return posterior(
      {.columns = {ones(n), data.numbers("real_ideo", n), data.numbers("race_adj", n),
                   indicator(age, 2), indicator(age, 3), indicator(age, 4),
                   data.numbers("educ1", n), data.numbers("gender", n), data.numbers("income", n)},
       .answers = data.numbers("partyid7", n),
       .parameters = coefficients_and_sigma(9)},
      data);
}

Posterior ar_k(const io::JsonObject& data) {
  const std::int64_t lags = data.count("K");
  const std::int64_t n = data.count("T");
  const Column y = data.numbers("y", n);
  if (n <= lags) throw data.error("T", "is not larger than 'K'");
  std::vector<Column> columns{ones(n - lags)};
  for (std::int64_t k = 1; k <= lags; ++k) {
    columns.emplace_back(y.begin() + (lags - k), y.end() - k);
  }
  return posterior({.columns = columns,
                    .answers = {y.begin() + lags, y.end()},
                    .parameters = {{"alpha"}, {"beta", lags}, {"sigma"}},
                    .precision = 1.0 / (10 * 10),
                    .spread = LinearRegression::Spread::half_cauchy,
                    .scale = 2.5},
                   data);
}

}  // namespace driftwood::mcmc::posteriordb
