"""A whole file in the embedded Lean, and its holes."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager

from prover.core.theorem import Theorem
from prover.environments.holes import Hole, Trial
from prover.environments.lean_wasm.answers import invalid_theorem, messages_of
from prover.environments.lean_wasm.process import LeanProcess, reading
from prover.environments.lean_wasm.session import LeanSession, runs_code
from prover.errors import InvalidTheoremError, Message


class LeanFile:
    """A whole file in one search process. Lean keeps it until it reads another file."""

    def __init__(self, process: LeanProcess, source: Theorem, *, heartbeats: int, timeout_s: float) -> None:
        self._process = process
        self._source = source
        self._heartbeats = heartbeats
        self._timeout_s = timeout_s
        self.ran_code = runs_code(source.body)
        self.on_open: Callable[[], object] = lambda: None
        """Called when a hole is opened: there may be something to verify then."""
        self.holes: tuple[Hole, ...] = ()
        self.sorries: tuple[int, ...] = ()
        self.messages: tuple[Message, ...] = ()

    async def start(self) -> None:
        """Read the file. Raises InvalidTheoremError if it has errors."""
        answer = await self._process.request(
            "holes",
            source=self._source.body,
            **reading(self._timeout_s),
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
        self.ran_code = self.ran_code or any(runs_code(text) for _, text in fillings)
        answer = await self._process.request(
            "fill",
            source=self._source.body,
            fillings=[list(filling) for filling in fillings],
            **reading(self._timeout_s),
        )
        if "sorries" in answer:
            return Trial(answer.get("problem"), answer["sorries"])
        return Trial(str(answer.get("crash") or answer.get("invalid") or "Lean needs too long to read it"), 0)
