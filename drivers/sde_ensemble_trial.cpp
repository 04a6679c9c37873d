// SPDX-License-Identifier: BSD-3-Clause
#include "sde_ensemble_trial.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <optional>
#include <type_traits>

#include "base/portability.hpp"
#include "io/disk.hpp"
#include "run/checkpoints.hpp"
#include "run/text.hpp"
#include "run/trial.hpp"
#include "sde/ensemble_work.hpp"
#include "sde/observations.hpp"
#include "sde/registry.hpp"
#include "sde/step_sizes.hpp"
#include "sde_ensemble_parts.hpp"

namespace driftwood::sde_ensemble {
namespace {

constexpr double most_seconds = 2;          ///< of whole waves
constexpr double most_pilot_seconds = 0.5;  ///< of the pilot, and of records of a wave cut short

double wall_now() { return run::monotonic_seconds(); }

/// Where all threads that compute are the host's.
const run::TrialClock clock_here(std::is_same_v<Exec, Kokkos::DefaultHostExecutionSpace>);
double now() { return clock_here.now(); }

using Deadline = run::TrialDeadline;

/// The trial while it goes on.
class Trying {
 public:
  Trying(run::Context& context, const Deck& deck, const deck::Source& source, std::int64_t ranks);

  void simulate();
  void merge();
  void write(const io::disk::ScratchFolder& folder);
  void save(const io::disk::ScratchFolder& folder);
  [[nodiscard]] Trial result() const { return trial_; }

 private:
  struct Spent {
    double stepping = 0;
    double recording = 0;
    std::int64_t steps = 0;
    std::int64_t records = 0;
  };

  void take_pilot();
  /// The seconds of a whole wave. At the deadline its paths stay where they are.
  [[nodiscard]] double take_wave(sde::Place& place, const std::optional<Deadline>& deadline);
  void advance(sde::Place& place, const std::optional<Deadline>& deadline, Spent& spent);
  void record(sde::Place& place, const std::optional<Deadline>& deadline, Spent& spent);
  void judge_stop();
  [[nodiscard]] std::int64_t times() const { return std::ssize(seen_.times()); }

  run::Context& context_;
  const Deck& deck_;
  const deck::Source& source_;
  const comm::Communicator& comm_;
  Trial trial_;
  std::int64_t wave_blocks_;
  sde::WatchPlan watched_;
  sde::EnsembleWork work_;
  sde::Ensemble ensemble_;
  sde::Observations seen_;
  std::optional<sde::Place> last_;
  run::Pace pace_;
};

/// The paths of the rank with the most, which is rank 0.
sde::EnsembleOptions of_first_rank(const Deck& deck, std::int64_t ranks) {
  sde::EnsembleOptions out = deck.ensemble;
  const std::int64_t blocks =
      comm::share(deck.ensemble.blocks(), 0, static_cast<int>(ranks)).count();
  out.paths = std::min(out.paths, blocks * stats::block_paths);
  out.stop.reset();
  return out;
}

Trying::Trying(run::Context& context, const Deck& deck, const deck::Source& source,
               std::int64_t ranks)
    : context_(context),
      deck_(deck),
      source_(source),
      comm_(context.comm()),
      wave_blocks_(deck.ensemble.blocks_per_wave(context.threads())),
      watched_(watch_plan(deck.events, deck.observe.running, deck.jumps, *deck.model.model)),
      work_(comm_, {}, of_first_rank(deck, ranks), source),
      ensemble_(
          deck.model.model->propagator(deck.time.scheme, deck.ensemble.precision(),
                                       propagator_options(deck, watched_, source, wave_blocks_)),
          contents_of(deck.observe, watched_, *deck.model.model, source), deck.ensemble.paths,
          wave_blocks_, deck.ensemble.antithetic),
      seen_(deck.observe, deck.events, deck.jumps, deck.time, deck.ensemble, *deck.model.model,
            work_.blocks_left()) {
  trial_.blocks_of_run = deck.ensemble.blocks();
  trial_.blocks_of_rank = work_.blocks_left();
  trial_.wave_blocks = wave_blocks_;
  trial_.seconds.start = context.clock().elapsed();
}

void Trying::take_pilot() {
  const double began = now();
  const Deadline deadline(clock_here, most_pilot_seconds);
  double stepping = 0;
  std::int64_t done = 0;
  ensemble_.start({0, 1});
  bool is_cut = false;
  for (std::size_t i = 0; i < seen_.steps().size(); ++i) {
    const double step_began = now();
    while (done < seen_.steps()[i] && !is_cut) {
      const std::int64_t next = pace_.next(done, seen_.steps()[i]);
      ensemble_.advance({done, next});
      Kokkos::fence();
      done = next;
      is_cut = deadline.is_over();
    }
    stepping += now() - step_began;
    ensemble_.observe(seen_.times()[i]);
    seen_.pilot(ensemble_, static_cast<std::int64_t>(i));
  }
  seen_.end_pilot(comm_);
  const double steps = static_cast<double>(seen_.steps().back());
  const double missing = done == 0 ? 0 : stepping * (steps / static_cast<double>(done) - 1);
  trial_.seconds.pilot = now() - began + missing;
}

void Trying::advance(sde::Place& place, const std::optional<Deadline>& deadline, Spent& spent) {
  const std::int64_t due = seen_.steps()[static_cast<std::size_t>(place.time)];
  while (place.step < due && (spent.steps == 0 || !deadline || !deadline->is_over())) {
    const std::int64_t next = pace_.next(place.step, due);
    const double began = now();
    ensemble_.advance({place.step, next});
    Kokkos::fence();
    const double took = now() - began;
    pace_.took(took, next - place.step);
    spent.stepping += took;
    spent.steps += next - place.step;
    place.step = next;
  }
}

void Trying::record(sde::Place& place, const std::optional<Deadline>& deadline, Spent& spent) {
  const double began = now();
  const bool is_last = place.time + 1 == times();
  if (is_last || !deadline || !deadline->is_over(most_pilot_seconds)) {
    ensemble_.observe(seen_.times()[static_cast<std::size_t>(place.time)]);
    Kokkos::fence();
    seen_.record(ensemble_, place.time);
    spent.recording += now() - began;
    ++spent.records;
  }
  ++place.time;
}

double Trying::take_wave(sde::Place& place, const std::optional<Deadline>& deadline) {
  const double began = now();
  Spent spent;
  while (place.time < times()) {
    advance(place, deadline, spent);
    // What is not reached is recorded where the paths are: it has the same size.
    record(place, deadline, spent);
  }
  seen_.finish(ensemble_);
  const auto steps = static_cast<double>(seen_.steps().back());
  const double part = spent.steps == 0 ? 1 : static_cast<double>(spent.steps) / steps;
  const double recorded = static_cast<double>(spent.records) / static_cast<double>(times());
  if (trial_.blocks == 0) trial_.part_of_wave = part;
  trial_.blocks += place.wave.count;
  trial_.last_wave = place.wave.count;
  last_ = place;
  return now() - began + spent.stepping * (1 / part - 1) + spent.recording * (1 / recorded - 1);
}

void Trying::simulate() {
  if (seen_.wants_pilot()) take_pilot();
  const Deadline deadline(clock_here, most_seconds);
  auto place = work_.next(ensemble_, seen_, wave_blocks_);
  trial_.seconds.first_wave = take_wave(*place, deadline);
  trial_.first_blocks = trial_.blocks;
  trial_.first_bins = seen_.bytes_of_bins();
  // As many more as there is time for, whole ones.
  const double each = trial_.seconds.first_wave;
  while (trial_.part_of_wave == 1 && deadline.leaves(each)) {
    place = work_.next(ensemble_, seen_, wave_blocks_);
    if (!place) break;
    trial_.seconds.later_blocks += take_wave(*place, {});
  }
  trial_.memory.simulating = context_.memory();
}

void Trying::judge_stop() {
  if (!deck_.ensemble.stop) return;
  const double ratio = seen_.running().standard_error() / deck_.ensemble.stop->standard_error;
  const double paths = static_cast<double>(trial_.blocks) * ratio * ratio;
  const std::int64_t all = deck_.ensemble.blocks();
  if (!(paths < static_cast<double>(all))) return;
  const std::int64_t least = deck_.ensemble.next_look(0, 0);
  trial_.blocks_of_run =
      std::min(std::max(static_cast<std::int64_t>(std::ceil(paths)), least), all);
}

void Trying::merge() {
  const std::int64_t paths = std::min(trial_.blocks * stats::block_paths, deck_.ensemble.paths);
  const double began = now();
  seen_.merge(comm_, paths);
  trial_.seconds.merge = now() - began;
  trial_.memory.merging = context_.memory();
  judge_stop();
}

void Trying::write(const io::disk::ScratchFolder& folder) {
  const double began = wall_now();
  const std::string path = folder.file("results.h5");
  const std::int64_t paths =
      std::min(trial_.blocks_of_run * stats::block_paths, deck_.ensemble.paths);
  seen_.stand_for(paths);
  io::ResultFile file(comm_, path);
  seen_.write(file);
  if (deck_.time.is_adaptive()) {
    sde::StepSizes(work_.step_counts(ensemble_.propagator()), comm_)
        .write(file, seen_.time_units());
  }
  std::vector<io::Quantity> quantities = quantities_of(deck_, {});
  run::Checkpoints::record_none(quantities);
  record_of(context_, deck_, source_, {paths, paths * deck_.time.steps()}, quantities).write(file);
  file.commit();
  trial_.seconds.write = wall_now() - began;
  trial_.results_bytes = static_cast<std::int64_t>(std::filesystem::file_size(path));
  trial_.memory.writing = context_.memory();
}

void Trying::save(const io::disk::ScratchFolder& folder) {
  const double began = wall_now();
  const comm::Bytes part = work_.saved(ensemble_, seen_, last_);
  trial_.seconds.save = wall_now() - began;
  trial_.checkpoint_bytes = run::size_of_checkpoint(context_, folder, part);
  trial_.memory.saving = context_.memory();

  stats::ByteWriter wave;
  ensemble_.save(wave);
  seen_.save_wave(wave, ensemble_);
  const std::int64_t paths = std::min(trial_.blocks * stats::block_paths, deck_.ensemble.paths);
  Held& held = trial_.held;
  held.part = std::ssize(part);
  held.wave = std::ssize(wave.take());
  held.per_path = seen_.bytes_per_path();
  held.keys = paths * held.per_path;
  held.bins = seen_.bytes_of_bins();
  held.per_saved_path = seen_.bytes_per_saved_path();
  held.saved_paths = std::min(paths, deck_.observe.save_paths) * held.per_saved_path;
  held.nodes = stats::nodes_of(0, trial_.blocks);
  held.record = seen_.bytes_per_record();

  trial_.disk = run::measure_disk(context_, folder);
}

/// What a rank holds in huge pages where the system gives them.
std::int64_t page_bytes() {
  std::ifstream setting("/sys/kernel/mm/transparent_hugepage/enabled");
  std::string text;
  std::getline(setting, text);
  const bool is_huge =
      text.find("[madvise]") != std::string::npos || text.find("[always]") != std::string::npos;
  return is_huge ? std::int64_t{2} << 20 : std::int64_t{4096};
}

}  // namespace

std::string Trial::what() const {
  if (part_of_wave < 1) {
    return fmt::format("{:.2g} % of the steps of {} blocks", 100 * part_of_wave, blocks);
  }
  return fmt::format("{} block{}", blocks, blocks == 1 ? "" : "s");
}

double Trial::seconds_of(std::int64_t rank_blocks) const {
  const std::int64_t later = blocks - first_blocks;
  const double each = later > 0 ? seconds.later_blocks / static_cast<double>(later)
                                : seconds.first_wave / static_cast<double>(first_blocks);
  return seconds.first_wave + each * static_cast<double>(rank_blocks - first_blocks);
}

std::int64_t Trial::keys_in_memory(std::int64_t some_blocks) const {
  const std::int64_t page = page_bytes();
  constexpr auto key = static_cast<std::int64_t>(sizeof(double));
  const std::int64_t cells = held.per_path / key;
  const std::int64_t room = blocks_of_rank * stats::block_paths * key;
  const std::int64_t used = some_blocks * stats::block_paths * key;
  std::int64_t pages = 0;
  std::int64_t counted = 0;  // pages before this one
  for (std::int64_t cell = 0; cell < cells; ++cell) {
    const std::int64_t first = std::max(cell * room / page, counted);
    const std::int64_t last = (cell * room + used + page - 1) / page;
    pages += std::max<std::int64_t>(last - first, 0);
    counted = std::max(counted, last);
  }
  return pages * page;
}

Trial try_out(run::Context& context, const Deck& deck, const deck::Source& source,
              std::int64_t ranks) {
  const std::int64_t libraries = run::MemoryMeter::resident();
  const io::disk::ScratchFolder folder(context.output());
  Trying trying(context, deck, source, ranks);
  trying.simulate();
  trying.merge();
  trying.write(folder);
  trying.save(folder);
  Trial trial = trying.result();
  trial.memory.libraries = libraries;
  trial.traffic = context.comm().traffic();
  return trial;
}

}  // namespace driftwood::sde_ensemble
