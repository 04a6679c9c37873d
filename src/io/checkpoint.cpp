// SPDX-License-Identifier: BSD-3-Clause
#include "io/checkpoint.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

// The checksums are a few lines of inlined code: nothing to link, nothing to load.
#define XXH_INLINE_ALL
#include <xxhash.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <iterator>
#include <utility>

#include "base/error.hpp"
#include "io/disk.hpp"
#include "io/hdf5.hpp"
#include "io/layout.hpp"
#include "io/result_file.hpp"

namespace driftwood::io {
namespace {

namespace at = layout::checkpoint;
namespace fs = std::filesystem;

constexpr std::uint64_t magic = 0x31'54'50'4b'43'57'44'0a;  // "\nDWCKPT1"
constexpr std::size_t word_bytes = sizeof(std::uint64_t);

std::uint64_t checksum_of(std::span<const std::byte> bytes) {
  return XXH3_64bits(bytes.data(), bytes.size());
}

std::uint64_t words_for(std::uint64_t bytes) { return (bytes + word_bytes - 1) / word_bytes; }

disk::Descriptor open_file(const std::string& file, int flags) {
  disk::Descriptor opened(::open(file.c_str(), flags | O_CLOEXEC));
  if (!opened) disk::fail("open", file, errno);
  return opened;
}

std::uint64_t size_of(const disk::Descriptor& file, const std::string& name) {
  struct stat status = {};
  if (::fstat(file.get(), &status) != 0) disk::fail("read", name, errno);
  return static_cast<std::uint64_t>(status.st_size);
}

void read_all(const disk::Descriptor& file, const std::string& name, std::span<std::byte> to,
              std::uint64_t offset) {
  while (!to.empty()) {
    const auto got = ::pread(file.get(), to.data(), to.size(), static_cast<off_t>(offset));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) disk::fail("read", name, errno);
    if (got == 0) throw IoError("cannot read '" + name + "'", "it is cut off");
    to = to.subspan(static_cast<std::size_t>(got));
    offset += static_cast<std::uint64_t>(got);
  }
}

/// Numbers of a dataset, `count` from `first` on; all without a count.
std::vector<std::uint64_t> read_numbers(hid_t file, std::string_view name, const std::string& path,
                                        hsize_t first = 0, std::optional<hsize_t> count = {}) {
  const h5::DataSet data(h5::check(H5Dopen2(file, std::string(name).c_str(), H5P_DEFAULT), path));
  const h5::Space space(h5::check(H5Dget_space(data.get()), path));
  const auto all = static_cast<hsize_t>(h5::check(H5Sget_simple_extent_npoints(space.get()), path));
  const hsize_t wanted = count.value_or(all);
  std::vector<std::uint64_t> out(wanted);
  // A rank hands MPI no more than its counts can express.
  constexpr hsize_t at_once = hsize_t{1} << 25;
  for (hsize_t done = 0; done < wanted; done += at_once) {
    const hsize_t begin = first + done;
    const hsize_t length = std::min(at_once, wanted - done);
    h5::check(H5Sselect_hyperslab(space.get(), H5S_SELECT_SET, &begin, nullptr, &length, nullptr),
              path);
    const h5::Space memory(h5::check(H5Screate_simple(1, &length, nullptr), path));
    h5::check(H5Dread(data.get(), H5T_NATIVE_UINT64, memory.get(), space.get(), H5P_DEFAULT,
                      out.data() + done),
              path);
  }
  return out;
}

std::string read_text(hid_t file, std::string_view name, const std::string& path) {
  return h5::read_text(
      h5::DataSet(h5::check(H5Dopen2(file, std::string(name).c_str(), H5P_DEFAULT), path)), path);
}

double read_number(hid_t file, std::string_view name, const std::string& path) {
  const h5::DataSet data(h5::check(H5Dopen2(file, std::string(name).c_str(), H5P_DEFAULT), path));
  double value = 0;
  h5::check(H5Dread(data.get(), H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, &value), path);
  return value;
}

void check_format(hid_t file, const std::string& path) {
  const h5::Attribute format(
      h5::check(H5Aopen(file, std::string(at::format).c_str(), H5P_DEFAULT), path));
  std::int64_t number = 0;
  h5::check(H5Aread(format.get(), H5T_NATIVE_INT64, &number), path);
  if (number == at::format_version) return;
  throw IoError("cannot read '" + path + "'", "it has the format " + std::to_string(number) +
                                                  ", and this version reads " +
                                                  std::to_string(at::format_version));
}

h5::File open_together(const std::string& path, const comm::Communicator& comm) {
  const h5::Properties access(h5::check(H5Pcreate(H5P_FILE_ACCESS), path));
  if (!comm.is_alone()) {
    h5::check(H5Pset_fapl_mpio(access.get(), comm.get(), MPI_INFO_NULL), path);
    h5::check(H5Pset_all_coll_metadata_ops(access.get(), true), path);
  }
  return h5::File(h5::check(H5Fopen(path.c_str(), H5F_ACC_RDONLY, access.get()), path));
}

/// The parts of this rank, whose words begin at `first`.
std::vector<comm::Bytes> read_parts(hid_t file, const comm::Share& mine,
                                    const std::vector<std::uint64_t>& lengths,
                                    const std::vector<std::uint64_t>& checksums,
                                    const std::string& path) {
  std::uint64_t first = 0;
  std::vector<comm::Bytes> parts;
  for (std::size_t r = 0; r < static_cast<std::size_t>(mine.last); ++r) {
    const std::uint64_t count = words_for(lengths[r]);
    if (r >= static_cast<std::size_t>(mine.first)) {
      const auto words = read_numbers(file, at::words, path, first, count);
      const auto bytes = std::as_bytes(std::span(words)).first(lengths[r]);
      if (checksum_of(bytes) != checksums[r]) {
        throw IoError("cannot read '" + path + "'",
                      "part " + std::to_string(r) + " does not have its checksum");
      }
      parts.emplace_back(bytes.begin(), bytes.end());
    }
    first += count;
  }
  return parts;
}

}  // namespace

CheckpointFiles::CheckpointFiles(const comm::Communicator& comm, const std::string& output,
                                 int keep)
    : comm_(comm),
      files_{output + ".ckpt.a", output + ".ckpt.b"},
      keep_(static_cast<std::size_t>(keep)) {}

bool CheckpointFiles::any() const {
  std::int64_t found = 0;
  std::error_code ignored;
  for (const std::string& file : files_) {
    if (comm_.is_root() && fs::exists(file, ignored)) found = 1;
  }
  return comm_.all_reduce_max(found) == 1;
}

std::uint64_t CheckpointFiles::checksum_of_rest(const std::string& file, const Trailer& trailer,
                                                std::uint64_t size) {
  const auto opened = open_file(file, O_RDONLY);
  const std::uint64_t end = trailer.parts_begin + trailer.parts_bytes;
  std::vector<std::byte> rest(size - trailer.parts_bytes);
  const auto before = std::span(rest).first(trailer.parts_begin);
  read_all(opened, file, before, 0);
  read_all(opened, file, std::span(rest).subspan(before.size()), end);
  return checksum_of(rest);
}

void CheckpointFiles::seal(const std::string& file, Trailer trailer) {
  const auto opened = open_file(file, O_WRONLY);
  const std::uint64_t size = size_of(opened, file);
  trailer.magic = magic;
  trailer.rest = checksum_of_rest(file, trailer, size);
  trailer.checksum =
      checksum_of(std::as_bytes(std::span(&trailer, 1)).first(offsetof(Trailer, checksum)));
  const auto bytes = std::as_bytes(std::span(&trailer, 1));
  for (std::size_t done = 0; done < bytes.size();) {
    const auto put = ::pwrite(opened.get(), bytes.data() + done, bytes.size() - done,
                              static_cast<off_t>(size + done));
    if (put < 0 && errno == EINTR) continue;
    if (put < 0) disk::fail("write", file, errno);
    done += static_cast<std::size_t>(put);
  }
}

CheckpointFiles::Trailer CheckpointFiles::probe(const std::string& file) {
  const auto opened = open_file(file, O_RDONLY);
  const std::uint64_t all = size_of(opened, file);
  Trailer trailer;
  const std::string problem = "cannot read '" + file + "'";
  if (all < sizeof(trailer)) throw IoError(problem, "it is cut off");
  const std::uint64_t size = all - sizeof(trailer);
  read_all(opened, file, std::as_writable_bytes(std::span(&trailer, 1)), size);
  const auto own =
      checksum_of(std::as_bytes(std::span(&trailer, 1)).first(offsetof(Trailer, checksum)));
  if (trailer.magic != magic || trailer.checksum != own) {
    throw IoError(problem, "its end is not that of a checkpoint: it is cut off or altered");
  }
  if (trailer.parts_bytes > size || trailer.parts_begin > size - trailer.parts_bytes ||
      checksum_of_rest(file, trailer, size) != trailer.rest) {
    throw IoError(problem, "it does not have its checksum");
  }
  return trailer;
}

SavedRun CheckpointFiles::read_file(const std::string& path) const {
  return comm_.agree([&] {
    const h5::Quiet quiet;
    const auto file = open_together(path, comm_);
    check_format(file.get(), path);
    SavedRun saved{path, {}, {}};
    saved.header = {read_text(file.get(), at::driver, path),
                    read_text(file.get(), at::build, path),
                    read_text(file.get(), at::effective_deck, path),
                    read_number(file.get(), at::wall_seconds, path),
                    read_number(file.get(), at::joules, path),
                    static_cast<std::int64_t>(read_number(file.get(), at::jobs, path))};
    const auto lengths = read_numbers(file.get(), at::bytes, path);
    const auto checksums = read_numbers(file.get(), at::checksum, path);
    const auto mine = comm_.share(static_cast<std::int64_t>(lengths.size()));
    saved.parts = read_parts(file.get(), mine, lengths, checksums, path);
    return saved;
  });
}

std::optional<SavedRun> CheckpointFiles::read(
    const std::function<void(const std::string&)>& complain) {
  // Rank 0 finds those that are whole, newest first.
  struct Found {
    std::uint64_t generation;
    std::string file;
  };
  std::vector<Found> found;
  for (const std::string& file : files_) {
    std::error_code ignored;
    if (!comm_.is_root() || !fs::exists(file, ignored)) continue;
    try {
      found.push_back({probe(file).generation, file});
    } catch (const Error& error) {
      complain(error.what());
    }
  }
  std::ranges::sort(found, std::greater<>{}, &Found::generation);
  const auto count = comm_.all_reduce_max(static_cast<std::uint64_t>(found.size()));
  for (std::uint64_t i = 0; i < count; ++i) {
    std::string file = comm_.is_root() ? found[i].file : "";
    comm_.broadcast(file);
    try {
      SavedRun saved = read_file(file);
      newest_ = comm_.all_reduce_max(comm_.is_root() ? found[i].generation : 0);
      is_alone_ = false;
      return saved;
    } catch (const Error& error) {
      complain(error.what());
    }
  }
  return std::nullopt;
}

void CheckpointFiles::note_newest() {
  std::uint64_t newest = 0;
  for (const std::string& file : files_) {
    std::error_code ignored;
    if (!comm_.is_root() || !fs::exists(file, ignored)) continue;
    try {
      newest = std::max(newest, probe(file).generation);
    } catch (const Error&) {  // what is not whole has no generation
    }
  }
  newest_ = comm_.all_reduce_max(newest);
}

namespace {

/// The parts of all ranks, and where this rank's words lie among all.
struct Parts {
  std::vector<std::uint64_t> lengths;
  std::vector<std::uint64_t> checksums;
  std::vector<std::uint64_t> words;  ///< of this rank
  std::uint64_t first = 0;
  std::uint64_t total = 0;
};

/// Collective.
Parts parts_of(const comm::Communicator& comm, std::span<const std::byte> mine) {
  const auto size = static_cast<std::size_t>(comm.size());
  const auto rank = static_cast<std::size_t>(comm.rank());
  Parts parts{std::vector<std::uint64_t>(size), std::vector<std::uint64_t>(size),
              std::vector<std::uint64_t>(words_for(mine.size()))};
  parts.lengths[rank] = mine.size();
  parts.checksums[rank] = checksum_of(mine);
  comm.all_reduce_max(parts.lengths);
  comm.all_reduce_max(parts.checksums);
  if (!mine.empty()) std::memcpy(parts.words.data(), mine.data(), mine.size());
  for (std::size_t r = 0; r < size; ++r) {
    if (r == rank) parts.first = parts.total;
    parts.total += words_for(parts.lengths[r]);
  }
  if (parts.total == 0) {  // HDF5 gives no place to what is empty
    parts.total = 1;
    if (comm.is_root()) parts.words.resize(1);
  }
  return parts;
}

void write_header(ResultFile& file, const CheckpointHeader& header) {
  const auto text = [&](std::string_view name, const char* what, const std::string& value) {
    file.write(name, {{}, "1", what, std::span(&value, 1)});
  };
  const auto number = [&](std::string_view name, const char* units, const char* what,
                          double value) {
    file.write(name, {{}, units, what, std::span<const double>(&value, 1)});
  };
  text(at::driver, "driver that ran", header.driver);
  text(at::build, "what it was built from", header.build);
  text(at::effective_deck, "input deck with every default filled in", header.effective_deck);
  number(at::wall_seconds, "s", "wall time of all jobs so far", header.wall_seconds);
  number(at::joules, "J", "energy of all jobs so far", header.joules);
  number(at::jobs, "1", "jobs so far", static_cast<double>(header.jobs));
}

void write_parts(ResultFile& file, const Parts& parts) {
  const std::vector<std::string> by_part = {std::string(at::part)};
  file.dimension(at::part, std::ssize(parts.lengths));
  file.dimension(at::word, static_cast<std::int64_t>(parts.total));
  file.write(at::bytes,
             {by_part, "1", "length of a part", std::span<const std::uint64_t>(parts.lengths)});
  file.write(at::checksum,
             {by_part, "1", "XXH3 of a part", std::span<const std::uint64_t>(parts.checksums)});
  const Rows rows{static_cast<std::int64_t>(parts.first), std::ssize(parts.words)};
  file.write_rows(at::words,
                  {{std::string(at::word)},
                   "1",
                   "what the ranks saved",
                   std::span<const std::uint64_t>(parts.words),
                   {},
                   true},
                  {&rows, 1});
}

}  // namespace

void CheckpointFiles::write(const CheckpointHeader& header, std::span<const std::byte> mine) {
  if (!newest_) note_newest();
  const std::uint64_t generation = *newest_ + 1;
  const std::string& path = files_[generation % keep_];
  const Parts parts = parts_of(comm_, mine);

  ResultFile file(comm_, path);
  file.attribute(at::format, at::format_version);
  write_header(file, header);
  write_parts(file, parts);
  Trailer trailer;
  trailer.generation = generation;
  trailer.parts_begin = file.offset_of(at::words);
  trailer.parts_bytes = parts.total * word_bytes;
  file.commit([&](const std::string& draft) { seal(draft, trailer); });

  newest_ = generation;
  if (comm_.is_root() && (is_alone_ || keep_ == 1)) {
    for (const std::string& other : files_) {
      if (other != path) ::unlink(other.c_str());
    }
  }
  is_alone_ = false;
}

void CheckpointFiles::remove() {
  if (!comm_.is_root()) return;
  for (const std::string& file : files_) ::unlink(file.c_str());
}

}  // namespace driftwood::io
