// SPDX-License-Identifier: BSD-3-Clause
#include "sde/ensemble.hpp"

#include <algorithm>

#include "base/math.hpp"
#include "sde/launch/pairs.hpp"
#include "sde/payoff.hpp"

namespace driftwood::sde {
namespace {

using R = Lane<double>;
using Range = Kokkos::RangePolicy<Exec>;

/// Weight 1 for the first `paths` columns, 0 beyond.
struct FillWeights {
  Channels channels;
  std::int64_t row;
  std::int64_t paths;

  KOKKOS_FUNCTION void operator()(std::int64_t p) const {
    channels(row, p) = p < paths ? 1.0 : 0.0;
  }
};

/// Evaluates the formulas, and takes the weight from the paths of one lane whose components or
/// formulas are not finite.
struct Observe {
  Channels channels;
  std::int64_t components;
  std::int64_t inputs;  ///< components, and what is watched
  std::int64_t contracts;
  Kokkos::View<const PayoffKind*, Memory> kinds;
  Kokkos::View<const double**, Kokkos::LayoutRight, Memory> terms;
  double time;

  KOKKOS_FUNCTION void operator()(std::int64_t item) const {
    const std::int64_t p = item * width_of<R>;
    double* weights = &channels(channels.extent(0) - 1, p);
    R weight = load<R>(weights);
    for (std::int64_t i = 0; i < inputs; ++i) {
      weight = select(is_finite(load<R>(&channels(i, p))), weight, R(0));
    }
    for (std::int64_t c = 0; c < contracts; ++c) {
      R underlying(0);
      for (std::int64_t i = 0; i < components; ++i) {
        underlying = fma(R(terms(c, 2 + i)), load<R>(&channels(i, p)), underlying);
      }
      const R discount = math::exp(R(-terms(c, 1) * time));
      const R value = discount * payoff(kinds(c), underlying, R(terms(c, 0)));
      weight = select(is_finite(value), weight, R(0));
      store_lanes(&channels(inputs + c, p), value);
    }
    store_lanes(weights, weight);
  }
};

/// Evaluates formulas of the components for the paths of one lane, and takes the weight from those
/// where one is not finite.
struct ObserveFormulas {
  using R = WideLane<double>;

  Channels channels;
  std::int64_t inputs;
  std::int64_t first;  ///< channel of the first formula
  formula::Tape tape;
  Kokkos::View<const double*, Memory> parameters;
  double time;
  Kokkos::View<R**, Kokkos::LayoutRight, Memory> memory;
  Kokkos::Experimental::UniqueToken<Exec> tokens;

  /// Lanes that a work item takes.
  static std::int64_t lanes(const formula::Tape& tape) {
    return std::max(tape.varying + tape.path_values + tape.registers, 1);
  }

  KOKKOS_FUNCTION void operator()(std::int64_t item) const {
    const auto token = tokens.acquire();
    const std::int64_t p = item * width_of<R>;
    R* const x = &memory(token, 0);
    R* const path = x + inputs;
    for (std::int64_t i = 0; i < inputs; ++i) x[i] = load<R>(&channels(i, p));
    for (int j = 0; j < tape.fixed; ++j) path[j] = R(parameters(j));
    formula::begin_path(tape, path);
    const formula::Banks<R> banks{path + tape.path_values, x, path};
    formula::evaluate(tape, time, banks);
    double* weights = &channels(channels.extent(0) - 1, p);
    R weight = load<R>(weights);
    for (int f = 0; f < tape.outputs; ++f) {
      const R& value = formula::output(tape, banks, f);
      weight = select(is_finite(value), weight, R(0));
      store_lanes(&channels(first + f, p), value);
    }
    store_lanes(weights, weight);
    tokens.release(token);
  }
};

}  // namespace

std::optional<std::int64_t> first_nonfinite_step(Propagator& propagator, std::int64_t components,
                                                 std::uint64_t path, std::int64_t last) {
  const Channels state("state", static_cast<std::size_t>(components), path_padding);
  const auto host = Kokkos::create_mirror_view(state);
  propagator.start({path, 1});
  for (std::int64_t n = 0; n < last; ++n) {
    propagator.advance({n, n + 1});
    propagator.read(state);
    Kokkos::deep_copy(host, state);
    for (std::int64_t i = 0; i < components; ++i) {
      if (!is_finite(host(i, 0))) return n + 1;
    }
  }
  return std::nullopt;
}

void fill_weights(const Channels& channels, std::int64_t paths, std::int64_t columns) {
  const auto row = static_cast<std::int64_t>(channels.extent(0)) - 1;
  Kokkos::parallel_for("sde::fill_weights", Range(0, columns), FillWeights{channels, row, paths});
}

std::vector<Wave> waves(std::int64_t first, std::int64_t last, std::int64_t most) {
  std::vector<Wave> out;
  for (; first < last; first += most) out.push_back({first, std::min(most, last - first)});
  return out;
}

Ensemble::Ensemble(std::unique_ptr<Propagator> propagator, const Contents& contents,
                   std::int64_t paths, std::int64_t most_blocks, bool antithetic)
    : propagator_(std::move(propagator)),
      components_(contents.components),
      watched_(contents.watched),
      total_paths_(paths),
      antithetic_(antithetic),
      channels_("channels",
                (static_cast<std::size_t>(contents.components + contents.watched) +
                 contents.contracts.size() + contents.formulas.program.outputs().size()) *
                        (antithetic ? 2 : 1) +
                    1,
                static_cast<std::size_t>(most_blocks * stats::block_paths)),
      host_(Kokkos::create_mirror_view(channels_)),
      kinds_("kinds", contents.contracts.size()),
      terms_("terms", contents.contracts.size(), static_cast<std::size_t>(components_) + 2),
      program_(contents.formulas.program),
      parameters_(on_device("parameters", contents.formulas.parameters)),
      banks_(Kokkos::view_alloc("banks", Kokkos::WithoutInitializing),
             static_cast<std::size_t>(tokens_.size()),
             static_cast<std::size_t>(ObserveFormulas::lanes(program_.tape()))) {
  const std::vector<Contract>& contracts = contents.contracts;
  const auto kinds = Kokkos::create_mirror_view(kinds_);
  const auto terms = Kokkos::create_mirror_view(terms_);
  for (std::size_t c = 0; c < contracts.size(); ++c) {
    kinds(c) = contracts[c].kind;
    terms(c, 0) = contracts[c].strike;
    terms(c, 1) = contracts[c].discount_rate;
    for (std::size_t i = 0; i < contracts[c].weights.size(); ++i) {
      terms(c, 2 + i) = contracts[c].weights[i];
    }
  }
  Kokkos::deep_copy(kinds_, kinds);
  Kokkos::deep_copy(terms_, terms);
}

std::int64_t Ensemble::blocks() const {
  return (paths_.count + stats::block_paths - 1) / stats::block_paths;
}

std::int64_t Ensemble::first_block() const {
  return static_cast<std::int64_t>(paths_.first) / stats::block_paths;
}

void Ensemble::start(const Wave& wave) {
  const std::int64_t first = wave.first * stats::block_paths;
  start_paths({static_cast<std::uint64_t>(first),
               std::min(wave.count * stats::block_paths, total_paths_ - first)});
}

void Ensemble::start_paths(const PathRange& paths) {
  paths_ = paths;
  propagator_->start(paths_);
  fill_weights(channels_, paths_.count, blocks() * stats::block_paths);
}

void Ensemble::save(stats::ByteWriter& out) const {
  out.put(paths_);
  propagator_->save(out);
  const auto weights = Kokkos::create_mirror_view_and_copy(
      Kokkos::HostSpace(),
      Kokkos::subview(channels_, static_cast<std::int64_t>(channels_.extent(0)) - 1, Kokkos::ALL));
  out.put_vector(
      std::vector<double>(weights.data(), weights.data() + blocks() * stats::block_paths));
}

void Ensemble::restore(stats::ByteReader& in) {
  start_paths(in.get<PathRange>());
  propagator_->restore(in);
  const auto saved = in.get_vector<double>();
  if (static_cast<std::int64_t>(saved.size()) != blocks() * stats::block_paths) {
    throw Error("saved weights have another shape", "they are of another build or deck");
  }
  const auto weights =
      Kokkos::subview(channels_, static_cast<std::int64_t>(channels_.extent(0)) - 1, Kokkos::ALL);
  const auto host = Kokkos::create_mirror_view_and_copy(Kokkos::HostSpace(), weights);
  std::copy(saved.begin(), saved.end(), host.data());
  Kokkos::deep_copy(weights, host);
}

void Ensemble::observe(double time) {
  propagator_->read(channels_);
  const auto contracts = static_cast<std::int64_t>(kinds_.extent(0));
  const std::int64_t inputs = components_ + watched_;
  const std::int64_t columns = blocks() * stats::block_paths;
  Kokkos::parallel_for("sde::observe", Range(0, columns / width_of<R>),
                       Observe{channels_, components_, inputs, contracts, kinds_, terms_, time});
  const formula::Tape& tape = program_.tape();
  if (tape.outputs > 0) {
    Kokkos::parallel_for("sde::observe_formulas", Range(0, columns / width_of<WideLane<double>>),
                         ObserveFormulas{channels_, inputs, inputs + contracts, tape, parameters_,
                                         time, banks_, tokens_});
  }
  if (!antithetic_) return;
  add_means_of_pairs(channels_, inputs + contracts + tape.outputs, columns);
}

void Ensemble::fetch() {
  Kokkos::deep_copy(host_, channels_);
  Kokkos::fence();
  const std::int64_t row = static_cast<std::int64_t>(host_.extent(0)) - 1;
  counts_.resize(static_cast<std::size_t>(paths_.count));
  for (std::size_t p = 0; p < counts_.size(); ++p) counts_[p] = host_(row, p) == 1.0;
}

std::span<const double> Ensemble::values(std::int64_t channel) const {
  return {&host_(channel, 0), static_cast<std::size_t>(paths_.count)};
}

}  // namespace driftwood::sde
