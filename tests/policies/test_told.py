"""What a model is told, from the front ends to the request: the problem, the header, the file, the prefix."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from prover.cli.main import cli
from prover.core.proof_state import Goal, ProofState
from prover.core.theorem import Theorem
from prover.environments.lean_wasm.environment import LeanWasmEnvironment
from prover.jobs.job import ProofTask
from prover.models.model import Completion, Prompt, Sampling
from prover.policies.llm.prompts.catalog import FORMATS
from prover.policies.llm.sampling import LlmOptions
from prover.policies.llm.steps import LlmPolicy
from prover.policies.llm.whole_proof import WholeProofPolicy
from prover.proving.fill import fill_source
from prover.proving.prove import prove_theorem
from prover.proving.suggest import Suggester, SuggestionOptions
from tests.models.server import Answer, Server, answer, serving
from tests.policies.models import SpeakingModel, says

WORDS = "The sum of two and two is four."
STATED = "import Init\n\nopen Nat\n\ntheorem four : 2 + 2 = 4"


def proving(path: str, body: dict[str, Any]) -> Answer:
    message = {"role": "assistant", "content": "```lean4\ntheorem four : 2 + 2 = 4 := by\n  rfl\n```"}
    return answer(*({"index": i, "message": message, "finish_reason": "stop"} for i in range(body["n"])))


def question(server: Server) -> str:
    return str(server.requests[0][1]["messages"][-1]["content"])


def command(server: Server, *arguments: str) -> None:
    asked = ["--model", server.url, "--prompt", "kimina", "--policy", "model"]
    result = CliRunner().invoke(cli, [*arguments, *asked], catch_exceptions=False)
    assert result.exit_code == 0, result.output


def test_prove_tells_the_problem_and_the_header(tmp_path: Path, lean: LeanWasmEnvironment) -> None:
    words = tmp_path / "words.txt"
    words.write_text(f"{WORDS}\n\n### Solution\n\nCount.", encoding="utf-8")
    log = tmp_path / "log.jsonl"
    with serving(proving) as server:
        command(server, "prove", STATED, "--informal", str(words), "--no-refute", "--model-log", str(log))
    assert f"# Problem: {WORDS}\n# Formal statement:" in question(server)
    assert "```lean4\nimport Init\n\nopen Nat\n\ntheorem four : 2 + 2 = 4 := by\n```" in question(server)
    assert "Count." not in question(server)
    row = json.loads(log.read_text(encoding="utf-8").splitlines()[0])
    assert row["prompt"] == server.requests[0][1]["messages"]
    assert "rfl" in row["answers"][0]["text"]


def test_bench_tells_the_problem(tmp_path: Path, lean: LeanWasmEnvironment) -> None:
    row = {"name": "four", "statement": "theorem four : 2 + 2 = 4", "header": "open Nat", "informal": WORDS}
    (tmp_path / "set.jsonl").write_text(json.dumps(row), encoding="utf-8")
    with serving(proving) as server:
        command(
            server, "bench", str(tmp_path / "set.jsonl"), "--canaries", "0", "--output", str(tmp_path / "out"), "--json"
        )
    assert f"# Problem: {WORDS}" in question(server)
    assert "```lean4\nopen Nat\n\ntheorem four" in question(server)


def test_job_carries_the_problem() -> None:
    task = ProofTask(text=STATED, informal=WORDS)
    assert ProofTask.model_validate_json(task.model_dump_json()).theorem().informal == WORDS


async def test_forbidding_keeps_the_problem(lean: LeanWasmEnvironment) -> None:
    theorem = Theorem(STATED, ("Init",), "theorem four : 2 + 2 = 4", ("Nat.add_comm",), WORDS)
    assert (await lean.forbidding(theorem)).informal == WORDS


# ---- the text before the cursor -------------------------------------------------------------------------------------


def asking(name: str, *answers: str) -> tuple[SpeakingModel, LlmPolicy]:
    model = SpeakingModel(says(*answers))
    return model, LlmPolicy(model, FORMATS[name], LlmOptions(samples=len(answers)))


@pytest.mark.parametrize("name", ["ntp-ctx", "raw-context"])
async def test_context_is_the_theorem_and_the_proof_so_far(lean: LeanWasmEnvironment, name: str) -> None:
    model, policy = asking(name, "constructor", "exact hp", "exact hq")
    theorem = Theorem.from_text("open Nat\n\ntheorem both (p q : Prop) (hp : p) (hq : q) : p ∧ q")
    record = await prove_theorem(theorem, environment=lean, generator=policy)
    assert record.proved
    first, second = str(model.asked[0][0]), str(model.asked[1][0])
    assert "open Nat\n\ntheorem both (p q : Prop) (hp : p) (hq : q) : p ∧ q := by\n  " in first
    assert "p ∧ q := by\n  constructor\n  " in second


async def test_proof_so_far_is_shown_to_models_that_read_it(lean: LeanWasmEnvironment) -> None:
    model, policy = asking("internlm2.5-step", "constructor", "exact hp", "exact hq")
    theorem = Theorem.from_text("theorem both (p q : Prop) (hp : p) (hq : q) : p ∧ q")
    await prove_theorem(theorem, environment=lean, generator=policy)
    assert "NAME: both\n\n---\nPROOF_BEFORE: \n" in str(model.asked[0][0])
    assert "PROOF_BEFORE: constructor\n" in str(model.asked[1][0])


async def test_fill_shows_the_file_up_to_the_hole(lean: LeanWasmEnvironment) -> None:
    text = "def two := 2\n\ntheorem first : two = 2 := by\n  sorry\n\ntheorem second : two + two = 4 := by\n  sorry\n"
    model, policy = asking("ntp-ctx", "rfl")
    report = await fill_source(text, environment=lean, generator=policy)
    assert report.complete
    first, second = (str(prompt).rpartition("[/CTX]")[0] for prompt, _ in model.asked[:2])
    assert first.endswith("def two := 2\n\ntheorem first : two = 2 := by\n  \n")
    assert "theorem second : two + two = 4 := by\n  \n" in second


async def test_editor_sends_context_and_prefix(lean: LeanWasmEnvironment) -> None:
    model, policy = asking("ntp-ctx", "act hp")
    options = SuggestionOptions(prefix="ex", context="-- my file\ntheorem t (p : Prop) (hp : p) : p := by\n  ")
    found = await Suggester(lean, policy).for_state("p : Prop\nhp : p\n⊢ p", options=options)
    prompt = str(model.asked[0][0])
    assert "[CTX]\n-- my file\ntheorem t" in prompt
    assert prompt.endswith("[TAC]\nex")
    assert found.suggestions[0].tactic == "exact hp"


async def test_another_file_is_another_question() -> None:
    def speak(prompt: Prompt, sampling: Sampling) -> list[Completion]:
        return [Completion("rfl", -1.0, 1)]

    model = SpeakingModel(speak)
    policy = LlmPolicy(model, FORMATS["ntp-ctx"], LlmOptions(samples=1))
    state = ProofState((Goal("⊢ p"),))
    for context in ("-- one\n", "-- two\n"):
        policy.at_place(context)
        await policy.propose([state], n=1, seed=0)
    assert ["-- one" in str(prompt) for prompt, _ in model.asked] == [True, False]


# ---- whole proofs of goals in a file --------------------------------------------------------------------------------

FILE = """\
open Nat

def two := 2

theorem first : two = 2 := by
  sorry

theorem second (n : Nat) (h : n = two) : n + n = 4 ∧ True := by
  constructor
  · sorry
  · trivial
"""


async def test_fill_asks_for_a_whole_proof_of_every_goal(lean: LeanWasmEnvironment) -> None:
    def speak(prompt: Prompt, sampling: Sampling) -> list[Completion]:
        how = "unfold two at h\n  omega" if "n + n" in proof(prompt) else "rfl"
        return [Completion(f"```lean4\nexample : True := by\n  {how}\n```", -1.0, 9)] * sampling.n

    def proof(prompt: Prompt) -> str:
        return prompt[0].content  # type: ignore[union-attr]

    model = SpeakingModel(speak)
    policy = WholeProofPolicy(model, FORMATS["goedel-v2"], LlmOptions(samples=1, batches=1))
    report = await fill_source(FILE, environment=lean, generator=policy)
    first, second = (proof(prompt) for prompt, _ in model.asked)
    assert "def two := 2" in first
    assert ": two = 2 := by\n  sorry" in first
    assert first.count(":= by") == 1
    assert "def two := 2" in second
    assert "n + n = 4 := by\n  sorry" in second
    assert "(h : n = two)" in second
    assert [hole.filled for hole in report.holes] == [True, True]


async def test_name_of_a_theorem_is_that_of_the_place(lean: LeanWasmEnvironment) -> None:
    model, policy = asking("internlm2.5-step", "rfl")
    await fill_source(FILE, environment=lean, generator=policy)
    assert "NAME: first" in str(model.asked[0][0])
    assert "NAME: second" in str(model.asked[-1][0])
