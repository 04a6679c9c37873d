// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "io/json.hpp"
#include "mcmc/density.hpp"
#include "mcmc/parameter.hpp"

namespace driftwood::mcmc::posteriordb {

/// A model with its data.
struct Posterior {
  std::vector<Parameter> parameters;
  std::function<std::unique_ptr<Density>()> density;
};

// Each reads the data of its model. They throw `UsageError` for a field that is wrong.
[[nodiscard]] Posterior eight_schools(const io::JsonObject& data);
[[nodiscard]] Posterior kidscore_momiq(const io::JsonObject& data);
[[nodiscard]] Posterior kidscore_interaction(const io::JsonObject& data);
[[nodiscard]] Posterior ar_k(const io::JsonObject& data);
[[nodiscard]] Posterior logearn_height(const io::JsonObject& data);
[[nodiscard]] Posterior logmesquite_logvolume(const io::JsonObject& data);
[[nodiscard]] Posterior blr(const io::JsonObject& data);
[[nodiscard]] Posterior nes(const io::JsonObject& data);
[[nodiscard]] Posterior garch11(const io::JsonObject& data);
[[nodiscard]] Posterior gauss_mix(const io::JsonObject& data);
[[nodiscard]] Posterior lotka_volterra(const io::JsonObject& data);
[[nodiscard]] Posterior gp_regr(const io::JsonObject& data);

}  // namespace driftwood::mcmc::posteriordb
