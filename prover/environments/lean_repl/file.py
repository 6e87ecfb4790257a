"""A whole file of a Lean project with its `sorry`s, in one REPL process at a time.

The REPL says where a `sorry` is, and its goal. Its surroundings are read from the text (syntax/lean/commands.py), and
Lean is asked where the text does not tell: whether the place takes a tactic or a term, whether the goal is a
proposition. The file is elaborated in pieces, each on top of the one before, so that a
filling is tried in its own command and not in the whole file.
"""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from typing import Literal

from prover.core.proof_state import Advanced, TacticOutcome
from prover.core.replacements import WORD_LENGTH
from prover.core.theorem import Theorem
from prover.environments.environment import OpenedTheorem
from prover.environments.holes import Hole, Trial
from prover.environments.lean_repl.answers import CommandAnswer, Refusal, Sorry, StepAnswer, read_step
from prover.environments.lean_repl.driver import LeanReplDriver
from prover.environments.lean_repl.elaboration import elaborate
from prover.environments.lean_repl.pool import Lease
from prover.environments.lean_repl.process import AnswerTimeoutError, ReplProcess
from prover.environments.lean_repl.whole_commands import needs_whole_commands, outcome_of
from prover.environments.replaying_session import ReplayingSession
from prover.environments.syntax.lean.commands import HOLES, Piece, declaration_at, pieces
from prover.environments.syntax.lean.screening import bare_proof, proof_problem
from prover.environments.syntax.lean.statement import HEARTBEATS
from prover.environments.syntax.lean.tokens import Token, tokens
from prover.errors import InvalidTheoremError, Message, SessionCrashedError

Kind = Literal["tactic", "term"]
IS_PROPOSITION = "refine _root_.Classical.byContradiction fun _ => ?_"
"""Applies to every proposition, and to nothing else."""
_AFTER: dict[str, Kind] = {
    "by": "tactic", ":=": "term", "from": "term", "exact": "term", "⟨": "term", ",": "term", "$": "term", "<|": "term"
}  # fmt: skip
"""What a `sorry` behind such a word is; behind others Lean is asked."""


@dataclass(frozen=True, slots=True)
class _Place:
    """A `sorry` of the file: in which piece, and where in that: by line (from 1) and column (from 0), by character."""

    piece: int
    line: int
    column: int
    offset: int


class LeanReplFile:
    """A file that Lean has read without errors; see OpenedFile."""

    def __init__(self, lease: Lease, source: Theorem, *, timeout_s: float) -> None:
        self._lease = lease
        self._source = source
        self._timeout_s = timeout_s
        self._pieces: tuple[Piece, ...] = ()
        self._places: tuple[_Place, ...] = ()
        self._numbers: dict[int, int] = {}
        self._numbered_in: ReplProcess | None = None
        self.holes: tuple[Hole, ...] = ()
        self.sorries: tuple[int, ...] = ()
        self.messages: tuple[Message, ...] = ()

    async def start(self) -> None:
        """Read the file.

        Raises:
            InvalidTheoremError: it has errors, or takes too long.
        """
        body = self._source.body
        try:
            found = pieces(body)
            answers = await self._read(found)
            if len(found) > 1 and any(answer.errors for answer in answers):  # they may be of our cutting
                found = (Piece(body, 0, 0),)
                answers = await self._read(found)
        except AnswerTimeoutError:
            raise InvalidTheoremError(f"Lean needs more than {self._timeout_s:.3g} s to read the file") from None
        self._pieces = found
        self.messages = tuple(
            replace(message, line=message.line + piece.line) if message.line else message
            for piece, answer in zip(found, answers, strict=False)
            for message in answer.messages
        )
        if wrong := [message for message in self.messages if message.severity == "error"]:
            raise InvalidTheoremError(wrong[0].text, messages=self.messages)
        self.sorries = tuple(answer.unproved for answer in answers)
        await self._look_at_holes(answers)

    @asynccontextmanager
    async def open(self, hole: Hole) -> AsyncIterator[ReplayingSession[int]]:
        """Start proving the goal of a hole."""
        session = ReplayingSession(LeanReplDriver(self._lease, _HoleOfFile(self, hole), open_timeout_s=self._timeout_s))
        await session.start()
        yield session

    async def fits(self, fillings: Sequence[tuple[int, str]]) -> Trial:
        """Elaborate the last hole's command with these texts in place of its holes."""
        for _, text in fillings:
            if problem := proof_problem(bare_proof(text)):
                return Trial(problem.reason, 0)
        number = self._places[fillings[-1][0]].piece
        text = self._filled(number, dict(fillings))
        try:
            if not self._lease.usable:
                await self._lease.renew()
            answer = await self._elaborated(self._lease.process, number, text)
        except AnswerTimeoutError:
            return Trial("Lean needs too long to read it", 0)
        except SessionCrashedError as error:
            return Trial(str(error), 0)
        return Trial(answer.errors[0].text if answer.errors else None, answer.unproved)

    async def state(self, hole: Hole, process: ReplProcess) -> tuple[str, int]:
        """Return a hole's goal, and the number of its state in a process, which is made there if need be."""
        place = self._places[hole.number]
        if self._numbered_in is not process:
            self._numbers, self._numbered_in = {}, process
        if hole.number not in self._numbers:
            try:
                answer = await self._elaborated(process, place.piece, self._pieces[place.piece].text)
            except AnswerTimeoutError:
                raise SessionCrashedError("Lean needs too long to read the file again") from None
            self._keep_numbers(place.piece, answer)
        if hole.goal is None or hole.number not in self._numbers:
            raise InvalidTheoremError("Lean gives no state for this `sorry`")
        return hole.goal, self._numbers[hole.number]

    async def whole(
        self, hole: Hole, process: ReplProcess, tactics: Sequence[str], *, timeout_s: float
    ) -> TacticOutcome:
        """Return what becomes of tactics in a hole when Lean reads its command with them."""
        place = self._places[hole.number]
        opening = "(" if hole.kind == "term" else "exact ("
        indented = "".join(f"\n{' ' * (place.column + 4)}{line}" for line in "\n".join(tactics).splitlines())
        text = self._filled(place.piece, {hole.number: f"{opening}by{indented})"})
        answer = await self._elaborated(process, place.piece, text, end=time.monotonic() + timeout_s)
        return outcome_of(answer, (place.line, place.column + len(opening)))

    # ---- reading ---------------------------------------------------------------------------------------------
    async def _read(self, found: tuple[Piece, ...]) -> list[CommandAnswer]:
        """Elaborate pieces one on top of the other, up to the first with an error."""
        end = time.monotonic() + self._timeout_s
        self._pieces = found
        answers: list[CommandAnswer] = []
        for number, piece in enumerate(found):
            answers.append(await self._elaborated(self._lease.process, number, piece.text, end=end))
            if answers[-1].errors:
                break
        return answers

    async def _look_at_holes(self, answers: Sequence[CommandAnswer]) -> None:
        """List the holes, with what Lean and the text around them tell."""
        found = tokens(self._source.body)
        self._numbered_in = self._lease.process
        holes: list[Hole] = []
        places: list[_Place] = []
        goals: list[str | None] = []
        for i, token in enumerate(found):
            if token.text not in HOLES:
                continue
            place = self._place(token)
            reported = _at(answers[place.piece].sorries, place)
            if reported is None and token.text != "sorry":
                continue  # a name of somebody's
            places.append(place)
            goals.append(reported.goal if reported else None)
            self._places = tuple(places)
            if reported is not None and reported.proof_state is not None:
                self._numbers[len(holes)] = reported.proof_state
            line = self._pieces[place.piece].line + place.line
            declaration = declaration_at(self._source.body, token.start)
            hole = Hole(len(holes), line, place.column, "term", declaration or "", place.piece, goals[-1], None)
            before = found[i - 1].text if i else ""
            obstacle = await self._obstacle(hole, before)
            kind: Kind = "term" if obstacle else await self._kind(hole, before)
            holes.append(replace(hole, kind=kind, obstacle=obstacle))
        self.holes = tuple(holes)

    async def _obstacle(self, hole: Hole, before: str) -> str | None:
        """Return why no proof can stand in a hole, or None."""
        if not hole.declaration:
            return "it stands in no proof"
        if hole.goal is None:
            return "Lean never elaborates it"
        if any(token.text in ("sorry", "sorryAx") for token in tokens(hole.goal)):
            return "its goal mentions another sorry"
        if hole.number not in self._numbers:
            return "Lean gives no state for it"
        request = {"proofState": self._numbers[hole.number], "tactic": IS_PROPOSITION}
        answer = read_step(await self._lease.process.request(request, timeout_s=self._timeout_s))
        proposition = isinstance(answer, StepAnswer) and answer.error is None and bool(answer.goals)
        if isinstance(answer, Refusal) and needs_whole_commands(answer.message, hole.declaration):
            known = replace(hole, kind=await self._kind(hole, before))
            tried = await self.whole(known, self._lease.process, [IS_PROPOSITION], timeout_s=self._timeout_s)
            proposition = isinstance(tried, Advanced)
        return None if proposition else "it is data, not a proof"

    async def _kind(self, hole: Hole, before: str) -> Kind:
        """Say whether a tactic or a term stands in a hole. Only a term can be `(by ...)`."""
        if before in _AFTER:
            return _AFTER[before]
        place = self._places[hole.number]
        text = self._filled(place.piece, {hole.number: "(by sorry)"})
        answer = await self._elaborated(self._lease.process, place.piece, text)
        return "tactic" if answer.errors else "term"

    # ---- text ------------------------------------------------------------------------------------------------
    def _place(self, token: Token) -> _Place:
        number = next(i for i, piece in enumerate(self._pieces) if piece.start <= token.start < piece.end)
        piece = self._pieces[number]
        before = piece.text[: token.start - piece.start]
        line_start = before.rfind("\n") + 1
        return _Place(number, before.count("\n") + 1, len(before) - line_start, len(before))

    def _filled(self, number: int, fillings: Mapping[int, str]) -> str:
        """Return a piece's text with texts in place of some of its holes."""
        text, parts, at = self._pieces[number].text, [], 0
        for hole, place in enumerate(self._places):
            if place.piece == number and hole in fillings:
                parts += [text[at : place.offset], fillings[hole]]
                at = place.offset + WORD_LENGTH
        return "".join([*parts, text[at:]])

    # ---- the process -----------------------------------------------------------------------------------------
    async def _elaborated(
        self, process: ReplProcess, number: int, text: str, *, end: float | None = None
    ) -> CommandAnswer:
        """Elaborate a text in the place of a piece. The pieces before it are elaborated once in a process."""
        end = end if end is not None else time.monotonic() + self._timeout_s
        prefix, env = "", process.environments[""]
        for piece in self._pieces[:number]:
            prefix += piece.text
            if prefix not in process.environments:
                answer = await elaborate(process, piece.text, env, timeout_s=end - time.monotonic())
                process.environments[prefix] = answer.env
            env = process.environments[prefix]
        answer = await elaborate(process, text, env, timeout_s=end - time.monotonic())
        if text == self._pieces[number].text and not answer.errors:
            process.environments.setdefault(prefix + text, answer.env)
        return answer

    def _keep_numbers(self, piece: int, answer: CommandAnswer) -> None:
        for number, place in enumerate(self._places):
            if place.piece == piece and (found := _at(answer.sorries, place)) and found.proof_state is not None:
                self._numbers[number] = found.proof_state


class _HoleOfFile:
    """What a session begins with; see driver.Beginning."""

    heartbeats = HEARTBEATS
    forbidden: frozenset[str] = frozenset()

    def __init__(self, file: LeanReplFile, hole: Hole) -> None:
        self._file = file
        self._hole = hole

    @property
    def theorem(self) -> OpenedTheorem:
        """The declaration that the hole is in, with the hole's goal for a statement."""
        return OpenedTheorem(self._hole.declaration, self._hole.goal or "", "")

    async def state(self, process: ReplProcess, *, timeout_s: float) -> tuple[str, int]:
        """Return goal and state; the file has its own limit."""
        return await self._file.state(self._hole, process)

    async def whole(self, process: ReplProcess, tactics: Sequence[str], *, timeout_s: float) -> TacticOutcome:
        """Try the tactics in the hole's own command."""
        return await self._file.whole(self._hole, process, tactics, timeout_s=timeout_s)


def _at(sorries: Sequence[Sorry], place: _Place) -> Sorry | None:
    """Return what the REPL says of a place; where one `sorry` stands for several goals, of the first."""
    return next((sorry for sorry in sorries if (sorry.line, sorry.column) == (place.line, place.column)), None)
