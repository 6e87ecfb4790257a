"""Problem sets: JSON Lines of statements, one object a line."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from prover.core.theorem import Theorem, with_header
from prover.errors import InvalidProblemSetError

CORE = "core"
TEXTBOOK = "textbook"
ISABELLE_TEXTBOOK = "isabelle-textbook"
CANARY_SPLIT = "canary"
_REPOSITORY = Path(__file__).parents[2] / "benchmarks" / "problems" / "core.jsonl"
_PACKAGED = Path(__file__).parent / "problems" / "core.jsonl"  # where a wheel has it, see pyproject.toml
_MINIF2F_KINDS = ("mathd_algebra", "mathd_numbertheory", "algebra", "numbertheory", "induction", "aime", "amc", "imo")


class Problem(BaseModel):
    """One row. Members that are not used are dropped.

    `forbid`: constants that the proof term may not contain; library theorems with the same statement count as well.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    name: str = Field(min_length=1)
    statement: str = Field(min_length=1)
    header: str = ""
    split: str = ""
    kind: str | None = None
    difficulty: str | None = None
    module: str | None = Field(default=None, description="of a library theorem: where it comes from")
    forbid: tuple[str, ...] = ()
    informal: str = Field(default="", description="the problem in words, and behind `### Solution` a solution")
    defect: str | None = Field(default=None, description="what is known to be wrong with the statement")

    @model_validator(mode="before")
    @classmethod
    def _null_is_no_member(cls, row: object) -> object:
        return {name: value for name, value in row.items() if value is not None} if isinstance(row, dict) else row

    @property
    def canary(self) -> bool:
        """Is this a false statement, which nothing may prove?"""
        return self.split == CANARY_SPLIT

    @property
    def group(self) -> str:
        """What kind of problem it is: as the row says, or by its module, or by its name in miniF2F's manner."""
        if self.kind:
            return self.kind
        if self.module:
            return ".".join(self.module.split(".")[:3])
        return next((kind for kind in _MINIF2F_KINDS if self.name.startswith(kind)), "other")

    def theorem(self) -> Theorem:
        """Return what is to be proved. Raises InvalidTheoremError for text rejected before parsing."""
        text = with_header(self.header, self.statement)
        return replace(Theorem.from_text(text, forbid=self.forbid), informal=self.informal)


RowT = TypeVar("RowT", bound=Problem)


def read_problems(problem_set: str) -> list[Problem]:
    """Read a shipped set (see `shipped`) or a file, with `:SPLIT` at its end only the rows of that split.

    Raises:
        InvalidProblemSetError: no such file, or a row that is not a problem, with its line.
    """
    return read_rows(problem_set, Problem)


def read_rows(problem_set: str, kind: type[RowT]) -> list[RowT]:
    """Read the same with rows of another kind; see `read_problems`."""
    name, _, split = problem_set.rpartition(":")
    if not name or Path(problem_set).exists():
        name, split = problem_set, ""
    path = shipped().get(name) or Path(name)
    try:
        lines = path.read_text(encoding="utf-8-sig").split("\n")
    except (OSError, UnicodeDecodeError) as error:
        hint = f" (a JSON Lines file of problems, or a set that is shipped: {', '.join(shipped())})"
        raise InvalidProblemSetError(
            f"cannot read {path}: {getattr(error, 'strerror', None) or error}{hint}"
        ) from error
    problems = [_read_row(line, f"{path}, line {i}", kind) for i, line in enumerate(lines, start=1) if line.strip()]
    seen: set[str] = set()
    for problem in problems:
        if problem.name in seen:
            raise InvalidProblemSetError(f"{path} has two problems named {problem.name}")
        seen.add(problem.name)
    chosen = [problem for problem in problems if not split or problem.split == split]
    if not chosen:
        splits = ", ".join(sorted({problem.split for problem in problems}))
        raise InvalidProblemSetError(
            f"{path} has no split {split} (it has: {splits})" if problems else f"{path} has no problems"
        )
    return chosen


def isabelle_canaries() -> str:
    """Where the shipped false statements for Isabelle are."""
    return str(core_path().with_name("isabelle_canaries.jsonl"))


def shipped() -> dict[str, Path]:
    """Return where the shipped problem sets are, by name."""
    return {
        CORE: core_path(),
        TEXTBOOK: core_path().with_name("textbook.jsonl"),
        ISABELLE_TEXTBOOK: core_path().with_name("isabelle_textbook.jsonl"),
    }


def core_path() -> Path:
    """Where the shipped problems are."""
    return _PACKAGED if _PACKAGED.exists() else _REPOSITORY


def with_defects(problems: Sequence[Problem], defects: Mapping[str, str]) -> list[Problem]:
    """Return the problems with what is known to be wrong with some of them."""
    return [problem.model_copy(update={"defect": defects.get(problem.name, problem.defect)}) for problem in problems]


def with_canaries(problems: Sequence[Problem], count: int, seed: int, *, source: str = CORE) -> list[Problem]:
    """Return the problems with at least `count` false statements among them, spread over the run.

    `source`: the problem set that they come from.
    """
    rows = list(problems)
    missing = count - sum(problem.canary for problem in rows)
    if missing <= 0:
        return rows
    taken = {problem.name for problem in rows}
    canaries = [row for row in read_problems(source) if row.canary and row.name not in taken]
    chosen = random.Random(seed).sample(canaries, min(missing, len(canaries)))
    step = max(1, len(rows) // (len(chosen) + 1))
    for i, canary in enumerate(chosen):
        rows.insert(min(len(rows), (i + 1) * step + i), canary)
    return rows


def _read_row(line: str, where: str, kind: type[RowT]) -> RowT:
    try:
        return kind.model_validate_json(line)
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(map(str, first["loc"]))
        raise InvalidProblemSetError(f"{where}: {place + ': ' if place else ''}{first['msg']}") from error
