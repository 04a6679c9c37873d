# SPDX-License-Identifier: BSD-3-Clause
"""Decks with one mistake each, and what the driver must say of them.

The first line of each deck beside this file is "# expected:LINE:COLUMN: error: ...", the whole
message after the file's name. <models>, <schemes> and <schemes of MODEL> in it stand for what the
driver lists.
What cannot be kept as a text file is made here.
"""
import functools
import pathlib
import random
import re
import time

import pytest

from drivers import SOURCE, TIME_LIMIT, run

HERE = pathlib.Path(__file__).parent
DECKS = sorted(HERE.glob("*.toml"))
MARK = "# expected:"
GOOD = '[model]\nname = "ornstein_uhlenbeck"\n[time]\nend = 1.0\nsteps = 10\n'
BY_SET = "keys of the deck are set by --set table.key=VALUE"
DEADLINE = 20  # seconds


def check(name, *options, folder=HERE, limit=TIME_LIMIT):
    """Checks a deck by the driver whose name its own begins with, or else sde_ensemble."""
    others = ("langevin_chains", "natgrad_sweep", "pose_search", "sde_gradient")
    driver = next((o for o in others if name.startswith(f"{o}_")), "sde_ensemble")
    return run(driver, "--check", name, *options, folder=folder, limit=limit)


@functools.cache
def listing():
    """What the driver lists: {"models": {name: what it says of it}, "schemes": {...}}."""
    found = {}
    for line in run("sde_ensemble", "--list").stdout.splitlines():
        if line and not line.startswith(" "):
            group = found.setdefault(line.split()[0].lower(), {})
        elif line and not line.startswith("   "):
            name = line.strip()
            group[name] = ""
        elif line:
            group[name] += line.strip() + " "
    return found


def filled(message):
    """The message with what its placeholders stand for."""
    for kind in ("models", "schemes"):
        message = message.replace(f"<{kind}>", ", ".join(f'"{name}"' for name in listing()[kind]))
    return re.sub(
        r"<schemes of (\w+)>",
        lambda match: listing()["models"][match[1]].partition("schemes: ")[2].strip(),
        message,
    )


def expected(deck):
    """The message of a deck beside this file, without the deck's name."""
    first = deck.read_text(encoding="utf-8").splitlines()[0]
    assert first.startswith(MARK)
    return filled(first.removeprefix(MARK))


def assert_refused(ended, message):
    assert ended.stderr == message + "\n"
    assert ended.stdout == ""
    assert ended.returncode == 2


def test_there_are_enough_of_them():
    assert len(DECKS) >= 60


@pytest.mark.parametrize("deck", DECKS, ids=lambda path: path.stem)
def test_a_wrong_deck_is_refused_where_it_is_wrong(deck):
    assert_refused(check(deck.name), f"{deck.name}:{expected(deck)}")


@pytest.mark.parametrize("ranks", [1, 2, 4])
@pytest.mark.parametrize("name", ["unknown_key", "unclosed_list", "correlation_indefinite"])
def test_a_run_refuses_it_once_whatever_the_number_of_ranks(name, ranks, tmp_path):
    deck = HERE / f"{name}.toml"
    start = time.monotonic()
    ended = run("sde_ensemble", deck, ranks=ranks, folder=tmp_path)
    assert time.monotonic() - start < DEADLINE
    assert ended.returncode == 2
    errors = [line for line in ended.stderr.splitlines() if "error: " in line]
    assert errors == [f"{deck}:{expected(deck)}"]
    assert ended.stdout == ""
    assert not list(tmp_path.iterdir())


def make_empty(path):
    path.write_bytes(b"")


def make_huge(path):
    with path.open("wb") as file:
        file.truncate(100 * 2**20)  # takes no room on the disk


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (
            lambda path: None,
            "cannot read the deck (No such file or directory); check the path, it is relative to "
            "the working directory",
        ),
        (make_empty, "the deck is empty; start from one of the decks in inputs/"),
        (
            lambda path: path.write_bytes(b'[model]\nname = "h\xe9ston"\n'),
            "the deck is not UTF-8 text (byte 0xe9 on line 2); save it as plain text in UTF-8",
        ),
        (
            lambda path: path.write_text(GOOD, encoding="utf-16"),
            "the deck is not UTF-8 text (byte 0xff on line 1); save it as plain text in UTF-8",
        ),
        (
            lambda path: path.write_bytes(b"[model]\n\0\0\0"),
            "the deck is not UTF-8 text (line 2 holds a NUL byte); save it as plain text in UTF-8",
        ),
        (
            make_huge,
            "the deck is too large (decks are at most 16 MiB); is this a data file or a result?",
        ),
        (
            pathlib.Path.mkdir,
            "the deck is a directory (a deck is one TOML file); give the path of a file in it",
        ),
        (
            lambda path: path.symlink_to(path.name),
            "cannot read the deck (Too many levels of symbolic links); check the path and its "
            "permissions",
        ),
    ],
    ids=["missing", "empty", "latin1", "utf16", "zeros", "huge", "folder", "loop"],
)
def test_files_that_are_no_decks(make, message, tmp_path):
    make(tmp_path / "deck.toml")
    assert_refused(check("deck.toml", folder=tmp_path), f"deck.toml: error: {message}")


@pytest.mark.parametrize(
    ("override", "message"),
    [
        (
            "ensemble.path=3",
            "unknown key 'ensemble.path' ([ensemble] has: paths, seed, precision, antithetic, "
            "wave_blocks, stop); did you mean 'paths'?",
        ),
        (
            "ensemble.paths=-3",
            "'ensemble.paths' must be from 1 to 2^40 (found -3); the nearest allowed value is 1",
        ),
        ("ensemble.paths", "there is no = in it; write --set table.key=VALUE"),
        (
            "=3",
            "'' is not the name of a key (names of tables and a key, joined by dots); write "
            "--set table.key=VALUE",
        ),
        ("run.output=", 'there is no value after =; write "" for an empty string'),
        (
            "time.scheme=exakt",
            """'time.scheme' cannot be "exakt" (one of <schemes>); did you mean "exact"?""",
        ),
        (
            "observe.times=[0.5",
            "the text ends in the middle of a value (a quote, bracket or brace is still open, or a "
            "value is missing); close it",
        ),
        (
            "observe.times=[0.5, 0.75]",
            "time 0.75 is not a whole number of steps (steps of 0.1 reach 0.7 and 0.8); use one of "
            "these times or another number of steps",
        ),
        (
            "time.dt=0.3",
            "'end' = 1 is not a whole number of steps ('dt' = 0.3 fits 3.3333333333333335 times); "
            "use 'steps = 3' or another 'dt'",
        ),
        (
            "histogram.bins=30",
            "unknown table 'histogram' (the deck has: run, task, model, time, ensemble, jumps, events, observe, format);"
            " did you mean 'observe.histogram'?",
        ),
        (
            "ensemble=3",
            "'ensemble' must be a table (found 3); write --set ensemble.paths=100000",
        ),
        (
            "time.end.x=2",
            "'x' cannot be set here (the name before it is not a table); check the path, or set "
            "the whole value",
        ),
        (
            "format=2",
            "the deck has format 2 (this version reads format 1); write format = 1, and compare "
            "the keys with --help-deck",
        ),
        (
            "run.resume=always",
            "'run.resume' cannot be \"always\" (one of \"never\", \"auto\", \"require\"); see --help-deck",
        ),
    ],
    ids=lambda value: value if "=" in value and " " not in value else "",
)
def test_errors_of_overrides_say_so(override, message, tmp_path):
    (tmp_path / "good.toml").write_text(GOOD)
    ended = check("good.toml", "--set", override, folder=tmp_path)
    assert_refused(ended, f"--set {override}: error: {filled(message)}")


def test_an_override_is_blamed_for_what_it_breaks_in_the_file(tmp_path):
    (tmp_path / "good.toml").write_text(GOOD + "[observe]\ntimes = [0.5, 1.0]\n")
    ended = check("good.toml", "--set", "time.end=0.6", folder=tmp_path)
    assert_refused(
        ended,
        "--set time.end=0.6: error: time 0.5 is not a whole number of steps (steps of 0.06 reach "
        "0.48 and 0.54); use one of these times or another number of steps; see good.toml:7:10",
    )


@pytest.mark.parametrize(
    ("override", "given", "gone"),
    [("time.dt=0.5", "dt = 0.5", "steps"), ("observe.every=0.5", "every = 0.5", "times")],
)
def test_an_override_takes_the_place_of_its_rival_in_the_file(override, given, gone, tmp_path):
    (tmp_path / "good.toml").write_text(GOOD + "[observe]\ntimes = [1.0]\n")
    ended = run("sde_ensemble", "--effective", "good.toml", "--set", override, folder=tmp_path)
    assert (ended.returncode, ended.stderr) == (0, "")
    assert f"\n{given}\n" in ended.stdout
    assert f"\n{gone} = " not in ended.stdout


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ("", "no deck given"),
        ("--check", "no deck given"),
        ("good.toml another.toml", "unexpected argument 'another.toml' (the deck is 'good.toml')"),
        ("good.toml --no-such-option", "unknown option '--no-such-option'; " + BY_SET),
        ("good.toml -x", "unknown option '-x'; " + BY_SET),
        (
            "good.toml --ranks 4",
            "--ranks belongs to --plan (a run has as many ranks as it is started with); use 'mpirun -n "
            "4 ...', or add --plan",
        ),
        ("good.toml --check --effective", "--check and --effective cannot be combined"),
        (
            "good.toml --log-level loud",
            "unknown log level 'loud' (--log-level); use debug, info, warning or error",
        ),
        ("good.toml --output", "--output needs a value"),
        ("good.toml --set", "--set needs a value"),
        (
            "good.toml -- fast",
            "unexpected 'fast' after '--' (only options of Kokkos belong there, and they begin "
            "with --kokkos-)",
        ),
    ],
)
def test_wrong_command_lines_are_refused_in_one_line(arguments, message, tmp_path):
    (tmp_path / "good.toml").write_text(GOOD)
    ended = run("sde_ensemble", *arguments.split(), folder=tmp_path)
    assert_refused(ended, f"sde_ensemble: error: {message}; see 'sde_ensemble --help'")
    assert [path.name for path in tmp_path.iterdir()] == ["good.toml"]


def damaged(text, engine):
    """The text after some random strokes: bytes changed, removed, doubled, or numbers blown up."""
    data = bytearray(text.encode())
    for _ in range(engine.randint(1, 4)):
        at = engine.randrange(len(data))
        stroke = engine.randrange(4)
        if stroke == 0:
            data[at] = engine.randrange(256)
        elif stroke == 1:
            del data[at : at + engine.randint(1, 12)]
        elif stroke == 2:
            data[at:at] = data[at : at + engine.randint(1, 30)]
        else:
            digits = [m.start() for m in re.finditer(rb"\d", bytes(data))]
            if digits:
                at = engine.choice(digits)
                data[at : at + 1] = engine.choice([b"-1", b"1e308", b"9" * 18, b"nan", b"0"])
        if not data:
            data = bytearray(b"x")
    return bytes(data)


def is_utf8(data):
    try:
        data.decode()
    except UnicodeDecodeError:
        return False
    return b"\0" not in data


def test_damaged_decks_never_crash_the_driver(tmp_path):
    seed = 20240610
    engine = random.Random(seed)
    decks = sorted((SOURCE / "inputs" / "sde_ensemble").glob("*.toml"))
    assert decks
    accepted = 0
    for number in range(50):
        data = damaged(engine.choice(decks).read_text(encoding="utf-8"), engine)
        (tmp_path / "deck.toml").write_bytes(data)
        ended = check("deck.toml", folder=tmp_path, limit=10)
        accepted += ended.returncode == 0
        if ended.returncode == 0:
            continue
        which = f"seed {seed}, deck {number}: {ended.stderr}"
        assert ended.returncode == 2, which
        place = r"deck\.toml:\d+:\d+" if is_utf8(data) else r"deck\.toml"
        assert re.fullmatch(place + r": error: [^\n]+\n", ended.stderr), which
    assert 0 < accepted < 50
