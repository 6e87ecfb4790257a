"""An environment with a cache: its assistant runs only tactics that have not been tried before.

The cache keeps the outcome of a tactic at a state, rejections as well. The key carries the assistant's identity, the
theorem's header and the state as printed: theorems with the same header share outcomes. A state that comes from the
cache is made in the assistant only when something new is tried on it. Whatever the cache says, a proof counts only when
it has been verified.

An outcome is kept with the effort that it took, under the effort that it was allowed, and is charged again whenever
it is used: so a search spends the same with and without a cache.
"""

from __future__ import annotations

import json
import math
import time
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from typing import Any

from prover.core.effort import Limit
from prover.core.proof_state import (
    Advanced,
    Closed,
    GaveUp,
    Goal,
    Hypothesis,
    ProofState,
    Rejected,
    TacticOutcome,
    TimedOut,
    normalise_tactic,
)
from prover.core.theorem import Theorem
from prover.environments.environment import OPEN_TIMEOUT_S, ProofEnvironment, ProofSession, each
from prover.environments.wrapping import WrappingEnvironment, WrappingSession
from prover.storage.cache import Cache, key_of

KIND = "outcomes"
REPLAY_S = 60.0


class CachedEnvironment(WrappingEnvironment):
    """An environment with a cache in front of it. It verifies afresh, always."""

    def __init__(self, environment: ProofEnvironment, cache: Cache) -> None:
        super().__init__(environment)
        self._cache = cache

    @asynccontextmanager
    async def open(self, theorem: Theorem, *, timeout_s: float = OPEN_TIMEOUT_S) -> AsyncIterator[CachedSession]:
        """Start proving; see ProofEnvironment."""
        async with self._environment.open(theorem, timeout_s=timeout_s) as session:
            context = [self.identity, list(theorem.imports), session.theorem.header, list(theorem.forbid)]
            if session.theorem.unseen:
                context.append(session.theorem.unseen)
            yield CachedSession(session, self._cache, context)


class CachedSession(WrappingSession):
    """A session with a cache in front of it."""

    def __init__(self, session: ProofSession, cache: Cache, context: list[Any]) -> None:
        super().__init__(session)
        self._cache = cache
        self._context = context
        self._made = {session.initial}
        self._reached: dict[ProofState, tuple[ProofState, str]] = {}

    def verified_later(self) -> None:
        """See ProvisionalSession. Such outcomes are kept apart: they say less, and take less effort."""
        super().verified_later()
        self._context = [*self._context, "verified later"]

    def release(self, states: Iterable[ProofState]) -> None:
        """See ProofSession."""
        self._session.release([state for state in states if state in self._made])

    async def apply(
        self,
        state: ProofState,
        tactics: Sequence[str],
        *,
        timeout_s: float,
        effort: float | Sequence[float] = math.inf,
        deadline_s: float = math.inf,
        effort_left: float = math.inf,
    ) -> list[TacticOutcome]:
        """Return the known outcomes, and let the assistant try the other tactics; see ProofSession."""
        texts = [normalise_tactic(tactic) for tactic in tactics]
        efforts = each(effort, texts)
        context = [*self._context, state.unseen] if state.unseen else self._context
        keys = [
            key_of(KIND, context, state.text, text, round(own, 6) if self.counts_effort else "seconds")
            for text, own in zip(texts, efforts, strict=True)
        ]
        limits = [min(timeout_s, own) for own in efforts]
        stored = await self._cache.get_many(keys)
        known = [_read(data, limit) for data, limit in zip(stored, limits, strict=True)]
        end = next((i for i, outcome in enumerate(known) if isinstance(outcome, Closed)), len(texts) - 1) + 1
        missing = [i for i in range(end) if known[i] is None]
        tried: list[TacticOutcome] = []
        if missing:
            if lost := await self._make(state):
                tried = [Rejected(lost, of_machine=True) for _ in missing]
            else:
                started, left = time.monotonic(), effort_left
                tried = await self._session.apply(
                    state,
                    [texts[i] for i in missing],
                    timeout_s=timeout_s,
                    effort=[efforts[i] for i in missing],
                    deadline_s=deadline_s,
                    effort_left=effort_left,
                )
                late = time.monotonic() - started >= deadline_s
                entries = {}
                for i, new in zip(missing, tried, strict=False):
                    if self._lasts(new, late=late, cut=left < efforts[i]):
                        entries[keys[i]] = _write(new, limits[i])
                    left -= new.effort
                await self._cache.set_many(entries)
        for i, new in zip(missing, tried, strict=False):
            known[i] = new
            if isinstance(new, Advanced):
                self._made.add(new.state)
        outcomes: list[TacticOutcome] = []
        for text, found in zip(texts[:end], known[:end], strict=True):
            if found is None or effort_left <= 0:  # a tactic before it has closed the theorem, or taken what was left
                break
            outcome = found
            if found.effort > effort_left and self.counts_effort:
                outcome = TimedOut("no effort was left", found.elapsed_s, effort_left, Limit.EFFORT)
            effort_left -= outcome.effort
            if isinstance(outcome, Advanced):
                self._reached.setdefault(outcome.state, (state, outcome.written or text))
            outcomes.append(outcome)
            if isinstance(outcome, Closed):
                break
        return outcomes

    def _lasts(self, outcome: TacticOutcome, *, late: bool, cut: bool) -> bool:
        """Return whether the outcome is worth keeping: it would be the same another time.

        `late`: it came at the deadline; `cut`: the tactic had only the last of the search's effort.
        """
        if isinstance(outcome, Rejected | TimedOut) and outcome.of_machine:
            return False
        if not isinstance(outcome, TimedOut):
            return True
        if outcome.limit is Limit.EFFORT:
            return not cut
        return (
            not late and not self.counts_effort
        )  # where effort is counted, the clock stops a tactic only on an overloaded machine

    async def _make(self, state: ProofState) -> str | None:
        """Make a state in the assistant that came from the cache. Returns why that fails, or None."""
        path: list[tuple[ProofState, str, ProofState]] = []
        at = state
        while at not in self._made:
            parent, tactic = self._reached[at]
            path.append((parent, tactic, at))
            at = parent
        for parent, tactic, wanted in reversed(path):
            outcomes = await self._session.apply(parent, [tactic], timeout_s=REPLAY_S)
            if outcomes != [Advanced(wanted)]:
                return f"`{tactic}` does not give the state that the cache has of it"
            self._made.add(wanted)
        return None


def _write(outcome: TacticOutcome, limit_s: float) -> bytes:
    fields: dict[str, Any] = {"is": type(outcome).__name__, "s": outcome.elapsed_s, "effort": outcome.effort}
    match outcome:
        case Advanced(state, _, written):
            fields["written"] = written
            fields["goals"] = [
                [
                    goal.text,
                    goal.target,
                    [[h.name, h.head, h.term] for h in goal.hypotheses],
                    goal.definitions,
                    goal.term,
                    goal.unseen,
                    goal.instances,
                ]
                for goal in state.goals
            ]
        case TimedOut(message):
            fields |= {"message": message, "by": outcome.limit, "limit": limit_s}
        case Rejected(message) | GaveUp(message):
            fields["message"] = message
        case Closed(_, written):
            fields["written"] = written
    return json.dumps(fields, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "surrogatepass")


def _read(data: bytes | None, limit_s: float) -> TacticOutcome | None:
    """Return the outcome, or None if there is none, it cannot be read, or more time might change it."""
    if data is None:
        return None
    try:
        fields = json.loads(data)
        elapsed_s, effort = float(fields["s"]), float(fields["effort"])
        match fields["is"]:
            case "Advanced":
                state = ProofState(tuple(_goal(*goal) for goal in fields["goals"]))
                return Advanced(state, elapsed_s, fields.get("written"), effort)
            case "Closed":
                return Closed(elapsed_s, fields.get("written"), effort)
            case "Rejected":
                return Rejected(str(fields["message"]), elapsed_s, effort)
            case "GaveUp":
                return GaveUp(str(fields["message"]), elapsed_s, effort)
            case "TimedOut" if fields["by"] == Limit.EFFORT:
                return TimedOut(str(fields["message"]), elapsed_s, effort, Limit.EFFORT)
            case "TimedOut" if limit_s <= fields["limit"]:
                return TimedOut(str(fields["message"]), elapsed_s, effort, Limit.TIME)
            case _:
                return None
    except (ValueError, KeyError, TypeError):
        return None


def _goal(
    text: str,
    target: str,
    hypotheses: list[Any],
    definitions: list[str],
    term: Any,
    unseen: str = "",
    instances: Sequence[str] = (),
) -> Goal:
    named = tuple(Hypothesis(str(name), str(head), term) for name, head, term in hypotheses)
    return Goal(str(text), str(target), named, tuple(definitions), term, str(unseen), tuple(instances))
