// SPDX-License-Identifier: BSD-3-Clause
/// Names of results, as in layout.hpp: those of a model that is fitted. P parameters, M moments, I
/// iterations, N transitions, C components, T observations, Q quantiles.
#pragma once

#include <string_view>

namespace driftwood::io::layout::fit {

inline constexpr std::string_view parameter = "fit/parameter";  ///< (P) names, a dimension
inline constexpr std::string_view start = "fit/start";          ///< (P)
inline constexpr std::string_view estimate = "fit/estimate";    ///< (P)
inline constexpr std::string_view standard_error = "fit/standard_error";  ///< (P)
inline constexpr std::string_view lower = "fit/lower";                    ///< (P) of 95 % intervals
inline constexpr std::string_view upper = "fit/upper";                    ///< (P)
inline constexpr std::string_view covariance = "fit/covariance";          ///< (P, other parameter)
inline constexpr std::string_view other_parameter = "fit/other_parameter";  ///< (P) a dimension
inline constexpr std::string_view objective = "fit/objective";              ///< a number
inline constexpr std::string_view converged = "fit/converged";              ///< 1: yes
inline constexpr std::string_view last_step = "fit/last_step";  ///< what is left, standard errors

namespace trace {
inline constexpr std::string_view iteration = "fit/trace/iteration";    ///< (I) a dimension
inline constexpr std::string_view objective = "fit/trace/objective";    ///< (I)
inline constexpr std::string_view parameters = "fit/trace/parameters";  ///< (I, P)
inline constexpr std::string_view weighting =
    "fit/trace/weighting";                                          ///< (I) 0: diagonal, 1: optimal
inline constexpr std::string_view accepted = "fit/trace/accepted";  ///< (I) 1: yes
}  // namespace trace

namespace moments {
inline constexpr std::string_view name = "fit/moments/name";    ///< (M) a dimension
inline constexpr std::string_view data = "fit/moments/data";    ///< (M)
inline constexpr std::string_view model = "fit/moments/model";  ///< (M)
inline constexpr std::string_view standard_error =
    "fit/moments/standard_error";                       ///< (M) of the gap
inline constexpr std::string_view t = "fit/moments/t";  ///< (M) NaN: the fit closes the gap
}  // namespace moments

/// Where there are more moments than parameters.
namespace overidentification {
inline constexpr std::string_view statistic = "fit/overidentification/statistic";
inline constexpr std::string_view freedom = "fit/overidentification/freedom";
inline constexpr std::string_view p_value = "fit/overidentification/p_value";
}  // namespace overidentification

/// Of series.
namespace residuals {
inline constexpr std::string_view observation = "fit/residuals/observation";  ///< (N) a dimension
inline constexpr std::string_view value = "fit/residuals/value";              ///< (N, C)
inline constexpr std::string_view mean = "fit/residuals/mean";                ///< (N, C)
inline constexpr std::string_view sd = "fit/residuals/sd";                    ///< (N, C)
inline constexpr std::string_view beaten = "fit/residuals/beaten";            ///< (N, C)
inline constexpr std::string_view label = "fit/residuals/label";  ///< (N) dates, where there are
inline constexpr std::string_view test = "fit/residuals/test";    ///< (4) names, a dimension
inline constexpr std::string_view statistic = "fit/residuals/statistic";  ///< (4, C)
inline constexpr std::string_view p_value = "fit/residuals/p_value";      ///< (4, C)
}  // namespace residuals
namespace fan {
inline constexpr std::string_view time = "fit/fan/time";          ///< (T) a dimension
inline constexpr std::string_view data = "fit/fan/data";          ///< (T, C)
inline constexpr std::string_view value = "fit/fan/value";        ///< (T, Q, C)
inline constexpr std::string_view quantile = "fit/fan/quantile";  ///< (Q) a dimension
inline constexpr std::string_view label = "fit/fan/label";        ///< (T) dates, where there are
}  // namespace fan

// Attributes of `estimate`.
inline constexpr std::string_view method = "method";
inline constexpr std::string_view optimiser = "optimiser";
inline constexpr std::string_view transform = "transform";  ///< of the data
inline constexpr std::string_view interval = "interval";    ///< between observations

}  // namespace driftwood::io::layout::fit
