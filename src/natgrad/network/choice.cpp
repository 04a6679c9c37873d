// SPDX-License-Identifier: BSD-3-Clause
#include "natgrad/network/choice.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <vector>

#include "base/error.hpp"
#include "base/suggest.hpp"
#include "io/data_table.hpp"

namespace driftwood::natgrad {
namespace {

using Kind = FisherChoice::Kind;

struct Form {
  std::string_view name;
  Kind kind;
  std::string_view written;
  std::string_view sentence;
};

constexpr std::array<Form, 5> forms = {{
    {"gd", Kind::gd, "gd", "I: plain gradient descent"},
    {"sample", Kind::sample, "sample:1",
     "(F + R m I)^-1, F of the samples that are learnt from, m its mean eigenvalue"},
    {"population", Kind::population, "population:1", "the same of these and unlabelled samples"},
    {"population_mix", Kind::population_mix, "population_mix:0.5",
     "(A F / m + (1 - A) I)^-1 of the latter"},
    {"empirical", Kind::empirical, "empirical:1",
     "(F + R m I)^-1, F of gradients of each sample's loss, which is no Fisher matrix"},
}};

}  // namespace

FisherChoice FisherChoice::parse(std::string_view text) {
  const auto colon = text.find(':');
  const std::string_view name = text.substr(0, colon);
  const auto* const form =
      std::find_if(forms.begin(), forms.end(), [&](const Form& f) { return f.name == name; });
  if (form == forms.end()) {
    std::vector<std::string> names;
    std::vector<std::string_view> written;
    for (const Form& f : forms) {
      names.emplace_back(f.name);
      written.push_back(f.written);
    }
    const std::string meant = nearest(name, names);
    throw UsageError(fmt::format("there is no preconditioner '{}' of networks", text),
                     fmt::format("there are {}", fmt::join(written, ", ")),
                     meant.empty() ? "" : fmt::format("did you mean '{}'?", meant));
  }
  const bool has_number = colon != std::string_view::npos;
  if (form->kind == Kind::gd) {
    if (!has_number) return {};
    throw UsageError(fmt::format("'{}' takes no number", name), "", "write 'gd'");
  }
  const auto number = has_number ? io::number_in(text.substr(colon + 1)) : std::nullopt;
  const bool is_mix = form->kind == Kind::population_mix;
  if (!number || (is_mix ? *number < 0 || *number >= 1 : *number <= 0)) {
    throw UsageError(fmt::format("'{}' is no preconditioner of networks", text),
                     is_mix ? "the weight of the Fisher matrix is in [0, 1)"
                            : "the damping, in units of the mean eigenvalue, is positive",
                     fmt::format("write it as '{}'", form->written));
  }
  return {form->kind, *number};
}

std::string fisher_choices_text() {
  std::string out;
  for (const Form& form : forms) {
    out += fmt::format(
        "  {:<20}{}\n",
        form.kind == Kind::gd
            ? std::string(form.name)
            : fmt::format("{}:{}", form.name, form.kind == Kind::population_mix ? "A" : "R"),
        form.sentence);
  }
  return out;
}

}  // namespace driftwood::natgrad
