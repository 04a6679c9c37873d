# SPDX-License-Identifier: BSD-3-Clause
"""Advice of natgrad_sweep on tables: right where the truth is known, confirmed by choices of rows on
real data, the same on any ranks.

Real tables are looked for in the folder that DRIFTWOOD_DATA names and beside the sources; tests of
those that are not there skip."""
import os
import pathlib

import h5py
import numpy as np
import pytest

from drivers import SOURCE, assert_same_bits, in_jobs, read, results, run

FOLDER = SOURCE / "inputs" / "natgrad_sweep"
PLACES = [
    pathlib.Path(os.environ.get("DRIFTWOOD_DATA", "/nonexistent")),
    SOURCE.parent / "shared" / "data" / "tabular",
]


def table(folder, alignment, *, rows=2000, features=16, noise=0.3, name="data.csv", labels=True):
    """Normal rows of geometric spectrum, rotated, and labels of a signal of that alignment."""
    rng = np.random.default_rng(5)
    x = 100.0 ** (-(np.arange(features) + 0.5) / features)
    theta = x ** (alignment / 2) * rng.choice([-1, 1], features)
    theta /= np.sqrt((x * theta**2).sum())
    z = rng.standard_normal((rows, features)) * np.sqrt(x)
    y = z @ theta + np.sqrt(noise) * rng.standard_normal(rows)
    rotation = np.linalg.qr(rng.standard_normal((features, features)))[0]
    lines = [",".join([f"x{i}" for i in range(features)] + ["y"] * labels)]
    for row, label in zip(z @ rotation, y, strict=True):
        lines.append(",".join([f"{v:.8g}" for v in row] + [f"{label:.8g}"] * labels))
    (pathlib.Path(folder) / name).write_text("\n".join(lines) + "\n", encoding="utf-8")


def deck(more="", target='target = "y"\n'):
    return f'[advise]\ndata = "data.csv"\nstandardise = false\n{target}{more}\n'


def attribute(folder, name, output="out.h5"):
    with h5py.File(pathlib.Path(folder) / output) as file:
        return file["advice"].attrs[name]


def texts(values):
    return np.array([v.decode() for v in values])


def at_estimate(found, folder, tuning):
    noise = attribute(folder, "noise")
    return (texts(found["advice/answer/tuning"]) == tuning) & np.isclose(
        found["advice/answer/noise"], noise, rtol=1e-12
    )


@pytest.mark.parametrize("alignment, pays", [(-1, True), (1, False)])
def test_advice_is_right_where_the_truth_is_known(alignment, pays, tmp_path):
    table(tmp_path, alignment)
    found = results("natgrad_sweep", deck("rows = [2000, 64, 32, 8]"), tmp_path)
    here = at_estimate(found, tmp_path, "best ridge")
    assert list(found["advice/answer/rows"][here]) == [2000, 64, 32, 8]
    few = here & (found["advice/answer/rows"] < 2000)
    assert np.all(found["advice/answer/does_pay"][few] == pays)
    assert np.all(found["advice/answer/confidence"][few] > 0.9)
    assert np.all(found["advice/answer/confirmed"][few] == 1)
    low, high = (attribute(tmp_path, f"noise_{end}") for end in ("low", "high"))
    assert low < attribute(tmp_path, "noise") < high
    # what least squares on 2000 rows tell of the noise: the interval is some 6 % wide on each side
    assert attribute(tmp_path, "noise") == pytest.approx(0.3, rel=0.15)
    # rows that are held out: what is predicted, by 5 standard errors and the limit's 3 %
    ridge = texts(found["advice/labels/tuning"]) == "best ridge"
    off = found["advice/labels/measured"] - found["advice/labels/predicted"]
    bound = 5 * found["advice/labels/standard_error"] + 0.03
    assert np.all(np.abs(off[ridge]) < bound[ridge])


def test_spectra_are_freed_of_what_few_rows_add(tmp_path):
    table(tmp_path, 0, rows=96, features=48)
    found = results("natgrad_sweep", deck("replicas = 0", target='drop = ["y"]\n'), tmp_path)
    truth = 100.0 ** (-(np.arange(48) + 0.5) / 48)
    truth /= truth.mean()
    error = {
        name: np.sqrt(np.mean(np.log(found[f"advice/{name}"] / truth) ** 2))
        for name in ("population", "sample")
    }
    assert error["population"] < 0.6 * error["sample"], error
    # without a target: alignments by the deck, and no labels
    assert set(texts(found["advice/answer/signal"])) == {"r = 1", "r = 0", "r = -1"}
    assert "advice/labels/measured" not in found


def test_fewer_rows_than_features(tmp_path):
    """A spectrum explains the rows within their errors, nothing is tried, and that is said."""
    table(tmp_path, 0, rows=60, features=120)
    (tmp_path / "deck.toml").write_text(deck(), encoding="utf-8")
    ended = run("natgrad_sweep", "deck.toml", "--output", "out.h5", folder=tmp_path)
    assert ended.returncode == 0, ended.stderr
    assert "nothing was tried" in ended.stdout
    found = read(tmp_path / "out.h5")
    assert attribute(tmp_path, "misfit") <= 1.1
    assert np.all(found["advice/population"] > 0) and np.sum(found["advice/sample"] > 1e-9) == 59
    # the rows tell the mean of squares to 4 times their error, some 20 percent
    truth = 100.0 ** (-(np.arange(120) + 0.5) / 120)
    truth /= truth.mean()
    assert np.mean(found["advice/population"] ** 2) == pytest.approx(np.mean(truth**2), rel=0.4)
    assert np.all(np.isnan(found["advice/answer/measured"]))


def test_rows_without_labels_sharpen_the_spectrum(tmp_path):
    table(tmp_path, 0, rows=96, features=48)
    table(tmp_path, 0, rows=20_000, features=48, name="more.csv", labels=False)
    found = results("natgrad_sweep", deck('unlabelled = "more.csv"\nreplicas = 0'), tmp_path)
    truth = 100.0 ** (-(np.arange(48) + 0.5) / 48)
    truth /= truth.mean()
    assert np.allclose(found["advice/population"], truth, rtol=0.12)
    assert attribute(tmp_path, "pooled_rows") == 20_096
    # a column of labels is passed over, whatever it holds
    lines = (tmp_path / "more.csv").read_text(encoding="utf-8").splitlines()
    labels = ["y"] + ["word"] * (len(lines) - 1)
    text = "\n".join(f"{line},{label}" for line, label in zip(lines, labels, strict=True))
    (tmp_path / "more.csv").write_text(text + "\n", encoding="utf-8")
    (tmp_path / "out.h5").unlink()
    again = results("natgrad_sweep", deck('unlabelled = "more.csv"\nreplicas = 0'), tmp_path)
    assert_same_bits(found, again)


def test_warnings_are_kept(tmp_path):
    """Row numbers among the features, and heavy tails, of which theory knows nothing."""
    rng = np.random.default_rng(8)
    x = rng.standard_t(1.2, (400, 6))
    rows = np.column_stack([np.arange(400), x, x[:, 0] + rng.standard_normal(400)])
    np.savetxt(tmp_path / "data.csv", rows, delimiter=",", fmt="%.9g",
               header="id,a,b,c,d,e,f,y", comments="")  # fmt: skip
    (tmp_path / "deck.toml").write_text(deck().replace("false", "true"), encoding="utf-8")
    ended = run("natgrad_sweep", "deck.toml", "--output", "out.h5", folder=tmp_path)
    assert ended.returncode == 0, ended.stderr
    warnings = attribute(tmp_path, "warnings")
    warnings = (warnings.decode() if isinstance(warnings, bytes) else warnings).splitlines()
    assert "column 'id' counts the rows" in warnings[0]
    assert "more than 50 % and 4 standard errors from what is predicted" in warnings[1]
    assert all(f"! {warning}\n" in ended.stdout for warning in warnings)


def test_ranks_and_jobs_change_nothing(tmp_path):
    table(tmp_path, -0.5, rows=300)
    text = deck("replicas = 5")
    alone = results("natgrad_sweep", text, tmp_path)
    for ranks in (2, 4):
        assert_same_bits(alone, results("natgrad_sweep", text, tmp_path, ranks=ranks))
    (tmp_path / "out.h5").unlink()
    jobs, found = in_jobs("natgrad_sweep", tmp_path, [1, 3])
    assert jobs > 1
    assert_same_bits(alone, found)


def test_advice_without_a_deck(tmp_path):
    (tmp_path / "my data").mkdir()
    table(tmp_path, -1, rows=300, name="my data/x.csv")
    ended = run("natgrad_sweep", "--advise", "my data/x.csv", "--set", "advise.target=y", "--set",
                "advise.standardise=false", folder=tmp_path)  # fmt: skip
    assert ended.returncode == 0, ended.stderr
    assert "Should I precondition?" in ended.stdout
    assert "best ridge  yes" in ended.stdout
    (tmp_path / "data.csv").write_bytes((tmp_path / "my data" / "x.csv").read_bytes())
    by_deck = results("natgrad_sweep", deck(), tmp_path)
    assert_same_bits(by_deck, read(tmp_path / "advice.h5"))


@pytest.mark.parametrize(
    "arguments, message",
    [
        (["--advise", "none.csv"], "there is no file 'none.csv'"),
        (["--advise"], "--advise needs a value"),
        (["--advise", "data.csv", "deck.toml"], "cannot be combined"),
        (["--advise", "words.csv"], "name a column of labels by 'target'"),
        (["--advise", "words.csv", "--set", "advise.target=word"], "3 different words"),
        (["--advise", "words.csv", "--set", "advise.target=wrd"], "did you mean 'word'?"),
        (["--advise", "ok.csv", "--set", "advise.target=y", "--set", "advise.unlabelled=less.csv"],
         "--set advise.unlabelled=less.csv: error: 'less.csv' has other columns than 'ok.csv' (1 and 2)"),
    ],
)
def test_mistakes_are_told(arguments, message, tmp_path):
    lines = ["a,word"] + [f"{i},{'xyz'[i % 3]}" for i in range(12)]
    (tmp_path / "words.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    ok = ["a,b,y"] + [f"{i * i % 7},{i * i % 5},{i % 4}" for i in range(12)]
    (tmp_path / "ok.csv").write_text("\n".join(ok) + "\n", encoding="utf-8")
    (tmp_path / "less.csv").write_text("a\n1\n2\n3\n", encoding="utf-8")
    ended = run("natgrad_sweep", *arguments, folder=tmp_path)
    assert ended.returncode == 2
    assert message in ended.stderr


def test_the_deck_of_made_up_rows(tmp_path):
    ended = run("natgrad_sweep", FOLDER / "advise.toml", folder=tmp_path)
    assert ended.returncode == 0, ended.stderr
    found = read(tmp_path / "advise.h5")
    here = texts(found["advice/answer/tuning"]) == "best ridge"
    few = here & (found["advice/answer/rows"] <= 20)
    # without noise 20 rows of 10 features leave no risk to compare
    none = (found["advice/answer/noise"] == 0) & (found["advice/answer/rows"] == 20)
    assert np.all(texts(found["advice/answer/verdict"])[few & none] == "no matter")
    assert np.all(texts(found["advice/answer/verdict"])[few & ~none] == "yes")


REAL = {"german": "german.data-numeric", "a9a": "a9a"}


@pytest.mark.parametrize("name", REAL)
def test_choices_of_real_rows_confirm_advice(name, tmp_path):
    """The answer at the estimated noise, for every number of rows that is tried and every tuning;
    choices of rows are those of the seed, so that no chance is left."""
    data = next((place / REAL[name] for place in PLACES if (place / REAL[name]).exists()), None)
    if data is None:
        pytest.skip(f"{REAL[name]} is not in {PLACES[1]}, nor in DRIFTWOOD_DATA")
    ended = run("natgrad_sweep", FOLDER / f"advise_{name}.toml", "--set", f"advise.data={data}",
                "--output", "out.h5", ranks=2, folder=tmp_path)  # fmt: skip
    assert ended.returncode == 0, ended.stderr
    found = read(tmp_path / "out.h5")
    tuned = at_estimate(found, tmp_path, "best ridge") | at_estimate(found, tmp_path, "best time")
    tried = tuned & np.isfinite(found["advice/answer/measured"])
    assert tried.sum() == 6
    assert np.all(found["advice/answer/confirmed"][tried] == 1)
    # how much is gained or lost is right, too: to 3 percent of the risk of gradient descent
    off = found["advice/answer/measured"] - found["advice/answer/gain"]
    assert np.abs(off[tried]).max() < 0.03
    # ... and on the labels themselves: each error to 5 standard errors and 2 percent
    labels = {key: found[f"advice/labels/{key}"] for key in ("tuning", "predicted", "measured", "standard_error")}
    ridge = texts(labels["tuning"]) == "best ridge"
    off = np.abs(labels["measured"] - labels["predicted"])
    assert np.all(off[ridge] < 5 * labels["standard_error"][ridge] + 0.02 * labels["predicted"][ridge])
