"""A proof assistant with a policy, for code that awaits: what `async with Lean() as lean` gives."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Iterable
from contextlib import AsyncExitStack, aclosing, asynccontextmanager
from pathlib import Path
from typing import Literal, Unpack, overload

from prover.api.assistant import Assistant, Policy
from prover.api.options import Limits, limited
from prover.api.session import AsyncSession
from prover.assembly.concurrency import CHECK_BYTES
from prover.core.budget import SearchBudget
from prover.core.proof_state import ProofState
from prover.core.record import ProofRecord, Refutation, Verification
from prover.core.theorem import Theorem
from prover.environments.environment import OPEN_TIMEOUT_S
from prover.environments.holes import FileEnvironment
from prover.environments.machine_limits import share
from prover.errors import InvalidPolicyError, InvalidTheoremError, SessionCrashedError
from prover.policies.generator import TacticGenerator
from prover.proving.closest import CLOSEST
from prover.proving.fill import HOLE_EFFORT, FillReport, fill_source
from prover.proving.in_order import in_order
from prover.proving.prove import REFUTING, prove_theorem
from prover.proving.refute import EFFORT, refute
from prover.proving.suggest import Suggester, SuggestionOptions, Suggestions
from prover.proving.verify import verify_text


class AsyncProver:
    """The methods of `Prover` to be awaited, all of them on one event loop, as many at once as you like."""

    def __init__(self, assistant: Assistant) -> None:
        self._assistant = assistant
        self._environment = assistant.environment()
        self._opening = asyncio.Lock()
        self._policies: dict[str | None, TacticGenerator] = {}
        self._stack = AsyncExitStack()
        self._sessions: set[AsyncSession] = set()
        self._closed = False

    @property
    def identity(self) -> str:
        """The assistant's name and version, as records have it."""
        return self._environment.identity

    async def prove(
        self,
        statement: str | Theorem,
        *,
        policy: Policy | None = None,
        budget: SearchBudget | None = None,
        seed: int = 0,
        refuting: float = REFUTING,
        closest: int = CLOSEST,
        **limits: Unpack[Limits],
    ) -> ProofRecord:
        """Search for a proof and verify what is found; see `Prover.prove`."""
        return await prove_theorem(
            self._read(statement),
            environment=self._environment,
            generator=await self._policy(policy),
            budget=limited(budget or SearchBudget(), limits),
            seed=seed,
            verify_timeout_s=self._assistant.verify_timeout_s,
            refuting=refuting,
            closest=closest,
        )

    async def refute(self, statement: str | Theorem, *, effort: float = EFFORT) -> Refutation | None:
        """Look for a counterexample and verify that the statement is false; see `Prover.refute`."""
        return await refute(
            self._read(statement),
            self._environment,
            effort=effort,
            verify_timeout_s=self._assistant.verify_timeout_s,
        )

    @overload
    def prove_many(
        self,
        statements: Iterable[str | Theorem],
        *,
        workers: int = ...,
        return_exceptions: Literal[False] = False,
        policy: Policy | None = ...,
        budget: SearchBudget | None = ...,
        seed: int = ...,
        **limits: Unpack[Limits],
    ) -> AsyncGenerator[ProofRecord, None]: ...

    @overload
    def prove_many(
        self,
        statements: Iterable[str | Theorem],
        *,
        workers: int = ...,
        return_exceptions: Literal[True],
        policy: Policy | None = ...,
        budget: SearchBudget | None = ...,
        seed: int = ...,
        **limits: Unpack[Limits],
    ) -> AsyncGenerator[ProofRecord | InvalidTheoremError, None]: ...

    async def prove_many(
        self,
        statements: Iterable[str | Theorem],
        *,
        workers: int = 1,
        return_exceptions: bool = False,
        policy: Policy | None = None,
        budget: SearchBudget | None = None,
        seed: int = 0,
        **limits: Unpack[Limits],
    ) -> AsyncGenerator[ProofRecord | InvalidTheoremError, None]:
        """Prove several statements at once; see `Prover.prove_many`."""
        if workers < 1:
            raise ValueError("workers: at least 1")
        left = iter(statements)
        results: asyncio.Queue[ProofRecord | Exception | None] = asyncio.Queue(workers)

        async def work() -> None:
            try:
                for statement in left:
                    try:
                        result: ProofRecord | InvalidTheoremError = await self.prove(
                            statement, policy=policy, budget=budget, seed=seed, **limits
                        )
                    except InvalidTheoremError as error:
                        error.statement = statement.source if isinstance(statement, Theorem) else statement
                        result = error
                    await results.put(result)
            except Exception as error:
                await results.put(error)
            else:
                await results.put(None)

        tasks = [asyncio.create_task(work()) for _ in range(workers)]
        working = workers
        try:
            while working:
                match await results.get():
                    case None:
                        working -= 1
                    case ProofRecord() as record:
                        yield record
                    case InvalidTheoremError() as error if return_exceptions:
                        yield error
                    case Exception() as error:
                        raise error
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    @asynccontextmanager
    async def open(self, statement: str | Theorem, *, timeout_s: float = OPEN_TIMEOUT_S) -> AsyncIterator[AsyncSession]:
        """Start proving a statement by hand; see `Prover.open`."""
        session = await self.opened(statement, timeout_s=timeout_s)
        try:
            yield session
        finally:
            await session.close()

    async def opened(self, statement: str | Theorem, *, timeout_s: float = OPEN_TIMEOUT_S) -> AsyncSession:
        """Return what `open` gives, for callers who close it themselves."""
        session = AsyncSession(
            self._read(statement),
            self._environment,
            open_timeout_s=timeout_s,
            verify_timeout_s=self._assistant.verify_timeout_s,
            on_close=self._sessions.discard,
        )
        try:
            await session.open()
        except SessionCrashedError:  # a process that had ended already
            await session.open()
        self._sessions.add(session)
        return session

    async def verify(
        self, text: str, *, against: str | Theorem | None = None, timeout_s: float | None = None
    ) -> Verification:
        """Verify a whole text; see `Prover.verify`."""
        return await verify_text(
            text,
            self._environment,
            read=self._read,
            against=None if against is None else self._read(against),
            timeout_s=self._assistant.verify_timeout_s if timeout_s is None else timeout_s,
        )

    async def verify_many(
        self,
        texts: Iterable[str | tuple[str, str | Theorem]],
        *,
        workers: int | None = None,
        timeout_s: float | None = None,
    ) -> AsyncGenerator[Verification, None]:
        """Verify several texts at once; see `Prover.verify_many`."""
        workers = workers or share().room(CHECK_BYTES)

        async def one(text: str | tuple[str, str | Theorem]) -> Verification:
            source, against = (text, None) if isinstance(text, str) else text
            return await self.verify(source, against=against, timeout_s=timeout_s)

        async with aclosing(in_order(texts, one, at_once=workers)) as verifications:
            async for verification in verifications:
                yield verification

    async def fill(
        self,
        path: str | Path,
        *,
        policy: Policy | None = None,
        budget: SearchBudget | None = None,
        seed: int = 0,
        **limits: Unpack[Limits],
    ) -> FillReport:
        """Search for a proof for each `sorry` of a file; see `Prover.fill`."""
        if not isinstance(self._environment, FileEnvironment):
            raise NotImplementedError(f"{self.identity} fills no files; the embedded Lean and Lean projects do")
        data = await asyncio.to_thread(Path(path).read_bytes)
        try:
            text = data.decode()
        except UnicodeDecodeError as error:
            raise InvalidTheoremError(f"{path} is not UTF-8 text (byte {error.start})") from error
        return await fill_source(
            text,
            environment=self._environment,
            generator=await self._policy(policy),
            budget=limited(budget or SearchBudget(effort=HOLE_EFFORT), limits),
            seed=seed,
            verify_timeout_s=self._assistant.verify_timeout_s,
        )

    async def suggest(
        self,
        state: str | ProofState,
        *,
        header: str = "",
        n: int = 32,
        prefix: str = "",
        timeout_s: float = 10.0,
        policy: Policy | None = None,
        seed: int = 0,
    ) -> Suggestions:
        """Suggest tactics for a proof state, each of them tried; see `Prover.suggest`."""
        text = state.text if isinstance(state, ProofState) else state
        options = SuggestionOptions(n=n, prefix=prefix, timeout_s=timeout_s, seed=seed)
        suggester = Suggester(self._environment, await self._policy(policy))
        return await suggester.for_state(text, header=header, options=options)

    async def close(self) -> None:
        """End all processes and connections."""
        self._closed = True
        async with AsyncExitStack() as ending:  # in reverse, and all of it
            ending.push_async_callback(self._environment.close)
            ending.push_async_callback(self._stack.aclose)
            for session in self._sessions:
                ending.push_async_callback(session.close)

    def _read(self, statement: str | Theorem) -> Theorem:
        self._check_open()
        return statement if isinstance(statement, Theorem) else self._assistant.read(statement)

    async def _policy(self, given: Policy | None) -> TacticGenerator:
        """Return the policy to use. One with a name is opened when it is first asked for, and shared from then on."""
        self._check_open()
        wanted = self._assistant.policy if given is None else given
        if wanted is not None and not isinstance(wanted, str):
            return wanted
        if wanted is None and self._assistant.needs_policy:
            raise InvalidPolicyError("a proof assistant of your own needs a policy: policy=...")
        async with self._opening:
            if wanted not in self._policies:
                opening = self._assistant.open_policy(wanted)
                self._policies[wanted] = await self._stack.enter_async_context(opening)
            return self._policies[wanted]

    def _check_open(self) -> None:
        if self._closed:
            raise RuntimeError("this is closed; open a new one")
