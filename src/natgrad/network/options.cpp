// SPDX-License-Identifier: BSD-3-Clause
#include "natgrad/network/options.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "base/error.hpp"
#include "deck/schema.hpp"
#include "natgrad/network/draws.hpp"

namespace driftwood::natgrad {
namespace {

constexpr std::int64_t most_samples = 20'000;
constexpr std::int64_t most_steps = 10'000'000;
constexpr double most_width = 100'000;

std::string at(const std::string& key, std::size_t i) { return fmt::format("{}[{}]", key, i); }

void check_whole(const deck::Source& deck, const std::string& key,
                 const std::vector<double>& values) {
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (values[i] != std::floor(values[i])) {
      throw deck.error(at(key, i), fmt::format("{:g} is not a whole number", values[i]));
    }
  }
}

}  // namespace

void PerceptronOptions::describe(deck::Schema& s) {
  s.key("hidden", hidden, deck::between(1, most_width), "widths of hidden layers")
      .also(deck::length(1, most_layers - 1));
  s.key("activation", activation_name,
        deck::one_of({"tanh", "relu", "gelu", "softplus", "identity"}), "of hidden layers");
  s.key("gain", gain, deck::finite,
        "factors of the weights of each layer, the last among them; left out: 1");
  s.key("sd", sd, deck::non_negative,
        "standard deviations of the weights of each layer at the start; left out: inputs^(-1/2)");
  s.key("biases", biases, "whether layers have biases, which start at 0");
}

void PerceptronOptions::validate(const deck::Source& deck, const std::string& path) const {
  check_whole(deck, path + ".hidden", hidden);
  const auto check_length = [&](const char* key, std::size_t size) {
    if (size == 0 || size == hidden.size() + 1) return;
    throw deck.error(path + '.' + key,
                     fmt::format("there are {} numbers for {} layers", size, hidden.size() + 1),
                     "the layer of the output is one, too");
  };
  check_length("gain", gain.size());
  check_length("sd", sd.size());
}

Architecture PerceptronOptions::architecture(std::size_t inputs) const {
  Architecture out{.widths = {inputs}, .gains = gain, .has_biases = biases};
  for (const double width : hidden) out.widths.push_back(static_cast<std::size_t>(width));
  out.widths.push_back(1);
  out.activation = activation_name == "relu"       ? Activation::relu
                   : activation_name == "gelu"     ? Activation::gelu
                   : activation_name == "softplus" ? Activation::softplus
                   : activation_name == "identity" ? Activation::identity
                                                   : Activation::tanh;
  return out;
}

void TrainingOptions::describe(deck::Schema& s) {
  s.key("method", method_name, deck::one_of({"dual", "cg", "kfac"}),
        "how Fisher matrices are divided by: exactly, by a factor of J J^T or by conjugate "
        "gradients; or by Kronecker factors in their place");
  s.key("steps", keys.steps, deck::between(1, most_steps), "at most");
  s.key("tolerance", keys.tolerance, deck::non_negative,
        "training ends where the mean square of residuals is that part of the variance of labels");
  s.key("step", keys.step, deck::Range{.low = 0, .high = 2, .low_open = true, .high_open = true},
        "length of a step, over the inverse of the largest eigenvalue of P times the Gauss-Newton "
        "matrix");
  s.key("momentum", keys.momentum, deck::Range{.low = 0, .high = 1, .high_open = true},
        "of gradient descent: part of a step that the next one repeats; others have none");
  s.key("clip", keys.clip, deck::positive,
        "most that a step moves outputs: root mean square, in standard deviations of labels");
  s.key("batch", keys.batch, deck::non_negative, "samples of a step; 0: all");
  s.key("refresh", keys.refresh, deck::at_least(1),
        "steps after which the Fisher matrix and the largest eigenvalue are found anew");
  s.key("gd_refresh", keys.gd_refresh, deck::at_least(1),
        "of gradient descent: the same of the largest eigenvalue");
  s.key("damping", rule_name, deck::one_of({"fixed", "levenberg_marquardt"}),
        "whether the damping stays what the preconditioner says, or is where that starts; the "
        "latter of steps on all samples");
  s.key("kronecker_damping", kronecker_name, deck::one_of({"exact", "factored"}),
        "of Kronecker factors: of their product, or of each factor");
  s.key("average", keys.fisher.average, deck::Range{.low = 0, .high = 1, .high_open = true},
        "of Kronecker factors: weight of those before");
}

TrainingKeys TrainingOptions::settled() const {
  TrainingKeys out = keys;
  out.fisher.method = method_name == "cg"     ? FisherMethod::cg
                      : method_name == "kfac" ? FisherMethod::kfac
                                              : FisherMethod::dual;
  out.fisher.kronecker =
      kronecker_name == "exact" ? KroneckerDamping::exact : KroneckerDamping::factored;
  out.adapts_damping = rule_name != "fixed";
  return out;
}

void NetworkOptions::describe(deck::Schema& s) {
  s.key("mode", mode_name, deck::one_of({"linearised", "train"}),
        "whether the student is linear in its parameters, by its Jacobian at the start, and ends "
        "where gradient descent would; or is trained");
  s.table("inputs", inputs, "what networks are given");
  s.table("student", student, "the network that learns");
  s.table("teacher", teacher, "the network that is learnt from");
  s.table("training", training, "of mode \"train\"");
  s.key("samples", samples, deck::between(2, most_samples), "inputs that are learnt from")
      .required();
  s.key("unlabelled", unlabelled, deck::between(0, 1e6),
        "further inputs of which the Fisher matrix of the population is made")
      .also(deck::non_empty)
      .also(deck::distinct);
  s.key("tests", tests, deck::at_least(2), "inputs of the risk; left out: the rest");
  s.key("noise", noise, deck::non_negative,
        "variance of the noise of labels, over that of the teacher's outputs")
      .also(deck::non_empty)
      .also(deck::distinct);
  s.key("preconditioner", preconditioner, deck::non_empty,
        "what divides gradients: gd, sample:R, population:R, population_mix:A or empirical:R, with "
        "a damping R or weight A in units of the mean eigenvalue of the Fisher matrix")
      .also(deck::distinct)
      .required();
  s.key("replicas", replicas, deck::between(4, 100'000),
        "draws of everything: student, teacher, order of inputs, noise")
      .may_grow();
  s.key("seed", seed, "of what is drawn");
  s.key("memory", memory, deck::positive, "that a rank may use [MiB]").may_change();
}

std::size_t NetworkOptions::most_unlabelled() const {
  return static_cast<std::size_t>(*std::max_element(unlabelled.begin(), unlabelled.end()));
}

std::size_t NetworkOptions::test_rows() const {
  return tests ? static_cast<std::size_t>(*tests)
               : inputs.source->rows() - static_cast<std::size_t>(samples) - most_unlabelled();
}

double NetworkOptions::bytes() const {
  const auto width = static_cast<double>(inputs.width());
  const auto rows = static_cast<double>(inputs.source->rows());
  const auto pool = static_cast<double>(samples) + static_cast<double>(most_unlabelled());
  const auto tested = static_cast<double>(test_rows());
  double units = width;
  for (const double h : student.hidden) units += 3 * h;
  // Inputs twice, what passes leave, and matrices among the rows of the Fisher matrix.
  const double passes = (pool + tested) * units;
  const double products = mode == NetworkMode::linearised ? 3 * pool * pool + 2 * tested * pool
                          : training && training->settled().fisher.method == FisherMethod::dual
                              ? pool * pool
                              : 0;
  return 8 * (2 * rows * width + passes + products);
}

void NetworkOptions::validate(const deck::Source& deck) {
  inputs.validate(deck, "network.inputs");
  student.validate(deck, "network.student");
  teacher.validate(deck, "network.teacher");
  check_whole(deck, "network.unlabelled", unlabelled);
  mode = mode_name == "train" ? NetworkMode::train : NetworkMode::linearised;
  if (mode == NetworkMode::train && !training) training.emplace();
  if (mode == NetworkMode::linearised && training) {
    throw deck.error("network.training", "there is no training in mode \"linearised\"", "",
                     "write mode = \"train\", or leave it out");
  }
  if (mode == NetworkMode::train && training->settled().adapts_damping &&
      training->keys.batch > 0 && training->keys.batch < samples) {
    throw deck.error("network.training.damping", "the damping of batches is fixed",
                     "Levenberg's and Marquardt's rule compares losses of all samples",
                     "leave 'batch' out, or set damping = \"fixed\"");
  }
  parse_preconditioners(deck);
  check_sizes(deck);
}

void NetworkOptions::parse_preconditioners(const deck::Source& deck) {
  parsed.clear();
  for (std::size_t i = 0; i < preconditioner.size(); ++i) {
    const std::string key = at("network.preconditioner", i);
    try {
      parsed.push_back(FisherChoice::parse(preconditioner[i]));
    } catch (const UsageError& error) {
      throw deck.error(key, error.what());
    }
    if (parsed.back().kind == FisherChoice::Kind::empirical && mode == NetworkMode::linearised) {
      throw deck.error(key, "'empirical' is a choice of mode \"train\"",
                       "where the network is linear, whatever is made of the samples alone ends "
                       "where gradient descent does",
                       "take sample:R, which shows that");
    }
  }
  if (most_unlabelled() == 0) {
    for (std::size_t i = 0; i < parsed.size(); ++i) {
      if (!parsed[i].uses_unlabelled()) continue;
      throw deck.error(at("network.preconditioner", i),
                       fmt::format("'{}' has no unlabelled inputs", preconditioner[i]),
                       "the Fisher matrix of the population would be that of the samples",
                       "give 'network.unlabelled', or take sample:R");
    }
  }
  const bool has_plain = std::any_of(parsed.begin(), parsed.end(), [](const FisherChoice& c) {
    return c.kind == FisherChoice::Kind::gd;
  });
  if (!has_plain) {
    throw deck.error("network.preconditioner", "there is no gd among them",
                     "every other is compared with gradient descent", "add \"gd\"");
  }
}

void NetworkOptions::check_sizes(const deck::Source& deck) const {
  const std::size_t needed = static_cast<std::size_t>(samples) + most_unlabelled() +
                             (tests ? static_cast<std::size_t>(*tests) : std::size_t{2});
  if (needed > inputs.source->rows()) {
    throw deck.error(
        "network.samples",
        fmt::format("{} inputs are asked for, and there are {}", needed, inputs.source->rows()),
        "to learn from, unlabelled and to test on, each for one of these alone");
  }
  constexpr double mebibyte = 1 << 20;
  if (bytes() > memory * mebibyte) {
    throw deck.error(
        "network.memory",
        fmt::format("a rank needs some {:.0f} MiB, and may use {:g}", bytes() / mebibyte, memory),
        "for inputs, and for matrices among the rows of the Fisher matrix",
        "take fewer inputs, or allow more");
  }
}

}  // namespace driftwood::natgrad
