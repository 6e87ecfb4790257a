"""What a request says of a problem reaches the model: from REST through the queue and a worker into the prompt."""

from __future__ import annotations

from prover.models.model import Completion, Prompt, Sampling
from prover.policies.generator import TacticGenerator
from prover.policies.llm.prompts.catalog import FORMATS
from prover.policies.llm.sampling import LlmOptions
from prover.policies.llm.whole_proof import WholeProofPolicy
from tests.e2e.conftest import serving
from tests.e2e.redis_server import RedisServer
from tests.policies.models import SpeakingModel

WORDS = "Count from zero to two."
QUESTION = f"# Problem: {WORDS}\n# Formal statement:"


def speak(prompt: Prompt, sampling: Sampling) -> list[Completion]:
    return [Completion("```lean4\nby done\n```", -1.0, 3)] * sampling.n


async def test_problem_of_a_proof_and_of_a_batch_is_in_the_prompt(shared_redis: RedisServer, namespace: str) -> None:
    model = SpeakingModel(speak)

    async def policy(name: str | None) -> TacticGenerator:
        return WholeProofPolicy(model, FORMATS["kimina"], LlmOptions(samples=1, batches=1))

    async with serving(shared_redis.url, namespace, policy=policy) as api:
        theorem = {"theorem": "theorem one : 0 to 2", "informal": f"{WORDS}\n\n### Solution\n\nOne, two."}
        proof = await api.client.post("/v1/proofs", json=theorem, params={"wait_s": 60})
        assert proof.status_code < 300, proof.text
        items = [{"name": "two", "statement": "theorem two : 0 to 2", "informal": WORDS}]
        batch = await api.client.post("/v1/batches", json={"problems": items})
        assert batch.status_code < 300, batch.text
        done = await api.client.get(f"/v1/batches/{batch.json()['id']}", params={"wait_s": 60})
        assert done.json()["completed"] == 1
    asked = [str(prompt[-1].content) for prompt, _ in model.asked if isinstance(prompt, tuple)]
    assert sum(QUESTION in question and "theorem one" in question for question in asked) == 1
    assert sum(QUESTION in question and "theorem two" in question for question in asked) == 1
    assert not any("One, two." in question for question in asked)
