# SPDX-License-Identifier: BSD-3-Clause
"""Reads a result file into `Results`, refusing what is not a whole one of a known format."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import h5py
import numpy as np

from driftwood_post import layout
from driftwood_post.arrays import Array
from driftwood_post.results import (
    Deck,
    FirstPassage,
    Formula,
    Histogram,
    Moments,
    Multilevel,
    Paths,
    Quantiles,
    Results,
    Running,
    Scalar,
    StepSizes,
)


class ReadError(Exception):
    """A file that is not a complete result of a format this package reads."""


def open_results(path: str | os.PathLike[str], *, allow_failed: bool = False) -> Results:
    """Reads the result file at `path`.

    `allow_failed` also admits a `.failed` file, what a run kept that ended with too many non-finite
    paths. Raises ReadError for a missing, unreadable, truncated, foreign or unfinished file, for an
    unknown `format_version`, and for datasets whose shapes contradict each other.
    """
    path = Path(path)
    with opened(path, allow_failed=allow_failed) as file:
        return _read(file, path)


@contextmanager
def opened(path: Path, *, allow_failed: bool = False) -> Iterator[h5py.File]:
    """The file of any driver, for reading; raises ReadError for what is not a whole one of a known
    format."""
    _refuse_by_name(path, allow_failed)
    try:
        with h5py.File(path, "r") as file:
            _format_version(file, path)
            yield file
    except OSError as error:
        raise ReadError(f"{path}: cannot be read ({_reason(path, error)})") from error


def _refuse_by_name(path: Path, allow_failed: bool) -> None:
    if path.is_dir():
        raise ReadError(f"{path}: is a directory (not a result file); name the .h5 file in it")
    if not path.exists():
        raise ReadError(f"{path}: no such file{_hint_for_missing(path)}")
    if path.suffix == ".partial":
        raise ReadError(
            f"{path}: the run has not finished (its file is renamed to '{path.stem}' when it has);"
            " wait for it, or run it again if it was killed"
        )
    if path.suffix == ".failed" and not allow_failed:
        raise ReadError(
            f"{path}: the run failed (its log says why: paths or chains that became non-finite, which"
            " statistics leave out, or an unstable solution); to look at it anyway give --allow-failed,"
            " or in Python open(..., allow_failed=True)"
        )


def _hint_for_missing(path: Path) -> str:
    for suffix, meaning in ((".partial", "is still being written"), (".failed", "failed")):
        other = path.with_name(path.name + suffix)
        if other.exists():
            return f" (the run {meaning}: there is '{other.name}')"
    return ""


def _reason(path: Path, error: OSError) -> str:
    text = str(error)
    if not os.access(path, os.R_OK):
        return "permission denied"
    if path.stat().st_size == 0:
        return "it is empty"
    if "truncated" in text:
        return "it is truncated: the copy or the write was cut short; copy it again or rerun"
    if "lock" in text:
        return "another program has it open for writing; try again later"
    if "signature" in text:
        return "not an HDF5 file"
    return f"damaged: {text}"


def _read(file: h5py.File, path: Path) -> Results:
    version = _format_version(file, path)
    for name in (layout.TIME, layout.COMPONENT):
        if name not in file:
            raise ReadError(f"{path}: not a result of sde_ensemble (it has no /{name})")
    time = np.asarray(file[layout.TIME], dtype=float)
    components = tuple(text(name) for name in file[layout.COMPONENT][()])
    run = run_values(file)
    apart = {*layout.DECK_KEYS, layout.FINITE_PATHS}
    results = Results(
        path=path,
        format_version=version,
        provenance={key: value for key, value in run.items() if key not in apart},
        deck=Deck(*(str(run.get(key, "")) for key in layout.DECK_KEYS)),
        time=time,
        components=components,
        moments=_moments(file),
        covariance=_optional(file, layout.COVARIANCE),
        formulas=_formulas(file),
        quantiles=_quantiles(file),
        histograms=_histograms(file),
        paths=_paths(file),
        first_passages=_first_passages(file),
        multilevel=_multilevel(file),
        step_sizes=_step_sizes(file),
        finite_paths=_optional(file, f"{layout.RUN}/{layout.FINITE_PATHS}"),
        units=attributes(file, "units"),
        long_names=attributes(file, "long_name"),
    )
    _check_shapes(results)
    _check_first_passages(results)
    if results.multilevel is not None and results.multilevel.level.size == 0:
        raise ReadError(f"{path}: /multilevel has no levels; the file is damaged")
    return results


def _format_version(file: h5py.File, path: Path) -> int:
    version = file.attrs.get(layout.FORMAT_VERSION_ATTRIBUTE)
    if version is None:
        raise ReadError(
            f"{path}: not a Driftwood result (an HDF5 file without the attribute"
            f" '{layout.FORMAT_VERSION_ATTRIBUTE}')"
        )
    version = int(np.asarray(version).ravel()[0])
    if version != layout.FORMAT_VERSION:
        raise ReadError(
            f"{path}: format_version {version} is unknown (this package reads"
            f" {layout.FORMAT_VERSION}); use the post-processing of the Driftwood that wrote it"
        )
    return version


def text(value: object) -> str:
    """A fixed- or variable-length HDF5 string, padding removed."""
    return value.rstrip(b"\0").decode("utf-8") if isinstance(value, bytes) else str(value)


def _scalar(value: object) -> Scalar:
    """A provenance value as a Python scalar; an array becomes its items joined by commas."""
    array = np.asarray(value)
    if array.size != 1:
        return ", ".join(str(_scalar(item)) for item in array.ravel())
    item = array.ravel()[0]
    if isinstance(item, bytes | str):
        return text(item)
    return item.item() if isinstance(item, np.generic) else str(item)


def run_values(file: h5py.File) -> Mapping[str, Scalar]:
    """Everything under /run; attributes of a dataset other than its labels as `dataset_attribute`,
    such as `energy_method`."""
    values: dict[str, Scalar] = {}
    for name, item in file.get(layout.RUN, {}).items():
        if isinstance(item, h5py.Dataset):
            values[name] = _scalar(item[()])
            for key in item.attrs.keys() - _LABELS:
                values[f"{name}_{key}"] = _scalar(item.attrs[key])
    return values


_LABELS = {"units", "long_name", "CLASS", "NAME", "DIMENSION_LIST", "REFERENCE_LIST"}


def attributes(file: h5py.File, attribute: str) -> Mapping[str, str]:
    """The text attribute of every dataset that has it, by the dataset's path."""
    found: dict[str, str] = {}

    def visit(name: str, item: h5py.Dataset | h5py.Group) -> None:
        if isinstance(item, h5py.Dataset) and attribute in item.attrs:
            found[name] = str(_scalar(item.attrs[attribute]))

    file.visititems(visit)
    return found


def _optional(file: h5py.File, name: str) -> Array | None:
    return np.asarray(file[name], dtype=float) if name in file else None


def need(group: h5py.Group, name: str) -> Array:
    if not isinstance(group.get(name), h5py.Dataset):
        raise ReadError(f"{group.file.filename}: {group.name} lacks '{name}'; the file is damaged")
    return np.asarray(group[name])


def _variance(group: h5py.Group) -> Array | None:
    """The variance, which a multilevel estimate alone may lack."""
    if "variance" not in group and layout.MULTILEVEL in group.file:
        return None
    return need(group, "variance")


def _moments(file: h5py.File) -> Moments | None:
    if layout.MOMENTS not in file:
        return None
    group = file[layout.MOMENTS]
    return Moments(
        mean=need(group, "mean"),
        variance=_variance(group),
        standard_error=need(group, "standard_error"),
        skewness=_optional(group, "skewness"),
        kurtosis=_optional(group, "kurtosis"),
    )


def _formulas(file: h5py.File) -> Mapping[str, Formula]:
    return {
        name: Formula(
            mean=need(group, "mean"),
            variance=_variance(group),
            standard_error=need(group, "standard_error"),
            running=_running(group),
        )
        for name, group in file.get(layout.FORMULAS, {}).items()
    }


def _running(group: h5py.Group) -> Running | None:
    if layout.RUNNING not in group:
        return None
    running = group[layout.RUNNING]
    known = need(running, "paths") > 0
    parts = (need(running, part)[known] for part in ("paths", "mean", "standard_error"))
    return Running(*parts) if known.any() else None


def _quantiles(file: h5py.File) -> Quantiles | None:
    if layout.QUANTILE_VALUE not in file:
        return None
    value = file[layout.QUANTILE_VALUE]
    return Quantiles(
        value=np.asarray(value),
        probability=need(file, layout.QUANTILE_PROBABILITY),
        method=str(_scalar(value.attrs.get(layout.QUANTILE_METHOD, ""))),
    )


def _histograms(file: h5py.File) -> Mapping[str, Histogram]:
    histograms = {}
    for name, group in file.get(layout.HISTOGRAM, {}).items():
        count = need(group, "count")
        none = np.zeros(count.shape[0], dtype=count.dtype)
        below = np.asarray(group["below"]) if "below" in group else none
        above = np.asarray(group["above"]) if "above" in group else none
        histograms[name] = Histogram(need(group, "edges"), count, below, above)
    return histograms


def _first_passages(file: h5py.File) -> Mapping[str, FirstPassage]:
    return {
        name: FirstPassage(
            need(group, "time_edges"), need(group, "count"), int(scalar_of(group, "never"))
        )
        for name, group in file.get(layout.FIRST_PASSAGE, {}).items()
    }


def _multilevel(file: h5py.File) -> Multilevel | None:
    if layout.MULTILEVEL not in file:
        return None
    group = file[layout.MULTILEVEL]
    parts = ("level", "steps", "mean", "variance", "cost", "samples")
    values = {part: need(group, part) for part in parts}
    quantity = str(_scalar(group["mean"].attrs.get(layout.QUANTITY, "")))
    return Multilevel(quantity, **values, bias=float(scalar_of(group, "bias")))


def _step_sizes(file: h5py.File) -> StepSizes | None:
    if layout.STEP_SIZES not in file:
        return None
    group = file[layout.STEP_SIZES]
    counts = {part: need(group, part) for part in ("size", "accepted", "rejected")}
    return StepSizes(**counts, forced=int(scalar_of(group, "forced")))


def scalar_of(group: h5py.Group, name: str) -> int | float:
    value = need(group, name)
    if value.shape != ():
        raise ReadError(
            f"{group.file.filename}: {group.name}/{name} has shape {value.shape} and should be one"
            " number; the file is damaged"
        )
    number: int | float = value.item()
    return number


def _paths(file: h5py.File) -> Paths | None:
    if layout.PATH_VALUE not in file:
        return None
    path = file.filename

    def read_rows(count: int) -> Array:
        with h5py.File(path, "r") as again:
            return np.asarray(again[layout.PATH_VALUE][:count])

    return Paths(need(file, layout.PATH_ID), read_rows)


def _expected_shapes(r: Results) -> list[tuple[str, Array | None, tuple[int | None, ...]]]:
    """Every array with the shape it must have; None is any length."""
    t, c = r.time.size, len(r.components)
    table: list[tuple[str, Array | None, tuple[int | None, ...]]] = []
    if r.moments is not None:
        for name, value in vars(r.moments).items():
            table.append((f"/moments/{name}", value, (t, c)))
    table.append(("/covariance/value", r.covariance, (t, c, c)))
    table.append(("/run/finite_paths", r.finite_paths, (t,)))
    for name, formula in r.formulas.items():
        for part in ("mean", "variance", "standard_error"):
            table.append((f"/formulas/{name}/{part}", getattr(formula, part), (t,)))
    if r.quantiles is not None:
        q = r.quantiles.probability.size
        table.append(("/quantiles/value", r.quantiles.value, (t, q, c)))
    for name, histogram in r.histograms.items():
        bins = histogram.count.shape[-1]
        table.append((f"/histogram/{name}/count", histogram.count, (t, bins)))
        table.append((f"/histogram/{name}/edges", histogram.edges, (t, bins + 1)))
    for name, passage in r.first_passages.items():
        bins = passage.count.size
        table.append((f"/first_passage/{name}/count", passage.count, (bins,)))
        table.append((f"/first_passage/{name}/time_edges", passage.time_edges, (bins + 1,)))
    if r.multilevel is not None:
        levels = r.multilevel.level.size
        for part in ("level", "steps", "mean", "variance", "cost", "samples"):
            table.append((f"/multilevel/{part}", getattr(r.multilevel, part), (levels,)))
    if r.step_sizes is not None:
        bins = r.step_sizes.size.size
        for part in ("accepted", "rejected"):
            table.append((f"/step_sizes/{part}", getattr(r.step_sizes, part), (bins,)))
    if r.paths is not None and r.paths.id.size > 0:
        table.append(("/paths/value", r.paths.first(1), (1, t, c)))
    return table


def _check_shapes(results: Results) -> None:
    for name, value, expected in _expected_shapes(results):
        if value is not None and value.shape != expected:
            raise ReadError(
                f"{results.path}: {name} has shape {value.shape} where {_needs(name)}"
                f" {expected}; the file is damaged"
            )


def _needs(name: str) -> str:
    """Whose shapes decide that of the dataset `name`."""
    if name.startswith(f"/{layout.MULTILEVEL}/"):
        return "/multilevel/level needs"
    if name.startswith(f"/{layout.FIRST_PASSAGE}/"):
        return "its bins need"
    return "/time and /component need"


def _check_first_passages(results: Results) -> None:
    for name, passage in results.first_passages.items():
        where = f"{results.path}: /first_passage/{name}"
        if passage.count.size == 0 or not (np.diff(passage.time_edges) > 0).all():
            raise ReadError(f"{where}/time_edges does not increase; the file is damaged")
        if passage.never < 0 or (passage.count < 0).any():
            raise ReadError(f"{where} has a negative number of paths; the file is damaged")
