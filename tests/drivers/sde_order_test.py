# SPDX-License-Identifier: BSD-3-Clause
"""What sde_order says of orders that it cannot measure, and of decks that it cannot run."""
import numpy as np
import pytest

from drivers import SOURCE, read, run

# The weak errors of Euler's scheme are far above the sampling error: the noise is small.
GROWTH = """
[model]
name = "geometric_brownian_motion"
drift = [1.0]
volatility = [0.0001]
initial = [1.0]
[order]
levels = 4
paths = 4096
{more}
"""


def measure(folder, more, deck=GROWTH):
    (folder / "deck.toml").write_text(deck.format(more=more))
    ended = run("sde_order", "deck.toml", "--output", "out.h5", folder=folder)
    assert ended.returncode == 0, ended.stderr
    return read(folder / "out.h5"), ended.stdout


def row_of(printed, scheme):
    return next(line for line in printed.splitlines() if line.startswith(scheme + " "))


def test_errors_below_that_of_the_reference_show_no_order(tmp_path):
    # Platen's scheme is of weak order 2, and all that its difference from Euler's shows is Euler's.
    more = 'schemes = ["platen_weak2"]\nreference = "euler_maruyama"\nrefinements = {}\n'
    found, printed = measure(tmp_path, more.format(2))
    names = [name.decode().rstrip("\0") for name in found["scheme"]]
    assert names == ["platen_weak2", "euler_maruyama"]
    for group in ("weak/mean", "weak/second_moment"):
        error, spread = found[f"{group}/error"], found[f"{group}/standard_error"]
        assert (error > 3 * spread).all()
        assert np.isnan(found[f"{group}/order"][0])
        assert abs(found[f"{group}/order"][1] - 1) < 0.2
    assert row_of(printed, "platen_weak2").count("below reference (2.0)") == 2
    assert "not resolved" not in printed
    assert "raise order.refinements" in printed


def test_a_fine_reference_shows_orders(tmp_path):
    more = 'schemes = ["platen_weak2", "euler_maruyama"]\nreference = "sriw1"\nlevels = 2\n'
    more += "coarsest = 2\nrefinements = 10\n"
    found, printed = measure(tmp_path, more, GROWTH.replace("levels = 4\n", ""))
    assert "below reference" not in printed
    for group in ("weak/mean", "weak/second_moment"):
        assert found[f"{group}/order"][:2] == pytest.approx([2, 1], abs=0.5)


def test_a_known_solution_has_no_error(tmp_path):
    found, printed = measure(tmp_path, 'schemes = ["platen_weak2", "euler_maruyama"]')
    assert "below reference" not in printed
    assert len(found["scheme"]) == 2
    assert found["weak/mean/order"] == pytest.approx([2, 1], abs=0.2)


def test_errors_within_the_sampling_error_are_not_resolved(tmp_path):
    deck = GROWTH.replace("0.0001", "1.0").replace("4096", "4").replace("drift = [1.0]", "drift = [0.0]")
    found, printed = measure(tmp_path, 'schemes = ["euler_maruyama"]', deck)
    assert np.isnan(found["weak/mean/order"][0])
    assert "not resolved (1.0)" in printed
    assert "not resolved: fewer than two grids have an error above three standard errors" in printed


def test_the_help_explains_what_stands_in_the_place_of_orders():
    text = run("sde_order", "--help").stdout
    assert "'not resolved' stands where" in text
    assert "'below reference'" in text


@pytest.mark.parametrize(
    ("more", "message"),
    [
        (
            'component = "spot"',
            "deck.toml:10:13: error: 'geometric_brownian_motion' has no component 'spot' (its "
            "components are: price_1, price_2); choose one of them",
        ),
        (
            'component = "prise_1"',
            "deck.toml:10:13: error: 'geometric_brownian_motion' has no component 'prise_1' (its "
            "components are: price_1, price_2); did you mean 'price_1'?",
        ),
    ],
)
def test_unknown_components_are_answered_by_those_that_there_are(more, message, tmp_path):
    deck = GROWTH
    for one, two in (("[1.0]", "[1.0, 1.0]"), ("[0.0001]", "[0.0001, 0.0001]")):
        deck = deck.replace(one, two)
    (tmp_path / "deck.toml").write_text(deck.format(more=more))
    ended = run("sde_order", "--check", "deck.toml", folder=tmp_path)
    assert (ended.returncode, ended.stderr) == (2, message + "\n")


def test_decks_of_another_driver_are_told_which(tmp_path):
    ended = run("sde_order", "--check", SOURCE / "inputs" / "sde_ensemble" / "heston.toml")
    assert ended.returncode == 2
    assert "unknown table 'time' " in ended.stderr
    assert "decks with [time] are for sde_ensemble: run 'sde_ensemble DECK'" in ended.stderr
