"""Few-shot prompts for formal statements and sketches in Lean and Isabelle. The examples are our own."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from prover.environments.syntax.isabelle.statement import IsabelleStatement
from prover.errors import InvalidTheoremError
from prover.policies.llm.prompts.answers import cut, dedented
from prover.policies.llm.prompts.isabelle_dsp import END, PROBLEMS, WorkedProblem

Language = Literal["lean", "isabelle"]

LEAN_PROBLEMS = (
    WorkedProblem(
        "Show that the product of two consecutive natural numbers is even.",
        "One of $n$ and $n + 1$ is even. If $n$ is even, so is $n(n + 1)$. Otherwise $n + 1$ is even, and so is "
        "$n(n + 1)$.",
        "theorem product_of_neighbours_is_even (n : Nat) : 2 ∣ n * (n + 1)",
        """\
rcases Nat.mod_two_eq_zero_or_one n with h | h
-- $n$ is even.
· have h1 : 2 ∣ n := by sorry
  sorry
-- Otherwise $n + 1$ is even.
· have h1 : 2 ∣ n + 1 := by sorry
  sorry""",
    ),
    WorkedProblem(
        "The sum of two integers is 10 and their difference is 4. Show that the larger is 7.",
        "Adding $x + y = 10$ and $x - y = 4$ gives $2x = 14$, hence $x = 7$.",
        "theorem larger_of_two (x y : Int) (h₀ : x + y = 10) (h₁ : x - y = 4) : x = 7",
        """\
-- Add the two equations.
have h2 : 2 * x = 14 := by sorry
-- Divide by two.
sorry""",
    ),
    WorkedProblem(
        "Prove that reversing a list twice gives the list back.",
        "By induction on the list. For the empty list both sides are empty. For $x$ followed by $xs$, the reverse of "
        "the reverse of $xs$ with $x$ behind it begins with $x$.",
        "theorem reverse_twice (α : Type) (xs : List α) : xs.reverse.reverse = xs",
        """\
induction xs with
| nil => sorry
| cons x xs ih =>
  -- The hypothesis is about the shorter list.
  have h1 : (x :: xs).reverse = xs.reverse ++ [x] := by sorry
  sorry""",
    ),
)
_NAMES: dict[Language, str] = {"lean": "Lean 4", "isabelle": "Isabelle/HOL"}
_COMMENTS: dict[Language, tuple[str, str]] = {"lean": ("/- ", " -/"), "isabelle": ("(* ", " *)")}
_LEAN_START = re.compile(r"^(?:theorem|lemma|example)\b(?=\s*\S)", re.MULTILINE)
_FENCED = re.compile(r"\A(?:(?!^(?:theorem|lemma|example)\b)[^`])*```[\w-]*\n", re.MULTILINE)  # and words before it
_PROOF = re.compile(r"\s*:=\s*(?:by\b.*|sorry.*)?\Z", re.DOTALL)
_LONGEST_FAILURE = 300


@dataclass(frozen=True, slots=True)
class Failure:
    """A rejected statement, and the proof assistant's message."""

    statement: str
    message: str


def statement_prompt(language: Language, problem: str, solution: str = "", failures: Sequence[Failure] = ()) -> str:
    """Return worked problems with their formal statements, and the problem to state.

    `failures`: earlier statements of this problem that were rejected.
    """
    blocks = [
        f"Problem:\n{shot.problem}\n\nFormal statement in {_NAMES[language]}:\n{shot.statement}"
        for shot in _problems(language)
    ]
    words = f"{problem.strip()}\n\nSolution:\n{solution.strip()}" if solution.strip() else problem.strip()
    opening, closing = _COMMENTS[language]
    wrong = "".join(
        f"{opening}Wrong: {_inside_comment(f.statement)}\n   {_inside_comment(f.message[:_LONGEST_FAILURE])}{closing}\n"
        for f in failures
    )
    return END.join([*blocks, f"Problem:\n{words}\n\nFormal statement in {_NAMES[language]}:\n{wrong}"])


def sketch_prompt(language: Language, problem: str, solution: str, statement: str) -> str:
    """Return worked problems with sketches of their proofs, and the statement to sketch a proof of."""
    blocks = [
        f"Problem:\n{shot.problem}\n\nSolution:\n{shot.solution}\n\nSketch in {_NAMES[language]}:\n"
        f"{_stated(language, shot.statement)}\n{_gapped(language, shot.proof)}"
        for shot in _problems(language)
    ]
    words = f"Problem:\n{problem.strip()}\n\nSolution:\n{solution.strip() or problem.strip()}"
    asked = f"{words}\n\nSketch in {_NAMES[language]}:\n{_stated(language, statement)}\n"
    return END.join([*blocks, asked])


def read_statement(language: Language, answer: str) -> str | None:
    """Return the statement in an answer, without any proof; None if there is none."""
    answer = _FENCED.sub("", answer.replace("\r\n", "\n"))
    text = cut(answer, (END, "Problem:", "Solution:", "Sketch in")).strip()
    if language == "isabelle":
        try:
            return IsabelleStatement.read(text).text
        except InvalidTheoremError:
            return text or None
    found = _LEAN_START.search(text)
    statement = _PROOF.sub("", text[found.start() :] if found else text).strip()
    return statement if found and statement else None


def read_sketch(language: Language, answer: str, statement: str) -> str | None:
    """Return the sketch in an answer, without the statement if it is repeated."""
    text = cut(answer.replace("\r\n", "\n"), (END, "Problem:", "Formal statement")).strip("\n")
    sketch = dedented(text.removeprefix(_stated(language, statement)))
    return sketch.strip() or None


def _problems(language: Language) -> tuple[WorkedProblem, ...]:
    return PROBLEMS if language == "isabelle" else LEAN_PROBLEMS


def _stated(language: Language, statement: str) -> str:
    return statement if language == "isabelle" else f"{statement} := by"


def _gapped(language: Language, proof: str) -> str:
    """Return an example's proof with the gaps of a sketch."""
    return re.sub(r"\bby (?:\([^()]*\)|\w+)", "sledgehammer", proof) if language == "isabelle" else proof


def _inside_comment(text: str) -> str:
    return " ".join(text.split()).replace("(*", "( *").replace("*)", "* )").replace("-/", "- /").replace("/-", "/ -")
