// SPDX-License-Identifier: BSD-3-Clause
/// The frame of every driver:
///
///     int main(int argc, char** argv) {
///       return driftwood::run::main<Deck>(argc, argv, about, study);
///     }
#pragma once

#include <concepts>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "deck/blame.hpp"
#include "deck/schema.hpp"
#include "run/context.hpp"
#include "run/options.hpp"
#include "run/program.hpp"

namespace driftwood::run {

/// A deck that a driver can run: described, with the table `[run]` as its member `run`, and with a
/// check of what spans several keys, which throws `source.error(...)`.
template <class D>
concept Deck = deck::Described<D> && std::default_initializable<D> &&
    requires(D& deck, const deck::Source& source) {
  { deck.run } -> std::same_as<Options&>;
  deck.validate(source);
};

/// A driver's work: the same call on every rank.
template <Deck D>
using Study = Outcome (*)(Context&, D&, const deck::Source&);

/// Predicts what the work would cost on so many ranks, as a text to print. Kokkos is up and MPI is
/// not: the context's communicator is alone.
template <Deck D>
using Plan = std::string (*)(Context&, D&, const deck::Source&, std::int64_t ranks);

/// What `main` needs of a driver, whatever the type of its deck.
class Job {
 public:
  Job() = default;
  Job(const Job&) = delete;
  Job& operator=(const Job&) = delete;
  virtual ~Job() = default;

  /// Fills and validates the deck. Throws `UsageError`.
  virtual void load(const deck::Text& text, const std::vector<std::string>& overrides,
                    const std::optional<std::string>& output, bool resume) = 0;
  // Of the loaded deck:
  [[nodiscard]] virtual const deck::Source& source() const = 0;
  [[nodiscard]] virtual const Options& options() const = 0;
  /// What is different from the deck that had this effective text.
  [[nodiscard]] virtual std::vector<deck::Change> changes(std::string_view effective) = 0;
  [[nodiscard]] virtual std::string effective() = 0;
  [[nodiscard]] virtual Outcome study(Context& context) = 0;
  [[nodiscard]] virtual bool can_plan() const = 0;
  [[nodiscard]] virtual std::string plan(Context& context, std::int64_t ranks) = 0;
  // Of any deck of the type, with its defaults:
  [[nodiscard]] virtual std::string help() = 0;
  [[nodiscard]] virtual std::string reference(const std::string& title) = 0;
};

/// A job with a deck of type `D`.
template <Deck D>
class DeckJob final : public Job {
 public:
  DeckJob(Study<D> work, Plan<D> prediction) : study_(work), plan_(prediction) {}

  void load(const deck::Text& text, const std::vector<std::string>& overrides,
            const std::optional<std::string>& output, bool resume) override {
    try {
      source_.emplace(filled(deck_, text, overrides, output));
      if (resume && deck_.run.resume() == Resume::never) deck_.run.resume_name = "auto";
    } catch (const UsageError& error) {
      throw deck::blame(error, text, overrides, [&](const std::vector<std::string>& fewer) {
        try {
          D other;
          static_cast<void>(filled(other, text, fewer, output));
          return true;
        } catch (const UsageError&) {
          return false;
        }
      });
    }
  }
  [[nodiscard]] const deck::Source& source() const override { return source_.value(); }
  [[nodiscard]] const Options& options() const override { return deck_.run; }
  [[nodiscard]] std::vector<deck::Change> changes(std::string_view effective) override {
    return deck::changes(deck_, effective);
  }
  [[nodiscard]] std::string effective() override {
    std::string text = deck::effective(deck_);
    if constexpr (requires { deck_.remarks(); }) {
      text += '\n';
      for (const std::string& remark : deck_.remarks()) text += "# " + remark + '\n';
    }
    return text;
  }
  [[nodiscard]] Outcome study(Context& context) override {
    return study_(context, deck_, source_.value());
  }
  [[nodiscard]] bool can_plan() const override { return plan_ != nullptr; }
  [[nodiscard]] std::string plan(Context& context, std::int64_t ranks) override {
    return plan_(context, deck_, source_.value(), ranks);
  }
  [[nodiscard]] std::string help() override { return deck::help(deck_); }
  [[nodiscard]] std::string reference(const std::string& title) override {
    return deck::reference(deck_, title);
  }

 private:
  static deck::Source filled(D& deck, const deck::Text& text,
                             const std::vector<std::string>& overrides,
                             const std::optional<std::string>& output) {
    auto source = deck::load(deck, text, overrides);
    deck.run.output = output_path(deck.run, text.file, output);
    deck.validate(source);
    return source;
  }

  Study<D> study_;
  Plan<D> plan_;
  D deck_;
  std::optional<deck::Source> source_;
};

/// Does what the command line asks for and returns the exit code of the process:
/// 0 done, 2 command line, deck or data file wrong, 75 stopped cleanly, 1 everything else. Without
/// a plan, `--plan` is refused.
[[nodiscard]] int main(int argc, char** argv, const Program& about, Job& job);

template <Deck D>
[[nodiscard]] int main(int argc, char** argv, const Program& about, Study<D> study,
                       Plan<D> plan = nullptr) {
  DeckJob<D> job(study, plan);
  return main(argc, argv, about, job);
}

}  // namespace driftwood::run
