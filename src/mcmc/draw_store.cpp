// SPDX-License-Identifier: BSD-3-Clause
#include "mcmc/draw_store.hpp"

#include <algorithm>
#include <cmath>

#include "base/error.hpp"

namespace driftwood::mcmc {

DrawStore::DrawStore(const Population& population, const Plan& plan)
    : plan_(plan),
      first_block_(population.blocks().first),
      per_block_(population.per_block()),
      chains_(population.results()),
      rows_(population.parameters() + extras + (plan.energy > 0 ? 1 : 0)),
      staging_("draws", 1, static_cast<std::size_t>(rows_), block_chains) {
  for (std::int64_t b = 0; b < population.blocks().count(); ++b) blocks_ += holds(b) ? 1 : 0;
  values_.resize(static_cast<std::size_t>(blocks_ * rows_ * per_block_ * plan.draws));
}

bool DrawStore::holds(std::int64_t b) const {
  const std::int64_t block = first_block_ + b;
  return block * per_block_ < plan_.end_chain && block % plan_.every_block == 0;
}

std::int64_t DrawStore::chains_of(std::int64_t b) const {
  if (!holds(b)) return 0;
  return std::min(
      {per_block_, chains_ - b * per_block_, plan_.end_chain - (first_block_ + b) * per_block_});
}

std::int64_t DrawStore::place_of(std::int64_t b) const {
  const auto before = [&](std::int64_t block) {
    return (block + plan_.every_block - 1) / plan_.every_block;
  };
  return before(first_block_ + b) - before(first_block_);
}

double* DrawStore::at(std::int64_t place, std::int64_t row, std::int64_t chain) {
  return values_.data() + ((place * rows_ + row) * per_block_ + chain) * plan_.draws;
}
const double* DrawStore::at(std::int64_t place, std::int64_t row, std::int64_t chain) const {
  return values_.data() + ((place * rows_ + row) * per_block_ + chain) * plan_.draws;
}

void DrawStore::look(const Population& population, const Population::BlockRange& blocks,
                     std::int64_t step) {
  if ((step + 1) % plan_.thin != 0) return;
  const std::int64_t draw = step / plan_.thin;
  if (draw >= plan_.draws) return;
  const int parameters = population.parameters();
  for (std::int64_t b = blocks.first; b < blocks.first + blocks.count; ++b) {
    if (!holds(b)) continue;
    population.read({b, 1}, staging_, 0);
    population.read_number(Number::potential, b, staging_, 0, parameters + log_density);
    population.read_number(Number::acceptance, b, staging_, 0, parameters + acceptance);
    if (plan_.energy > 0) {
      population.read_number(plan_.energy, b, staging_, 0, parameters + energy);
    }
    Kokkos::fence();
    const auto host = Kokkos::create_mirror_view_and_copy(Kokkos::HostSpace(), staging_);
    const std::int64_t place = place_of(b);
    for (std::int64_t row = 0; row < rows_; ++row) {
      const double sign = row == parameters + log_density ? -1 : 1;
      for (std::int64_t c = 0; c < per_block_; ++c)
        at(place, row, c)[draw] = sign * host(0, row, c);
    }
  }
}

void DrawStore::stand_for(std::int64_t first, std::int64_t last) {
  constexpr double golden = 0.6180339887498949;
  const std::int64_t lines = blocks_ * rows_ * per_block_;
  for (std::int64_t line = 0; line < lines; ++line) {
    for (std::int64_t draw = first; draw < last; ++draw) {
      const double turns = golden * static_cast<double>(line * plan_.draws + draw);
      values_[static_cast<std::size_t>(line * plan_.draws + draw)] = turns - std::floor(turns);
    }
  }
}

std::int64_t DrawStore::chains() const {
  std::int64_t out = 0;
  const std::int64_t blocks = (chains_ + per_block_ - 1) / per_block_;
  for (std::int64_t b = 0; b < blocks; ++b) {
    out += chains_of(b);
  }
  return out;
}

std::int64_t DrawStore::draws_after(std::int64_t steps) const {
  return std::min(steps / plan_.thin, plan_.draws);
}

std::vector<double> DrawStore::draws(std::int64_t row, std::int64_t count) const {
  std::vector<double> out;
  out.reserve(static_cast<std::size_t>(chains() * count));
  const std::int64_t blocks = (chains_ + per_block_ - 1) / per_block_;
  for (std::int64_t b = 0; b < blocks; ++b) {
    for (std::int64_t c = 0; c < chains_of(b); ++c) {
      const double* const from = at(place_of(b), row, c);
      out.insert(out.end(), from, from + count);
    }
  }
  return out;
}

void DrawStore::save(stats::ByteWriter& out, std::int64_t b, std::int64_t count) const {
  out.put(holds(b) ? count : std::int64_t{0});
  if (!holds(b)) return;
  for (std::int64_t row = 0; row < rows_; ++row) {
    for (std::int64_t c = 0; c < per_block_; ++c) {
      out.put_all(
          std::span<const double>(at(place_of(b), row, c), static_cast<std::size_t>(count)));
    }
  }
}

void DrawStore::restore(stats::ByteReader& in, std::int64_t b) {
  const auto count = in.get<std::int64_t>();
  if (count > plan_.draws || (count > 0 && !holds(b))) {
    throw Error("saved draws have another shape", "they are of another build or deck");
  }
  if (count == 0) return;
  for (std::int64_t row = 0; row < rows_; ++row) {
    for (std::int64_t c = 0; c < per_block_; ++c) {
      const auto draws = in.get_all<double>(static_cast<std::uint64_t>(count));
      std::copy(draws.begin(), draws.end(), at(place_of(b), row, c));
    }
  }
}

}  // namespace driftwood::mcmc
