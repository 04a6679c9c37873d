// SPDX-License-Identifier: BSD-3-Clause
#include "sde/gradient/jumps.hpp"

#include <algorithm>
#include <array>
#include <cmath>

#include "base/error.hpp"
#include "random/normal.hpp"

namespace driftwood::sde {
namespace {

using formula::Instruction;
using formula::Op;

constexpr int lines = 128;
/// Jumps that are smaller relative to a typical output are taken for rounding, and for roots of it.
constexpr double smallest = 1e-5;

/// A program at one time, evaluated wherever it is asked for.
class Evaluated {
 public:
  Evaluated(const formula::Program& program, const std::vector<double>& fixed)
      : tape_(program.tape()),
        registers_(static_cast<std::size_t>(tape_.registers)),
        path_(static_cast<std::size_t>(tape_.path_values)) {
    std::copy_n(fixed.begin(), tape_.fixed, path_.begin());
    formula::begin_path(tape_, path_.data());
  }

  void go_to(double time, const std::vector<double>& x) {
    varying_ = x;
    formula::evaluate(tape_, time, banks());
  }
  [[nodiscard]] double output(int i) { return formula::output(tape_, banks(), i); }
  [[nodiscard]] const formula::Tape& tape() const { return tape_; }

  /// On which side of its kink an operation is; of those without one always the same.
  [[nodiscard]] bool side(const Instruction& now) const {
    const double a = value(now.a);
    const double b = value(now.b);
    switch (now.op) {
      case Op::minimum:
      case Op::maximum:
      case Op::less:
        return a < b;
      case Op::step:
      case Op::abs:
        return a < 0;
      default:
        return false;
    }
  }
  [[nodiscard]] std::vector<bool> sides() const {
    std::vector<bool> out;
    for (int i = tape_.prologue; i < tape_.size; ++i) out.push_back(side(tape_.code[i]));
    return out;
  }

 private:
  [[nodiscard]] double value(const formula::Slot& slot) const {
    const std::vector<double>& bank = slot.bank == formula::Slot::registers ? registers_
                                      : slot.bank == formula::Slot::varying ? varying_
                                                                            : path_;
    return bank[slot.index];
  }
  [[nodiscard]] formula::Banks<double> banks() {
    return {registers_.data(), varying_.data(), path_.data()};
  }

  formula::Tape tape_;
  std::vector<double> registers_;
  std::vector<double> path_;
  std::vector<double> varying_;
};

struct Line {
  double time;
  std::vector<double> from;
  std::vector<double> to;

  [[nodiscard]] std::vector<double> at(double s) const {
    std::vector<double> out;
    for (std::size_t k = 0; k < from.size(); ++k) out.push_back(from[k] + s * (to[k] - from[k]));
    return out;
  }
};

/// Through the centre's surroundings, near and far.
Line line(int number, const std::vector<double>& centre, double end) {
  constexpr std::array<double, 4> reach = {0.03, 0.3, 1, 3};
  const double far = reach[static_cast<std::size_t>(number) % reach.size()];
  Line out{end * (number + 0.5) / lines, {}, {}};
  for (std::size_t k = 0; k < centre.size(); ++k) {
    const random::Stream stream(1, random::Purpose::probe, static_cast<int>(k));
    const auto normal = random::normals<double>(stream, {static_cast<std::uint64_t>(number)}, 0, 1);
    const double size = far * (0.1 + std::abs(centre[k]));
    out.from.push_back(centre[k] + size * normal.z[0]);
    out.to.push_back(centre[k] + size * normal.z[1]);
  }
  return out;
}

/// The middle of each output's finite sizes other than 0 at the ends of lines.
std::vector<double> typical_outputs(Evaluated& program, const std::vector<Line>& all) {
  std::vector<double> out;
  for (int i = 0; i < program.tape().outputs; ++i) {
    std::vector<double> sizes;
    for (const Line& of : all) {
      program.go_to(of.time, of.from);
      const double size = std::abs(program.output(i));
      if (std::isfinite(size) && size > 0) sizes.push_back(size);
    }
    const auto middle = sizes.begin() + std::ssize(sizes) / 2;
    std::nth_element(sizes.begin(), middle, sizes.end());
    out.push_back(sizes.empty() ? 1 : *middle);
  }
  return out;
}

/// Where operation `now` changes sides between the ends of a line: next to it on either side.
std::pair<double, double> around_kink(Evaluated& program, const Line& of, const Instruction& now,
                                      bool side_at_from) {
  double low = 0;
  double high = 1;
  for (;;) {
    const double middle = low + (high - low) / 2;
    if (middle <= low || middle >= high) return {low, high};
    program.go_to(of.time, of.at(middle));
    (program.side(now) == side_at_from ? low : high) = middle;
  }
}

std::vector<double> outputs_at(Evaluated& program, const Line& of, double s) {
  program.go_to(of.time, of.at(s));
  std::vector<double> out;
  for (int i = 0; i < program.tape().outputs; ++i) out.push_back(program.output(i));
  return out;
}

}  // namespace

std::optional<Jump> find_jump(const formula::Program& program, const std::vector<double>& centre,
                              const std::vector<double>& fixed, double end) {
  const formula::Tape tape = program.tape();
  if (std::ssize(centre) < tape.varying || std::ssize(fixed) < tape.fixed) {
    throw Error("a program was given fewer inputs than it has");
  }
  Evaluated evaluated(program, fixed);
  std::vector<Line> all;
  for (int i = 0; i < lines; ++i) all.push_back(line(i, centre, end));
  const std::vector<double> typical = typical_outputs(evaluated, all);
  for (const Line& of : all) {
    evaluated.go_to(of.time, of.from);
    const std::vector<bool> here = evaluated.sides();
    evaluated.go_to(of.time, of.to);
    const std::vector<bool> there = evaluated.sides();
    for (std::size_t i = 0; i < here.size(); ++i) {
      if (here[i] == there[i]) continue;
      const Instruction& now = tape.code[tape.prologue + static_cast<int>(i)];
      const auto [low, high] = around_kink(evaluated, of, now, here[i]);
      const std::vector<double> before = outputs_at(evaluated, of, low);
      const std::vector<double> after = outputs_at(evaluated, of, high);
      for (std::size_t k = 0; k < before.size(); ++k) {
        const double height = after[k] - before[k];
        if (std::isfinite(height) && std::abs(height) > smallest * typical[k]) {
          return Jump{static_cast<int>(k), std::abs(height), of.time, of.at(low)};
        }
      }
    }
  }
  return std::nullopt;
}

}  // namespace driftwood::sde
