"""The embedded Lean as a proof environment."""

from __future__ import annotations

import asyncio
import logging
import math
import re
import time
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext, suppress
from dataclasses import dataclass
from typing import Literal, assert_never

from prover.core.effort import HEARTBEATS, Limit, as_heartbeats
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
from prover.core.record import TheoremVerdict, Verification
from prover.core.theorem import Theorem
from prover.environments.environment import OPEN_TIMEOUT_S, OpenedTheorem, each
from prover.environments.holes import Hole, Trial
from prover.environments.lean_wasm.checkers import Checkers
from prover.environments.lean_wasm.install import LEAN_VERSION, Installation
from prover.environments.lean_wasm.library import LeanLibrary
from prover.environments.lean_wasm.process import Answer, LeanProcess
from prover.errors import (
    EnvironmentUnavailableError,
    InstallationError,
    InvalidTheoremError,
    Message,
    SessionCrashedError,
)

logger = logging.getLogger(__name__)

TACTIC_HEARTBEATS = 200_000  # thousands of allocations, Lean's own default for a whole declaration
SLOWEST = 10.0
"""A tactic is stopped after so many times the processor time that its effort takes on the reference machine.

That allows for a slower machine, and ends what Lean does without counting."""
WARMING_UP_S = 5.0
"""So much more of it has every tactic: what is used for the first time is compiled first."""
GRACE_S = 0.4  # the driver's, between asking a step to stop and killing its instance
MAX_REPLAYS = 3  # times one `apply` may lose its instance between two tactics without progress
LIBRARIES = ("Init", "Std", "Lean")
# Words without which neither header nor tactic makes Lean run code of theirs. What ran might have changed the
# process it ran in, which then serves no other theorem.
_RUNS_CODE = re.compile(
    r"#\s*[a-z]|elab|macro|syntax|run_|eval|\binit|builtin|simproc|unsafe|implemented_by|extern|export|native|compile"
    r"|unexpander|delab|parser|formatter|parenthesizer|\bIO\b|MetaM"
)


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

        `checkers`: processes that verify, if others use them too; `slots`: so many of those that share it let Lean
        work at once; `nice`: how far Lean stands back for others.
        """
        self.installation = installation
        self.heartbeats = heartbeats
        self.max_idle_processes = max_idle_processes
        self._slot = slots or nullcontext()
        self._nice = nice
        self._idle: list[tuple[tuple[str, ...], LeanProcess]] = []
        self._checkers = checkers or Checkers()
        self._joined = False
        self.library = LeanLibrary(installation)

    @property
    def identity(self) -> str:
        """Lean's version and how it is built."""
        return f"lean4@{LEAN_VERSION}+core.wasm32"

    # ---- what may not be used --------------------------------------------------------------------------------
    async def forbidding(self, theorem: Theorem) -> Theorem:
        """Erase what is forbidden, and what states the same; see ProofEnvironment."""
        if not theorem.forbid:
            return theorem
        library = await self.library(theorem.imports)
        process = await self._acquire(theorem.imports)
        try:
            key = await self._key(process, theorem)
            keys = {key, *(t.key for t in library.theorems if t.name in theorem.forbid)}
            names = [*theorem.forbid, *(t.name for t in library.theorems if t.key in keys)]
            names = list(dict.fromkeys(names))
            erased = await process.request(
                "erasable", limit_s=OPEN_TIMEOUT_S + GRACE_S, names=names, timeoutMs=OPEN_TIMEOUT_S * 1000
            )
        finally:
            await self._give_back(theorem.imports, process)
        imports = "".join(f"import {module}\n" for module in theorem.imports if theorem.imports != ("Init",))
        present = theorem.body.splitlines()  # if it has been prepared before
        lines = "".join(f"{line}\n" for line in erased["lines"] if line not in present)
        return Theorem.from_text(f"{imports}{lines}{theorem.body}", forbid=tuple(names))

    async def key(self, theorem: Theorem) -> str:
        """Return what is equal for equal statements, see LibraryTheorem.

        Raises:
            InvalidTheoremError: the statement cannot be used.
        """
        process = await self._acquire(theorem.imports)
        try:
            return await self._key(process, theorem)
        finally:
            await self._give_back(theorem.imports, process)

    async def _key(self, process: LeanProcess, theorem: Theorem) -> str:
        answer = await process.request(
            "statement",
            limit_s=OPEN_TIMEOUT_S + GRACE_S,
            source=theorem.body,
            timeoutMs=OPEN_TIMEOUT_S * 1000,
        )
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
        """Open a session; in a fresh process if one that was kept has come to its end meanwhile."""
        try:
            return await self._opened_in(await self._acquire(theorem.imports), theorem, timeout_s)
        except SessionCrashedError as error:
            logger.warning("Lean is started again: %s", error)
            return await self._opened_in(await self._start("search", theorem.imports), theorem, timeout_s)

    async def _opened_in(self, process: LeanProcess, theorem: Theorem, timeout_s: float) -> LeanSession:
        session = LeanSession(process, theorem, heartbeats=self.heartbeats, open_timeout_s=timeout_s, slot=self._slot)
        try:
            async with self._slot:
                await session.start()
        except BaseException:
            await self._leave(theorem.imports, process, ran_code=session.ran_code)
            raise
        return session

    async def _leave(self, imports: tuple[str, ...], process: LeanProcess, *, ran_code: bool) -> None:
        """Keep the process for others, unless a text may have run code in it."""
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
            if file.ran_code:
                await process.close()
            else:
                await self._give_back(source.imports, process)

    async def _acquire(self, imports: tuple[str, ...]) -> LeanProcess:
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
            # Made on first use: what Lean builds for itself when it is first needed is in it, and so costs no effort.
            self.installation.require()
            with suppress(InstallationError):
                await asyncio.to_thread(self.installation.ensure_snapshot, imports)
        try:
            return await LeanProcess.start(self.installation, role, imports, nice=self._nice)
        except EnvironmentUnavailableError as error:
            if re.search(r"unknown module prefix '|object file .* does not exist", str(error)):
                raise InvalidTheoremError(
                    f"there is no module {' or '.join(imports)}",
                    hint=f"the embedded Lean has {', '.join(LIBRARIES)}; {MATHLIB_HINT}",
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

    async def _check(self, imports: tuple[str, ...], timeout_s: float, **fields: str | list[str]) -> Verification:
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
            reason=answer.get("reason"),
            messages=messages_of(answer),
            theorems=tuple(
                TheoremVerdict(name=t["name"], axioms=tuple(t["axioms"]), rests_on_library=t["restsOnLibrary"])
                for t in answer["theorems"]
            ),
            source=source if source is not None else str(fields.get("proof", "")),
            timed_out=answer.get("timedOut") is True,
            elapsed_s=time.monotonic() - started,
        )

    async def close(self) -> None:
        """End all processes, those that verify with the last environment that uses them."""
        idle, self._idle = self._idle, []
        await asyncio.gather(*(process.close() for _, process in idle))
        if self._joined:
            self._joined = False
            await self._checkers.leave()


@dataclass(slots=True)
class _Known:
    """A state and how to make it again: its parent and tactic, and its number in the driver while it is kept."""

    parent: ProofState | None
    tactic: str
    number: int | None
    generation: int


class LeanSession:
    """One theorem, or one hole of a file, in one search process."""

    counts_effort = True

    def __init__(
        self,
        process: LeanProcess,
        theorem: Theorem,
        *,
        heartbeats: int,
        open_timeout_s: float = OPEN_TIMEOUT_S,
        hole: int | None = None,
        slot: AbstractAsyncContextManager[object] | None = None,
    ) -> None:
        self._slot = slot or nullcontext()
        self.process = process
        self._theorem = theorem
        self._heartbeats = heartbeats
        self._open_timeout_s = open_timeout_s
        self._place = {} if hole is None else {"hole": hole}
        self.ran_code = bool(_RUNS_CODE.search(theorem.body))
        """May a text of this session have run code of its own in the process?"""
        self._number = 0
        self._generation = -1
        self._states: dict[ProofState, _Known] = {}
        self._opened: OpenedTheorem | None = None
        self._initial: ProofState | None = None

    @property
    def theorem(self) -> OpenedTheorem:
        """The theorem as Lean read it."""
        assert self._opened is not None  # set by start()
        return self._opened

    @property
    def initial(self) -> ProofState:
        """The state before any tactic."""
        assert self._initial is not None  # set by start()
        return self._initial

    async def start(self) -> None:
        """Elaborate the statement, or (after its instance was lost) elaborate it again."""
        answer = await self.process.request(
            "open",
            limit_s=self._open_timeout_s + GRACE_S,
            source=self._theorem.body,
            forbid=list(self._theorem.forbid),
            timeoutMs=self._open_timeout_s * 1000,
            **self._place,
        )
        if "invalid" in answer:
            raise invalid_theorem(answer, self._theorem.body)
        if answer.get("timedOut"):
            raise InvalidTheoremError(
                f"Lean needs more than {self._open_timeout_s:.3g} s to read the statement",
                hint="give it more time, or make it easier to elaborate",
            )
        if "crash" in answer:
            raise InvalidTheoremError(f"Lean cannot read the statement: {answer['crash']}")
        self._generation = self.process.generation
        self._number = answer["session"]
        initial = state_of(answer["goals"])
        if self._initial is not None and initial != self._initial:
            raise SessionCrashedError("the statement gives another state than before")
        self._initial = initial
        self._states.setdefault(initial, _Known(None, "", None, -1))
        self._keep(initial, answer["state"])
        self._opened = OpenedTheorem(answer["name"], answer["statement"], answer["prefix"].strip("\n"))

    def close(self) -> None:
        """Free everything in Lean."""
        if self._generation == self.process.generation:
            self.process.notify("release", sessions=[self._number])

    def release(self, states: Iterable[ProofState]) -> None:
        """Free these states in Lean; they can still be replayed."""
        numbers = []
        for state in states:
            known = self._states.get(state)
            if known and known.number is not None:
                if known.generation == self.process.generation:
                    numbers.append(known.number)
                known.number = None
        if numbers:
            self.process.notify("release", states=numbers)

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
        end = time.monotonic() + deadline_s
        async with self._slot:
            return await self._apply(state, tactics, each(effort, tactics), timeout_s, effort_left, end)

    async def _apply(
        self,
        state: ProofState,
        tactics: Sequence[str],
        efforts: list[float],
        timeout_s: float,
        effort_left: float,
        end: float,
    ) -> list[TacticOutcome]:
        outcomes: list[TacticOutcome] = []
        texts = [normalise_tactic(tactic) for tactic in tactics]
        most = [as_heartbeats(own) if own < math.inf else self._heartbeats * 1000 for own in efforts]
        self.ran_code = self.ran_code or any(map(_RUNS_CODE.search, texts))
        losses = 0
        while len(outcomes) < len(texts):
            left_s = end - time.monotonic()
            if left_s <= 0 or effort_left <= 0:
                break
            try:
                number = await self._at_hand(state)
            except _UnreachableStateError as error:
                outcomes += [Rejected(str(error)) for _ in texts[len(outcomes) :]]
                break
            rest, limits = texts[len(outcomes) :], most[len(outcomes) :]
            answer = await self.process.request(
                "apply",
                limit_s=min(left_s, timeout_s * len(rest)) + 2 * GRACE_S,
                state=number,
                tactics=rest,
                heartbeats=limits,
                heartbeatsLeft=as_heartbeats(effort_left),
                processorMs=[(SLOWEST * limit / HEARTBEATS + WARMING_UP_S) * 1000 for limit in limits],
                timeoutMs=timeout_s * 1000,
                deadlineMs=min(left_s, 1e9) * 1000,
                stopWhenClosed=True,
            )
            news = answer["outcomes"]
            losses = 0 if news else losses + 1
            if losses > MAX_REPLAYS:
                raise SessionCrashedError("Lean is lost again and again without trying a tactic")
            for tactic, limit, outcome in zip(rest, limits, news, strict=False):
                outcomes.append(self._outcome(state, tactic, limit, outcome, kept=not answer.get("lost")))
                effort_left -= outcomes[-1].effort
            if answer.get("spent") or (outcomes and isinstance(outcomes[-1], Closed)):
                break
        return outcomes

    def _outcome(self, state: ProofState, tactic: str, most: int, outcome: Answer, *, kept: bool) -> TacticOutcome:
        status: Literal["advanced", "closed", "rejected", "gave_up", "timed_out"] = outcome["status"]
        elapsed_s = outcome.get("ms", 0.0) / 1000  # of a tactic stopped by force nobody knows, nor what it has spent
        effort = outcome.get("heartbeats", most) / HEARTBEATS
        match status:
            case "advanced":
                after = state_of(outcome["goals"])
                self._states.setdefault(after, _Known(state, tactic, None, -1))
                if kept:
                    self._keep(after, outcome["state"])
                return Advanced(after, elapsed_s, effort=effort)
            case "closed":
                return Closed(elapsed_s, effort=effort)
            case "rejected":
                return Rejected(outcome["message"], elapsed_s, effort)
            case "gave_up":
                return GaveUp(outcome["message"], elapsed_s, effort)
            case "timed_out":
                limit: Literal[Limit.EFFORT, Limit.TIME] = Limit.EFFORT if outcome["limit"] == "effort" else Limit.TIME
                return TimedOut(outcome["message"], elapsed_s, effort, limit)
            case _:
                assert_never(status)

    def _keep(self, state: ProofState, number: int) -> None:
        """Remember the driver's number for a state, or free it there if we hold an equal one already."""
        known = self._states[state]
        if known.number is not None and known.generation == self.process.generation:
            self.process.notify("release", states=[number])
        else:
            known.number, known.generation = number, self.process.generation

    async def _at_hand(self, state: ProofState) -> int:
        """Return the driver's number of a state, replaying its tactics if Lean no longer holds it.

        Raises:
            _UnreachableStateError: a replayed tactic does something else now (it is at the edge of a limit).
        """
        if self._generation != self.process.generation:
            await self.start()
        path: list[ProofState] = []
        at: ProofState | None = state
        while at is not None:
            known = self._states.get(at)
            if known is None:
                raise ValueError("this state is not of this session")
            if known.number is not None and known.generation == self.process.generation:
                break
            path.append(at)
            at = known.parent
        for wanted in reversed(path):
            known = self._states[wanted]
            if known.parent is None:  # the initial state, released
                await self.start()
                continue
            answer = await self.process.request(
                "apply",
                limit_s=OPEN_TIMEOUT_S + 2 * GRACE_S,
                state=self._states[known.parent].number,
                tactics=[known.tactic],
                heartbeats=[self._heartbeats * 1000],
                heartbeatsLeft=self._heartbeats * 1000,
                timeoutMs=OPEN_TIMEOUT_S * 1000,
                stopWhenClosed=True,
            )
            (outcome,) = answer["outcomes"]
            if outcome["status"] != "advanced" or state_of(outcome["goals"]) != wanted or answer.get("lost"):
                raise _UnreachableStateError(f"replaying {known.tactic!r} did not give the state it gave before")
            self._keep(wanted, outcome["state"])
        number = self._states[state].number
        assert number is not None  # replayed just now
        return number


class LeanFile:
    """A whole file in one search process; Lean keeps what it read until it reads another file."""

    def __init__(self, process: LeanProcess, source: Theorem, *, heartbeats: int, timeout_s: float) -> None:
        self._process = process
        self._source = source
        self._heartbeats = heartbeats
        self._timeout_s = timeout_s
        self.ran_code = bool(_RUNS_CODE.search(source.body))
        self.on_open: Callable[[], object] = lambda: None
        """Called when a hole is opened: there may be something to verify then."""
        self.holes: tuple[Hole, ...] = ()
        self.sorries: tuple[int, ...] = ()
        self.messages: tuple[Message, ...] = ()

    async def start(self) -> None:
        """Read the file. Raises InvalidTheoremError if it has errors."""
        answer = await self._process.request(
            "holes",
            limit_s=self._timeout_s + GRACE_S,
            source=self._source.body,
            timeoutMs=self._timeout_s * 1000,
        )
        if "invalid" in answer:
            raise invalid_theorem(answer, self._source.body)
        if answer.get("timedOut"):
            raise InvalidTheoremError(f"Lean needs more than {self._timeout_s:.3g} s to read the file")
        if "crash" in answer:
            raise InvalidTheoremError(f"Lean cannot read the file: {answer['crash']}")
        self.sorries, self.messages = tuple(answer["sorries"]), messages_of(answer)
        self.holes = tuple(
            Hole(
                number=number,
                line=hole["line"],
                column=hole["column"],
                kind=hole["kind"],
                declaration=hole["name"],
                command=hole["command"],
                goal=hole["goals"][0]["text"] if hole.get("goals") else None,
                obstacle=hole.get("obstacle"),
            )
            for number, hole in enumerate(answer["holes"])
        )

    @asynccontextmanager
    async def open(self, hole: Hole) -> AsyncIterator[LeanSession]:
        """Start proving the goal of a hole."""
        self.on_open()
        session = LeanSession(
            self._process,
            self._source,
            heartbeats=self._heartbeats,
            open_timeout_s=self._timeout_s,
            hole=hole.number,
        )
        await session.start()
        try:
            yield session
        finally:
            session.close()
            self.ran_code = self.ran_code or session.ran_code

    async def fits(self, fillings: Sequence[tuple[int, str]]) -> Trial:
        """Elaborate the last hole's command with these texts in place of its holes."""
        self.ran_code = self.ran_code or any(_RUNS_CODE.search(text) for _, text in fillings)
        answer = await self._process.request(
            "fill",
            limit_s=self._timeout_s + GRACE_S,
            source=self._source.body,
            fillings=[list(filling) for filling in fillings],
            timeoutMs=self._timeout_s * 1000,
        )
        if "sorries" in answer:
            return Trial(answer.get("problem"), answer["sorries"])
        return Trial(str(answer.get("crash") or answer.get("invalid") or "Lean needs too long to read it"), 0)


class _UnreachableStateError(Exception):
    """A state that Lean no longer holds cannot be reached again."""


_METAVARIABLE = re.compile(r"\?([mu])\.\d+")


def state_of(goals: list[Answer]) -> ProofState:
    """Read the wire's goals. Metavariables are numbered anew: Lean's own numbers differ from run to run."""
    numbers: dict[str, int] = {}

    def renumbered(found: re.Match[str]) -> str:
        return f"?{found[1]}.{numbers.setdefault(found[0], len(numbers) + 1)}"

    return ProofState(
        tuple(
            Goal(
                _METAVARIABLE.sub(renumbered, goal["text"]),
                goal["target"],
                tuple(Hypothesis(name, head, term) for name, head, term in goal["hypotheses"]),
                tuple(goal["definitions"]),
                goal["term"],
            )
            for goal in goals
        )
    )


def messages_of(answer: Answer) -> tuple[Message, ...]:
    """Read the wire's messages."""
    return tuple(Message(m["severity"], m["text"], m["line"], m["column"]) for m in answer.get("messages", ()))


MATHLIB_HINT = "for Mathlib, use a Lean project of your own"
_HINTS = (
    (
        r"ℝ|ℂ|ℚ|\bReal\b|\bFinset\b|\bComplex\b|\bRat\.cast\b|Polynomial|Matrix|Mathlib",
        f"this looks like Mathlib; {MATHLIB_HINT}",
    ),
    (r"is not a proposition", "a theorem states something that can be true or false; use `def` for data"),
    (
        r"(?i)unknown (identifier|constant)",
        "is the name spelt right and its namespace open? The embedded Lean has no Mathlib",
    ),
    (r"unexpected (token|end of input|identifier)", "the form is: theorem NAME BINDERS : TYPE"),
    (r"universe", "name universe levels with `universe u` or `theorem t.{u}`"),
)


def invalid_theorem(answer: Answer, source: str) -> InvalidTheoremError:
    """Build the error for a statement that Lean cannot use."""
    reason, messages = str(answer["invalid"]), messages_of(answer)
    if answer.get("timedOut"):
        reason = "Lean needs too long to read the statement"
    everything = "\n".join([source, reason, *(message.text for message in messages)])
    hint = next((hint for pattern, hint in _HINTS if messages and re.search(pattern, everything)), None)
    return InvalidTheoremError(reason, messages=messages, hint=hint)


__all__ = ["LeanFile", "LeanSession", "LeanWasmEnvironment"]
