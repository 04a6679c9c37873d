// SPDX-License-Identifier: BSD-3-Clause
// Writes a small result file with everything in it, for readers that are not C++:
//   sample_writer PATH [--file-limit BYTES] [--values N]
// --file-limit lets writing fail as on a full disk; --values adds a dataset of that many values.
#include <mpi.h>
#include <sys/resource.h>

#include <array>
#include <cstdlib>
#include <iostream>
#include <numeric>

#include "base/error.hpp"
#include "io/layout.hpp"
#include "io/provenance.hpp"
#include "io/result_file.hpp"

namespace {
using namespace driftwood;
using Reals = std::vector<double>;
namespace layout = io::layout;

Reals ramp(std::size_t count) {
  Reals values(count);
  std::iota(values.begin(), values.end(), 0.0);
  return values;
}

void write_statistics(io::ResultFile& file) {
  const Reals times = {0, 0.5, 1};
  const std::vector<std::string> components = {"x", "velocity"};
  file.coordinate(layout::time, {{}, "s", "time", times});
  file.coordinate(layout::component, {{}, "1", "component", components});
  const auto means = ramp(6);
  file.write(layout::moments::mean, {{"time", "component"}, "1", "ensemble mean", means});

  const Reals probabilities = {0.05, 0.95};
  const auto values = ramp(12);
  const std::string probability(layout::quantiles::probability);
  file.coordinate(probability, {{}, "1", "probability", probabilities});
  io::Dataset quantiles{{"time", probability, "component"}, "1", "quantiles", values, {}};
  quantiles.attributes.emplace_back(layout::quantiles::method, "exact");
  file.write(layout::quantiles::value, quantiles);

  const auto names = layout::histogram("x");
  file.dimension(names.bin, 2);
  const std::vector<std::int64_t> counts = {1, 2, 3, 4, 5, 6};
  file.write(names.count, {{"time", names.bin}, "1", "samples per bin", counts});
}

void write_paths(io::ResultFile& file, const comm::Communicator& comm) {
  const std::string path(layout::paths::path);
  const auto mine = comm.share(5);
  file.dimension(path, 5);
  std::vector<std::int64_t> ids(static_cast<std::size_t>(mine.count()));
  std::iota(ids.begin(), ids.end(), 100 + mine.first);
  Reals values(static_cast<std::size_t>(6 * mine.count()));
  std::iota(values.begin(), values.end(), static_cast<double>(6 * mine.first));
  const std::array rows{io::Rows{mine.first, mine.count()}};
  file.write_rows(layout::paths::id, {{path}, "1", "path id", ids}, rows);
  file.write_rows(layout::paths::value, {{path, "time", "component"}, "1", "saved paths", values},
                  rows);
}

void write_provenance(io::ResultFile& file, const comm::Communicator& comm) {
  auto record = io::Provenance::now(comm, "sample_writer");
  record.version = "1.2.3";
  record.deck = "format = 1\n# ä\n";
  record.seed = ~std::uint64_t{0};
  record.finished = io::utc_now();
  record.wall_seconds = 1.5;
  record.energy = io::Energy{30, "estimated"};
  record.quantities = {{"path_steps", 1e9, "1", "path-steps computed"}};
  record.write(file);
}

void write_sample(const comm::Communicator& comm, const std::string& path, std::size_t values) {
  io::ResultFile file(comm, path);
  write_statistics(file);
  write_paths(file, comm);
  write_provenance(file, comm);
  file.dimension("n", static_cast<std::int64_t>(values));
  const auto many = ramp(values);
  file.write("many", {{"n"}, "1", "many values", many});
  file.commit();
}

int run(int argc, char** argv) {
  const auto comm = comm::Communicator::world();
  std::size_t values = 1;
  for (int i = 2; i + 1 < argc; i += 2) {
    const auto number = std::strtoull(argv[i + 1], nullptr, 10);
    if (std::string(argv[i]) == "--values") values = number;
    if (std::string(argv[i]) == "--file-limit") {
      // Only now: MPI's own shared memory is files, too.
      const rlimit limit = {number, number};
      ::setrlimit(RLIMIT_FSIZE, &limit);
    }
  }
  try {
    write_sample(comm, argv[1], values);
  } catch (const Error& error) {
    if (comm.is_root()) std::cerr << "error: " << error.what() << '\n';
    return 1;
  }
  return 0;
}
}  // namespace

int main(int argc, char** argv) {
  MPI_Init(&argc, &argv);
  const int code = argc > 1 ? run(argc, argv) : 2;
  MPI_Finalize();
  return code;
}
