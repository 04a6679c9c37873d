// SPDX-License-Identifier: BSD-3-Clause
#include "io/table_keys.hpp"

namespace driftwood::io {

void describe_form(deck::Schema& s, TableRequest& table, const std::string& matrix) {
  s.key("skip", table.skip, deck::non_negative, "lines of the file before the table");
  s.key("header", table.header,
        "whether the table begins with names of columns; left out: whether its first line holds no "
        "number");
  s.key("dataset", table.dataset, deck::non_empty, "of HDF5 files, " + matrix);
}

}  // namespace driftwood::io
