# SPDX-License-Identifier: BSD-3-Clause
"""What paths draw on their own: parameters, initial values from files, antithetic noise.

Statistical tests allow 5 standard errors (a false alarm of 6e-7 each) and have fixed seeds.
"""
import math

import h5py
import numpy as np
import pytest

import drivers
from drivers import assert_same_bits, results, run

def simulate(folder, model, keys, *, scheme="exact", ensemble="", observe="", **given):
    folder.mkdir(exist_ok=True)
    return drivers.simulate(
        folder, model, keys, scheme=scheme, ensemble="seed = 3\n" + ensemble,
        observe="times = [0.0, 1.0]\n" + observe, **given,
    )  # fmt: skip


def test_a_random_drift_widens_the_law_as_it_should(tmp_path):
    # X = exp(m + V) with V ~ N(0, s^2), as there is no noise: a lognormal law.
    m, s, paths = 0.1, 0.3, 100_000
    law = f'{{ kind = "normal", mean = {m}, sd = {s} }}'
    keys = f"drift = [{law}]\nvolatility = [0.0]\ninitial = [1.0]"
    found = simulate(tmp_path, "geometric_brownian_motion", keys)
    mean = math.exp(m + s * s / 2)
    assert abs(found["moments/mean"][-1, 0] - mean) < 5 * found["moments/standard_error"][-1, 0]
    variance = mean**2 * math.expm1(s * s)
    kurtosis = found["moments/kurtosis"][-1, 0]
    error = 5 * variance * math.sqrt((kurtosis - 1) / paths)
    assert abs(found["moments/variance"][-1, 0] - variance) < error


@pytest.mark.parametrize("model", ["geometric_brownian_motion", "multivariate_ornstein_uhlenbeck"])
def test_drawn_parameters_do_not_depend_on_ranks_or_waves(model, tmp_path):
    law = '{ kind = "uniform", low = 0.1, high = 0.4 }'
    keys = {
        "geometric_brownian_motion": f"volatility = [{law}]",
        "multivariate_ornstein_uhlenbeck": f"mean = [{law}, 1.0]",
    }[model]
    given = {"scheme": "euler_maruyama", "steps": 5, "paths": 20_000}
    one = simulate(tmp_path / "one", model, keys, **given)
    other = simulate(tmp_path / "other", model, keys, ranks=3, ensemble="wave_blocks = 1", **given)
    assert_same_bits(one, other)


def test_a_network_may_have_random_rates(tmp_path):
    # Pure decay without noise: E[X] = 5 (e^-a - e^-b) / (b - a) for a rate uniform on [a, b].
    keys = (
        'species = ["A"]\ninitial = [5.0]\nnoise_scale = 0.0\n'
        'reactions.decay = { equation = "A ->", '
        'rate = { kind = "uniform", low = 0.5, high = 1.5 } }'
    )
    found = simulate(tmp_path, "reaction_network", keys, scheme="heun", steps=50, paths=20_000)
    mean = 5 * (math.exp(-0.5) - math.exp(-1.5))
    # Heun's error at steps of 0.02 is below 5 (1.5 h)^2 / 6 = 8e-4
    allowed = 5 * found["moments/standard_error"][-1, 0] + 8e-4
    assert abs(found["moments/mean"][-1, 0] - mean) < allowed


def test_numbers_come_from_a_column_of_a_file(tmp_path):
    rng = np.random.default_rng(1)
    starts, rates = rng.normal(size=(7, 2, 3)), rng.uniform(0.5, 2, size=5)
    (tmp_path / "data").mkdir()
    with h5py.File(tmp_path / "data" / "draws.h5", "w") as file:
        file["paths/value"] = starts
        file["rate"] = rates.astype(np.float32)
    keys = (
        'rate = { kind = "hdf5", file = "data/draws.h5", dataset = "/rate" }\nsigma = 1e-12\n'
        'initial.x = { kind = "hdf5", file = "data/draws.h5", dataset = "paths/value", '
        "at = [-1, 0] }"
    )
    observe = "save_paths = 20"
    found = simulate(tmp_path, "ornstein_uhlenbeck", keys, paths=20, observe=observe)
    path = np.arange(20)
    start = starts[path % 7, -1, 0]
    assert (found["paths/value"][:, 0, 0] == start).all()
    decayed = start * np.exp(-rates[path % 5].astype(np.float32).astype(float))
    assert found["paths/value"][:, 1, 0] == pytest.approx(decayed, abs=1e-10)


@pytest.mark.parametrize(
    ("law", "problem"),
    [
        ('file = "none.h5", dataset = "/x"', "there is no file"),
        ('file = "text.h5", dataset = "/x"', "is not a readable HDF5 file"),
        ('file = "good.h5", dataset = "/y"', "has no dataset '/y'"),
        ('file = "good.h5", dataset = "/group"', "has no dataset '/group'"),
        ('file = "good.h5", dataset = "/x"', "has shape (4, 2), and 'at' has 0 entries, not 1"),
        ('file = "good.h5", dataset = "/x", at = [2]', "has shape (4, 2), and 2 is outside"),
        ('file = "good.h5", dataset = "/nan"', "entry 1 of '/nan' of"),
        ('file = "good.h5", dataset = "/text"', "does not hold numbers"),
        ('file = "good.h5", dataset = "/one"', "is a single value and no column"),
        ('file = "good.h5", dataset = "/empty"', "is empty"),
        ('file = "good.h5", dataset = "/x", at = [0], as = 1', "unknown key 'model.initial.x.as'"),
    ],
)
def test_unfit_files_are_refused_at_their_key(law, problem, tmp_path):
    (tmp_path / "text.h5").write_text("no HDF5")
    with h5py.File(tmp_path / "good.h5", "w") as file:
        file["x"] = np.ones((4, 2))
        file["nan"] = [1.0, math.nan]
        file["text"] = ["some", "words"]
        file["one"] = 1.0
        file["empty"] = np.zeros(0)
        file.create_group("group")
    deck = (
        '[model]\nname = "ornstein_uhlenbeck"\n'
        f'initial.x = {{ kind = "hdf5", {law} }}\n[time]\nend = 1.0\nsteps = 10\n'
    )
    (tmp_path / "deck.toml").write_text(deck)
    ended = run("sde_ensemble", "--check", "deck.toml", folder=tmp_path)
    assert ended.returncode == 2
    assert ended.stderr.startswith("deck.toml:3:")
    assert problem in ended.stderr


def test_numbers_of_a_file_obey_the_rule_of_their_key(tmp_path):
    with h5py.File(tmp_path / "rates.h5", "w") as file:
        file["rate"] = [0.5, 0.0, -1.0]
    deck = (
        '[model]\nname = "ornstein_uhlenbeck"\n'
        'sigma = { kind = "hdf5", file = "rates.h5", dataset = "/rate" }\n'
        "[time]\nend = 1.0\nsteps = 10\n"
    )
    (tmp_path / "deck.toml").write_text(deck)
    ended = run("sde_ensemble", "--check", "deck.toml", folder=tmp_path)
    assert ended.returncode == 2
    assert ended.stderr.startswith("deck.toml:3:")
    assert "must be > 0 (entry 1 of '/rate' of 'rates.h5' is 0)" in ended.stderr


def test_antithetic_errors_are_those_of_pairs(tmp_path):
    # X+ X- = m^2 exp(-s^2): the variance of the mean of n paths is (Var + Cov) / n.
    s, paths = 0.5, 200_000
    keys = f"drift = [0.1]\nvolatility = [{s}]\ninitial = [1.0]"
    observe = 'payoffs = { forward = { kind = "forward", strike = 0.0 } }'
    found = simulate(
        tmp_path,
        "geometric_brownian_motion",
        keys,
        paths=paths,
        ensemble="antithetic = true",
        observe=observe,
    )
    mean = math.exp(0.1)
    expected = mean * math.sqrt((math.expm1(s * s) + math.expm1(-s * s)) / paths)
    for at in ("moments/standard_error", "formulas/forward/standard_error"):
        error = found[at][-1].item()
        assert error == pytest.approx(expected, rel=0.02)
        assert abs(found["moments/mean"][-1, 0] - mean) < 5 * error
    assert found["formulas/forward/running/standard_error"][-1] == pytest.approx(error, rel=1e-12)
    # The variance is that of single paths.
    assert found["moments/variance"][-1, 0] == pytest.approx(mean**2 * math.expm1(s * s), rel=0.02)


def test_antithetic_means_of_linear_models_are_exact(tmp_path):
    keys = "rate = 0.5\nsigma = 0.7\ninitial.x = 2.0"
    found = simulate(
        tmp_path, "ornstein_uhlenbeck", keys, paths=5000, ensemble="antithetic = true"
    )
    assert found["moments/mean"][-1, 0] == pytest.approx(2 * math.exp(-0.5), rel=1e-13)
    assert found["moments/standard_error"][-1, 0] < 1e-13


def test_levy_areas_of_either_kind_give_the_same_expectations(tmp_path):
    # E[X_3^2] of the area process: t^2 / 4 for any grid, as areas of steps have variance h^2 / 4.
    found = {}
    for kind in ("series", "conditional_gaussian"):
        deck = (
            '[model]\nname = "levy_area"\ninitial = { x1 = 0.0, x2 = 0.0, x3 = 0.0 }\n'
            f'[time]\nscheme = "milstein"\nend = 1.0\nsteps = 8\nlevy_areas = "{kind}"\n'
            "[ensemble]\npaths = 200_000\n"
        )
        (tmp_path / kind).mkdir()
        found[kind] = results("sde_ensemble", deck, tmp_path / kind)
        kurtosis = found[kind]["moments/kurtosis"][-1, 2]
        error = 5 * 0.25 * math.sqrt((kurtosis - 1) / 200_000)
        assert abs(found[kind]["moments/variance"][-1, 2] - 0.25) < error
    first, second = (one["moments/mean"][-1, 2] for one in found.values())
    assert first != second
