# SPDX-License-Identifier: BSD-3-Clause
"""What results of every driver say of where they came from, and the end of their reports."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import h5py

from driftwood_post import layout, pieces
from driftwood_post.pieces import Picture
from driftwood_post.read import attributes, run_values
from driftwood_post.results import Deck, Scalar


@dataclasses.dataclass(frozen=True)
class Origin:
    """The base of results."""

    path: Path
    format_version: int
    provenance: Mapping[str, Scalar]
    deck: Deck
    units: Mapping[str, str]
    long_names: Mapping[str, str]


def origin_of(file: h5py.File, path: Path) -> dict[str, Any]:
    """The members of Origin."""
    run = run_values(file)
    return {
        "path": path,
        "format_version": layout.FORMAT_VERSION,
        "provenance": {k: v for k, v in run.items() if k not in layout.DECK_KEYS},
        "deck": Deck(*(str(run.get(key, "")) for key in layout.DECK_KEYS)),
        "units": attributes(file, "units"),
        "long_names": attributes(file, "long_name"),
    }


def page_of(
    results: Origin, title: str, sections: Sequence[str], pictures: Sequence[Picture]
) -> str:
    """A report: sections of its own, then figures, cost, provenance and decks."""
    last = [
        pieces.section("Figures", "".join(pieces.figure(picture) for picture in pictures)),
        pieces.section("Cost", pieces.table(("", ""), pieces.cost(results))),
        pieces.section("Provenance", pieces.table(("", ""), pieces.provenance(results))),
        pieces.section("Deck", pieces.preformatted(results.deck.given)),
        pieces.section("Deck with every default", pieces.preformatted(results.deck.effective)),
    ]
    return pieces.document(title, "".join([*sections, *last]))
