// SPDX-License-Identifier: BSD-3-Clause
#include "mcmc/chart_inverse.hpp"

#include <cmath>

namespace driftwood::mcmc {

std::vector<Segment> segments_of(const Chart& chart) {
  std::vector<Segment> out(static_cast<std::size_t>(chart.count));
  const Kokkos::View<const Segment*, Memory, Kokkos::MemoryTraits<Kokkos::Unmanaged>> there(
      chart.segments, out.size());
  const Kokkos::View<Segment*, Kokkos::HostSpace, Kokkos::MemoryTraits<Kokkos::Unmanaged>> here(
      out.data(), out.size());
  Kokkos::deep_copy(here, there);
  return out;
}

std::vector<double> coordinates_of(std::span<const Segment> segments,
                                   std::span<const double> theta) {
  if (segments.empty()) return {theta.begin(), theta.end()};
  std::vector<double> x;
  for (const Segment& s : segments) {
    const auto from = theta.subspan(static_cast<std::size_t>(s.first_theta));
    x.resize(static_cast<std::size_t>(s.first_x + s.count));
    double* const to = &x[static_cast<std::size_t>(s.first_x)];
    double left = 1;  // of what fractions share
    for (std::size_t i = 0; i < static_cast<std::size_t>(s.count); ++i) {
      const double t = from[i];
      switch (s.kind) {
        case Segment::Kind::real:
          to[i] = (t - s.centre) / s.unit;
          break;
        case Segment::Kind::above:
          to[i] = std::log((t - s.low) / s.unit);
          break;
        case Segment::Kind::below:
          to[i] = std::log((s.high - t) / s.unit);
          break;
        case Segment::Kind::interval:
          to[i] = std::log((t - s.low) / (s.high - t));
          break;
        case Segment::Kind::ordered:
          to[i] = i == 0 ? (t - s.centre) / s.unit : std::log((t - from[i - 1]) / s.unit);
          break;
        case Segment::Kind::fractions:
        case Segment::Kind::simplex:
          to[i] = std::log(t / (left - t));
          if (s.kind == Segment::Kind::simplex)
            to[i] += std::log(static_cast<double>(s.count) - static_cast<double>(i));
          left -= t;
          break;
        case Segment::Kind::shifted:
          to[i] = (t - theta[static_cast<std::size_t>(s.location)]) /
                  theta[static_cast<std::size_t>(s.scale)];
          break;
        case Segment::Kind::scaled:
          to[i] = t * std::exp(-0.5 * theta[static_cast<std::size_t>(s.first_theta - 1)]);
          break;
      }
    }
  }
  return x;
}

}  // namespace driftwood::mcmc
