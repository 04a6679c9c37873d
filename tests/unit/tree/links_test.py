# SPDX-License-Identifier: BSD-3-Clause
"""Links and figures of the pages lead to files that are there, and to headings that they have."""

import os
import re
from pathlib import Path

import pytest

SOURCE = Path(os.environ["DRIFTWOOD_SOURCE"])
PAGES = sorted(p for p in SOURCE.rglob("*.md") if "build" not in p.relative_to(SOURCE).parts)
TARGET = re.compile(r'\]\(([^()\s]+)\)|src="([^"]+)"')


def text_of(page: Path) -> str:
    """Without code, in which brackets are none of links."""
    text = re.sub(r"^```.*?^```", "", page.read_text(encoding="utf-8"), flags=re.M | re.S)
    return re.sub(r"`[^`]*`", "", text)


def anchors(page: Path) -> set[str]:
    """Of headings, as GitHub makes them."""
    headings = re.findall(r"^#+ +(.*)$", page.read_text(encoding="utf-8"), flags=re.M)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(SOURCE)))
def test_links_lead_somewhere(page: Path) -> None:
    wrong = []
    for link in TARGET.finditer(text_of(page)):
        target = link[1] or link[2]
        if re.match(r"[a-z]+:", target):
            continue
        name, _, anchor = target.partition("#")
        file = (page.parent / name).resolve() if name else page
        if not file.exists() or (anchor and file.suffix == ".md" and anchor not in anchors(file)):
            wrong.append(target)
    assert not wrong


def test_there_are_pages() -> None:
    assert SOURCE / "README.md" in PAGES
