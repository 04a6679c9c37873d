// SPDX-License-Identifier: BSD-3-Clause
#include "stats/autocovariance.hpp"

#include <fftw3.h>

#include <algorithm>
#include <limits>
#include <mutex>
#include <new>

#include "base/error.hpp"
#include "base/handle.hpp"

namespace driftwood::stats {
namespace {

std::mutex& planner() {
  static std::mutex mutex;
  return mutex;
}

struct PlanTraits {
  using type = fftw_plan;
  static type null() { return nullptr; }
  static void release(type plan) noexcept {
    const std::lock_guard lock(planner());
    fftw_destroy_plan(plan);
  }
};
using Plan = UniqueHandle<PlanTraits>;

struct BufferTraits {
  using type = double*;
  static type null() { return nullptr; }
  static void release(type buffer) noexcept { fftw_free(buffer); }
};
using Buffer = UniqueHandle<BufferTraits>;

Buffer allocate(std::size_t doubles) {
  Buffer buffer(fftw_alloc_real(doubles));
  if (!buffer) throw std::bad_alloc();
  return buffer;
}

/// The smallest even number of at least n without prime factors above 5.
std::size_t good_length(std::size_t n) {
  for (n += n % 2;; n += 2) {
    std::size_t rest = n;
    for (const std::size_t factor : {2, 3, 5}) {
      while (rest % factor == 0) rest /= factor;
    }
    if (rest == 1) return n;
  }
}

}  // namespace

/// A pair of plans between `length` real numbers and their spectrum, in buffers of their own.
class Autocovariance::Transform {
 public:
  explicit Transform(std::size_t draws)
      : draws_(draws),
        length_(good_length(2 * draws)),
        real_(allocate(length_)),
        spectrum_(allocate(2 * waves())) {
    auto* const complex = reinterpret_cast<fftw_complex*>(spectrum_.get());
    const auto length = static_cast<int>(length_);
    const std::lock_guard lock(planner());
    forward_ = Plan(fftw_plan_dft_r2c_1d(length, real_.get(), complex, FFTW_ESTIMATE));
    backward_ = Plan(fftw_plan_dft_c2r_1d(length, complex, real_.get(), FFTW_ESTIMATE));
    if (!forward_ || !backward_) throw Error("FFTW has no plan for a Fourier transform");
  }

  [[nodiscard]] std::size_t draws() const { return draws_; }
  [[nodiscard]] std::size_t waves() const { return length_ / 2 + 1; }

  /// Adds the squared moduli of the spectrum of a chain less its mean.
  void add_power(std::span<const double> chain, std::span<double> power) {
    // By distances from the first draw: of a large mean, rounding would remain.
    const double first = chain.front();
    double mean = 0;
    for (const double x : chain) mean += x - first;
    mean /= static_cast<double>(draws_);
    std::transform(chain.begin(), chain.end(), real_.get(),
                   [first, mean](double x) { return x - first - mean; });
    std::fill(real_.get() + draws_, real_.get() + length_, 0.0);
    fftw_execute(forward_.get());
    const double* const wave = spectrum_.get();
    for (std::size_t k = 0; k < power.size(); ++k) {
      power[k] += wave[2 * k] * wave[2 * k] + wave[2 * k + 1] * wave[2 * k + 1];
    }
  }

  /// The covariances with this power, over `chains` times their length.
  void covariances(std::span<const double> power, std::int64_t chains, std::span<double> lags) {
    double* const wave = spectrum_.get();
    for (std::size_t k = 0; k < power.size(); ++k) {
      wave[2 * k] = power[k];
      wave[2 * k + 1] = 0;
    }
    fftw_execute(backward_.get());
    const double scale =
        static_cast<double>(length_) * static_cast<double>(draws_) * static_cast<double>(chains);
    for (std::size_t t = 0; t < lags.size(); ++t) lags[t] = real_.get()[t] / scale;
  }

  void check(const ChainDraws& x) const {
    check_shape(x);
    if (static_cast<std::size_t>(x.draws) != draws_) {
      throw Error("autocovariances were prepared for chains of another length");
    }
  }

 private:
  std::size_t draws_;
  std::size_t length_;
  Buffer real_;
  Buffer spectrum_;
  Plan forward_;
  Plan backward_;
};

Autocovariance::Autocovariance(std::int64_t draws) {
  // The padded length is an int to FFTW.
  if (draws < 1 || draws > std::numeric_limits<int>::max() / 4) {
    throw Error("autocovariances are of chains with 1 to 2^29 draws");
  }
  transform_ = std::make_unique<Transform>(static_cast<std::size_t>(draws));
}

Autocovariance::~Autocovariance() = default;
Autocovariance::Autocovariance(Autocovariance&&) noexcept = default;
Autocovariance& Autocovariance::operator=(Autocovariance&&) noexcept = default;

std::vector<double> Autocovariance::of_each(const ChainDraws& x) {
  transform_->check(x);
  std::vector<double> result(x.values.size());
  std::vector<double> power(transform_->waves());
  for (std::int64_t c = 0; c < x.chains; ++c) {
    std::fill(power.begin(), power.end(), 0.0);
    transform_->add_power(x.chain(c), power);
    transform_->covariances(
        power, 1,
        std::span(result).subspan(static_cast<std::size_t>(c) * transform_->draws(),
                                  transform_->draws()));
  }
  return result;
}

std::vector<double> Autocovariance::mean(const ChainDraws& x) {
  transform_->check(x);
  if (x.chains == 0) throw Error("no chains have no autocovariance");
  std::vector<double> power(transform_->waves());
  for (std::int64_t c = 0; c < x.chains; ++c) transform_->add_power(x.chain(c), power);
  std::vector<double> result(transform_->draws());
  transform_->covariances(power, x.chains, result);
  return result;
}

double chain_mean(std::span<const double> chain) {
  if (chain.empty()) return std::numeric_limits<double>::quiet_NaN();
  double sum = 0;
  for (const double x : chain) sum += x - chain.front();
  return chain.front() + sum / static_cast<double>(chain.size());
}

}  // namespace driftwood::stats
