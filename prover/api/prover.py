"""A proof assistant with a policy, for code that does not await: scripts, notebooks, threads."""

from __future__ import annotations

import weakref
from collections.abc import Iterable, Iterator
from pathlib import Path
from types import TracebackType
from typing import Literal, Self, Unpack, overload

from prover.api.assistant import Assistant, Policy, own
from prover.api.async_prover import AsyncProver
from prover.api.background import BackgroundLoop
from prover.api.options import Limits
from prover.api.session import Session
from prover.core.budget import SearchBudget
from prover.core.proof_state import ProofState
from prover.core.record import ProofRecord, Refutation, Verification
from prover.core.theorem import Theorem
from prover.environments.environment import OPEN_TIMEOUT_S, ProofEnvironment
from prover.errors import InvalidTheoremError
from prover.proving.closest import CLOSEST
from prover.proving.fill import FillReport
from prover.proving.prove import REFUTING
from prover.proving.refute import EFFORT
from prover.proving.suggest import Suggestions
from prover.settings import Settings


class Prover:
    """A proof assistant of your own; `Lean`, `LeanProject` and `Isabelle` are the ones that ship.

    One set of processes for any number of calls, from any number of threads. Processes start when they are needed and
    end with the `with` block, with `close()`, or with the object. `async with` gives an `AsyncProver` instead: the same
    methods, to be awaited.
    """

    def __init__(self, environment: ProofEnvironment, *, policy: Policy | None = None) -> None:
        """Prepare; nothing is started. The environment is closed with this object.

        `policy`: what searches use unless they are told otherwise.
        """
        self._prepare(own(environment, policy, Settings()))

    def _prepare(self, assistant: Assistant) -> None:
        self._assistant = assistant
        self._async = AsyncProver(assistant)
        self._loop = BackgroundLoop(self._async.close)
        self._entered: AsyncProver | None = None
        self._finalizer = weakref.finalize(self, self._loop.close_soon)
        self._finalizer.atexit = False  # the loop has its own way to end with the interpreter

    @property
    def identity(self) -> str:
        """The assistant's name and version, as records have it."""
        return self._async.identity

    def prove(
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
        """Search for a proof of a statement and verify what is found.

        `policy`: a name, as for `prover prove --policy`, or an object. The limits of the search are given as a budget,
        by keyword (`effort=30`), or both; more `timeout_s` alone raises the effort to as much. `seed`: for policies
        that sample. `refuting`: units of effort, beyond the budget, for counterexamples of a Lean statement; the
        record's `verdict` says what was found. `closest`: how many unfinished proofs the record shows if that is
        nothing.

        Raises:
            InvalidTheoremError: the statement cannot be used.
            ProofEnvironmentError: the proof assistant failed, or is not installed.
            GeneratorError: the policy failed.
            InvalidPolicyError: there is no such policy.
        """
        return self._loop.run(
            self._async.prove(
                statement, policy=policy, budget=budget, seed=seed, refuting=refuting, closest=closest, **limits
            )
        )

    def refute(self, statement: str | Theorem, *, effort: float = EFFORT) -> Refutation | None:
        """Look for a counterexample of a statement and verify that the statement is false.

        `effort`: units that the search may take; in Isabelle, seconds for each tool that is asked. Returns None if no
        counterexample is found, which proves nothing.

        Raises:
            InvalidTheoremError: the statement cannot be used.
            ProofEnvironmentError: the proof assistant failed, or is not installed.
        """
        return self._loop.run(self._async.refute(statement, effort=effort))

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
    ) -> Iterator[ProofRecord]: ...

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
    ) -> Iterator[ProofRecord | InvalidTheoremError]: ...

    def prove_many(
        self,
        statements: Iterable[str | Theorem],
        *,
        workers: int = 1,
        return_exceptions: bool = False,
        policy: Policy | None = None,
        budget: SearchBudget | None = None,
        seed: int = 0,
        **limits: Unpack[Limits],
    ) -> Iterator[ProofRecord | InvalidTheoremError]:
        """Prove several statements, `workers` of them at a time, and yield each record as its search ends.

        The order depends on that, the records do not depend on `workers`. `statements` are read as they are needed, at
        most twice as many ahead as there are workers. What is under way ends with the iterator.

        An invalid statement raises, which ends the rest; with `return_exceptions` its InvalidTheoremError is yielded
        in place of a record, and its `statement` says which it is. All else that `prove` raises is raised.
        """
        records = (
            self._async.prove_many(
                statements,
                workers=workers,
                return_exceptions=True,
                policy=policy,
                budget=budget,
                seed=seed,
                **limits,
            )
            if return_exceptions
            else self._async.prove_many(statements, workers=workers, policy=policy, budget=budget, seed=seed, **limits)
        )
        yield from self._loop.iterate(records)

    def open(self, statement: str | Theorem, *, timeout_s: float = OPEN_TIMEOUT_S) -> Session:
        """Start proving a statement by hand, which the assistant may take `timeout_s` to read.

        The session ends with its `with` block, with `close()`, or with the object.

        Raises:
            InvalidTheoremError: the statement cannot be used.
            ProofEnvironmentError: the proof assistant failed, or is not installed.
        """
        return Session(self._loop.run(self._async.opened(statement, timeout_s=timeout_s)), self._loop, owner=self)

    def verify(
        self, text: str, *, against: str | Theorem | None = None, timeout_s: float | None = None
    ) -> Verification:
        """Verify a whole text in a fresh process; with `against`, that it proves exactly that statement.

        Raises:
            InvalidTheoremError: a text is empty, or `against` is not a statement.
            ProofEnvironmentError: the proof assistant failed, or is not installed.
        """
        return self._loop.run(self._async.verify(text, against=against, timeout_s=timeout_s))

    def verify_many(
        self,
        texts: Iterable[str | tuple[str, str | Theorem]],
        *,
        workers: int | None = None,
        timeout_s: float | None = None,
    ) -> Iterator[Verification]:
        """Verify several texts, or pairs of a text and the statement it must prove, and yield the verdicts in order.

        `workers` of them are verified at a time, by default one a core, fewer where memory is short; texts are read as
        they are needed. What is under way ends with the iterator. Raises what `verify` raises.
        """
        yield from self._loop.iterate(self._async.verify_many(texts, workers=workers, timeout_s=timeout_s))

    def fill(
        self,
        path: str | Path,
        *,
        policy: Policy | None = None,
        budget: SearchBudget | None = None,
        seed: int = 0,
        **limits: Unpack[Limits],
    ) -> FillReport:
        """Search for a proof for each `sorry` of a Lean file. The limits hold for each of them.

        The file is left alone: `source` of the report is its text with what was found and verified.

        Raises:
            OSError: the file cannot be read.
            InvalidTheoremError: the file has errors.
            NotImplementedError: the assistant fills no files.
            ProofEnvironmentError: the proof assistant failed, or is not installed.
        """
        return self._loop.run(self._async.fill(path, policy=policy, budget=budget, seed=seed, **limits))

    def suggest(
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
        """Suggest tactics for the first goal of a state, as a session has it or as Lean prints it; each is tried.

        The goal is read back as a theorem behind `header` (imports, definitions). There are at most `n` suggestions,
        all begin with `prefix`, and trying them takes at most `timeout_s` seconds.

        Raises:
            InvalidTheoremError: the text holds no goal.
            ProofEnvironmentError: the proof assistant failed, or is not installed.
        """
        suggesting = self._async.suggest(
            state, header=header, n=n, prefix=prefix, timeout_s=timeout_s, policy=policy, seed=seed
        )
        return self._loop.run(suggesting)

    def close(self) -> None:
        """End what is under way, and all processes and connections."""
        self._finalizer.detach()
        self._loop.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    async def __aenter__(self) -> AsyncProver:
        if self._entered is not None:
            raise RuntimeError("this is open already; use one object for each `async with`")
        self._entered = AsyncProver(self._assistant)
        return self._entered

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        entered, self._entered = self._entered, None
        if entered is not None:
            await entered.close()
