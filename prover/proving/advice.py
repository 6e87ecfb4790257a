"""What would help a statement that is neither proved nor refuted: more effort, a model, Mathlib, or another form."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from prover.core.effort import Limit
from prover.core.plurals import counted
from prover.core.proof_state import Rejected
from prover.core.record import Advice, ProofRecord, StopReason
from prover.environments.syntax.lean.missing import missing_names
from prover.policies.identities import asks_a_model
from prover.search.events import SearchEvent, Tried

MOST_NAMES = 3
_OPAQUE = re.compile(r"\b(?:(partial|unsafe)\s+def|(opaque))\s+([^\s({\[:]+)")
_FLOAT = re.compile(r"(?<![\w.«])Float(?:32|Array)?\b")


@dataclass(slots=True)
class AskedFor:
    """A listener of a search that counts the names which tactics asked for and the proof assistant did not know."""

    _names: Counter[str] = field(default_factory=Counter)

    def __call__(self, event: SearchEvent) -> None:
        """Take in one event."""
        if isinstance(event, Tried) and isinstance(event.outcome, Rejected):
            self._names.update(set(missing_names(event.candidate.tactic, event.outcome.message)))

    @property
    def names(self) -> tuple[str, ...]:
        """The names that were asked for most often."""
        ranked = sorted(self._names.items(), key=lambda entry: (-entry[1], entry[0]))
        return tuple(name for name, _ in ranked[:MOST_NAMES])


def advice(record: ProofRecord, asked_for: Sequence[str] = ()) -> Advice | None:
    """Return what would help the statement of a record most, or None if there is a verdict or nobody waited for one.

    `asked_for`: names that tactics used and the proof assistant does not know.
    """
    search, spent = record.search, record.search.statistics
    if record.verdict != "unknown" or search.stop is StopReason.CANCELLED:
        return None
    if why := _opaque(record.header, record.statement):
        return Advice(kind="form", words=f"another form: {why}")
    if asked_for and record.environment.startswith("lean4@") and "mathlib" not in record.environment.lower():
        names = ", ".join(f"`{name}`" for name in asked_for)
        return Advice(kind="mathlib", words=f"Mathlib: tactics asked for {names}, which this Lean does not know")
    if search.stop is StopReason.BUDGET_SPENT:
        return _more(search.limit or Limit.TIME)
    if spent.out_of_effort:
        short = counted(spent.out_of_effort, "tactic")
        return Advice(
            kind="tactic_effort", words=f"more effort for each tactic: {short} ran out of it, and nothing else is left"
        )
    if not asks_a_model(record.policy):
        return Advice(kind="model", words="a language model: nothing is left to try without one")
    return Advice(
        kind="form",
        words="another form: nothing is left to try; state an open goal as a theorem of its own, in front of this one",
    )


def _more(limit: Limit) -> Advice:
    waiting = "the search still had states to try"
    match limit:
        case Limit.EFFORT:
            return Advice(kind="effort", words=f"more effort: {waiting}")
        case Limit.TIME:
            return Advice(kind="time", words=f"more time: {waiting}")
        case Limit.EXPANSIONS:
            return Advice(kind="expansions", words=f"more expansions: {waiting}")


def _opaque(header: str, statement: str) -> str | None:
    """Return what no tactic can look into, in words, if the statement is about such a thing."""
    for found in _OPAQUE.finditer(header):
        word, name = found[1] or found[2], found[3]
        if re.search(rf"(?<![\w.'!?]){re.escape(name)}(?![\w'!?])", statement):
            kind = "is opaque" if word == "opaque" else f"is a `{word} def`"
            return f"`{name}` {kind}, and proofs cannot look into it; define it by recursion that ends"
    if _FLOAT.search(statement):
        return "Lean has no theorems about `Float`, which the processor computes; use `Int` or `Rat`"
    return None
