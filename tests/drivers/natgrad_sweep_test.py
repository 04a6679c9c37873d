# SPDX-License-Identifier: BSD-3-Clause
"""What natgrad_sweep writes is what theory and designs say, whoever does the work; and its decks show
what they promise."""
import re

import numpy as np
import pytest

from drivers import (
    SOURCE, assert_listed, assert_reference_is_current, assert_same_bits, in_jobs, kill_at_first_checkpoint, read, results,
    run,
)  # fmt: skip

FOLDER = SOURCE / "inputs" / "natgrad_sweep"
DECKS = sorted(FOLDER.glob("*.toml"))
RANKS = [1, 2, 3, 4]

DECK = """
[problem]
spectrum = {{ kind = "{spectrum}"{ratio} }}
alignment = [1, 0, -1]
gamma = [1.5, 2, 5]
n = {n}
noise = [0.0, 0.5]
[estimator]
preconditioner = ["gd", "ngd", "opt", "add:0.5", "pow:0.5"]
{more}
"""
ALL = """
[problem]
spectrum = { kind = "geometric", ratio = 100 }
alignment = [1, -0.5]
gamma = [0.5, 2, 3.1]
n = 40
noise = [0.0, 0.7]
[estimator]
preconditioner = ["gd", "ngd", "opt", "add:0.5", "pow:0.5", "fisher_estimate:200", "fisher_sample"]
ridge = [0.0, 0.2]
time = [3.0, "inf"]
[ensemble]
replicas = 37
seed = 8
"""


def texts(values):
    return [value.decode().rstrip("\0") for value in values]


def at(found, **where):
    """The points at which /point/{name} has the value."""
    mask = np.ones(found["point/number"].size, bool)
    for name, value in where.items():
        values = found[f"point/{name}"]
        mask &= np.array(texts(values)) == value if isinstance(value, str) else values == value
    return mask


# Table 6.4 of the theory, d = 400: bias and variance of gd, ngd, opt, add:0.5, pow:0.5.
TABLE = {
    ("twopoint", 2, 1): (".1171/2.3479", ".5000/1.0000", ".0499/10.0250", ".1850/1.5551", ".2385/1.2938"),
    ("twopoint", 2, -1): ("1.1739/2.3479", ".5000/1.0000", ".5000/1.0000", ".7776/1.5551", ".6469/1.2938"),
    ("twopoint", 5, 0): (".6450/.5308", ".8000/.2500", ".6450/.5308", ".6521/.4158", ".6671/.3504"),
    ("geometric", 2, 1): (".0836/1.8143", ".5000/1.0000", ".0461/3.6982", ".1839/1.3673", ".1944/1.2162"),
    ("geometric", 2, 0): (".2326/1.8143", ".5000/1.0000", ".2326/1.8143", ".2690/1.3673", ".2829/1.2162"),
    ("geometric", 5, -1): ("1.0432/.5540", ".8000/.2500", ".8000/.2500", ".8907/.3633", ".8677/.3346"),
}  # fmt: skip


@pytest.mark.parametrize("spectrum, ratio", [("twopoint", 20), ("geometric", 100)])
def test_theory_is_the_table(spectrum, ratio, tmp_path):
    for (rule, gamma, alignment), cells in TABLE.items():
        if rule != spectrum:
            continue
        deck = DECK.format(spectrum=spectrum, ratio=f", ratio = {ratio}", n=400 // gamma, more="")
        found = results("natgrad_sweep", deck, tmp_path, "--set", f"problem.gamma=[{gamma}]")
        here = at(found, gamma=gamma, alignment=alignment, noise=0.5)
        assert texts(found["point/preconditioner"][here]) == ["gd", "ngd", "opt", "add:0.5", "pow:0.5"]
        assert np.all(found["point/d"][here] == 400)
        expected = np.array([[float(v) for v in cell.split("/")] for cell in cells])
        assert np.allclose(found["theory/bias"][here], expected[:, 0], atol=5.1e-5, rtol=0)
        assert np.allclose(found["theory/variance"][here], expected[:, 1], atol=5.1e-5, rtol=0)


def test_results_are_those_of_the_nested_loops(tmp_path):
    import h5py

    found = results("natgrad_sweep", ALL, tmp_path)
    with h5py.File(tmp_path / "out.h5") as file:
        order = file["point"].attrs["order"]
        order = order if isinstance(order, str) else order.decode()
    names = order.split(", ")
    assert sorted(names) == sorted(
        ["alignment", "gamma", "preconditioner", "ridge", "time", "noise"]
    )
    count = 2 * 3 * 7 * 2 * 2 * 2
    keys = [
        tuple(texts(found[f"point/{n}"]) if n == "preconditioner" else found[f"point/{n}"])
        for n in names
    ]
    points = list(zip(*keys, strict=True))
    assert len(points) == len(set(points)) == count
    values = [list(dict.fromkeys(key)) for key in keys]
    import itertools

    assert points == list(itertools.product(*values))
    assert set(texts(found["point/spectrum"])) == {"geometric"}
    assert np.all(found["point/n"] == 40)
    assert np.all(found["point/d"] == np.round(found["point/gamma"] * 40))
    assert np.all(found["ensemble/replicas"] == 37)
    for group, form in (("theory", "theory/{}"), ("ensemble", "ensemble/{}/mean")):
        bias, variance, risk = (found[form.format(w)] for w in ("bias", "variance", "risk"))
        assert np.allclose(risk, bias + found["point/noise"] * variance, rtol=1e-14), group
    # scaled times compare flows: those of natural gradient are times
    natural = at(found, preconditioner="ngd")
    assert np.allclose(found["point/scaled_time"][natural], found["point/time"][natural])


def test_ensembles_are_what_theory_says(tmp_path):
    """Over all settings, 4 standard errors and the 1/n that theory leaves out."""
    deck = ALL.replace("n = 40", "n = 120").replace("gamma = [0.5, 2, 3.1]", "gamma = [0.5, 1.5]")
    found = results("natgrad_sweep", deck, tmp_path)
    for what in ("bias", "variance"):
        theory = found[f"theory/{what}"]
        error = 4 * found[f"ensemble/{what}/standard_error"] + 3 / 120 * theory
        apart = np.abs(found[f"ensemble/{what}/mean"] - theory)
        # 112 settings, correlated: a false alarm in 140 seeds at the most, and the seed is fixed
        assert np.all(apart < error + 1e-12), (what, np.max(apart / error))
    printed = run("natgrad_sweep", "deck.toml", "--output", "again.h5", folder=tmp_path).stdout
    assert "ensembles are what theory says" in printed
    # The risk of one setting moves with its noise as its replicas do.
    b = found["ensemble/bias/standard_error"]
    v = found["point/noise"] * found["ensemble/variance/standard_error"]
    r = found["ensemble/risk/standard_error"]
    assert np.all((r < b + v + 1e-15) & (r > np.abs(b - v) - 1e-15))


def test_few_rows_are_said_to_be_few(tmp_path):
    """n/(d - n - 1) of natural gradient is far from 1/(gamma - 1) at n = 20, d = 26."""
    deck = ALL.replace("n = 40", "n = 20").replace("gamma = [0.5, 2, 3.1]", "gamma = [1.3]")
    deck = deck.replace("replicas = 37", "replicas = 4000")
    (tmp_path / "deck.toml").write_text(deck)
    ended = run("natgrad_sweep", "deck.toml", "--output", "out.h5", folder=tmp_path)
    assert ended.returncode == 0, ended.stderr
    assert "settings ensembles are not what theory says" in ended.stdout
    found = read(tmp_path / "out.h5")
    plain = at(found, preconditioner="ngd", ridge=0.0, time=np.inf)
    assert np.allclose(found["theory/variance"][plain], 1 / 0.3)
    for what, exact in (("variance", 20 / 5), ("bias", 1 - 20 / 26)):  # of any n
        apart = found[f"ensemble/{what}/mean"][plain] - exact
        error = found[f"ensemble/{what}/standard_error"][plain]
        assert np.all(np.abs(apart) < 4 * error + 1e-12), what  # two alarms in 10^4 seeds


def test_same_bits_on_any_ranks(tmp_path):
    alone = results("natgrad_sweep", ALL, tmp_path)
    for ranks in RANKS:
        assert_same_bits(alone, results("natgrad_sweep", ALL, tmp_path, ranks=ranks))


def test_same_bits_in_many_jobs(tmp_path):
    deck = ALL.replace("n = 40", "n = 150").replace("e:200", "e:500")
    deck = deck.replace("replicas = 37", "replicas = 8")  # some tens of tasks
    whole = results("natgrad_sweep", deck, tmp_path)
    (tmp_path / "out.h5").unlink()
    jobs, found = in_jobs("natgrad_sweep", tmp_path, [1, 3, 2, 4])
    assert jobs > 1
    assert_same_bits(whole, found)


def test_same_bits_after_a_kill(tmp_path):
    """Killed by surprise, and gone on from its last checkpoint on other ranks."""
    deck = ALL.replace("n = 40", "n = 150").replace("e:200", "e:500")
    deck = deck.replace("replicas = 37", "replicas = 40")
    whole = results("natgrad_sweep", deck, tmp_path)
    (tmp_path / "out.h5").unlink()
    saving = ["--set", "run.checkpoint.every=0.05", "--set", "run.checkpoint.keep=2"]
    kill_at_first_checkpoint("natgrad_sweep", tmp_path, *saving)
    ended = run("natgrad_sweep", "deck.toml", "--output", "out.h5", "--resume", ranks=3, folder=tmp_path)
    assert ended.returncode == 0, ended.stderr
    found = read(tmp_path / "out.h5")
    assert found["run/jobs"] == 2
    assert_same_bits(whole, found)


def test_too_near_to_one_is_said_to_be_unclear(tmp_path):
    """With d = n + 1 the mean over designs is infinite, and its standard error means nothing."""
    deck = ALL.replace("gamma = [0.5, 2, 3.1]", "gamma = [1.025]")
    (tmp_path / "deck.toml").write_text(deck)
    ended = run("natgrad_sweep", "deck.toml", "--output", "out.h5", folder=tmp_path)
    assert ended.returncode == 0, ended.stderr
    assert "too near to 1 to tell whether theory holds" in ended.stdout


def test_laws_of_features_are_universal(tmp_path):
    """The same limits, other designs."""
    found = {
        law: results("natgrad_sweep", ALL.replace("n = 40", "n = 150").replace("e:200", "e:500"), tmp_path, "--set",
                     f"ensemble.law={law}", "--set", "problem.gamma=[2]")
        for law in ("normal", "rademacher", "student")
    }  # fmt: skip
    for law in ("rademacher", "student"):
        mean = found[law]["ensemble/variance/mean"]
        assert not np.array_equal(mean, found["normal"]["ensemble/variance/mean"])
        assert np.allclose(mean, found["normal"]["theory/variance"], rtol=0.1), law


def test_eigenvalues_of_a_file(tmp_path):
    d = 80
    values = 100 ** (-(np.arange(d) + 0.5) / d)
    (tmp_path / "eigenvalues.txt").write_text("\n".join(f"{v:.17g}" for v in 7 * values))
    rule = ALL.replace("gamma = [0.5, 2, 3.1]", "gamma = [2]")
    named = results("natgrad_sweep", rule, tmp_path)
    file = rule.replace('kind = "geometric", ratio = 100', 'kind = "file", file = "eigenvalues.txt"')
    (tmp_path / "deck.toml").write_text(file)
    ended = run("natgrad_sweep", "deck.toml", "--output", "out.h5", folder=tmp_path)
    assert ended.returncode == 0, ended.stderr
    found = read(tmp_path / "out.h5")
    for what in ("bias", "variance"):
        assert np.allclose(found[f"theory/{what}"], named[f"theory/{what}"], rtol=1e-9)
    (tmp_path / "eigenvalues.txt").write_text("1 2 3")
    ended = run("natgrad_sweep", "--check", "deck.toml", folder=tmp_path)
    assert ended.returncode == 2
    assert "80 features are asked for, and the file has 3 eigenvalues" in ended.stderr
    (tmp_path / "eigenvalues.txt").write_text("1 2 x")
    ended = run("natgrad_sweep", "--check", "deck.toml", folder=tmp_path)
    assert "eigenvalues.txt:1: 'x' is no finite number" in ended.stderr
    (tmp_path / "eigenvalues.txt").write_text("1, 2, -3")
    ended = run("natgrad_sweep", "--check", "deck.toml", folder=tmp_path)
    assert "number 3 of 'eigenvalues.txt' is -3" in ended.stderr


def test_alignments_of_files(tmp_path):
    """The eigenvalues of Sigma_theta up to a factor, as text or HDF5, beside rules or alone."""
    import h5py

    x = 100 ** (-(np.arange(80) + 0.5) / 80)
    np.savetxt(tmp_path / "theta.csv", np.c_[3 * x**-0.5], fmt="%.17g", header="theta", comments="")
    with h5py.File(tmp_path / "theta.h5", "w") as file:
        file["eigenvalues"] = x**1.0
    deck = ALL.replace("gamma = [0.5, 2, 3.1]", "gamma = [2]")
    rules = results("natgrad_sweep", deck.replace("[1, -0.5]", "[-0.5, 1, 0]"), tmp_path)
    files = results("natgrad_sweep", deck.replace("[1, -0.5]", '["theta.csv", "theta.h5", 0]'), tmp_path)
    assert "point/alignment_file" not in rules
    names = np.array(texts(files["point/alignment_file"])).reshape(3, -1)
    assert [set(row) for row in names] == [{"theta.csv"}, {"theta.h5"}, {""}]
    r = files["point/alignment"].reshape(3, -1)
    assert np.all(np.isnan(r[:2])) and np.all(r[2] == 0)
    for name in ("theory/{}", "ensemble/{}/mean", "ensemble/{}/standard_error"):
        for what in ("bias", "variance"):
            key = name.format(what)
            assert np.allclose(rules[key], files[key], rtol=1e-7, atol=1e-12), key
    (tmp_path / "deck.toml").write_text(deck.replace("[1, -0.5]", '"theta.csv"'))
    ended = run("natgrad_sweep", "deck.toml", "--output", "alone.h5", folder=tmp_path)
    assert ended.returncode == 0, ended.stderr
    assert "alignment theta.csv, gamma 2: natural gradient has the lower risk above" in ended.stdout
    found = read(tmp_path / "alone.h5")
    assert np.array_equal(found["theory/bias"], files["theory/bias"].reshape(3, -1)[0])
    # directions without a signal: opt moves in the others alone
    np.savetxt(tmp_path / "theta.csv", np.where(np.arange(80) < 40, x, 0))
    ended = run("natgrad_sweep", "--check", "deck.toml", "--set", "estimator.time=['inf']", "--set",
                "estimator.ridge=[0]", folder=tmp_path)
    assert ended.returncode == 2
    assert "only 40 eigenvalues of 'theta.csv' are above 0" in ended.stderr
    np.savetxt(tmp_path / "theta.csv", np.where(np.arange(80) < 60, x, 0))
    zeros = results("natgrad_sweep", (tmp_path / "deck.toml").read_text(), tmp_path)
    assert np.all(np.isfinite(zeros["theory/risk"])) and np.all(np.isfinite(zeros["ensemble/risk/mean"]))


def test_what_follows_from_risks(tmp_path):
    """Who is best, from which noise on gd is not, and how far ensembles are from theory."""
    found = results("natgrad_sweep", ALL, tmp_path)
    noise = found["point/noise"]
    groups = [found[f"point/{n}"] for n in ("alignment", "gamma", "noise")]
    groups = np.unique(np.stack(groups), axis=1, return_inverse=True)[1].ravel()
    for best, risk in (("theory/best", "theory/risk"), ("ensemble/best", "ensemble/risk/mean")):
        assert np.array_equal(groups[found[best]], groups)
        for g in range(groups.max() + 1):
            assert len(set(found[best][groups == g])) == 1
            # The first of those that differ by rounding alone.
            risks = found[risk][groups == g]
            equal = np.isclose(risks, risks.min(), rtol=1e-9, atol=0)
            assert found[best][groups == g][0] == np.flatnonzero(groups == g)[equal][0]
    for what in ("bias", "variance", "risk"):
        mean, error, z = (found[f"ensemble/{what}/{k}"] for k in ("mean", "standard_error", "z"))
        by = mean - found[f"theory/{what}"]
        known = np.isfinite(z)
        assert np.allclose(z[known] * error[known], by[known], rtol=1e-10, atol=1e-14)
        assert np.all(np.abs(by[~known]) <= 1e-9) and known.mean() > 0.5
    crossing = found["theory/crossing_noise"]
    order = ("alignment", "gamma", "ridge", "time", "noise")
    key = np.stack([found[f"point/{n}"] for n in order])
    plain = at(found, preconditioner="gd")
    for i in range(crossing.size):
        gd = np.flatnonzero(plain & (key == key[:, [i]]).all(0))[0]
        price = found["theory/bias"][i] - found["theory/bias"][gd]
        gain = found["theory/variance"][gd] - found["theory/variance"][i]
        if gain > 0:
            assert np.isclose(crossing[i], max(price / gain, 0), rtol=1e-9)
        if gain > 1e-12:  # else rounding says who is lower
            is_lower = found["theory/risk"][i] < found["theory/risk"][gd]
            assert is_lower == (price < 0 or noise[i] > crossing[i])
        if gain <= 0:
            assert crossing[i] == (0 if gain == 0 and price < 0 else np.inf)
    isotropic = ALL.replace("[1, -0.5]", "[0]").replace("[0.5, 2, 3.1]", "[2]").replace("= 40", "= 200")
    isotropic = isotropic.replace("e:200", "e:800").split("[ensemble]")[0]
    found = results("natgrad_sweep", isotropic, tmp_path)
    natural = at(found, preconditioner="ngd", ridge=0.0, time=np.inf)
    assert np.allclose(found["theory/crossing_noise"][natural], 0.3284, atol=5e-5)  # 6.5 of the theory
    without = results("natgrad_sweep", isotropic.replace('"gd", ', ""), tmp_path)
    assert np.all(np.isnan(without["theory/crossing_noise"]))


def test_natural_gradient_may_win_below_a_noise(tmp_path):
    """With a ridge it may have the lower bias and the higher variance."""
    deck = ALL.replace("[1, -0.5]", "[0, 1]").replace("[0.5, 2, 3.1]", "[0.2]").replace("= 40", "= 200")
    deck = deck.replace("[0.0, 0.2]", "[0.01]").replace("[3.0, ", "[").split("[ensemble]")[0]
    (tmp_path / "deck.toml").write_text(deck)
    said = run("natgrad_sweep", "deck.toml", "--output", "out.h5", folder=tmp_path).stdout
    found = read(tmp_path / "out.h5")
    gd, ngd = (at(found, preconditioner=p, noise=0.0) for p in ("gd", "ngd"))
    price = (found["theory/bias"][ngd] - found["theory/bias"][gd])[0]
    gain = (found["theory/variance"][gd] - found["theory/variance"][ngd])[0]
    assert price < 0 and gain < 0
    below = f"alignment 0, gamma 0.2: natural gradient has the lower risk below a noise of {price / gain:.4f}"
    assert below in said
    risk = results("natgrad_sweep", deck, tmp_path, "--set",
                   f"problem.noise=[{0.9 * price / gain}, {1.1 * price / gain}]")
    gd, ngd = (risk["theory/risk"][at(risk, preconditioner=p, alignment=0)] for p in ("gd", "ngd"))
    assert ngd[0] < gd[0] and ngd[1] > gd[1]


def test_eigenvalues_of_data(tmp_path):
    """Those of the correlations of a table, the last column of which is no feature."""
    rng = np.random.default_rng(7)
    x = rng.standard_normal((500, 30)) @ (np.eye(30) + 0.3 * rng.standard_normal((30, 30)))
    rows = np.column_stack([5 + 3 * x, rng.integers(0, 2, 500)])
    np.savetxt(tmp_path / "data.csv", rows, delimiter=",", fmt="%.17g")
    values = np.linalg.eigvalsh(np.corrcoef(x, rowvar=False))
    np.savetxt(tmp_path / "eigenvalues.txt", values[::-1], fmt="%.17g")
    deck = ALL.replace("gamma = [0.5, 2, 3.1]", "gamma = [1.5]").replace("n = 40", "n = 20")
    found = {}
    for kind, file in (("data", "data.csv"), ("file", "eigenvalues.txt")):
        rule = f'kind = "{kind}", file = "{file}"'
        found[kind] = results("natgrad_sweep", deck.replace('kind = "geometric", ratio = 100', rule), tmp_path)
    assert np.all(found["data"]["point/d"] == 30)
    for what in ("bias", "variance"):
        assert np.allclose(found["data"][f"theory/{what}"], found["file"][f"theory/{what}"], rtol=1e-8)
        mean = f"ensemble/{what}/mean"
        assert np.allclose(found["data"][mean], found["file"][mean], rtol=1e-6)
    rows[3, 4] = np.nan
    np.savetxt(tmp_path / "data.csv", rows, delimiter=",", fmt="%.17g")
    (tmp_path / "deck.toml").write_text(
        deck.replace('kind = "geometric", ratio = 100', 'kind = "data", file = "data.csv"')
    )
    ended = run("natgrad_sweep", "--check", "deck.toml", folder=tmp_path)
    assert ended.returncode == 2 and "data.csv:4:" in ended.stderr, ended.stderr


def test_a_singular_design_is_told(tmp_path):
    """More rows than directions that are not 0: which design, which pivot; nothing is regularised."""
    (tmp_path / "eigenvalues.txt").write_text(" ".join(["1"] * 10 + ["1e-40"] * 30))
    deck = ALL.replace("gamma = [0.5, 2, 3.1]", "gamma = [2]").replace("n = 40", "n = 20")
    deck = deck.replace("ridge = [0.0, 0.2]", "").replace('time = [3.0, "inf"]', "")
    deck = deck.replace('"geometric", ratio = 100', '"file", file = "eigenvalues.txt"')
    deck = deck.replace("alignment = [1, -0.5]", "alignment = [0]")
    deck = deck.replace('"ngd", "opt", "add:0.5", "pow:0.5", "fisher_estimate:200", "fisher_sample"', '"add:0"')
    (tmp_path / "deck.toml").write_text(deck)
    for ranks in (None, 2):
        ended = run("natgrad_sweep", "deck.toml", "--output", "out.h5", ranks=ranks, folder=tmp_path)
        assert ended.returncode == 1
        assert ended.stderr.count("error:") == 1, ended.stderr
        assert "pivot" in ended.stderr and "replica" in ended.stderr, ended.stderr
        assert "MPI_ABORT" not in ended.stderr  # all ranks ended by themselves
        assert not (tmp_path / "out.h5").exists()


LARGE = """
[problem]
spectrum = { kind = "geometric", ratio = 20 }
alignment = [0.5]
gamma = [0.5, 2]
n = 100
[estimator]
preconditioner = ["gd", "ngd"]
time = [3.0, "inf"]
[ensemble]
replicas = 4
seed = 8
solver = "petsc"
probes = 400
"""


@pytest.fixture
def petsc(tmp_path):
    (tmp_path / "has.toml").write_text(LARGE)
    ended = run("natgrad_sweep", "--check", "has.toml", folder=tmp_path)
    if "this build has no PETSc" in ended.stderr:
        pytest.skip("built without PETSc")
    assert ended.returncode == 0, ended.stderr


def test_designs_by_petsc_are_those_by_lapack(petsc, tmp_path):
    """The same designs, so that what is between them is that of probes: about .4 % of a mean."""
    probed = results("natgrad_sweep", LARGE, tmp_path)
    exact = results("natgrad_sweep", LARGE.replace('"petsc"', '"lapack"'), tmp_path)
    for what in ("bias", "variance"):
        mean = f"ensemble/{what}/mean"
        assert np.allclose(probed[mean], exact[mean], rtol=0.02, atol=1e-12), what
        some = exact[mean] > 0
        assert np.all(probed[mean][some] != exact[mean][some]), what


def test_same_bits_of_petsc_on_any_ranks(petsc, tmp_path):
    alone = results("natgrad_sweep", LARGE, tmp_path)
    for ranks in (2, 3):
        assert_same_bits(alone, results("natgrad_sweep", LARGE, tmp_path, ranks=ranks))


@pytest.mark.parametrize(
    "change, words",
    [
        (('"ngd"', '"fisher_estimate:300"'), "'petsc' has no preconditioner 'fisher_estimate:300'"),
        (('"ngd"', '"fisher_sample"'), "'petsc' has no preconditioner 'fisher_sample'"),
        (("probes = 400", "probes = 1"), "ensemble.probes"),
        (("[problem]", "[problem]\nmemory = 1"), "a design of 100 x 200 would take"),
    ],
)
def test_what_petsc_does_not_have_is_refused(change, words, petsc, tmp_path):
    (tmp_path / "deck.toml").write_text(LARGE.replace(*change))
    ended = run("natgrad_sweep", "--check", "deck.toml", folder=tmp_path)
    assert ended.returncode == 2 and words in ended.stderr, ended.stderr


def test_designs_by_petsc_that_do_not_converge_say_why(petsc, tmp_path, monkeypatch):
    (tmp_path / "deck.toml").write_text(LARGE)
    monkeypatch.setenv("PETSC_OPTIONS", "-ksp_max_it 4")
    for ranks in (None, 2):
        ended = run("natgrad_sweep", "deck.toml", "--output", "out.h5", ranks=ranks, folder=tmp_path)
        assert ended.returncode == 1, ended.stderr
        assert "replica" in ended.stderr and "DIVERGED_ITS after 4 iterations" in ended.stderr
        assert not (tmp_path / "out.h5").exists()


def test_options_after_two_dashes_reach_petsc(petsc, tmp_path):
    deck = LARGE.replace("n = 100", "n = 30")
    (tmp_path / "deck.toml").write_text(deck)
    few = run("natgrad_sweep", "deck.toml", "--output", "a.h5", "--", "-ksp_max_it", "3", folder=tmp_path)
    assert few.returncode == 1 and "DIVERGED_ITS after 3 iterations" in few.stderr, few.stderr
    wrong = run("natgrad_sweep", "deck.toml", "--output", "b.h5", "--", "-mfn_ncv", "20", "-ksp_maxit", "3",
                folder=tmp_path)  # fmt: skip
    assert wrong.returncode == 0, wrong.stderr
    assert "option -ksp_maxit" in wrong.stderr and "mfn_ncv" not in wrong.stderr, wrong.stderr
    (tmp_path / "deck.toml").write_text(deck.replace('"petsc"', '"lapack"'))
    none = run("natgrad_sweep", "deck.toml", "--", "-ksp_max_it", "3", folder=tmp_path)
    assert none.returncode == 2 and "no design is left to it" in none.stderr, none.stderr


def test_designs_by_petsc_are_not_planned(petsc, tmp_path):
    (tmp_path / "deck.toml").write_text(LARGE)
    ended = run("natgrad_sweep", "--plan", "--ranks", "2", "deck.toml", folder=tmp_path)
    assert ended.returncode == 2 and "cannot be planned" in ended.stderr, ended.stderr


@pytest.mark.parametrize("ranks", [1, 2])
def test_plans_say_what_a_run_takes(ranks, tmp_path):
    # Designs of more than the few pages by which libraries differ with and without MPI.
    deck = ALL.replace("n = 40", "n = 250").replace("e:200", "e:800")
    deck = deck.replace("replicas = 37", "replicas = 4")
    (tmp_path / "deck.toml").write_text(deck)
    ended = run("natgrad_sweep", "--plan", "--ranks", ranks, "deck.toml", folder=tmp_path)
    assert ended.returncode == 0, ended.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["deck.toml"]
    rows = re.findall(
        r"^(\S.*?) {2,}\S.*? {2,}([-+.e\d]+) (?:byte|s|J) {2,}", ended.stdout, re.M
    )
    predicted = {quantity: float(value) for quantity, value in rows}
    found = results("natgrad_sweep", deck, tmp_path, ranks=ranks)
    size = (tmp_path / "out.h5").stat().st_size
    assert predicted["results file"] == pytest.approx(size, rel=0.05)
    assert predicted["memory per rank"] == pytest.approx(float(found["run/memory"]), rel=0.15)


# ---------------------------------------------------------------- decks and pages


def test_the_reference_of_deck_keys_is_current():
    assert_reference_is_current("natgrad_sweep", "inputs/natgrad_sweep/REFERENCE.md")


@pytest.mark.parametrize("deck", DECKS, ids=lambda deck: deck.stem)
def test_every_deck_is_in_the_list(deck):
    assert_listed(deck)


def of_deck(name, folder):
    return results("natgrad_sweep", (FOLDER / f"{name}.toml").read_text(encoding="utf-8"), folder)


def beyond(found, a, b):
    """By how many standard errors the ensemble's risk of points a is above that of points b."""
    mean, error = found["ensemble/risk/mean"], found["ensemble/risk/standard_error"]
    return (mean[a] - mean[b]) / np.hypot(error[a], error[b])


def test_natural_gradient_wins_under_noise(tmp_path):
    found = of_deck("noise", tmp_path)
    gd, ngd = (at(found, preconditioner=p) for p in ("gd", "ngd"))
    noise = found["point/noise"][gd]
    z = beyond(found, gd, ngd)
    assert np.all(z[noise < 0.25] < -4) and np.all(z[noise > 0.38] > 4)
    # the Fisher matrix of the sample changes nothing
    sample = at(found, preconditioner="fisher_sample")
    assert np.allclose(found["ensemble/risk/mean"][sample], found["ensemble/risk/mean"][gd], rtol=1e-8)


def test_natural_gradient_wins_where_the_model_leaves_something_out(tmp_path):
    found = of_deck("misspecification", tmp_path)
    z = beyond(found, at(found, preconditioner="gd"), at(found, preconditioner="ngd"))
    assert z[0] < -4 and z[1] > 4


def test_alignment_decides_on_clean_signals(tmp_path):
    found = of_deck("alignment", tmp_path)
    z = {
        r: beyond(found, at(found, preconditioner="gd", alignment=r, noise=0.0),
                  at(found, preconditioner="ngd", alignment=r, noise=0.0))[0]
        for r in (1, 0.5, 0, -0.5, -1)
    }  # fmt: skip
    assert z[1] < -4 and z[0] < -4 and z[-1] > 4
    bias = found["theory/bias"][at(found, preconditioner="gd", noise=0.0)]
    assert np.all(np.diff(bias) > 0)


def test_the_middle_beats_both_ends(tmp_path):
    found = of_deck("interpolation", tmp_path)
    for kind in ("pow", "add"):
        names = [f"{kind}:{a:g}" for a in np.linspace(0, 1, 11)]
        here = [at(found, preconditioner=name, noise=0.2) for name in names]
        risk = np.array([found["ensemble/risk/mean"][h][0] for h in here])
        best = int(np.argmin(risk))
        assert 0 < best < 10
        for end in (0, 10):
            assert beyond(found, here[end], here[best])[0] > 10


def test_flows_that_stop_early(tmp_path):
    found = of_deck("early_stopping", tmp_path)
    risk, time = found["ensemble/risk/mean"], found["point/time"]

    def best(preconditioner, alignment):
        here = at(found, preconditioner=preconditioner, alignment=alignment, noise=0.5)
        i = int(np.argmin(risk[here]))
        return time[here][i], risk[here][i], risk[here][-1]

    t, least, end = best("gd", 0)
    assert 0.4 <= t <= 1 and abs(least - 0.5234) < 0.01 and end > 2 * least
    assert abs(best("ngd", 0)[1] - 0.7116) < 0.01
    assert best("gd", -1)[1] > best("ngd", -1)[1] + 0.1
