"""From a file with `sorry`s to the file with proofs in their place."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable
from contextlib import AsyncExitStack
from typing import Literal

from pydantic import Field, computed_field

from prover._version import __version__
from prover.core.axioms import STANDARD_AXIOMS
from prover.core.budget import BudgetMeter, SearchBudget
from prover.core.record import STOP_REASONS_IN_WORDS, Frozen, Refutation, SearchResult, StopReason, Verification
from prover.core.replacements import FilledText, replacements
from prover.core.theorem import Theorem
from prover.environments.environment import OPEN_TIMEOUT_S
from prover.environments.holes import FileEnvironment, Hole, OpenedFile
from prover.errors import InvalidTheoremError, ProofEnvironmentError, SessionCrashedError
from prover.policies.generator import TacticGenerator, for_theorem, put_at_goal, put_at_place
from prover.proving.false_goal import false_goal, goal_in_file
from prover.proving.shortening.last_tactic import shorten_in
from prover.search.best_first import best_first_search
from prover.search.cancelling import cancelled_by

logger = logging.getLogger(__name__)

HOLE_EFFORT = 30.0
VERIFY_TIMEOUT_S = 60.0
MOST_MESSAGES = 1000  # that a check reports


class HoleReport(Frozen):
    """One `sorry`, and what became of it. Lines and columns count from 1."""

    line: int
    column: int
    kind: Literal["tactic", "term"]
    declaration: str = Field(description="what it is part of")
    goal: str | None = Field(description="what is to be shown, as Lean prints it")
    filled: bool = False
    tactics: tuple[str, ...] = ()
    replacement: str | None = Field(default=None, description="what stands there now")
    reason: str | None = Field(default=None, description="why it is not filled")
    refutation: Refutation | None = Field(default=None, description="that its goal is false, if that was found")
    search: SearchResult | None = None
    elapsed_s: float = 0.0


class FillReport(Frozen):
    """Everything about filling one file. `complete` is true only with an accepted verification, or nothing to do."""

    prover_version: str = __version__
    environment: str
    policy: str
    budget: SearchBudget
    holes: tuple[HoleReport, ...]
    source: str = Field(description="the text with what was filled")
    sorries: int = Field(description="declarations that use `sorry`, in the text as it was")
    verification: Verification | None = Field(default=None, description="of the text with what was filled")
    cancelled: bool = False
    elapsed_s: float = 0.0

    @computed_field  # type: ignore[prop-decorator]  # mypy knows no decorated properties
    @property
    def filled(self) -> int:
        """How many holes were filled."""
        return sum(hole.filled for hole in self.holes)

    @computed_field  # type: ignore[prop-decorator]
    @property
    def complete(self) -> bool:
        """Is no `sorry` left, and the file verified if it was changed?"""
        if not self.holes:
            return self.sorries == 0
        return self.filled == len(self.holes) and self.verification is not None and self.verification.accepted


HoleListener = Callable[[HoleReport], None]


async def fill_source(
    text: str,
    *,
    environment: FileEnvironment,
    generator: TacticGenerator,
    budget: SearchBudget | None = None,
    look_only: bool = False,
    seed: int = 0,
    verify_timeout_s: float = VERIFY_TIMEOUT_S,
    listener: HoleListener | None = None,
    cancel: asyncio.Event | None = None,
) -> FillReport:
    """Search for a proof for each `sorry` of a file, put in what is found, and check the whole file afresh.

    Nothing but the `sorry`s changes. `budget` holds for each of them. With `look_only`, they are only listed.

    Raises:
        InvalidTheoremError: the file has errors, or cannot be read.
        ProofEnvironmentError: the proof assistant failed.
        GeneratorError: the policy failed.
        CancelledError: `cancel` was set while the file was read or checked.
    """
    budget = budget or SearchBudget(effort=HOLE_EFFORT)
    started = time.monotonic()
    filler = _Filler(FilledText(text), environment, generator, budget, seed, verify_timeout_s, cancel)
    await filler.run(look_only=look_only, listener=listener)
    return FillReport(
        environment=environment.identity,
        policy=generator.identity,
        budget=budget,
        holes=tuple(filler.reports),
        source=filler.text.filled(dict(filler.accepted())),
        sorries=filler.sorries,
        verification=filler.verification,
        cancelled=cancel is not None and cancel.is_set(),
        elapsed_s=time.monotonic() - started,
    )


class _Filler:
    """One file being filled."""

    def __init__(
        self,
        text: FilledText,
        environment: FileEnvironment,
        generator: TacticGenerator,
        budget: SearchBudget,
        seed: int,
        verify_timeout_s: float,
        cancel: asyncio.Event | None,
    ) -> None:
        self.text = text
        self.environment = environment
        self.generator = generator
        self.budget = budget
        self.seed = seed
        self.verify_timeout_s = verify_timeout_s
        self.cancel = cancel
        self.reports: list[HoleReport] = []
        self.sorries = 0
        self.verification: Verification | None = None
        self._left: dict[int, int] = {}  # command -> declarations that use `sorry`, where that has changed

    def accepted(self) -> list[tuple[int, str]]:
        """Return the places that are filled, and with what."""
        return [
            (self.text.place(hole.line, hole.column - 1), hole.replacement)
            for hole in self.reports
            if hole.filled and hole.replacement is not None
        ]

    async def run(self, *, look_only: bool, listener: HoleListener | None) -> None:
        if not self.text.plain.strip():
            return
        source = Theorem.from_text(self.text.plain)
        async with AsyncExitStack() as stack:
            with cancelled_by(self.cancel):
                opening = self.environment.open_file(source, timeout_s=OPEN_TIMEOUT_S)
                file = await stack.enter_async_context(opening)
                policy = await stack.enter_async_context(for_theorem(self.generator, source))
            self.sorries = sum(file.sorries)
            for hole in file.holes:
                report = HoleReport(
                    line=hole.line,
                    column=hole.column + 1,
                    kind=hole.kind,
                    declaration=hole.declaration,
                    goal=hole.goal,
                    reason=hole.obstacle,
                )
                if hole.obstacle is None:
                    if look_only or (self.cancel is not None and self.cancel.is_set()):
                        report = report.model_copy(update={"reason": "not tried"})
                    else:
                        report = await self._fill(file, hole, report, policy)
                self.reports.append(report)
                if listener:
                    listener(report)
            expected = self.sorries - sum(file.sorries[command] - left for command, left in self._left.items())
        if any(report.filled for report in self.reports) and not (self.cancel is not None and self.cancel.is_set()):
            with cancelled_by(self.cancel):
                await self._confirm(expected, listener)

    async def _fill(self, file: OpenedFile, hole: Hole, report: HoleReport, policy: TacticGenerator) -> HoleReport:
        """Search for what can stand in a hole's place."""
        started = time.monotonic()
        head, tail = self.text.around(hole.line, hole.column, dict(self.accepted()))
        put_at_place(policy, "\n".join([*self.text.plain.split("\n")[: hole.line - 1], head]))
        put_at_goal(policy, self._stated(hole))
        before = [
            (number, report.replacement)
            for number, report in enumerate(self.reports)
            if report.replacement is not None and file.holes[number].command == hole.command
        ]
        refused: str | None = None
        replacement: str | None = None

        async def confirm(tactics: tuple[str, ...]) -> bool:
            nonlocal refused, replacement
            for text in replacements(hole.kind, head, tail, tactics):
                trial = await file.fits([*before, (hole.number, text)])
                if trial.problem is None and trial.sorries <= self._left.get(hole.command, file.sorries[hole.command]):
                    self._left[hole.command], replacement = trial.sorries, text
                    return True
                refused = refused or f"`{'; '.join(tactics)}` does not fit: {trial.problem or 'it brings a sorry'}"
            return False

        try:
            async with file.open(hole) as session:
                result = await best_first_search(
                    session,
                    policy,
                    BudgetMeter(self.budget),
                    seed=self.seed,
                    confirm=confirm,
                    shorten=shorten_in(session, timeout_s=self.budget.tactic_timeout_s),
                    cancel=self.cancel,
                )
        except SessionCrashedError as error:
            return report.model_copy(
                update={"reason": f"Lean failed: {error}", "elapsed_s": time.monotonic() - started}
            )
        found = result.stop is StopReason.FOUND and replacement is not None
        refutation = None if found else await self._refuted(hole)
        return report.model_copy(
            update={
                "filled": found,
                "tactics": result.tactics or () if found else (),
                "replacement": replacement if found else None,
                "reason": None if found else _why_left(result, refutation, refused),
                "refutation": refutation,
                "search": result,
                "elapsed_s": time.monotonic() - started,
            }
        )

    def _stated(self, hole: Hole) -> Theorem | None:
        """Return the goal of a hole as a theorem, if it can be stated."""
        try:
            return goal_in_file(hole.goal, self.text.plain, hole.line) if hole.goal else None
        except InvalidTheoremError:
            return None

    async def _refuted(self, hole: Hole) -> Refutation | None:
        """Is the goal of a hole false, as far as what is printed of it says? Nothing is lost if that fails."""
        if hole.goal is None or (self.cancel is not None and self.cancel.is_set()):
            return None
        try:
            return await false_goal(hole.goal, self.text.plain, hole.line, self.environment)
        except ProofEnvironmentError as error:
            logger.warning("whether the goal at line %d is false is not known: %s", hole.line, error)
            return None

    async def _confirm(self, expected: int, listener: HoleListener | None) -> None:
        """Check the whole file afresh; if that fails, put the fillings in one by one and undo those that break it."""
        own = STANDARD_AXIOMS | {"sorryAx"}
        self.verification = await self._check()
        if set(self.verification.axioms) - own:  # then the file may have axioms of its own
            original = Theorem.from_text(self.text.plain)
            verdict = await self.environment.check_file(original, timeout_s=self.verify_timeout_s, original=original)
            own = own | set(verdict.axioms)
        if _stands(self.verification, expected, own):
            return
        wanted, self.reports = (
            self.reports,
            [_undone(report, "") if report.filled else report for report in self.reports],
        )
        for index, report in enumerate(wanted):
            if not report.filled:
                continue
            self.reports[index] = report
            verification = await self._check()
            if _stands(verification, None, own):
                self.verification = verification
                continue
            self.reports[index] = _undone(report, _complaint(verification))
            if listener:
                listener(self.reports[index])
        if not any(report.filled for report in self.reports):
            self.verification = None

    async def _check(self) -> Verification:
        text = FilledText(self.text.filled(dict(self.accepted()))).plain
        return await self.environment.check_file(
            Theorem.from_text(text), timeout_s=self.verify_timeout_s, original=Theorem.from_text(self.text.plain)
        )


def _stands(verification: Verification, sorries: int | None, axioms: frozenset[str]) -> bool:
    """Did a check of a file find no error, as many uses of `sorry` as expected (or any), and no other axioms?"""
    if verification.timed_out or any(message.severity == "error" for message in verification.messages):
        return False
    warned = sum("declaration uses" in message.text for message in verification.messages)
    counted = len(verification.messages) < MOST_MESSAGES  # or some were left out
    return (sorries is None or warned == sorries or not counted) and set(verification.axioms) <= axioms


def _complaint(verification: Verification) -> str:
    return verification.reason or "it brings another sorry"


def _undone(report: HoleReport, why: str) -> HoleReport:
    reason = f"what was found breaks the file: {why}"
    return report.model_copy(update={"filled": False, "replacement": None, "reason": reason})


def _why_left(result: SearchResult, refutation: Refutation | None, refused: str | None) -> str:
    if refutation is not None:
        return f"its goal is false for {refutation.in_words}" if refutation.in_words else "its goal is false"
    if refused:
        return refused
    words = STOP_REASONS_IN_WORDS[result.stop]
    if result.stop is StopReason.FOUND:
        return "what was found does not fit"
    return words if result.stop is StopReason.CANCELLED else f"no proof found: {words}"


__all__ = ["FillReport", "HoleReport", "fill_source"]
