# SPDX-License-Identifier: BSD-3-Clause
"""What the source tree promises about itself: who includes whom, where kernels are launched, where
backends are told apart, how long headers are, and under which licence every file is."""

import os
import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(os.environ.get("DRIFTWOOD_SOURCE", Path(__file__).parents[3]))
SRC = ROOT / "src"

# Layers that a layer may include, besides itself.
ALLOWED = {
    "base": set(),
    "random": {"base"},
    "formula": {"base"},
    "deck": {"base"},
    "comm": {"base"},
    "la": {"base", "comm"},
    "stats": {"base", "comm"},
    "io": {"base", "deck", "comm"},
    "neural": {"base", "random", "stats"},
    "run": {"base", "deck", "comm", "io"},
    "sde": {"base", "random", "neural", "formula", "deck", "comm", "stats", "io"},
    "mcmc": {"base", "random", "formula", "deck", "comm", "stats", "io", "sde"},
    "natgrad": {"base", "random", "deck", "comm", "stats", "io", "la"},
    "bnb": {"base", "comm", "stats"},
    "pose": {"base", "random", "deck", "comm", "stats", "io", "bnb"},
}

# Where third-party headers may be included: layers for any file, and layers for .cpp files alone.
# A pattern is matched against the start of the name.
THIRD_PARTY = {
    r"Kokkos_": ({"base", "run", "stats", "sde", "mcmc", "natgrad", "pose"}, set()),
    r"xsimd/": ({"base"}, set()),
    r"immintrin\.h": ({"base"}, set()),
    r"Random123/": ({"random"}, set()),
    r"mpi\.h": ({"comm", "la", "io", "run"}, set()),
    r"(petsc|slepc)[a-z]*\.h": ({"la"}, set()),
    r"hdf5(_hl)?\.h": ({"io"}, set()),
    r"toml\+\+/": (set(), {"deck"}),
    r"CLI/": (set(), {"run"}),
    r"spdlog/": (set(), {"run"}),
    r"nlohmann/": (set(), {"io"}),
    r"xxhash\.h": (set(), {"io", "pose"}),
    r"zlib\.h": (set(), {"io"}),
    r"fftw3\.h": (set(), {"stats"}),
    r"Eigen/": (set(), {"stats", "sde", "mcmc", "natgrad", "pose"}),
    r"fmt/": (set(), set(ALLOWED)),
}

# Headers of the compiler and of the system.
SYSTEM = re.compile(r"[a-z_0-9]+|(sys|linux)/[a-z_]+\.h|(unistd|fcntl|time|signal|poll|errno|dlfcn|malloc)\.h")

# Files that launch kernels, besides those in a folder launch/.
LAUNCHING = {
    "mcmc/population.cpp",
    "mcmc/richardson.cpp",
    "mcmc/tempering.cpp",
    "sde/ensemble.cpp",
    "sde/multilevel.cpp",
    "sde/noise_levels.cpp",
    "sde/order_study.cpp",
    "stats/block_moments.cpp",
}

INCLUDE = re.compile(r'^\s*#\s*include\s*(?:"([^"]+)"|<([^>]+)>)', re.MULTILINE)
BACKEND_QUESTION = re.compile(r"^\s*#\s*(?:el)?if.*(KOKKOS|__CUDA|__HIP|__SYCL|__GNUC|__clang)", re.M)
LICENCE = re.compile(r"\A(#!.*\n)?(# shellcheck .*\n)?(//|#) SPDX-License-Identifier: BSD-3-Clause\n")
LONGEST_HEADER = 400


def sources() -> list[Path]:
    """Every C++ file of the library."""
    return sorted(p for p in SRC.rglob("*") if p.suffix in {".hpp", ".cpp"})


def is_source(path: Path) -> bool:
    """Whether a file of the repository is code, by its name or its first line."""
    if path.suffix in {".hpp", ".cpp", ".py", ".cmake", ".sbatch", ".sh"}:
        return True
    return path.name == "CMakeLists.txt" or path.read_bytes().startswith(b"#!")


def name_of(path: Path) -> str:
    return str(path.relative_to(SRC))


def layer_of(path: Path) -> str:
    return path.relative_to(SRC).parts[0]


def includes(path: Path) -> list[tuple[str, str]]:
    """The (quoted, bracketed) names that a file includes; one of the two is empty."""
    return INCLUDE.findall(path.read_text(encoding="utf-8"))


def may_include(layer: str, suffix: str, header: str) -> bool:
    """Whether a file of this layer may include this bracketed header."""
    for pattern, (anywhere, in_cpp) in THIRD_PARTY.items():
        if re.match(pattern, header):
            return layer in anywhere or (suffix == ".cpp" and layer in in_cpp)
    return SYSTEM.fullmatch(header) is not None


def includes_kokkos(path: Path, seen: set[Path] | None = None) -> bool:
    """Whether a file includes Kokkos, itself or by a header of ours."""
    seen = set() if seen is None else seen
    seen.add(path)
    for quoted, bracketed in includes(path):
        if bracketed.startswith("Kokkos_"):
            return True
        header = SRC / quoted
        if quoted and header.is_file() and header not in seen and includes_kokkos(header, seen):
            return True
    return False


def listed_sources(layer: str, keyword: str) -> set[str]:
    """The .cpp files under one keyword of the layer's driftwood_layer()."""
    text = (SRC / layer / "CMakeLists.txt").read_text(encoding="utf-8")
    call = re.search(r"driftwood_layer\(([^)]*)\)", text)
    assert call, f"src/{layer}/CMakeLists.txt does not call driftwood_layer"
    words, found, current = call.group(1).split(), set(), ""
    for word in words:
        if word.isupper():
            current = word
        elif current == keyword and word.endswith(".cpp"):
            found.add(word)
    return found


def test_there_are_exactly_the_known_layers() -> None:
    assert {p.name for p in SRC.iterdir() if p.is_dir()} == set(ALLOWED)


def test_layers_include_only_what_they_may() -> None:
    wrong = []
    for path in sources():
        layer = layer_of(path)
        for quoted, _ in includes(path):
            if quoted and quoted.split("/")[0] not in ALLOWED[layer] | {layer}:
                wrong.append(f'{name_of(path)} includes "{quoted}"')
            if quoted and "/" not in quoted:
                wrong.append(f'{name_of(path)} includes "{quoted}" without its folder')
    assert not wrong, "\n".join(wrong)


def test_third_party_headers_stay_where_they_belong() -> None:
    wrong = [
        f"{name_of(path)} includes <{bracketed}>"
        for path in sources()
        for _, bracketed in includes(path)
        if bracketed and not may_include(layer_of(path), path.suffix, bracketed)
    ]
    assert not wrong, "\n".join(wrong)


def test_the_rules_on_third_party_headers_can_fail() -> None:
    assert may_include("deck", ".cpp", "toml++/toml.h")
    assert not may_include("deck", ".hpp", "toml++/toml.h")
    assert not may_include("deck", ".cpp", "mpi.h")
    assert not may_include("io", ".hpp", "fmt/format.h")
    assert not may_include("base", ".hpp", "boost/any.hpp")
    assert may_include("base", ".hpp", "vector")


def test_kernels_are_launched_only_from_launch_files() -> None:
    wrong = [
        name_of(path)
        for path in sources()
        if "Kokkos::parallel_" in path.read_text(encoding="utf-8")
        and "launch" not in path.parent.parts
        and name_of(path) not in LAUNCHING
    ]
    assert not wrong, f"these launch kernels and are not launch files: {wrong}"


def test_backends_are_told_apart_in_one_file() -> None:
    asking = [
        name_of(p) for p in sources() if BACKEND_QUESTION.search(p.read_text(encoding="utf-8"))
    ]
    assert asking in ([], ["base/portability.hpp"])


@pytest.mark.parametrize("layer", sorted(ALLOWED))
def test_files_that_include_kokkos_go_through_the_device_compiler(layer: str) -> None:
    listed = listed_sources(layer, "SOURCES")
    wrong = sorted(name for name in listed if includes_kokkos(SRC / layer / name))
    assert not wrong, f"these belong under KERNEL_SOURCES in src/{layer}/CMakeLists.txt: {wrong}"


def test_headers_are_short_and_guarded() -> None:
    wrong = []
    for path in sources():
        if path.suffix != ".hpp":
            continue
        text = path.read_text(encoding="utf-8")
        if text.count("\n") > LONGEST_HEADER:
            wrong.append(f"{name_of(path)} has more than {LONGEST_HEADER} lines")
        if "#pragma once" not in text:
            wrong.append(f"{name_of(path)} lacks #pragma once")
    assert not wrong, "\n".join(wrong)


def test_every_file_names_its_licence_first() -> None:
    listed = subprocess.run(
        ["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    if listed.returncode != 0:
        files = sources()  # not a git checkout
    else:
        files = [ROOT / name for name in listed.stdout.splitlines()]
    wrong = [
        str(path.relative_to(ROOT))
        for path in files
        if path.is_file() and is_source(path)
        and not LICENCE.search(path.read_text(encoding="utf-8"))
    ]
    assert not wrong, f"without an SPDX line: {wrong}"
