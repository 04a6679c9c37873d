// SPDX-License-Identifier: BSD-3-Clause
#include "io/provenance.hpp"

#include <unistd.h>

#include <array>
#include <chrono>
#include <ctime>
#include <span>
#include <string_view>

#include "io/layout.hpp"

namespace driftwood::io {
namespace {

namespace names = layout::run;

void put(ResultFile& file, std::string_view name, const std::string& text,
         const std::string& meaning) {
  if (text.empty()) return;
  file.write(name, {{}, "1", meaning, std::span(&text, 1)});
}

void put(ResultFile& file, std::string_view name, std::int64_t number, const std::string& meaning,
         const std::string& units = "1") {
  file.write(name, {{}, units, meaning, std::span<const std::int64_t>(&number, 1)});
}

void put(ResultFile& file, std::string_view name, double number, const std::string& meaning,
         const std::string& units) {
  file.write(name, {{}, units, meaning, std::span<const double>(&number, 1)});
}

void write_build(ResultFile& file, const Provenance& p) {
  put(file, names::driver, p.driver, "driver that ran");
  put(file, names::version, p.version, "version of Driftwood");
  put(file, names::commit, p.commit, "commit that was built");
  put(file, names::dirty, std::int64_t{p.dirty}, "1 if the source had changes beyond the commit");
  put(file, names::compiler, p.compiler, "compiler");
  put(file, names::build_flags, p.build_flags, "compiler flags");
  put(file, names::architecture, p.architecture, "instruction set that was compiled for");
  put(file, names::kokkos, p.kokkos, "version of Kokkos");
  put(file, names::backend, p.backend, "Kokkos backend that computed");
  put(file, names::mpi, mpi_library(), "MPI library");
  put(file, names::hdf5, hdf5_library(), "HDF5 library");
}

void write_run(ResultFile& file, const Provenance& p) {
  put(file, names::ranks, p.ranks, "MPI ranks");
  put(file, names::threads, p.threads, "threads per rank");
  put(file, names::lane_width, p.lane_width, "paths advanced by one instruction");
  put(file, names::host, p.host, "host name of rank 0");
  put(file, names::started, p.started, "start of the run, UTC");
  put(file, names::finished, p.finished, "end of the run, UTC");
  put(file, names::wall_seconds, p.wall_seconds, "wall time of the run", "s");
  if (p.memory) {
    put(file, names::memory, *p.memory,
        "most memory of a rank, beyond that of MPI and Kokkos at the start", "byte");
  }
  put(file, names::command_line, p.command_line, "command line");
  put(file, names::deck, p.deck, "input deck as given");
  put(file, names::effective_deck, p.effective_deck, "input deck with every default filled in");
  if (p.seed) {
    file.write(
        names::seed,
        {{}, "1", "seed of all random numbers", std::span<const std::uint64_t>(&*p.seed, 1)});
  }
}

}  // namespace

Provenance Provenance::now(const comm::Communicator& comm, std::string driver) {
  Provenance record;
  std::array<char, 256> host = {};
  ::gethostname(host.data(), host.size() - 1);
  record.driver = std::move(driver);
  record.ranks = comm.size();
  record.host = host.data();
  record.started = utc_now();
  return record;
}

void Provenance::write(ResultFile& file) const {
  write_build(file, *this);
  write_run(file, *this);
  for (const auto& quantity : quantities) {
    const auto name = names::quantity(quantity.name);
    std::visit([&](auto value) { put(file, name, value, quantity.long_name, quantity.units); },
               quantity.value);
  }
  if (energy) {
    Dataset dataset{{}, "J", "energy used by the run", std::span(&energy->joules, 1), {}};
    dataset.attributes.emplace_back(names::energy_method, energy->method);
    file.write(names::energy, dataset);
  }
}

std::string utc_now() {
  const auto now = std::chrono::system_clock::to_time_t(std::chrono::system_clock::now());
  std::tm parts = {};
  ::gmtime_r(&now, &parts);
  std::array<char, 32> text = {};
  std::strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%SZ", &parts);
  return text.data();
}

std::string mpi_library() {
  std::array<char, MPI_MAX_LIBRARY_VERSION_STRING> text = {};
  int length = 0;
  MPI_Get_library_version(text.data(), &length);
  const std::string name(text.data(), static_cast<std::size_t>(length));
  return name.substr(0, name.find_first_of(",\n"));  // Open MPI appends its package and build host
}

std::string hdf5_library() {
  unsigned major = 0;
  unsigned minor = 0;
  unsigned release = 0;
  H5get_libversion(&major, &minor, &release);
  return "HDF5 " + std::to_string(major) + "." + std::to_string(minor) + "." +
         std::to_string(release);
}

}  // namespace driftwood::io
