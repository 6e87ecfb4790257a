"""The report of a run over a problem set: one page, made from the folder that the run leaves."""

from __future__ import annotations

import html
import json
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from prover.evaluate.page import page
from prover.evaluate.plots import Bar, count_bars, histogram, rate_bars, solved_curve
from prover.evaluate.report_rows import ResultRow, number, read_rows
from prover.evaluate.report_theorems import filters, table, unsolved
from prover.evaluate.summary import wilson_interval

RESULTS = "results.jsonl"
SUMMARY = "summary.json"
REPORT = "report.html"
_NO_SUMMARY = '<p class="note">There is no summary.json: the run has not ended, or it was killed.</p>'
_CONDITIONS = (
    ("set", "problem set"),
    ("command", "command"),
    ("policy", "policy"),
    ("environment", "environment"),
    ("budget", "budget of a theorem"),
    ("seed", "seed"),
    ("workers", "workers"),
    ("started", "started"),
    ("elapsed_s", "took"),
    ("commit", "commit"),
    ("versions", "versions"),
    ("hardware", "hardware"),
)


def write_report(folder: Path, *, title: str | None = None) -> Path:
    """Write `report.html` into the folder of a run and return its path.

    Args:
        folder: holds `results.jsonl` and, once the run has ended, `summary.json`.
        title: heading of the page; the folder's name if not given.
    """
    rows = read_rows(folder / RESULTS)
    try:
        summary = json.loads((folder / SUMMARY).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        summary = None
    path = folder / REPORT
    text = report_page(rows, summary if isinstance(summary, dict) else {}, title=title or folder.resolve().name)
    path.write_text(text, encoding="utf-8")
    return path


def report_page(rows: Sequence[ResultRow], summary: Mapping[str, Any], *, title: str) -> str:
    """Return the page, an HTML text. What `summary` lacks is counted from the rows or shown as unknown."""
    problems = [row for row in rows if not row.canary]
    parts = {
        "heading": f"<h1>{html.escape(title)}</h1>{_headline(problems, summary)}" + ("" if summary else _NO_SUMMARY),
        "canaries": _canaries([row for row in rows if row.canary], summary),
        "plots": _plots(problems, summary),
        "filters": filters(rows),
        "table": table(rows),
        "unsolved": unsolved(problems),
        "conditions": _conditions(summary),
    }
    return page("report", title=title, scripts=("table", "main"), styles=("figures", "style"), parts=parts)


def run_figures(rows: Sequence[ResultRow]) -> str:
    """Return rate and plots alone, as HTML for another page that has `templates/report/figures.css`."""
    return f'{_headline(rows, {})}<section id="plots" aria-label="Figures">{_plots(rows, {})}</section>'


def _headline(problems: Sequence[ResultRow], summary: Mapping[str, Any]) -> str:
    proved = _whole(summary.get("proved"), sum(row.proved for row in problems))
    total = _whole(summary.get("total"), len(problems))
    interval = _interval(summary.get("interval")) or (wilson_interval(proved, total) if 0 < total >= proved else None)
    errors = _whole(summary.get("errors"), sum(row.error is not None for row in problems))
    rate = f"{proved / total:.1%}" if total else "–"
    return (
        f'<div class="headline"><div class="rate">{rate}</div><div><div class="score"><strong>{proved}</strong> of '
        f"<strong>{total}</strong> proved and verified</div>"
        f'<div class="muted">{_interval_words(interval)}{_errors_words(errors)}</div></div>'
        f'<div class="gauge">{_gauge(proved / total if total else 0.0, interval)}</div></div>'
    )


def _interval_words(interval: tuple[float, float] | None) -> str:
    return f"95 % interval {interval[0]:.1%} to {interval[1]:.1%}" if interval else "95 % interval unknown"


def _errors_words(errors: int) -> str:
    return f" · {errors} with an error" if errors else ""


def _gauge(rate: float, interval: tuple[float, float] | None) -> str:
    whisker = ""
    if interval:
        low, high = 300 * interval[0], 300 * interval[1]
        whisker = f'<path class="interval" d="M{low:.1f},5v14M{low:.1f},12H{high:.1f}m0,-7v14"/>'
    return (
        f'<svg viewBox="-2 0 304 24" role="img" aria-label="{rate:.1%} proved"><rect class="track" width="300" y="5" '
        f'height="14" rx="3"/><rect class="good" width="{300 * rate:.1f}" y="5" height="14" rx="3"/>{whisker}</svg>'
    )


def _canaries(rows: Sequence[ResultRow], summary: Mapping[str, Any]) -> str:
    counted = summary.get("canaries")
    counted = counted if isinstance(counted, dict) else {}
    names = [row.name for row in rows if row.proved]
    total = max(len(rows), _whole(counted.get("total"), 0))
    # Whichever of the two sources is worse is the one to believe.
    proved = max(len(names), _whole(counted.get("proved"), 0))
    if proved:
        listed = f": {', '.join(map(html.escape, names))}" if names else ""
        return (
            f'<div class="banner alarm" role="alert"><strong>{proved} of {total} false statements '
            f'{"was" if proved == 1 else "were"} "proved"{listed}.</strong> Nothing on this page can be relied on '
            "until that is explained.</div>"
        )
    if not total:
        return '<div class="banner plain">No false statements were in this run to try the verification on.</div>'
    return f'<div class="banner calm">None of the {total} false statements in this run was proved.</div>'


def _plots(problems: Sequence[ResultRow], summary: Mapping[str, Any]) -> str:
    solved = [row for row in problems if row.proved]
    total = len(problems)

    def curve(value: Callable[[ResultRow], float | None], label: str, unit: str = "") -> str:
        known = [(found, row.name) for row in solved if (found := value(row)) is not None]
        return solved_curve(known, total, label=label, unit=unit)

    sources = summary.get("by_source")
    if not isinstance(sources, dict):
        sources = Counter(row.source or "unknown" for row in solved)
    by_source = [Bar(str(name), _whole(count, 0), len(solved)) for name, count in sources.items()]
    by_kind, by_split, by_difficulty = (
        rate_bars(bars, label=f"proved, by {name}") if len(bars) > 1 else ""
        for name, bars in (
            ("kind", _groups(problems, summary, "by_kind", lambda row: row.kind)),
            ("split", _groups(problems, summary, "by_split", lambda row: row.split)),
            ("difficulty", _groups(problems, summary, "by_difficulty", lambda row: row.difficulty)),
        )
    )
    source = count_bars(_largest(by_source), label="proved, by source")
    return (
        _figures(("Solved over time", curve(lambda row: row.elapsed_s, "seconds for a theorem, verified", " s")))
        + _figures(("Solved over expansions", curve(lambda row: row.expansions, "expansions for a theorem")))
        + _figures(("Solved over tactics", curve(lambda row: row.tried, "tactics tried for a theorem")))
        + _figures(("Time of a theorem", _times(problems)))
        + _figures(("By what proposed the closing tactic", source), ("By split", by_split))
        + _figures(("By kind", by_kind), ("By difficulty", by_difficulty))
    )


def _figures(*drawings: tuple[str, str]) -> str:
    """Return one cell of the grid; what has no drawing is left out."""
    listed = (
        f"<figure><figcaption>{html.escape(caption)}</figcaption>{drawing}</figure>"
        for caption, drawing in drawings
        if drawing
    )
    return f"<div>{''.join(listed)}</div>"


def _times(problems: Sequence[ResultRow]) -> str:
    times: defaultdict[bool, list[float]] = defaultdict(list)
    for row in problems:
        if row.elapsed_s is not None:
            times[row.proved].append(row.elapsed_s)
    legend = '<p class="key"><span class="good"></span>proved <span class="open"></span>not proved</p>'
    return histogram(times[True], times[False], label="seconds for a theorem", unit=" s") + legend


def _groups(
    problems: Sequence[ResultRow], summary: Mapping[str, Any], member: str, of: Callable[[ResultRow], str]
) -> list[Bar]:
    given = summary.get(member)
    if isinstance(given, dict) and given:
        return [
            Bar(str(name), _whole(row.get("proved"), 0), _whole(row.get("total"), 0), _interval(row.get("interval")))
            for name, row in given.items()
            if isinstance(row, dict)
        ]
    groups: defaultdict[str, list[ResultRow]] = defaultdict(list)
    for row in problems:
        groups[of(row)].append(row)
    if set(groups) <= {""}:
        return []
    counts = [(name or "none", sum(row.proved for row in some), len(some)) for name, some in sorted(groups.items())]
    return [Bar(name, proved, total, wilson_interval(proved, total)) for name, proved, total in counts]


def _largest(bars: list[Bar], most: int = 14) -> list[Bar]:
    """Many sources: the largest, and the others together."""
    ordered = sorted(bars, key=lambda bar: -bar.value)
    rest = ordered[most - 1 :]
    if len(rest) < 2:
        return ordered
    return [*ordered[: most - 1], Bar(f"{len(rest)} others", sum(bar.value for bar in rest), rest[0].total)]


def _conditions(summary: Mapping[str, Any]) -> str:
    known = [(key, words) for key, words in _CONDITIONS if key in summary]
    missing = [words for key, words in _CONDITIONS if key not in summary]
    shown = "".join(f"<dt>{words}</dt><dd>{_value(key, summary[key])}</dd>" for key, words in known)
    if missing:
        shown += f'<dt>unknown</dt><dd class="muted">{", ".join(missing)}</dd>'
    return f"<dl>{shown}</dl>"


def _value(key: str, value: object) -> str:
    if isinstance(value, dict):
        return "<br>".join(f"{html.escape(str(k)).replace('_', ' ')}: {html.escape(str(v))}" for k, v in value.items())
    if key == "elapsed_s" and (took := number(value)) is not None:
        return f"{took:,.0f} s" if took < 600 else f"{took / 60:,.0f} min"
    text = html.escape(str(value))
    return f"<code>{text}</code>" if key in {"command", "commit"} else text


def _whole(value: object, otherwise: int) -> int:
    found = number(value)
    return otherwise if found is None else int(found)


def _interval(value: object) -> tuple[float, float] | None:
    if isinstance(value, list) and len(value) == 2:
        low, high = map(number, value)
        if low is not None and high is not None and low <= high <= 1:
            return low, high
    return None
