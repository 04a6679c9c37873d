// SPDX-License-Identifier: BSD-3-Clause
#include "sde/gradient/scheme_programs.hpp"

#include "sde/gradient/taped_field.hpp"
#include "sde/schemes.hpp"

namespace driftwood::sde {
namespace {

/// Schemes of which a step is the same list of operations for every path.
template <class S>
constexpr bool is_traceable = !UsesTransition<S> && drift_rule_of<S>() != DriftRule::implicit;

template <class S, Noise kind>
SchemeProgram program_of(const FieldPrograms& field, double h) {
  using F = TapedField<S::calculus, kind>;
  return {CarriesState<S> ? 2 : 1, S::increments(kind),
          record(field.parameters, [&](Inputs& inputs, Arena& arena) {
            const Block<Symbol> parameter = parameters_of(inputs, arena, field.parameters);
            const F taped{field.dim, field.noise_dim, field.drift.tape(), field.diffusion.tape(),
                          parameter.data};
            return traced_step<S>(taped, h, inputs, arena);
          })};
}

template <Noise kind>
std::optional<SchemeProgram> program_for(const FieldPrograms& field, const std::string& scheme,
                                         double h) {
  std::optional<SchemeProgram> out;
  for_each_type(Schemes{}, [&]<class S>(TypeTag<S>) {
    if constexpr (is_traceable<S>) {
      if constexpr (S::weak_order(kind) > 0) {
        if (scheme == S::name) out = program_of<S, kind>(field, h);
      }
    }
  });
  return out;
}

}  // namespace

std::optional<SchemeProgram> scheme_program(const FieldPrograms& field, const std::string& scheme,
                                            double h) {
  switch (field.noise) {
    case Noise::additive:
      return program_for<Noise::additive>(field, scheme, h);
    case Noise::scalar:
      return program_for<Noise::scalar>(field, scheme, h);
    case Noise::diagonal:
      return program_for<Noise::diagonal>(field, scheme, h);
    case Noise::commutative:
      return program_for<Noise::commutative>(field, scheme, h);
    case Noise::general:
      break;
  }
  return program_for<Noise::general>(field, scheme, h);
}

}  // namespace driftwood::sde
