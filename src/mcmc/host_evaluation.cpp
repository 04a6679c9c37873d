// SPDX-License-Identifier: BSD-3-Clause
#include "mcmc/host_evaluation.hpp"

#include <algorithm>

namespace driftwood::mcmc {
namespace {

constexpr std::int64_t most_memory = std::int64_t{64} << 20;  ///< [bytes]

RowLayout layout_of(const Density& density) {
  RowLayout layout;
  layout.dim = density.dim();
  layout.theta = density.parameters();
  layout.vectors = Slot::own;
  layout.numbers = Number::own;
  return layout;
}

}  // namespace

HostEvaluation evaluate_at(const Density& density, std::span<const double> points) {
  const RowLayout layout = layout_of(density);
  const auto dim = static_cast<std::int64_t>(layout.dim);
  const std::int64_t count = static_cast<std::int64_t>(points.size()) / dim;
  const std::int64_t block_bytes =
      layout.rows() * block_chains * static_cast<std::int64_t>(sizeof(double));
  const std::int64_t blocks = std::clamp<std::int64_t>(most_memory / block_bytes, 1,
                                                       (count + block_chains - 1) / block_chains);
  constexpr std::int64_t width = width_of<Lane<double>>;
  const ChainRows rows("points", static_cast<std::size_t>(blocks),
                       static_cast<std::size_t>(layout.rows()), block_chains);
  const auto host = Kokkos::create_mirror_view(rows);
  HostEvaluation out;
  out.potentials.resize(static_cast<std::size_t>(count));
  out.gradients.resize(points.size());
  for (std::int64_t first = 0; first < count; first += blocks * block_chains) {
    const std::int64_t now = std::min(blocks * block_chains, count - first);
    const auto entry = [&](std::int64_t p, int row) -> double& {
      return host(p / block_chains, row, p % block_chains);
    };
    const std::int64_t lanes = (now + width - 1) / width;
    for (std::int64_t p = 0; p < lanes * width; ++p) {  // what pads the last lane is the last point
      const double* const x =
          &points[static_cast<std::size_t>((first + std::min(p, now - 1)) * dim)];
      for (int i = 0; i < layout.dim; ++i) entry(p, layout.vector(Slot::position) + i) = x[i];
    }
    Kokkos::deep_copy(rows, host);
    Evaluation what{rows, layout};
    what.lanes = lanes;
    density.evaluate(what);
    Kokkos::deep_copy(host, rows);
    for (std::int64_t p = 0; p < now; ++p) {
      out.potentials[static_cast<std::size_t>(first + p)] =
          entry(p, layout.number(Number::potential));
      double* const g = &out.gradients[static_cast<std::size_t>((first + p) * dim)];
      for (int i = 0; i < layout.dim; ++i) g[i] = entry(p, layout.vector(Slot::gradient) + i);
    }
  }
  return out;
}

}  // namespace driftwood::mcmc
