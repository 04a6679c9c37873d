// SPDX-License-Identifier: BSD-3-Clause
// Prints the page of stationary biases. Given a file, it checks that the file is that page.
#include <cstdio>
#include <fstream>
#include <initializer_list>
#include <iostream>
#include <iterator>
#include <string>

#include "unit/mcmc/diffusion_bias.hpp"
#include "unit/mcmc/diffusion_paths.hpp"
#include "unit/mcmc/overdamped_bias.hpp"

namespace {
using namespace driftwood;

std::string number(double bias) {
  if (std::fabs(bias) < 1e-8) return "0";  // the accuracy of the operator
  char text[32];
  std::snprintf(text, sizeof text, "%+.2e", bias);
  return text;
}

/// One row of a table: biases of E x^2, with the step sizes of each sampler.
template <class D>
std::string row(const D& density, const std::string& start, double h_ula, double h_lm, double h_two,
                double h_three) {
  const double x2 = test::exact_second_moment(density);
  std::string text = "| " + start;
  for (const double moment :
       {test::second_moment<mcmc::Ula>(density, h_ula), test::second_moment_lm(density, h_lm),
        test::second_moment<mcmc::Heun>(density, h_two),
        test::second_moment<mcmc::Srk2g>(density, h_two),
        test::second_moment<mcmc::RandomizedMidpoint>(density, h_two),
        test::second_moment<mcmc::SrkLd>(density, h_three)}) {
    text += " | " + number(moment - x2);
  }
  return text + " |\n";
}

/// Biases of E x^2 and of E log(1 + x^2) at step size h.
std::string diffusion_row(double h) {
  char size[16];
  std::snprintf(size, sizeof size, "| %g", h);
  std::string text = size;
  for (const test::LineMoments& bias :
       {test::diffusion_bias<mcmc::EulerMaruyama>(h), test::diffusion_bias<mcmc::SrkId>(h),
        test::diffusion_bias<mcmc::PlatenWeak2>(h)}) {
    text += " | " + number(bias.square) + " (" + number(bias.log_square) + ")";
  }
  return text + " |\n";
}

/// Root mean square errors along paths.
std::string strong_rows() {
  const test::StrongErrors errors = test::strong_errors();
  const test::SquareErrors em = test::mean_of(errors.em);
  const test::SquareErrors srk_id = test::mean_of(errors.srk_id);
  std::string text;
  for (std::size_t k = 0; k < em.size(); ++k) {
    char row[64];
    std::snprintf(row, sizeof row, "| %d | %.1e | %.1e |\n", 8 << k, std::sqrt(em[k]),
                  std::sqrt(srk_id[k]));
    text += row;
  }
  return text;
}

/// Calls f(name, target) for all.
template <class F>
void for_each_target(const F& f) {
  f("normal", test::Quadratic{});
  f("sine", test::Sine{});
  f("logistic", test::Logistic{});
  f("mixture", test::Mixture{0.8});
}

std::string page() {
  std::string text = R"(# What steps of overdamped Langevin samplers leave behind

A sampler that accepts every step draws from a law that is not quite the target. The tables are of
E x^2 under that law less E x^2 of the target, without Monte Carlo: the sampler's own kernels, with the
noise of quadrature nodes, make the transition operator on 161 Chebyshev points, and its left null
vector is the stationary law. They are accurate to about 1e-9.

| target | potential |
|---|---|
| normal | x^2/2 |
| sine | x^2/2 + sin(x)/2 |
| logistic | x^2/4 + 2 log cosh(x - 0.3) |
| mixture | N(-0.8, 1)/2 + N(0.8, 1)/2 |

## At the same step size

| target, h | `ula` | `lm` | `heun` | `srk2g` | `rmm` | `srk_ld` |
|---|---|---|---|---|---|---|
)";
  for_each_target([&](const std::string& name, const auto& target) {
    for (const double h : {0.4, 0.2, 0.1, 0.05}) {
      char size[16];
      std::snprintf(size, sizeof size, ", %g", h);
      text += row(target, name + size, h, h, h, h);
    }
  });
  text += R"(
## At the same cost

Gradients are what costs. With 10 of them for each unit of time, `ula` and `lm` take steps of 0.1,
`heun`, `srk2g` and `rmm` of 0.2, and `srk_ld` of 0.3:

| target | `ula` | `lm` | `heun` | `srk2g` | `rmm` | `srk_ld` |
|---|---|---|---|---|---|---|
)";
  for_each_target([&](const std::string& name, const auto& target) {
    text += row(target, name, 0.1, 0.1, 0.2, 0.3);
  });
  text += R"(
For expectations `lm` is by far the best of these: one gradient, and the smallest bias. What
`srk_ld` and `srk2g` gain is pathwise. They follow the Brownian motion that drives them with strong
order 3/2, where `ula` and `heun` have order 1: root mean square errors at time 1 of 2000 paths of the
mixture of N(a, I) and N(-a, I), a = (0.5, 0.5), from (0.7, 0.7), beside 2048 steps of `srk_ld` (seed 5):

| steps | `ula` | `heun` | `srk_ld` | `srk2g` |
|---|---|---|---|---|
| 16 | 3.4e-2 | 2.1e-2 | 9.1e-4 | 9.2e-4 |
| 32 | 1.7e-2 | 1.1e-2 | 2.5e-4 | 2.6e-4 |
| 64 | 8.3e-3 | 5.2e-3 | 6.9e-5 | 7.5e-5 |
| 128 | 4.2e-3 | 2.7e-3 | 2.0e-5 | 2.3e-5 |
| order | 1.00 | 1.00 | 1.83 | 1.77 |

## Where noise depends on the place

The target `ito_diffusion` has the potential sqrt(S) + gamma log S with S = beta + |x|^2 / 2, which is not
convex, and is the stationary law of a diffusion that moves the faster the farther out it is: sigma = S^(1/4) I, with
the drift b = -x/4 + (1/2 - gamma) x / (2 sqrt(S)). On the line, with beta = 1 and gamma = 1/2, its samplers leave
of E x^2 (and of E log(1 + x^2)), by the operator on 501 points:

| h | `em` | `srk_id` | `platen_w2` |
|---|---|---|---|
)";
  for (const double h : {0.8, 0.4, 0.2, 0.1}) text += diffusion_row(h);
  text += R"(
`srk_id` leaves a bias of order 1, as `em` does: of E log(1 + x^2) it is two to seven times smaller, of E x^2 a
quarter at the most, and in two dimensions with gamma = 3/2, below, no smaller at all. What it gains is pathwise: strong
order 1, where `em` has 1/2. Root mean square errors at time 1 of 2000 paths from 0.7, beside 4096 steps of `srk_id`
(seed 17):

| steps | `em` | `srk_id` |
|---|---|---|
)" + strong_rows() +
          R"(
For expectations `platen_w2` is the one to take: its bias is of order 2, and of E x^2 about a hundred times
smaller already at h = 0.8. So it is where noise does not commute and Levy areas come in, as in two dimensions.
Biases of E |x|^2, which is 8 with gamma = 1/2 and 2.955 with 3/2, by 131072 chains (the nightly test
`unit_mcmc_diffusion`, seed 23, `levy = "talay"`; standard errors 0.005 and 0.002):

| gamma, h | `em` | `srk_id` | `platen_w2` |
|---|---|---|---|
| 1/2, 0.8 | +1.555 | +1.307 | -0.021 |
| 1/2, 0.4 | +0.714 | +0.570 | -0.007 |
| 3/2, 0.8 | +1.358 | +1.377 | -0.032 |
| 3/2, 0.4 | +0.575 | +0.584 | -0.015 |

## Of a run of one's own

Where nothing is known of the target, a run tells its bias itself: companions of the chains with
steps of twice the size follow the same Brownian motion, and of the differences comes the bias by
Richardson's extrapolation ([richardson.hpp](../src/mcmc/richardson.hpp)). As both move alike, it is
known 10 to 300 times more accurately than the moments. What it leaves out is of higher order: of E x^2
with `ula` at h = 0.1 it finds 0.058 instead of 0.051 on the sine, and 0.079 instead of 0.065 on the
logistic potential.

## Again

```
build/release/tests/bin/overdamped_bias_page > docs/langevin_bias.md       # this page, in seconds
ctest --test-dir build/release -R 'unit_mcmc_(overdamped|diffusion)' --verbose  # orders, references
```
)";
  return text;
}

}  // namespace

int main(int argc, char** argv) {
  const std::string now = page();
  if (argc < 2) {
    std::cout << now;
    return 0;
  }
  std::ifstream file(argv[1]);
  if (std::string{std::istreambuf_iterator<char>(file), {}} == now) return 0;
  std::cerr << argv[1] << " is not current; write it again: " << argv[0] << " > " << argv[1]
            << '\n';
  return 1;
}
