// SPDX-License-Identifier: BSD-3-Clause
#include "natgrad/network/study.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "base/error.hpp"
#include "natgrad/means.hpp"
#include "natgrad/network/draws.hpp"
#include "natgrad/network/linearised.hpp"

namespace driftwood::natgrad {
namespace {

/// Numbers of an outcome, in the order of its members.
constexpr std::size_t outcome_numbers = 5;

/// 0, 1, 2, 3, 4, 6, 8, 11, ... and the last.
std::vector<std::int64_t> looks(std::int64_t last) {
  std::vector<std::int64_t> out{0};
  for (int k = 0; out.back() < last; ++k) {
    const auto next = static_cast<std::int64_t>(std::round(std::pow(2.0, 0.5 * k)));
    if (next > out.back()) out.push_back(std::min(next, last));
  }
  return out;
}

std::vector<double> outputs_of(const Architecture& of, const Layers& theta, const Dense& x) {
  Pass pass;
  forward(of, theta, x, pass);
  return {pass.outputs.data(), pass.outputs.data() + pass.outputs.columns()};
}

double variance_of(std::span<const double> x) {
  return squares_of(x) / static_cast<double>(x.size());
}

double mean_square_apart(std::span<const double> a, std::span<const double> b) {
  double sum = 0;
  for (std::size_t i = 0; i < a.size(); ++i) sum += (a[i] - b[i]) * (a[i] - b[i]);
  return sum / static_cast<double>(a.size());
}

}  // namespace

/// What a replica draws. Samples come first, then unlabelled inputs, then tests.
struct NetworkStudy::Replica {
  std::uint32_t number;
  Layers student;
  std::vector<std::size_t> order;  ///< of inputs
  std::vector<double> truth;       ///< the teacher's outputs, in that order, of samples and tests
  std::size_t tests_from;          ///< where those of tests begin in `truth`
  double spread = 1;               ///< standard deviation of the teacher on tests
  std::vector<double> noise;       ///< of samples, of variance 1

  [[nodiscard]] std::span<const double> of_samples() const {
    return std::span(truth).first(tests_from);
  }
  [[nodiscard]] std::span<const double> of_tests() const {
    return std::span(truth).subspan(tests_from);
  }
};

NetworkStudy::NetworkStudy(const NetworkOptions& options)
    : options_(options),
      student_(options.student.architecture(options.inputs.width())),
      teacher_(options.teacher.architecture(options.inputs.width())),
      inputs_(options.inputs.load(options.seed)) {
  blas::hold_one_thread();
  for (std::size_t p = 0; p < options.parsed.size(); ++p) {
    const bool asks = options.parsed[p].uses_unlabelled();
    for (std::size_t u = 0; u < (asks ? options.unlabelled.size() : 1); ++u) {
      const auto rows = asks ? static_cast<std::size_t>(options.unlabelled[u]) : std::size_t{0};
      for (std::size_t v = 0; v < options.noise.size(); ++v) points_.push_back({p, rows, v});
    }
  }
  if (is_trained()) records_ = looks(options.training->keys.steps);
  found_.emplace(options.replicas * (is_trained() ? std::ssize(points_) : 1), numbers_of_task());
}

std::size_t NetworkStudy::plain(std::size_t point) const {
  const auto at = std::find_if(points_.begin(), points_.end(), [&](const NetworkPoint& p) {
    return options_.parsed[p.preconditioner].kind == FisherChoice::Kind::gd &&
           p.noise == points_[point].noise;
  });
  return static_cast<std::size_t>(at - points_.begin());
}

std::size_t NetworkStudy::numbers_of_point() const {
  return is_trained() ? outcome_numbers + records_.size() : 1;
}

std::vector<std::int64_t> NetworkStudy::order() const {
  std::vector<std::int64_t> out(static_cast<std::size_t>(found_->tasks()));
  std::iota(out.begin(), out.end(), std::int64_t{0});
  if (!is_trained()) return out;
  const auto rows = [&](std::int64_t task) {
    return points_[static_cast<std::size_t>(task) % points_.size()].unlabelled;
  };
  std::stable_sort(out.begin(), out.end(),
                   [&](std::int64_t a, std::int64_t b) { return rows(a) > rows(b); });
  return out;
}

NetworkStudy::Replica NetworkStudy::drawn_replica(std::int64_t number) const {
  const std::uint64_t seed = options_.seed;
  const auto replica = static_cast<std::uint32_t>(number);
  const auto samples = static_cast<std::size_t>(options_.samples);
  Replica out{.number = replica,
              .student = drawn_parameters(student_, options_.student.sd, seed, NetworkDraw::student,
                                          replica),
              .order = drawn_order(seed, NetworkDraw::order, replica, inputs_.columns()),
              .truth = {},
              .tests_from = samples,
              .noise = {}};
  out.order.resize(samples + options_.most_unlabelled() + options_.test_rows());
  std::vector<std::size_t> labelled(out.order.begin(),
                                    out.order.begin() + static_cast<std::ptrdiff_t>(samples));
  labelled.insert(labelled.end(),
                  out.order.end() - static_cast<std::ptrdiff_t>(options_.test_rows()),
                  out.order.end());
  const Layers teacher =
      drawn_parameters(teacher_, options_.teacher.sd, seed, NetworkDraw::teacher, replica);
  out.truth = outputs_of(teacher_, teacher, columns_of(inputs_, labelled));
  out.spread = std::sqrt(variance_of(out.of_tests()));
  if (!(out.spread > 0)) {
    throw NumericsError("a teacher has the same output on all tests", "there is nothing to learn",
                        "give its weights a larger standard deviation");
  }
  const double one = 1;
  const Dense noise = drawn(seed, NetworkDraw::noise, replica, samples, std::span(&one, 1));
  out.noise.assign(noise.data(), noise.data() + samples);
  return out;
}

std::vector<double> NetworkStudy::linearised(const Replica& of) const {
  const auto samples = static_cast<std::size_t>(options_.samples);
  const std::size_t pool = samples + options_.most_unlabelled();
  const auto rows_of = [&](std::span<const std::size_t> which, Pass& pass) {
    forward(student_, of.student, columns_of(inputs_, which), pass);
    return JacobianRows(student_, of.student, pass);
  };
  Pass seen;
  Pass tested;
  const JacobianRows rows = rows_of(std::span(of.order).first(pool), seen);
  RowProducts products;
  rows.gram(rows, products.among);
  rows_of(std::span(of.order).subspan(pool), tested).gram(rows, products.to_tests);

  // What the student lacks, and noise, in units of the teacher's spread.
  Dense labels(samples, 2);
  for (std::size_t i = 0; i < samples; ++i) {
    labels(i, 0) = (of.truth[i] - seen.outputs(0, i)) / of.spread;
    labels(i, 1) = of.noise[i];
  }
  std::vector<double> lacked(of.of_tests().size());
  for (std::size_t i = 0; i < lacked.size(); ++i) {
    lacked[i] = (of.of_tests()[i] - tested.outputs(0, i)) / of.spread;
  }
  std::vector<double> out(points_.size());
  std::vector<double> predicted(lacked.size());
  Dense found;
  for (std::size_t p = 0; p < points_.size(); ++p) {
    const NetworkPoint& point = points_[p];
    if (point.noise == 0) {  // what follows is linear in labels
      const FisherChoice& choice = options_.parsed[point.preconditioner];
      const std::size_t its_rows = samples + point.unlabelled;
      double trace = 0;
      for (std::size_t i = 0; i < its_rows; ++i) trace += products.among(i, i);
      const double mean =
          trace / (static_cast<double>(its_rows) * static_cast<double>(parameters()));
      found = choice.is_plain()
                  ? plain_limit(products, labels)
                  : natural_limit(products, its_rows, choice.damping() * mean, labels);
    }
    const double factor = std::sqrt(options_.noise[point.noise]);
    for (std::size_t i = 0; i < predicted.size(); ++i) {
      predicted[i] = found(i, 0) + factor * found(i, 1);
    }
    out[p] = mean_square_apart(predicted, lacked);
  }
  return out;
}

std::vector<double> NetworkStudy::trained(const Replica& of, const NetworkPoint& point) const {
  const auto samples = static_cast<std::size_t>(options_.samples);
  const FisherChoice& choice = options_.parsed[point.preconditioner];
  const auto inputs = [&](std::size_t first, std::size_t count) {
    return columns_of(inputs_, std::span(of.order).subspan(first, count));
  };
  TrainingData data{.x = inputs(0, samples), .y = Dense(1, samples), .fisher = {}};
  if (choice.uses_unlabelled()) data.fisher = inputs(0, samples + point.unlabelled);
  const double factor = of.spread * std::sqrt(options_.noise[point.noise]);
  for (std::size_t i = 0; i < samples; ++i) data.y(0, i) = of.truth[i] + factor * of.noise[i];
  const std::size_t tests = options_.test_rows();
  const Dense tested = inputs(of.order.size() - tests, tests);

  Layers theta = of.student;
  const auto risk = [&] {
    return mean_square_apart(outputs_of(student_, theta, tested), of.of_tests()) /
           (of.spread * of.spread);
  };
  const EpochOrder order = [&](std::uint64_t epoch) {
    return drawn_order(options_.seed, NetworkDraw::batches, of.number, samples, epoch);
  };
  std::vector<double> curve;
  const TrainingState end =
      train(student_, Loss::squared, choice, options_.training->settled(), data, order, theta,
            [&](const TrainingState& state) {
              if (curve.size() < records_.size() && state.step == records_[curve.size()]) {
                curve.push_back(risk());
              }
            });
  const double last = risk();
  curve.resize(records_.size(), last);
  const double labels = variance_of(std::span(data.y.data(), samples));
  std::vector<double> out{last, *std::min_element(curve.begin(), curve.end()),
                          2 * end.loss / labels, static_cast<double>(end.step), end.damping};
  out.insert(out.end(), curve.begin(), curve.end());
  return out;
}

void NetworkStudy::work(std::int64_t task) {
  if (!is_trained()) {
    found_->put(task, linearised(drawn_replica(task)));
    return;
  }
  const auto points = std::ssize(points_);
  found_->put(task, trained(drawn_replica(task / points),
                            points_[static_cast<std::size_t>(task % points)]));
}

std::span<const double> NetworkStudy::values(std::int64_t replica, std::size_t point) const {
  const std::size_t size = numbers_of_point();
  const std::size_t place = static_cast<std::size_t>(replica) * points_.size() + point;
  return std::span(merged_).subspan(place * size, size);
}

NetworkOutcome NetworkStudy::outcome(std::int64_t replica, std::size_t point) const {
  const auto v = values(replica, point);
  if (!is_trained()) return {.risk = v[0], .least_risk = v[0]};
  return {.risk = v[0], .least_risk = v[1], .loss = v[2], .steps = v[3], .damping = v[4]};
}

std::span<const double> NetworkStudy::curve(std::int64_t replica, std::size_t point) const {
  return is_trained() ? values(replica, point).subspan(outcome_numbers) : std::span<const double>{};
}

}  // namespace driftwood::natgrad
