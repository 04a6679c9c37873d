# SPDX-License-Identifier: BSD-3-Clause
"""Jumps of sde_ensemble against closed forms: JD-1 to JD-3 of the specification, and what jumps have to do
with events, bounds, ranks and waves.

Means allow 4 standard errors, those of the file (a false alarm of 6e-5 each); seeds are fixed.
"""
import math

import pytest

from drivers import assert_same_bits, results, run

SIGMAS = 4.0
PATHS = 200_000

# Merton (1976): log returns are normal, plus a Poisson number of normal jumps.
DRIFT, VOLATILITY, RATE, MEAN, SD, SPOT, END = 0.05, 0.2, 0.8, -0.1, 0.15, 100.0, 1.0

LAWS = f'marks = {{ z = {{ kind = "normal", mean = {MEAN}, sd = {SD} }} }}'
PRICE = f"""
[model]
name = "geometric_brownian_motion"
drift = [{DRIFT}]
volatility = [{VOLATILITY}]
initial = [{SPOT}]
[jumps.crash]
rate = {RATE}
{LAWS}
change = {{ price = "price*(exp(z) - 1)" }}
"""
LOG_PRICE = f"""
[model]
name = "expression"
state = ["x"]
noise = ["w"]
initial = {{ x = {math.log(SPOT)} }}
parameters = {{ intensity = {RATE} }}
drift = {{ x = "{DRIFT - VOLATILITY**2 / 2}" }}
diffusion = {{ x = {{ w = {VOLATILITY} }} }}
[jumps.crash]
rate = "intensity"
{LAWS}
change = {{ x = "z" }}
"""

# Moments of the log return about its mean; cumulants of the jumps are RATE END E[z^n].
RAW = [
    MEAN,
    MEAN**2 + SD**2,
    MEAN**3 + 3 * MEAN * SD**2,
    MEAN**4 + 6 * MEAN**2 * SD**2 + 3 * SD**4,
]
CUMULANTS = [
    (DRIFT - VOLATILITY**2 / 2 + RATE * RAW[0]) * END,
    (VOLATILITY**2 + RATE * RAW[1]) * END,
    RATE * RAW[2] * END,
    RATE * RAW[3] * END,
]
GROWTH = DRIFT + RATE * (math.exp(MEAN + SD**2 / 2) - 1)


def deck(model, time, observe="", *, paths=PATHS, ensemble=""):
    return f"""{model}
[time]
end = {END}
{time}
[ensemble]
paths = {paths}
{ensemble}
{observe}
"""


def assert_mean(found, name, expected, at=-1):
    error = abs(found[f"formulas/{name}/mean"][at] - expected)
    allowed = SIGMAS * found[f"formulas/{name}/standard_error"][at]
    assert error <= allowed, (name, found[f"formulas/{name}/mean"][at], expected, allowed)


def log_returns(price):
    """Formulas of the moments of the log return."""
    r = f"log({price}) - {math.log(SPOT)}"
    centred = f"({r} - ({CUMULANTS[0]}))"
    powers = "\n".join(f'power_{n} = "{centred}^{n}"' for n in range(1, 5))
    return f'[observe.formulas]\nprice_itself = "{price}"\n{powers}'


@pytest.mark.parametrize(
    "model, price, time",
    [
        (PRICE, "price", 'scheme = "exact"\nsteps = 1'),
        (PRICE, "price", 'scheme = "exact"\nsteps = 7'),
        (LOG_PRICE, "exp(x)", 'scheme = "euler_maruyama"\nsteps = 1'),
        (LOG_PRICE, "exp(x)", 'scheme = "sosra"\ntolerance = 1e-3'),
    ],
    ids=["exact-1", "exact-7", "euler-1", "adaptive"],
)
def test_jd1_cumulants_of_merton(model, price, time, tmp_path):
    found = results("sde_ensemble", deck(model, time, log_returns(price)), tmp_path)
    assert_mean(found, "price_itself", SPOT * math.exp(GROWTH * END))
    assert_mean(found, "power_1", 0)
    assert_mean(found, "power_2", CUMULANTS[1])
    assert_mean(found, "power_3", CUMULANTS[2])
    assert_mean(found, "power_4", CUMULANTS[3] + 3 * CUMULANTS[1] ** 2)
    assert_mean(found, "crash", RATE * END)


def normal_cdf(x):
    return math.erfc(-x / math.sqrt(2)) / 2


def merton_call(strike):
    """E max(S - strike, 0) as a series over the number of jumps: Merton (1976), section 3."""
    total = 0
    for n in range(60):
        weight = math.exp(-RATE * END) * (RATE * END) ** n / math.factorial(n)
        variance = VOLATILITY**2 * END + n * SD**2
        mean = math.log(SPOT) + (DRIFT - VOLATILITY**2 / 2) * END + n * MEAN
        sd = math.sqrt(variance)
        d = (mean - math.log(strike)) / sd
        total += weight * (
            math.exp(mean + variance / 2) * normal_cdf(d + sd) - strike * normal_cdf(d)
        )
    return total


def test_jd2_merton_call_is_its_series(tmp_path):
    strikes = [80, 100, 120]
    payoffs = "\n".join(
        f'[observe.payoffs.call_{k}]\nkind = "call"\nstrike = {k}' for k in strikes
    )
    time = 'scheme = "exact"\nsteps = 1'
    found = results("sde_ensemble", deck(PRICE, time, payoffs, paths=1_000_000), tmp_path)
    for k in strikes:
        error = abs(found[f"formulas/call_{k}/mean"][-1] - merton_call(k))
        assert error <= 3 * found[f"formulas/call_{k}/standard_error"][-1]


BIRTH, DEATH, COUNT = 1.0, 0.6, 20.0
POPULATION = f"""
[model]
name = "expression"
state = ["x"]
noise = []
initial = {{ x = {COUNT} }}
parameters = {{ birth = {BIRTH}, death = {DEATH} }}
drift = {{ x = 0 }}
[jumps.born]
rate = "birth*x"
change = {{ x = 1 }}
[jumps.dead]
rate = "death*x"
change = {{ x = -1 }}
"""


@pytest.mark.parametrize("steps", [1, 10])
def test_jd3_birth_and_death(steps, tmp_path):
    growth = math.exp((BIRTH - DEATH) * END)
    mean = COUNT * growth
    variance = COUNT * (BIRTH + DEATH) / (BIRTH - DEATH) * growth * (growth - 1)
    births = BIRTH * COUNT * (growth - 1) / (BIRTH - DEATH)
    time = f'scheme = "euler_maruyama"\nsteps = {steps}'
    observe = f'[observe.formulas]\nsquare = "(x - {mean})^2"\nleft = "x - (20 + born - dead)"'
    found = results("sde_ensemble", deck(POPULATION, time, observe), tmp_path)
    error = abs(found["moments/mean"][-1, 0] - mean)
    assert error <= SIGMAS * found["moments/standard_error"][-1, 0]
    assert_mean(found, "square", variance)
    assert_mean(found, "born", births)
    assert found["formulas/left/mean"][-1] == 0
    assert found["formulas/left/variance"][-1] == 0


HAWKES = """
[model]
name = "expression"
state = ["intensity"]
noise = []
initial = { intensity = 1.0 }
drift = { intensity = "2*(1 - intensity)" }
[jumps.event]
rate = "intensity"
change = { intensity = 0.8 }
"""


@pytest.mark.parametrize("bound", ["", "bound = 40.0\n"], ids=["held", "thinned"])
def test_self_exciting_events(bound, tmp_path):
    """d E[i] / dt = 2 (1 - E[i]) + 0.8 E[i]: Hawkes (1971)."""
    rate, level = 1.2, 2 / 1.2
    mean = level + (1 - level) * math.exp(-rate * END)
    events = level * END + (1 - level) * (1 - math.exp(-rate * END)) / rate
    model = HAWKES.replace('rate = "intensity"\n', f'rate = "intensity"\n{bound}')
    # Heun's drift has an error of order h^2; a rate that is held has one of order h, 6e-4 here.
    time = f'scheme = "heun"\nsteps = {100 if bound else 2000}'
    found = results("sde_ensemble", deck(model, time), tmp_path)
    error = abs(found["moments/mean"][-1, 0] - mean)
    assert error <= SIGMAS * found["moments/standard_error"][-1, 0]
    assert_mean(found, "event", events)


ARRIVALS = """
[model]
name = "expression"
state = ["x"]
noise = []
initial = { x = 0.0 }
drift = { x = 0 }
[jumps.arrival]
rate = 2.0
change = { x = 1 }
[events.third]
level = 2.5
policy = "%s"
"""


@pytest.mark.parametrize(
    "policy, end", [("record", "2"), ("stop", "3"), ("absorb", "2.5"), ("reflect", "2.5")]
)
def test_jumps_pass_levels_when_they_come(policy, end, tmp_path):
    """The third arrival has the law of Erlang; a path that stops has made the whole jump."""
    p = 1 - math.exp(-2.0) * (1 + 2.0 + 2.0)
    wait = 1 - sum(  # E min(T, 1) = integral of P(T > t)
        1 - math.exp(-2 * t) * (1 + 2 * t + 2 * t**2) for t in [(i + 0.5) / 4000 for i in range(4000)]
    ) / 4000
    observe = f'[observe.formulas]\nend = "third*abs(x - {end})"'
    text = deck(ARRIVALS % policy, 'scheme = "euler_maruyama"\nsteps = 3', observe)
    found = results("sde_ensemble", text, tmp_path)
    assert_mean(found, "third", p)
    assert_mean(found, "third_time", wait)
    if policy in ("stop", "absorb"):
        assert found["formulas/end/mean"][-1] == 0


@pytest.mark.parametrize("steps", [1, 32])
def test_barriers_are_passed_between_jumps_too(steps, tmp_path):
    """The bridges of a log price are exact between its jumps, so that steps do not matter."""
    event = f'[events.low]\nlevel = {math.log(85)}\ndirection = "down"'
    time = f'scheme = "euler_maruyama"\nsteps = {steps}'
    few = results("sde_ensemble", deck(LOG_PRICE, time, event), tmp_path)
    many = 'scheme = "euler_maruyama"\nsteps = 500'
    fine = results("sde_ensemble", deck(LOG_PRICE, many, event, ensemble="seed = 2"), tmp_path)
    a, b = few["formulas/low/mean"][-1], fine["formulas/low/mean"][-1]
    error = math.hypot(few["formulas/low/standard_error"][-1], fine["formulas/low/standard_error"][-1])
    assert abs(a - b) <= SIGMAS * error


BATES = """
[model]
name = "heston"
[jumps.up]
rate = "2*variance"
bound = 4.0
change = { price = "0.05*price" }
[jumps.down]
rate = 1.5
marks = { u = { kind = "uniform", low = 0.0, high = 1.0 } }
change = { price = "-0.1*u*price" }
"""


@pytest.mark.parametrize(
    "time", ['scheme = "euler_maruyama"\nsteps = 40', 'scheme = "heun"\ntolerance = 1e-2']
)
def test_jumps_are_the_same_bits_on_any_ranks_and_waves(time, tmp_path):
    observe = "[observe]\ntimes = [0.25, 1.0]\nsave_paths = 50"
    text = deck(BATES, time, observe, paths=20_000)
    alone = results("sde_ensemble", text, tmp_path)
    for ranks in (2, 3):
        options = ["--set", f"ensemble.wave_blocks={ranks - 1}"]
        assert_same_bits(alone, results("sde_ensemble", text, tmp_path, *options, ranks=ranks))


def test_a_rate_above_its_bound_fails_the_run(tmp_path):
    model = POPULATION.replace('rate = "birth*x"', 'rate = "birth*x"\nbound = 30.0')
    path = tmp_path / "deck.toml"
    path.write_text(
        deck(model, 'scheme = "euler_maruyama"\nsteps = 4', paths=1000), encoding="utf-8"
    )
    ended = run("sde_ensemble", path, "--output", "o.h5", folder=tmp_path)
    assert ended.returncode == 1
    assert "the rate of 'born' was up to" in ended.stderr and "above its bound 30" in ended.stderr
    assert (tmp_path / "o.h5.failed").exists() and not (tmp_path / "o.h5").exists()


def test_paths_draw_their_own_rates(tmp_path):
    """A mixed Poisson number: its variance is E[rate] + Var[rate]."""
    model = ARRIVALS.split("[events")[0].replace(
        "drift = ", 'parameters = { rate = { kind = "uniform", low = 0.0, high = 6.0 } }\ndrift = '
    ).replace("rate = 2.0", 'rate = "rate"')
    observe = '[observe.formulas]\nsquare = "(x - 3)^2"'
    found = results("sde_ensemble", deck(model, 'scheme = "heun"\nsteps = 2', observe), tmp_path)
    assert_mean(found, "arrival", 3.0)
    assert_mean(found, "square", 3.0 + 36 / 12)
