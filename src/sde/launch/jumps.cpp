// SPDX-License-Identifier: BSD-3-Clause
#include "sde/launch/jumps.hpp"

#include <algorithm>

#include "sde/launch/saved_columns.hpp"

namespace driftwood::sde {
namespace {

struct ReadJumps {
  States<double> rows;
  Channels to;
  std::int64_t first;
  int kinds;

  KOKKOS_FUNCTION void operator()(std::int64_t p) const {
    for (int k = 0; k < kinds; ++k) to(first + k, p) = rows(JumpRow{kinds}.jumps(k), p);
  }
};

int count_of(const auto& range) { return static_cast<int>(range.size()); }

}  // namespace

UploadedJumps::UploadedJumps(const std::shared_ptr<const JumpPlan>& from, const PathData& paths) {
  if (from == nullptr) return;
  const JumpPlan& plan = *from;
  std::vector<JumpCode> codes;
  std::vector<MarkLaw> marks;
  std::vector<int> components;
  int most_marks = 0;
  int most_registers = 0;
  for (const JumpKind& kind : plan.kinds) {
    const formula::Tape rate = programs_.emplace_back(kind.rate).tape();
    const formula::Tape change = programs_.emplace_back(kind.change).tape();
    codes.push_back({kind.law, kind.bound, rate, change, count_of(marks), count_of(kind.marks),
                     count_of(components), 0, 0});
    for (const deck::Distribution& law : kind.marks) {
      marks.push_back({law.kind, law.first, law.second});
    }
    components.insert(components.end(), kind.components.begin(), kind.components.end());
    most_marks = std::max(most_marks, count_of(kind.marks));
    most_registers = std::max({most_registers, rate.registers, change.registers});
  }
  const int kinds = count_of(codes);
  jumps_.rates = paths.components + most_marks;
  int at = jumps_.rates + kinds;
  for (JumpCode& code : codes) {
    code.rate_path = at;
    code.change_path = at + code.rate.path_values;
    at = code.change_path + code.change.path_values;
  }
  jumps_.registers = at;
  jumps_.kinds = on_device("jumps", codes);
  jumps_.marks = on_device("marks", marks);
  jumps_.components = on_device("components", components);
  jumps_.parameters = on_device("parameters", plan.parameters);
  jumps_.drawn_row = on_device("drawn", rows_of(paths.parameters, count_of(plan.parameters)));
  jumps_.drawn = paths.drawn;
  jumps_.rows = States<double>("jumps", static_cast<std::size_t>(JumpRow{kinds}.count()),
                               static_cast<std::size_t>(paths.columns));
  jumps_.memory =
      decltype(jumps_.memory)(Kokkos::view_alloc("formulas of jumps", Kokkos::WithoutInitializing),
                              static_cast<std::size_t>(jumps_.tokens.size()),
                              static_cast<std::size_t>(jumps_.registers + most_registers));
  jumps_.highest = decltype(jumps_.highest)("highest", codes.size());
}

void UploadedJumps::start(const PathRange& paths) {
  if (!jumps_.is_on()) return;
  jumps_.paths = paths.count;
  columns_ = (paths.count + path_padding - 1) / path_padding * path_padding;
  const JumpRow rows{jumps_.count()};
  Kokkos::deep_copy(jumps_.rows, 0.0);
  const auto waits =
      Kokkos::subview(jumps_.rows, std::pair<int, int>(rows.wait(0), rows.waits(0)), Kokkos::ALL);
  Kokkos::deep_copy(waits, -1.0);
}

void UploadedJumps::read(const Channels& to, std::int64_t first) const {
  if (!jumps_.is_on()) return;
  Kokkos::parallel_for("sde::read_jumps", Kokkos::RangePolicy<Exec>(0, columns_),
                       ReadJumps{jumps_.rows, to, first, jumps_.count()});
}

void UploadedJumps::save(stats::ByteWriter& out, std::int64_t columns) const {
  save_columns(out, jumps_.rows, columns);
}

void UploadedJumps::restore(stats::ByteReader& in, std::int64_t columns) const {
  restore_columns(in, jumps_.rows, columns);
}

std::vector<double> UploadedJumps::above_bounds() const {
  if (!jumps_.is_on()) return {};
  const auto host = Kokkos::create_mirror_view_and_copy(Kokkos::HostSpace(), jumps_.highest);
  return {host.data(), host.data() + host.extent(0)};
}

}  // namespace driftwood::sde
