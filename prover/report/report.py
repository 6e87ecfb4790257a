"""The report of a run over a problem set: one page, made from the folder that the run leaves."""

from __future__ import annotations

import html
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from prover.bench.summary import wilson_interval
from prover.policies.identities import policy_in_words
from prover.report.figures import interval_of, plots, whole
from prover.report.rows import ResultRow, number, read_rows
from prover.report.standalone_page import page
from prover.report.theorems import filters, table, unsolved

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
    path = folder / REPORT
    text = report_page(read_rows(folder / RESULTS), read_summary(folder), title=title or folder.resolve().name)
    path.write_text(text, encoding="utf-8")
    return path


def read_summary(folder: Path) -> dict[str, Any]:
    """Return the summary of a run; empty while there is none."""
    try:
        summary = json.loads((folder / SUMMARY).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return summary if isinstance(summary, dict) else {}


def report_page(rows: Sequence[ResultRow], summary: Mapping[str, Any], *, title: str) -> str:
    """Return the page, an HTML text. What `summary` lacks is counted from the rows or shown as unknown."""
    problems = [row for row in rows if not row.canary]
    parts = {
        "heading": f"<h1>{html.escape(title)}</h1>{_headline(problems, summary)}" + ("" if summary else _NO_SUMMARY),
        "canaries": _canaries([row for row in rows if row.canary], summary),
        "plots": plots(problems, summary),
        "filters": filters(rows),
        "table": table(rows),
        "unsolved": unsolved(problems),
        "conditions": _conditions(summary),
    }
    return page("report", title=title, scripts=("table", "main"), styles=("figures", "style"), parts=parts)


def run_figures(rows: Sequence[ResultRow]) -> str:
    """Return rate and plots alone, as HTML for another page that has `templates/report/figures.css`."""
    return f'{_headline(rows, {})}<section id="plots" aria-label="Figures">{plots(rows, {})}</section>'


def _headline(problems: Sequence[ResultRow], summary: Mapping[str, Any]) -> str:
    proved = whole(summary.get("proved"), sum(row.proved for row in problems))
    total = whole(summary.get("total"), len(problems))
    interval = interval_of(summary.get("interval")) or (wilson_interval(proved, total) if 0 < total >= proved else None)
    errors = whole(summary.get("errors"), sum(row.error is not None for row in problems))
    refuted = sum(row.outcome == "refuted" for row in problems)
    rate = f"{proved / total:.1%}" if total else "–"
    return (
        f'<div class="headline"><div class="rate">{rate}</div><div><div class="score"><strong>{proved}</strong> of '
        f"<strong>{total}</strong> proved and verified</div>"
        f'<div class="muted">{_interval_words(interval)}{_refuted_words(refuted)}{_errors_words(errors)}</div></div>'
        f'<div class="gauge">{_gauge(proved / total if total else 0.0, interval)}</div></div>'
    )


def _interval_words(interval: tuple[float, float] | None) -> str:
    return f"95 % interval {interval[0]:.1%} to {interval[1]:.1%}" if interval else "95 % interval unknown"


def _refuted_words(refuted: int) -> str:
    return f' · <span class="refuted">{refuted} refuted</span>' if refuted else ""


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
    total = max(len(rows), whole(counted.get("total"), 0))
    # Of the two sources, believe the worse.
    proved = max(len(names), whole(counted.get("proved"), 0))
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
    if key == "policy":
        return f"{html.escape(policy_in_words(str(value)))} <code>{html.escape(str(value))}</code>"
    text = html.escape(str(value))
    return f"<code>{text}</code>" if key in {"command", "commit"} else text
