// SPDX-License-Identifier: BSD-3-Clause
#include "io/result_file.hpp"

#include <hdf5_hl.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <functional>
#include <numeric>

#include "base/error.hpp"
#include "io/encode.hpp"
#include "io/layout.hpp"
#include "io/output.hpp"

namespace driftwood::io {
namespace {

using Shape = std::vector<hsize_t>;

// Datasets above this size are stored in chunks of about it, smaller ones in one piece.
constexpr hsize_t chunk_bytes = hsize_t{1} << 20;
// A rank hands HDF5 at most this much at once, well below the 2 GiB that MPI counts can express.
constexpr hsize_t round_bytes = hsize_t{1} << 28;
// An upper bound of what HDF5 adds for one dataset: its header, attributes, group, references.
constexpr std::uint64_t slack_bytes = std::uint64_t{1} << 16;
constexpr std::uint64_t slack_bytes_per_chunk = 256;

hsize_t product(std::span<const hsize_t> lengths) {
  return std::accumulate(lengths.begin(), lengths.end(), hsize_t{1}, std::multiplies<>());
}

/// Values in one step along the first dimension.
hsize_t row_size(const Shape& shape) {
  return shape.empty() ? 1 : product(std::span(shape).subspan(1));
}

hsize_t row_count(const Shape& shape) { return shape.empty() ? 1 : shape.front(); }

/// Empty for a dataset that is stored in one piece.
Shape chunk_of(const Shape& shape, std::size_t element, bool in_one_piece) {
  if (in_one_piece || product(shape) * element <= chunk_bytes) return {};
  Shape chunk = shape;
  chunk.front() = std::clamp<hsize_t>(chunk_bytes / (row_size(shape) * element), 1, shape.front());
  return chunk;
}

/// What the values take on disk, whole chunks and their index included.
std::uint64_t stored_bytes(const Shape& shape, std::size_t element, bool in_one_piece) {
  const auto chunk = chunk_of(shape, element, in_one_piece);
  if (chunk.empty()) return product(shape) * element;
  const auto chunks = (shape.front() + chunk.front() - 1) / chunk.front();
  return chunks * (product(chunk) * element + slack_bytes_per_chunk);
}

std::uint64_t text_bytes(const Dataset& dataset) {
  std::uint64_t sum = dataset.units.size() + dataset.long_name.size();
  for (const auto& [key, value] : dataset.attributes) {
    sum += key.size();
    if (const auto* text = std::get_if<std::string>(&value)) sum += text->size();
  }
  return sum;
}

h5::Space space_of(const Shape& shape, const std::string& file) {
  const auto id = shape.empty()
                      ? H5Screate(H5S_SCALAR)
                      : H5Screate_simple(static_cast<int>(shape.size()), shape.data(), nullptr);
  return h5::Space(h5::check(id, file));
}

h5::DataSet make(hid_t file, std::string_view name, const Encoded& values, const Shape& shape,
                 const Shape& chunk, const std::string& path) {
  const h5::Properties link(h5::check(H5Pcreate(H5P_LINK_CREATE), path));
  h5::check(H5Pset_create_intermediate_group(link.get(), 1), path);
  h5::check(H5Pset_char_encoding(link.get(), H5T_CSET_UTF8), path);
  const h5::Properties creation(h5::check(H5Pcreate(H5P_DATASET_CREATE), path));
  h5::check(H5Pset_fill_time(creation.get(), H5D_FILL_TIME_NEVER), path);
  // As with MPI-IO, which leaves no choice: a file has the same size without it.
  h5::check(H5Pset_alloc_time(creation.get(), H5D_ALLOC_TIME_EARLY), path);
  if (!chunk.empty()) {
    h5::check(H5Pset_chunk(creation.get(), static_cast<int>(chunk.size()), chunk.data()), path);
  }
  const h5::Properties access(h5::check(H5Pcreate(H5P_DATASET_ACCESS), path));
  h5::check(H5Pset_chunk_cache(access.get(), 0, 0, 1), path);  // MPI-IO has none either
  const auto space = space_of(shape, path);
  return h5::DataSet(h5::check(H5Dcreate2(file, std::string(name).c_str(), values.type.get(),
                                          space.get(), link.get(), creation.get(), access.get()),
                               path));
}

/// Writes `count` rows from row `first` on, which begin at `data`. Collective, also without rows.
void write_slab(const h5::DataSet& to, const Encoded& values, const Shape& shape, hsize_t first,
                hsize_t count, const std::byte* data, bool is_shared, const std::string& path) {
  const auto target = space_of(shape, path);
  const auto source = space_of({std::max<hsize_t>(count * row_size(shape), 1)}, path);
  if (count == 0) {
    h5::check(H5Sselect_none(target.get()), path);
    h5::check(H5Sselect_none(source.get()), path);
  } else if (!shape.empty()) {
    Shape start(shape.size(), 0);
    Shape extent = shape;
    start.front() = first;
    extent.front() = count;
    h5::check(H5Sselect_hyperslab(target.get(), H5S_SELECT_SET, start.data(), nullptr,
                                  extent.data(), nullptr),
              path);
  }
  const h5::Properties transfer(h5::check(H5Pcreate(H5P_DATASET_XFER), path));
  if (is_shared) {
    h5::check(H5Pset_dxpl_mpio(transfer.get(), H5FD_MPIO_COLLECTIVE), path);
    h5::check(H5Pset_dxpl_mpio_collective_opt(transfer.get(), H5FD_MPIO_INDIVIDUAL_IO), path);
  }
  const std::byte none{};
  h5::check(H5Dwrite(to.get(), values.type.get(), source.get(), target.get(), transfer.get(),
                     count == 0 ? &none : data),
            path);
}

std::string leaf(std::string_view name) {
  return std::string(name.substr(name.rfind('/') + 1));  // npos + 1 is 0
}

/// The name by which netCDF-4 knows a dimension without values.
std::string bare_label(hsize_t length) {
  constexpr auto text = "This is a netCDF dimension but not a netCDF variable.%10llu";
  std::array<char, 80> label = {};
  std::snprintf(label.data(), label.size(), text, static_cast<unsigned long long>(length));
  return label.data();
}

}  // namespace

ResultFile::ResultFile(const comm::Communicator& comm, std::string path, bool overwrite)
    : comm_(comm), path_(std::move(path)), overwrite_(overwrite) {
  create();
  attribute(layout::attribute::conventions, std::string(layout::conventions));
  attribute(layout::attribute::format_version, layout::format_version);
}

// HDF5's calls are collective, but each rank writes its own bytes, which are contiguous anyway, and
// its own share of the metadata: MPI's collective writes (Open MPI 4.1, three ranks or more) report
// success after a failed write.
void ResultFile::create() {
  comm_.agree([&] {
    if (!comm_.is_root()) return;
    check_output(path_, overwrite_);
    draft_.emplace(path_);
  });
  comm_.agree([&] {
    const h5::Properties access(h5::check(H5Pcreate(H5P_FILE_ACCESS), path_));
    if (!comm_.is_alone()) {
      h5::check(H5Pset_fapl_mpio(access.get(), comm_.get(), MPI_INFO_NULL), path_);
      h5::check(H5Pset_all_coll_metadata_ops(access.get(), true), path_);
    }
    const auto name = disk::Draft::name(path_);
    file_ = h5::check(H5Fcreate(name.c_str(), H5F_ACC_TRUNC, H5P_DEFAULT, access.get()), path_);
  });
  reserve(slack_bytes);
}

// HDF5 cannot close a file that it cannot write, and complains at the end of the process: a full
// disk must show before HDF5 meets it. Without MPI-IO it would not cut off what is set aside too
// much.
void ResultFile::reserve(std::uint64_t bytes) {
  if (comm_.is_alone()) return;
  comm_.agree([&] {
    if (draft_) draft_->reserve(bytes);
  });
}

ResultFile::Shape ResultFile::shape_of(const std::vector<std::string>& dimensions) const {
  Shape shape;
  for (const auto& name : dimensions) {
    const auto found = lengths_.find(name);
    if (found == lengths_.end()) {
      throw Error("'" + path_ + "' has no dimension '" + name + "'", "it must be made first");
    }
    shape.push_back(found->second);
  }
  return shape;
}

void ResultFile::dimension(std::string_view name, std::int64_t length) {
  const auto count = static_cast<hsize_t>(length);
  reserve(slack_bytes + count);
  comm_.agree([&] {
    const Encoded nothing{h5::Type(h5::check(H5Tcopy(H5T_STD_I8LE), path_)), 1, nullptr, {}};
    const auto made = make(file_, name, nothing, {count}, {}, path_);
  });
  name_dimension(name, bare_label(count), count);
}

void ResultFile::coordinate(std::string_view name, const Dataset& values) {
  auto count = static_cast<std::uint64_t>(size_of(values.values));
  count = comm_.all_reduce_max(comm_.is_root() ? count : 0);
  const Rows all{0, static_cast<std::int64_t>(count)};
  put(name, values, {count}, {&all, comm_.is_root() ? 1U : 0U});
  name_dimension(name, leaf(name), count);
}

void ResultFile::name_dimension(std::string_view name, const std::string& label, hsize_t length) {
  comm_.agree([&] {
    const h5::DataSet scale(
        h5::check(H5Dopen2(file_, std::string(name).c_str(), H5P_DEFAULT), path_));
    h5::check(H5DSset_scale(scale.get(), label.c_str()), path_);
  });
  lengths_.emplace(name, length);
}

void ResultFile::write(std::string_view name, const Dataset& dataset) {
  const auto shape = comm_.agree([&] { return shape_of(dataset.dimensions); });
  const Rows all{0, static_cast<std::int64_t>(row_count(shape))};
  put(name, dataset, shape, {&all, comm_.is_root() ? 1U : 0U});
}

void ResultFile::write_rows(std::string_view name, const Dataset& mine,
                            std::span<const Rows> rows) {
  const auto shape = comm_.agree([&] { return shape_of(mine.dimensions); });
  std::uint64_t count = 0;
  for (const Rows& r : rows) count += static_cast<std::uint64_t>(r.count);
  const auto total = comm_.all_reduce_sum(count);
  comm_.agree([&] {
    const auto is_outside = [&](const Rows& r) {
      return r.first < 0 || static_cast<hsize_t>(r.first + r.count) > row_count(shape);
    };
    const bool is_short = total != row_count(shape) && !comm_.is_alone();
    if (std::ranges::any_of(rows, is_outside) || is_short) {
      throw Error("'" + std::string(name) + "' has " + std::to_string(total) + " rows",
                  std::to_string(row_count(shape)) + " are due, each from one rank");
    }
  });
  put(name, mine, shape, rows);
}

namespace {

/// Rows that are written at once, and where their values begin among those of the rank [bytes].
struct Piece {
  hsize_t first;
  hsize_t count;
  std::size_t offset;
};

std::vector<Piece> pieces_of(std::span<const Rows> rows, hsize_t row_bytes) {
  const auto at_once = std::max<hsize_t>(round_bytes / row_bytes, 1);
  std::vector<Piece> out;
  std::size_t offset = 0;
  for (const Rows& r : rows) {
    const auto all = static_cast<hsize_t>(r.count);
    for (hsize_t done = 0; done < all; done += at_once) {
      const hsize_t count = std::min(at_once, all - done);
      out.push_back({static_cast<hsize_t>(r.first) + done, count, offset});
      offset += count * row_bytes;
    }
  }
  return out;
}

}  // namespace

void ResultFile::put(std::string_view name, const Dataset& dataset, const Shape& shape,
                     std::span<const Rows> mine) {
  comm_.agree([&] {
    hsize_t due = 0;
    for (const Rows& r : mine) due += static_cast<hsize_t>(r.count) * row_size(shape);
    if (due > 0 && size_of(dataset.values) != due) {
      throw Error("'" + std::string(name) + "' has " + std::to_string(size_of(dataset.values)) +
                  " values where " + std::to_string(due) + " are due");
    }
  });
  const auto values = encode(dataset.values, comm_, path_);
  const auto row_bytes = std::max<hsize_t>(row_size(shape) * values.element, 1);
  const std::vector<Piece> pieces = pieces_of(mine, row_bytes);
  const auto rounds = comm_.all_reduce_max(static_cast<std::uint64_t>(pieces.size()));
  reserve(slack_bytes + stored_bytes(shape, values.element, dataset.in_one_piece) +
          text_bytes(dataset));
  comm_.agree([&] {
    const auto made = make(file_, name, values, shape,
                           chunk_of(shape, values.element, dataset.in_one_piece), path_);
    set_attribute(made.get(), "units", dataset.units, path_);
    set_attribute(made.get(), "long_name", dataset.long_name, path_);
    for (const auto& [key, value] : dataset.attributes) {
      set_attribute(made.get(), key, value, path_);
    }
    attach_dimensions(made.get(), dataset.dimensions);
    for (std::size_t round = 0; round < rounds; ++round) {
      const Piece piece = round < pieces.size() ? pieces[round] : Piece{0, 0, 0};
      write_slab(made, values, shape, piece.first, piece.count, values.data + piece.offset,
                 !comm_.is_alone(), path_);
    }
  });
}

void ResultFile::attach_dimensions(hid_t made, const std::vector<std::string>& dimensions) const {
  for (unsigned i = 0; i < dimensions.size(); ++i) {
    const h5::DataSet scale(h5::check(H5Dopen2(file_, dimensions[i].c_str(), H5P_DEFAULT), path_));
    h5::check(H5DSattach_scale(made, scale.get(), i), path_);
  }
}

void ResultFile::attribute(std::string_view name, const Attribute& value) {
  reserve(slack_bytes);
  comm_.agree([&] { set_attribute(file_, std::string(name), value, path_); });
}

void ResultFile::attribute_of(std::string_view object, std::string_view name,
                              const Attribute& value) {
  reserve(slack_bytes);
  comm_.agree([&] {
    const h5::Object opened(
        h5::check(H5Oopen(file_, std::string(object).c_str(), H5P_DEFAULT), path_));
    set_attribute(opened.get(), std::string(name), value, path_);
  });
}

std::uint64_t ResultFile::offset_of(std::string_view name) {
  return comm_.agree([&] {
    const h5::DataSet data(
        h5::check(H5Dopen2(file_, std::string(name).c_str(), H5P_DEFAULT), path_));
    const haddr_t offset = H5Dget_offset(data.get());
    if (offset == HADDR_UNDEF) h5::fail(path_);
    return std::uint64_t{offset};
  });
}

void ResultFile::commit(const std::function<void(const std::string&)>& seal) {
  finish(path_, overwrite_, seal);
}

void ResultFile::commit_as_failed() { finish(path_ + ".failed", true, {}); }

void ResultFile::finish(const std::string& final_path, bool overwrite,
                        const std::function<void(const std::string&)>& seal) {
  comm_.agree([&] {
    // Every node has its own part on disk before rank 0 names the file.
    h5::check(H5Fflush(file_, H5F_SCOPE_GLOBAL), path_);
    h5::check(H5Fclose(file_), path_);
    file_ = H5I_INVALID_HID;
  });
  comm_.agree([&] {
    if (!draft_) return;
    if (seal) seal(disk::Draft::name(path_));
    draft_->publish(final_path, overwrite);
  });
}

}  // namespace driftwood::io
