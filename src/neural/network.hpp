// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// Multilayer perceptrons and their vector-Jacobian products for groups of paths, as kernels of a
/// team of threads: on a host, where lanes are paths, one thread; on a device a path for each
/// thread, and then a tile of weights. Griewank and Walther (2008), chapter 4.

#include "neural/activation.hpp"
#include "neural/products.hpp"

namespace driftwood::neural {

/// A network's parameters are someone else's: parameter_count(shape) numbers, see shape.hpp.
template <class T>
struct Network {
  Shape shape;
  const T* parameter;
};

/// Whether slopes of an activation are kept.
[[nodiscard]] constexpr bool has_slope(Activation activation) {
  return activation != Activation::identity;
}

/// Numbers per path that `evaluate` keeps for `pull_back`: of hidden layers values and slopes, of
/// the last one slopes.
template <class T>
[[nodiscard]] constexpr int kept_values(const Shape& shape) {
  return shape.depth * shape.width * (has_slope(shape.hidden) ? 2 : 1) +
         (has_slope(shape.output) ? shape.outputs : 0);
}
/// Numbers per path that either of them works with.
template <class T>
[[nodiscard]] constexpr int scratch_values(const Shape& shape) {
  const int forwards = shape.inputs + 2 * shape.width;
  const int backwards = shape.depth * shape.width + shape.outputs;
  return forwards > backwards ? forwards : backwards;
}

/// Where things lie in what is kept.
template <class R>
struct Kept {
  static constexpr int paths = group_paths;

  KOKKOS_FORCEINLINE_FUNCTION static int values(const Shape& shape, int l) {
    return l * shape.width * (has_slope(shape.hidden) ? 2 : 1) * paths;
  }
  KOKKOS_FORCEINLINE_FUNCTION static int slopes(const Shape& shape, int l) {
    return values(shape, l) + (l == shape.depth ? 0 : shape.width * paths);
  }
};

/// Turns sums of a layer in `rows` rows, `stride` apart, into values of its activation, and writes
/// its slopes unless there is nowhere to.
template <class R, class T>
KOKKOS_FUNCTION void activate_rows(Activation activation, int rows, T* sums, int stride,
                                   T* slopes) {
  using L = typename TwiceOf<R>::type;
  constexpr int width = width_of<L>;
  with_constant(activation, [&](auto a) {
    if constexpr (has_slope(a())) {
      for (int r = 0; r < rows; ++r) {
        for (int path = 0; path < Items<R>::paths; path += width) {
          T* const at = sums + r * stride + path;
          L value;
          L slope;
          activate<a()>(load<L>(at), value, slope);
          store_lanes(at, value);
          if (slopes != nullptr) store_lanes(slopes + r * Items<R>::stride + path, slope);
        }
      }
    }
  });
}

/// The inputs of an item as an array of this layer's own.
template <class R, class T>
KOKKOS_FORCEINLINE_FUNCTION const T* packed(const T* in, int inputs, T* to) {
  if constexpr (Items<R>::per_path) {
    return in;
  } else {
    for (int i = 0; i < inputs; ++i) {
      for (int path = 0; path < Items<R>::paths; path += width_of<R>) {
        store_lanes(to + i * Items<R>::stride + path, load<R>(in + i * group_paths + path));
      }
    }
    return to;
  }
}

/// `evaluate` for one item of the group.
template <class R, class T>
KOKKOS_FUNCTION void evaluate_item(const Network<T> network, T time, const T* in, T* out, T* kept,
                                   int item, T* scratch, int slot) {
  using I = Items<R>;
  const Shape shape = network.shape;
  const T* from =
      packed<R>(in + item * I::paths, shape.inputs, scratch + I::begin(slot, shape.inputs));
  T* const hidden = scratch + shape.inputs * group_paths;
  for (int l = 0; l < layers(shape); ++l) {
    const int rows = layer_outputs(shape, l);
    const int inputs = layer_inputs(shape, l);
    const int columns = layer_columns(shape, l);
    const Activation activation = layer_activation(shape, l);
    T* to = out + item * I::paths;
    int stride = group_paths;
    if (l < shape.depth) {
      stride = I::stride;
      to = kept != nullptr ? kept + Kept<R>::values(shape, l) + I::begin(item, rows)
                           : hidden + (l % 2) * rows * group_paths + I::begin(slot, rows);
    }
    T* const slopes =
        kept != nullptr ? kept + Kept<R>::slopes(shape, l) + I::begin(item, rows) : nullptr;
    const T* const weights = network.parameter + weights_begin(shape, l);
    const T* const biases = network.parameter + biases_begin(shape, l);
    multiply<R>(
        Weights<T, false>{weights, columns, rows, inputs}, from,
        [=](int r) {
          return columns > inputs ? fma(weights[r * columns + inputs], time, biases[r]) : biases[r];
        },
        [=](int r, int path, const R& sum) { store_lanes(to + r * stride + path, sum); },
        [=](int first, int count) {
          activate_rows<R>(activation, count, to + first * stride, stride,
                           slopes != nullptr ? slopes + first * I::stride : nullptr);
        });
    from = to;
  }
}

/// The cotangents of the sums of all layers, for one item, and what they add to those of the
/// inputs. Those of layer l are at `delta` + l width group_paths.
template <class R, class T>
KOKKOS_FUNCTION void pull_back_item(const Network<T> network, const T* kept, const T* out_bar,
                                    T* in_bar, int item, T* delta) {
  using I = Items<R>;
  const Shape shape = network.shape;
  const auto place = [=](int l) {
    return l * shape.width * group_paths + I::begin(item, layer_outputs(shape, l));
  };
  const auto slopes_of = [=](int l) -> const T* {
    if (!has_slope(layer_activation(shape, l))) return nullptr;
    return kept + Kept<R>::slopes(shape, l) + I::begin(item, layer_outputs(shape, l));
  };
  const T* const last_slopes = slopes_of(shape.depth);
  T* const last = delta + place(shape.depth);
  for (int r = 0; r < shape.outputs; ++r) {
    for (int path = 0; path < I::paths; path += width_of<R>) {
      R bar = load<R>(out_bar + r * group_paths + item * I::paths + path);
      const int at = r * I::stride + path;
      if (last_slopes != nullptr) bar = bar * load<R>(last_slopes + at);
      store_lanes(last + at, bar);
    }
  }
  const auto zero = [](int) { return T(0); };
  const auto done = [](int, int) {};
  for (int l = shape.depth; l >= 0; --l) {
    const Weights<T, true> weights{network.parameter + weights_begin(shape, l),
                                   layer_columns(shape, l), layer_inputs(shape, l),
                                   layer_outputs(shape, l)};
    const T* const from = delta + place(l);
    if (l == 0) {
      T* const to = in_bar + item * I::paths;
      multiply<R>(
          weights, from, zero,
          [=](int r, int path, const R& sum) {
            T* const at = to + r * group_paths + path;
            store_lanes(at, load<R>(at) + sum);
          },
          done);
      return;
    }
    T* const to = delta + place(l - 1);
    const T* const slopes = slopes_of(l - 1);
    multiply<R>(
        weights, from, zero,
        [=](int r, int path, const R& sum) {
          const int at = r * I::stride + path;
          store_lanes(to + at, slopes != nullptr ? sum * load<R>(slopes + at) : sum);
        },
        done);
  }
}

/// `evaluate` on lanes R, which are all paths of an item or one path.
template <class R, class Member, class T>
KOKKOS_FUNCTION void evaluate_on(const Member& team, const Network<T>& network, T time, const T* in,
                                 T* out, T* kept, T* scratch) {
  for (int item = team.team_rank(); item < Items<R>::count; item += team.team_size()) {
    // An item's scratch is used again by the next of the same thread: on a host it stays in cache.
    const int slot = Items<R>::per_path ? item : team.team_rank();
    evaluate_item<R>(network, time, in, out, kept, item, scratch, slot);
  }
}

template <class R, class Member, class T>
KOKKOS_FUNCTION void pull_back_on(const Member& team, const Network<T>& network, T time,
                                  const T* in, const T* kept, const T* out_bar, T* in_bar,
                                  double* gradient, T* scratch) {
  const Shape& shape = network.shape;
  for (int item = team.team_rank(); item < Items<R>::count; item += team.team_size()) {
    pull_back_item<R>(network, kept, out_bar, in_bar, item, scratch);
  }
  team.team_barrier();
  if (gradient == nullptr) return;
  for (int l = 0; l < layers(shape); ++l) {
    const int outputs = layer_outputs(shape, l);
    const auto delta =
        Rows<const T>::template own<R>(scratch + l * shape.width * group_paths, outputs);
    const auto from =
        l == 0 ? Rows<const T>::template of_caller<R>(in)
               : Rows<const T>::template own<R>(kept + Kept<R>::values(shape, l - 1), shape.width);
    add_gradient<R>(team, delta, from, outputs, layer_inputs(shape, l), layer_columns(shape, l),
                    time, gradient + weights_begin(shape, l));
  }
  team.team_barrier();  // before the scratch is used again
}

/// What the network makes of a group at a time that its paths share. `in` (inputs x group_paths)
/// and `out` (outputs x group_paths) have the paths of a row side by side. `kept`: null, or
/// kept_values(shape) x group_paths numbers for `pull_back`. `scratch`: scratch_values(shape) x
/// group_paths numbers, which nothing remains in. A path's results do not depend on other paths.
///
/// Each thread writes what belongs to paths of its own only, the same ones in all calls; before
/// others read it, call for a barrier.
template <class Member, class T>
KOKKOS_FUNCTION void evaluate(const Member& team, const Network<T>& network, T time, const T* in,
                              T* out, T* kept, T* scratch) {
  evaluate_on<NarrowLane<T>>(team, network, time, in, out, kept, scratch);
}

/// The vector-Jacobian product of what `evaluate` computed and kept. From the cotangents `out_bar`
/// of its results (outputs x group_paths) those of the inputs are added to `in_bar` (inputs x
/// group_paths), and those of the parameters, summed over the group, to `gradient`
/// (parameter_count(shape)), unless that is null. All threads of the team must call it; it ends
/// with a barrier.
template <class Member, class T>
KOKKOS_FUNCTION void pull_back(const Member& team, const Network<T>& network, T time, const T* in,
                               const T* kept, const T* out_bar, T* in_bar, double* gradient,
                               T* scratch) {
  pull_back_on<NarrowLane<T>>(team, network, time, in, kept, out_bar, in_bar, gradient, scratch);
}

}  // namespace driftwood::neural
