// SPDX-License-Identifier: BSD-3-Clause
#include "sde/launch/fill_states.hpp"

#include "random/normal.hpp"

namespace driftwood::sde {
namespace {

/// One draw of one path. In single precision too: a start costs no more than a step.
KOKKOS_FUNCTION double drawn(const StartLaw& law, const random::Stream& stream,
                             std::uint64_t path) {
  using Kind = deck::Distribution::Kind;
  const random::Ids<double> id{path};
  if (law.kind == Kind::constant) return law.first;
  if (law.kind == Kind::uniform) {
    const double u = random::uniform(stream.words<double>(id, 0).word[0]);
    return fma(law.second - law.first, u, law.first);
  }
  const double z = random::normals<double>(stream, id, 0, 1.0).z[0];
  const double normal = fma(law.second, z, law.first);
  return law.kind == Kind::normal ? normal : math::exp(normal);
}

template <class T>
struct FillStates {
  StartLaws laws;
  std::uint64_t seed;
  random::Purpose purpose;
  std::uint64_t first;
  States<T> states;

  KOKKOS_FUNCTION void operator()(std::int64_t p) const {
    const std::size_t components = laws.extent(0);
    for (std::size_t i = 0; i < components; ++i) {
      const random::Stream stream(seed, purpose, laws(i).component);
      const double x = drawn(laws(i), stream, first + static_cast<std::uint64_t>(p));
      for (std::size_t row = i; row < states.extent(0); row += components) {
        states(row, p) = static_cast<T>(x);
      }
    }
  }
};

template <class Make>
StartLaws uploaded(std::size_t count, const Make& make) {
  const StartLaws laws("laws", count);
  const auto host = Kokkos::create_mirror_view(laws);
  for (std::size_t i = 0; i < count; ++i) host(i) = make(i);
  Kokkos::deep_copy(laws, host);
  return laws;
}

}  // namespace

StartLaws upload(const InitialState& initial) {
  return uploaded(initial.size(), [&](std::size_t i) {
    return StartLaw{initial[i].kind, initial[i].first, initial[i].second, static_cast<int>(i)};
  });
}

StartLaws upload(const DrawnParameters& parameters) {
  return uploaded(parameters.size(), [&](std::size_t i) {
    const deck::Distribution& law = parameters[i].law;
    return StartLaw{law.kind, law.first, law.second, parameters[i].index};
  });
}

template <class T>
void fill_states(const States<T>& states, const StartLaws& laws, std::uint64_t seed,
                 random::Purpose purpose, std::uint64_t first, std::int64_t count) {
  Kokkos::parallel_for("sde::start", Kokkos::RangePolicy<Exec>(0, count),
                       FillStates<T>{laws, seed, purpose, first, states});
}
template void fill_states(const States<double>&, const StartLaws&, std::uint64_t, random::Purpose,
                          std::uint64_t, std::int64_t);
template void fill_states(const States<float>&, const StartLaws&, std::uint64_t, random::Purpose,
                          std::uint64_t, std::int64_t);

}  // namespace driftwood::sde
