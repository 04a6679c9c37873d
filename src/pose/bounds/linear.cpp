// SPDX-License-Identifier: BSD-3-Clause
#include "pose/bounds/linear.hpp"

#include <algorithm>

namespace driftwood::pose {
namespace {

/// Of one fit. Most take a few dozen.
constexpr int most_exchanges = 150;
/// In thresholds: what rounding does to fits is far less, and contradictions of less are not worth
/// a check.
constexpr double tolerance = 1e-9;

}  // namespace

LinearSights::LinearSights(const Product& product, std::span<const Correspondence> all,
                           std::span<const int> members)
    : product_(product), all_(all) {
  std::vector<ProductSight> seen;
  for (const int i : members) {
    const ProductSight sight = product.see(all[static_cast<std::size_t>(i)]);
    // One row alone: where the middle is outside, the side that it is on.
    const double along = dot(sight.bearing, sight.to);
    const Vec3<double> off = sight.to - along * sight.bearing;
    const double length = norm(off);
    const Vec3<double> side =
        length > 1e-6 * sight.distance ? 1 / length * off : orthogonal_to(sight.bearing);
    const Vec3<double> normal = sight.reach.cosine * side - sight.reach.sine * sight.bearing;
    double least = dot(normal, sight.to) - product.mixed_remainder(sight) -
                   product.turn_remainder(sight);
    for (const Vec3<double>& column : sight.column) least -= abs(dot(normal, column));
    if (least > 0) {
      const FarkasTerm term = {i, side, 1};
      if (is_contradiction(product, std::span(&term, 1), [&](int) { return sight; })) {
        left_out_.push_back(term);
        continue;
      }
    }
    members_.push_back(i);
    seen.push_back(sight);
  }
  size_ = members_.size();
  y_.resize(3 * 7 * size_);
  for (std::size_t i = 0; i < size_; ++i) {
    const ProductSight& sight = seen[i];
    const Vec3<double> u = orthogonal_to(sight.bearing);
    const Vec3<double> v = cross(sight.bearing, u);
    across_[0].push_back(u);
    across_[1].push_back(v);
    sine_.push_back(sight.reach.sine);
    cosine_.push_back(sight.reach.cosine);
    scale_.push_back(1 / (sight.reach.sine * max(norm(sight.to), 1e-3 * sight.distance)));
    mixed_.push_back(product.mixed_remainder(sight));
    turned_.push_back(product.turn_remainder(sight));
    const Vec3<double>* const directions[] = {&u, &v, &sight.bearing};
    for (int k = 0; k < 3; ++k) {
      component(k, 0)[i] = dot(*directions[k], sight.to);
      for (int j = 0; j < 6; ++j) component(k, 1 + j)[i] = dot(*directions[k], sight.column[j]);
    }
  }
}

double LinearSights::allowed(std::size_t i, Allowance allowance) const {
  if (allowance == Allowance::none) return 0;
  return turned_[i] + (allowance == Allowance::remainder ? mixed_[i] : 0.0);
}

double LinearSights::typical_remainder() const {
  if (size_ == 0) return 0;
  std::vector<double> ratio;
  ratio.reserve(size_);
  for (std::size_t i = 0; i < size_; ++i) {
    ratio.push_back(allowed(i, Allowance::remainder) * scale_[i]);
  }
  const auto middle = ratio.begin() + static_cast<std::ptrdiff_t>(size_ / 2);
  std::nth_element(ratio.begin(), middle, ratio.end());
  return *middle;
}

Exchange::Row LinearSights::row(std::size_t i, double u, double v, Allowance allowance) const {
  const auto scaled = [&](int j) {
    return scale_[i] * (cosine_[i] * (u * component(0, j)[i] + v * component(1, j)[i]) -
                        sine_[i] * component(2, j)[i]);
  };
  Exchange::Row out;
  out.e = 1;
  out.b = scaled(0) - scale_[i] * allowed(i, allowance);
  for (int j = 0; j < 6; ++j) out.a[j] = scaled(1 + j);
  return out;
}

LinearSights::Fit LinearSights::fit(std::span<const char> alive, Allowance allowance) const {
  Fit out;
  struct Held {
    std::size_t member;
    double u;
    double v;
  };
  // All three rows of y at a point, and how far outside its cone the worst is.
  std::vector<double> y(3 * size_);
  const auto worst = [&](const double* z, Held& held) {
    for (int k = 0; k < 3; ++k) {
      double* const to = y.data() + static_cast<std::size_t>(k) * size_;
      const double* const c[] = {component(k, 0), component(k, 1), component(k, 2), component(k, 3),
                                 component(k, 4), component(k, 5), component(k, 6)};
      for (std::size_t i = 0; i < size_; ++i) {
        to[i] = c[0][i] + z[0] * c[1][i] + z[1] * c[2][i] + z[2] * c[3][i] + z[3] * c[4][i] +
                z[4] * c[5][i] + z[5] * c[6][i];
      }
    }
    const double with_turn = allowance == Allowance::none ? 0 : 1;
    const double with_cell = allowance == Allowance::remainder ? 1 : 0;
    const double* const p = y.data();
    const double* const q = p + size_;
    const double* const r = q + size_;
    double most = -1e300;
    for (std::size_t i = 0; i < size_; ++i) {
      const double outside = scale_[i] * (cosine_[i] * std::sqrt(p[i] * p[i] + q[i] * q[i]) -
                                          sine_[i] * r[i] - with_turn * turned_[i] -
                                          with_cell * mixed_[i]);
      if (alive[i] != 0 && outside > most) {
        most = outside;
        held.member = i;
      }
    }
    const double a = p[held.member];
    const double b = q[held.member];
    const double length = std::sqrt(a * a + b * b);
    held.u = length > 0 ? a / length : 1;
    held.v = length > 0 ? b / length : 0;
    return most;
  };

  Held next{};
  Point start = {};
  if (worst(start.data(), next) <= 0) {
    out.point = start;
    return out;
  }
  Held held[Exchange::held];
  Exchange exchange(row(next.member, next.u, next.v, allowance), 0);
  held[exchange.entered()] = next;
  for (int step = 0; step < most_exchanges; ++step) {
    if (exchange.enter_side()) continue;
    if (exchange.s() > tolerance) {
      Contradiction found;
      for (int k = 0; k < Exchange::held; ++k) {
        if (exchange.number(k) == Exchange::side || !(exchange.multiplier(k) > 0)) continue;
        const Held& h = held[k];
        found.terms.push_back({members_[h.member],
                               h.u * across_[0][h.member] + h.v * across_[1][h.member],
                               exchange.multiplier(k) * scale_[h.member]});
      }
      if (allowance != Allowance::remainder ||
          is_contradiction(product_, std::span<const FarkasTerm>(found.terms), [&](int member) {
            return product_.see(all_[static_cast<std::size_t>(member)]);
          })) {
        out.contradiction = std::move(found);
        return out;
      }
    }
    const double most = worst(exchange.z(), next);
    if (most <= 0) {
      out.point.emplace();
      std::copy_n(exchange.z(), Exchange::variables, out.point->begin());
      return out;
    }
    if (most <= exchange.s() + tolerance ||
        !exchange.enter_row(row(next.member, next.u, next.v, allowance), 0)) {
      return out;
    }
    held[exchange.entered()] = next;
  }
  return out;
}

namespace {

class Proof {
 public:
  Proof(const LinearSights& sights, int most_fits) : sights_(sights), most_fits_(most_fits) {}

  /// That there are no more inliers than `excess` less than are alive, given contradictions.
  bool holds(std::vector<char>& alive, int excess, std::vector<Contradiction> known) {
    if (excess <= 0) return true;
    std::vector<char> rest = alive;
    for (const Contradiction& c : known) leave_out(c, rest);
    while (static_cast<int>(known.size()) < excess) {
      if (out.fits >= most_fits_) return false;
      ++out.fits;
      LinearSights::Fit fit = sights_.fit(rest, Allowance::remainder);
      if (!fit.contradiction) {
        if (known.empty()) {
          if (fit.point) keep(alive, *fit.point);
          return false;
        }
        break;
      }
      leave_out(*fit.contradiction, rest);
      known.push_back(std::move(*fit.contradiction));
    }
    if (static_cast<int>(known.size()) >= excess) return true;
    // One of the smallest set is no inlier, whichever it is.
    const auto least = std::min_element(known.begin(), known.end(), [](const auto& a, const auto& b) {
      return a.terms.size() < b.terms.size();
    });
    std::swap(*least, known.back());
    const Contradiction set = std::move(known.back());
    known.pop_back();
    std::vector<int> gone;
    for (const FarkasTerm& t : set.terms) {
      if (std::find(gone.begin(), gone.end(), t.member) == gone.end()) gone.push_back(t.member);
    }
    for (const int member : gone) {
      const std::size_t at = place(member);
      alive[at] = 0;
      const bool is_proven = holds(alive, excess - 1, known);
      alive[at] = 1;
      if (!is_proven) return false;
    }
    return true;
  }

  LinearBound out;

 private:
  [[nodiscard]] std::size_t place(int member) const {
    const auto& members = sights_.members();
    return static_cast<std::size_t>(std::find(members.begin(), members.end(), member) -
                                    members.begin());
  }
  void leave_out(const Contradiction& c, std::vector<char>& of) const {
    for (const FarkasTerm& t : c.terms) of[place(t.member)] = 0;
  }
  void keep(const std::vector<char>& alive, const LinearSights::Point& point) {
    for (std::size_t i = 0; i < alive.size(); ++i) {
      if (alive[i] != 0) out.members.push_back(sights_.members()[i]);
    }
    out.point = point;
    const auto with_turn = sights_.fit(alive, Allowance::turn_remainder).point;
    ++out.fits;
    if (!with_turn) return;
    out.is_for_rotations = true;
    out.point = with_turn;
    const auto exact = sights_.fit(alive, Allowance::none).point;
    ++out.fits;
    if (!exact) return;
    out.is_for_poses = true;
    out.point = exact;
  }

  const LinearSights& sights_;
  int most_fits_;
};

}  // namespace

LinearBound linear_bound(const LinearSights& sights, int enough, int most_fits) {
  const int size = static_cast<int>(sights.members().size());
  Proof proof(sights, most_fits);
  std::vector<char> alive(static_cast<std::size_t>(size), 1);
  proof.out.is_proven = proof.holds(alive, size - enough, {});
  return std::move(proof.out);
}

}  // namespace driftwood::pose
