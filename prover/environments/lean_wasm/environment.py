"""The embedded Lean as a proof environment."""

from __future__ import annotations

import asyncio
import logging
import re
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, nullcontext, suppress
from dataclasses import replace
from typing import Literal

from prover.core.proof_state import normalise_tactic
from prover.core.record import DefinitionShown, TheoremVerdict, Verification
from prover.core.theorem import Theorem
from prover.environments.environment import OPEN_TIMEOUT_S
from prover.environments.lean_wasm.answers import invalid_theorem, messages_of
from prover.environments.lean_wasm.checkers import Checkers, end
from prover.environments.lean_wasm.file import LeanFile
from prover.environments.lean_wasm.install import LEAN_VERSION, Installation
from prover.environments.lean_wasm.library import LeanLibrary
from prover.environments.lean_wasm.process import GRACE_S, Answer, LeanProcess, reading
from prover.environments.lean_wasm.session import LeanSession
from prover.environments.syntax.lean.names import USE_MATHLIB, hint_for
from prover.errors import (
    EnvironmentUnavailableError,
    InstallationError,
    InvalidTheoremError,
    ProverError,
    SessionCrashedError,
)

logger = logging.getLogger(__name__)

TACTIC_HEARTBEATS = 200_000  # thousands of allocations, Lean's own default for a whole declaration
LIBRARIES = ("Init", "Std", "Lean")
REHEARSAL_S = 10.0  # no statement that takes so long is proved in a second


class LeanWasmEnvironment:
    """Lean 4 as WebAssembly under Node. Processes are started when needed, by imports, and kept for reuse."""

    def __init__(
        self,
        installation: Installation,
        *,
        heartbeats: int = TACTIC_HEARTBEATS,
        max_idle_processes: int = 2,
        checkers: Checkers | None = None,
        slots: asyncio.Semaphore | None = None,
        nice: int = 0,
    ) -> None:
        """Prepare; nothing is started yet.

        `checkers`: the processes that verify, where environments share them; `slots`: limits how many sessions and
        verifications of the environments that share it run at once; `nice`: Unix niceness of the Lean processes.
        """
        self.installation = installation
        self.heartbeats = heartbeats
        self.max_idle_processes = max_idle_processes
        self._slot = slots or nullcontext()
        self._nice = nice
        self._idle: list[tuple[tuple[str, ...], LeanProcess]] = []
        self._ahead: dict[tuple[str, ...], asyncio.Task[LeanProcess]] = {}
        self._rehearsals: list[asyncio.Task[None]] = []
        self._checkers = checkers or Checkers()
        self._joined = False
        self.library = LeanLibrary(installation)

    @property
    def identity(self) -> str:
        """Lean's version and how it is built."""
        return f"lean4@{LEAN_VERSION}+core.wasm32"

    # ---- forbidden theorems ----------------------------------------------------------------------------------
    async def forbidding(self, theorem: Theorem) -> Theorem:
        """Erase the forbidden theorems, and those with the same statements; see ProofEnvironment."""
        if not theorem.forbid:
            return theorem
        library = await self.library(theorem.imports)
        process = await self._acquire(theorem.imports)
        try:
            key = await self._key(process, theorem)
            keys = {key, *(t.key for t in library.theorems if t.name in theorem.forbid)}
            names = [*theorem.forbid, *(t.name for t in library.theorems if t.key in keys)]
            names = list(dict.fromkeys(names))
            erased = await process.request("erasable", names=names, **reading(OPEN_TIMEOUT_S))
        finally:
            await self._give_back(theorem.imports, process)
        imports = "".join(f"import {module}\n" for module in theorem.imports if theorem.imports != ("Init",))
        present = theorem.body.splitlines()  # if it has been prepared before
        lines = "".join(f"{line}\n" for line in erased["lines"] if line not in present)
        prepared = Theorem.from_text(f"{imports}{lines}{theorem.body}", forbid=tuple(names))
        return replace(prepared, informal=theorem.informal)

    async def key(self, theorem: Theorem) -> str:
        """Return a key that is equal for equal statements; see LibraryTheorem.

        Raises:
            InvalidTheoremError: the statement cannot be used.
        """
        process = await self._acquire(theorem.imports)
        try:
            return await self._key(process, theorem)
        finally:
            await self._give_back(theorem.imports, process)

    async def _key(self, process: LeanProcess, theorem: Theorem) -> str:
        answer = await process.request("statement", source=theorem.body, **reading(OPEN_TIMEOUT_S))
        if "key" not in answer:
            raise invalid_theorem({"invalid": "Lean cannot read the statement", **answer}, theorem.body)
        return str(answer["key"])

    # ---- sessions --------------------------------------------------------------------------------------------
    @asynccontextmanager
    async def open(self, theorem: Theorem, *, timeout_s: float = OPEN_TIMEOUT_S) -> AsyncIterator[LeanSession]:
        """Start proving; see ProofEnvironment. The process that will verify starts in the background."""
        self._warm_checker(theorem.imports)
        session = await self._opened(theorem, timeout_s)
        try:
            yield session
        finally:
            session.close()
            await self._leave(theorem.imports, session.process, ran_code=session.ran_code)

    async def _opened(self, theorem: Theorem, timeout_s: float) -> LeanSession:
        """Open a session, in a fresh process if the idle one has ended meanwhile."""
        try:
            return await self._opened_in(await self._acquire(theorem.imports), theorem, timeout_s)
        except SessionCrashedError as error:
            logger.warning("Lean is started again: %s", error)
            return await self._opened_in(await self._start("search", theorem.imports), theorem, timeout_s)

    async def _opened_in(self, process: LeanProcess, theorem: Theorem, timeout_s: float) -> LeanSession:
        session = LeanSession(process, theorem, heartbeats=self.heartbeats, open_timeout_s=timeout_s, slot=self._slot)
        try:
            await session.start()
        except BaseException:
            await self._leave(theorem.imports, process, ran_code=session.ran_code)
            raise
        return session

    async def _leave(self, imports: tuple[str, ...], process: LeanProcess, *, ran_code: bool) -> None:
        """Keep the process for other theorems, unless a text may have run code in it."""
        if ran_code:
            await process.close()
        else:
            await self._give_back(imports, process)

    @asynccontextmanager
    async def open_file(self, source: Theorem, *, timeout_s: float = OPEN_TIMEOUT_S) -> AsyncIterator[LeanFile]:
        """Read a whole file and its holes; see FileEnvironment."""
        process = await self._acquire(source.imports)
        file = LeanFile(process, source, heartbeats=self.heartbeats, timeout_s=timeout_s)
        file.on_open = lambda: self._warm_checker(source.imports)
        try:
            await file.start()
            yield file
        finally:
            await self._leave(source.imports, process, ran_code=file.ran_code)

    def start_ahead(self, imports: tuple[str, ...], *, statement: str = "") -> None:
        """Start in the background what proving with these imports takes. The first session waits for it.

        `statement`: what will be proved. It is verified without a proof meanwhile, since a process's first verification
        is by far its slowest: Lean is compiled as it is used. What comes of that is thrown away.
        """
        if imports not in self._ahead:
            self._ahead[imports] = task = asyncio.ensure_future(self._start("search", imports))
            task.add_done_callback(lambda done: done.cancelled() or done.exception())  # told to whoever waits for it
        self._warm_checker(imports)
        if statement:
            self._rehearsals.append(asyncio.ensure_future(self._rehearse(imports, statement)))

    async def _rehearse(self, imports: tuple[str, ...], statement: str) -> None:
        with suppress(ProverError):  # told by the session that reads the same statement
            async with self._shared_checkers().one(imports, self._start_checker) as process:
                await process.request(
                    "check",
                    limit_s=REHEARSAL_S + 2 * GRACE_S,
                    timeoutMs=REHEARSAL_S * 1000,
                    specification=statement,
                    tactics="sorry",
                )

    async def _acquire(self, imports: tuple[str, ...]) -> LeanProcess:
        if ahead := self._ahead.pop(imports, None):
            return await ahead
        for entry in self._idle:
            if entry[0] == imports:
                self._idle.remove(entry)
                if entry[1].alive:
                    return entry[1]
                await entry[1].close()
                break
        return await self._start("search", imports)

    async def _give_back(self, imports: tuple[str, ...], process: LeanProcess) -> None:
        if not process.alive:
            await process.close()
            return
        process.notify("renew")  # the next theorem finds the same Lean as the first
        self._idle.append((imports, process))
        while len(self._idle) > self.max_idle_processes:
            await self._idle.pop(0)[1].close()

    async def _start(self, role: Literal["search", "check"], imports: tuple[str, ...]) -> LeanProcess:
        if len(imports) == 1 and imports[0] in LIBRARIES:
            # A snapshot holds what Lean builds on first use, which then costs no effort.
            self.installation.require()
            with suppress(InstallationError):
                await asyncio.to_thread(self.installation.ensure_snapshot, imports)
        try:
            return await LeanProcess.start(self.installation, role, imports, nice=self._nice)
        except EnvironmentUnavailableError as error:
            if re.search(r"unknown module prefix '|object file .* does not exist", str(error)):
                raise InvalidTheoremError(
                    f"there is no module {' or '.join(imports)}",
                    hint=f"the embedded Lean has {', '.join(LIBRARIES)}; {USE_MATHLIB}",
                ) from error
            raise

    # ---- verification -----------------------------------------------------------------------------------------
    def _warm_checker(self, imports: tuple[str, ...]) -> None:
        self._shared_checkers().warm(imports, self._start_checker)

    def _shared_checkers(self) -> Checkers:
        if not self._joined:
            self._joined = True
            self._checkers.join()
        return self._checkers

    async def _start_checker(self, imports: tuple[str, ...]) -> LeanProcess:
        return await self._start("check", imports)

    async def check(self, theorem: Theorem, tactics: Sequence[str], *, timeout_s: float) -> Verification:
        """Verify a whole proof; see ProofEnvironment."""
        return await self._check(
            theorem.imports,
            timeout_s,
            specification=theorem.body,
            tactics="\n".join(map(normalise_tactic, tactics)),
            forbid=list(theorem.forbid),
        )

    async def check_source(self, source: Theorem, *, against: Theorem | None, timeout_s: float) -> Verification:
        """Verify a whole text; see ProofEnvironment."""
        if against is None:
            return await self._check(source.imports, timeout_s, proof=source.body)
        if source.imports != against.imports:
            imports = " and ".join(", ".join(theorem.imports) for theorem in (against, source))
            return Verification(
                accepted=False,
                environment=self.identity,
                reason=f"the imports are not those of the statement: {imports}",
                source=source.source,
            )
        return await self._check(source.imports, timeout_s, specification=against.body, proof=source.body)

    async def check_file(self, source: Theorem, *, timeout_s: float, original: Theorem | None = None) -> Verification:
        """Verify a whole file that need not hold a theorem; see FileEnvironment. All of it is untrusted here."""
        return await self._check(source.imports, timeout_s, proof=source.body, anything="yes")

    async def _check(self, imports: tuple[str, ...], timeout_s: float, **fields: str | Sequence[str]) -> Verification:
        started = time.monotonic()
        async with self._slot, self._shared_checkers().one(imports, self._start_checker) as process:
            answer = await process.request(
                "check", limit_s=timeout_s + 2 * GRACE_S, timeoutMs=timeout_s * 1000, **fields
            )
        if "invalid" in answer:
            raise invalid_theorem(answer, str(fields["specification"]))
        source = answer.get("source")
        if source is not None and imports != ("Init",):
            source = "".join(f"import {module}\n" for module in imports) + "\n" + source.lstrip()
        return Verification(
            accepted=answer.get("accepted") is True,
            environment=self.identity,
            reason=_with_hint(answer, str(fields.get("proof", source))),
            messages=messages_of(answer),
            theorems=tuple(
                TheoremVerdict(name=t["name"], axioms=tuple(t["axioms"]), rests_on_library=t["restsOnLibrary"])
                for t in answer["theorems"]
            ),
            definitions=tuple(DefinitionShown(name=d["name"], value=d["value"]) for d in answer.get("definitions", ())),
            source=source if source is not None else str(fields.get("proof", "")),
            timed_out=answer.get("timedOut") is True,
            elapsed_s=time.monotonic() - started,
        )

    async def close(self) -> None:
        """End all processes, those that verify with the last environment that uses them."""
        idle, self._idle = self._idle, []
        ahead, self._ahead = self._ahead, {}
        rehearsals, self._rehearsals = self._rehearsals, []
        ending = [*(process.close() for _, process in idle), *map(end, ahead.values())]
        if self._joined:
            self._joined = False
            ending.append(self._checkers.leave())
        await asyncio.gather(*ending)
        for rehearsal in rehearsals:
            rehearsal.cancel()
        await asyncio.gather(*rehearsals, return_exceptions=True)


def _with_hint(answer: Answer, text: str) -> str | None:
    """Return why a text was rejected, and what to do about it where that is known."""
    reason: str | None = answer.get("reason")
    errors = [message.text for message in messages_of(answer) if message.severity == "error"]
    hint = hint_for(text, errors) if reason else None
    return f"{reason}; {hint}" if hint else reason
