// SPDX-License-Identifier: BSD-3-Clause
#include "natgrad/kernel/conjugate_gradients.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>
#include <vector>

#include "base/error.hpp"
#include "comm/gather.hpp"
#include "natgrad/ensemble/pivots.hpp"
#include "natgrad/theory/sums.hpp"
#include "stats/bytes.hpp"

namespace driftwood::natgrad {
namespace {

using blas::Form;
using blas::Side;

std::vector<double> products(const Dense& a, const Dense& b) {
  std::vector<double> out(a.columns());
  for (std::size_t k = 0; k < out.size(); ++k) out[k] = product(a.column(k), b.column(k));
  return out;
}

/// to_k += a_k x_k for every column.
void add(const std::vector<double>& a, const Dense& x, Dense& to) {
  for (std::size_t k = 0; k < to.columns(); ++k) {
    const auto from = x.column(k);
    const auto at = to.column(k);
    for (std::size_t i = 0; i < at.size(); ++i) at[i] += a[k] * from[i];
  }
}

}  // namespace

NystroemInverse::NystroemInverse(const Kernel& kernel, const Points& points, std::size_t centres) {
  std::vector<std::size_t> rows(std::min(centres, points.size()));
  std::iota(rows.begin(), rows.end(), std::size_t{0});
  Dense factor = gram(kernel, points.picked(rows));
  std::vector<std::size_t> order;
  const std::size_t rank = blas::factor_by_pivots(factor, least_pivot, order);
  order.resize(rank);
  Dense kept(rank, rank);
  for (std::size_t j = 0; j < rank; ++j) {
    std::copy_n(factor.column(j).begin(), rank, kept.column(j).begin());
  }
  b_ = cross(kernel, points, points.picked(order));
  blas::solve(Side::right, Form::transposed, kept, b_);
  blas::square(Form::transposed, b_, square_);
}

void NystroemInverse::set_shift(double shift) {
  shift_ = shift;
  factor_ = square_;
  for (std::size_t k = 0; k < factor_.rows(); ++k) factor_(k, k) += shift;
  if (blas::factor(factor_) != 0) {
    throw NumericsError(
        fmt::format("the preconditioner of the kernel matrix plus {:.3g} on its diagonal is not "
                    "positive",
                    shift),
        "", "take a larger lambda, or fewer centres");
  }
}

void NystroemInverse::apply(Dense& v) const {
  Dense inner;
  blas::multiply(Form::transposed, b_, Form::plain, v, inner);
  blas::solve(Side::left, Form::plain, factor_, inner);
  blas::solve(Side::left, Form::transposed, factor_, inner);
  blas::multiply(Form::plain, b_, Form::plain, inner, v, -1 / shift_, 1 / shift_);
}

double NystroemInverse::trace() const {
  Dense inverse = factor_;
  blas::invert_triangle(inverse);
  const auto m = static_cast<double>(rank());
  double inner = 0;  // of (B^T B + shift I)^-1
  for (std::size_t j = 0; j < rank(); ++j) {
    const auto column = inverse.column(j).subspan(j);
    inner += product(column, column);
  }
  return (static_cast<double>(b_.rows()) - m) / shift_ + inner;
}

ConjugateGradients::ConjugateGradients(const comm::Communicator& comm, const Kernel& kernel,
                                       const Points& points, std::size_t centres)
    : comm_(comm), kernel_(kernel), points_(points), inverse_(kernel, points, centres) {}

ConjugateGradients::Trace ConjugateGradients::inverse_trace(const Dense& probes,
                                                            const Dense& solved) const {
  Dense known = probes;
  inverse_.apply(known);
  const auto count = static_cast<double>(probes.columns());
  std::vector<double> seen;
  for (std::size_t k = 0; k < probes.columns(); ++k) {
    seen.push_back(product(probes.column(k), solved.column(k)) -
                   product(probes.column(k), known.column(k)));
  }
  const double mean = std::accumulate(seen.begin(), seen.end(), 0.0) / count;
  double square = 0;
  for (const double v : seen) square += (v - mean) * (v - mean);
  return {inverse_.trace() + mean, std::sqrt(square / (count * (count - 1)))};
}

Dense ConjugateGradients::times_kernel(const Dense& v) const {
  const comm::Share mine = comm_.share(static_cast<std::int64_t>(points_.blocks()));
  comm::Bytes own = comm_.agree([&] {
    const std::vector<Dense> parts = in_blocks(v);
    Dense tile;
    Dense part;
    stats::ByteWriter out;
    for (std::int64_t b = mine.first; b < mine.last; ++b) {
      apply_block(kernel_, points_, static_cast<std::size_t>(b), points_, parts, tile, part);
      out.put_all(std::span<const double>(part.data(), part.rows() * part.columns()));
    }
    return out.take();
  });
  const comm::Bytes all = comm::gathered_by_all(comm_, std::move(own));
  Dense out(v.rows(), v.columns());
  stats::ByteReader in(all);
  for (std::size_t first = 0; first < v.rows(); first += Points::block_size) {
    const std::size_t rows = std::min(Points::block_size, v.rows() - first);
    for (std::size_t k = 0; k < v.columns(); ++k) {
      for (std::size_t i = 0; i < rows; ++i) out(first + i, k) = in.get<double>();
    }
  }
  return out;
}

ConjugateGradients::Fit ConjugateGradients::operator()(const Dense& y, double shift,
                                                       const IterationLimits& limits) {
  inverse_.set_shift(shift);
  const std::size_t columns = y.columns();
  Fit out;
  out.coefficients = Dense(y.rows(), columns);
  std::fill_n(out.coefficients.data(), y.rows() * columns, 0.0);
  Dense rest = y;
  Dense direction = rest;
  inverse_.apply(direction);
  std::vector<double> slopes = products(rest, direction);
  const std::vector<double> squares = products(y, y);
  const auto residual = [&] {
    const std::vector<double> now = products(rest, rest);
    // That of rank 0: machines that differ may round differently, and must stop together.
    std::vector<double> largest{0};
    for (std::size_t k = 0; k < columns; ++k) {
      if (squares[k] > 0) largest[0] = std::max(largest[0], std::sqrt(now[k] / squares[k]));
    }
    comm::broadcast(comm_, largest);
    return largest[0];
  };
  for (out.residual = residual(); out.residual > limits.tolerance; out.residual = residual()) {
    if (out.iterations == limits.iterations) {
      throw NumericsError(
          fmt::format("conjugate gradients have a relative residual of {:.3g} after {} iterations",
                      out.residual, out.iterations),
          fmt::format("the kernel matrix plus {:.3g} on its diagonal, {} centres", shift, rank()),
          "take more centres, a larger lambda or tolerance, or allow more iterations");
    }
    Dense image = times_kernel(direction);
    add(std::vector<double>(columns, shift), direction, image);
    const std::vector<double> curvatures = products(direction, image);
    std::vector<double> steps(columns, 0.0);  // a column that is solved stays
    for (std::size_t k = 0; k < columns; ++k) {
      if (curvatures[k] > 0) steps[k] = slopes[k] / curvatures[k];
    }
    add(steps, direction, out.coefficients);
    for (double& s : steps) s = -s;
    add(steps, image, rest);
    Dense next = rest;
    inverse_.apply(next);
    const std::vector<double> new_slopes = products(rest, next);
    std::vector<double> ratios(columns, 0.0);
    for (std::size_t k = 0; k < columns; ++k) {
      if (slopes[k] > 0) ratios[k] = new_slopes[k] / slopes[k];
    }
    add(ratios, direction, next);
    direction = std::move(next);
    slopes = new_slopes;
    ++out.iterations;
  }
  return out;
}

}  // namespace driftwood::natgrad
