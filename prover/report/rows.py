"""The lines of `results.jsonl`, read leniently: a line may lack members, or come from another version."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from prover.bench.attempts import EDGES, ScoreBin
from prover.bench.summary import proof_by
from prover.core.record import STOP_REASONS_IN_WORDS, StopReason

LARGEST = 1e15
BINS = len(EDGES) - 1
STOPS = {
    **{str(stop): words for stop, words in STOP_REASONS_IN_WORDS.items()},
    "statement": "the statement is bad",
    "machine": "machine fault",
    "unknown": "unknown",
}
"""Why a theorem was not proved, in words."""


@dataclass(frozen=True, slots=True)
class ResultRow:
    """What a report says about one theorem. None: not known."""

    name: str
    split: str
    kind: str
    difficulty: str
    canary: bool
    proved: bool
    error: str | None
    statement: str
    header: str
    proof: str | None
    refutation: str | None
    counterexample: str
    tactics: tuple[str, ...]
    kept: tuple[str, ...]
    """The proof as it stands, made shorter where that was possible."""
    sources: tuple[str, ...]
    stop: str
    refused: tuple[str, ...]
    closest: str | None
    elapsed_s: float | None
    expansions: int | None
    tried: int | None
    depth: int | None
    policy_s: float | None
    assistant_s: float | None
    search_s: float | None
    verification_s: float | None
    reasons: tuple[tuple[str, int], ...]
    scores: tuple[tuple[str, int, ScoreBin], ...]

    @classmethod
    def of(cls, line: Mapping[str, Any]) -> ResultRow:
        """Read one line."""
        search = _mapping(line.get("search"))
        spent = _mapping(search.get("statistics"))
        verification = _mapping(line.get("verification"))
        attempts = _mapping(line.get("attempts"))
        refutation = _mapping(line.get("refutation"))
        refuting = _mapping(refutation.get("verification"))
        proved = line.get("proved")
        if proved is None:
            proved = bool(verification.get("accepted"))
        error = line.get("error")
        stop = str(search.get("stop") or "unknown")
        if error:
            kind = str(error).partition(":")[0]
            stop = kind if kind in {"statement", "machine"} else "unknown"
        refuted = bool(refuting.get("accepted")) and not proved
        return cls(
            name=str(line.get("problem") or line.get("name") or "without a name"),
            split=str(line.get("split") or ""),
            kind=str(line.get("kind") or ""),
            difficulty=str(line.get("difficulty") or ""),
            canary=bool(line.get("canary")),
            proved=bool(proved),
            error=str(error) if error else None,
            statement=str(line.get("statement") or ""),
            header=str(line.get("header") or ""),
            proof=str(verification.get("source") or "") or None if proved else None,
            refutation=str(refuting.get("source") or "no text is known") if refuted else None,
            counterexample=_values(refutation.get("counterexample")) if refuted else "",
            tactics=_texts(search.get("tactics")) if proved else (),
            kept=_texts(_mapping(line.get("shortening")).get("tactics", search.get("tactics"))) if proved else (),
            sources=_texts(search.get("sources")) if proved else (),
            stop=str(StopReason.REFUTED) if refuted else stop,
            refused=_texts(line.get("refused")),
            closest=_closest(line.get("closest")),
            elapsed_s=_number(line.get("elapsed_s"), spent.get("elapsed_s")),
            expansions=_whole(spent.get("expansions")),
            tried=_whole(spent.get("tactics")),
            depth=_whole(spent.get("depth")),
            policy_s=_number(spent.get("policy_s")),
            assistant_s=_number(spent.get("assistant_s")),
            search_s=_number(spent.get("elapsed_s")),
            verification_s=_number(verification.get("elapsed_s")),
            reasons=_counts(attempts.get("reasons")),
            scores=tuple(_scores(attempts.get("scores"))),
        )

    @property
    def source(self) -> str | None:
        """What proposed the tactic that closed the proof."""
        return self.sources[-1] if self.sources else None

    @property
    def proof_by(self) -> str:
        """Who proposed the proof's tactics: closers, model, both; empty without a proof."""
        return proof_by(self.sources) if self.sources else ""

    @property
    def outcome(self) -> str:
        """One word: proved, refuted, unproved, error, or canary (a false statement that was added)."""
        if self.canary:
            return "canary"
        if self.proved:
            return "proved"
        return "refuted" if self.refutation else "error" if self.error else "unproved"


def read_rows(path: Path) -> list[ResultRow]:
    """Read a file of results. A line that a crash cut off is left out; of two for one problem the later counts."""
    rows: dict[str, ResultRow] = {}
    if path.exists():
        for text in path.read_text(encoding="utf-8", errors="replace").split("\n"):  # a text may have others
            try:
                line = json.loads(text)
            except ValueError:
                continue
            if isinstance(line, dict):
                row = ResultRow.of(line)
                rows[row.name] = row
    return list(rows.values())


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _texts(value: object) -> tuple[str, ...]:
    return tuple(map(str, value)) if isinstance(value, list) else ()


def _values(value: object) -> str:
    return ", ".join(f"{name} = {some}" for name, some in _mapping(value).items())


def _closest(value: object) -> str | None:
    first = value[0] if isinstance(value, list) and value else None
    return str(_mapping(first).get("source") or "") or None


def _counts(value: object) -> tuple[tuple[str, int], ...]:
    known = ((str(name), _whole(count)) for name, count in _mapping(value).items())
    return tuple((name, count) for name, count in known if count)


def _scores(value: object) -> Iterator[tuple[str, int, ScoreBin]]:
    for name, bins in _mapping(value).items():
        for entry in bins if isinstance(bins, list) else ():
            figures = [number(figure) for figure in entry] if isinstance(entry, list) else []
            if len(figures) != 5 or None in figures:
                continue
            place, tried, probability, accepted, closed = (figure or 0.0 for figure in figures)
            if place < BINS and max(probability, accepted, closed) <= tried:
                yield name, int(place), ScoreBin(int(tried), probability, int(accepted), int(closed))


def _number(*values: object) -> float | None:
    known = (number(value) for value in values)
    return next((value for value in known if value is not None), None)


def _whole(value: object) -> int | None:
    return int(found) if (found := number(value)) is not None else None


def number(value: object) -> float | None:
    """Return a figure as it may stand in a report, or None for anything else."""
    if isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value < LARGEST:
        return value
    return None
