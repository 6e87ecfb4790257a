"""The figures of a run: for the report, for the service's page, and as files for a paper."""

from __future__ import annotations

import html
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from prover.bench.attempts import EDGES, ScoreBin
from prover.bench.summary import wilson_interval
from prover.report.plots import COLOURS, Bar, count_bars, histogram, rate_bars, share_bars, solved_curve
from prover.report.rows import ResultRow, number

TIMES = {
    "policy": "waiting for policy",
    "assistant": "trying tactics",
    "search": "search itself",
    "verification": "verification",
    "opening": "opening, reading",
}
_DIFFICULTIES = ("easy", "medium", "hard", "expert")
_OUTCOMES = {"proved": "proved", "refuted": "refuted", "unknown": "neither"}
_PREDICTED = (
    '<p class="key"><span class="good"></span>accepted <span class="mark"></span>the policy\'s own probability</p>'
)


@dataclass(frozen=True, slots=True)
class Figure:
    """A drawing with its caption and key, as HTML. `name`: of its file."""

    name: str
    caption: str
    drawing: str
    key: str = ""

    @property
    def is_drawn(self) -> bool:
        """Is there anything to see?"""
        return self.drawing.startswith("<svg")


def plots(problems: Sequence[ResultRow], summary: Mapping[str, Any]) -> str:
    """Return all figures as the cells of a grid, HTML."""
    return "".join(f"<div>{''.join(map(_cell, cell))}</div>" for cell in figures(problems, summary))


def _cell(figure: Figure) -> str:
    caption = html.escape(figure.caption)
    return f"<figure><figcaption>{caption}</figcaption>{figure.drawing}{figure.key}</figure>" if figure.drawing else ""


def figures(problems: Sequence[ResultRow], summary: Mapping[str, Any]) -> list[list[Figure]]:
    """Return the figures of a run, those that belong together in one list; what `summary` lacks is counted."""
    solved = [row for row in problems if row.proved]
    parts = _proposers(solved)

    def curve(
        name: str, caption: str, value: Callable[[ResultRow], float | None], label: str, unit: str = ""
    ) -> Figure:
        known = [(found, row.name) for row in solved if (found := value(row)) is not None]
        some = {part: [found for row in rows if (found := value(row)) is not None] for part, rows in parts.items()}
        if solved and not known:  # of none it is known what it took
            return Figure(name, caption, "")
        return Figure(name, caption, solved_curve(known, len(problems), label=label, unit=unit, parts=some), _key(some))

    def rates(name: str, of: Callable[[ResultRow], str]) -> Figure:
        bars = _groups(problems, summary, f"by_{name}", of)
        drawing = rate_bars(bars, label=f"proved, by {name}") if len(bars) > 1 else ""
        return Figure(f"by-{name}", f"By {name}", drawing)

    seconds = "seconds for a theorem, verified"
    return [
        [curve("solved-over-time", "Solved over time", lambda row: row.elapsed_s, seconds, " s")],
        [curve("solved-over-expansions", "Solved over expansions", lambda row: row.expansions, "expansions needed")],
        [curve("solved-over-tactics", "Solved over tactics", lambda row: row.tried, "tactics tried for a theorem")],
        [_times(problems)],
        [_sources(solved, summary), _by_proposer(solved), _time_split(problems)],
        [rates("split", lambda row: row.split), rates("difficulty", lambda row: row.difficulty)],
        [rates("kind", lambda row: row.kind)],
        _calibration(problems),
        [_reasons(problems)],
    ]  # fmt: skip


def _proposers(solved: Sequence[ResultRow]) -> dict[str, list[ResultRow]]:
    """Return solved theorems by who proposed their proofs; nothing if that is the same for all."""
    groups: defaultdict[str, list[ResultRow]] = defaultdict(list)
    for row in solved:
        groups[row.proof_by or "unknown"].append(row)
    return dict(sorted(groups.items())) if len(groups) > 1 else {}


def _key(parts: Mapping[str, Sequence[object]]) -> str:
    listed = " ".join(
        f'<span class="{html.escape(name)}"></span>{html.escape(name)} ({len(values)})'
        for name, values in parts.items()
    )
    return f'<p class="key">proved by {listed}</p>' if listed else ""


def _sources(solved: Sequence[ResultRow], summary: Mapping[str, Any]) -> Figure:
    sources = summary.get("by_source")
    if not isinstance(sources, dict):
        sources = Counter(row.source or "unknown" for row in solved)
    bars = [Bar(str(name), whole(count, 0), len(solved)) for name, count in sources.items()]
    drawing = count_bars(_largest(bars), label="proved, by source")
    return Figure("by-source", "By what proposed the closing tactic", drawing)


def _by_proposer(solved: Sequence[ResultRow]) -> Figure:
    bars = [Bar(name, len(rows), len(solved)) for name, rows in _proposers(solved).items()]
    return Figure("by-proposer", "Closers against model", count_bars(bars, label="proved, by proposer") if bars else "")


def _times(problems: Sequence[ResultRow]) -> Figure:
    times: dict[str, list[float]] = {outcome: [] for outcome in _OUTCOMES}
    for row in problems:
        if row.elapsed_s is not None:
            times[row.outcome if row.outcome in times else "unknown"].append(row.elapsed_s)
    known = any(times.values()) or not problems
    drawing = histogram(times, label="seconds for a theorem", unit=" s") if known else ""
    shown = " ".join(
        f'<span class="{COLOURS[outcome]}"></span>{words}' for outcome, words in _OUTCOMES.items() if times[outcome]
    )
    return Figure("times", "Time of a theorem", drawing, f'<p class="key">{shown}</p>')


def _time_split(problems: Sequence[ResultRow]) -> Figure:
    """Where the time of all theorems went: what a faster machine, model or assistant could save."""
    sums = dict.fromkeys(TIMES, 0.0)
    for row in problems:
        if row.policy_s is None or row.assistant_s is None or row.search_s is None or row.elapsed_s is None:
            continue
        verification = row.verification_s or 0.0
        sums["policy"] += row.policy_s
        sums["assistant"] += row.assistant_s
        sums["search"] += max(0.0, row.search_s - row.policy_s - row.assistant_s)
        sums["verification"] += verification
        sums["opening"] += max(0.0, row.elapsed_s - row.search_s - verification)
    total = sum(sums.values())
    bars = [Bar(words, sums[name], total) for name, words in TIMES.items()] if total else []
    drawing = share_bars(bars, label="seconds of all theorems together", unit=" s") if bars else ""
    return Figure("time-split", "Where the time went", drawing)


def _reasons(problems: Sequence[ResultRow]) -> Figure:
    counts: Counter[str] = Counter()
    for row in problems:
        counts.update(dict(row.reasons))
    bars = [Bar(name, count, counts.total()) for name, count in counts.most_common()]
    drawing = count_bars(_largest(bars, 10), label="failed tactics, by reason", names=212) if bars else ""
    return Figure("reasons", "Why tactics failed", drawing)


def _calibration(problems: Sequence[ResultRow]) -> list[Figure]:
    """How often a tactic was accepted, against the probability that its policy gave it."""
    bins: defaultdict[str, dict[int, ScoreBin]] = defaultdict(dict)
    for row in problems:
        for name, place, found in row.scores:
            bins[name].setdefault(place, ScoreBin()).add(found)
    drawn: list[Figure] = []
    for name, known in sorted(bins.items()):
        bars = [
            Bar(
                f"{100 * EDGES[place]:g} to {100 * EDGES[place + 1]:g} %",
                found.accepted,
                found.tried,
                wilson_interval(found.accepted, found.tried),
                mark=found.probability / found.tried,
            )
            for place, found in sorted(known.items(), reverse=True)
            if found.tried
        ]
        drawing = rate_bars(bars, label=f"tactics accepted, by the probability that {name} gave them") if bars else ""
        drawn.append(Figure(f"calibration-{name}", f"Tactics accepted, by score: {name}", drawing, _PREDICTED))
    return drawn


def _groups(
    problems: Sequence[ResultRow], summary: Mapping[str, Any], member: str, of: Callable[[ResultRow], str]
) -> list[Bar]:
    given = summary.get(member)
    if isinstance(given, dict) and given:
        return [
            Bar(str(name), whole(row.get("proved"), 0), whole(row.get("total"), 0), interval_of(row.get("interval")))
            for name, row in sorted(given.items(), key=lambda group: _rank(str(group[0])))
            if isinstance(row, dict)
        ]
    groups: defaultdict[str, list[ResultRow]] = defaultdict(list)
    for row in problems:
        groups[of(row)].append(row)
    if set(groups) <= {""}:
        return []
    counts = [
        (name or "none", sum(row.proved for row in some), len(some))
        for name, some in sorted(groups.items(), key=lambda group: _rank(group[0]))
    ]
    return [Bar(name, proved, total, wilson_interval(proved, total)) for name, proved, total in counts]


def _rank(name: str) -> tuple[int, str]:
    """Difficulties go up; all else by name."""
    return (_DIFFICULTIES.index(name) if name in _DIFFICULTIES else -1), name


def _largest(bars: list[Bar], most: int = 14) -> list[Bar]:
    """Many sources: the largest, and the others together."""
    ordered = sorted(bars, key=lambda bar: -bar.value)
    rest = ordered[most - 1 :]
    if len(rest) < 2:
        return ordered
    return [*ordered[: most - 1], Bar(f"{len(rest)} others", sum(bar.value for bar in rest), rest[0].total)]


def whole(value: object, otherwise: int) -> int:
    """Return a count as it may stand in a report, or else `otherwise`."""
    found = number(value)
    return otherwise if found is None else int(found)


def interval_of(value: object) -> tuple[float, float] | None:
    """Return an interval of a rate, or None for anything else."""
    if isinstance(value, list) and len(value) == 2:
        low, high = map(number, value)
        if low is not None and high is not None and low <= high <= 1:
            return low, high
    return None
