// SPDX-License-Identifier: BSD-3-Clause
/// sde_order: measures how fast schemes converge to the paths and to the expectations of a model.
#include <algorithm>
#include <cmath>
#include <iomanip>
#include <sstream>

#include "base/lane.hpp"
#include "comm/share_rest.hpp"
#include "io/output.hpp"
#include "io/provenance.hpp"
#include "run/checkpoints.hpp"
#include "run/main.hpp"
#include "run/progress.hpp"
#include "run/provenance.hpp"
#include "sde/order_study.hpp"
#include "sde/registry.hpp"
#include "sde_order_deck.hpp"

namespace {
using namespace driftwood;

using sde_order::Deck;

constexpr const char* unresolved = "not resolved";
constexpr const char* below = "below reference";

/// Why there is no order: too few errors exceed three standard errors, or those that do are no
/// larger than what the reference may be wrong by.
const char* reason(const sde::OrderTable::Errors& errors) {
  int clear = 0;
  for (std::size_t l = 0; l < errors.error.size(); ++l) {
    if (errors.error[l] > 3 * errors.standard_error[l]) ++clear;
  }
  return clear < 2 ? unresolved : below;
}

/// "0.52 +- 0.02 (0.5)": measured, standard error, declared.
std::string order_text(const sde::OrderTable::Errors& errors) {
  std::ostringstream text;
  text << std::fixed << std::setprecision(2);
  if (std::isnan(errors.declared)) return "-";
  if (std::isnan(errors.slope.value)) {
    text << reason(errors);
  } else {
    text << errors.slope.value << " +- " << errors.slope.standard_error;
  }
  text << " (" << std::setprecision(1) << errors.declared << ")";
  return text.str();
}

std::string table_text(const sde::OrderStudy& study) {
  std::ostringstream text;
  text << "orders against " << study.reference()
       << ": measured +- standard error (declared); error on the finest grid\n\n";
  const auto row = [&](const auto& name, const auto& strong, const auto& mean, const auto& second,
                       const auto& error) {
    text << std::left << std::setw(26) << name << std::setw(22) << strong << std::setw(22) << mean
         << std::setw(22) << second << error << "\n";
  };
  row("scheme", "strong", "weak, mean", "weak, 2nd moment", "strong error");
  for (const sde::OrderTable& t : study.tables()) {
    std::ostringstream error;
    if (!std::isnan(t.strong.declared)) error << std::setprecision(3) << t.strong.error.back();
    row(t.scheme, order_text(t.strong), order_text(t.mean), order_text(t.second_moment),
        error.str());
  }
  if (text.str().find(unresolved) != std::string::npos) {
    text << "\n"
         << unresolved << ": fewer than two grids have an error above three standard errors;"
         << "\n  raise order.paths, or take larger steps (order.coarsest)\n";
  }
  if (text.str().find(below) != std::string::npos) {
    text << "\n"
         << below << ": the errors are no larger than what the reference, " << study.reference()
         << " on a finer grid, may itself be wrong by;"
         << "\n  raise order.refinements, or choose an order.reference of higher order\n";
  }
  return text.str();
}

run::Outcome study(run::Context& context, Deck& deck, const deck::Source& source) {
  const comm::Communicator& comm = context.comm();
  const io::OutputLock lock(comm, context.output());
  run::Checkpoints checkpoints(context);
  if (checkpoints.has_results()) return run::Outcome::done;
  const sde::OrderOptions& order = deck.order;
  const std::int64_t blocks = (order.paths + stats::block_paths - 1) / stats::block_paths;

  sde::OrderStudy study(order, *deck.model.model);
  comm.agree([&] {
    for (const comm::Bytes& part : checkpoints.parts()) study.absorb(part);
  });
  const auto state = [&] { return study.saved(); };
  const auto todo = comm::share_rest(comm, {0, blocks}, study.finished());
  std::int64_t left = comm::count_of(todo);
  {
    run::Progress progress(context, order.paths, "paths");
    for (const comm::Share& range : todo) {
      for (std::int64_t b = range.first; b < range.last; ++b) {
        study.measure(b);
        if (!checkpoints.pass(state)) return run::Outcome::stopped;
        --left;
        progress.update(
            std::max<std::int64_t>(order.paths - left * comm.size() * stats::block_paths, 0));
      }
    }
    if (!checkpoints.wait_for_others(state)) return run::Outcome::stopped;
  }
  checkpoints.save_last(state);
  study.merge(comm);

  io::ResultFile file(comm, context.output(), deck.run.overwrite);
  study.write(file);
  const std::int64_t path_steps = order.paths * study.steps_per_path();
  const auto cost = context.cost({{order.paths, "paths"}, {path_steps, "path-steps"}});
  auto record = run::provenance(context, source, cost);
  record.seed = order.seed;
  record.lane_width = width_of<Lane<double>>;
  record.quantities = {
      {"paths", order.paths, "1", "simulated paths"},
      {"path_steps_per_second", cost.rate(), "1/s", "steps of all paths per second of wall time"},
  };
  checkpoints.record(record.quantities);
  record.write(file);
  file.commit();
  checkpoints.finish();
  context.print(table_text(study));
  return run::Outcome::done;
}

const run::Program about = {
    .name = "sde_order",
    .summary = "measured orders of convergence of the schemes on a model",
    .description =
        "Takes the same Brownian paths through schemes on grids of several steps, compares\n"
        "with the known solution or with a fine reference, and fits the strong and weak\n"
        "orders, with their standard errors, beside those that the schemes declare.\n"
        "\n"
        "'not resolved' stands where fewer than two grids have an error above three standard\n"
        "errors: raise order.paths, or take larger steps by order.coarsest. 'below reference'\n"
        "stands where errors are no larger than what a reference that is a scheme may itself be\n"
        "wrong by: raise order.refinements, or choose an order.reference of higher order.",
    .examples = {{"sde_order deck.toml", "all schemes that integrate the deck's model"},
                 {"sde_order deck.toml --set 'order.schemes=[\"heun\", \"milstein\"]'",
                  "two of them"},
                 {"postprocess/sde_order.py order.h5", "error against step, and a report"}},
    .list = sde::listing,
};
}  // namespace

int main(int argc, char** argv) { return driftwood::run::main<Deck>(argc, argv, about, study); }
