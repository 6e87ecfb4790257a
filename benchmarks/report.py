"""The result of one benchmark with its conditions, as JSON and as a Markdown table."""

from __future__ import annotations

import json
import statistics
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

from prover.bench.conditions import commit, versions

RESULTS = Path(__file__).parent / "results"
SCHEMA_VERSION = 1
MOST_VALUES = 20  # per figure in the file


@dataclass(frozen=True, slots=True)
class Row:
    """One figure: its measurements, of which the median counts, and its target, if any."""

    what: str
    values: tuple[float, ...]
    unit: str
    target: float | None = None
    better: Literal["lower", "higher"] = "lower"
    digits: int = 2

    @property
    def median(self) -> float:
        """The median, which counts."""
        return statistics.median(self.values)

    @property
    def met(self) -> bool | None:
        """Is the target met? None if there is none."""
        if self.target is None:
            return None
        return self.median <= self.target if self.better == "lower" else self.median >= self.target

    @property
    def measured(self) -> str:
        """The median, and the range if there is one."""
        middle, low, high = (f"{value:.{self.digits}f}" for value in (self.median, min(self.values), max(self.values)))
        spread = f" ({low} to {high}, n = {len(self.values)})" if len(self.values) > 1 else ""
        return f"{middle} {self.unit}{spread}".strip()

    def as_json(self) -> dict[str, object]:
        """Return the row as data; of many measurements only the deciles."""
        few = self.values if len(self.values) <= MOST_VALUES else statistics.quantiles(self.values, n=10)
        return {
            **asdict(self),
            "values": [round(value, 4) for value in few],
            "count": len(self.values),
            "least": round(min(self.values), 4),
            "median": round(self.median, 4),
            "most": round(max(self.values), 4),
            "met": self.met,
        }

    @property
    def cells(self) -> tuple[str, str, str, str]:
        """What, measured, target, met?"""
        met = {None: "", True: "yes", False: "**no**"}[self.met]
        bound = "at most" if self.better == "lower" else "at least"
        target = "" if self.target is None else f"{bound} {self.target:g} {self.unit}".strip()
        return self.what, self.measured, target, met


@dataclass(frozen=True, slots=True)
class Findings:
    """The figures of one part, with notes for the reader."""

    rows: list[Row]
    notes: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Report:
    """One run of one benchmark. `budget`: the limits of each attempt."""

    name: str
    command: str
    seed: int
    budget: Mapping[str, object]
    hardware: dict[str, object]
    rows: list[Row]
    notes: list[str] = field(default_factory=list)
    versions: dict[str, str] = field(default_factory=lambda: versions())
    commit: str = field(default_factory=lambda: commit())
    date: str = field(default_factory=lambda: datetime.now(UTC).isoformat(timespec="seconds"))

    def save(self, folder: Path = RESULTS) -> Path:
        """Write `NAME.json`; return its path."""
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / f"{self.name}.json"
        rows = [row.as_json() for row in self.rows]
        content = {"schema_version": SCHEMA_VERSION, **asdict(self), "rows": rows}
        path.write_text(json.dumps(content, ensure_ascii=False, indent=1) + "\n")
        return path

    def markdown(self) -> str:
        """Return the table of rows, followed by the conditions."""
        hardware = f"{self.hardware['cpu']}, {self.hardware['cores']} cores, {self.hardware['memory_gb']} GB"
        budget = ", ".join(f"{name} {value}" for name, value in self.budget.items())
        conditions = [
            f"`{self.command}`",
            f"{hardware} (load {self.hardware['load']} before the run)",
            ", ".join(f"{name} {version}" for name, version in self.versions.items()),
            f"seed {self.seed}, {budget}" if budget else f"seed {self.seed}",
            f"commit {self.commit}, {self.date}",
            *self.notes,
        ]
        return markdown_table(self.rows) + "\n\n" + "\n".join(f"- {line}" for line in conditions)


def markdown_table(rows: Sequence[Row]) -> str:
    """Return the rows as a Markdown table with readable source."""
    table = [("what", "measured: median (min to max)", "target", "met?"), *(row.cells for row in rows)]
    widths = [max(len(cells[column]) for cells in table) for column in range(4)]
    lines = ["| " + " | ".join(cell.ljust(w) for cell, w in zip(cells, widths, strict=True)) + " |" for cells in table]
    return "\n".join([lines[0], "|" + "|".join("-" * (width + 2) for width in widths) + "|", *lines[1:]])
