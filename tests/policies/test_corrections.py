"""Rounds of whole proofs: what the second request shows of the first answer, and that no two requests are the same."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from prover.core.record import ProofRecord
from prover.core.theorem import Theorem
from prover.environments.lean_wasm.environment import LeanWasmEnvironment
from prover.models.model import Completion, Message, Prompt, Sampling
from prover.policies.llm.prompts.catalog import FORMATS
from prover.policies.llm.sampling import LlmOptions
from prover.policies.llm.whole_proof import EFFORT, WholeProofPolicy
from prover.proving.prove import prove_theorem
from tests.policies.models import SpeakingModel

STATED = "import Init\n\nopen Nat\n\n/-- A sum. -/\ntheorem sum (a b : Nat) (h : a = 2) (g : b = 3) : a + b = 5"
WRONG = "have first : a = a := foo\nhave second : b = b := bar\nomega"
CORRECTS = ["goedel-v2", "kimina", "stepfun"]
PROOFS = [name for name in FORMATS if FORMATS[name].whole_proof and name != "isabelle-dsp"]


def answer(proof: str, *, plan: str = "") -> str:
    body = proof.replace("\n", "\n  ")
    return f"{plan}```lean4\ntheorem sum (a b : Nat) (h : a = 2) (g : b = 3) : a + b = 5 := by\n  {body}\n```"


def in_rounds(*answers: str) -> SpeakingModel:
    """A model that gives the answers of the next round whenever it is shown one more failure."""

    def speak(prompt: Prompt, sampling: Sampling) -> list[Completion]:
        seen = sum(message.role == "assistant" for message in prompt) if isinstance(prompt, tuple) else 0
        text = answers[min(seen, len(answers) - 1)]
        return [Completion(text.replace("#", str(i)), -1.0, 9) for i in range(sampling.n)]

    return SpeakingModel(speak)


async def proving(
    lean: LeanWasmEnvironment, model: SpeakingModel, name: str, options: LlmOptions
) -> tuple[ProofRecord, list[tuple[Prompt, Sampling]]]:
    generator = WholeProofPolicy(model, FORMATS[name], options)
    record = await prove_theorem(Theorem.from_text(STATED), environment=lean, generator=generator)
    return record, model.asked


def distinct(asked: Sequence[tuple[Prompt, Sampling]]) -> bool:
    return len({(str(prompt), sampling.seed) for prompt, sampling in asked}) == len(asked) and len(
        {sampling.seed for _, sampling in asked}
    ) == len(asked)


@pytest.mark.parametrize("name", CORRECTS)
async def test_second_round_shows_answer_and_errors(lean: LeanWasmEnvironment, name: str) -> None:
    said = answer(WRONG, plan="<think>A long thought.</think>\nMy plan is this.\n\n")
    model = in_rounds(said, answer("omega"))
    record, asked = await proving(lean, model, name, LlmOptions(samples=1, batches=3, corrections=2))
    assert record.proved
    (first, _), (second, sampling) = asked
    assert isinstance(first, tuple)
    assert isinstance(second, tuple)
    assert second[: len(first)] == first
    assert second[len(first)] == Message("assistant", said)
    assert second[-1].role == "user"
    assert second[-1].content.count("Unknown identifier") == 2
    assert sampling.n == 2
    assert distinct(asked)


async def test_every_error_has_its_lines_and_its_place_marked(lean: LeanWasmEnvironment) -> None:
    model = in_rounds(answer(WRONG), answer("omega"))
    _, asked = await proving(lean, model, "goedel-v2", LlmOptions(samples=1, batches=2))
    told = asked[1][0][-1].content  # type: ignore[union-attr]
    assert "have first : a = a := <error>foo</error>" in told
    assert "have second : b = b := <error>bar</error>" in told
    assert "Error 1:" in told
    assert "Error 2:" in told
    assert "theorem sum (a b : Nat)" in told.partition("Error 2:")[0]


async def test_history_grows_over_the_rounds(lean: LeanWasmEnvironment) -> None:
    model = in_rounds(answer(WRONG), answer("rw [h]\nrfl"), answer("omega"))
    record, asked = await proving(lean, model, "goedel-v2", LlmOptions(samples=1, batches=3, corrections=1))
    assert record.proved
    roles = [[message.role for message in prompt] for prompt, _ in asked]  # type: ignore[union-attr]
    assert roles == [["user"], ["user", "assistant", "user"], ["user", "assistant", "user", "assistant", "user"]]


async def test_each_failed_answer_is_corrected_by_itself(lean: LeanWasmEnvironment) -> None:
    model = in_rounds(answer("have h# : a = 1 := by omega\nomega"))
    _, asked = await proving(lean, model, "goedel-v2", LlmOptions(samples=3, batches=2, corrections=2))
    assert [sampling.n for _, sampling in asked] == [3, 2, 2, 2]
    shown = [prompt[1].content for prompt, _ in asked[1:]]  # type: ignore[union-attr]
    assert len(set(shown)) == 3
    assert distinct(asked)


async def test_every_failure_of_the_second_round_is_corrected_as_well(lean: LeanWasmEnvironment) -> None:
    def speak(prompt: Prompt, sampling: Sampling) -> list[Completion]:
        names = (f"h{len(prompt)}_{sampling.seed}_{i}" for i in range(sampling.n))
        return [Completion(answer(f"have {name} : a = 1 := by omega\nomega"), -1.0, 9) for name in names]

    model = SpeakingModel(speak)
    _, asked = await proving(lean, model, "goedel-v2", LlmOptions(samples=2, batches=4, corrections=2))
    rounds = [(len(prompt) + 1) // 2 for prompt, _ in asked]
    assert [rounds.count(number) for number in (1, 2, 3, 4)] == [1, 2, 4, 4]  # no more than four, lest it explode
    assert distinct(asked)


@pytest.mark.parametrize("name", [name for name in PROOFS if name not in CORRECTS])
async def test_other_formats_draw_afresh_with_another_seed(lean: LeanWasmEnvironment, name: str) -> None:
    model = in_rounds(answer("have h# : a = 1 := by omega\nomega"))
    _, asked = await proving(lean, model, name, LlmOptions(samples=4, batches=3))
    assert [sampling.n for _, sampling in asked] == [4, 4, 4]
    assert len({str(prompt) for prompt, _ in asked}) == 1
    assert distinct(asked)


@pytest.mark.parametrize("name", PROOFS)
async def test_fence_begins_with_the_theorems_own_header(lean: LeanWasmEnvironment, name: str) -> None:
    model = in_rounds(answer("omega"))
    _, asked = await proving(lean, model, name, LlmOptions(samples=1, batches=1))
    prompt = asked[0][0]
    text = prompt if isinstance(prompt, str) else prompt[-1].content
    assert "```lean4\nimport Init\n\nopen Nat\n\n/-- A sum. -/\ntheorem sum (a b" in text


async def test_what_came_back_and_was_of_no_use_is_counted(lean: LeanWasmEnvironment) -> None:
    model = in_rounds("I cannot.")
    record, _ = await proving(lean, model, "goedel-v2", LlmOptions(samples=2, batches=2))
    assert not record.proved
    assert "4 of 4 answers of the model were of no use: 4 could not be read" in record.notes


@pytest.mark.parametrize(
    ("completion", "why"),
    [
        (Completion("", -1.0, 1), "1 empty"),
        (Completion(answer("sorry"), -1.0, 1), "1 gave up (sorry)"),
        (Completion("Let me think", -1.0, 1, finished=False), "1 cut off"),
        (Completion("I cannot.", -1.0, 1), "1 could not be read"),
    ],
)
async def test_why_an_answer_is_of_no_use_is_told_apart(
    lean: LeanWasmEnvironment, completion: Completion, why: str
) -> None:
    model = SpeakingModel(lambda prompt, sampling: [completion])
    record, _ = await proving(lean, model, "kimina", LlmOptions(samples=1, batches=1))
    assert why in " ".join(record.notes)


async def test_a_long_answer_that_is_no_lean_is_not_elaborated(lean: LeanWasmEnvironment) -> None:
    steps = "".join(f"have h{i} : {i} = {i} := by decide\n" for i in range(1_000))
    record, _ = await proving(lean, in_rounds(answer(f"{steps}oops )")), "kimina", LlmOptions(samples=1, batches=1))
    assert not record.proved
    assert record.search.statistics.effort < EFFORT / 4


async def test_a_proof_takes_no_more_than_its_effort(lean: LeanWasmEnvironment) -> None:
    deep = "have h : " + "(1 + " * 8_000 + "oops"
    record, _ = await proving(lean, in_rounds(answer(deep)), "kimina", LlmOptions(samples=1, batches=1))
    assert not record.proved
    assert record.search.statistics.effort <= EFFORT
