"""One theorem in one Dojo at a time. Its calls block, so each session has a thread; what it loses is replayed.

After a time-out LeanDojo's process is wedged, after a crash it is gone: the context is left and entered again.
"""

from __future__ import annotations

import asyncio
import concurrent.futures
import contextlib
import json
import logging
import math
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeVar

from prover.core.proof_state import (
    Advanced,
    Closed,
    GaveUp,
    ProofState,
    Rejected,
    TacticOutcome,
    TimedOut,
    normalise_tactic,
)
from prover.environments.environment import OPEN_TIMEOUT_S, OpenedTheorem, in_seconds
from prover.environments.lean_dojo.library import ADVICE, TracedTheorem
from prover.environments.syntax.lean.screening import bare_proof, proof_problem
from prover.environments.syntax.lean.states import state_of
from prover.errors import (
    EnvironmentProtocolError,
    EnvironmentUnavailableError,
    InvalidTheoremError,
    SessionCrashedError,
)

logger = logging.getLogger(__name__)

T = TypeVar("T")
ATTEMPTS = 2
LONGEST_LINE = 4000  # bytes: a terminal, through which LeanDojo speaks to Lean, passes on no longer lines
_ENTERING = threading.Lock()
"""LeanDojo changes the working directory of the whole process while it enters."""


@dataclass(slots=True)
class _Known:
    """A state and how to make it again; LeanDojo's own object while the present Dojo has it."""

    parent: ProofState | None
    tactic: str
    there: Any


class LeanDojoSession:
    """One theorem being proved."""

    counts_effort = False

    def __init__(self, api: Any, entry: Any, theorem: TracedTheorem, *, open_timeout_s: float) -> None:
        self._api = api
        self._entry = entry
        self._theorem = theorem
        self._open_timeout_s = open_timeout_s
        self._thread = concurrent.futures.ThreadPoolExecutor(1, thread_name_prefix="dojo")
        self._dojo: Any = None
        self._states: dict[ProofState, _Known] = {}
        self._initial: ProofState | None = None

    @property
    def theorem(self) -> OpenedTheorem:
        """The theorem by its name: LeanDojo does not give its text."""
        return OpenedTheorem(self._theorem.name, self._theorem.reference, "", unseen=self._theorem.reference)

    @property
    def initial(self) -> ProofState:
        """The state before any tactic."""
        assert self._initial is not None  # set by start()
        return self._initial

    async def start(self) -> None:
        """Enter a Dojo: Lean reads the file up to the theorem.

        Raises:
            EnvironmentUnavailableError: there is no trace, or Lean does not start; with advice.
            InvalidTheoremError: there is no such theorem in the trace, or LeanDojo cannot open it.
        """
        api = self._api
        try:
            first = await self._call(self._enter, self._open_timeout_s)
        except api.DojoInitError as error:
            raise InvalidTheoremError(
                f"LeanDojo cannot open {self._theorem.reference}: {error}", hint=ADVICE
            ) from error
        except Exception as error:
            raise EnvironmentUnavailableError(f"LeanDojo does not start ({error!r}). {ADVICE}") from error
        initial = _state(first)
        if self._initial is not None and initial != self._initial:
            raise SessionCrashedError("the theorem gives another state than before")
        self._initial = initial
        self._states.setdefault(initial, _Known(None, "", None)).there = first

    async def close(self) -> None:
        """Leave the Dojo."""
        await asyncio.shield(asyncio.ensure_future(self._leave()))
        self._thread.shutdown(wait=False)

    def release(self, states: Iterable[ProofState]) -> None:
        """LeanDojo cannot forget."""

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
        """Try tactics on a state; see ProofSession."""
        limits, end = in_seconds(tactics, timeout_s, effort, deadline_s, effort_left)
        outcomes: list[TacticOutcome] = []
        for tactic, limit_s in zip(tactics, limits, strict=True):
            outcome = await self._try(state, normalise_tactic(tactic), limit_s, end)
            if outcome is None:
                break
            outcomes.append(replace(outcome, effort=outcome.elapsed_s))
            if isinstance(outcome, Closed):
                break
        return outcomes

    async def _try(self, state: ProofState, tactic: str, limit_s: float, end: float) -> TacticOutcome | None:
        """Return what came of a tactic, or None if there was no time left to run it."""
        text = bare_proof(tactic)
        if problem := proof_problem(text):
            return (GaveUp if problem.gives_up else Rejected)(problem.reason)
        for _ in range(ATTEMPTS):
            if time.monotonic() >= end:
                return None
            try:
                there = await self._at_hand(state)
                left_s = min(limit_s, end - time.monotonic())
                return None if left_s <= 0 else await self._run(state, tactic, there, left_s)
            except _UnreachableStateError as error:
                return Rejected(str(error))
            except SessionCrashedError as error:
                logger.info("at `%s`: %s", tactic[:200], error)
        return Rejected("Lean ends when this is tried")

    async def _run(self, state: ProofState, tactic: str, there: Any, limit_s: float) -> TacticOutcome:
        text, api, started = bare_proof(tactic), self._api, time.monotonic()
        step = f"(\n{text}\n)" if "\n" in text or ";" in text else text
        if len(json.dumps({"sid": there.id, "cmd": step}, ensure_ascii=False).encode()) > LONGEST_LINE:
            return Rejected(f"longer than the {LONGEST_LINE:,} bytes that LeanDojo can pass on")

        def run() -> Any:
            self._dojo.proc.timeout = limit_s  # of each answer; the Dojo's own is for all alike
            return self._dojo.run_tac(there, step)

        try:
            result = await self._call(run)
        except api.DojoTacticTimeoutError:
            await self._leave()
            return TimedOut(f"no answer within {limit_s:.3g} s", time.monotonic() - started)
        except api.DojoCrashError as error:
            await self._leave()
            if error.is_out_of_memory:
                return TimedOut("Lean ran out of memory", time.monotonic() - started)
            raise SessionCrashedError(f"LeanDojo's Lean has ended: {error}") from error
        except asyncio.CancelledError:
            await asyncio.shield(asyncio.ensure_future(self._leave()))
            raise
        elapsed_s = time.monotonic() - started
        match result:
            case api.TacticState():
                after = _state(result)
                known = self._states.setdefault(after, _Known(state, tactic, None))
                known.there = known.there or result
                return Advanced(after, elapsed_s)
            case api.ProofFinished():
                return Closed(elapsed_s)
            case api.ProofGivenUp():
                return GaveUp("the proof uses sorry", elapsed_s)
            case api.LeanError(error):
                return Rejected(error, elapsed_s)
            case _:
                raise EnvironmentProtocolError(f"LeanDojo answers {type(result).__name__}")

    async def _at_hand(self, state: ProofState) -> Any:
        """Return LeanDojo's object for a state, in a new Dojo if the old one is lost."""
        if self._dojo is None:
            try:
                await self.start()
            except InvalidTheoremError as error:
                raise SessionCrashedError(error.reason) from error
        path: list[ProofState] = []
        at = state
        while (known := self._known(at)).there is None:
            path.append(at)
            assert known.parent is not None  # the first state is at hand
            at = known.parent
        for wanted in reversed(path):
            known = self._known(wanted)
            assert known.parent is not None
            outcome = await self._run(known.parent, known.tactic, self._known(known.parent).there, OPEN_TIMEOUT_S)
            if not isinstance(outcome, Advanced) or outcome.state != wanted:
                raise _UnreachableStateError(f"`{known.tactic}` does something else when it is tried again")
        return self._known(state).there

    def _known(self, state: ProofState) -> _Known:
        known = self._states.get(state)
        if known is None:
            raise ValueError("this state is not of this session")
        return known

    # ---- in the session's thread -------------------------------------------------------------------------------
    def _enter(self, timeout_s: float) -> Any:
        with _ENTERING:
            dojo = self._api.Dojo(self._entry, timeout=max(1, round(timeout_s)))
            _, first = dojo.__enter__()
        self._dojo = dojo
        return first

    async def _call(self, work: Callable[..., T], *arguments: Any) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._thread, work, *arguments)

    async def _leave(self) -> None:
        """Leave the Dojo from another thread: that ends its process, and what waits for an answer gets none."""
        dojo, self._dojo = self._dojo, None
        for known in self._states.values():
            known.there = None
        if dojo is not None:
            with contextlib.suppress(Exception):
                await asyncio.to_thread(dojo.__exit__, None, None, None)


class _UnreachableStateError(Exception):
    """A replayed tactic does something else now."""


def _state(printed: Any) -> ProofState:
    return state_of(tuple(goal for goal in str(printed.pp).split("\n\n") if goal.strip()))
