# SPDX-License-Identifier: BSD-3-Clause
"""Decks with one mistake each, and what the driver must say of them.

The first line of each deck beside this file is "# expected:LINE:COLUMN: error: ...", the whole message
after the file's name. What cannot be kept as a text file is made here.
"""
import pathlib
import random
import re

import pytest

from drivers import SOURCE, run

HERE = pathlib.Path(__file__).parent
DECKS = sorted(HERE.glob("*.toml"))
MARK = "# expected:"
GOOD = '[model]\nname = "ornstein_uhlenbeck"\n[time]\nend = 1.0\nsteps = 10\n'
POSITION = re.compile(r"^[^\n]*?(:\d+:\d+)?: error: [^\n]+\n$")


def check(name, *options, folder=HERE):
    return run("sde_ensemble", "--check", name, *options, folder=folder)


def assert_refused(ended, message):
    assert ended.stderr == message + "\n"
    assert ended.stdout == ""
    assert ended.returncode == 2


def test_there_are_enough_of_them():
    assert len(DECKS) >= 60


@pytest.mark.parametrize("deck", DECKS, ids=lambda path: path.stem)
def test_a_wrong_deck_is_refused_where_it_is_wrong(deck):
    first = deck.read_text(encoding="utf-8").splitlines()[0]
    assert first.startswith(MARK)
    assert_refused(check(deck.name), deck.name + ":" + first.removeprefix(MARK))


@pytest.mark.parametrize("ranks", [1, 2])
def test_a_run_refuses_it_once_whatever_the_number_of_ranks(ranks, tmp_path):
    deck = HERE / "unknown_key.toml"
    ended = run("sde_ensemble", deck, ranks=ranks, folder=tmp_path)
    assert ended.returncode == 2
    assert ended.stderr.count("error: ") == 1
    assert f"{deck}:8:1: error: unknown key 'ensemble.path'" in ended.stderr
    assert not list(tmp_path.iterdir())


def test_files_that_are_no_decks(tmp_path):
    (tmp_path / "empty.toml").write_text("")
    (tmp_path / "latin1.toml").write_bytes(b'[model]\nname = "h\xe9ston"\n')
    (tmp_path / "zeros.toml").write_bytes(b"[model]\n\0\0\0")
    with (tmp_path / "huge.toml").open("wb") as file:
        file.truncate(100 * 2**20)
    (tmp_path / "folder.toml").mkdir()
    for name in ("missing", "empty", "latin1", "zeros", "huge", "folder"):
        ended = check(f"{name}.toml", folder=tmp_path)
        assert ended.returncode == 2, name
        assert ended.stderr.startswith(f"{name}.toml:") and ": error: " in ended.stderr, name
        assert len(ended.stderr.splitlines()) == 1, name


@pytest.mark.parametrize(
    ("options", "key"),
    [
        (("--set", "ensemble.path=3"), "ensemble.path=3"),
        (("--set", "ensemble.paths=-3"), "ensemble.paths=-3"),
        (("--set", "ensemble.paths"), "ensemble.paths"),
        (("--set", "time.scheme=exakt"), "time.scheme=exakt"),
    ],
)
def test_errors_of_overrides_say_so(options, key, tmp_path):
    (tmp_path / "good.toml").write_text(GOOD)
    ended = check("good.toml", *options, folder=tmp_path)
    assert ended.returncode == 2
    assert ended.stderr.startswith(f"--set {key}: error: ") or "--set" in ended.stderr
    assert len(ended.stderr.splitlines()) == 1


@pytest.mark.parametrize(
    "arguments",
    [
        (),
        ("good.toml", "another.toml"),
        ("good.toml", "--no-such-option"),
        ("good.toml", "--plan", "--ranks", "4"),
        ("good.toml", "--resume"),
        ("good.toml", "--log-level", "loud"),
        ("good.toml", "--output"),
    ],
)
def test_wrong_command_lines_are_refused_in_one_line(arguments, tmp_path):
    (tmp_path / "good.toml").write_text(GOOD)
    ended = run("sde_ensemble", *arguments, folder=tmp_path)
    assert ended.returncode == 2
    assert ended.stdout == ""
    assert ended.stderr.startswith("sde_ensemble: error: ")
    assert len(ended.stderr.splitlines()) == 1
    assert sorted(path.name for path in tmp_path.iterdir()) == ["good.toml"]


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


def test_damaged_decks_never_crash_the_driver(tmp_path):
    seed = 20240610
    engine = random.Random(seed)
    decks = sorted((SOURCE / "inputs" / "sde_ensemble").glob("*.toml"))
    assert decks
    accepted = 0
    for number in range(50):
        (tmp_path / "deck.toml").write_bytes(damaged(engine.choice(decks).read_text(), engine))
        ended = check("deck.toml", folder=tmp_path)
        assert ended.returncode in (0, 2), f"seed {seed}, deck {number}: {ended.stderr}"
        if ended.returncode == 2:
            assert POSITION.match(ended.stderr), f"seed {seed}, deck {number}: {ended.stderr}"
        accepted += ended.returncode == 0
    assert accepted < 50
