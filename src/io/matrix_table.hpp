// SPDX-License-Identifier: BSD-3-Clause
/// Tables of files that hold a matrix whole. Both throw as `read_data_table`.
#pragma once

#include "io/data_table.hpp"

namespace driftwood::io {

[[nodiscard]] DataTable read_hdf5_table(const TableRequest& request);
[[nodiscard]] DataTable read_idx_table(const TableRequest& request);

}  // namespace driftwood::io
