// SPDX-License-Identifier: BSD-3-Clause
#include "run/command_line.hpp"

#include <fmt/format.h>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <algorithm>
#include <cctype>
#include <charconv>
#include <map>
#include <string_view>

#include "base/error.hpp"
#include "base/suggest.hpp"
#include "run/build_info.hpp"
#include "run/exit_code.hpp"

namespace driftwood::run {
namespace {

const std::string run_group = "Running";
const std::string look_group = "Looking, without running (starts neither MPI nor Kokkos)";
const std::string plan_group = "Planning, without MPI";

constexpr std::int64_t most_ranks = std::int64_t{1} << 24;

const std::map<std::string, LogLevel> log_levels{{"debug", LogLevel::debug},
                                                 {"info", LogLevel::info},
                                                 {"warning", LogLevel::warning},
                                                 {"error", LogLevel::error}};

/// The options as CLI11 knows them, and where their values go.
class Parser {
 public:
  explicit Parser(const Program& about) : about_(about) {
    app_.set_help_flag();
    app_.allow_extras();
    add_running();
    add_looking();
    add_planning();
  }

  [[nodiscard]] CommandLine parse(std::vector<std::string> arguments);
  [[nodiscard]] std::string options_text() const;

 private:
  void add_running();
  void add_looking();
  void add_planning();
  void add_action(const std::string& name, Action action, const std::string& sentence,
                  const std::string& group);
  void refuse_leftovers() const;
  [[nodiscard]] UsageError unknown(const std::string& option) const;
  void settle_action();
  void settle_ranks();
  void settle_deck();

  const Program& about_;
  CLI::App app_;
  CommandLine line_;
  std::string level_;
  std::string ranks_;
  std::optional<std::string> for_deck_;  ///< the value of a `DeckOption`
  std::vector<std::pair<CLI::Option*, Action>> actions_;
};

void Parser::add_running() {
  app_.add_option("DECK", line_.deck, "the input deck, a TOML file")->group(run_group);
  if (about_.deck_option) {
    app_.add_option(about_.deck_option->name, for_deck_, about_.deck_option->sentence)
        ->type_name(about_.deck_option->value)
        ->group(run_group);
  }
  app_.add_option("--set", line_.overrides,
                  "replace a key of the deck (repeatable); VALUE is TOML, a bare word a string")
      ->type_name("TABLE.KEY=VALUE")
      ->expected(1)
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll)
      ->allow_extra_args(false)
      ->group(run_group);
  app_.add_option("--output", line_.output, "write results there, whatever the deck says")
      ->type_name("FILE")
      ->group(run_group);
  app_.add_flag("--resume", line_.resume, "continue from the newest checkpoint, if there is one")
      ->group(run_group);
  app_.add_flag("--quiet", line_.quiet, "print nothing but errors")->group(run_group);
  app_.add_option("--log-level", level_, "debug, info (default), warning or error")
      ->type_name("LEVEL")
      ->group(run_group);
}

void Parser::add_action(const std::string& name, Action action, const std::string& sentence,
                        const std::string& group) {
  actions_.emplace_back(app_.add_flag(name, sentence)->group(group), action);
}

void Parser::add_looking() {
  const auto add = [&](const std::string& name, Action action, const std::string& sentence) {
    add_action(name, action, sentence, look_group);
  };
  add("--check", Action::check, "check the deck and say whether it would run");
  add("--effective", Action::effective,
      "print the deck with overrides applied and every default written out");
  add("--help-deck", Action::help_deck, "explain every key that the deck may have");
  add("--list", Action::list, "list what the deck can choose from");
  add("--reference", Action::reference, "print the reference page of the deck in Markdown");
  add("-h,--help", Action::help, "print this page");
  add("--version", Action::version, "print the version");
}

void Parser::add_planning() {
  add_action("--plan", Action::plan,
             "try the deck for two seconds; predict its memory, files, time and energy",
             plan_group);
  app_.add_option("--ranks", ranks_, "how many ranks to plan for (default 1)")
      ->type_name("P")
      ->group(plan_group);
}

UsageError Parser::unknown(const std::string& option) const {
  std::vector<std::string> names;
  std::string meant;
  for (const CLI::Option* known : app_.get_options()) {
    names.push_back(known->get_name());
    // "-o" for "--output"
    if (meant.empty() && option.size() == 2 && names.back().starts_with('-' + option)) {
      meant = names.back();
    }
  }
  if (meant.empty()) meant = nearest(option, names);
  return UsageError("unknown option '" + option + "'", "",
                    meant.empty() ? "keys of the deck are set by --set table.key=VALUE"
                                  : "did you mean '" + meant + "'?");
}

void Parser::refuse_leftovers() const {
  for (const std::string& word : app_.remaining()) {
    if (word.starts_with('-')) throw unknown(word);
    throw UsageError("unexpected argument '" + word + "'", "the deck is '" + line_.deck + "'",
                     line_.overrides.empty()
                         ? ""
                         : "leave no blanks around = in a --set, and quote a value that holds "
                           "some: --set 'table.key=[1, 2]'");
  }
}

void Parser::settle_action() {
  std::string chosen;
  for (const auto& [option, action] : actions_) {
    if (option->count() == 0) continue;
    if (!chosen.empty()) {
      throw UsageError(chosen + " and " + option->get_name() + " cannot be combined");
    }
    chosen = option->get_name();
    line_.action = action;
  }
}

void Parser::settle_ranks() {
  if (ranks_.empty()) return;
  if (line_.action != Action::plan) {
    throw UsageError("--ranks belongs to --plan", "a run has as many ranks as it is started with",
                     "use 'mpirun -n " + ranks_ + " ...', or add --plan");
  }
  const char* const end = ranks_.data() + ranks_.size();
  const auto [stop, error] = std::from_chars(ranks_.data(), end, line_.ranks);
  if (error != std::errc{} || stop != end || line_.ranks < 1 || line_.ranks > most_ranks) {
    throw UsageError("cannot plan for '" + ranks_ + "' ranks", "--ranks",
                     "give a whole number from 1 to " + std::to_string(most_ranks));
  }
}

CommandLine Parser::parse(std::vector<std::string> arguments) {
  std::reverse(arguments.begin(), arguments.end());  // CLI11 takes them from the back
  try {
    app_.parse(arguments);
  } catch (const CLI::ArgumentMismatch& error) {  // "--set: 1 required TABLE.KEY=VALUE missing"
    const std::string_view said = error.what();
    throw UsageError(std::string(said.substr(0, said.find(':'))) + " needs a value");
  } catch (const CLI::ParseError& error) {
    throw UsageError(error.what());
  }
  settle_action();
  if (line_.action == Action::help) return line_;
  refuse_leftovers();
  settle_ranks();
  if (!level_.empty() && log_levels.count(level_) == 0) {
    throw UsageError("unknown log level '" + level_ + "'", "--log-level",
                     "use debug, info, warning or error");
  }
  if (!level_.empty()) line_.log_level = log_levels.at(level_);
  if (line_.quiet) line_.log_level = LogLevel::error;
  if (line_.output && line_.output->empty()) throw UsageError("--output needs a file name");
  settle_deck();
  const bool needs_deck = line_.action == Action::run || line_.action == Action::check ||
                          line_.action == Action::effective || line_.action == Action::plan;
  if (needs_deck && line_.deck.empty()) {
    throw UsageError("no deck given");
  }
  return line_;
}

void Parser::settle_deck() {
  if (!for_deck_) return;
  const DeckOption& option = *about_.deck_option;
  if (for_deck_->empty()) throw UsageError(option.name + " needs a value");
  if (!line_.deck.empty()) {
    throw UsageError(option.name + " and the deck '" + line_.deck + "' cannot be combined",
                     option.name + " stands for a deck", "leave one of them out");
  }
  line_.deck = option.name;
  line_.deck_text = option.deck(*for_deck_);
}

std::string Parser::options_text() const {
  std::string text;
  std::string group;
  for (const CLI::Option* option : app_.get_options()) {
    if (option->get_group() != group) {
      group = option->get_group();
      text += fmt::format("\n{}:\n", group);
    }
    std::string name = option->get_name(false, true);
    if (option->get_items_expected_max() > 0 && !option->get_positional()) {
      name += " " + option->get_type_name();
    }
    text += name.size() <= 22 ? fmt::format("  {:<22} {}\n", name, option->get_description())
                              : fmt::format("  {}\n{:25}{}\n", name, "", option->get_description());
  }
  return text;
}

/// A word as a shell takes it.
std::string shell_word(const std::string& word) {
  const auto plain = [](char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0 ||
           std::string_view("-_=./,:+@%").find(c) != std::string_view::npos;
  };
  if (!word.empty() && std::all_of(word.begin(), word.end(), plain)) return word;
  std::string quoted = "'";
  for (const char c : word) quoted += c == '\'' ? "'\\''" : std::string(1, c);
  return quoted + "'";
}

/// Gives what follows `--` to the libraries it is for.
void share_out(const Program& about, std::span<const std::string> words, CommandLine& line) {
  for (const std::string& word : words) {
    const bool may_be_petsc = word.starts_with('-') || !line.petsc.empty();
    if (word.starts_with("--kokkos-")) {
      line.kokkos.push_back(word);
    } else if (about.takes_petsc && may_be_petsc) {
      line.petsc.push_back(word);
    } else if (about.takes_petsc) {
      throw UsageError(
          "unexpected '" + word + "' after '--'",
          "only options of Kokkos, which begin with --kokkos-, and of PETSc belong there");
    } else {
      throw UsageError("unexpected '" + word + "' after '--'",
                       "only options of Kokkos belong there, and they begin with --kokkos-");
    }
  }
}

std::string exit_codes_text() {
  return fmt::format(
      "\nExit codes:\n"
      "  {:<3} done\n"
      "  {:<3} something is wrong with the command line, the deck or a data file it names\n"
      "  {:<3} stopped cleanly before the end, to be continued by --resume\n"
      "  {:<3} anything else went wrong\n",
      exit_done, exit_usage, exit_stopped, exit_failure);
}

}  // namespace

CommandLine parse_command_line(const Program& about, std::span<const std::string> arguments) {
  const auto split = std::find(arguments.begin(), arguments.end(), "--");
  CommandLine line = Parser(about).parse({arguments.begin(), split});
  if (split != arguments.end()) share_out(about, {split + 1, arguments.end()}, line);
  line.text = about.name;
  for (const std::string& word : arguments) line.text += ' ' + shell_word(word);
  return line;
}

std::string version_line(const Program& about) {
  const BuildInfo build = build_info();
  std::string text = fmt::format("{} (Driftwood) {}", about.name, build.version);
  if (!build.commit.empty()) {
    text +=
        fmt::format(", commit {}{}", build.commit.substr(0, 12), build.dirty ? ", modified" : "");
  }
  return text + fmt::format(", built with {}", build.compiler);
}

std::string help_page(const Program& about) {
  std::string text = fmt::format(
      "{0}: {1}\n\n"
      "Usage:\n"
      "  {0} DECK.toml [options] [-- {3} options]\n"
      "  mpirun -n RANKS {0} DECK.toml [options] [-- {3} options]\n\n"
      "{2}\n",
      about.name, about.summary, about.description,
      about.takes_petsc ? "Kokkos and PETSc" : "Kokkos");
  text += Parser(about).options_text();
  text += exit_codes_text();
  if (!about.examples.empty()) text += "\nExamples:\n";
  for (const Example& example : about.examples) {
    text += fmt::format("  {}\n      {}\n", example.command, example.sentence);
  }
  return text +
         fmt::format(
             "\nDecks: '{0} --help-deck' explains every key, and inputs/{0}/ holds decks\nto "
             "start from. A run prints to standard error how far it is, and keeps\n"
             "OUTPUT.status.json up to date.\n",
             about.name);
}

}  // namespace driftwood::run
