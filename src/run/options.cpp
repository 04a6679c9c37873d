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
  schema.key("output", output, deck::non_empty,
             "file for the results, relative to the working directory; without it the deck's name "
             "with .h5, in the working directory");
  schema.key("overwrite", overwrite, "whether an existing output file may be replaced");
  schema.key("allow_nonfinite", allow_nonfinite, deck::probability,
             "fraction of paths that may become infinite or undefined before the run fails");
  schema.reserved("checkpoint", "checkpoints are not part of this version");
  schema.reserved("resume", "checkpoints are not part of this version");
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
    io::check_output(path, options.overwrite);
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
