// SPDX-License-Identifier: BSD-3-Clause
// Prints the page of schemes. Given a file, it checks that the file is that page and that what the
// guide puts in backticks are schemes.
#include <fstream>
#include <iostream>
#include <iterator>

#include "base/error.hpp"
#include "sde/registry.hpp"

namespace {

/// Throws `Error` where a word in backticks is no scheme.
void check_names(const std::string& page) {
  for (auto start = page.find('`'); start != std::string::npos; start = page.find('`', start)) {
    const auto end = page.find('`', start + 1);
    static_cast<void>(driftwood::sde::scheme_info(page.substr(start + 1, end - start - 1)));
    start = end + 1;
  }
}

}  // namespace

int main(int argc, char** argv) {
  const std::string page = driftwood::sde::scheme_page();
  if (argc < 2) {
    std::cout << page;
    return 0;
  }
  try {
    check_names(page);
  } catch (const driftwood::Error& error) {
    std::cerr << "the guide: " << error.what() << '\n';
    return 1;
  }
  std::ifstream file(argv[1]);
  if (std::string{std::istreambuf_iterator<char>(file), {}} == page) return 0;
  std::cerr << argv[1] << " is not current; write it again: " << argv[0] << " > " << argv[1]
            << '\n';
  return 1;
}
