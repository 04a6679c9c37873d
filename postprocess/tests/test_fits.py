# SPDX-License-Identifier: BSD-3-Clause
"""Fitted models: reading, figures and the report, from files laid out as sde_gradient writes them."""

import h5py
import numpy as np
import pytest
from driftwood_post import fits
from driftwood_post.read import ReadError

DECK = '[model]\nname = "ornstein_uhlenbeck"\n[task]\nkind = "fit"\n'
N, T, Q = 400, 20, 5


def write_names(group, name, values):
    group[name] = np.array([v.encode() for v in values], dtype="S40")


@pytest.fixture(params=["transitions", "targets"])
def fit_file(request, tmp_path):
    rng = np.random.default_rng(1)
    path = tmp_path / "fit.h5"
    with h5py.File(path, "w") as file:
        file.attrs["format_version"] = 1
        file["run/effective_deck"] = np.bytes_(DECK)
        file["run/deck"] = np.bytes_(DECK)
        fit = file.create_group("fit")
        write_names(fit, "parameter", ["rate", "mean"])
        for name, values in {
            "start": [1, 2], "estimate": [2, 3], "standard_error": [0.1, 0.2],
            "lower": [1.8, 2.6], "upper": [2.2, 3.4],
        }.items():  # fmt: skip
            fit[name] = np.array(values, dtype=float)
        fit["covariance"] = np.array([[0.01, -0.01], [-0.01, 0.04]])
        fit["estimate"].attrs["method"] = request.param
        fit["estimate"].attrs["transform"] = "log" if request.param == "transitions" else "none"
        fit["converged"], fit["last_step"], fit["objective"] = 1, 1e-7, 0.7
        fit["trace/iteration"] = np.arange(4)
        fit["trace/objective"] = np.array([100.0, 5.0, np.inf, 0.7])
        fit["trace/parameters"] = np.array([[1.0, 2], [1.8, 2.5], [9, 9], [2, 3]])
        fit["trace/accepted"] = np.array([1, 1, 0, 1])
        fit["trace/weighting"] = np.array([0, 0, 0, 1])
        write_names(fit, "moments/name", ["x", "x_start*x", "x^2"])
        for name, values in {
            "data": [1, 2, 3], "model": [1.01, 2, 2.9], "standard_error": [0.1] * 3,
            "t": [-0.1, np.nan, 1.0],
        }.items():  # fmt: skip
            fit[f"moments/{name}"] = np.array(values, dtype=float)
        for name, value in {"statistic": 1.2, "freedom": 1, "p_value": 0.27}.items():
            fit[f"overidentification/{name}"] = value
        if request.param == "transitions":
            write_names(file, "component", ["x"])
            residuals = fit.create_group("residuals")
            residuals["observation"] = np.arange(1, N + 1)
            residuals["value"] = rng.normal(size=(N, 1))
            residuals["mean"] = np.ones((N, 1))
            residuals["sd"] = np.full((N, 1), 0.1)
            residuals["beaten"] = rng.uniform(size=(N, 1))
            write_names(residuals, "test", list(fits.TESTS))
            residuals["statistic"] = np.ones((4, 1))
            residuals["p_value"] = np.full((4, 1), 0.5)
            fan = fit.create_group("fan")
            fan["time"] = np.arange(1, T + 1) / 252
            write_names(fan, "label", [f"2020-01-{k + 1:02}" for k in range(T)])
            fan["quantile"] = np.array([0.05, 0.25, 0.5, 0.75, 0.95])
            spread = np.sqrt(np.arange(1, T + 1) / T)
            fan["value"] = (spread[:, None] * np.array([-2, -1, 0, 1, 2.0]))[:, :, None]
            fan["data"] = np.zeros((T, 1))
            fan["data"][0, 0] = 3.0
    return path


def test_reads_what_there_is(fit_file):
    fit = fits.open_fit(fit_file)
    assert fit.parameters == ["rate", "mean"]
    assert fit.overidentification == (1.2, 1, 0.27)
    assert fit.correlation[0, 1] == pytest.approx(-0.5)
    is_series = fit.method == "transitions"
    assert (fit.residuals is not None) == is_series
    assert fit.back(np.zeros(1))[0] == (1 if is_series else 0)
    if is_series:
        assert fits._share_inside(fit.fan, 0) == "95 %"


def test_draws_and_reports(fit_file, tmp_path):
    written = fits.write_fit(fit_file, tmp_path / "figures", dpi=50, file_format="png")
    names = {path.name for path in written}
    page = (tmp_path / "figures" / "fit.report.html").read_text(encoding="utf-8")
    assert "J = 1.2" in page and "rate" in page
    assert "has not converged" not in page
    if fits.open_fit(fit_file).method == "transitions":
        assert names == {"fit.report.html", "fit.fan.x.png", "fit.residuals.x.png", "fit.trace.png"}
        assert "Ljung and Box" in page
    else:
        assert names == {"fit.report.html", "fit.trace.png", "fit.targets.png"}


def test_says_that_a_fit_has_not_converged(fit_file, tmp_path):
    with h5py.File(fit_file, "a") as file:
        file["fit/converged"][()] = 0
    fits.write_fit(fit_file, tmp_path, dpi=50, file_format="png")
    assert "has not converged" in (tmp_path / "fit.report.html").read_text(encoding="utf-8")


def test_refuses_what_is_no_fit(fit_file):
    with h5py.File(fit_file, "a") as file:
        del file["fit/trace/objective"]
        file["fit/trace/objective"] = np.zeros(7)
    with pytest.raises(ReadError, match="damaged"):
        fits.open_fit(fit_file)
    with h5py.File(fit_file, "a") as file:
        del file["fit"]
    with pytest.raises(ReadError, match="not a fit"):
        fits.open_fit(fit_file)


def test_autocorrelation_by_hand():
    # 1, -1, 1, -1: products 4, -3, 2.
    assert fits.autocorrelation(np.array([1.0, -1, 1, -1]), 2) == pytest.approx([-0.75, 0.5])


def test_normal_scores_are_those_of_order_statistics():
    scores = fits.normal_scores(5)
    assert scores == pytest.approx(-scores[::-1])
    assert scores[2] == pytest.approx(0)
    assert scores[-1] == pytest.approx(1.163, abs=0.02)  # expected largest of five normals
