// SPDX-License-Identifier: BSD-3-Clause
#include "neural/initial.hpp"

#include <cmath>

#include "random/normal.hpp"

namespace driftwood::neural {

std::vector<double> initial_parameters(const Shape& shape, Initial law, std::uint64_t seed,
                                       int network) {
  const random::Stream stream(seed, random::Purpose::weight, network);
  std::vector<double> out;
  out.reserve(static_cast<std::size_t>(parameter_count(shape)));
  const auto add = [&](int count, double bound) {
    for (int i = 0; i < count; ++i) {
      const auto words = stream.words<double>({out.size()}, 0);
      out.push_back(bound * (2 * random::uniform(words.word[0]) - 1));
    }
  };
  for (int l = 0; l < layers(shape); ++l) {
    const int columns = layer_columns(shape, l);
    const int outputs = layer_outputs(shape, l);
    const double bound =
        std::sqrt(law == Initial::fan_in ? 1.0 / columns : 6.0 / (columns + outputs));
    add(outputs * columns, bound);
    add(outputs, law == Initial::fan_in ? bound : 0.0);
  }
  return out;
}

}  // namespace driftwood::neural
