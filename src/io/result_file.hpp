// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "comm/communicator.hpp"
#include "io/dataset.hpp"
#include "io/disk.hpp"
#include "io/hdf5.hpp"

namespace driftwood::io {

/// A result file: HDF5 with named dimensions, which h5py, xarray and netCDF-4 programs open.
///
/// It is written as `<path>.partial` and takes its name in one step at `commit`; until then an
/// older file at `path` stays as it is, and if it never comes to that, nothing is left behind.
///
/// Every function but the destructor is collective. A failure on any rank is thrown on every rank,
/// as `IoError` unless said otherwise; after one the file can only be destroyed. Names are paths
/// such as "moments/mean", whose groups are made as needed. Everything but values is the same on
/// all ranks.
class ResultFile {
 public:
  /// Throws `UsageError` for a `path` that `check_output` refuses. `comm` must outlive the file.
  ResultFile(const comm::Communicator& comm, std::string path, bool overwrite = true);
  ResultFile(const ResultFile&) = delete;
  ResultFile& operator=(const ResultFile&) = delete;
  /// Removes what was not committed. Waits for no other rank: one that fails alone can unwind.
  ~ResultFile() = default;

  /// Makes a dimension without values of its own, such as the bins of a histogram.
  void dimension(std::string_view name, std::int64_t length);

  /// Makes a dimension and writes its values as a dataset of the same name; `values.dimensions` is
  /// left empty.
  void coordinate(std::string_view name, const Dataset& values);

  /// Writes values that all ranks have. Rank 0's are taken; the others may leave theirs out.
  void write(std::string_view name, const Dataset& dataset);

  /// Writes values distributed over ranks along the first dimension: `mine` holds this rank's rows,
  /// which are `rows`, one range after the other. Every row belongs to one rank; a rank may have
  /// none. Where the communicator is alone, rows may be left out: the file has the size of the
  /// whole.
  void write_rows(std::string_view name, const Dataset& mine, std::span<const Rows> rows);

  /// Sets an attribute of the file itself.
  void attribute(std::string_view name, const Attribute& value);
  /// The same of a group or dataset that is there.
  void attribute_of(std::string_view object, std::string_view name, const Attribute& value);

  /// Where the values of a dataset in one piece begin in the file [bytes].
  [[nodiscard]] std::uint64_t offset_of(std::string_view name);

  /// Closes the file, waits until it is on disk, and gives it its name. `seal` may add to the end
  /// of what has been closed; it is called on rank 0 with the name that the file has until then.
  void commit(const std::function<void(const std::string& draft)>& seal = {});
  /// The same as `<path>.failed`, replacing an older one: for what a failed run wants to keep.
  void commit_as_failed();

  [[nodiscard]] const std::string& path() const noexcept { return path_; }

 private:
  using Shape = std::vector<hsize_t>;

  void create();
  void reserve(std::uint64_t bytes);
  [[nodiscard]] Shape shape_of(const std::vector<std::string>& dimensions) const;
  void put(std::string_view name, const Dataset& dataset, const Shape& shape,
           std::span<const Rows> mine);
  void name_dimension(std::string_view name, const std::string& label, hsize_t length);
  void attach_dimensions(hid_t made, const std::vector<std::string>& dimensions) const;
  void finish(const std::string& final_path, bool overwrite,
              const std::function<void(const std::string&)>& seal);

  const comm::Communicator& comm_;
  std::string path_;
  bool overwrite_;
  disk::NoSizeSignal no_size_signal_;
  h5::Quiet quiet_;
  std::optional<disk::Draft> draft_;  // on rank 0
  /// Not a handle that closes: closing is collective and may fail, so `finish` does it. A file that
  /// is given up is left to HDF5, which closes it when MPI ends.
  hid_t file_ = H5I_INVALID_HID;
  std::map<std::string, hsize_t, std::less<>> lengths_;  // of the dimensions
};

}  // namespace driftwood::io
