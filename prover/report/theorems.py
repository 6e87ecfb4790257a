"""The theorems of a report: the table with their proofs, and those without one."""

from __future__ import annotations

import html
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence

from prover.core.plurals import counted
from prover.report.rows import STOPS, ResultRow

_OUTCOMES = {
    "proved": "proved",
    "refuted": "refuted",
    "unproved": "not proved",
    "error": "error",
    "canary": "false statement",
}


def filters(rows: Sequence[ResultRow]) -> str:
    """Return the choices that narrow the table down."""

    def choice(name: str, words: str, values: Iterable[tuple[str, str]]) -> str:
        options = [*values]
        if len(options) < 2:
            return ""
        listed = "".join(f'<option value="{html.escape(v)}">{html.escape(w)}</option>' for v, w in options)
        return f'<label>{words} <select data-filter="{name}"><option value="">all</option>{listed}</select></label>'

    outcomes = Counter(row.outcome for row in rows)
    return (
        choice("outcome", "outcome", [(key, f"{w} ({outcomes[key]})") for key, w in _OUTCOMES.items() if outcomes[key]])
        + choice("split", "split", _counted(row.split for row in rows))
        + choice("kind", "kind", _counted(row.kind for row in rows))
        + choice("difficulty", "difficulty", _counted(row.difficulty for row in rows))
        + choice("by", "proved by", _counted(row.proof_by for row in rows))
        + choice("source", "source", _counted(row.source or "" for row in rows))
    )


def _counted(values: Iterable[str]) -> list[tuple[str, str]]:
    return [(name, f"{name} ({count})") for name, count in sorted(Counter(values).items()) if name]


def table(rows: Sequence[ResultRow]) -> str:
    """Return the table's lines."""
    return "".join(_table_row(row) for row in rows)


def _table_row(row: ResultRow) -> str:
    """Return the line of a theorem, and a second one, folded, with its text."""
    badge = (
        "alarm"
        if row.canary and row.proved
        else {"proved": "good", "refuted": "bad", "canary": "plain"}.get(row.outcome, "open")
    )
    words = '"proved"!' if badge == "alarm" else _OUTCOMES[row.outcome]
    if row.outcome in {"unproved", "error"}:
        words = STOPS.get(row.stop, row.stop)
    sorted_by = {
        "name": row.name, "outcome": row.outcome, "by": row.proof_by, "why": row.outcome + row.stop,
        "source": row.source or "", "split": row.split, "kind": row.kind, "difficulty": row.difficulty,
    }  # fmt: skip
    data = "".join(f' data-{name}="{html.escape(value)}"' for name, value in sorted_by.items())
    figures = {"time": row.elapsed_s, "expansions": row.expansions, "tactics": row.tried, "length": len(row.tactics)}
    data += "".join(f' data-{name}="{value}"' for name, value in figures.items() if value is not None)
    first = " · ".join(tactic.splitlines()[0] for tactic in row.kept if tactic) or row.counterexample
    cells = (
        f'<td class="fold-cell"><button class="fold" aria-expanded="false">{html.escape(row.name)}</button></td>'
        f'<td><span class="badge {badge}">{html.escape(words)}</span></td>'
        f'<td class="lean proof-cell">{html.escape(first[:160])}</td><td>{html.escape(row.source or "")}</td>'
        f"<td>{html.escape(' / '.join(filter(None, (row.split, row.kind, row.difficulty))))}</td>"
        f'<td class="number">{_figure(row.elapsed_s, 1)}</td><td class="number">{_figure(row.expansions)}</td>'
        f'<td class="number">{_figure(row.tried)}</td>'
    )
    return f'<tbody{data}><tr>{cells}</tr><tr class="text" hidden><td colspan="8">{_text(row)}</td></tr></tbody>'


def _text(row: ResultRow) -> str:
    text = row.proof or row.refutation or "\n\n".join(filter(None, (row.header.strip(), row.statement.strip())))
    shown = f'<pre class="lean">{html.escape(text.strip())}</pre>' if text else '<p class="muted">no text is known</p>'
    if row.error:
        shown += f'<pre class="lean message">{html.escape(row.error)}</pre>'
    for refused in row.refused:
        shown += f'<pre class="lean message">refused by verification: {html.escape(refused)}</pre>'
    if row.closest and not row.proved:
        shown += f'<p class="muted">how far it got</p><pre class="lean">{html.escape(row.closest.strip())}</pre>'
    if row.reasons and not (row.proved or row.refutation):
        listed = "".join(f"<li>{count:,} × {html.escape(words)}</li>" for words, count in row.reasons)
        shown += f'<p class="muted">why tactics failed</p><ul class="reasons">{listed}</ul>'
    return shown


def unsolved(problems: Sequence[ResultRow]) -> str:
    """Return the unproved theorems with their statements, grouped by why the search stopped."""
    groups: defaultdict[str, list[ResultRow]] = defaultdict(list)
    for row in problems:
        if not row.proved:
            groups[row.stop].append(row)
    if not groups:
        return "<p>None: everything was proved.</p>" if problems else "<p>There are no results.</p>"
    parts: list[str] = []
    for stop, some in sorted(groups.items(), key=lambda item: -len(item[1])):
        listed = "".join(
            f"<details><summary><span>{html.escape(row.name)}</span>"
            f'<code class="muted">{html.escape(_in_one_line(row))}</code>'
            f'<span class="muted">{_spent(row)}</span></summary>{_text(row)}</details>'
            for row in some
        )
        parts.append(
            f"<section><h3>{html.escape(STOPS.get(stop, stop))} <small>{len(some)}</small></h3>{listed}</section>"
        )
    return "".join(parts)


def _in_one_line(row: ResultRow) -> str:
    return " ".join((row.error or row.counterexample or row.statement).split())[:200]


def _spent(row: ResultRow) -> str:
    known = (
        None if row.expansions is None else counted(row.expansions, "expansion"),
        None if row.tried is None else counted(row.tried, "tactic"),
        None if row.depth is None else f"depth {row.depth:,}",
        None if row.elapsed_s is None else f"{row.elapsed_s:,.1f} s",
    )
    return " · ".join(filter(None, known))


def _figure(value: float | None, digits: int = 0) -> str:
    return "" if value is None else f"{value:,.{digits}f}"
