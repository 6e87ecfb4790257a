"""Formalising for Lean, with the embedded one; for Isabelle see tests/environments/isabelle."""

from __future__ import annotations

import pytest

from prover.core.theorem import Theorem
from prover.environments.lean_wasm.environment import LeanWasmEnvironment
from prover.models.model import Completion, Prompt, Sampling
from prover.policies.llm.prompts.formalise import (
    LEAN_PROBLEMS,
    Failure,
    Language,
    read_sketch,
    read_statement,
    sketch_prompt,
    statement_prompt,
)
from prover.policies.llm.prompts.theorem_text import with_proof
from prover.proving.formalise import formalise
from tests.policies.models import SpeakingModel

SUM = "theorem even_sum (a b : Nat) (ha : a % 2 = 0) (hb : b % 2 = 0) : (a + b) % 2 = 0"


async def test_lean_statement_and_sketch_are_checked(lean: LeanWasmEnvironment) -> None:
    def speak(prompt: Prompt, sampling: Sampling) -> list[Completion]:
        text = str(prompt)
        if "Sketch in Lean 4" in text:
            sketches = ("have h : a + b = b + a := by sorry\nsorry", "have h : a = what := by sorry\nsorry", "omega")
            return [Completion(sketch, -1.0, 9) for sketch in sketches]
        wrong = "theorem even_sum (a b : Nat) : even (a + b)"
        return [Completion(SUM if "Wrong:" in text else f"{wrong} := by sorry", -1.0, 9)]

    found = await formalise(
        "The sum of two even numbers is even.",
        language="lean",
        environment=lean,
        model=SpeakingModel(speak),
        read=Theorem.from_text,
    )
    assert found.best is not None
    assert found.best.statement == SUM
    assert "⊢" in (found.best.state or "")
    assert [sketch.problem is None for sketch in found.best.sketches] == [True, True, False]
    assert "what" in (found.best.sketches[2].problem or "")
    assert "even" in (found.statements[-1].problem or "")


async def test_candidate_that_is_false_ranks_behind_one_that_is_not(lean: LeanWasmEnvironment) -> None:
    false = "theorem even_sum (a b : Nat) (ha : a % 2 = 0) : (a + b) % 2 = 0"
    answers = [Completion(text, -1.0, 9) for text in (false, false, SUM)]
    found = await formalise(
        "The sum of two even numbers is even.",
        language="lean",
        environment=lean,
        model=SpeakingModel(lambda *_: answers),
        read=Theorem.from_text,
        sketches=0,
    )
    assert [statement.statement for statement in found.statements] == [SUM, false]
    assert found.best == found.statements[0]
    assert found.statements[1].refutation is not None
    assert found.statements[1].fault.startswith("the statement is false for a = 0, b = 1")


async def test_nothing_usable_is_no_statement(lean: LeanWasmEnvironment) -> None:
    model = SpeakingModel(lambda *_: [Completion("I cannot do this.", -1.0, 9)])
    found = await formalise("Hm.", language="lean", environment=lean, model=model, read=Theorem.from_text)
    assert found.best is None
    assert found.statements == ()


async def test_examples_read_and_have_types(lean: LeanWasmEnvironment) -> None:
    for example in LEAN_PROBLEMS:
        source = Theorem.from_text(with_proof(f"{example.statement} := by", example.proof))
        verification = await lean.check_source(source, against=None, timeout_s=300)
        assert not [message for message in verification.messages if message.severity == "error"]
        assert verification.reason == "the proof uses sorry"


@pytest.mark.parametrize("language", ["lean", "isabelle"])
def test_prompt_ends_with_the_problem_and_shows_failures_as_comments(language: Language) -> None:
    prompt = statement_prompt(language, "Is 2 even?", failures=[Failure("bad *) -/", "no *) -/")])
    last = prompt.rsplit("Problem:\n", 1)[1]
    assert last.startswith("Is 2 even?\n\nFormal statement in")
    assert last.count("*)" if language == "isabelle" else "-/") == 1
    assert "sorry" in sketch_prompt("lean", "p", "s", "theorem t : True")
    assert "sledgehammer" in sketch_prompt("isabelle", "p", "s", 'lemma t: "True"')


def test_statements_are_read_without_proofs_and_what_follows() -> None:
    assert read_statement("lean", "theorem t : 1 = 1 := by\n  rfl\n\n\nProblem:\nnext") == "theorem t : 1 = 1"
    assert read_statement("lean", "```lean\ntheorem") is None
    assert read_statement("lean", "So:\n```lean\ntheorem t :\n    1 = 1\n```\nDone.") == "theorem t :\n    1 = 1"
    assert read_statement("isabelle", 'lemma t: "True"\n  by simp\n\n\nProblem:\nx') == 'lemma t: "True"'
    assert read_statement("isabelle", "") is None
    assert read_sketch("lean", "theorem t : True := by\n  trivial", "theorem t : True") == "trivial"
