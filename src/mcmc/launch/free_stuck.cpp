// SPDX-License-Identifier: BSD-3-Clause
#include "mcmc/launch/free_stuck.hpp"

#include <algorithm>
#include <cmath>
#include <utility>
#include <vector>

namespace driftwood::mcmc {
namespace {

/// Below this probability of acceptance a chain counts as stuck.
constexpr double least_acceptance = 1e-3;
constexpr int most_steps = 20;
constexpr std::uint64_t tries = 3;

/// What is kept of a chain beside its rows: the lowest place found, the gradient there, and
/// numbers.
struct KeptLayout {
  int dim;

  enum Number : int { potential, length, is_stuck, numbers };

  [[nodiscard]] KOKKOS_FORCEINLINE_FUNCTION int gradient() const { return dim; }
  [[nodiscard]] KOKKOS_FORCEINLINE_FUNCTION int number(int k) const { return 2 * dim + k; }
  [[nodiscard]] KOKKOS_FORCEINLINE_FUNCTION int rows() const { return 2 * dim + numbers; }
};

/// The stuck chains of one block, one for each work item.
struct Stuck {
  ChainRows rows;
  RowLayout layout;
  std::int64_t block;
  ChainRows kept;  // (1, row, chain)
  KeptLayout at;

  [[nodiscard]] KOKKOS_FORCEINLINE_FUNCTION double& position(int i, std::int64_t chain) const {
    return rows(block, layout.vector(Slot::position) + i, chain);
  }
  [[nodiscard]] KOKKOS_FORCEINLINE_FUNCTION double& gradient(int i, std::int64_t chain) const {
    return rows(block, layout.vector(Slot::gradient) + i, chain);
  }
  [[nodiscard]] KOKKOS_FORCEINLINE_FUNCTION double& number(int k, std::int64_t chain) const {
    return kept(0, at.number(k), chain);
  }
  [[nodiscard]] KOKKOS_FORCEINLINE_FUNCTION bool is_stuck(std::int64_t chain) const {
    return number(KeptLayout::is_stuck, chain) != 0;
  }
};

/// Takes the next step down, of the length that is kept.
struct Descend {
  Stuck of;

  KOKKOS_FUNCTION void operator()(std::int64_t chain) const {
    if (!of.is_stuck(chain)) return;
    double square = 0;
    for (int i = 0; i < of.at.dim; ++i) {
      const double g = of.kept(0, of.at.gradient() + i, chain);
      square += g * g;
    }
    if (!(square > 0)) return;
    const double factor = of.number(KeptLayout::length, chain) / ::sqrt(square);
    for (int i = 0; i < of.at.dim; ++i) {
      of.position(i, chain) =
          of.kept(0, i, chain) - factor * of.kept(0, of.at.gradient() + i, chain);
    }
  }
};

/// Keeps where the target has been evaluated if it is lower, with a longer next step; else goes
/// back, with a shorter one.
struct Settle {
  Stuck of;

  KOKKOS_FUNCTION void operator()(std::int64_t chain) const {
    if (!of.is_stuck(chain)) return;
    double& potential = of.rows(of.block, of.layout.number(Number::potential), chain);
    double& lowest = of.number(KeptLayout::potential, chain);
    if (potential < lowest) {
      lowest = potential;
      of.number(KeptLayout::length, chain) *= 2;
      for (int i = 0; i < of.at.dim; ++i) {
        of.kept(0, i, chain) = of.position(i, chain);
        of.kept(0, of.at.gradient() + i, chain) = of.gradient(i, chain);
      }
      return;
    }
    potential = lowest;
    of.number(KeptLayout::length, chain) *= 0.25;
    for (int i = 0; i < of.at.dim; ++i) {
      of.position(i, chain) = of.kept(0, i, chain);
      of.gradient(i, chain) = of.kept(0, of.at.gradient() + i, chain);
    }
  }
};

template <class Kernel>
void launch(const char* label, std::int64_t chains, const Kernel& kernel) {
  Kokkos::parallel_for(label, Kokkos::RangePolicy<Exec>(0, chains), kernel);
}

/// Chains of block b of which a try is as good as refused.
std::vector<bool> stuck_of(Population& population, const Sampler& by, std::uint64_t step, double h,
                           std::int64_t b) {
  std::vector<bool> out;
  population.attempt({b, 1}, by, step, h, [&](const Population::BlockRange&) {
    for (const double p : population.numbers(Number::acceptance, b)) {
      out.push_back(!(p >= least_acceptance));
    }
  });
  return out;
}

/// Where the chains of the block are.
auto positions(const Stuck& of) {
  const int row = of.layout.vector(Slot::position);
  return Kokkos::subview(of.rows, std::pair(of.block, of.block + 1),
                         std::pair(row, row + of.at.dim), Kokkos::ALL);
}

/// Chains of a block on their way down.
class Descent {
 public:
  Descent(Population& population, std::int64_t b, const std::vector<bool>& are_stuck, double length)
      : population_(population),
        chains_(std::ssize(are_stuck)),
        of_{population.set().rows,
            population.set().layout,
            b,
            ChainRows("kept", 1, static_cast<std::size_t>(KeptLayout{population.dim()}.rows()),
                      block_chains),
            {population.dim()}},
        before_("before", 1, static_cast<std::size_t>(population.dim()), block_chains) {
    Kokkos::deep_copy(before_, positions(of_));
    set(KeptLayout::potential, std::vector<double>(are_stuck.size(), HUGE_VAL));
    set(KeptLayout::length, std::vector<double>(are_stuck.size(), length / 2));
    go_on(are_stuck);
    settle();
  }

  /// From now on these are the ones that are stuck.
  void go_on(const std::vector<bool>& are_stuck) {
    set(KeptLayout::is_stuck, {are_stuck.begin(), are_stuck.end()});
  }
  void step() {
    launch("mcmc::descend", chains_, Descend{of_});
    settle();
  }
  /// Puts those that are stuck where they were.
  void give_up(const std::vector<bool>& are_stuck) {
    const auto now = positions(of_);
    for (std::size_t c = 0; c < are_stuck.size(); ++c) {
      if (are_stuck[c]) {
        Kokkos::deep_copy(Kokkos::subview(now, 0, Kokkos::ALL, c),
                          Kokkos::subview(before_, 0, Kokkos::ALL, c));
      }
    }
  }

 private:
  void settle() {
    population_.apply({of_.block, 1}, [](Tile& tile) { tile.evaluate(); });
    launch("mcmc::settle", chains_, Settle{of_});
  }
  void set(int number, const std::vector<double>& values) {
    const auto row = Kokkos::subview(of_.kept, 0, of_.at.number(number), Kokkos::ALL);
    const auto host = Kokkos::create_mirror_view(row);
    std::copy(values.begin(), values.end(), host.data());
    Kokkos::deep_copy(row, host);
  }

  Population& population_;
  std::int64_t chains_;
  Stuck of_;
  ChainRows before_;  // (1, coordinate, chain)
};

}  // namespace

void free_stuck(Population& population, const Sampler& by, std::uint64_t step, double h) {
  const auto is_any = [](const std::vector<bool>& of) {
    return std::find(of.begin(), of.end(), true) != of.end();
  };
  for (std::int64_t b = 0; b < population.blocks().count(); ++b) {
    std::vector<bool> are_stuck(block_chains, true);
    // By several tries, whose noise has numbers of its own: one may be bad luck.
    for (std::uint64_t k = 0; k < tries && is_any(are_stuck); ++k) {
      const std::vector<bool> again = stuck_of(population, by, step | k << 60, h, b);
      are_stuck.resize(again.size());
      for (std::size_t c = 0; c < again.size(); ++c) are_stuck[c] = are_stuck[c] && again[c];
    }
    if (!is_any(are_stuck)) continue;
    Descent descent(population, b, are_stuck, std::sqrt(h * population.dim()));
    for (int k = 0; k < most_steps && is_any(are_stuck); ++k) {
      descent.step();
      are_stuck = stuck_of(population, by, step, h, b);
      descent.go_on(are_stuck);
    }
    descent.give_up(are_stuck);
    population.begin({b, 1});
  }
}

}  // namespace driftwood::mcmc
