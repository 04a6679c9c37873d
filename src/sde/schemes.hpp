// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "base/type_list.hpp"
#include "sde/schemes/euler_heun.hpp"
#include "sde/schemes/euler_maruyama.hpp"
#include "sde/schemes/exact.hpp"
#include "sde/schemes/foster.hpp"
#include "sde/schemes/heun.hpp"
#include "sde/schemes/implicit_milstein.hpp"
#include "sde/schemes/midpoint.hpp"
#include "sde/schemes/milstein.hpp"
#include "sde/schemes/milstein_derivative_free.hpp"
#include "sde/schemes/reversible_heun.hpp"
#include "sde/schemes/split_step_backward_euler.hpp"
#include "sde/schemes/sra.hpp"
#include "sde/schemes/sri.hpp"
#include "sde/schemes/tamed_euler_maruyama.hpp"
#include "sde/schemes/theta_euler_maruyama.hpp"
#include "sde/schemes/weak_euler.hpp"
#include "sde/schemes/weak_runge_kutta.hpp"

namespace driftwood::sde {

/// Every scheme there is. A new one is a header and a line here.
using Schemes =
    TypeList<EulerMaruyama, TamedEulerMaruyama, Milstein, MilsteinDerivativeFree, EulerHeun, Heun,
             Midpoint, ReversibleHeun, Sra1, Sra2, Sra3, Sosra, Sriw1, Sriw2, Sosri, Sea, Shark,
             GeneralShark, Spark, SlowRk, ThetaEulerMaruyama, SplitStepBackwardEuler,
             ImplicitMilstein, WeakEuler, PlatenWeak2, Ri1, Dri1, Exact>;

}  // namespace driftwood::sde
