"""Warm REPL processes, by imports. A process is used by one at a time and serves only theorems with its imports.

Beside those in use there is a spare: when a process has to be ended, because a tactic does not end, the spare takes its
place at once and another loads the imports in the background. Verification takes a spare too, and ends it afterwards.
"""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from prover.environments.lean_repl.answers import Refusal, read_command
from prover.environments.lean_repl.process import AnswerTimeoutError, ReplProcess
from prover.errors import EnvironmentUnavailableError, InvalidTheoremError, ProofEnvironmentError
from prover.telemetry import announced

logger = logging.getLogger(__name__)

Imports = tuple[str, ...]
LONG_START_S = 20.0
"""Mathlib takes some seconds at each start: only a longer one is announced."""
_NO_MODULE = re.compile(r"unknown module prefix|object file .* does not exist|unknown package|no such file", re.I)


@dataclass(frozen=True, slots=True)
class PoolLimits:
    """How many processes there are, and when one is replaced.

    `sessions`: number that searches use concurrently. `spares`: number kept warm beside them for each of the last
    `imports` sets of imports. `commands`, `growth_mb`: requests and memory growth after which a process is replaced
    between two tactics; at twice the growth, during one. `start_s`: limit for loading the imports.
    """

    sessions: int = 4
    spares: int = 1
    imports: int = 2
    commands: int = 2000
    growth_mb: float = 4096.0
    start_s: float = 300.0


class ReplPool:
    """Starts, keeps and replaces processes of one project."""

    def __init__(
        self, command: Sequence[str], folder: Path, limits: PoolLimits, *, programs: Path | None = None
    ) -> None:
        """`command`: what starts a REPL in `folder`, with `programs` before PATH. Nothing is started yet."""
        self.limits = limits
        self._command = tuple(command)
        self._folder = folder
        self._programs = programs
        self._places = asyncio.Semaphore(limits.sessions)
        self._spares: dict[Imports, list[asyncio.Future[ReplProcess]]] = {}  # the least recently used imports first
        self._given: set[ReplProcess] = set()

    async def acquire(self, imports: Imports) -> ReplProcess:
        """Wait for a place, and lend a process that has loaded the imports; `give_back` or `replace` it.

        Raises:
            InvalidTheoremError: there is no such module.
            EnvironmentUnavailableError: the REPL does not start.
        """
        await self._places.acquire()
        try:
            process = await self._take(imports)
        except BaseException:
            self._places.release()
            raise
        return process

    async def give_back(self, imports: Imports, process: ReplProcess, *, clean: bool) -> None:
        """End the use of a process; `clean`: it may serve another theorem."""
        self._given.discard(process)
        self._places.release()
        if clean and process.alive and not self.worn(process) and self.limits.spares:
            spares = self._remember(imports)
            spares.insert(0, _done(process))
            await self._trim()
        else:
            await process.close()

    async def replace(self, imports: Imports, process: ReplProcess) -> ReplProcess:
        """End a process and give another in its place."""
        self._given.discard(process)
        await process.close()
        return await self._take(imports)

    async def fresh(self, imports: Imports) -> ReplProcess:
        """Return a process that has loaded the imports and done nothing else. It takes no place; the caller ends it."""
        return await self._take(imports, unused=True)

    def worn(self, process: ReplProcess) -> bool:
        """Return whether a process has done so much that it should be replaced."""
        return process.commands >= self.limits.commands or process.growth_mb > self.limits.growth_mb

    async def close(self) -> None:
        """End all processes."""
        tasks = [task for spares in self._spares.values() for task in spares]
        self._spares.clear()
        given, self._given = self._given, set()
        await asyncio.gather(*map(_discard, tasks), *(process.close() for process in given))

    async def _take(self, imports: Imports, *, unused: bool = False) -> ReplProcess:
        spares = self._remember(imports)
        taken: ReplProcess | None = None
        for task in list(spares):
            if task not in spares:  # somebody took it while we waited for another
                continue
            if unused and task.done() and not _failed(task) and task.result().commands > 1:
                continue
            spares.remove(task)
            try:
                process = await _result(task)
            except InvalidTheoremError:
                raise
            except ProofEnvironmentError as error:
                logger.info("a spare REPL did not start: %s", error)
                continue
            if process.alive:
                taken = process
                break
            await process.close()
        taken = taken or await self._start(imports)
        if not unused:
            self._given.add(taken)
        self._refill(imports)
        await self._trim()
        return taken

    def _refill(self, imports: Imports) -> None:
        spares = self._remember(imports)
        for _ in range(self.limits.spares - len(spares)):
            task = asyncio.create_task(self._start(imports))
            task.add_done_callback(lambda done: done.cancelled() or done.exception())
            spares.append(task)

    def _remember(self, imports: Imports) -> list[asyncio.Future[ReplProcess]]:
        spares = self._spares.pop(imports, [])
        self._spares[imports] = spares
        return spares

    async def _trim(self) -> None:
        """End surplus spares, and those of imports that have not been used lately."""
        surplus: list[asyncio.Future[ReplProcess]] = []
        while len(self._spares) > self.limits.imports:
            surplus += self._spares.pop(next(iter(self._spares)))
        for spares in self._spares.values():
            # One that has been used is kept beside a spare, for the next search.
            while len(spares) > self.limits.spares + 1:
                surplus.append(spares.pop())
        await asyncio.gather(*map(_discard, surplus))

    async def _start(self, imports: Imports) -> ReplProcess:
        process = await ReplProcess.start(self._command, self._folder, self._programs)
        try:
            text = "\n".join(f"import {module}" for module in imports)
            async with announced(f"Lean to load {' '.join(imports) or 'its library'}", after_s=LONG_START_S):
                answer = read_command(await process.request({"cmd": text}, timeout_s=self.limits.start_s))
            problem = answer.message if isinstance(answer, Refusal) else next((e.text for e in answer.errors), None)
            if problem is not None:
                if _NO_MODULE.search(problem):
                    raise InvalidTheoremError(
                        f"the imports cannot be loaded: {problem}",
                        hint="is the module spelt right, and the project built? prover setup --lean-project DIR",
                    )
                raise EnvironmentUnavailableError(f"the imports cannot be loaded: {problem}")
            assert not isinstance(answer, Refusal)
            process.environments[""] = answer.env
            process.settled()
            return process
        except AnswerTimeoutError:
            raise EnvironmentUnavailableError(
                f"the imports were not loaded within {self.limits.start_s:.0f} s (PROVER_LEAN__START_TIMEOUT_S)"
            ) from None
        except ProofEnvironmentError as error:
            await process.close()
            if isinstance(error, EnvironmentUnavailableError):
                raise
            raise EnvironmentUnavailableError(
                f"the REPL does not start ({' '.join(self._command)}): {error}; see docs/how-to/lean-projects.md"
            ) from error
        except BaseException:
            await process.close()
            raise


class Lease:
    """A place in the pool, and the process that has it now."""

    def __init__(self, pool: ReplPool, imports: Imports, process: ReplProcess) -> None:
        self.pool = pool
        self.process = process
        self._imports = imports

    @classmethod
    async def take(cls, pool: ReplPool, imports: Imports) -> Lease:
        """Wait for a place; see ReplPool.acquire."""
        return cls(pool, imports, await pool.acquire(imports))

    @property
    def usable(self) -> bool:
        """Is the process alive, and not worn?"""
        return self.process.alive and not self.pool.worn(self.process)

    async def renew(self) -> None:
        """End the process and get another in its place."""
        self.process = await self.pool.replace(self._imports, self.process)

    async def end(self, *, clean: bool) -> None:
        """Give the place back; `clean`: the process may serve another theorem."""
        await self.pool.give_back(self._imports, self.process, clean=clean)


def _done(process: ReplProcess) -> asyncio.Future[ReplProcess]:
    future = asyncio.get_running_loop().create_future()
    future.set_result(process)
    return future


def _failed(task: asyncio.Future[ReplProcess]) -> bool:
    return task.cancelled() or task.exception() is not None


async def _result(task: asyncio.Future[ReplProcess]) -> ReplProcess:
    """Wait for a process; if we are cancelled meanwhile, it is ended when it has started."""
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        if not task.cancelled():
            await _discard(task)
        raise


async def _discard(task: asyncio.Future[ReplProcess]) -> None:
    task.cancel()
    found = await asyncio.gather(task, return_exceptions=True)
    if isinstance(found[0], ReplProcess):
        await found[0].close()
