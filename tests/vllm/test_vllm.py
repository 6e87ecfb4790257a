"""Tactic prediction, search and batch runs against the real vLLM engine."""

from __future__ import annotations

import asyncio
import json
import os
import re
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from prover.core.proof_state import Goal, ProofState
from prover.core.theorem import Theorem
from prover.environments.lean_wasm.environment import LeanWasmEnvironment
from prover.errors import ContextOverflowError, LanguageModelError
from prover.models.model import Sampling
from prover.models.openai_completions import OpenAICompletions
from prover.policies.llm.prompts.catalog import FORMATS
from prover.policies.llm.prompts.prompt import Query
from prover.policies.llm.sampling import LlmOptions
from prover.policies.llm.steps import LlmPolicy
from tests.conftest import ROOT
from tests.vllm.conftest import CONTEXT, HANGS_S, TAUGHT, Vllm, stop

pytestmark = pytest.mark.vllm

LLEMMA = FORMATS["llemma"]
SUM = "a b : Nat\n⊢ a + b = b + a"
SAMPLING = Sampling(n=32, temperature=0.8, max_tokens=32, stop=LLEMMA.stop, seed=7)


@pytest.fixture
async def model(vllm: Vllm) -> AsyncIterator[OpenAICompletions]:
    client = OpenAICompletions([vllm.url])
    yield client
    await client.close()


def prompt(state: str) -> str:
    rendered = LLEMMA.render(Query(state=state))
    assert isinstance(rendered, str)
    return rendered


def prover(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "prover", *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=HANGS_S, check=False)


async def test_server_says_what_it_serves(model: OpenAICompletions) -> None:
    assert await model.identify() == "tiny-llemma"
    assert model.context == CONTEXT


async def test_samples_have_logprobs_and_end_before_the_stop(model: OpenAICompletions) -> None:
    (samples,) = await model.complete([prompt(SUM)], SAMPLING)
    assert len(samples) == 32
    assert all(s.logprob is not None and s.logprob <= 0 and s.tokens > 0 for s in samples)
    assert not any("---" in s.text for s in samples)
    assert model.usage.completion_tokens > 0


async def test_same_seed_same_samples_and_another_seed_others(model: OpenAICompletions) -> None:
    def texts(seed: int) -> Sampling:
        return Sampling(n=8, temperature=2.0, max_tokens=16, seed=seed)

    found = [[c.text for c in (await model.complete([prompt(SUM)], texts(seed)))[0]] for seed in (1, 1, 2)]
    assert found[0] == found[1]
    assert len({*found[0], *found[2]}) > 12  # neighbouring seeds share (nearly) nothing


async def test_prompts_of_one_call_get_their_own_answers(model: OpenAICompletions) -> None:
    lists = "xs : List Nat\n⊢ xs ++ [] = xs"
    greedy = Sampling(n=1, temperature=0.0, max_tokens=16, stop=LLEMMA.stop)
    prompts = [prompt(SUM), prompt(lists)]
    (first,), (second,) = await model.complete(prompts, greedy)
    assert first.text.strip() == "omega"
    assert [first.text, second.text] == [(await model.complete([each], greedy))[0][0].text for each in prompts]
    assert first.text != second.text


async def test_beams_end_at_the_stop_best_first(model: OpenAICompletions) -> None:
    beam = Sampling(n=4, max_tokens=16, stop=LLEMMA.stop, beam=True)
    (found,) = await model.complete([prompt(SUM)], beam)
    assert found[0].text.strip() == "omega"
    assert [c.logprob for c in found] == sorted((c.logprob for c in found), key=lambda lp: -(lp or 0))
    assert not any("---" in c.text for c in found)
    (samples,) = await model.complete([prompt(SUM)], SAMPLING)
    best = max(s.logprob or 0 for s in samples if s.text.strip() == "omega")
    assert found[0].logprob == pytest.approx(best, abs=0.2)  # the same probability by another way


async def test_policy_predicts_what_was_taught(model: OpenAICompletions, taught: list[tuple[str, str]]) -> None:
    policy = LlmPolicy(model, LLEMMA, LlmOptions(temperature=0.5))
    states = [ProofState((Goal(state),)) for state, _ in taught]
    proposals = await policy.propose(states, n=32, seed=0)
    right = sum(
        proposal.candidates[0].tactic == tactic for proposal, (_, tactic) in zip(proposals, taught, strict=True)
    )
    assert right >= len(taught) - 1


async def test_too_long_a_prompt_is_an_overflow_and_the_policy_shortens_it(model: OpenAICompletions) -> None:
    many = "".join(f"h{i} : {i} < {i + 1}\n" for i in range(400))
    with pytest.raises(ContextOverflowError):
        await model.complete([prompt(f"{many}a b : Nat\n⊢ a + b = b + a")], SAMPLING)
    policy = LlmPolicy(model, LLEMMA, LlmOptions(samples=4))
    before = model.usage.completion_tokens
    await policy.propose([ProofState((Goal(f"{many}a b : Nat\n⊢ a + b = b + a"),))], n=4, seed=0)
    assert model.usage.completion_tokens > before


async def test_other_model_is_refused_with_what_there_is(vllm: Vllm) -> None:
    client = OpenAICompletions([vllm.url], model="llemma_34b")
    with pytest.raises(LanguageModelError, match="it has: tiny-llemma"):
        await client.complete(["x"], SAMPLING)
    await client.close()


async def test_cancelled_requests_stop_in_the_engine(vllm: Vllm, model: OpenAICompletions) -> None:
    endless = Sampling(n=16, temperature=2.0, max_tokens=600)
    await model.identify()
    tasks = [asyncio.create_task(model.complete([prompt(SUM)], endless)) for _ in range(4)]
    await wait_for(vllm, lambda running: running > 0)
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    await wait_for(vllm, lambda running: running == 0)


async def wait_for(vllm: Vllm, wanted: object) -> None:
    end = time.monotonic() + 20
    async with httpx.AsyncClient() as client:
        while time.monotonic() < end:
            metrics = (await client.get(f"{vllm.url}/metrics")).text
            running = sum(float(n) for n in re.findall(r"^vllm:num_requests_running\{[^}]*\} (\S+)", metrics, re.M))
            if wanted(running):  # type: ignore[operator]
                return
            await asyncio.sleep(0.05)
    raise AssertionError("the engine's running requests did not come to what was expected")


@pytest.mark.parametrize("statement", [next(iter(TAUGHT)), "theorem t (p q : Prop) : p → q → p"])
def test_prove_with_the_model_alone(vllm: Vllm, statement: str) -> None:
    result = prover("prove", statement, "--model", vllm.url, "--policy", "model", "--json")
    assert result.returncode == 0, result.stderr
    record = json.loads(result.stdout)
    assert set(record["search"]["sources"]) == {"model"}
    assert record["policy"].startswith("llm(tiny-llemma, llemma, 32×2")


def test_doctor_asks_the_server(vllm: Vllm) -> None:
    result = prover("doctor", "--model", vllm.url, "--json")
    assert result.returncode == 0, result.stderr
    (model,) = [f for f in json.loads(result.stdout)["findings"] if f["name"] == "model"]
    assert model["ok"]
    assert "tiny-llemma answers" in model["text"]
    assert "with log-probabilities; prompt format llemma" in model["text"]


def test_prove_with_closers_and_model_in_turns(vllm: Vllm) -> None:
    result = prover("prove", "theorem t (x : Nat) (h : 3 * x = 12) : x = 4", "--model", vllm.url, "--json")
    assert result.returncode == 0, result.stderr
    assert json.loads(result.stdout)["notes"] == []


def test_bench_with_the_model(vllm: Vllm, tmp_path: Path) -> None:
    rows = [{"name": f"t{i}", "statement": statement} for i, statement in enumerate(TAUGHT)]
    problems = tmp_path / "taught.jsonl"
    problems.write_text("".join(json.dumps(row) + "\n" for row in rows))
    result = prover(
        "bench", str(problems), "--model", vllm.url, "--policy", "model", "--workers", "4", "--canaries", "0",
        "--output", str(tmp_path / "run"), "--json",
    )  # fmt: skip
    assert result.returncode == 0, result.stderr
    summary = json.loads(result.stdout)
    assert summary["proved"] >= len(TAUGHT) - 1
    assert summary["by_source"] == {"model": summary["proved"]}


async def test_real_state_is_closed_by_a_prediction(model: OpenAICompletions, lean: LeanWasmEnvironment) -> None:
    policy = LlmPolicy(model, LLEMMA)
    async with lean.open(Theorem.from_text("theorem t (c d : Nat) : c + d = d + c")) as session:
        (proposal,) = await policy.propose([session.initial], n=32, seed=0)
        outcomes = await session.apply(session.initial, [c.tactic for c in proposal.candidates], timeout_s=10)
    assert type(outcomes[-1]).__name__ == "Closed"


def test_encoder_decoder_predicts_by_beam_search(vllm_python: Path, tmp_path: Path) -> None:
    trial = ROOT / "tests" / "vllm" / "encoder_decoder_trial.py"
    environment = os.environ | {"PYTHONPATH": str(ROOT), "HF_HUB_OFFLINE": "1"}
    result = subprocess.run(
        [vllm_python, trial, tmp_path / "byt5"],
        env=environment,
        capture_output=True,
        text=True,
        timeout=HANGS_S,
        check=False,
    )
    assert result.returncode == 0, result.stderr[-3000:]
    said = json.loads(result.stdout.splitlines()[-1])
    assert [candidates[0][0] for candidates in said["found"]] == ["rfl", "exact h"]
    assert all(logprob <= 0 for candidates in said["found"] for _, logprob in candidates)
    assert "reads plain text" in said["refused"]
    assert "cannot load" in said["missing"]


def test_model_that_dies_leaves_the_closers(vllm: Vllm) -> None:
    """The last test: it ends the server."""
    stop(vllm.process)
    result = prover("prove", "theorem t (a b : Nat) : a + b = b + a", "--model", vllm.url, "--json")
    assert result.returncode == 0, result.stderr
    (note,) = json.loads(result.stdout)["notes"]
    assert "no model server answers" in note
    alone = prover("prove", "theorem t : 1 = 1", "--model", vllm.url, "--policy", "model")
    assert alone.returncode == 3
    assert "no model server answers" in alone.stderr
