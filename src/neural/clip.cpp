// SPDX-License-Identifier: BSD-3-Clause
#include "neural/clip.hpp"

#include <algorithm>

namespace driftwood::neural {

void clip_weights(const Shape& shape, ClipNorm norm, std::span<double> parameters) {
  for (int l = 0; l < layers(shape); ++l) {
    const int columns = layer_columns(shape, l);
    const int outputs = layer_outputs(shape, l);
    const double bound = 1.0 / (norm == ClipNorm::largest ? columns : outputs);
    const auto weights = parameters.subspan(static_cast<std::size_t>(weights_begin(shape, l)),
                                            static_cast<std::size_t>(columns * outputs));
    for (double& w : weights) w = std::clamp(w, -bound, bound);
  }
}

}  // namespace driftwood::neural
