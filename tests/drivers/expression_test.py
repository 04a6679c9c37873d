# SPDX-License-Identifier: BSD-3-Clause
"""Equations that are written in the deck, and formulas that are observed.

Statistical tests allow 5 standard errors (a false alarm of 6e-7 each) and have fixed seeds.
"""
import math
import re

import numpy as np
import pytest

from drivers import SOURCE, assert_same_bits, read, results, run

SIGMAS = 5.0

REST = """
[time]
scheme = "{scheme}"
end = {end}
steps = {steps}
[ensemble]
paths = {paths}
seed = {seed}
[observe]
{observe}
"""

HESTON = """
[model]
name = "expression"
state = ["s", "v"]
noise = ["w", "z"]
correlation = [[1.0, -0.7], [-0.7, 1.0]]
parameters = { rate = 0.03, kappa = 1.5, theta = 0.04, sigma = 0.5 }
initial = { s = 100.0, v = 0.04 }
drift = { s = "rate*s", v = "kappa*(theta - max(v, 0))" }
diffusion = { s = { w = "s*sqrt(max(v, 0))" }, v = { z = "sigma*sqrt(max(v, 0))" } }
"""

LORENZ = """
[model]
name = "expression"
state = ["x", "y", "z"]
noise = ["u", "v", "w"]
parameters = { s = 10.0, r = 28.0, b = 2.6666666666666665, sigma = 0.15 }
initial = { x = 8.0, y = 8.0, z = 27.0 }
drift = { x = "s*(y - x)", y = "x*(r - z) - y", z = "x*y - b*z" }
diffusion = { x = { u = "sigma*x" }, y = { v = "sigma*y" }, z = { w = "sigma*z" } }
"""


def simulate(folder, model, *, scheme, end=1.0, steps, paths=40_960, seed=5, observe="", ranks=None):
    folder.mkdir(exist_ok=True)
    rest = REST.format(
        scheme=scheme, end=end, steps=steps, paths=paths, seed=seed, observe=observe
    )
    return results("sde_ensemble", model + rest, folder, ranks=ranks)


def effective(folder, model, scheme="euler_maruyama"):
    rest = REST.format(scheme=scheme, end=1.0, steps=10, paths=10, seed=1, observe="")
    (folder / "deck.toml").write_text(model + rest)
    ended = run("sde_ensemble", "--effective", "deck.toml", folder=folder)
    assert ended.returncode == 0, ended.stderr
    return ended.stdout


def assert_same_law(found, other, paths):
    """Means of both runs, which have different noise, and their variances."""
    error = np.hypot(found["moments/standard_error"], other["moments/standard_error"])
    difference = np.abs(found["moments/mean"] - other["moments/mean"])
    assert (difference <= SIGMAS * error).all(), difference / error
    first, second = (one["moments/variance"] for one in (found, other))
    spread = np.sqrt(
        first**2 * (found["moments/kurtosis"] - 1) + second**2 * (other["moments/kurtosis"] - 1)
    )
    assert (np.abs(first - second) <= SIGMAS * spread / math.sqrt(paths)).all()


def test_heston_agrees_with_the_compiled_model(tmp_path):
    compiled = (
        '[model]\nname = "heston"\nrate = 0.03\nkappa = 1.5\ntheta = 0.04\nsigma = 0.5\n'
        "rho = -0.7\ninitial = { price = 100.0, variance = 0.04 }\n"
    )
    given = {"scheme": "euler_maruyama", "steps": 50, "paths": 102_400}
    written = simulate(tmp_path / "a", HESTON, observe="formulas.call = \"max(s - 100, 0)\"", **given)
    call = 'payoffs.call = { kind = "call", strike = 100.0 }'
    other = simulate(tmp_path / "b", compiled, seed=6, observe=call, **given)
    assert_same_law(written, other, 102_400)
    error = np.hypot(*(r["formulas/call/standard_error"][-1] for r in (written, other)))
    assert abs(written["formulas/call/mean"][-1] - other["formulas/call/mean"][-1]) < 5 * error


def test_the_same_formulas_take_the_same_paths_as_a_compiled_model(tmp_path):
    # One noise per component: the same streams, so that only rounding differs.
    compiled = (
        '[model]\nname = "stochastic_lorenz"\nsigma = 0.15\ninitial = { x = 8.0, y = 8.0, z = 27.0 }\n'
    )
    for scheme in ("euler_maruyama", "milstein", "sriw1", "heun", "theta_euler_maruyama"):
        given = {"scheme": scheme, "end": 0.25, "steps": 100, "paths": 64, "observe": "save_paths = 64"}
        written = simulate(tmp_path / "a", LORENZ, **given)
        other = simulate(tmp_path / "b", compiled, **given)
        assert written["paths/value"] == pytest.approx(other["paths/value"], rel=1e-9)


def test_stochastic_lorenz_agrees_with_the_compiled_model_in_law(tmp_path):
    compiled = (
        '[model]\nname = "stochastic_lorenz"\nsigma = 0.15\ninitial = { x = 8.0, y = 8.0, z = 27.0 }\n'
    )
    given = {"scheme": "milstein", "end": 2.0, "steps": 400}
    written = simulate(tmp_path / "a", LORENZ, **given)
    assert_same_law(written, simulate(tmp_path / "b", compiled, seed=6, **given), 40_960)


LINEAR = np.array([[-1.0, 0.5], [0.2, -0.8]])
FIRST = np.array([[0.3, 0.0], [0.4, 0.1]])
SECOND = np.array([[0.1, 0.3], [0.0, -0.2]])


def expm(matrix):
    values, vectors = np.linalg.eig(matrix)
    return (vectors @ np.diag(np.exp(values)) @ np.linalg.inv(vectors)).real


def linear(matrix):
    return [f"{row[0]}*x + {row[1]}*y" for row in matrix]


@pytest.mark.parametrize("calculus", ["ito", "stratonovich"])
@pytest.mark.parametrize("scheme", ["platen_weak2", "heun"])
def test_a_linear_equation_of_noncommuting_noises_has_its_moments(calculus, scheme, tmp_path):
    drift, first, second = linear(LINEAR), linear(FIRST), linear(SECOND)
    model = f"""
[model]
name = "expression"
calculus = "{calculus}"
state = ["x", "y"]
noise = ["a", "b"]
initial = {{ x = 1.0, y = -0.5 }}
drift = {{ x = "{drift[0]}", y = "{drift[1]}" }}
diffusion.x = {{ a = "{first[0]}", b = "{second[0]}" }}
diffusion.y = {{ a = "{first[1]}", b = "{second[1]}" }}
"""
    assert "the noise is general" in effective(tmp_path, model, scheme)
    paths = 204_800
    found = simulate(
        tmp_path, model, scheme=scheme, steps=200, paths=paths, observe="covariance = true"
    )
    a = LINEAR.copy()
    if calculus == "stratonovich":
        a += (FIRST @ FIRST + SECOND @ SECOND) / 2
    start, one = np.array([1.0, -0.5]), np.eye(2)
    mean = expm(a) @ start
    # d E[X X^T]/dt = A P + P A^T + sum B P B^T, in the form of a vector
    generator = np.kron(a, one) + np.kron(one, a) + np.kron(FIRST, FIRST) + np.kron(SECOND, SECOND)
    second_moment = (expm(generator) @ np.outer(start, start).ravel()).reshape(2, 2)
    covariance = second_moment - np.outer(mean, mean)
    # Errors of weak order 2 at 200 steps, and of order 1 for Heun's scheme
    bias = {"platen_weak2": 1e-5, "heun": 1e-3}[scheme]
    error = np.abs(found["moments/mean"][-1] - mean)
    assert (error <= SIGMAS * found["moments/standard_error"][-1] + bias).all()
    kurtosis = found["moments/kurtosis"][-1]
    spread = np.sqrt(np.outer(kurtosis, kurtosis) * np.outer(*(2 * [np.diag(covariance)])) / paths)
    assert (np.abs(found["covariance/value"][-1] - covariance) <= SIGMAS * spread + bias).all()


def test_results_do_not_depend_on_ranks(tmp_path):
    observe = 'formulas = { product = "x*y", now = "t" }\nquantiles = [0.5]'
    given = {"scheme": "milstein", "steps": 20, "paths": 20_000, "observe": observe}
    one = simulate(tmp_path / "one", LORENZ, **given)
    for ranks in (2, 3):
        assert_same_bits(one, simulate(tmp_path / str(ranks), LORENZ, ranks=ranks, **given))
    assert (one["formulas/now/mean"] == one["time"]).all()


def test_parameters_of_equations_may_be_drawn(tmp_path):
    model = """
[model]
name = "expression"
state = ["x"]
noise = ["w"]
parameters = { rate = { kind = "uniform", low = 0.5, high = 1.5 }, s = 1e-9 }
initial = { x = 2.0 }
drift = { x = "-rate*x" }
diffusion = { x = { w = "s" } }
"""
    found = simulate(tmp_path, model, scheme="heun", steps=100)
    mean = 2 * (math.exp(-0.5) - math.exp(-1.5))
    allowed = SIGMAS * found["moments/standard_error"][-1, 0] + 1e-4
    assert abs(found["moments/mean"][-1, 0] - mean) < allowed


def test_repression_alone_is_a_promoter_that_a_species_blocks(tmp_path):
    # K^n/(K^n + P^n) with K = 2 and n = 3; the network without noise
    network = """
[model]
name = "reaction_network"
species = ["promoter", "p"]
initial = [1.0, 5.0]
noise_scale = 0.0
[model.reactions]
loss = { equation = "p ->", rate = 0.5 }
[model.reactions.production]
equation = "-> p"
hill = { exponent = 3, half = 0.0, activators.promoter = { scale = 2.0 }, repressors.p = {} }
"""
    formula = """
[model]
name = "expression"
state = ["p"]
noise = ["w"]
initial = { p = 5.0 }
drift = { p = "8/(8 + p^3) - 0.5*p" }
diffusion = { p = { w = "1e-14" } }
"""
    given = {"scheme": "euler_maruyama", "end": 4.0, "steps": 40, "paths": 16}
    found, expected = (
        simulate(tmp_path / name, model, **given)["moments/mean"]
        for name, model in (("a", network), ("b", formula))
    )
    assert (found[:, 0] == 1).all()
    assert found[:, 1] == pytest.approx(expected[:, 0], rel=1e-11)


RATE = "# measured\ntime,rate\n0,0.5\n0.3,-1\n0.75,2\n0.8,0.1\n"
RATE_TIMES, RATE_VALUES = [0, 0.3, 0.75, 0.8], [0.5, -1, 2, 0.1]

TABLE = """
[model]
name = "expression"
state = ["x"]
noise = ["w"]
initial = { x = 2.0 }
drift = { x = "table('data/rate.csv', t)*x" }
diffusion = { x = { w = "1e-9" } }
"""


@pytest.mark.parametrize("precision", ["double", "single"])
def test_rates_from_a_table(precision, tmp_path):
    # Heun's scheme integrates a rate that is linear between the knots, which are steps, by the
    # trapezoidal rule; what is left is the error of second order of the growth itself.
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "rate.csv").write_text(RATE)
    rest = REST.format(
        scheme="heun", end=1.0, steps=2000, paths=16, seed=5, observe="times = [0.3, 0.75, 1.0]"
    )
    found = results(
        "sde_ensemble", TABLE + rest, tmp_path, "--set", f"ensemble.precision={precision}"
    )
    time = np.unique(np.concatenate([RATE_TIMES, [1.0]]))
    rate = np.interp(time, RATE_TIMES, RATE_VALUES)
    integral = np.concatenate([[0], np.cumsum(np.diff(time) * (rate[1:] + rate[:-1]) / 2)])
    exact = 2 * np.exp(np.interp(found["time"], time, integral))
    allowed = {"double": 2e-6, "single": 2e-4}[precision]
    assert found["moments/mean"][:, 0] == pytest.approx(exact, rel=allowed)


def test_observed_formulas_have_tables(tmp_path):
    (tmp_path / "rate.csv").write_text(RATE)
    names = ["table('rate.csv', t)", "table('./rate.csv', x - 1)", "table('rate.csv', 0.5)"]
    observe = "".join(f'formulas.f{i} = "{name}"\n' for i, name in enumerate(names))
    observe += "save_paths = 64\n"
    model = '[model]\nname = "ornstein_uhlenbeck"\n'
    found = simulate(tmp_path, model, scheme="exact", steps=4, paths=64, observe=observe)
    state = found["paths/value"][:, :, 0]
    expected = [found["time"], state - 1, np.full(len(found["time"]), 0.5)]
    for i, argument in enumerate(expected):
        values = np.interp(argument, RATE_TIMES, RATE_VALUES)
        mean = values if values.ndim == 1 else values.mean(axis=0)
        assert found[f"formulas/f{i}/mean"] == pytest.approx(mean, rel=1e-12)


def test_tables_do_not_depend_on_ranks(tmp_path):
    folders = [tmp_path / "one", tmp_path / "three"]
    for folder in folders:
        (folder / "data").mkdir(parents=True)
        (folder / "data" / "rate.csv").write_text(RATE)
    model = TABLE.replace("*x", " + table('data/rate.csv', x)").replace("1e-9", "0.5")
    given = {"scheme": "euler_maruyama", "steps": 20, "paths": 20_000}
    one, three = (
        simulate(folder, model, ranks=ranks, **given) for folder, ranks in zip(folders, (None, 3))
    )
    assert_same_bits(one, three)


def test_observed_formulas_of_a_compiled_model(tmp_path):
    model = '[model]\nname = "heston"\n'
    observe = 'formulas = { double = "2*price + t", ratio = "variance/price" }\nsave_paths = 4096'
    found = simulate(tmp_path, model, scheme="euler_maruyama", steps=10, paths=4096, observe=observe)
    price, variance = (found["paths/value"][:, -1, i] for i in range(2))
    assert found["formulas/double/mean"][-1] == pytest.approx(np.mean(2 * price + 1), rel=1e-12)
    ratio = variance / price
    assert found["formulas/ratio/mean"][-1] == pytest.approx(ratio.mean(), rel=1e-12)
    assert found["formulas/ratio/variance"][-1] == pytest.approx(ratio.var(ddof=1), rel=1e-9)


def test_paths_where_a_formula_has_no_value_are_flagged(tmp_path):
    rest = REST.format(
        scheme="exact", end=1.0, steps=1, paths=4096, seed=1, observe='formulas.log = "log(x)"'
    )
    (tmp_path / "deck.toml").write_text('[model]\nname = "ornstein_uhlenbeck"\n' + rest)
    ended = run("sde_ensemble", "deck.toml", "--output", "out.h5", folder=tmp_path)
    assert ended.returncode == 1
    assert "paths are not finite (the first is path" in ended.stderr


# What decks say to expect: dataset, value, and the bias of their scheme.
EXPECTED = {
    "formula_asian_option": ("formulas/mean_price/mean", 102.542193, 0.014),
    "formula_brownian_motion_on_a_sphere": ("formulas/radius/mean", 1.0, 1e-4),
    "formula_epidemic": ("formulas/people/mean", 1e4, 1e-6),
    "formula_gompertz": ("formulas/log_size/mean", 3.978253, 1e-3),
    "formula_heston": ("formulas/call/mean", 5.785155, 0.02),
    "formula_lorenz": (None, 0.0, 0.0),
    "formula_sabr": ("moments/mean", 0.05, 0.0),
    "formula_stochastic_resonance": (None, 0.0, 0.0),
    "formula_toggle_switch": ("formulas/first_wins/mean", 0.5, 0.0),
    "formula_zero_coupon_bond": ("formulas/bond/mean", 0.892309, 1e-4),
}
DECKS = sorted((SOURCE / "inputs" / "sde_ensemble").glob("formula_*.toml"))


@pytest.mark.parametrize("deck", DECKS, ids=lambda deck: deck.stem)
def test_worked_decks_give_what_they_promise(deck, tmp_path):
    paths = ["--set", "ensemble.paths=8192", "--output", "out.h5", "--quiet"]
    ended = run("sde_ensemble", deck, *paths, folder=tmp_path)
    assert ended.returncode == 0, ended.stderr
    found = read(tmp_path / "out.h5")
    name, value, bias = EXPECTED[deck.stem]
    if name is None:
        return
    error = found[name.removesuffix("mean") + "standard_error"][-1]
    assert (np.abs(found[name][-1] - value) <= SIGMAS * error + bias).all()


NOISES = {
    "additive": ('x = { v = "cos(t)", w = "2" }', 'y = { v = "1" }'),
    "diagonal": ('x = { w = "x*exp(-t)" }', 'y = { v = "sin(y)" }'),
    "commutative": ('x = { v = "x", w = "2*x" }', 'y = { w = "3*y" }'),
    "general": ('x = { v = "x", w = "y" }', 'y = { w = "x" }'),
}


@pytest.mark.parametrize("kind", NOISES)
def test_the_class_of_the_noise_is_found(kind, tmp_path):
    rows = "\n".join("diffusion." + row for row in NOISES[kind])
    model = f"""
[model]
name = "expression"
state = ["x", "y"]
noise = ["v", "w"]
initial = {{ x = 1.0, y = 2.0 }}
drift = {{ x = "0", y = "0" }}
{rows}
"""
    text = effective(tmp_path, model, "heun")
    assert f"# the noise is {kind}: " in text
    taken = "as it is" if kind == "additive" else "the drift is converted from Ito"
    assert taken in text


def test_correlated_noises_that_commute(tmp_path):
    model = """
[model]
name = "expression"
state = ["x", "y"]
noise = ["v", "w"]
correlation = [[1.0, 0.5], [0.5, 1.0]]
initial = { x = 1.0, y = 2.0 }
drift = { x = "0", y = "0" }
diffusion = { x = { v = "0.2*x" }, y = { w = "0.3*y" } }
"""
    assert "# the noise is commutative: " in effective(tmp_path, model)
    found = simulate(
        tmp_path, model, scheme="milstein", steps=20, paths=102_400, observe="covariance = true"
    )
    # log X and log Y have the covariance 0.5 0.2 0.3
    expected = 2 * math.expm1(0.5 * 0.2 * 0.3)
    spread = math.sqrt(found["moments/variance"][-1].prod() * 2 / 102_400)
    assert abs(found["covariance/value"][-1, 0, 1] - expected) < SIGMAS * spread + 1e-3


GOOD = """[model]
name = "expression"
state = ["x", "y"]
noise = ["w"]
parameters = { rate = 1.0 }
initial = { x = 1.0, y = 0.0 }
drift = { x = "-rate*x", y = "x" }
diffusion = { x = { w = "0.1*x" } }
[time]
end = 1.0
steps = 10
"""

WRONG = {
    "an unknown name": ("-rate*x", "-rat*x", r"7:17: error: .*'rat'.*did you mean 'rate'"),
    "a missing component": (', y = "x" }', " }", r"7:\d+: error: 'model.drift.y' is missing"),
    "a component twice": ('y = "x" }', 'y = "x", y = "x" }', r"7:\d+: error: .*'y'"),
    "an unknown component": ('y = "x" }', 'y = "x", z = "x" }', r"7:\d+: error: unknown key 'model.drift.z'"),
    "an unknown noise": ("{ w = ", "{ z = ", r"8:21: error: unknown key 'model.diffusion.x.z' \(.* has: w\); see --help-deck"),
    "a parenthesis": ("-rate*x", "(x", r"7:\d+: error: .*\("),
    "an empty formula": ("-rate*x", "", r"7:16: error: the formula is empty"),
    "no value at the start": ('y = "x"', 'y = "x + log(y)"', r"7:35: error: log\(0\) is not a finite number .*at the initial state"),
    "no value at all": ('y = "x"', 'y = "1/0"', r"7:32: error: 1/0 is not a finite number"),
    "an unused noise": ('noise = ["w"]', 'noise = ["w", "v"]', r"4:15: error: noise 'v' is not used"),
    "a noise in a formula": ('y = "x"', 'y = "w"', r"7:31: error: 'w' cannot be used here \(it is a noise\)"),
    "a reserved name": ("y", "t", r"3:\d+: error: 't' cannot be a name here"),
    "a name twice": ("w", "x", r"4:\d+: error: 'x' is there twice"),
    "a function's name": ("rate = 1.0", "exp = 1.0", r"5:\d+: error: 'exp' cannot be a name here"),
    "no identifier": ("rate = 1.0", '"a b" = 1.0', r"5:\d+: error: 'a b' is not a valid name"),
    "an unknown scheme": ("end = 1.0", 'scheme = "sra1"\nend = 1.0', r"10:10: error: scheme 'sra1' does not integrate 'expression'"),
    "a correlation of another size": ('parameters =', 'correlation = [[1.0, 0.5], [0.5, 1.0]]\nparameters =', r"5:15: error: 'correlation' is 2 x 2 and must be 1 x 1 \(.*'noise': w\)"),
    "a correlation": ('parameters =', 'correlation = [[2.0]]\nparameters =', r"5:\d+: error: 'correlation\[0\]\[0\]' is not 1"),
}


@pytest.mark.parametrize("what", WRONG)
def test_wrong_equations_are_refused_at_their_place(what, tmp_path):
    old, new, message = WRONG[what]
    assert old in GOOD
    (tmp_path / "deck.toml").write_text(GOOD.replace(old, new))
    ended = run("sde_ensemble", "--check", "deck.toml", folder=tmp_path)
    assert ended.returncode == 2
    assert re.match("deck.toml:" + message, ended.stderr), ended.stderr


WRONG_TABLES = {
    "no file": ("table('none.csv', t)", r"the table cannot be read \(there is no file 'none.csv'; "),
    "a word": ("table('word.csv', t)", r"the table cannot be read \(line 3 of 'word.csv': 'two' is not a number\)"),
    "a bare name": ("table(word.csv, t)", r".* stands in quotes; write 'word.csv'"),
}


@pytest.mark.parametrize("what", WRONG_TABLES)
@pytest.mark.parametrize("where", ["drift", "observed"])
def test_wrong_tables_are_refused_at_their_place(where, what, tmp_path):
    formula, message = WRONG_TABLES[what]
    (tmp_path / "word.csv").write_text("t;rate\n0;1\n1;two\n")
    wrong = f'"x + {formula}"'
    if where == "drift":
        deck, place = GOOD.replace('"-rate*x"', wrong), "7:26"
    else:
        deck, place = GOOD + f"[observe]\nformulas = {{ a = {wrong} }}\n", "13:29"
    (tmp_path / "deck.toml").write_text(deck)
    ended = run("sde_ensemble", "--check", "deck.toml", folder=tmp_path)
    assert ended.returncode == 2
    assert re.match(f"deck.toml:{place}: error: {message}", ended.stderr), ended.stderr


def test_parameters_may_be_used_in_what_is_observed_alone(tmp_path):
    unused = GOOD.replace("rate = 1.0", "rate = 1.0, strike = 2.0")
    (tmp_path / "deck.toml").write_text(unused)
    ended = run("sde_ensemble", "--check", "deck.toml", folder=tmp_path)
    assert ended.returncode == 2
    assert ended.stderr.startswith("deck.toml:5:37: error: parameter 'strike' is not used ")
    (tmp_path / "deck.toml").write_text(unused + '[observe]\nformulas.call = "max(x - strike, 0)"\n')
    assert run("sde_ensemble", "--check", "deck.toml", folder=tmp_path).returncode == 0


@pytest.mark.parametrize("number", ["0", "-2", "1_000", "0.25", "-1e-30", "1e22"])
def test_formulas_may_be_numbers(number, tmp_path):
    text = '"' + number.replace("_", "") + '"'
    effective = []
    for deck, options in [
        (GOOD.replace('y = "x"', f"y = {number}"), []),
        (GOOD.replace('y = "x"', f"y = {text}"), []),
        (GOOD, ["--set", f"model.drift.y={number}"]),
    ]:
        (tmp_path / "deck.toml").write_text(deck)
        ended = run("sde_ensemble", "--effective", "deck.toml", *options, folder=tmp_path)
        assert ended.returncode == 0, ended.stderr
        lines = ended.stdout.splitlines()
        drift = lines[lines.index("[model.drift]") :]
        effective.append(float(next(line for line in drift if line.startswith("y = "))[5:-1]))
    assert effective == [float(number.replace("_", ""))] * 3


def test_diffusions_may_be_numbers(tmp_path):
    given = {"scheme": "euler_maruyama", "steps": 10, "paths": 4096}
    model = GOOD.partition("[time]")[0]
    number, text = (
        simulate(tmp_path / name, model.replace('"0.1*x"', value), **given)
        for name, value in (("a", "2"), ("b", '"2"'))
    )
    assert_same_bits(number, text)


def test_a_right_equation_passes(tmp_path):
    (tmp_path / "deck.toml").write_text(GOOD)
    assert run("sde_ensemble", "--check", "deck.toml", folder=tmp_path).returncode == 0


@pytest.mark.parametrize(
    ("formula", "message"),
    [
        ("x + " * 2_500_000 + "x", "is too long"),
        ("(" * 5000 + "x" + ")" * 5000, "deep"),
        ("-" * 5000 + "x", "deep"),
    ],
    ids=["10 MB", "parentheses", "signs"],
)
def test_huge_formulas_are_refused(formula, message, tmp_path):
    (tmp_path / "deck.toml").write_text(GOOD.replace("-rate*x", formula))
    ended = run("sde_ensemble", "--check", "deck.toml", folder=tmp_path)
    assert ended.returncode == 2
    assert ended.stderr.startswith("deck.toml:7:")
    assert message in ended.stderr


def test_places_in_formulas_of_many_lines(tmp_path):
    formula = '"""\\\n   -rate * x \\\n   + \\u0078 * nonsense"""'
    (tmp_path / "deck.toml").write_text(GOOD.replace('"-rate*x"', formula))
    ended = run("sde_ensemble", "--check", "deck.toml", folder=tmp_path)
    assert ended.stderr.startswith("deck.toml:9:15: error: "), ended.stderr


def test_places_in_formulas_of_the_command_line(tmp_path):
    (tmp_path / "deck.toml").write_text(GOOD)
    ended = run(
        "sde_ensemble", "--check", "deck.toml", "--set", "model.drift.y=x + nonsense", folder=tmp_path
    )
    assert ended.returncode == 2
    assert ended.stderr.startswith("--set model.drift.y=x + nonsense: error: "), ended.stderr
    assert "at character 5" in ended.stderr


@pytest.mark.parametrize(
    ("formulas", "message"),
    [
        ('{ a = "x +" }', "13:"),
        ('{ a = "rate*x" }', ""),
        ('{ a = "w" }', "unknown name 'w'"),
        ('{ "a b" = "x" }', "is not a valid name"),
        ('{ a = 1.0 }', ""),
        ('{ a = true }', "must be a string"),
        ('{ a = inf }', "must be a string"),
    ],
)
def test_observed_formulas_are_checked(formulas, message, tmp_path):
    (tmp_path / "deck.toml").write_text(GOOD + "[observe]\nformulas = " + formulas + "\n")
    ended = run("sde_ensemble", "--check", "deck.toml", folder=tmp_path)
    assert ended.returncode == (2 if message else 0), ended.stderr
    assert message in ended.stderr


def test_a_formula_may_not_have_the_name_of_a_payoff(tmp_path):
    deck = (
        '[model]\nname = "heston"\n[time]\nend = 1.0\nsteps = 10\n[observe]\n'
        'payoffs.a = { kind = "call", strike = 1.0 }\nformulas.a = "price"\n'
    )
    (tmp_path / "deck.toml").write_text(deck)
    ended = run("sde_ensemble", "--check", "deck.toml", folder=tmp_path)
    assert ended.returncode == 2
    assert "the name 'a' is taken ('observe.payoffs.a'" in ended.stderr
