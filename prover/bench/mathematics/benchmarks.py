"""What is measured: where the problems come from, how they are asked, how answers are read and compared."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from importlib import resources
from pathlib import Path
from typing import Any

from prover.bench.mathematics.answers import (
    MISSING,
    choice_in,
    final_answer,
    final_choice,
    hashed_number,
    last_box,
    last_line,
    number_in,
)
from prover.bench.mathematics.judge.rules import Rule
from prover.errors import InvalidProblemSetError

LETTERS = "ABCDEFGHIJ"
SHOTS = resources.files("prover.bench.mathematics") / "shots"
Row = Mapping[str, Any]
Shot = tuple[str, str]
"""A problem and its worked solution."""


@dataclass(frozen=True, slots=True)
class Benchmark:
    """One set of problems and its protocol.

    `problem`, `expected`: what a row asks, and its answer. `answer`: what a model's text (or its program's output)
    answers; `alone`: the same of a text that is the answer itself. `rule`: when numbers are the same (None: letters are
    compared). `hub`: the data set's name and its parts; `split`: the one with the problems there. `shots`: how many
    examples; `shots_file`: ours, where the harness has none (None: its own). `few_shot`: the authors' examples as one
    text, instead. `voting_temperature`: of majority voting. `after`: what a program ends in that a model wrote.
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
    alone: Callable[[str], str] = str.strip
    split: str = "test"
    rule: Rule | None = Rule.EXACT
    shots: int = 4
    shots_file: str | None = None
    max_tokens: int = 1024
    majority_k: int = 16
    programs: bool = False
    few_shot: str = ""
    voting_temperature: float = 0.6
    after: str = ""

    def prompt(self, problem: str, shots: Sequence[Shot]) -> str:
        """Return the few-shot prompt of a problem."""
        if self.few_shot:
            return f"{self.few_shot}\n\n{self.before}{problem}{self.between}"
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


def question(row: Row) -> str:
    """Return what a row asks."""
    return text_of(row, "problem", "question", "Question")


def options(row: Row) -> str | Sequence[Any]:
    """Return what a row offers to choose from, as the data set's text or one by one; nothing if it offers nothing."""
    found = next((row[name] for name in ("choices", "Possible Answers") if row.get(name)), ())
    if not isinstance(found, str | list | tuple):
        raise InvalidProblemSetError(f"the choices of a row are no list but {type(found).__name__}")
    return found


def _with_choices(row: Row) -> str:
    choices = options(row)
    if isinstance(choices, str):
        return f"{question(row)}\n{choices.strip()}"
    listed = " ".join(f"({letter}) {choice}" for letter, choice in zip(LETTERS, choices, strict=False))
    return f"{question(row)}\n{listed}" if listed else question(row)


def _letter(row: Row) -> str:
    """Return the letter of the answer, if the row offers so many."""
    value, choices = _present(row, "answer", "Answer"), options(row)
    known = LETTERS[: len(choices)] if choices and not isinstance(choices, str) else LETTERS
    if isinstance(value, int) and not isinstance(value, bool):
        return known[value] if 0 <= value < len(known) else MISSING
    letter = choice_in(str(value).upper())
    return letter if letter in known else MISSING


def _boxed(row: Row) -> str:
    return last_box(text_of(row, "solution")) if _is_missing(row.get("answer")) else _written(row)


def _written(row: Row) -> str:
    """Return the answer of a row, which may be a number."""
    value = _present(row, "answer")
    return str(value) if isinstance(value, int | float) and not isinstance(value, bool) else text_of(row, "answer")


def text_of(row: Row, *names: str) -> str:
    """Return the text of the first of these columns that a row has. Raises InvalidProblemSetError."""
    found = _present(row, *names)
    if not isinstance(found, str):
        raise InvalidProblemSetError(f"{' or '.join(names)} of a row is no text but {type(found).__name__}")
    return found.strip()


def _present(row: Row, *names: str) -> Any:
    found = next((row[name] for name in names if not _is_missing(row.get(name))), None)
    if found is None:
        columns = ", ".join(sorted(map(str, row)))
        raise InvalidProblemSetError(f"a row has no {' or '.join(names)}; its columns are: {columns}")
    return found


def _is_missing(value: Any) -> bool:
    return value is None or (isinstance(value, str) and not value.strip())


MATH_PARTS = (
    "algebra", "counting_and_probability", "geometry", "intermediate_algebra", "number_theory", "prealgebra",
    "precalculus",
)  # fmt: skip
STEM_PARTS = (
    "abstract_algebra", "astronomy", "college_biology", "college_chemistry", "college_computer_science",
    "college_mathematics", "college_physics", "computer_security", "conceptual_physics", "electrical_engineering",
    "elementary_mathematics", "high_school_biology", "high_school_chemistry", "high_school_computer_science",
    "high_school_mathematics", "high_school_physics", "high_school_statistics", "machine_learning",
)  # fmt: skip

WORDS = {
    benchmark.name: benchmark
    for benchmark in (
        Benchmark(
            "gsm8k", "GSM8k", ("openai/gsm8k", ("main",)), question, lambda row: hashed_number(text_of(row, "answer")),
            hashed_number, alone=number_in, before="Question: ", between="\nAnswer:", stop=("Question:",), shots=5,
            majority_k=100,
        ),
        Benchmark(
            "math", "MATH", ("EleutherAI/hendrycks_math", MATH_PARTS), question, _boxed, final_answer,
            rule=Rule.DECIMALS, majority_k=256,
        ),
        Benchmark(
            "ocw", "OCW", ("open-web-math/ocwcourses", (None,)), question, _written,
            final_answer, rule=Rule.CLOSE, shots_file="ocw", majority_k=100,
        ),
        Benchmark(
            "mmlu_stem", "MMLU-STEM", ("cais/mmlu", STEM_PARTS), _with_choices, _letter, final_choice,
            alone=choice_in, rule=None, shots_file="mmlu_stem",
        ),
        Benchmark(
            "sat", "SAT", ("mcaleste/sat_multiple_choice_math_may_23", (None,)), _with_choices, _letter, final_choice,
            alone=choice_in, rule=None, split="train", shots_file="sat",
        ),
    )
}  # fmt: skip
PROGRAMS = {
    name: replace(
        WORDS[name], title=f"{WORDS[name].title}+Python", answer=last_line, alone=last_line,
        between="\n\nProgram:\n```python\n", before="Problem:\n", stop=("```",), shots=4,
        shots_file=f"{name}_python", programs=True,
    )
    for name in ("gsm8k", "math")
}  # fmt: skip


def asked(benchmark: Benchmark, rows: Sequence[Row]) -> tuple[list[dict[str, str]], list[str]]:
    """Return what is asked of each row and expected, and the names of rows without an answer, which are refused.

    Raises:
        InvalidProblemSetError: the columns are not those of this benchmark, or no row has an answer.
    """
    documents = [_document(benchmark, row, number) for number, row in enumerate(rows)]
    kept = [document for document in documents if document["expected"] != MISSING]
    if not kept:
        raise InvalidProblemSetError(f"no row of {benchmark.title} has an answer: {WHERE[benchmark.name]}")
    return kept, [document["name"] for document in documents if document["expected"] == MISSING]


def _document(benchmark: Benchmark, row: Row, number: int) -> dict[str, str]:
    return {
        "name": str(row.get("name") or row.get("id") or row.get("unique_id") or number),
        "problem": benchmark.problem(row),
        "expected": benchmark.expected(row),
        "level": benchmark.level(row),
        "subject": benchmark.subject(row),
    }


WHERE = {
    "gsm8k": "it stands behind `####` at the end of `answer`",
    "math": "it stands in the last box of `solution`, or in `answer`",
    "ocw": "it is `answer`",
    "mmlu_stem": "it is the letter or the number (from 0) in `answer`",
    "sat": "it is the letter in `Answer` or `answer`",
}
"""Where a row has its answer."""


def read_shots(path: Path | None, benchmark: Benchmark) -> list[Shot] | None:
    """Return examples of a file, or those that are ours; None if the harness has its own.

    Raises:
        InvalidProblemSetError: the file has no such examples.
    """
    if path is None and benchmark.shots_file is None:
        return None
    try:
        text = (path or SHOTS / f"{benchmark.shots_file}.jsonl").read_text(encoding="utf-8")
        rows = [json.loads(line) for line in text.split("\n") if line.strip()]
        return [(str(row["problem"]).strip(), str(row["solution"]).strip()) for row in rows]
    except (ValueError, KeyError, TypeError) as error:
        raise InvalidProblemSetError(f'{path}: lines of {{"problem": ..., "solution": ...}} are wanted') from error
