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


def test_first_passages_are_read(results_folder: Path) -> None:
    results = driftwood_post.open(results_folder / "brownian.h5")
    assert results.multilevel is None
    passage = results.first_passages["barrier"]
    assert passage.total == 4000 and passage.time_edges.shape == (41,)
    assert passage.cumulative[0] == 0 and passage.cumulative.shape == (41,)
    assert passage.cumulative[-1] == pytest.approx(1 - passage.never / 4000)
    assert (passage.density * np.diff(passage.time_edges)).sum() == pytest.approx(
        passage.cumulative[-1]
    )
    formula = results.formulas["barrier"]
    assert formula.mean[-1] == pytest.approx(passage.cumulative[-1])
    assert formula.standard_error[-1] == pytest.approx(passage.standard_error[-1], rel=1e-3)


def test_an_event_that_no_path_has_seen_is_read(results_folder: Path, tmp_path: Path) -> None:
    def never(file: h5py.File) -> None:
        replace(f"{PASSAGE}/count", np.zeros(40, int))(file)
        replace(f"{PASSAGE}/never", 0)(file)

    results = driftwood_post.open(edited(results_folder / "brownian.h5", tmp_path, never))
    passage = results.first_passages["barrier"]
    assert passage.total == 0
    for values in (passage.density, passage.cumulative, passage.standard_error):
        assert (values == 0).all()


def test_levels_are_read(results_folder: Path) -> None:
    results = driftwood_post.open(results_folder / "multilevel.h5")
    assert results.moments is not None and results.moments.variance is None
    assert results.finite_paths is None and results.first_passages == {}
    call = results.formulas["call"]
    assert call.variance is None and call.running is None
    levels = results.multilevel
    assert levels is not None and levels.quantity == "call" and levels.level.size == 6
    assert levels.estimate == pytest.approx(call.mean[-1])
    assert levels.standard_error == pytest.approx(call.standard_error[-1])
    assert levels.cost.tolist() == [1, 3, 6, 12, 24, 48]
    assert levels.share.sum() == pytest.approx(1)
    assert levels.share[2] / levels.share[0] == pytest.approx(6 * 10_100 / 40_100)


def test_labelled_passages_and_levels(results_folder: Path) -> None:
    pytest.importorskip("xarray", reason="xarray is not installed")
    passages = driftwood_post.open(results_folder / "brownian.h5").dataset()
    never = passages.first_passage_barrier_never
    assert int(passages.first_passage_barrier_count.sum() + never) == 4000
    levels = driftwood_post.open(results_folder / "multilevel.h5").dataset()
    assert levels.multilevel_variance.dims == ("level",)
    assert "formulas_call_variance" not in levels


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


def replace(name: str, value: object) -> Edit:
    """Puts `value` in the place of a dataset, or nothing if it is None."""

    def edit(file: h5py.File) -> None:
        del file[name]
        if value is not None:
            file[name] = value

    return edit


PASSAGE = "first_passage/barrier"


@pytest.mark.parametrize(
    ("source", "name", "value", "message"),
    [
        ("brownian", f"{PASSAGE}/time_edges", None, "/first_passage/barrier lacks 'time_edges'"),
        ("brownian", f"{PASSAGE}/count", None, "/first_passage/barrier lacks 'count'"),
        ("brownian", f"{PASSAGE}/never", None, "/first_passage/barrier lacks 'never'"),
        ("brownian", f"{PASSAGE}/count", np.ones(3, int), r"time_edges has shape \(41,\) where its"),
        ("brownian", f"{PASSAGE}/count", np.ones((40, 1), int), r"count has shape \(40, 1\)"),
        ("brownian", f"{PASSAGE}/count", np.full(40, -1), "barrier has a negative number of paths"),
        ("brownian", f"{PASSAGE}/never", -1, "barrier has a negative number of paths"),
        ("brownian", f"{PASSAGE}/never", np.ones(2), "never has shape .* should be one number"),
        ("brownian", f"{PASSAGE}/time_edges", np.zeros(41), "time_edges does not increase"),
        ("brownian", "formulas/barrier/variance", None, "/formulas/barrier lacks 'variance'"),
        ("multilevel", "multilevel/cost", None, "/multilevel lacks 'cost'"),
        ("multilevel", "multilevel/bias", None, "/multilevel lacks 'bias'"),
        ("multilevel", "multilevel/bias", np.ones(1), "bias has shape .* should be one number"),
        ("multilevel", "multilevel/mean", np.ones(5), "/multilevel/mean .*/multilevel/level needs"),
        ("multilevel", "formulas/call/standard_error", None, "lacks 'standard_error'"),
        ("multilevel", "moments/mean", None, "/moments lacks 'mean'"),
        ("multilevel", "multilevel", None, "/moments lacks 'variance'"),
    ],
)
def test_wrong_passages_and_levels_are_refused(
    results_folder: Path, tmp_path: Path, source: str, name: str, value: object, message: str
) -> None:
    wrong = edited(results_folder / f"{source}.h5", tmp_path, replace(name, value))
    with pytest.raises(driftwood_post.ReadError, match=message):
        driftwood_post.open(wrong)


def test_no_levels_are_refused(results_folder: Path, tmp_path: Path) -> None:
    def empty(file: h5py.File) -> None:
        for part in ("level", "steps", "mean", "variance", "cost", "samples"):
            replace(f"multilevel/{part}", np.empty(0))(file)

    with pytest.raises(driftwood_post.ReadError, match="/multilevel has no levels"):
        driftwood_post.open(edited(results_folder / "multilevel.h5", tmp_path, empty))


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
