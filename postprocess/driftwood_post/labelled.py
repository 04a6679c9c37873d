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
            variables[f"formulas_{name}_{part}"] = (("time",), getattr(formula, part))
