"""One theorem in one Dojo at a time. Its calls block, so each driver has a thread.

After a time-out LeanDojo's process is wedged, after a crash it is gone: the context is left and entered again.
"""

from __future__ import annotations

import asyncio
import concurrent.futures
import contextlib
import json
import threading
import time
from collections.abc import Callable, Sequence
from types import TracebackType
from typing import Any, Self, TypeVar

from prover.core.proof_state import Advanced, Closed, GaveUp, ProofState, Rejected, TacticOutcome, TimedOut
from prover.environments.environment import OpenedTheorem
from prover.environments.lean_dojo.library import ADVICE, TracedTheorem
from prover.environments.replaying_session import Limits, StatesLostError, Tried
from prover.environments.syntax.lean.screening import bare_proof, bracketed, proof_problem
from prover.environments.syntax.lean.states import state_of
from prover.errors import EnvironmentProtocolError, EnvironmentUnavailableError, InvalidTheoremError

T = TypeVar("T")
LONGEST_LINE = 4000  # bytes: a terminal, through which LeanDojo speaks to Lean, passes on no longer lines
_ENTERING = threading.Lock()
"""LeanDojo changes the working directory of the whole process while it enters."""


class LeanDojoDriver:
    """A theorem of a traced repository; see Driver. A state goes by LeanDojo's own object."""

    counts_effort = False

    def __init__(self, api: Any, entry: Any, theorem: TracedTheorem, *, open_timeout_s: float) -> None:
        self._api = api
        self._entry = entry
        self._theorem = theorem
        self._open_timeout_s = open_timeout_s
        self._thread = concurrent.futures.ThreadPoolExecutor(1, thread_name_prefix="dojo")
        self._dojo: Any = None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await asyncio.shield(asyncio.ensure_future(self._leave()))
        self._thread.shutdown(wait=False)

    @property
    def theorem(self) -> OpenedTheorem:
        """The theorem by its name: LeanDojo does not give its text."""
        return OpenedTheorem(self._theorem.name, self._theorem.reference, "", unseen=self._theorem.reference)

    async def start(self, *, end: float) -> tuple[ProofState, Any]:
        """Enter a Dojo: Lean reads the file up to the theorem. That has a limit of its own.

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
        return _state(first), first

    async def ready(self, *, end: float) -> bool:
        """Return whether the Dojo is still the one that was entered."""
        return self._dojo is not None

    async def run(self, at: Any, tactics: Sequence[str], limits: Limits) -> Tried[Any]:
        """Run the first tactic; see Driver. Afterwards the Dojo is gone if it needed too long."""
        text = bare_proof(tactics[0])
        if problem := proof_problem(text):
            return Tried([(problem.outcome, None)])
        step = bracketed(text)
        if len(json.dumps({"sid": at.id, "cmd": step}, ensure_ascii=False).encode()) > LONGEST_LINE:
            return Tried([(Rejected(f"longer than the {LONGEST_LINE:,} bytes that LeanDojo can pass on"), None)])
        limit_s = limits.first_s
        if limit_s <= 0:
            return Tried()
        return Tried([await self._step(at, step, limit_s)])

    def drop(self, handles: Sequence[Any]) -> bool:
        """LeanDojo cannot forget."""
        return False

    async def _step(self, at: Any, step: str, limit_s: float) -> tuple[TacticOutcome, Any]:
        api, started = self._api, time.monotonic()

        def run() -> Any:
            self._dojo.proc.timeout = limit_s  # for each answer; the Dojo's own limit is one for all
            return self._dojo.run_tac(at, step)

        try:
            result = await self._call(run)
        except api.DojoTacticTimeoutError:
            await self._leave()
            return TimedOut(f"no answer within {limit_s:.3g} s", time.monotonic() - started), None
        except api.DojoCrashError as error:
            await self._leave()
            if error.is_out_of_memory:
                return TimedOut("Lean ran out of memory", time.monotonic() - started), None
            blamed = Rejected("Lean ends when this is tried")
            raise StatesLostError(f"LeanDojo's Lean has ended: {error}", blamed=blamed) from error
        except asyncio.CancelledError:
            await asyncio.shield(asyncio.ensure_future(self._leave()))
            raise
        elapsed_s = time.monotonic() - started
        match result:
            case api.TacticState():
                return Advanced(_state(result), elapsed_s), result
            case api.ProofFinished():
                return Closed(elapsed_s), None
            case api.ProofGivenUp():
                return GaveUp("the proof uses sorry", elapsed_s), None
            case api.LeanError(error):
                return Rejected(error, elapsed_s), None
            case _:
                raise EnvironmentProtocolError(f"LeanDojo answers {type(result).__name__}")

    # ---- in the driver's thread --------------------------------------------------------------------------------
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
        if dojo is not None:
            with contextlib.suppress(Exception):
                await asyncio.to_thread(dojo.__exit__, None, None, None)


def _state(printed: Any) -> ProofState:
    return state_of([goal for goal in str(printed.pp).split("\n\n") if goal.strip()])
