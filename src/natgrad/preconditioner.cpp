// SPDX-License-Identifier: BSD-3-Clause
#include "natgrad/preconditioner.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <vector>

#include "base/error.hpp"
#include "base/suggest.hpp"

namespace driftwood::natgrad {
namespace {

using Kind = Preconditioner::Kind;

enum class Argument { none, exponent, weight, rows };

struct Form {
  std::string_view name;
  Kind kind;
  Argument argument;
  std::string_view written;
};

constexpr std::array<Form, 7> forms = {{
    {"gd", Kind::gd, Argument::none, "gd"},
    {"ngd", Kind::ngd, Argument::none, "ngd"},
    {"opt", Kind::opt, Argument::none, "opt"},
    {"add", Kind::add, Argument::weight, "add:0.5"},
    {"pow", Kind::pow, Argument::exponent, "pow:0.5"},
    {"fisher_estimate", Kind::fisher_estimate, Argument::rows, "fisher_estimate:800"},
    {"fisher_sample", Kind::fisher_sample, Argument::none, "fisher_sample"},
}};

const Form& form_of(Kind kind) {
  return *std::find_if(forms.begin(), forms.end(),
                       [&](const Form& form) { return form.kind == kind; });
}

/// Reads all of `text`; false where it is no number of that type.
template <class Number>
bool reads(std::string_view text, Number& number) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc{} && end == text.data() + text.size();
}

void read_argument(const Form& form, std::string_view text, Preconditioner& out) {
  switch (form.argument) {
    case Argument::none:
      throw UsageError(fmt::format("the preconditioner '{}' takes no ':{}'", form.name, text), "",
                       fmt::format("write '{}'", form.name));
    case Argument::weight:
      if (reads(text, out.a) && out.a >= 0 && out.a <= 1) return;
      throw UsageError(fmt::format("'{}:{}' is no preconditioner", form.name, text),
                       "the weight of the Fisher matrix is from 0 to 1",
                       fmt::format("write it as '{}'", form.written));
    case Argument::exponent:
      if (reads(text, out.a) && std::isfinite(out.a)) return;
      throw UsageError(fmt::format("'{}:{}' is no preconditioner", form.name, text),
                       "the power of the Fisher matrix is a number",
                       fmt::format("write it as '{}'", form.written));
    case Argument::rows:
      if (reads(text, out.rows) && out.rows > 0) return;
      throw UsageError(fmt::format("'{}:{}' is no preconditioner", form.name, text),
                       "the number of unlabelled rows is a positive integer",
                       fmt::format("write it as '{}'", form.written));
  }
}

}  // namespace

Preconditioner Preconditioner::parse(std::string_view text) {
  const auto colon = text.find(':');
  const std::string_view name = text.substr(0, colon);
  std::vector<std::string> names;
  for (const Form& form : forms) {
    names.emplace_back(form.name);
    if (form.name != name) continue;
    Preconditioner out{.kind = form.kind};
    if (colon != std::string_view::npos) {
      read_argument(form, text.substr(colon + 1), out);
    } else if (form.argument != Argument::none) {
      throw UsageError(fmt::format("the preconditioner '{}' lacks its number", name), "",
                       fmt::format("write it as '{}'", form.written));
    }
    return out;
  }
  std::vector<std::string_view> all;
  for (const Form& form : forms) all.push_back(form.written);
  const std::string meant = nearest(name, names);
  throw UsageError(fmt::format("there is no preconditioner '{}'", text),
                   fmt::format("there are {}", fmt::join(all, ", ")),
                   meant.empty() ? "" : fmt::format("did you mean '{}'?", meant));
}

std::string Preconditioner::name() const {
  const Form& form = form_of(kind);
  switch (form.argument) {
    case Argument::none:
      return std::string(form.name);
    case Argument::rows:
      return fmt::format("{}:{}", form.name, rows);
    default:
      return fmt::format("{}:{}", form.name, a);
  }
}

void Preconditioner::fill(std::span<const double> features, std::span<const double> prior,
                          std::span<double> p) const {
  switch (kind) {
    case Kind::gd:
      std::fill(p.begin(), p.end(), 1.0);
      return;
    case Kind::ngd:
      for (std::size_t i = 0; i < p.size(); ++i) p[i] = 1 / features[i];
      return;
    case Kind::opt:
      std::copy(prior.begin(), prior.end(), p.begin());
      return;
    case Kind::add:
      for (std::size_t i = 0; i < p.size(); ++i) p[i] = 1 / (a * features[i] + (1 - a));
      return;
    case Kind::pow:
      for (std::size_t i = 0; i < p.size(); ++i) p[i] = std::pow(features[i], -a);
      return;
    case Kind::fisher_estimate:
    case Kind::fisher_sample:
      throw Error("the preconditioner '" + name() + "' has no eigenvalues before rows are drawn");
  }
}

}  // namespace driftwood::natgrad
