// SPDX-License-Identifier: BSD-3-Clause
/// Names of results, as in layout.hpp: those of the studies of natgrad_sweep that are no sweeps.
#pragma once

#include <string_view>

namespace driftwood::io::layout {

/// Of descents in a kernel's space: R sources, M methods, N numbers of rows, T steps from 0.
namespace rkhs {
inline constexpr std::string_view group = "rkhs";
inline constexpr std::string_view source = "rkhs/source";                   ///< (R), a dimension
inline constexpr std::string_view method = "rkhs/method";                   ///< (M) names, likewise
inline constexpr std::string_view n = "rkhs/n";                             ///< (N), likewise
inline constexpr std::string_view step = "rkhs/step";                       ///< (T), likewise
inline constexpr std::string_view alpha = "rkhs/alpha";                     ///< (R, N)
inline constexpr std::string_view risk = "rkhs/risk/mean";                  ///< (R, M, N, T)
inline constexpr std::string_view risk_error = "rkhs/risk/standard_error";  ///< (R, M, N, T)
inline constexpr std::string_view steps = "rkhs/steps";                     ///< (R, M, N)
inline constexpr std::string_view best_step = "rkhs/best/step";             ///< (R, M, N)
inline constexpr std::string_view best_risk = "rkhs/best/risk";             ///< (R, M, N)
inline constexpr std::string_view best_risk_error = "rkhs/best/standard_error";  ///< (R, M, N)
inline constexpr std::string_view step_slope = "rkhs/slope/steps";               ///< (R, M)
inline constexpr std::string_view step_slope_error = "rkhs/slope/steps_standard_error";
inline constexpr std::string_view risk_slope = "rkhs/slope/risk";  ///< (R, M)
inline constexpr std::string_view risk_slope_error = "rkhs/slope/risk_standard_error";
inline constexpr std::string_view step_exponent = "rkhs/theory/steps";             ///< (R)
inline constexpr std::string_view printed_exponent = "rkhs/theory/steps_printed";  ///< (R)
inline constexpr std::string_view risk_exponent = "rkhs/theory/risk";              ///< (R)
}  // namespace rkhs

/// Of kernel regression: L values of lambda, K targets, V rows that are tested.
namespace kernel {
inline constexpr std::string_view group = "kernel";
inline constexpr std::string_view lambda = "kernel/lambda";  ///< (L), a dimension
inline constexpr std::string_view target = "kernel/target";  ///< (K) names, likewise
inline constexpr std::string_view row = "kernel/row";        ///< (V) of the table, likewise
inline constexpr std::string_view length = "kernel/length";
inline constexpr std::string_view rows = "kernel/rows";
inline constexpr std::string_view left_out = "kernel/left_out";                        ///< (L, K)
inline constexpr std::string_view cross_validated = "kernel/cross_validated/value";    ///< (L, K)
inline constexpr std::string_view trace_error = "kernel/cross_validated/trace_error";  ///< (L)
inline constexpr std::string_view test = "kernel/test";                                ///< (L, K)
inline constexpr std::string_view train = "kernel/train";                              ///< (L, K)
inline constexpr std::string_view mean = "kernel/mean";                                ///< (K)
inline constexpr std::string_view variance = "kernel/variance";                        ///< (K)
inline constexpr std::string_view iterations = "kernel/iterations";                    ///< (L)
inline constexpr std::string_view best = "kernel/best";
inline constexpr std::string_view label = "kernel/label";            ///< (V, K)
inline constexpr std::string_view prediction = "kernel/prediction";  ///< (L, V, K)
}  // namespace kernel

/// Of studies of networks: P settings, R replicas, S steps at which training is looked at.
namespace network {
inline constexpr std::string_view point = "network/point";                     ///< (P), a dimension
inline constexpr std::string_view replica = "network/replica";                 ///< (R), a dimension
inline constexpr std::string_view step = "network/step";                       ///< (S), a dimension
inline constexpr std::string_view preconditioner = "network/preconditioner";   ///< (P)
inline constexpr std::string_view unlabelled = "network/unlabelled";           ///< (P)
inline constexpr std::string_view noise = "network/noise";                     ///< (P)
inline constexpr std::string_view risk_mean = "network/risk/mean";             ///< (P)
inline constexpr std::string_view risk_error = "network/risk/standard_error";  ///< (P)
inline constexpr std::string_view risk = "network/risk/value";                 ///< (R, P)
inline constexpr std::string_view difference_mean = "network/difference/mean";             ///< (P)
inline constexpr std::string_view difference_error = "network/difference/standard_error";  ///< (P)
inline constexpr std::string_view difference_half = "network/difference/half_width";       ///< (P)
inline constexpr std::string_view least_risk = "network/training/least_risk";    ///< (R, P)
inline constexpr std::string_view loss = "network/training/loss";                ///< (R, P)
inline constexpr std::string_view steps = "network/training/steps";              ///< (R, P)
inline constexpr std::string_view damping = "network/training/damping";          ///< (R, P)
inline constexpr std::string_view curve_mean = "network/curve/mean";             ///< (P, S)
inline constexpr std::string_view curve_error = "network/curve/standard_error";  ///< (P, S)
}  // namespace network

/// Of advice on a table of data: d eigenvalues; P predictions, A answers and L tests on labels,
/// each with a number that gives its dimension the name, and further vectors beside it.
namespace advice {
inline constexpr std::string_view group = "advice";
inline constexpr std::string_view eigenvalue = "advice/eigenvalue";  ///< their numbers
inline constexpr std::string_view population = "advice/population";  ///< (d) estimated
inline constexpr std::string_view sample = "advice/sample";          ///< (d) of the rows
inline constexpr std::string_view prediction = "advice/prediction/";
inline constexpr std::string_view answer = "advice/answer/";
inline constexpr std::string_view labels = "advice/labels/";
}  // namespace advice

}  // namespace driftwood::io::layout
