"""In containers as it is deployed: the model is away, and the queue is proved all the same."""

from __future__ import annotations

import httpx
import pytest

from tests.compose.conftest import Deployment

pytestmark = pytest.mark.compose


def test_batch_is_proved_without_the_model_and_says_so(deployment: Deployment) -> None:
    lines = [{"name": f"t{i}", "statement": f"theorem t{i} (a b : Nat) : a + b + {i} = b + a + {i}"} for i in range(6)]
    batch = deployment.batch(lines)
    assert (batch["proved"], batch["failed"]) == (len(lines), 0)
    with httpx.Client(base_url=deployment.url, timeout=30) as client:
        model = client.get("/readyz").json()["dependencies"]["model"]
        assert not model["ok"]
        results = client.get(f"/v1/batches/{batch['id']}/results").text
    assert "the model is left out" in results


def test_job_that_needs_the_model_waits(deployment: Deployment) -> None:
    with httpx.Client(base_url=deployment.url, timeout=60) as client:
        body = {"theorem": "theorem waits (a : Nat) : a = a", "policy": "model", "cache": "ignore"}
        answer = client.post("/v1/proofs", json=body, params={"wait_s": 30})
        job = answer.json()
        assert job["status"] in {"queued", "running"}, job
        client.delete(f"/v1/proofs/{job['id']}").raise_for_status()
