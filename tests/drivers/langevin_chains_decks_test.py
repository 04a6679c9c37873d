# SPDX-License-Identifier: BSD-3-Clause
"""The decks and pages of langevin_chains: what they promise is what a run gives."""
import shutil

import numpy as np
import pytest

from drivers import SOURCE, assert_listed, assert_reference_is_current, results, run

FOLDER = SOURCE / "inputs" / "langevin_chains"
DECKS = sorted(FOLDER.glob("*.toml"))


def test_the_reference_of_deck_keys_is_current():
    assert_reference_is_current("langevin_chains", "inputs/langevin_chains/REFERENCE.md")


@pytest.mark.parametrize("deck", DECKS, ids=lambda deck: deck.stem)
def test_every_deck_is_valid_and_in_the_list(deck):
    ended = run("langevin_chains", "--check", deck)
    assert ended.returncode == 0, ended.stderr
    assert_listed(deck)


def results_of(name, folder, *options):
    deck = (FOLDER / f"{name}.toml").read_text(encoding="utf-8")
    return results("langevin_chains", deck, folder, *options)


def test_smoke(tmp_path):
    found = results_of("smoke", tmp_path)
    assert np.all(np.abs(found["summary/mean"] - [0, 0.5]) < 4 * found["summary/mcse"])
    assert np.allclose(found["summary/sd"], [1, np.sqrt(1 / 28)], rtol=0.03)
    assert np.all(found["summary/rhat"] < 1.01)
    assert found["posterior/p"].shape == (16, 100)


def test_bias_of_the_gaussian_mixture(tmp_path):
    bias = {}
    for h in (0.4, 0.2):
        found = results_of("gaussian_mixture", tmp_path, "--set", f"sampler.step_size={h}")
        bias[h] = np.mean(found["summary/sd"] ** 2) - 1.25
    assert bias[0.2] == pytest.approx(-0.0076, abs=0.002)
    assert 3 < bias[0.4] / bias[0.2] < 6


@pytest.mark.parametrize("sampler, plateau", [("ula", 0.182), ("srk_ld", -0.026), ("lm", 0.0)])
def test_errors_stop_where_the_bias_is(sampler, plateau, tmp_path):
    fewer = ("chains.count=16384", "chains.draws.chains=16384", f"sampler.name={sampler}")
    options = [word for change in fewer for word in ("--set", change)]
    draws = results_of("plateau_mixture", tmp_path, *options)["posterior/x"]
    assert draws.shape == (16384, 60, 2)
    error = np.mean(draws**2, axis=(0, 2)) / 1.25 - 1
    assert error[0] > 1
    # The standard error is 0.011 of each coordinate at each step; about 8 of the 30 steps count as
    # independent, so that it is 0.0028 of their mean: the test allows four of these and the last digit.
    assert error[30:].mean() == pytest.approx(plateau, abs=0.012)


def test_batches_of_a_linear_regression(tmp_path):
    # Moments by the linear recursion of means and covariances, the noise of batches in it.
    shutil.copy(FOLDER / "linear_data.csv", tmp_path)
    found = results_of("sgld", tmp_path)
    means = [1.010776, 2.029356, -1.026603]
    assert np.all(np.abs(found["summary/mean"] - means) < 4.5 * found["summary/mcse"])
    z = found["summary/sd"] / [0.0167026, 0.0216189, 0.0202043] - 1
    assert np.all(np.abs(z) * np.sqrt(2 * found["summary/ess_bulk"]) < 6), z
    assert np.all(found["summary/rhat"] < 1.01)
    plain = results_of("sgld", tmp_path, "--set", "sampler.control_variate=false",
                       "--set", "chains.steps=2000")  # fmt: skip
    assert np.all(np.abs(plain["summary/mean"] - means) < 4.5 * plain["summary/mcse"])
    z = plain["summary/sd"] / [0.0281698, 0.0310379, 0.0300718] - 1
    assert np.all(np.abs(z) * np.sqrt(2 * plain["summary/ess_bulk"]) < 6), z


def test_trouble_in_the_banana(tmp_path):
    found = results_of("banana", tmp_path, "--set", "chains.count=1024")
    assert np.all(found["summary/rhat"] > 1.1)
    assert found["sampler/divergences"] > 0


def test_decks_of_other_drivers_are_named(tmp_path):
    (tmp_path / "deck.toml").write_text("[ensemble]\npaths = 4096\n", encoding="utf-8")
    ended = run("langevin_chains", "--check", "deck.toml", folder=tmp_path)
    assert ended.returncode == 2
    assert "decks with [ensemble] are for sde_ensemble: run 'sde_ensemble DECK'" in ended.stderr


def test_the_first_chains_of_a_larger_run(tmp_path):
    some, more = (
        results_of("gaussian_mixture", tmp_path, "--set", f"chains.count={count}",
                   "--set", "chains.steps=200")["posterior/x"]
        for count in (100, 300)
    )  # fmt: skip
    assert some.shape == (64, 20) and some.tobytes() == more.tobytes()
