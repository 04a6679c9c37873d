// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>
#include <vector>

namespace driftwood::mcmc {

/// Inverse temperatures of so many rungs, from 1 to 0, closer together towards 0, where laws change
/// fastest: ((K - 1 - k) / (K - 1))^3.
[[nodiscard]] std::vector<double> first_ladder(int rungs);

/// A ladder between whose rungs swaps are refused equally often, judged by how often they are
/// between those of now. The sum of rejections up to an inverse temperature is taken to be linear
/// between rungs; Syed, Bouchard-Cote, Deligiannidis and Doucet (2022), "Non-reversible parallel
/// tempering: a scalable highly parallel MCMC scheme", section 5.1, take a monotone cubic:
/// repeated, both end at the same ladder.
[[nodiscard]] std::vector<double> equalised(const std::vector<double>& beta,
                                            const std::vector<double>& rejection);

/// Values at the rungs of another ladder, linear in between.
[[nodiscard]] std::vector<double> carried_over(const std::vector<double>& beta,
                                               const std::vector<double>& values,
                                               const std::vector<double>& other_beta);

/// After which of so many rounds of a warm-up the ladder is set anew, from the swaps since the time
/// before: four fifths of them, and halves of that down to 4.
[[nodiscard]] std::vector<std::int64_t> ladder_windows(std::int64_t rounds);

/// The integral over the inverse temperature from 0 to 1 of values at the rungs, trapezoidal.
[[nodiscard]] double integral_over_ladder(const std::vector<double>& beta,
                                          const std::vector<double>& values);

}  // namespace driftwood::mcmc
