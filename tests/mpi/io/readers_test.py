# SPDX-License-Identifier: BSD-3-Clause
"""Claim: h5py, xarray and netCDF-4 find dimensions and coordinates by name in a result file."""

import os
import subprocess

import numpy as np
import pytest

h5py = pytest.importorskip("h5py")

TIMES = [0.0, 0.5, 1.0]
COMPONENTS = ["x", "velocity"]


@pytest.fixture(scope="module", params=[1, 3])
def sample(request, tmp_path_factory):
    path = tmp_path_factory.mktemp("readers") / "sample.h5"
    launch = [os.environ["DRIFTWOOD_MPIEXEC"], "-n", str(request.param)]
    command = [*launch, os.environ["SAMPLE_WRITER"], path]
    done = subprocess.run(command, timeout=60, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")
    assert [entry.name for entry in path.parent.iterdir()] == ["sample.h5"]
    return path


def decoded(names):
    return [name.decode() if isinstance(name, bytes) else str(name) for name in names]


def test_h5py_reads_values_scales_and_meanings(sample):
    with h5py.File(sample) as file:
        assert file.attrs["format_version"] == 1
        assert file.attrs["Conventions"] == "CF-1.8"
        assert decoded(file["component"][()]) == COMPONENTS
        mean = file["moments/mean"]
        assert mean[()].tolist() == [[0, 1], [2, 3], [4, 5]]
        assert mean.dims[0][0] == file["time"]
        assert mean.dims[1][0] == file["component"]
        assert file["quantiles/value"].attrs["method"] == "exact"
        assert file["paths/id"][()].tolist() == [100, 101, 102, 103, 104]
        assert np.array_equal(file["paths/value"][()], np.arange(30.0).reshape(5, 3, 2))


def test_every_dataset_has_units_and_a_long_name(sample):
    def check(name, item):
        if not isinstance(item, h5py.Dataset):
            return
        if item.attrs.get("NAME", b"").startswith(b"This is a netCDF dimension"):
            return
        assert item.attrs["units"], name
        assert item.attrs["long_name"], name
        seen.append(name)

    seen = []
    with h5py.File(sample) as file:
        file.visititems(check)
    assert {"time", "component", "moments/mean", "paths/value", "run/deck"} <= set(seen)


def test_strings_are_fixed_length_padded_with_nulls(sample):
    with h5py.File(sample) as file:
        kind = file["component"].id.get_type()
        assert not kind.is_variable_str()
        assert kind.get_strpad() == h5py.h5t.STR_NULLPAD
        assert kind.get_cset() == h5py.h5t.CSET_UTF8


def test_provenance(sample):
    with h5py.File(sample) as file:
        run = file["run"]
        assert run["deck"][()].decode() == "format = 1\n# ä\n"
        assert run["seed"][()] == 2**64 - 1
        assert run["energy"][()] == 30
        assert run["energy"].attrs["units"] == "J"
        assert run["energy"].attrs["method"] == "estimated"
        assert run["path_steps"][()] == 1e9
        assert run["version"][()] == b"1.2.3"
        assert "commit" not in run  # was not known
        assert run["hdf5"][()].decode().startswith("HDF5 1.")
        assert run["started"][()] <= run["finished"][()]


@pytest.mark.parametrize("engine", ["h5netcdf", "netcdf4"])
def test_xarray_finds_dimensions_and_coordinates(sample, engine):
    xarray = pytest.importorskip("xarray")
    pytest.importorskip({"h5netcdf": "h5netcdf", "netcdf4": "netCDF4"}[engine])
    with xarray.open_dataset(sample, engine=engine) as root:
        assert root.coords["time"].values.tolist() == TIMES
        if engine == "h5netcdf":  # netCDF-C reads them one at a time only: see below
            assert decoded(root.coords["component"].values) == COMPONENTS
        assert root.attrs["format_version"] == 1
        assert root.coords["time"].attrs["long_name"] == "time"
    dimensions = {
        "moments": ("mean", ("time", "component")),
        "quantiles": ("value", ("time", "probability", "component")),
        "histogram/x": ("count", ("time", "bin")),
        "paths": ("value", ("path", "time", "component")),
    }
    for group, (name, expected) in dimensions.items():
        with xarray.open_dataset(sample, engine=engine, group=group) as found:
            assert found[name].dims == expected
    with xarray.open_dataset(sample, engine=engine, group="quantiles") as found:
        assert found.coords["probability"].values.tolist() == [0.05, 0.95]


def test_netcdf_reads_values(sample):
    netcdf = pytest.importorskip("netCDF4")
    with netcdf.Dataset(sample) as file:
        # The netCDF-C library (4.9.0) reads arrays of fixed-length strings wrongly, whoever wrote
        # them: only the first is right. One at a time they are.
        assert [file["component"][index] for index in range(2)] == COMPONENTS
        assert file["moments/mean"].dimensions == ("time", "component")
        assert np.array_equal(file["moments/mean"][:], np.arange(6.0).reshape(3, 2))
        assert len(file["paths"].dimensions["path"]) == 5
