"""The prompt format of the small Llama: names of premises as pointers."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from prover.data.mining.documents import mined_documents
from prover.policies.llm.prompts.prompt import Query
from research.pointers import PointerFormat

pytestmark = pytest.mark.research

POINTERS = PointerFormat()
CITING = Query(state="⊢ 0 < b → a ≤ b", premises=("Nat.le_of_dvd : 0 < n → m ∣ n → m ≤ n", "Nat.le", "List.map'"))


def test_prompt_is_exactly_this() -> None:
    state = "α : Type u_1\na b : Nat\nh : a ∣ b\n⊢ 0 < b → a ≤ b\n\n⊢ True"
    query = Query(state=state, premises=CITING.premises[:2])
    assert POINTERS.render(query) == (
        "P1 Nat.le_of_dvd\nP2 Nat.le\nα : Type u_1\na b : Nat\nh : a ∣ b\n⊢ 0 < b → a ≤ b +1\n=> "
    )


@pytest.mark.parametrize(
    ("written", "answer"),
    [
        ("simp [Nat.le, Nat.le_of_dvd]", "simp [P2, P1]\n"),
        ("exact Nat.le_of_dvd ..", "exact P1 ..\n"),
        ("grind [List.map', Nat.lem]", "grind [P3, Nat.lem]\n"),
        ("omega", "omega\n"),
    ],
)
def test_a_tactic_and_its_pointers_are_the_same(written: str, answer: str) -> None:
    assert POINTERS.answer(written, CITING) == answer
    assert POINTERS.parse(answer, CITING) == written


@pytest.mark.parametrize("written", ["simp\nomega", "exact P1", "sorry"])
def test_a_tactic_that_pointers_cannot_say_is_not_taught(written: str) -> None:
    assert POINTERS.answer(written, CITING) is None


@pytest.mark.parametrize("text", ["simp [P4]", "exact P99 ..", "", "  \n simp"])
def test_an_answer_that_points_nowhere_is_none(text: str) -> None:
    assert POINTERS.parse(text, CITING) is None


def test_of_many_hypotheses_the_last_ones_are_shown() -> None:
    state = "".join(f"h{i} : a = {'b' * 50}\n" for i in range(40)) + "⊢ " + "c" * 700
    prompt = POINTERS.render(Query(state=state))
    assert isinstance(prompt, str)
    assert prompt == f"⊢ {'c' * 700}\n=> "
    few = POINTERS.render(Query(state=state.replace("c" * 700, "c")))
    assert isinstance(few, str)
    assert few.startswith("h31 : a")
    assert few.endswith("⊢ c\n=> ")


def test_mined_steps_are_taught_with_pointers_and_others_left_out(tmp_path: Path) -> None:
    steps = [
        {"state": "⊢ p", "tactic": tactic, "premises": [], "retrieved": ["Nat.le"]}
        for tactic in ("simp [Nat.le]", "exact P1")
    ]
    (tmp_path / "results.jsonl").write_text(json.dumps({"problem": "p", "steps": steps}) + "\n")
    (document,) = mined_documents(tmp_path, POINTERS, answer=POINTERS.answer)
    assert document.text[document.prompt :] == "simp [P1]\n"
