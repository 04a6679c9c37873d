# SPDX-License-Identifier: BSD-3-Clause
"""The reader: every part of a whole file, and a plain word about every kind of wrong one."""

from __future__ import annotations

import fcntl
import shutil
from collections.abc import Callable
from pathlib import Path

import h5py
import numpy as np
import pytest

import driftwood_post

Edit = Callable[[h5py.File], None]


def edited(source: Path, folder: Path, edit: Edit) -> Path:
    """A copy of a result file with something changed."""
    target = folder / "edited.h5"
    shutil.copy(source, target)
    with h5py.File(target, "r+") as file:
        edit(file)
    return target


def test_a_whole_file_is_read(results_folder: Path) -> None:
    results = driftwood_post.open(results_folder / "heston.h5")
    assert results.components == ("price", "variance")
    assert results.time.shape == (21,)
    assert results.moments is not None and results.moments.mean.shape == (21, 2)
    assert results.moments.mean[-1, 0] == pytest.approx(100, abs=2)
    assert results.covariance is not None and results.covariance.shape == (21, 2, 2)
    assert np.allclose(results.covariance[-1].diagonal(), results.moments.variance[-1])
    assert results.quantiles is not None and results.quantiles.value.shape == (21, 5, 2)
    assert set(results.formulas) == {"call"}
    running = results.formulas["call"].running
    assert running is not None and running.paths[-1] == 4000
    assert results.finite_paths is not None and (results.finite_paths == 4000).all()
    assert running.mean[-1] == pytest.approx(results.formulas["call"].mean[-1])
    assert results.paths is not None and results.paths.value.shape == (8, 21, 2)
    assert results.provenance["version"] == "0.1.0"
    assert results.provenance["paths"] == 4000
    assert results.units["time"] == "time"


def test_the_deck_is_kept_as_text_and_parsed(results_folder: Path) -> None:
    deck = driftwood_post.open(results_folder / "heston.h5").deck
    assert 'name = "heston"' in deck.given
    assert deck.table("model")["kappa"] == 1.5768
    assert deck.table("nothing") == {}


def test_histogram_density_counts_samples_outside_as_mass(results_folder: Path) -> None:
    histogram = driftwood_post.open(results_folder / "ou.h5").histograms["x"]
    assert (histogram.total == 4000).all()
    inside = (histogram.density * np.diff(histogram.edges, axis=1)).sum(axis=1)
    outside = (histogram.below + histogram.above) / 4000
    assert inside == pytest.approx(1 - outside)


def test_a_file_with_moments_only_is_read(results_folder: Path, tmp_path: Path) -> None:
    def strip(file: h5py.File) -> None:
        for name in ("covariance", "quantiles", "histogram", "paths", "formulas", "run"):
            del file[name]
        del file["moments/skewness"]

    results = driftwood_post.open(edited(results_folder / "heston.h5", tmp_path, strip))
    assert results.moments is not None and results.moments.skewness is None
    assert results.quantiles is None and results.paths is None and results.covariance is None
    assert results.formulas == {} and results.histograms == {} and results.provenance == {}
    assert results.deck.tables == {}


def test_how_numbers_were_obtained_is_read(results_folder: Path) -> None:
    results = driftwood_post.open(results_folder / "ou.h5")
    assert results.provenance["energy"] == 37.5
    assert results.provenance["energy_method"] == "estimated from 6 W per busy core"
    assert results.units["run/energy"] == "J"
    assert results.quantiles is not None and results.quantiles.method == "exact"


def test_some_saved_paths_are_read_without_the_others(results_folder: Path) -> None:
    paths = driftwood_post.open(results_folder / "ou.h5").paths
    assert paths is not None
    assert (paths.first(3) == paths.value[:3]).all()
    assert paths.first(99).shape == paths.value.shape == (8, 21, 1)


def test_labelled_dataset(results_folder: Path) -> None:
    pytest.importorskip("xarray", reason="xarray is not installed")
    results = driftwood_post.open(results_folder / "heston.h5")
    dataset = results.dataset()
    assert results.moments is not None
    last = dataset.moments_mean.sel(component="price").isel(time=-1)
    assert float(last) == results.moments.mean[-1, 0]
    assert dataset.quantiles.dims == ("time", "probability", "component")
    assert dataset.sizes["path"] == 8


def set_version(file: h5py.File) -> None:
    file.attrs["format_version"] = 99


def drop_version(file: h5py.File) -> None:
    del file.attrs["format_version"]


def drop_components(file: h5py.File) -> None:
    del file["component"]


def cut_moments(file: h5py.File) -> None:
    mean = file["moments/mean"][:-1]
    del file["moments/mean"]
    file["moments/mean"] = mean


def drop_variance(file: h5py.File) -> None:
    del file["moments/variance"]


@pytest.mark.parametrize(
    ("edit", "message"),
    [
        (set_version, r"format_version 99 is unknown \(this package reads 1\)"),
        (drop_version, "not a Driftwood result"),
        (drop_components, "not a result of sde_ensemble"),
        (cut_moments, r"/moments/mean has shape \(20, 1\)"),
        (drop_variance, "/moments lacks 'variance'"),
    ],
)
def test_a_wrong_file_is_refused(
    results_folder: Path, tmp_path: Path, edit: Edit, message: str
) -> None:
    with pytest.raises(driftwood_post.ReadError, match=message):
        driftwood_post.open(edited(results_folder / "ou.h5", tmp_path, edit))


def test_what_is_no_hdf5_file_is_refused(results_folder: Path, tmp_path: Path) -> None:
    with pytest.raises(driftwood_post.ReadError, match="no such file"):
        driftwood_post.open(tmp_path / "none.h5")
    with pytest.raises(driftwood_post.ReadError, match="is a directory"):
        driftwood_post.open(tmp_path)
    (tmp_path / "empty.h5").touch()
    with pytest.raises(driftwood_post.ReadError, match="it is empty"):
        driftwood_post.open(tmp_path / "empty.h5")
    (tmp_path / "text.h5").write_text("a,b\n1,2\n" * 200)
    with pytest.raises(driftwood_post.ReadError, match="not an HDF5 file"):
        driftwood_post.open(tmp_path / "text.h5")


def test_a_file_that_is_being_written_is_refused(results_folder: Path, tmp_path: Path) -> None:
    shutil.copy(results_folder / "ou.h5", tmp_path / "busy.h5")
    with (tmp_path / "busy.h5").open("rb") as held:
        fcntl.flock(held, fcntl.LOCK_EX)  # as HDF5 does while it writes
        with pytest.raises(driftwood_post.ReadError, match="has it open for writing"):
            driftwood_post.open(tmp_path / "busy.h5")


@pytest.mark.parametrize("kept", [0.05, 0.5, 0.99])
def test_a_truncated_file_is_refused(results_folder: Path, tmp_path: Path, kept: float) -> None:
    whole = (results_folder / "ou.h5").read_bytes()
    (tmp_path / "cut.h5").write_bytes(whole[: int(kept * len(whole))])
    with pytest.raises(driftwood_post.ReadError, match="truncated"):
        driftwood_post.open(tmp_path / "cut.h5")


def test_unfinished_and_failed_runs_are_refused(results_folder: Path, tmp_path: Path) -> None:
    shutil.copy(results_folder / "ou.h5", tmp_path / "a.h5.partial")
    shutil.copy(results_folder / "ou.h5", tmp_path / "b.h5.failed")
    with pytest.raises(driftwood_post.ReadError, match="has not finished"):
        driftwood_post.open(tmp_path / "a.h5.partial")
    with pytest.raises(driftwood_post.ReadError, match="still being written"):
        driftwood_post.open(tmp_path / "a.h5")
    with pytest.raises(driftwood_post.ReadError, match="the run failed"):
        driftwood_post.open(tmp_path / "b.h5.failed")
    with pytest.raises(driftwood_post.ReadError, match="the run failed: there is"):
        driftwood_post.open(tmp_path / "b.h5")
    assert driftwood_post.open(tmp_path / "b.h5.failed", allow_failed=True).components == ("x",)
