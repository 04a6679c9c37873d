// SPDX-License-Identifier: BSD-3-Clause
#include <fmt/format.h>

#include <array>
#include <cmath>

#include "sde/registry.hpp"

namespace driftwood::sde {
namespace {

/// Words in backticks are schemes. tests/physics/scheme_guide_test.py and orders_test.py measure
/// what is said here beyond declarations.
constexpr std::string_view guide = R"(# How to choose a scheme

This page is printed by a program from what the schemes declare (src/README.md says how), and a
test compares the two. Every scheme integrates equations of either calculus: one that is written in
the other is converted exactly, which costs derivatives of the diffusion in every step unless the
noise is additive. Which schemes integrate which model: "sde_ensemble --list". How accurate they are
on a model of yours: the driver sde_order measures it.

Strong order p: the error of a path falls like h^p with the step h. Weak order p: the error of an
expectation does.

- **A first try:** `euler_maruyama`, the default. It integrates every model at one evaluation of
  drift and diffusion per step. Halve the step: where the results move by more than their standard
  errors, read on.
- **Models with a known law:** `exact` has no error in any step, so one step between two times of
  the results is enough. It integrates
  EXACT_MODELS.
- **Additive noise:** `euler_maruyama` has strong order 1 already. `sra1` and `shark` have 3/2, and
  weak order 2, at two evaluations of the drift; `sra3` and `sosra` take three. `spark`,
  `general_shark` and `slow_rk`, which take any noise, have the same orders here. `heun` has weak
  order 2 and strong order 1.
- **Diagonal or scalar noise, accurate paths:** `sriw1`, `sriw2`, `sosri` and `slow_rk`, strong
  order 3/2. `milstein` has order 1 at the cost of Euler-Maruyama and a derivative, which is
  computed exactly; `milstein_derivative_free` takes a difference for it. On geometric Brownian
  motion with drift 0.6 and volatility 0.7, 256 steps leave at time 1 a root mean square error of
  5e-2 with `euler_maruyama`, 6e-3 with `milstein`, 1.5e-4 with `sriw1` and 1.4e-5 with `slow_rk`.
- **Commutative noise, accurate paths:** `slow_rk`, strong order 3/2. `milstein` has order 1, and so
  have `heun`, `midpoint`, `spark` and `general_shark`, without any derivative where the equation is
  a Stratonovich one.
- **General noise, accurate paths:** `milstein`, strong order 1. Where the columns of the diffusion
  do not commute, the solution depends on the Levy areas of pairs of noises, which the increments do
  not determine: schemes that see these alone do not get beyond order 1/2 (Clark and Cameron 1980),
  and H does not help. `milstein` draws the areas from their Fourier series, with a number of terms
  that grows like h^(-1/2), and so takes the longer per step the shorter the steps are.
- **Expectations of smooth functions:** `ri1`, `dri1` and `platen_weak2`, weak order 2 for every
  kind of noise, with no Levy areas. They and `weak_euler` draw from few values what others draw
  from a normal distribution, so that single paths mean nothing.
- **Expectations of functions with jumps, quantiles and histograms:** schemes that draw normals,
  such as `milstein`, `sriw1` or `euler_maruyama`. With the few values of `platen_weak2`, `ri1`,
  `dri1` and `weak_euler` the result of a few steps is a set of separate points, and a jump between
  two of them, as a digital option has, costs far more than their order says.
- **Stiff drift,** which relaxes much faster than the steps of interest: explicit schemes need steps
  below about 2 / rate. `split_step_backward_euler` and `implicit_milstein` damp what is fast at any
  step. `theta_euler_maruyama` is the trapezoidal rule: it keeps the stationary variance of a linear
  equation with additive noise exactly, at any step, but a fast start dies out slowly. The diffusion
  is explicit in all three: strong noise still needs short steps.
- **Drift that grows faster than linearly:** `tamed_euler_maruyama`, which bounds what one step can
  do, or `split_step_backward_euler` and `implicit_milstein`. Moments of `euler_maruyama` may
  diverge as steps shrink, even though almost all paths converge (Hutzenthaler, Jentzen and Kloeden
  2011): a few paths leave for infinity.
- **Conserved quantities:** Stratonovich calculus has the chain rule, so a quantity whose gradient
  is orthogonal to drift and diffusion stays what it is. No scheme here keeps it exactly; how well
  is a matter of order and calculus. The radius of the Kubo oscillator is kept best by `slow_rk`,
  well by `heun`, `midpoint`, `spark` and `general_shark`, and badly by `euler_maruyama` and
  `milstein`.
- **Steps that can be undone:** `reversible_heun`, for gradients. The state that it carries along
  drifts away where the drift attracts: not for long simulations.

In the tables a pair such as 1 / 2 is strong order / weak order for that kind of noise, - where
there is none. "Drift" is how the drift is taken and how often it is evaluated per step; implicit
steps are solved by Newton's method with the exact Jacobian, which takes as many evaluations as it
takes. "Draws" is what is drawn per step and component of the noise: W, its increment; H, its
space-time Levy area; A, Levy areas between components; 2 or 3, one of so many values.
)";

std::string order(double value) {
  if (value == 0) return "-";
  return std::isinf(value) ? "exact" : fmt::format("{}", value);
}

std::string_view to_string(random::Increments increments) {
  constexpr std::array<std::string_view, 5> names = {"W", "W, H", "W, H, A", "2", "3"};
  return names[static_cast<std::size_t>(increments)];
}

/// What the scheme asks of additive noise, and of other kinds where that is more.
std::string draws(const SchemeInfo& scheme) {
  const auto usual = scheme.increments(Noise::additive);
  std::string text(to_string(usual));
  for (const Noise noise : all_noises) {
    const auto now = scheme.increments(noise);
    if (now != usual) text += fmt::format("; {}: {}", to_string(noise), to_string(now));
  }
  return text;
}

std::string drift(const SchemeInfo& scheme) {
  const bool counted =
      scheme.drift_rule == DriftRule::plain || scheme.drift_rule == DriftRule::tamed;
  return fmt::format("{}{}", to_string(scheme.drift_rule),
                     counted ? fmt::format(", {}", scheme.evaluations) : "");
}

/// As the cell of a table.
std::string cell(std::string_view text) {
  std::string out;
  for (const char c : text) out += c == '|' ? "\\|" : std::string(1, c);
  return out;
}

std::string row(const SchemeInfo& scheme) {
  std::string text = fmt::format("| {} | {} | {} | {} | {} |", scheme.name, cell(scheme.summary),
                                 to_string(scheme.calculus), drift(scheme), draws(scheme));
  for (const Noise noise : all_noises) {
    const double weak = scheme.weak_order(noise);
    text += weak == 0 ? " - |"
                      : fmt::format(" {} / {} |", order(scheme.strong_order(noise)), order(weak));
  }
  return text + "\n";
}

bool has_paths(const SchemeInfo& scheme) { return scheme.strong_order(Noise::additive) > 0; }

/// The heading under which the scheme stands.
std::string_view group(const SchemeInfo& scheme) {
  if (scheme.drift_rule == DriftRule::exact) return "Exact";
  if (scheme.drift_rule != DriftRule::plain) return "Stiff or fast-growing drift";
  if (!has_paths(scheme)) return "Expectations only";
  if (scheme.weak_order(Noise::scalar) == 0) return "Additive noise only";
  return scheme.calculus == Calculus::ito ? "Ito" : "Stratonovich";
}

/// The names of models that a scheme integrates.
std::vector<std::string> models_of(std::string_view scheme) {
  std::vector<std::string> names;
  for (const auto& alternative : models()) {
    for (const std::string& name : alternative.make()->schemes()) {
      if (name == scheme) names.push_back(alternative.name);
    }
  }
  return names;
}

}  // namespace

std::string scheme_page() {
  std::string page(guide);
  constexpr std::string_view blank = "EXACT_MODELS";
  page.replace(page.find(blank), blank.size(),
               fmt::format("{}", fmt::join(models_of("exact"), ", ")));
  for (const std::string_view heading :
       {"Ito", "Stratonovich", "Additive noise only", "Stiff or fast-growing drift",
        "Expectations only", "Exact"}) {
    page += fmt::format("\n## {}\n\n| scheme | what it is | calculus | drift | draws |", heading);
    for (const Noise noise : all_noises) page += fmt::format(" {} |", to_string(noise));
    page += "\n|---|---|---|---|---|---|---|---|---|---|\n";
    for (const SchemeInfo& scheme : schemes()) {
      if (group(scheme) == heading) page += row(scheme);
    }
  }
  return page;
}

}  // namespace driftwood::sde
