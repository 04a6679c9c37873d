// SPDX-License-Identifier: BSD-3-Clause
#include "sde/gradient/optimiser_options.hpp"

namespace driftwood::sde {
namespace {

constexpr std::int64_t most_iterations = std::int64_t{1} << 30;
/// From 0 to below 1.
constexpr deck::Range share{.low = 0, .high = 1, .high_open = true};

class AdamOptions final : public DescentOptions {
 public:
  AdamOptions() : DescentOptions(0.02) {}

 private:
  void describe_rule(deck::Schema& s) override {
    s.key("first", rule_.first, share, "decay of the mean of gradients");
    s.key("second", rule_.second, share, "decay of the mean of their squares");
    s.key("epsilon", rule_.epsilon, deck::positive, "added to the root of the latter");
  }
  [[nodiscard]] std::variant<neural::Adam, neural::Adadelta, neural::Momentum> rule()
      const override {
    return rule_;
  }

  neural::Adam rule_{};
};

class AdadeltaOptions final : public DescentOptions {
 public:
  AdadeltaOptions() : DescentOptions(1.0) {}

 private:
  void describe_rule(deck::Schema& s) override {
    s.key("decay", rule_.decay, share, "of the means of squares");
    s.key("epsilon", rule_.epsilon, deck::positive, "added to both of them");
  }
  [[nodiscard]] std::variant<neural::Adam, neural::Adadelta, neural::Momentum> rule()
      const override {
    return rule_;
  }

  neural::Adadelta rule_{};
};

class SgdOptions final : public DescentOptions {
 public:
  SgdOptions() : DescentOptions(1e-4) {}

 private:
  void describe_rule(deck::Schema& s) override {
    s.key("momentum", rule_.momentum, share, "of the velocity that parameters follow");
    s.key("nesterov", rule_.nesterov, "whether they follow the velocity one step ahead");
  }
  [[nodiscard]] std::variant<neural::Adam, neural::Adadelta, neural::Momentum> rule()
      const override {
    return rule_;
  }

  neural::Momentum rule_{};
};

}  // namespace

void GaussNewtonOptions::describe(deck::Schema& s) {
  s.key("iterations", method_.iterations, deck::between(1, most_iterations),
        "at most, of each weighting");
  s.key("damping", method_.damping, deck::positive,
        "share of the diagonal that is added to the normal equations at first; a step that fails "
        "makes it 10 times as large, others a tenth");
}

void DescentOptions::describe(deck::Schema& s) {
  describe_rule(s);
  s.key("iterations", iterations_, deck::between(1, most_iterations), "at most, of each weighting");
  s.key("rate", rate_, deck::positive,
        "of steps, in coordinates: logarithms of parameters that stay positive, others in units of "
        "their start");
  s.key("schedule", schedule_, deck::one_of({"constant", "exponential", "cosine"}),
        "how the rate goes from there to 'last' times it at the last iteration");
  s.key("last", last_, deck::positive, "share of the rate that is left at the last iteration");
  s.key("warm_up", warm_up_, deck::non_negative, "iterations over which the rate rises linearly");
  s.key("weight_decay", weight_decay_, deck::non_negative,
        "share of each coordinate that rate times this takes away in an iteration");
  s.key("clip_value", clip_value_, deck::positive, "largest entry of a gradient; left out: any");
  s.key("clip_norm", clip_norm_, deck::positive, "largest norm of a gradient; left out: any");
  s.key("average_from", average_from_, deck::non_negative,
        "the result is the mean of coordinates from this iteration on; left out: the last ones");
}

std::variant<GaussNewton, Descent> DescentOptions::method() const {
  using Kind = neural::Schedule::Kind;
  Descent out;
  out.iterations = iterations_;
  out.settings.rule = rule();
  out.settings.schedule = {.kind = schedule_ == "exponential" ? Kind::exponential
                                   : schedule_ == "cosine"    ? Kind::cosine
                                                              : Kind::constant,
                           .rate = rate_,
                           .warm_up = warm_up_,
                           .length = iterations_,
                           .last = last_};
  out.settings.weight_decay = weight_decay_;
  out.settings.largest_entry = clip_value_;
  out.settings.largest_norm = clip_norm_;
  out.settings.average_from = average_from_;
  return out;
}

void FitOptimiserOptions::describe(deck::Schema& s) {
  s.one_of<FitOptimiser>(
      "name", rule,
      {{"gauss_newton", "damped steps of Gauss and Newton: few iterations",
        [] { return std::make_shared<GaussNewtonOptions>(); }},
       {"adam", "gradient descent by Kingma and Ba (2015)",
        [] { return std::make_shared<AdamOptions>(); }},
       {"adadelta", "gradient descent by Zeiler (2012)",
        [] { return std::make_shared<AdadeltaOptions>(); }},
       {"sgd", "gradient descent with momentum", [] { return std::make_shared<SgdOptions>(); }}},
      "the rule");
}

}  // namespace driftwood::sde
