# SPDX-License-Identifier: BSD-3-Clause
"""What natgrad_sweep says of kernels: fits and errors of left-out rows are those of numpy, by every
solver, on any ranks; steps in a kernel's space are those of a computation by numpy."""
import numpy as np
import pytest

from drivers import SOURCE, assert_same_bits, in_jobs, results, run

FOLDER = SOURCE / "inputs" / "natgrad_sweep"
RANKS = [1, 2, 3, 4]

KERNEL = """
[kernel]
data = "data.csv"
target = ["y", "z"]
drop = ["name"]
function = {{ kind = "{kind}"{keys} }}
lambda = [1e-4, 1e-2, 0.3]
solver = "{solver}"
test = 0.3
seed = 5
{more}
"""
RKHS = """
[rkhs]
source = [0.5, 0.75]
features = 80
n = [20, 60]
unlabelled = [50, 300]
designs = 6
steps = 40
seed = 9
"""


def write_table(folder, rows=320):
    """Three columns, one that is dropped, and two targets; (x, (y, z)) as they are in the file."""
    rng = np.random.default_rng(11)
    x = np.round(rng.standard_normal((rows, 3)) * [1, 20, 0.1] + [0, 5, 3], 4)
    y = np.sin(x[:, 0]) + 0.1 * x[:, 1] + 0.3 * rng.standard_normal(rows)
    z = x[:, 0] * (x[:, 2] - 3) + 0.05 * rng.standard_normal(rows)
    labels = np.round(np.column_stack([y, z]), 5)
    lines = ["name,a,y,b,z,c"]
    lines += [
        f"{i},{a:.4f},{y:.5f},{b:.4f},{z:.5f},{c:.4f}"
        for i, ((a, b, c), (y, z)) in enumerate(zip(x, labels, strict=True))
    ]
    (folder / "data.csv").write_text("\n".join(lines) + "\n")
    return x, labels


def deck_of(kind="rbf", keys="", solver="eigen", more=""):
    return KERNEL.format(kind=kind, keys=keys, solver=solver, more=more)


class Split:
    """The rows of a result, standardised as the driver does it."""

    def __init__(self, found, x, labels):
        tested = found["kernel/row"]
        learnt = np.setdiff1d(np.arange(len(x)), tested)
        mean, sd = x[learnt].mean(axis=0), x[learnt].std(axis=0)
        self.x, self.test_x = (x[learnt] - mean) / sd, (x[tested] - mean) / sd
        self.means = labels[learnt].mean(axis=0)
        self.y, self.test_y = labels[learnt] - self.means, labels[tested]


def rbf(a, b, length):
    return np.exp(-((a[:, None] - b[None]) ** 2).sum(axis=-1) / (2 * length**2))


def laplace(a, b, length):
    return np.exp(-np.abs(a[:, None] - b[None]).sum(axis=-1) / length)


def polynomial(a, b, length):
    return (a @ b.T / length**2 + 1) ** 3


@pytest.mark.parametrize("solver", ["eigen", "cholesky", "cg"])
@pytest.mark.parametrize("kind", [rbf, laplace, polynomial], ids=lambda kind: kind.__name__)
def test_fits_are_those_of_numpy(kind, solver, tmp_path):
    x, labels = write_table(tmp_path)
    more = "tolerance = 1e-13\ncentres = 80\nprobes = 200\n" if solver == "cg" else ""
    found = results("natgrad_sweep", deck_of(kind.__name__, solver=solver, more=more), tmp_path)
    split = Split(found, x, labels)
    n = len(split.x)
    assert n == found["kernel/rows"] == 224
    assert np.allclose(found["kernel/variance"], split.y.var(axis=0), rtol=1e-12)
    length = found["kernel/length"]
    if kind is polynomial:
        assert length == pytest.approx(np.sqrt(3), rel=1e-14)
    else:
        order = 1 if kind is laplace else 2
        apart = np.linalg.norm(split.x[:, None] - split.x[None], ord=order, axis=-1)
        ordered = np.sort(apart[np.triu_indices(n, 1)])
        assert length == pytest.approx(ordered[len(ordered) // 2], rel=1e-12)
    k, test_k = kind(split.x, split.x, length), kind(split.test_x, split.x, length)
    for i, lam in enumerate(found["kernel/lambda"]):
        inverse = np.linalg.inv(k + n * lam * np.eye(n))
        a = inverse @ split.y
        predicted = test_k @ a + split.means
        assert np.allclose(found["kernel/prediction"][i], predicted, rtol=0, atol=1e-9)
        assert np.allclose(found["kernel/test"][i], ((predicted - split.test_y) ** 2).mean(axis=0), rtol=1e-8)
        assert np.allclose(found["kernel/train"][i], ((k @ a - split.y) ** 2).mean(axis=0), rtol=1e-7)
        left_out = (a / np.diag(inverse)[:, None]) ** 2
        if solver == "cg":
            assert np.all(np.isnan(found["kernel/left_out"][i]))
            assert found["kernel/iterations"][i] > 0
            # The trace is within 5 of its standard errors, and its square is what is divided by.
            off = 10 * found["kernel/cross_validated/trace_error"][i]
            assert off < 0.2
        else:
            assert np.allclose(found["kernel/left_out"][i], left_out.mean(axis=0), rtol=1e-7)
            off = 0
        validated = n * (a**2).sum(axis=0) / np.trace(inverse) ** 2
        assert np.allclose(found["kernel/cross_validated/value"][i], validated, rtol=off + 1e-7)
    errors = found["kernel/cross_validated/value" if solver == "cg" else "kernel/left_out"]
    score = (errors / found["kernel/variance"]).sum(axis=1)
    assert found["kernel/best"] == found["kernel/lambda"][np.argmin(score)]


def test_fits_are_those_of_scikit_learn(tmp_path):
    """Whose alpha is n lambda."""
    ridge = pytest.importorskip("sklearn.kernel_ridge", reason="scikit-learn is not installed")
    x, labels = write_table(tmp_path)
    found = results("natgrad_sweep", deck_of(keys=", length = 1.5"), tmp_path)
    split = Split(found, x, labels)
    for i, lam in enumerate(found["kernel/lambda"]):
        fit = ridge.KernelRidge(alpha=len(split.x) * lam, kernel="rbf", gamma=1 / (2 * 1.5**2))
        predicted = fit.fit(split.x, split.y).predict(split.test_x) + split.means
        assert np.allclose(found["kernel/prediction"][i], predicted, rtol=0, atol=1e-10)


LARGER_RKHS = RKHS.replace("= 80", "= 600").replace("[20, 60]", "[64, 256]")


@pytest.mark.parametrize("deck", [deck_of("matern32"), LARGER_RKHS], ids=["kernel", "rkhs"])
def test_threads_of_blas_change_no_bits(deck, tmp_path, monkeypatch):
    write_table(tmp_path, rows=900)
    monkeypatch.delenv("OMP_NUM_THREADS", raising=False)
    found = []
    for threads in ("1", "2"):
        monkeypatch.setenv("OPENBLAS_NUM_THREADS", threads)
        found.append(results("natgrad_sweep", deck, tmp_path, output=f"{threads}.h5"))
    assert_same_bits(*found)


@pytest.mark.parametrize("solver", ["eigen", "cholesky", "cg"])
def test_fits_have_the_same_bits_on_any_ranks_and_in_jobs(solver, tmp_path):
    write_table(tmp_path, rows=900)  # three blocks of rows
    deck = deck_of("matern32", solver=solver, more="centres = 60\n")
    alone = results("natgrad_sweep", deck, tmp_path)
    for ranks in RANKS:
        assert_same_bits(alone, results("natgrad_sweep", deck, tmp_path, ranks=ranks))
    (tmp_path / "out.h5").unlink()
    jobs, found = in_jobs("natgrad_sweep", tmp_path, [1, 3, 2])
    assert jobs > 1
    assert_same_bits(alone, found)


def test_the_split_is_its_seed(tmp_path):
    x, _ = write_table(tmp_path)
    rows = {}
    for seed in (5, 6):
        found = results("natgrad_sweep", deck_of().replace("seed = 5", f"seed = {seed}"), tmp_path)
        rows[seed] = found["kernel/row"]
        assert len(rows[seed]) == len(set(rows[seed])) == int(0.3 * len(x))
    assert set(rows[5]) != set(rows[6])
    all_learnt = results("natgrad_sweep", deck_of().replace("test = 0.3", "test = 0"), tmp_path)
    assert all_learnt["kernel/rows"] == len(x) and "kernel/test" not in all_learnt


def test_what_is_singular_is_told(tmp_path):
    x, labels = write_table(tmp_path)
    text = (tmp_path / "data.csv").read_text().splitlines()
    (tmp_path / "data.csv").write_text("\n".join(text + text[1:]) + "\n")
    for solver in ("eigen", "cholesky"):
        deck = deck_of(solver=solver).replace("lambda = [1e-4", "lambda = [0")
        (tmp_path / "deck.toml").write_text(deck)
        for ranks in (None, 2):
            ended = run("natgrad_sweep", "deck.toml", "--output", "out.h5", ranks=ranks, folder=tmp_path)
            assert ended.returncode == 1
            assert "is singular" in ended.stderr and "larger lambda" in ended.stderr, ended.stderr
    (tmp_path / "deck.toml").write_text(deck_of(solver="cg", more="centres = 2\niterations = 3\n"))
    ended = run("natgrad_sweep", "deck.toml", "--output", "out.h5", ranks=2, folder=tmp_path)
    assert ended.returncode == 1 and "after 3 iterations" in ended.stderr, ended.stderr
    assert not (tmp_path / "out.h5").exists()


def test_left_out_rows_choose_well(tmp_path):
    """The deck of the pages: noise of variance 1 is all that is left out of reach."""
    deck = (FOLDER / "kernel_path.toml").read_text().replace('"kernel_data', f'"{FOLDER}/kernel_data')
    found = results("natgrad_sweep", deck, tmp_path)
    best = list(found["kernel/lambda"]).index(found["kernel/best"])
    assert 0 < best < len(found["kernel/lambda"]) - 1
    test = found["kernel/test"][:, 0]
    assert test[best] < 1.1 * test.min() and 1 < test[best] < 2
    again = (FOLDER / "kernel_cg.toml").read_text().replace('"kernel_data', f'"{FOLDER}/kernel_data')
    iterated = results("natgrad_sweep", again, tmp_path)
    for i, lam in enumerate(iterated["kernel/lambda"]):
        here = list(found["kernel/lambda"]).index(lam)
        assert iterated["kernel/test"][i] == pytest.approx(found["kernel/test"][here], rel=1e-8)
    assert iterated["kernel/best"] == found["kernel/best"]


# ---------------------------------------------------------------- steps


def test_steps_have_the_same_bits_on_any_ranks_and_in_jobs(tmp_path):
    alone = results("natgrad_sweep", RKHS, tmp_path)
    for ranks in RANKS:
        assert_same_bits(alone, results("natgrad_sweep", RKHS, tmp_path, ranks=ranks))
    deck = RKHS.replace("steps = 40", "steps = 4000").replace("designs = 6", "designs = 12")
    whole = results("natgrad_sweep", deck, tmp_path)
    (tmp_path / "out.h5").unlink()
    jobs, found = in_jobs("natgrad_sweep", tmp_path, [1, 3, 2, 4])
    assert jobs > 1
    assert_same_bits(whole, found)


def test_steps_follow_from_risks(tmp_path):
    found = results("natgrad_sweep", RKHS, tmp_path)
    risk = found["rkhs/risk/mean"]
    assert risk.shape == (2, 4, 2, 41)
    assert np.allclose(risk[..., 0], 1)
    least = risk.min(axis=-1)
    assert np.array_equal(found["rkhs/best/risk"], least)
    assert np.array_equal(found["rkhs/best/step"], risk.argmin(axis=-1))
    assert np.array_equal(found["rkhs/steps"], (risk <= 1.1 * least[..., None]).argmax(axis=-1))
    slope = np.log(found["rkhs/steps"][..., 1] / found["rkhs/steps"][..., 0]) / np.log(3)
    assert np.allclose(found["rkhs/slope/steps"], slope)
    assert np.allclose(found["rkhs/slope/risk"], np.log(least[..., 1] / least[..., 0]) / np.log(3))
    r, n = found["rkhs/source"][:, None], found["rkhs/n"][None]
    assert np.allclose(found["rkhs/alpha"], n ** (-2 / (4 * r + 1)))
    assert np.allclose(found["rkhs/theory/steps"], [2 / 3, 1 / 2])
    assert np.allclose(found["rkhs/theory/steps_printed"], [2 / 3, 3 / 4])
    assert np.allclose(found["rkhs/theory/risk"], [-2 / 3, -3 / 4])


def test_risks_are_those_of_numpy(tmp_path):
    """Means over designs that numpy draws on its own, by the filters of eigenvalues."""
    designs, steps, n, alpha = 400, [1, 3, 10], 60, 60 ** (-2 / 3)
    deck = RKHS.replace("designs = 6", f"designs = {designs}").replace("n = [20, 60]", "n = [60]")
    found = results("natgrad_sweep", deck.replace("[0.5, 0.75]", "[0.5]"), tmp_path)
    rng = np.random.default_rng(3)
    j = np.arange(1, 81)
    mu = j**-2.0
    c = np.sqrt(mu) * j**-0.55 * np.where(j % 3 == 0, -1, 1)
    c /= np.linalg.norm(c)
    drawn = np.empty((2, designs, len(steps)))
    for d in range(designs):
        angle = 2 * np.pi * np.outer(rng.random(n), (j + 1) // 2)
        waves = np.sqrt(2) * np.where(j % 2 == 1, np.cos(angle), np.sin(angle))
        y = waves @ c + 0.5 * rng.standard_normal(n)
        for method, p in enumerate((np.ones(80), 1 / (mu + alpha))):
            scaled = waves * np.sqrt(mu * p)
            s, v = np.linalg.eigh(scaled.T @ scaled / n)
            s = np.maximum(s, 1e-14)
            b = v.T @ scaled.T @ y / n
            for i, t in enumerate(steps):
                f = np.sqrt(mu * p) * (v @ ((1 - (1 - s / s[-1]) ** t) / s * b))
                drawn[method, d, i] = ((f - c) ** 2).sum()
    mean, error = drawn.mean(axis=1), drawn.std(axis=1, ddof=1) / np.sqrt(designs)
    own = found["rkhs/risk/mean"][0, :2, 0][:, steps]
    own_error = found["rkhs/risk/standard_error"][0, :2, 0][:, steps]
    # Six correlated comparisons at 4.5 standard errors: an alarm in 20,000 pairs of seeds, both fixed.
    assert np.all(np.abs(own - mean) < 4.5 * np.hypot(error, own_error)), (own - mean) / error
    # Estimates of more unlabelled inputs are nearer to the operator itself.
    at_ten = found["rkhs/risk/mean"][0, :, 0, 10]
    assert abs(at_ten[3] - at_ten[1]) < abs(at_ten[2] - at_ten[1])


# ---------------------------------------------------------------- decks


@pytest.mark.parametrize("study", ["rkhs", "kernel"])
def test_there_is_no_plan_yet(study, tmp_path):
    write_table(tmp_path)
    (tmp_path / "deck.toml").write_text(RKHS if study == "rkhs" else deck_of())
    ended = run("natgrad_sweep", "--plan", "--ranks", 2, "deck.toml", folder=tmp_path)
    assert ended.returncode == 2 and "no plan" in ended.stderr
    assert sorted(path.name for path in tmp_path.iterdir()) == ["data.csv", "deck.toml"]


@pytest.mark.parametrize("study", ["rkhs", "kernel"])
def test_effective_decks_say_the_same(study, tmp_path):
    write_table(tmp_path)
    deck = RKHS if study == "rkhs" else deck_of("polynomial", keys=", degree = 2")
    once = results("natgrad_sweep", deck, tmp_path)
    effective = run("natgrad_sweep", "--effective", "deck.toml", folder=tmp_path)
    assert effective.returncode == 0, effective.stderr
    assert_same_bits(once, results("natgrad_sweep", effective.stdout, tmp_path))


def test_a_table_that_does_not_fit_is_told(tmp_path):
    write_table(tmp_path)
    for change, said in (
        (('"y", "z"', '"y", "w"'), "there is no column 'w' for a further target"),
        (('["name"]', '["nam"]'), "nam"),
        (('"y", "z"', '"w"'), "w"),
        (("test = 0.3", "test = 0.999"), "are left to learn from"),
        (('data = "data.csv"', 'data = "nothing.csv"'), "there is no file"),
    ):
        (tmp_path / "deck.toml").write_text(deck_of().replace(*change))
        ended = run("natgrad_sweep", "--check", "deck.toml", folder=tmp_path)
        assert ended.returncode == 2 and said in ended.stderr, ended.stderr
    whole = (tmp_path / "data.csv").read_text()
    lines = [f"{k % 7},{'yes' if k % 2 else 'no'}" for k in range(20)]
    (tmp_path / "data.csv").write_text("\n".join(["a,y", *lines]) + "\n")
    deck = deck_of().replace('"y", "z"', '"y"').replace('["name"]', "[]")
    (tmp_path / "deck.toml").write_text(deck)
    ended = run("natgrad_sweep", "--check", "deck.toml", folder=tmp_path)
    assert ended.returncode == 2 and "where labels are two words" in ended.stderr, ended.stderr
    text = whole.replace("name,a,", "name,one,")
    rows = [",".join([cell if i != 1 else "1" for i, cell in enumerate(line.split(","))])
            for line in text.splitlines()[1:]]  # fmt: skip
    (tmp_path / "data.csv").write_text("\n".join(["name,one,y,b,z,c", *rows]))
    (tmp_path / "deck.toml").write_text(deck_of())
    ended = run("natgrad_sweep", "--check", "deck.toml", folder=tmp_path)
    assert ended.returncode == 2 and "column 'one' is constant" in ended.stderr, ended.stderr


def fitted(folder, deck):
    (folder / "deck.toml").write_text(deck)
    command = ["natgrad_sweep", "deck.toml", "--output", "out.h5", "--set", "run.overwrite=true"]
    ended = run(*command, folder=folder)
    assert ended.returncode == 0, ended.stderr
    return ended.stdout


def test_what_is_said_follows_from_the_errors(tmp_path):
    write_table(tmp_path)
    ridges = "lambda = [1e-4, 1e-2, 0.3]"
    said = fitted(tmp_path, deck_of())
    assert "% of what predicting the mean leaves (test error" in said and "96 rows" in said
    assert "length" in said and "length" not in fitted(tmp_path, deck_of("ntk"))
    # One ridge that is far too large says nothing of the kernel.
    said = fitted(tmp_path, deck_of().replace(ridges, "lambda = [1e6]"))
    assert "the one lambda of the list" in said and "extend it" in said and "finds nothing" not in said
    said = fitted(tmp_path, deck_of().replace(ridges, "lambda = [1e5, 1e6]"))
    assert "of the list" in said and "extend it" in said and "finds nothing" not in said
    said = fitted(tmp_path, deck_of().replace("test = 0.3", "test = 0.001"))
    assert "no row is tested: a fraction of 0.001 of 320 rows is less than one" in said


def test_tests_of_noise_explain_nothing(tmp_path):
    rng = np.random.default_rng(4)
    table = np.column_stack([rng.standard_normal((40, 6))])
    lines = ["name,a,y,b,z,c"] + [",".join(f"{v:.5f}" for v in row) for row in table]
    (tmp_path / "data.csv").write_text("\n".join(lines) + "\n")
    assert "which explains nothing clearly" in fitted(tmp_path, deck_of())


def test_descents_that_do_not_fit_are_told(tmp_path):
    (tmp_path / "deck.toml").write_text(RKHS)
    for keys in ("rkhs.n=[1000000]", "rkhs.features=20000"):
        more = ["--set", keys, "--set", "rkhs.memory=500"]
        ended = run("natgrad_sweep", "--check", "deck.toml", *more, folder=tmp_path)
        assert ended.returncode == 2 and "a design of" in ended.stderr, ended.stderr


def test_counts_that_are_cut_are_bounds(tmp_path):
    said = fitted(tmp_path, RKHS.replace("steps = 40", "steps = 3"))
    assert "of gd at least 3" in said and ">=3" in said and "<=" in said
    assert "gain is in steps" not in said
    single = fitted(tmp_path, RKHS.replace("n = [20, 60]", "n = [20]"))
    assert any(line.startswith("gd") and line.endswith(" -") for line in single.splitlines()), single
