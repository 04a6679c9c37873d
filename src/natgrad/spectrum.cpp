// SPDX-License-Identifier: BSD-3-Clause
#include "natgrad/spectrum.hpp"

#include <fmt/format.h>

#include <array>
#include <cmath>
#include <string>
#include <utility>
#include <vector>

#include "base/error.hpp"
#include "base/suggest.hpp"

namespace driftwood::natgrad {
namespace {

using Kind = Spectrum::Kind;

constexpr std::array<std::pair<std::string_view, Kind>, 4> kinds = {{
    {"identity", Kind::identity},
    {"twopoint", Kind::twopoint},
    {"geometric", Kind::geometric},
    {"power", Kind::power},
}};

double eigenvalue(Kind kind, double parameter, std::size_t i, std::size_t d) {
  const auto index = static_cast<double>(i);
  const auto count = static_cast<double>(d);
  switch (kind) {
    case Kind::identity:
      return 1;
    case Kind::twopoint:
      return i < d / 2 ? parameter : 1;
    case Kind::geometric:
      return std::pow(parameter, -(index + 0.5) / count);
    case Kind::power:
      return std::pow(index + 1, -parameter);
  }
  return 0;
}

/// Whether all are positive numbers that a double holds with all its digits.
bool are_normal_and_positive(std::span<const double> x) {
  for (const double v : x) {
    if (!std::isnormal(v) || v < 0) return false;
  }
  return true;
}

}  // namespace

Spectrum::Spectrum(Kind kind, double parameter) : kind_(kind), parameter_(parameter) {
  const bool is_ratio = kind == Kind::twopoint || kind == Kind::geometric;
  if (!std::isfinite(parameter) || (is_ratio && parameter <= 0)) {
    throw UsageError(
        fmt::format("no spectrum has the {} {}", is_ratio ? "ratio" : "exponent", parameter),
        is_ratio ? "it is the largest eigenvalue over the smallest"
                 : "eigenvalues fall as its power",
        is_ratio ? "give a positive number" : "give a finite number");
  }
}

Spectrum Spectrum::named(std::string_view kind, double parameter) {
  std::vector<std::string> names;
  for (const auto& [name, value] : kinds) {
    if (name == kind) return Spectrum(value, parameter);
    names.emplace_back(name);
  }
  const std::string meant = nearest(kind, names);
  throw UsageError(fmt::format("there is no spectrum '{}'", kind),
                   fmt::format("there are {}", fmt::join(names, ", ")),
                   meant.empty() ? "" : fmt::format("did you mean '{}'?", meant));
}

void Spectrum::fill(std::span<double> x) const {
  double sum = 0;
  for (std::size_t i = 0; i < x.size(); ++i)
    sum += x[i] = eigenvalue(kind_, parameter_, i, x.size());
  for (double& v : x) v *= static_cast<double>(x.size()) / sum;
  if (!are_normal_and_positive(x)) {
    throw UsageError(
        fmt::format("{} eigenvalues of this spectrum leave the range of numbers", x.size()),
        fmt::format("its parameter is {}", parameter_), "choose one nearer to 1");
  }
}

void fill_aligned(std::span<const double> features, double r, std::span<double> prior) {
  double sum = 0;
  for (std::size_t i = 0; i < features.size(); ++i) {
    prior[i] = std::pow(features[i], r);
    sum += prior[i] * features[i];
  }
  for (double& v : prior) v *= static_cast<double>(prior.size()) / sum;
  if (!are_normal_and_positive(prior)) {
    throw UsageError(fmt::format("an alignment of {} leaves the range of numbers", r), "",
                     "choose one nearer to 0");
  }
}

}  // namespace driftwood::natgrad
