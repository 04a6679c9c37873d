// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "comm/communicator.hpp"

namespace driftwood::io {

/// What a checkpoint says of the run that left it; the same on every rank.
struct CheckpointHeader {
  std::string driver;
  std::string build;  ///< version, commit and compiler
  std::string effective_deck;
  double wall_seconds = 0;  ///< of all jobs of the run until then
  double joules = 0;        ///< likewise
  std::int64_t jobs = 1;    ///< that have worked on the run
};

/// A checkpoint that was read.
struct SavedRun {
  std::string file;
  CheckpointHeader header;
  /// What ranks of the run had saved: the parts of this rank, in the order of the ranks. All parts
  /// are on one rank each, shared out in order.
  std::vector<comm::Bytes> parts;
};

/// The checkpoints of one output, `<output>.ckpt.a` and `.b`, which alternate: the older one stays
/// as it is until the newer one is whole and on disk.
///
/// A checkpoint is an HDF5 file whose parts have checksums of their own; a trailer behind what HDF5
/// knows holds a checksum of everything else. So whatever is torn, cut off or altered is noticed
/// before it is used.
///
/// Every function is collective; a failure on one rank is thrown on all.
class CheckpointFiles {
 public:
  /// `keep`: 2, or 1 to have `.a` alone. `comm` must outlive this.
  CheckpointFiles(const comm::Communicator& comm, const std::string& output, int keep);

  /// Whether there is anything by the name of a checkpoint.
  [[nodiscard]] bool any() const;

  /// The newest checkpoint that can be read. Says of each that cannot, and why, on rank 0.
  [[nodiscard]] std::optional<SavedRun> read(
      const std::function<void(const std::string&)>& complain);

  /// Writes the next generation, `mine` being this rank's part. Throws `Error`; then those that
  /// were there before still are. The first of a run that continues none removes those of others.
  void write(const CheckpointHeader& header, std::span<const std::byte> mine);

  /// Removes all of them.
  void remove();

 private:
  /// What stands at the end of a file.
  struct Trailer {
    std::uint64_t magic = 0;
    std::uint64_t generation = 0;
    std::uint64_t parts_begin = 0;  ///< in the file [bytes]
    std::uint64_t parts_bytes = 0;
    std::uint64_t rest = 0;      ///< checksum of the file before the trailer, less the parts
    std::uint64_t checksum = 0;  ///< of the above
  };

  [[nodiscard]] static std::uint64_t checksum_of_rest(const std::string& file,
                                                      const Trailer& trailer, std::uint64_t size);
  static void seal(const std::string& file, Trailer trailer);
  [[nodiscard]] static Trailer probe(const std::string& file);
  [[nodiscard]] SavedRun read_file(const std::string& file) const;
  void note_newest();

  const comm::Communicator& comm_;
  std::array<std::string, 2> files_;
  std::size_t keep_;
  std::optional<std::uint64_t> newest_;  ///< generation that the next one follows, once known
  bool is_alone_ = true;                 ///< whether those that are there belong to other runs
};

}  // namespace driftwood::io
