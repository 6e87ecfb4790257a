"""A run as a table and as files of figures: for other programs, for papers."""

from __future__ import annotations

import csv
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

from prover.errors import MissingExtraError
from prover.report.figures import Figure, figures
from prover.report.rows import ResultRow
from prover.report.standalone_page import TEMPLATES

COLUMNS = (
    "name", "split", "kind", "difficulty", "canary", "proved", "stop", "error", "proof_by", "source", "length",
    "elapsed_s", "search_s", "policy_s", "assistant_s", "verification_s", "expansions", "tactics", "depth",
    "statement", "proof",
)  # fmt: skip
SCALE = 3
"""Pixels of a PNG to a unit of its drawing, which is 400 wide."""

_HEAD = re.compile(r'<svg viewBox="0 0 (\d+) (\d+)"')
_RULE = re.compile(r"^svg (?!text)([^{:]*)\{([^}]*)\}", re.MULTILINE)
_COLOUR = re.compile(r"^  --([\w-]+): light-dark\(([^,]+),[^)]*\);", re.MULTILINE)
_SANS = "Noto Sans, DejaVu Sans, Helvetica, Arial, sans-serif"


def table(rows: Sequence[ResultRow]) -> list[dict[str, Any]]:
    """Return the rows of a run with the columns `COLUMNS`; None: not known."""
    return [
        {
            **{name: getattr(row, name) for name in COLUMNS if hasattr(row, name)},
            "length": len(row.tactics) if row.proved else None,
            "tactics": row.tried,
        }
        for row in rows
    ]


def write_csv(rows: Sequence[ResultRow], path: Path) -> None:
    """Write the table as CSV (RFC 4180, UTF-8)."""
    with path.open("w", encoding="utf-8", errors="replace", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS)
        writer.writeheader()
        writer.writerows(table(rows))


def write_parquet(rows: Sequence[ResultRow], path: Path) -> None:
    """Write the table as Parquet. Raises MissingExtraError without pyarrow."""
    try:
        import pyarrow
        import pyarrow.parquet
    except ImportError as error:
        raise MissingExtraError("report", "Parquet") from error
    kinds = {
        **dict.fromkeys(("canary", "proved"), pyarrow.bool_()),
        **dict.fromkeys(("length", "expansions", "tactics", "depth"), pyarrow.int64()),
        **dict.fromkeys((name for name in COLUMNS if name.endswith("_s")), pyarrow.float64()),
    }
    schema = pyarrow.schema([(name, kinds.get(name, pyarrow.string())) for name in COLUMNS])
    whole = [{name: _plain(value) for name, value in row.items()} for row in table(rows)]
    pyarrow.parquet.write_table(pyarrow.Table.from_pylist(whole, schema=schema), path)


def write_figures(
    rows: Sequence[ResultRow], summary: Mapping[str, Any], folder: Path, kind: Literal["svg", "png"] = "svg"
) -> list[Path]:
    """Write each figure of the report as a file of its own and return their paths.

    Raises:
        MissingExtraError: PNG without resvg.
    """
    folder.mkdir(parents=True, exist_ok=True)
    drawn = [figure for cell in figures([row for row in rows if not row.canary], summary) for figure in cell]
    paths: list[Path] = []
    for figure in drawn:
        if figure.is_drawn:
            path = folder / f"{figure.name}.{kind}"
            text = standalone(figure)
            if kind == "png":
                path.write_bytes(_png(text))
            else:
                path.write_text(text, encoding="utf-8")
            paths.append(path)
    return paths


def standalone(figure: Figure) -> str:
    """Return a drawing as an SVG file: what the page's style says, in the colours of light pages, is inside."""
    head = _HEAD.match(figure.drawing)
    assert head is not None, figure.name  # is_drawn
    width, height = head.groups()
    return figure.drawing.replace(
        head[0],
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" viewBox="0 0 {width} {height}" '
        f'font-family="{_SANS}" font-size="11.5"',
        1,
    ).replace(">", f"><title>{_caption(figure)}</title><style>{_style()}</style>", 1)


def _caption(figure: Figure) -> str:
    return figure.caption.replace("&", "&amp;").replace("<", "&lt;")


def _style() -> str:
    colours = dict(_COLOUR.findall((TEMPLATES / "page.css").read_text(encoding="utf-8")))
    css = (TEMPLATES / "report" / "figures.css").read_text(encoding="utf-8")
    rules = [f"text {{ fill: {colours['muted']} }}"]
    rules += [f"{selector.strip()} {{ {body.strip()} }}" for selector, body in _RULE.findall(css)]
    text = re.sub(r"light-dark\(([^,]+),[^)]*\)", r"\1", " ".join(rules))
    return re.sub(r"var\(--([\w-]+)\)", lambda name: colours.get(name[1], "inherit"), text)


def _png(text: str) -> bytes:
    try:
        import resvg_py
    except ImportError as error:
        raise MissingExtraError("report", "PNG") from error
    return bytes(resvg_py.svg_to_bytes(svg_string=text, zoom=SCALE, background="white"))


def _plain(value: object) -> object:
    """Return text without lone surrogates, which Parquet cannot hold."""
    return value.encode("utf-8", "replace").decode("utf-8") if isinstance(value, str) else value
