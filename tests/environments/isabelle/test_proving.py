"""From a statement to a verified theory, against recorded answers."""

from __future__ import annotations

import pytest

from prover.core.budget import SearchBudget
from prover.core.proof_state import Goal, ProofState
from prover.core.record import StopReason
from prover.core.theorem import Theorem
from prover.environments.isabelle.environment import IsabelleEnvironment
from prover.models.model import Completion, Prompt, Sampling
from prover.policies.automation.isabelle_closers import METHODS, IsabelleClosersPolicy, View
from prover.policies.llm.prompts.catalog import FORMATS
from prover.policies.llm.sampling import LlmOptions
from prover.policies.llm.sketch import SketchPolicy
from prover.policies.llm.steps import LlmPolicy
from prover.proving.formalise import formalise
from prover.proving.prove import prove_theorem
from tests.environments.isabelle.relays import Relay
from tests.policies.models import SpeakingModel, says

LINEAR = 'lemma linear1: fixes x y :: int assumes "x + y = 10" and "x - y = 4" shows "x = 7 \\<and> y = 3"'
CHAIN = 'lemma chain1: fixes a b c :: nat assumes h0: "a < b" and h1: "b < c" shows "a < c"'
SKETCH = """proof -
  from h0
  have "a + 1 \\<le> b"
  (* the first is smaller *)
  sledgehammer
  then
  have s: "a + 1 < c"
  using h1
  sledgehammer
  moreover
  have "a < a + 1"
  sledgehammer
  ultimately
  show ?thesis
  sledgehammer
qed"""
FALSE = ["(0::nat) = 1", "(1::nat) = 2"]


@pytest.mark.parametrize(
    ("statement", "tactics"),
    [
        ('lemma t: "rev (rev xs) = xs"', 1),
        (LINEAR, 1),
        (r'lemma t: "\<exists>x. P x \<longrightarrow> (\<forall>y. P y)"', 1),
        (r'lemma t: "(P \<longrightarrow> Q) \<longrightarrow> (\<not> Q \<longrightarrow> \<not> P)"', 1),
        ('lemma t: "a + b = b + (a::nat)"', 4),
        ('lemma t: fixes a b :: int shows "(a + b)^2 = a^2 + 2*a*b + b^2"', 1),
        (r'lemma t: "(\<Sum>i<n. 2 ^ i) = (2::nat) ^ n - 1"', 1),
        ('theorem t: fixes n :: nat assumes "n mod 7 = 5" shows "(n + 3) mod 7 = 1"', 1),
        ('lemma t: "foldr (#) xs ys = xs @ ys"', 1),
    ],
)
async def test_closers_prove_recorded_lemmas(statement: str, tactics: int, isabelle: IsabelleEnvironment) -> None:
    record = await prove_theorem(
        Theorem.from_text(statement),
        environment=isabelle,
        generator=IsabelleClosersPolicy(),
        budget=SearchBudget(timeout_s=30),
    )
    assert record.proved, record.search
    assert record.search.tactics is not None
    assert len(record.search.tactics) <= tactics
    assert record.statement in (record.proof or "")


@pytest.mark.parametrize("proposition", FALSE)
async def test_false_lemma_is_not_proved(proposition: str, isabelle: IsabelleEnvironment) -> None:
    record = await prove_theorem(
        Theorem.from_text(f'lemma t: "{proposition}"'),
        environment=isabelle,
        generator=IsabelleClosersPolicy(hammer=True),
        budget=SearchBudget(timeout_s=30),
    )
    assert not record.proved
    assert record.search.stop is StopReason.EXHAUSTED


async def test_hammer_comes_last_and_closes(relay: Relay) -> None:
    statement = 'lemma t: "(n::nat) \\<le> fact n"'
    record = await prove_theorem(
        Theorem.from_text(statement), environment=relay.environment(), generator=IsabelleClosersPolicy(hammer=True)
    )
    assert record.proved
    assert record.search.tactics == ("by (rule fact_ge_self)",)
    assert record.search.sources == ("hammer",)


async def test_sketch_is_followed_and_its_gaps_are_filled(isabelle: IsabelleEnvironment) -> None:
    model = SpeakingModel(says(SKETCH))
    policy = SketchPolicy(
        model, IsabelleClosersPolicy(), informal="Show that a < c.\n\n### Solution\n\nBy transitivity."
    )
    record = await prove_theorem(
        Theorem.from_text(CHAIN), environment=isabelle, generator=policy, budget=SearchBudget(timeout_s=30)
    )
    assert record.proved, record.search
    assert "sledgehammer" not in (record.proof or "sledgehammer")
    assert "have s:" in (record.proof or "")
    assert set(record.search.sources) == {"sketch", "automation"}
    (prompt, _), *_ = model.asked
    assert "By transitivity." in str(prompt)


async def test_sketch_without_a_solution_asks_for_a_draft_first(isabelle: IsabelleEnvironment) -> None:
    def speak(prompt: Prompt, sampling: Sampling) -> list[Completion]:
        if str(prompt).endswith("Solution:\n"):
            return [Completion("As a < b < c, also a < c.", -1.0, 9)]
        assert "As a < b < c" in str(prompt)
        return [Completion(SKETCH, -1.0, 9)]

    model = SpeakingModel(speak)
    record = await prove_theorem(
        Theorem.from_text(CHAIN),
        environment=isabelle,
        generator=SketchPolicy(model, IsabelleClosersPolicy()),
        budget=SearchBudget(timeout_s=30),
    )
    assert record.proved


@pytest.mark.parametrize(
    "sketch", ["sorry", "proof - show ?thesis sorry qed", "by (tactic \\<open>x\\<close>)", "end", ""]
)
async def test_worthless_sketches_prove_nothing(sketch: str, isabelle: IsabelleEnvironment) -> None:
    record = await prove_theorem(
        Theorem.from_text('lemma t: "(0::nat) = 1"'),
        environment=isabelle,
        generator=SketchPolicy(SpeakingModel(says(sketch)), IsabelleClosersPolicy(), informal="### Solution\nTrivial."),
        budget=SearchBudget(timeout_s=30),
    )
    assert not record.proved


async def test_model_proposes_steps_in_the_few_shot_format(isabelle: IsabelleEnvironment) -> None:
    model = SpeakingModel(
        says("sorry", "apply (rule impI)", "apply auto", "by (tactic \\<open>x\\<close>)", "by linarith")
    )
    theorem = Theorem.from_text('lemma t: "\\<not> (\\<exists>m::nat. \\<forall>n. n \\<le> m)"')
    policy = LlmPolicy(
        SpeakingModel(says("by auto", "by presburger")), FORMATS["llemma-isabelle"], LlmOptions(samples=4)
    )
    record = await prove_theorem(theorem, environment=isabelle, generator=policy)
    assert record.proved
    cheated = await prove_theorem(
        Theorem.from_text('lemma t: "(0::nat) = 1"'),
        environment=isabelle,
        generator=LlmPolicy(model, FORMATS["llemma-isabelle"], LlmOptions(samples=8)),
        budget=SearchBudget(expansions=10),
    )
    assert not cheated.proved


async def test_formalising_tells_the_model_what_was_wrong_and_checks_the_sketch(isabelle: IsabelleEnvironment) -> None:
    def speak(prompt: Prompt, sampling: Sampling) -> list[Completion]:
        text = str(prompt)
        if "Sketch in" in text:
            assert CHAIN in text
            return [Completion(answer, -1.0, 9) for answer in ("by nonsense", SKETCH, "by simp end")]
        if "Wrong:" in text:
            assert "Inner syntax error" in text
            return [Completion(CHAIN, -1.0, 9), Completion(CHAIN + "\n  by simp", -2.0, 9)]
        return [Completion('theorem t: "ERROR + ="', -1.0, 9)]

    found = await formalise(
        "If a < b and b < c then a < c.",
        language="isabelle",
        environment=isabelle,
        model=SpeakingModel(speak),
        read=Theorem.from_text,
    )
    assert found.best is not None
    assert found.best.statement == CHAIN
    assert found.best.times == 2
    assert found.best.state is not None
    assert [sketch.problem is None for sketch in found.best.sketches] == [True, False, False]
    assert found.best.sketches[0].text == SKETCH
    assert found.statements[-1].problem is not None


def test_closers_ask_for_assumptions_only_where_there_are_some() -> None:
    def tactics(policy: IsabelleClosersPolicy, text: str) -> list[str]:
        return [candidate.tactic for candidate in policy._candidates(View.of(ProofState((Goal(text),))))]

    goal = "proof (prove)\ngoal (1 subgoal):\n 1. x = 7"
    assert "using assms by simp" not in tactics(IsabelleClosersPolicy(), goal)
    with_facts = goal.replace("goal (1", "using this:\n  x - 1 = 6\n\ngoal (1")
    assumed = IsabelleClosersPolicy(assumes=True)
    assert "using assms by simp" in tactics(assumed, goal)
    assert "using assms by simp" not in tactics(assumed, with_facts)
    assert tactics(assumed, "proof (prove)\ngoal:\nNo subgoals!") == ["done"]
    assert tactics(assumed, "proof (state)\nthis:\n  x = 7\n\ngoal:\nNo subgoals!") == ["qed"]
    assert all(tactic.startswith(("then show ?thesis", "show ?thesis")) for tactic in tactics(
        assumed, "proof (state)\nthis:\n  y = 1\n\ngoal (1 subgoal):\n 1. x = 7"))  # fmt: skip
    hammered = tactics(IsabelleClosersPolicy(hammer=True), goal)
    assert hammered.index("normalhammer") > max(hammered.index(f"by {method}") for method, _ in METHODS)


def test_closers_find_variables_to_induct_on() -> None:
    state = ProofState(
        (Goal(r"proof (prove)" + "\ngoal (1 subgoal):\n 1. (\\<Sum>i<n. 2 * i) = length (xs @ ys) + n"),)
    )
    assert View.of(state).variables() == ["n", "xs", "ys"]
