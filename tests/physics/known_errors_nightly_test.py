# SPDX-License-Identifier: BSD-3-Clause
"""SC-4: errors of strong schemes at 256 steps are those of an independent program within 10 %.

orders_test.py compares the same with 20 480 paths and allows for their sampling error. Here there
are so many paths that it is gone: 10 % are for the known values, which have two digits and come
from 20 000 paths themselves.
"""
from orders_test import GBM, KNOWN_ERRORS, measure, names


def test_sc4_errors_of_a_million_paths_are_those_of_an_independent_program(tmp_path):
    schemes = ", ".join(f'"{name}"' for name in KNOWN_ERRORS)
    found = measure(
        tmp_path,
        "geometric_brownian_motion",
        GBM,
        paths=1_024_000,
        more=f"schemes = [{schemes}]",
    )
    assert sorted(names(found)) == sorted(KNOWN_ERRORS)
    for i, name in enumerate(names(found)):
        error, known = found["strong/error"][i, -1], KNOWN_ERRORS[name]
        sampling = found["strong/standard_error"][i, -1] / error
        print(f"{name}: {error:.4g} +- {sampling:.1%}, known {known:.2g}")
        assert sampling < 0.02, name
        assert abs(error / known - 1) <= 0.1, name
