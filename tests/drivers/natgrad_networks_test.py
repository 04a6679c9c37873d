# SPDX-License-Identifier: BSD-3-Clause
"""Studies of networks by natgrad_sweep: what they find, whoever does the work, and what decks say.

Digits are looked for in the folder that DRIFTWOOD_DATA names, and where Debian's package
python3-sklearn puts them."""
import os
import pathlib

import numpy as np
import pytest

from drivers import SOURCE, assert_same_bits, in_jobs, results, run

FOLDER = SOURCE / "inputs" / "natgrad_sweep"
PLACES = [
    pathlib.Path(os.environ.get("DRIFTWOOD_DATA", "/nonexistent")),
    pathlib.Path("/usr/lib/python3/dist-packages/sklearn/datasets/data"),
]

LINEARISED = """
[network]
mode = "linearised"
samples = 40
unlabelled = [60, 200]
tests = 100
noise = [0.0, 1.0, 4.0]
preconditioner = ["gd", "sample:1", "population:1", "population_mix:0.5", "population_mix:0.1"]
replicas = 12
seed = 4
[network.inputs]
kind = "gaussian"
features = 12
rows = 400
scale = 3.0
[network.student]
hidden = [16]
[network.teacher]
hidden = [16, 8]
activation = "relu"
"""
TRAINED = (
    LINEARISED.replace('"linearised"', '"train"')
    .replace("[60, 200]", "[60]")
    .replace('"population_mix:0.5", "population_mix:0.1"', '"empirical:10"')
    .replace("replicas = 12", "replicas = 4")
    + """
[network.training]
steps = 3000
tolerance = 0.02
"""
)


def texts(values):
    return [value.decode().rstrip("\0") for value in values]


def digits():
    for place in PLACES:
        if (place / "digits.csv.gz").exists():
            return place / "digits.csv.gz"
    return pytest.skip(f"digits.csv.gz is not in {', '.join(map(str, PLACES[1:]))}, nor in DRIFTWOOD_DATA")


def at(found, preconditioner, noise, unlabelled=None):
    mask = np.array(texts(found["network/preconditioner"])) == preconditioner
    mask &= found["network/noise"] == noise
    if unlabelled is not None:
        mask &= found["network/unlabelled"] == unlabelled
    (place,) = np.flatnonzero(mask)
    return place


def test_linearised_networks(tmp_path):
    found = results("natgrad_sweep", LINEARISED, tmp_path)
    risk = found["network/risk/value"]
    points = found["network/point"].size
    assert points == 3 * (2 + 3 * 2) and risk.shape == (12, points)
    assert np.allclose(found["network/risk/mean"], risk.mean(0), rtol=1e-12)
    error = risk.std(0, ddof=1) / np.sqrt(12)
    assert np.allclose(found["network/risk/standard_error"], error, rtol=1e-10)
    for noise in (0.0, 1.0, 4.0):
        gd = risk[:, at(found, "gd", noise)]
        # N2: the Fisher matrix of the sample changes nothing, in any replica
        assert np.allclose(risk[:, at(found, "sample:1", noise)], gd, rtol=1e-8)
        for more in (60, 200):
            there = at(found, "population:1", noise, more)
            difference = risk[:, there] - gd
            assert np.isclose(found["network/difference/mean"][there], difference.mean(), rtol=1e-9)
            # (F / m / 2 + I / 2)^-1 is that of damping 1
            mix = at(found, "population_mix:0.5", noise, more)
            assert np.allclose(risk[:, mix], risk[:, there], rtol=1e-10)
            t = 2.20099  # of Student's law with 11 degrees of freedom, 97.5 %
            half = found["network/difference/half_width"][there]
            assert np.isclose(half, t * difference.std(ddof=1) / np.sqrt(12), rtol=1e-5)


def test_risk_is_quadratic_in_the_root_of_the_noise(tmp_path):
    """Predictions are linear in labels, whatever P."""
    found = results("natgrad_sweep", LINEARISED, tmp_path)
    other = results(
        "natgrad_sweep", LINEARISED, tmp_path, "--set", "network.noise=[0.0, 1.0, 4.0, 9.0]"
    )
    for name in ("gd", "population:1"):
        more = None if name == "gd" else 200
        r = [other["network/risk/value"][:, at(other, name, v, more)] for v in (0.0, 1.0, 4.0, 9.0)]
        # third differences of a quadratic in 0, 1, 2, 3
        assert np.allclose(r[3] - 3 * r[2] + 3 * r[1] - r[0], 0, atol=1e-9 * r[3].max())
    assert np.allclose(
        found["network/risk/value"][:, at(found, "gd", 4.0)],
        other["network/risk/value"][:, at(other, "gd", 4.0)],
        rtol=1e-12,
    )


FEW = TRAINED.replace("noise = [0.0, 1.0, 4.0]", "noise = [1.0]").replace('"sample:1", ', "")


@pytest.mark.parametrize("deck", [LINEARISED, FEW], ids=["linearised", "trained"])
def test_same_bits_on_any_ranks_and_in_many_jobs(deck, tmp_path):
    alone = results("natgrad_sweep", deck, tmp_path)
    for ranks in (1, 2, 4):
        assert_same_bits(alone, results("natgrad_sweep", deck, tmp_path, ranks=ranks))
    (tmp_path / "out.h5").unlink()
    jobs, found = in_jobs("natgrad_sweep", tmp_path, [1, 3, 2])
    assert jobs > 1
    assert_same_bits(alone, found)


def test_more_replicas_begin_with_the_fewer(tmp_path):
    few = results("natgrad_sweep", TRAINED, tmp_path)
    more = results("natgrad_sweep", TRAINED, tmp_path, "--set", "network.replicas=5")
    assert np.array_equal(more["network/risk/value"][:4], few["network/risk/value"])


@pytest.mark.parametrize("method", ["dual", "cg", "kfac"])
def test_trained_networks_reach_the_tolerance(method, tmp_path):
    (tmp_path / "deck.toml").write_text(TRAINED)
    ended = run("natgrad_sweep", "deck.toml", "--output", "out.h5", "--set",
                f"network.training.method={method}", folder=tmp_path)  # fmt: skip
    assert ended.returncode == 0, ended.stderr
    assert "all trainings reached the tolerance" in ended.stdout
    found = results("natgrad_sweep", TRAINED, tmp_path, "--set", f"network.training.method={method}")
    loss, steps = found["network/training/loss"], found["network/training/steps"]
    assert np.all(loss <= 0.02) and np.all(steps < 3000) and np.all(steps > 0)
    curve = found["network/curve/mean"]
    assert found["network/step"][0] == 0 and found["network/step"][-1] == 3000
    # whatever the preconditioner, networks start alike, and the last risk is that of the end
    for noise in (0.0, 1.0, 4.0):
        starts = [curve[at(found, p, noise), 0] for p in ("gd", "sample:1", "population:1")]
        assert np.ptp(starts) == 0
    assert np.allclose(curve[:, -1], found["network/risk/mean"], rtol=1e-12)
    assert np.all(found["network/training/least_risk"] <= found["network/risk/value"])


def test_conjugate_gradients_train_as_factors_do(tmp_path):
    found = {
        method: results("natgrad_sweep", TRAINED, tmp_path, "--set", f"network.training.method={method}", "--set",
                        "network.training.steps=5")["network/risk/value"]
        for method in ("dual", "cg")
    }  # fmt: skip
    assert np.allclose(found["cg"], found["dual"], rtol=1e-6)


@pytest.mark.parametrize(
    "keys, message",
    [
        ("network.samples=300", "600 inputs are asked for, and there are 400"),
        ("network.preconditioner=['sample:1']", "there is no gd among them"),
        ("network.preconditioner=['gd', 'empirical:1']", "'empirical' is a choice of mode"),
        ("network.student.gain=[1, 2, 3]", "there are 3 numbers for 2 layers"),
        ("network.student.hidden=[2.5]", "2.5 is not a whole number"),
        ("network.training.steps=10", "there is no training in mode"),
        ("network.memory=0.1", "a rank needs some"),
        ("network.unlabelled=[0]", "'population:1' has no unlabelled inputs"),
    ],
)
def test_decks_that_cannot_be(keys, message, tmp_path):
    (tmp_path / "deck.toml").write_text(LINEARISED)
    ended = run("natgrad_sweep", "--check", "deck.toml", "--set", keys, folder=tmp_path)
    assert ended.returncode == 2
    assert message in ended.stderr


def test_a_deck_has_one_study(tmp_path):
    problem = '[problem]\nspectrum = { kind = "identity" }\nn = 10\ngamma = [2]\n'
    estimator = '[estimator]\npreconditioner = ["gd"]\n'
    for deck, message in (
        (LINEARISED + problem + estimator, "there are two studies"),
        ("[run]\n", "there is no study"),
        (LINEARISED + estimator, "goes with [problem]"),
        (problem, "there is no table [estimator]"),
    ):
        (tmp_path / "deck.toml").write_text(deck)
        ended = run("natgrad_sweep", "--check", "deck.toml", folder=tmp_path)
        assert ended.returncode == 2
        assert message in ended.stderr


def test_there_is_no_plan_and_no_petsc(tmp_path):
    (tmp_path / "deck.toml").write_text(LINEARISED)
    for options, message in (
        (["--plan", "--ranks", "4"], "there is no plan of such a study yet"),
        (["--output", "out.h5", "--", "-ksp_view"], "no design is left to it"),
    ):
        ended = run("natgrad_sweep", "deck.toml", *options, folder=tmp_path)
        assert ended.returncode == 2
        assert message in ended.stderr


def test_trainings_on_their_way_are_not_compared(tmp_path):
    (tmp_path / "deck.toml").write_text(TRAINED.replace("steps = 3000", "steps = 2"))
    ended = run("natgrad_sweep", "deck.toml", "--output", "out.h5", folder=tmp_path)
    assert ended.returncode == 0, ended.stderr
    assert "48 of 48 trainings did not reach the tolerance in 2 steps: risks are of" in ended.stdout
    assert "the least risk" not in ended.stdout and "*" not in ended.stdout


def test_the_least_risk_is_said_with_those_that_are_alike(tmp_path):
    deck = LINEARISED.replace("[60, 200]", "[60]").replace(", 1.0, 4.0]", "]")
    (tmp_path / "deck.toml").write_text(deck)
    ended = run("natgrad_sweep", "deck.toml", "--output", "out.h5", folder=tmp_path)
    assert ended.returncode == 0, ended.stderr
    line = next(x for x in ended.stdout.splitlines() if "the least risk is that of" in x)
    # With the samples' own Fisher matrix a linear student ends where gradient descent does.
    assert ("gd" in line) == ("sample:1" in line), line
    assert "not clearly above: " in line, line


def test_a_network_that_diverges_says_so(tmp_path):
    (tmp_path / "deck.toml").write_text(
        TRAINED.replace("sample:1", "sample:1e-7") + "clip = 1e9\nrefresh = 1000\n"
    )
    ended = run("natgrad_sweep", "deck.toml", "--output", "out.h5", folder=tmp_path, ranks=2)
    assert ended.returncode == 1
    assert ended.stderr.count("training diverges") == 1
    assert not (tmp_path / "out.h5").exists()


def test_noise_turns_digits(tmp_path):
    """N1 and N2 on digits: signs of paired differences, by more than 3 standard errors of 12 replicas
    without noise and with 3; the seed is fixed. Of 100 replicas: the nightly test."""
    deck = (FOLDER / "digits_linearised.toml").read_text(encoding="utf-8")
    found = results("natgrad_sweep", deck, tmp_path, "--set", f"network.inputs.file={digits()}", "--set",
                    "network.replicas=12", "--set", "network.preconditioner=['gd', 'sample:1', 'population:0.1']")  # fmt: skip
    mean, error = found["network/difference/mean"], found["network/difference/standard_error"]
    low, high = at(found, "population:0.1", 0.0), at(found, "population:0.1", 3.0)
    assert mean[low] > 3 * error[low] and mean[high] < -3 * error[high]
    risk = found["network/risk/value"]
    for noise in (0.0, 3.0):
        assert np.allclose(
            risk[:, at(found, "sample:1", noise)], risk[:, at(found, "gd", noise)], rtol=1e-8
        )
