# SPDX-License-Identifier: BSD-3-Clause
"""Results as an xarray dataset with named dimensions and coordinates."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from driftwood_post.results import Results

if TYPE_CHECKING:
    import xarray

Variables = dict[str, tuple[tuple[str, ...], Any]]


def dataset(results: Results) -> xarray.Dataset:
    """Variables are `moments_mean`, `formulas_call_mean`, `histogram_x_count` and so on."""
    try:
        import xarray
    except ImportError as error:
        raise ImportError(
            "labelled datasets need xarray (Debian: python3-xarray); the numpy arrays do not"
        ) from error
    variables: Variables = {}
    coordinates: dict[str, Any] = {"time": results.time, "component": list(results.components)}
    _add_statistics(results, variables)
    if results.quantiles is not None:
        coordinates["probability"] = results.quantiles.probability
        variables["quantiles"] = (("time", "probability", "component"), results.quantiles.value)
    if results.paths is not None:
        coordinates["path"] = results.paths.id
        variables["paths"] = (("path", "time", "component"), results.paths.value)
    for name, histogram in results.histograms.items():
        bins = f"{name}_bin"
        variables[f"histogram_{name}_count"] = (("time", bins), histogram.count)
        variables[f"histogram_{name}_low"] = (("time", bins), histogram.edges[:, :-1])
        variables[f"histogram_{name}_high"] = (("time", bins), histogram.edges[:, 1:])
    _add_first_passages(results, variables)
    _add_levels(results, variables, coordinates)
    labelled = xarray.Dataset(variables, coordinates, attrs=dict(results.provenance))
    labelled["time"].attrs["units"] = results.units.get("time", "")
    return labelled


def _add_statistics(results: Results, variables: Variables) -> None:
    if results.moments is not None:
        for name, value in vars(results.moments).items():
            if value is not None:
                variables[f"moments_{name}"] = (("time", "component"), value)
    if results.covariance is not None:
        variables["covariance"] = (("time", "component", "component_2"), results.covariance)
    for name, formula in results.formulas.items():
        for part in ("mean", "variance", "standard_error"):
            if (value := getattr(formula, part)) is not None:
                variables[f"formulas_{name}_{part}"] = (("time",), value)


def _add_first_passages(results: Results, variables: Variables) -> None:
    for name, passage in results.first_passages.items():
        bins = (f"{name}_bin",)
        at = f"first_passage_{name}"
        variables[f"{at}_count"] = (bins, passage.count)
        variables[f"{at}_low"] = (bins, passage.time_edges[:-1])
        variables[f"{at}_high"] = (bins, passage.time_edges[1:])
        variables[f"{at}_never"] = ((), passage.never)


def _add_levels(results: Results, variables: Variables, coordinates: dict[str, Any]) -> None:
    levels = results.multilevel
    if levels is None:
        return
    coordinates["level"] = levels.level
    for part in ("steps", "mean", "variance", "cost", "samples"):
        variables[f"multilevel_{part}"] = (("level",), getattr(levels, part))
    variables["multilevel_bias"] = ((), levels.bias)
