// SPDX-License-Identifier: BSD-3-Clause
/// What a large design takes: conjugate gradients for one right-hand side, and bias and variance of
/// plain gradient descent by probes, of eigenvalues from 1 to 1/100.
///
///     mpirun -n RANKS natgrad_large [n] [d] [probes] [memory of a rank in GiB]
///
/// 20000 rows of 40000 features, 8 probes and 8 GiB by default. Rows are stored where a rank's fit
/// in its memory, and else drawn anew for every product.
#include <fmt/format.h>
#include <mpi.h>
#include <sys/resource.h>

#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <limits>
#include <span>
#include <vector>

#include "la/conjugate_gradients.hpp"
#include "la/session.hpp"
#include "natgrad/ensemble/blas.hpp"
#include "natgrad/large/large_replica.hpp"
#include "natgrad/large/plan.hpp"
#include "natgrad/spectrum.hpp"
#include "timing.hpp"

namespace {
using namespace driftwood;
using benchmarks::seconds_of;

constexpr double gib = 1024.0 * 1024 * 1024;

/// The most that this rank has held [GiB].
double peak() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return static_cast<double>(usage.ru_maxrss) * 1024 / gib;
}

struct Problem {
  std::size_t n;
  std::size_t d;
  std::vector<double> features;
  std::vector<double> prior;
};

void solve_one(const comm::Communicator& comm, const Problem& of, la::Storage storage) {
  const la::Session session(comm);
  std::vector<double> scales(of.d);
  for (std::size_t j = 0; j < of.d; ++j) scales[j] = std::sqrt(of.features[j]);
  const auto rows = [&](std::int64_t first, std::size_t n, double* to) {
    natgrad::draw_rows({.seed = 1}, natgrad::RowSource::design, natgrad::FeatureLaw::normal,
                       static_cast<std::uint64_t>(first), n, scales, to);
  };
  la::CgReport report;
  double solving = 0;
  const double total = seconds_of([&] {
    la::DesignOperator design(comm, of.n, of.d, rows, storage);
    const std::vector<double> p(of.d, 1.0);
    la::Gram s(design, p, 0, 1);
    const std::vector<double> b(design.own(), 1.0);
    std::vector<double> x(design.own());
    solving = seconds_of([&] { report = la::solve(s, b, x); });
  });
  if (!comm.is_root()) return;
  const double product = solving / static_cast<double>(report.iterations + 2);
  fmt::print(
      "one right-hand side  {:.1f} s, {} iterations, {:.3f} s each ({:.1f} GB/s), "
      "sqrt(condition) {:.1f}, residual {:.1e}, peak {:.2f} GiB\n",
      total, report.iterations, product,
      16e-9 * static_cast<double>(of.n) * static_cast<double>(of.d) / product,
      std::sqrt(report.condition()), report.residual, peak());
  std::fflush(stdout);  // what follows takes minutes
}

void probe(const comm::Communicator& comm, const Problem& of, std::int64_t probes, double memory) {
  natgrad::LargeFindings found;
  const natgrad::LargeOptions options{.probes = probes, .memory = memory};
  const double seconds = seconds_of([&] {
    found = natgrad::large_replica(comm, {.seed = 1}, of.n, of.features, of.prior, {}, options);
  });
  if (!comm.is_root()) return;
  const double flops = 4 * static_cast<double>(of.n) * static_cast<double>(of.d) * 2 *
                       static_cast<double>(probes) * static_cast<double>(found.iterations + 3);
  fmt::print(
      "{} + {} probes         {:.1f} s, {} iterations, {:.1f} GF/s, bias {:.5f} +- {:.5f}, "
      "variance {:.5f} +- {:.5f}, peak {:.2f} GiB\n",
      probes, probes, seconds, found.iterations, 1e-9 * flops / seconds, found.mean.bias,
      found.standard_error.bias, found.mean.variance, found.standard_error.variance, peak());
}

void run(std::span<char*> arguments) {
  const auto number = [&](std::size_t at, double otherwise) {
    return at < arguments.size() ? std::atof(arguments[at]) : otherwise;
  };
  const auto comm = comm::Communicator::world();
  natgrad::blas::hold_one_thread();
  Problem of{static_cast<std::size_t>(number(1, 20'000)),
             static_cast<std::size_t>(number(2, 40'000)),
             {},
             {}};
  of.features.resize(of.d);
  of.prior.resize(of.d);
  natgrad::Spectrum::named("geometric", 100).fill(of.features);
  natgrad::fill_aligned(of.features, 0, of.prior);
  const auto probes = static_cast<std::int64_t>(number(3, 8));
  const double memory = number(4, 8) * gib;
  const bool is_stored =
      natgrad::large_plan(comm.size(), of.n, of.d, {.probes = probes, .memory = memory}).is_stored;
  if (comm.is_root()) {
    fmt::print("{} rows of {} features on {} ranks, {}\n", of.n, of.d, comm.size(),
               is_stored ? "stored" : "drawn anew");
  }
  solve_one(comm, of, is_stored ? la::Storage::stored : la::Storage::regenerated);
  probe(comm, of, probes, memory);
}

}  // namespace

int main(int argc, char** argv) {
  MPI_Init(&argc, &argv);
  run({argv, static_cast<std::size_t>(argc)});
  MPI_Finalize();
}
