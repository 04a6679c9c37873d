// SPDX-License-Identifier: BSD-3-Clause
#include "run/options.hpp"

#include <filesystem>
#include <string_view>
#include <system_error>

#include "base/error.hpp"
#include "deck/schema.hpp"
#include "io/output.hpp"

namespace driftwood::run {

namespace fs = std::filesystem;

void Options::describe(deck::Schema& schema) {
  schema
      .key("output", output, deck::non_empty,
           "file for the results, relative to the working directory; without it the deck's name "
           "with .h5, in the working directory")
      .may_change();
  schema.key("overwrite", overwrite, "whether an existing output file may be replaced")
      .may_change();
  schema
      .key("allow_nonfinite", allow_nonfinite, deck::probability,
           "fraction of paths that may become infinite or undefined before the run fails")
      .may_change();
  schema.table("checkpoint", checkpoint, "how often the run is saved, so that it can be continued");
  schema
      .key("resume", resume_name, deck::one_of({"never", "auto", "require"}),
           "whether to continue from the newest checkpoint: never, where there is one (as --resume "
           "does), or fail without one")
      .may_change();
  schema
      .key("time_limit", time_limit, deck::positive,
           "wall time after which the run saves itself and stops; the end of a SLURM job's time is "
           "known without it [s, or text: \"2 h\"]")
      .may_change();
}

void CheckpointOptions::describe(deck::Schema& schema) {
  schema
      .key("every", every, deck::positive,
           "wall time between two checkpoints [s, or text: \"10 min\"]")
      .may_change();
  schema
      .key("keep", keep, deck::between(1, 2),
           "generations that are kept: with 2 one is whole at any time, whatever happens to the "
           "other")
      .may_change();
  schema
      .key("margin", margin, deck::non_negative,
           "how long before the end of its time a run begins to stop, beside what its steps and "
           "checkpoints are seen to take [s, or text]")
      .may_change();
}

Resume Options::resume() const {
  if (resume_name == "auto") return Resume::automatic;
  return resume_name == "require" ? Resume::require : Resume::never;
}

std::string output_path(const Options& options, const std::string& deck_file,
                        const std::optional<std::string>& from_command_line) {
  if (from_command_line) return *from_command_line;
  if (options.output) return *options.output;
  return fs::path(deck_file).stem().string() + ".h5";
}

void check_output(const Options& options, const deck::Source& source,
                  const std::optional<std::string>& from_command_line) {
  const std::string& path = options.output.value();
  try {
    io::check_output(path, options.overwrite || options.resume() != Resume::never);
    std::error_code none;
    if (fs::equivalent(path, source.file(), none)) {
      throw UsageError("cannot write '" + path + "'", "it is the deck", "name another file");
    }
  } catch (const UsageError& error) {
    if (!from_command_line) throw source.error("run.output", error.what());
    throw UsageError("--output " + path + ": error: " + error.what());
  }
}

}  // namespace driftwood::run
