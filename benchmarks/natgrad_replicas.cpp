// SPDX-License-Identifier: BSD-3-Clause
/// How long one drawn design takes, beside the rate of the BLAS in the same process, on one core.
/// Flops are those of the algorithm: products and squares by design, factors and triangles by n^3.
/// Gradient descent by one Cholesky factor; medians over rounds in which all take turns.
///
///     natgrad_replicas [rounds]     5 rounds by default
#include <fmt/format.h>

#include <cmath>
#include <cstdlib>
#include <vector>

#include "natgrad/ensemble/blas.hpp"
#include "natgrad/ensemble/replica.hpp"
#include "natgrad/spectrum.hpp"
#include "timing.hpp"

namespace {
using namespace driftwood;
using benchmarks::median;
using benchmarks::seconds_of;

struct Size {
  std::size_t n;
  std::size_t d;
  int designs;  ///< of a round
};

/// X P X^T, its factor, the solve with it, and what the traces take.
double flops_of(const Size& size) {
  const auto n = static_cast<double>(size.n);
  const auto d = static_cast<double>(size.d);
  const double matrices = n * n * d /* K */ + n * n * d /* L^-1 X */ + n * n * d /* S */ +
                          n * n * d /* its factor times W */;
  return matrices + n * n * n * (1.0 / 3 + 1.0 / 3 + 1);
}

double gemm_flops_per_second(const Size& size) {
  natgrad::Dense x(size.n, size.d);
  natgrad::Dense k(size.n, size.n);
  for (std::size_t j = 0; j < size.d; ++j) {
    for (double& v : x.column(j)) v = 1.0 / static_cast<double>(1 + j);
  }
  const double seconds = seconds_of([&] {
    for (int i = 0; i < size.designs; ++i) {
      natgrad::blas::multiply(natgrad::blas::Form::plain, x, natgrad::blas::Form::transposed, x, k);
    }
  });
  const auto n = static_cast<double>(size.n);
  return 2 * n * n * static_cast<double>(size.d) * size.designs / seconds;
}

}  // namespace

int main(int argc, char** argv) {
  const int rounds = argc > 1 ? std::atoi(argv[1]) : 5;
  const std::vector<Size> sizes{{64, 128, 400}, {256, 512, 30}, {1024, 2048, 1}};
  fmt::print("{:>6} {:>6} {:>14} {:>14} {:>12} {:>12} {:>10}\n", "n", "d", "ms per design",
             "of that drawn", "Gflop/s", "dgemm", "ratio");
  for (const Size& size : sizes) {
    std::vector<double> x(size.d);
    std::vector<double> prior(size.d);
    natgrad::Spectrum(natgrad::Spectrum::Kind::geometric, 100).fill(x);
    natgrad::fill_aligned(x, 0, prior);
    natgrad::Replica replica;
    std::vector<double> drawn;
    std::vector<double> solved;
    std::vector<double> gemm;
    double sum = 0;
    for (int r = 0; r < rounds; ++r) {
      double in_draw = 0;
      const double all = seconds_of([&] {
        for (int i = 0; i < size.designs; ++i) {
          in_draw += seconds_of([&] {
            replica.draw({1, 0, static_cast<std::uint32_t>(r * size.designs + i)}, size.n, x);
          });
          sum += replica(prior, {}).bias;
        }
      });
      drawn.push_back(in_draw / size.designs);
      solved.push_back((all - in_draw) / size.designs);
      gemm.push_back(gemm_flops_per_second(size));
    }
    if (!(sum > 0)) return 1;
    const double rate = flops_of(size) / median(solved);
    fmt::print("{:>6} {:>6} {:>14.3f} {:>14.3f} {:>12.2f} {:>12.2f} {:>10.2f}\n", size.n, size.d,
               1e3 * (median(solved) + median(drawn)), 1e3 * median(drawn), rate / 1e9,
               median(gemm) / 1e9, rate / median(gemm));
  }
  return 0;
}
