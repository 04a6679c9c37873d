# SPDX-License-Identifier: BSD-3-Clause
"""What the reports of all drivers are put together from: parts of one HTML page."""

from __future__ import annotations

import base64
import dataclasses
import html
import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Protocol

from driftwood_post import layout
from driftwood_post.results import Scalar

NORMAL_95 = 1.959963984540054


@dataclasses.dataclass(frozen=True)
class Picture:
    """A figure as PNG bytes with its caption."""

    png: bytes
    caption: str


class Recorded(Protocol):
    """What results of any driver say of their origin."""

    @property
    def path(self) -> Path: ...
    @property
    def format_version(self) -> int: ...
    @property
    def provenance(self) -> Mapping[str, Scalar]: ...
    @property
    def units(self) -> Mapping[str, str]: ...
    @property
    def long_names(self) -> Mapping[str, str]: ...


def document(title: str, body: str) -> str:
    """A whole page; it needs nothing outside itself."""
    return (
        '<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{html.escape(title)}</title><style>{_STYLE}</style></head>"
        f"<body><h1>{html.escape(title)}</h1>{body}</body></html>\n"
    )


def count(value: Scalar) -> str:
    """Whole numbers with thin spaces between thousands, others to four digits, text as it is."""
    if isinstance(value, float) and not (value.is_integer() and abs(value) < 2**53):
        return f"{value:.4g}"
    if isinstance(value, int | float) and not isinstance(value, bool):
        return f"{int(value):,}".replace(",", "\u2009")
    return str(value)


def plural(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def estimate(mean: float, error: float) -> tuple[str, str]:
    """`mean ± error` with two digits of the error, and the 95 % interval to match."""
    if not (math.isfinite(mean) and math.isfinite(error) and error > 0):
        return f"{mean:.6g}", ""
    digits = max(0, 1 - math.floor(math.log10(error)))
    if digits > 12 or abs(mean) >= 1e9:
        low, high = mean - NORMAL_95 * error, mean + NORMAL_95 * error
        return f"{mean:.8g} ± {error:.2g}", f"[{low:.8g}, {high:.8g}]"
    low, high = mean - NORMAL_95 * error, mean + NORMAL_95 * error
    return f"{mean:.{digits}f} ± {error:.{digits}f}", f"[{low:.{digits}f}, {high:.{digits}f}]"


def without_empty_columns(
    header: Sequence[str], rows: Sequence[Sequence[str]]
) -> tuple[list[str], list[list[str]]]:
    keep = [k for k in range(len(header)) if k == 0 or any(row[k] for row in rows)]
    return [header[k] for k in keep], [[row[k] for k in keep] for row in rows]


def section(title: str, body: str) -> str:
    return f"<section><h2>{html.escape(title)}</h2>{body}</section>" if body else ""


def table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    if not rows:
        return ""
    head = ""
    if any(header):
        cells = "".join(f'<th scope="col">{html.escape(cell)}</th>' for cell in header)
        head = f"<thead><tr>{cells}</tr></thead>"
    body = "".join(
        f'<tr><th scope="row">{html.escape(row[0])}</th>'
        + "".join(f"<td>{html.escape(cell)}</td>" for cell in row[1:])
        + "</tr>"
        for row in rows
    )
    return f'<div class="wide"><table>{head}<tbody>{body}</tbody></table></div>'


def figure(picture: Picture) -> str:
    data = base64.b64encode(picture.png).decode("ascii")
    caption = html.escape(picture.caption)
    image = f'<img src="data:image/png;base64,{data}" alt="{caption}">'
    return f"<figure>{image}<figcaption>{caption}</figcaption></figure>"


def cost(results: Recorded) -> list[list[str]]:
    """Counts, rates and costs under their long names, with units."""
    rows = []
    others = results.provenance.keys() - {*layout.ORIGIN_KEYS, layout.DIRTY, *layout.COST_KEYS}
    for name in (*layout.COST_KEYS, *sorted(others)):
        value = results.provenance.get(name, "")
        if value == "":
            continue
        dataset = f"{layout.RUN}/{name}"
        label = results.long_names.get(dataset) or name.replace("_", " ")
        units = results.units.get(dataset, "")
        rows.append(
            [label, f"{count(value)} {units}" if units not in ("", "1") else count(value)]
        )
    return rows


def provenance(results: Recorded) -> list[list[str]]:
    rows = [["file", results.path.name], ["format version", str(results.format_version)]]
    for name in layout.ORIGIN_KEYS:
        value = str(results.provenance.get(name, ""))
        if name == layout.COMMIT and results.provenance.get(layout.DIRTY):
            value += " and changes beyond it"
        if value != "":
            rows.append([name.replace("_", " "), value])
    return rows


def preformatted(text: str) -> str:
    return f"<pre>{html.escape(text)}</pre>" if text else ""


_STYLE = """
body{font:15px/1.5 system-ui,sans-serif;color:#1c1c1c;background:#fff;max-width:62rem;
margin:2rem auto;padding:0 1rem}
h1{font-size:1.5rem;margin-bottom:.2rem}h2{font-size:1.1rem;margin:2rem 0 .6rem;
border-bottom:1px solid #ccc;padding-bottom:.2rem}
.wide{overflow-x:auto}table{border-collapse:collapse;font-variant-numeric:tabular-nums}
th,td{padding:.2rem 1.2rem .2rem 0;text-align:left;vertical-align:top;font-weight:normal}
thead th{color:#555;border-bottom:1px solid #ccc}tbody th{color:#333}
td{overflow-wrap:anywhere}
figure{display:inline-block;vertical-align:top;width:29rem;max-width:100%;margin:0 1rem 1.4rem 0}
img{width:100%}figcaption{font-size:.85rem;color:#444}
pre{background:#f5f5f5;padding:.8rem;overflow-x:auto;font-size:.85rem}
.good{border-left:4px solid #009e73;background:#eef8f4;padding:.5rem .8rem}
.warning{border-left:4px solid #d55e00;background:#fdf1e8;padding:.5rem .8rem}
@media print{body{max-width:none;margin:0}figure{break-inside:avoid;width:47%}}
""".strip().replace("\n", "")
