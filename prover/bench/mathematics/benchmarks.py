"""What is measured: where the problems come from, how they are asked, how answers are read and compared."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from importlib import resources
from pathlib import Path
from typing import Any

from prover.bench.mathematics.answers import final_answer, final_choice, hashed_number, last_box, last_line
from prover.errors import InvalidProblemSetError

SHOTS = resources.files("prover.bench.mathematics") / "shots"
Row = Mapping[str, Any]
Shot = tuple[str, str]
"""A problem and its worked solution."""


@dataclass(frozen=True, slots=True)
class Benchmark:
    """One set of problems and its protocol.

    `problem`, `expected`: what a row asks, and its answer. `answer`: what a model's text (or its program's output)
    answers. `tolerance`: relative, of numbers. `hub`: the data set's name and its parts. `shots`: how many examples;
    `shots_file`: ours, where the harness has none (None: its own).
    """

    name: str
    title: str
    hub: tuple[str, tuple[str | None, ...]]
    problem: Callable[[Row], str]
    expected: Callable[[Row], str]
    answer: Callable[[str], str]
    before: str = "Problem:\n"
    between: str = "\n\nSolution:"
    stop: tuple[str, ...] = ("Problem:",)
    tolerance: float = 0.0
    shots: int = 4
    shots_file: str | None = None
    max_tokens: int = 1024
    majority_k: int = 16
    compares: bool = True
    programs: bool = False

    def prompt(self, problem: str, shots: Sequence[Shot]) -> str:
        """Return the few-shot prompt of a problem."""
        space = "" if self.between.endswith("\n") else " "
        shown = [f"{self.before}{asked}{self.between}{space}{solved}\n{self.ended}" for asked, solved in shots]
        return "\n".join([*shown, f"{self.before}{problem}{self.between}"])

    @property
    def ended(self) -> str:
        """The text that ends an example."""
        return "```\n" if self.programs else ""

    def level(self, row: Row) -> str:
        """Return the difficulty of a problem, empty if it is not known."""
        return str(row.get("level") or row.get("difficulty") or "")

    def subject(self, row: Row) -> str:
        """Return the subject of a problem, empty if it is not known."""
        return str(row.get("subject") or row.get("type") or "")


def _question(row: Row) -> str:
    return _text(row, "problem", "question", "Question")


def _with_choices(row: Row) -> str:
    choices = row.get("choices") or ()
    listed = " ".join(f"({letter}) {choice}" for letter, choice in zip("ABCDEFGHIJ", choices, strict=False))
    return f"{_question(row)}\n{listed}" if listed else _question(row)


def _letter(row: Row) -> str:
    value = row.get("answer", row.get("Answer"))
    return "ABCDEFGHIJ"[value] if isinstance(value, int) else str(value).strip().strip("()").upper()


def _boxed(row: Row) -> str:
    return str(row["answer"]) if row.get("answer") else last_box(_text(row, "solution"))


def _text(row: Row, *names: str) -> str:
    found = next((row[name] for name in names if row.get(name)), None)
    if not isinstance(found, str):
        raise InvalidProblemSetError(f"a row has no text in {', '.join(names)}; it has: {', '.join(sorted(row))}")
    return found.strip()


MATH_PARTS = (
    "algebra", "counting_and_probability", "geometry", "intermediate_algebra", "number_theory", "prealgebra",
    "precalculus",
)  # fmt: skip
STEM_PARTS = (
    "abstract_algebra", "anatomy", "astronomy", "college_biology", "college_chemistry", "college_computer_science",
    "college_mathematics", "college_physics", "computer_security", "conceptual_physics", "electrical_engineering",
    "elementary_mathematics", "high_school_biology", "high_school_chemistry", "high_school_computer_science",
    "high_school_mathematics", "high_school_physics", "high_school_statistics", "machine_learning",
)  # fmt: skip

WORDS = {
    benchmark.name: benchmark
    for benchmark in (
        Benchmark(
            "gsm8k", "GSM8k", ("openai/gsm8k", ("main",)), _question, lambda row: hashed_number(_text(row, "answer")),
            hashed_number, before="Question: ", between="\nAnswer:", stop=("Question:",), shots=5, majority_k=100,
        ),
        Benchmark(
            "math", "MATH", ("EleutherAI/hendrycks_math", MATH_PARTS), _question, _boxed, final_answer, majority_k=256,
        ),
        Benchmark(
            "ocw", "OCW", ("open-web-math/ocwcourses", (None,)), _question, lambda row: str(row["answer"]),
            final_answer, tolerance=0.01, shots_file="ocw", majority_k=100,
        ),
        Benchmark(
            "mmlu_stem", "MMLU-STEM", ("cais/mmlu", STEM_PARTS), _with_choices, _letter, final_choice,
            shots_file="mmlu_stem", compares=False,
        ),
        Benchmark(
            "sat", "SAT", ("mcaleste/sat_multiple_choice_math_may_23", (None,)), _with_choices, _letter, final_choice,
            shots_file="sat", compares=False,
        ),
    )
}  # fmt: skip
PROGRAMS = {
    name: replace(
        WORDS[name], title=f"{WORDS[name].title}+Python", answer=last_line, between="\n\nProgram:\n```python\n",
        before="Problem:\n", stop=("```",), shots=4, shots_file=f"{name}_python", programs=True,
    )
    for name in ("gsm8k", "math")
}  # fmt: skip


def read_shots(path: Path | None, benchmark: Benchmark) -> list[Shot] | None:
    """Return examples of a file, or those that are ours; None if the harness has its own.

    Raises:
        InvalidProblemSetError: the file has no such examples.
    """
    if path is None and benchmark.shots_file is None:
        return None
    text = path.read_text(encoding="utf-8") if path else (SHOTS / f"{benchmark.shots_file}.jsonl").read_text("utf-8")
    try:
        rows = [json.loads(line) for line in text.splitlines() if line.strip()]
        return [(str(row["problem"]).strip(), str(row["solution"]).strip()) for row in rows]
    except (ValueError, KeyError, TypeError) as error:
        raise InvalidProblemSetError(f'{path}: lines of {{"problem": ..., "solution": ...}} are wanted') from error


def read_local(folder: Path, name: str, split: str) -> list[dict[str, Any]] | None:
    """Return the rows of `folder/NAME/SPLIT.jsonl`, None without such a file.

    Raises:
        InvalidProblemSetError: the file is not JSON Lines.
    """
    path = folder / name / f"{split}.jsonl"
    if not path.exists():
        return None
    try:
        rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]
    except ValueError as error:
        raise InvalidProblemSetError(f"{path} is not JSON Lines: {error}") from error
    return [dict(row) for row in rows]
