"""The REST interface over real HTTP, with a real Redis and a worker that counts."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from typing import Any

import httpx
import pytest
from fastapi import APIRouter
from openapi_spec_validator import validate

from prover.jobs.queue import JobQueue
from prover.policies.registry import policies_for
from prover.search.events import each_of
from prover.search.live import LiveTrace
from prover.search.trace import SearchTrace
from prover.web.keys import ApiKey, new_key
from prover.web.schemas import EVENTS
from tests.conftest import HUNG_S
from tests.e2e.conftest import Api, serving
from tests.e2e.redis_server import RedisServer
from tests.search.searches import report_made_up

SLOW = "scripted:sleep 3600;;add 1;;done"


def lines(count: int, *, target: int = 2) -> str:
    return "".join(
        json.dumps({"name": f"n{i}", "statement": f"theorem n{i} : 0 to {target}"}) + "\n" for i in range(count)
    )


async def post_lines(api: Api, body: str | AsyncIterator[bytes], **parameters: Any) -> httpx.Response:
    content = body.encode() if isinstance(body, str) else body
    parameters = {"policy": "scripted:add 1;;done"} | parameters
    headers = {"Content-Type": "application/x-ndjson"}
    return await api.client.post("/v1/batches", content=content, params=parameters, headers=headers)


async def events(
    api: Api,
    job_id: str,
    *,
    after: str | None = None,
    enough: int = 10_000,
    at_first: Callable[[], None] = lambda: None,
) -> list[dict[str, Any]]:
    """The events of a job as a browser gets them; `at_first` is called when one has come."""
    found: list[dict[str, Any]] = []
    event: dict[str, Any] = {}
    headers = {"Last-Event-ID": after} if after else {}
    async with api.client.stream("GET", f"/v1/proofs/{job_id}/events", headers=headers) as stream:
        assert stream.headers["content-type"].startswith("text/event-stream")
        async for line in stream.aiter_lines():
            name, _, value = line.partition(": ")
            if line and name in {"event", "id", "data"}:
                event[name] = json.loads(value) if name == "data" else value
            elif not line and "data" in event:
                found.append(event)
                event = {}
                if len(found) == 1:
                    at_first()
                if len(found) == enough:
                    break
    return found


def problem(response: httpx.Response, status: int, kind: str) -> dict[str, Any]:
    assert response.status_code == status, response.text
    assert response.headers["content-type"] == "application/problem+json"
    body: dict[str, Any] = response.json()
    assert body["type"] == f"urn:prover:{kind}"
    assert body["status"] == status
    assert body["instance"] == response.headers["x-request-id"]
    return body


# ---- proofs ---------------------------------------------------------------------------------------------------------
async def test_proof_is_found_and_told_whole(api: Api) -> None:
    response = await api.prove(3, name="three")
    assert response.status_code == 200
    job = response.json()
    assert (job["status"], job["proved"], job["name"]) == ("completed", True, "three")
    assert job["record"]["search"]["tactics"] == ["add 1", "add 1", "add 1", "done"]
    assert response.headers["location"] == job["links"]["self"]
    assert (await api.client.get(job["links"]["self"])).json() == job


async def test_without_waiting_the_answer_is_accepted_and_comes_later(api: Api) -> None:
    response = await api.prove(wait_s=0)
    assert response.status_code == 202
    assert response.json()["proved"] is None
    later = await api.client.get(response.headers["location"], params={"wait_s": 60})
    assert (later.status_code, later.json()["proved"]) == (200, True)


async def test_not_proved_is_no_failure(api: Api) -> None:
    job = (await api.prove(policy="scripted:sorry")).json()
    assert (job["status"], job["proved"]) == ("completed", False)
    assert job["record"]["search"]["stop"] == "exhausted"


async def test_statement_that_the_assistant_refuses_fails_with_its_reason(api: Api) -> None:
    job = (await api.client.post("/v1/proofs", params={"wait_s": 60}, json={"theorem": "lemma no : 1"})).json()
    assert (job["status"], job["failure"]["kind"], job["attempt"]) == ("failed", "invalid_theorem", 1)
    assert job["failure"]["hint"] == "theorem NAME : A to B"


async def test_cancelled_job_ends_and_stays_so(api: Api) -> None:
    running = (await api.prove(policy=SLOW, wait_s=0)).json()
    assert (await events(api, running["id"], enough=2))[-1]["event"] == "started"
    response = await api.client.delete(running["links"]["self"], params={"wait_s": 60})
    assert (response.status_code, response.json()["status"]) == (200, "cancelled")
    again = await api.client.delete(running["links"]["self"])
    assert (again.status_code, again.json()) == (200, response.json())


async def test_waiting_job_is_cancelled_at_once(shared_redis: RedisServer, namespace: str) -> None:
    async with serving(shared_redis.url, namespace, workers=0) as api:
        job = (await api.prove(wait_s=0)).json()
        assert (await api.client.delete(job["links"]["self"])).json()["status"] == "cancelled"


async def test_idempotency_key_gives_the_same_job_and_refuses_another_request(api: Api) -> None:
    first = await api.prove(idempotency_key="k")
    second = await api.prove(idempotency_key="k")
    assert second.json() == first.json()
    assert second.headers["idempotent-replayed"] == "true"
    problem(await api.prove(4, idempotency_key="k"), 409, "idempotency-conflict")
    header = {"Idempotency-Key": "k"}
    body = {"theorem": "theorem t : 0 to 3", "policy": "scripted:add 1;;done"}
    third = await api.client.post("/v1/proofs", json=body, headers=header)
    assert third.json()["id"] == first.json()["id"]


async def test_repeated_request_is_the_same_also_if_its_proof_is_chosen_for_another_verification(
    shared_redis: RedisServer, namespace: str
) -> None:
    async with serving(shared_redis.url, namespace, reverified=1.0) as api:
        first = await api.prove(idempotency_key="k")
        second = await api.prove(idempotency_key="k")
        assert second.json()["id"] == first.json()["id"]


async def test_pages_of_jobs_hold_each_once_the_newest_first(api: Api) -> None:
    await post_lines(api, lines(130))
    singles = [(await api.prove(n)).json()["id"] for n in range(5)]
    seen: list[str] = []
    cursor: str | None = None
    while True:
        parameters = {"limit": 40} | ({"cursor": cursor} if cursor else {})
        page = (await api.client.get("/v1/proofs", params=parameters)).json()
        seen += [job["id"] for job in page["items"]]
        assert all(job["record"] is None for job in page["items"])
        cursor = page["next"]
        if cursor is None:
            break
    assert len(seen) == len(set(seen)) == 135
    assert seen[:5] == singles[::-1]


async def test_list_is_filtered(api: Api) -> None:
    await api.prove(1)
    await api.prove(policy="scripted:sorry")
    batch = (await post_lines(api, lines(3))).json()["id"]
    await api.client.get(f"/v1/batches/{batch}", params={"wait_s": 60})

    async def count(**parameters: Any) -> int:
        return len((await api.client.get("/v1/proofs", params=parameters)).json()["items"])

    assert await count() == 5
    assert await count(proved="false") == 1
    assert await count(batch=batch) == 3
    assert await count(batch=batch, limit=2) == 2
    assert await count(status="failed") == 0


async def test_verification_gives_verdicts(api: Api) -> None:
    async def verify(**body: str) -> dict[str, Any]:
        response = await api.client.post("/v1/verifications", json=body)
        assert response.status_code == 200, response.text
        verdict: dict[str, Any] = response.json()
        return verdict

    proof = "theorem t : 0 to 1 := by\n  add 1\n  done"
    assert (await verify(source=proof))["accepted"] is True
    assert (await verify(source=proof, against="theorem t : 0 to 2"))["reason"] == "another statement"
    assert (await verify(source="theorem t : 0 to 1 := by\n  done"))["accepted"] is False


# ---- events ---------------------------------------------------------------------------------------------------------
async def test_events_tell_the_whole_search_in_the_words_of_the_trace(api: Api) -> None:
    job = (await api.prove(3)).json()
    told = await events(api, job["id"])
    assert {event["event"] for event in told} <= set(EVENTS)
    for event in told:
        EVENTS[event["event"]].model_validate(event["data"] if event["event"] != "finished" else job)
    nodes = [event["data"] for event in told if event["event"] == "node"]
    assert [node["goals"] for node in nodes] == [[f"{n} ⊢ 3"] for n in range(5)]
    attempts = [event["data"] for event in told if event["event"] == "attempt"]
    assert len(attempts) == job["record"]["search"]["statistics"]["tactics"]
    (found,) = [event["data"] for event in told if event["event"] == "found"]
    assert found["tactics"] == job["record"]["search"]["tactics"]
    assert [told[0]["event"], told[1]["event"], told[-1]["event"]] == ["queued", "started", "finished"]
    assert told[-1]["data"] == job


async def test_stream_goes_on_after_the_event_that_was_last_seen(api: Api) -> None:
    job = (await api.prove(3)).json()
    whole = await events(api, job["id"])
    first = await events(api, job["id"], enough=4)
    rest = await events(api, job["id"], after=first[-1]["id"])
    assert first + rest == whole


async def test_events_come_while_the_search_runs(api: Api) -> None:
    job = (await api.prove(policy="scripted:add 1;;sleep 3600", wait_s=0)).json()
    told = await events(api, job["id"], enough=5)
    assert [event["event"] for event in told][:4] == ["queued", "started", "node", "expansion"]
    assert (await api.client.get(job["links"]["self"])).json()["status"] == "running"
    await api.client.delete(job["links"]["self"])


async def test_job_whose_events_are_forgotten_still_tells_how_it_ended(api: Api) -> None:
    job = (await api.prove(3)).json()
    connection = api.services.store.connection
    await connection.client.delete(connection.key("events", job["id"]))
    assert [event["event"] for event in await events(api, job["id"])] == ["finished"]


def test_changes_put_together_are_the_trace() -> None:
    live, whole = LiveTrace("t"), SearchTrace("t")
    report_made_up(each_of(live, whole), states=40, per_state=8)
    nodes: dict[int, dict[str, Any]] = {}
    for change in live.take():
        if change.event == "node":
            kept = nodes.get(change.data["id"], {})
            nodes[change.data["id"]] = {**{k: kept[k] for k in ("expansions", "attempts") if k in kept}, **change.data}
        elif change.event in {"expansion", "attempt"}:
            data = dict(change.data)
            nodes[data.pop("node")].setdefault(f"{change.event}s", []).append(data)
    wanted = [node.model_dump(mode="json", exclude_defaults=True) for node in whole.tree().nodes]
    assert [nodes[number] for number in sorted(nodes)] == wanted


# ---- batches --------------------------------------------------------------------------------------------------------
async def test_batch_is_worked_off_and_its_results_read_like_those_of_a_bench(api: Api) -> None:
    response = await post_lines(api, lines(40), name="forty")
    assert response.status_code == 202
    place = response.headers["location"]
    batch = (await api.client.get(place, params={"wait_s": 60})).json()
    assert (batch["status"], batch["total"], batch["completed"], batch["proved"]) == ("completed", 40, 40, 40)
    rows = [json.loads(line) for line in (await api.client.get(f"{place}/results")).text.splitlines()]
    assert [row["problem"] for row in rows] == [f"n{i}" for i in range(40)]
    assert all(row["proved"] and row["error"] is None for row in rows)
    assert (await api.client.get("/v1/batches")).json()["items"] == [batch]


async def test_ten_thousand_theorems_are_accepted_as_they_stream_in(shared_redis: RedisServer, namespace: str) -> None:
    async def parts() -> AsyncIterator[bytes]:
        text = lines(10_000).encode()
        for start in range(0, len(text), 65_536):
            yield text[start : start + 65_536]

    async with serving(shared_redis.url, namespace, workers=0) as api:
        response = await post_lines(api, parts())
        assert (response.status_code, response.json()["queued"]) == (202, 10_000)
        place = response.headers["location"]
        cancelled = (await api.client.delete(place)).json()
        assert (cancelled["status"], cancelled["cancelled"]) == ("completed", 10_000)


async def test_batch_with_a_bad_line_is_refused_whole_and_the_line_named(api: Api) -> None:
    body = problem(await post_lines(api, lines(150) + '{"name": "x"}\n'), 422, "invalid-request")
    assert body["errors"][0]["place"] == ["body", "line", 151, "statement"]
    problem(await post_lines(api, lines(3) + "not json"), 400, "bad-request")
    problem(await post_lines(api, "\n\n"), 422, "invalid-request")
    connection = api.services.store.connection
    left = [key async for key in connection.client.scan_iter(f"{connection.prefix}*")]
    assert [key for key in left if b"job:" in key or b"batch:" in key] == []


async def test_batch_names_everything_that_is_wrong_with_it(api: Api) -> None:
    good = '{"name": "a", "statement": "theorem a : 0 to 1"}'
    other = good.replace('"a"', '"z"')
    twice = good.replace("theorem a", "theorem b")
    bad = ['{"name": "b"}', "not json", '{"statement": ""}', twice, '{"statement": "theorem t \\u0007 : 0 to 1"}']
    sent = await post_lines(api, "\n".join([good, *bad, *[other] * 200]))
    body = problem(sent, 422, "invalid-request")
    places = [fault["place"][1:] for fault in body["errors"]]
    statement, name = "statement", "name"
    assert places[:5] == [["line", 2, statement], ["line", 3], ["line", 4, statement], ["line", 5, name], ["line", 6]]
    assert "'a' is the name of line.1, too" in body["errors"][3]["reason"]
    assert places[5:] == [["line", number, "name"] for number in range(8, 207)]
    assert body["detail"].startswith(f"{len(places)} errors, the first: line.2.statement: ")
    both = [{"name": "a", "statement": "theorem a : 0 to 1"}, {"statement": 1}, {"name": "a"}]
    refused = problem(await api.client.post("/v1/batches", json={"problems": both}), 422, "invalid-request")
    assert [fault["place"][1:3] for fault in refused["errors"]] == [["problems", 1], ["problems", 2]]
    unnamed = [{"statement": "theorem a : 0 to 1"}] * 2
    assert (await api.client.post("/v1/batches", json={"problems": unnamed})).status_code == 202
    assert [batch["total"] for batch in (await api.client.get("/v1/batches")).json()["items"]] == [2]


async def test_batch_that_does_not_fit_is_refused_whole(shared_redis: RedisServer, namespace: str) -> None:
    async with serving(shared_redis.url, namespace, serve={"max_queued": 10, "max_batch": 20}, workers=0) as api:
        refused = await post_lines(api, lines(11))
        problem(refused, 429, "too-busy")
        assert int(refused.headers["retry-after"]) > 0
        problem(await post_lines(api, lines(21)), 422, "beyond-limit")
        assert (await post_lines(api, lines(10))).status_code == 202
        full = await api.prove(wait_s=0)
        problem(full, 429, "too-busy")
        assert (await api.client.get("/v1/proofs")).json()["items"] != []


@pytest.mark.parametrize(
    ("content", "media", "status", "says"),
    [
        (b'{"theorem": ', "application/json", 400, "not JSON from character 13 on"),
        (b"theorem t : 0 to 1", "application/json", 400, "not JSON from character 1 on"),
        (b"", "application/json", 422, "there is no body"),
        (b"", "", 422, "there is no body"),
        (b'["theorem t : 0 to 1"]', "application/json", 422, "not read as a JSON object"),
        (
            b'{"theorem": "theorem t : 0 to 1"}',
            "application/x-www-form-urlencoded",
            415,
            "sent as application/x-www",
        ),
        (b'{"theorem": "theorem t : 0 to 1"}', "text/plain; charset=utf-8", 415, "sent as text/plain"),
        (b'{"theorem": "theorem t : 0 to 1"}', "", 415, "sent without a type"),
    ],
)
async def test_body_that_is_no_json_object_is_told_what_to_send(
    api: Api, content: bytes, media: str, status: int, says: str
) -> None:
    response = await api.client.post("/v1/proofs", content=content, headers={"Content-Type": media})
    kinds = {400: "bad-request", 415: "media-type", 422: "invalid-request"}
    detail = problem(response, status, kinds[status])["detail"]
    assert says in detail
    assert "send one JSON object, with the header Content-Type: application/json" in detail


async def test_batch_in_json_and_its_idempotency(api: Api) -> None:
    body = {
        "problems": [{"name": "a", "statement": "theorem a : 0 to 1"}],
        "policy": "scripted:add 1;;done",
        "idempotency_key": "b",
    }
    first = await api.client.post("/v1/batches", json=body)
    second = await api.client.post("/v1/batches", json=body)
    assert first.status_code == second.status_code == 202
    assert first.json()["id"] == second.json()["id"]
    other = await api.client.post("/v1/batches", json=body | {"name": "b", "seed": 1})
    problem(other, 409, "idempotency-conflict")
    problem(await api.client.post("/v1/batches", content=b"x", headers={"Content-Type": "text/csv"}), 415, "media-type")


async def test_interactive_proof_passes_a_batch(shared_redis: RedisServer, namespace: str) -> None:
    async with serving(shared_redis.url, namespace, workers=0) as api:
        await post_lines(api, lines(5))
        single = (await api.prove(wait_s=0)).json()["id"]
        claim = await JobQueue(api.services.store.connection, lease_s=5, attempts=3).claim("w")
        assert claim is not None
        assert claim.id == single


# ---- who may, how much ----------------------------------------------------------------------------------------------
@pytest.fixture
async def guarded(shared_redis: RedisServer, namespace: str) -> AsyncIterator[tuple[Api, str, str]]:
    ada, of_ada = new_key("ada")
    bob, of_bob = new_key("bob")
    limited = of_bob.model_copy(update={"per_minute": 12, "unfinished": 1})
    async with serving(shared_redis.url, namespace, keys=(of_ada, limited)) as api:
        yield api, ada, bob


def bearing(key: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {key}"}


async def test_only_keys_open(guarded: tuple[Api, str, str]) -> None:
    api, ada, _ = guarded
    refused = await api.client.get("/v1/proofs")
    problem(refused, 401, "unauthorized")
    assert refused.headers["www-authenticate"] == "Bearer"
    for wrong in (ada[:-1] + ("0" if ada[-1] != "0" else "1"), ada.replace("ada", "eve"), "x", "prover_ada_"):
        problem(await api.client.get("/v1/proofs", headers=bearing(wrong)), 401, "unauthorized")
    assert (await api.client.get("/v1/proofs", headers=bearing(ada))).status_code == 200
    assert (await api.client.get("/v1/proofs", headers={"X-API-Key": ada})).status_code == 200
    assert (await api.client.get("/v1/proofs", auth=("anybody", ada))).status_code == 200  # http://anybody:KEY@host
    problem(await api.client.get("/v1/proofs", auth=("ada", "x")), 401, "unauthorized")
    assert (await api.client.get("/v1/proofs", headers={"Authorization": "Basic %%"})).status_code == 401
    assert (await api.client.get("/healthz")).status_code == 200


async def test_description_asks_for_a_key_where_the_server_does(guarded: tuple[Api, str, str]) -> None:
    description = (await guarded[0].client.get("/openapi.json")).json()
    validate(description)
    assert {"security" in description["paths"][path]["get"] for path in ("/v1/proofs", "/v1/batches")} == {True}
    assert "security" not in description["paths"]["/healthz"]["get"]
    assert set(description["components"]["securitySchemes"]) == {"HTTPBearer", "HTTPBasic", "APIKeyHeader"}


async def test_jobs_of_another_key_do_not_exist(guarded: tuple[Api, str, str]) -> None:
    api, ada, bob = guarded
    body = {"theorem": "theorem t : 0 to 1", "policy": "scripted:add 1;;done"}
    place = (await api.client.post("/v1/proofs", json=body, headers=bearing(ada))).headers["location"]
    for method, path in (("GET", place), ("DELETE", place), ("GET", f"{place}/events")):
        problem(await api.client.request(method, path, headers=bearing(bob)), 404, "not-found")
    assert (await api.client.get("/v1/proofs", headers=bearing(bob))).json()["items"] == []


async def test_key_has_its_limits(guarded: tuple[Api, str, str]) -> None:
    api, _, bob = guarded
    body = {"theorem": "theorem t : 0 to 1", "policy": SLOW}
    first = await api.client.post("/v1/proofs", json=body, headers=bearing(bob))
    assert first.status_code == 202
    body["theorem"] = "theorem u : 0 to 1"
    second = await api.client.post("/v1/proofs", json=body, headers=bearing(bob))
    assert "unfinished" in problem(second, 429, "too-busy")["detail"]
    for _ in range(20):
        third = await api.client.get("/v1/proofs", headers=bearing(bob))
    assert "12 requests a minute" in problem(third, 429, "too-busy")["detail"]
    assert int(third.headers["retry-after"]) > 0


def test_keys_are_kept_as_hashes() -> None:
    text, line = new_key("ada")
    secret = text.rpartition("_")[2]
    assert secret not in line.model_dump_json()
    assert ApiKey.model_validate_json(line.model_dump_json()) == line


# ---- bad input ------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("body", "place"),
    [
        ({}, ["body", "theorem"]),
        ({"theorem": ""}, ["body", "theorem"]),
        ({"theorem": "t", "budgit": 1}, ["body", "budgit"]),
        ({"theorem": "t", "budget": {"timeout_s": 0}}, ["body", "budget", "timeout_s"]),
        ({"theorem": "t", "budget": {"expansions": 10**9}}, ["body", "budget", "expansions"]),
        ({"theorem": "t", "priority": 10}, ["body", "priority"]),
        ({"theorem": "t", "policy": "magic"}, ["body", "policy"]),
        ({"theorem": "t", "environment": "isabelle"}, ["body", "environment"]),
        ({"theorem": "t", "seed": 2**60}, ["body", "seed"]),
    ],
)  # fmt: skip
async def test_bad_member_is_named(api: Api, body: dict[str, Any], place: list[str]) -> None:
    response = await api.client.post("/v1/proofs", json=body)
    assert response.status_code == 422
    assert response.json()["errors"][0]["place"] == place


async def test_policies_are_those_of_the_servers_proof_assistant(api: Api) -> None:
    """A body, a row of a batch, and a query; the page gets the same list."""
    listed = [entry["name"] for entry in (await api.client.get("/page/policies")).json()]
    assert listed == [entry.name for entry in policies_for("lean")]
    for name in [entry.name for entry in policies_for("lean") if not entry.argument]:
        assert (await api.prove(policy=name, wait_s=0)).status_code == 202
    problems = [{"statement": "theorem t : 0 to 1"}]
    for path, body in (("/v1/proofs", {"theorem": "t"}), ("/v1/batches", {"problems": problems})):
        for policy, whose in (("sketch", " for Lean"), ("magic", "")):
            refused = await api.client.post(path, json={**body, "policy": policy})
            assert refused.status_code == 422
            assert refused.json()["errors"][0]["place"] == ["body", "policy"]
            assert f"there is no policy '{policy}'{whose}; there are: closers, ranked" in refused.text
    refused = await api.client.post("/v1/batches", params={"policy": "magic"}, content="")
    assert refused.json()["errors"][0]["place"] == ["query", "policy"]


async def test_page_is_told_what_the_server_proves_with_and_allows(shared_redis: RedisServer, namespace: str) -> None:
    async with serving(shared_redis.url, namespace, serve={"max_effort": 7.0}, workers=0) as api:
        about = (await api.client.get("/page/about")).json()
        assert about["identity"] == api.services.environment.identity
        assert (about["environment"], about["most"]["effort"]) == (api.services.environment_name, 7.0)


@pytest.mark.parametrize(
    "content",
    [
        b"{",
        b"",
        b"[" * 100_000,
        b'{"theorem": "\\ud800"}',
        b'{"theorem": "t", "name": "\\udfff"}',
        b'{"\\ud800": 1}',
        b'{"theorem": "a\\u0000b"}',
        b"\xff\xfe",
        b'{"theorem": NaN}',
        b"null",
    ],
)
async def test_broken_bodies_are_the_clients_fault(api: Api, content: bytes) -> None:
    for path in ("/v1/proofs", "/v1/verifications", "/v1/batches"):
        response = await api.client.post(path, content=content, headers={"Content-Type": "application/json"})
        assert 400 <= response.status_code < 500, (path, response.text)
        assert response.headers["content-type"] == "application/problem+json"


async def test_sizes_and_addresses_are_checked(shared_redis: RedisServer, namespace: str) -> None:
    async with serving(shared_redis.url, namespace, serve={"max_body_bytes": 1000}) as api:
        problem(await api.prove(name="x" * 2000), 413, "too-large")

        async def chunks() -> AsyncIterator[bytes]:  # of unknown length
            for _ in range(3):
                yield b" " * 1000

        problem(await api.client.post("/v1/proofs", content=chunks()), 413, "too-large")
        problem(await api.client.get("/v1/nothing"), 404, "not-found")
        for path, methods in {
            "/v1/proofs": "GET, POST",
            "/v1/proofs/x": "GET, DELETE",
            "/v1/batches/x/results": "GET",
            "/v1/verifications": "POST",
        }.items():
            refused = await api.client.put(path)
            problem(refused, 405, "method-not-allowed")
            assert refused.headers["allow"] == methods
        problem(await api.client.get("/v1/proofs/p" + "0" * 27), 404, "not-found")
        problem(await api.client.get("/v1/batches/b" + "0" * 27), 404, "not-found")
        problem(await api.client.get("/v1/proofs/x"), 404, "not-found")
        problem(await api.client.get("/v1/batches/x/results"), 404, "not-found")
        problem(await api.client.delete("/v1/proofs/..%2F" + "x" * 900), 404, "not-found")
        problem(await api.client.get("/v1/proofs?cursor=../x"), 422, "invalid-request")


async def test_fault_of_ours_says_nothing_but_where_to_look(
    shared_redis: RedisServer, namespace: str, caplog: pytest.LogCaptureFixture
) -> None:
    routes = APIRouter()

    @routes.get("/v1/broken")
    async def broken() -> None:
        raise RuntimeError("something secret")

    async with serving(shared_redis.url, namespace, routers=(routes,)) as api:
        response = await api.client.get("/v1/broken")
    body = problem(response, 500, "internal")
    assert "secret" not in response.text
    assert body["detail"] == "the server's log has the details under this request's id"
    assert "something secret" in caplog.text


async def test_requests_have_ids_and_pages_a_strict_policy(api: Api) -> None:
    response = await api.client.get("/", headers={"X-Request-ID": "mine-1"})
    assert response.headers["x-request-id"] == "mine-1"
    assert "default-src 'none'" in response.headers["content-security-policy"]
    assert "unsafe" not in response.headers["content-security-policy"]
    assert "http://" not in response.text
    assert (await api.client.get("/", headers={"X-Request-ID": "a b\tc"})).headers["x-request-id"] != "a b\tc"
    cross = await api.client.get("/v1/proofs", headers={"Origin": "https://elsewhere.example"})
    assert "access-control-allow-origin" not in cross.headers


async def test_description_is_valid_openapi_and_its_examples_fit(api: Api) -> None:
    description = (await api.client.get("/openapi.json")).json()
    validate(description)
    for path, operations in description["paths"].items():
        for method, operation in operations.items():
            assert operation["description"], (method, path)
            assert " " in operation["summary"], (method, path)  # not the name of a function
            assert "security" not in operation  # no keys, no locks
    submission = description["components"]["schemas"]["ProofSubmission"]
    for example in submission["examples"]:
        example = example | {"policy": "scripted:done", "idempotency_key": None}
        assert (await api.client.post("/v1/proofs", json=example)).status_code == 202
    docs = await api.client.get("/docs")
    assert "cdn" not in docs.text
    assert (await api.client.get("/docs/assets/swagger-ui-bundle.js")).status_code == 200


async def test_open_stream_ends_when_the_service_does(api: Api) -> None:
    job = (await api.prove(policy=SLOW, wait_s=0)).json()
    told = await asyncio.wait_for(events(api, job["id"], at_first=api.services.draining.set), HUNG_S)
    assert told[-1]["event"] != "finished"
    ready = await api.client.get("/readyz")
    assert (ready.status_code, ready.json()["dependencies"]["process"]["ok"]) == (503, False)
    await api.client.delete(job["links"]["self"])


async def test_workers_that_are_starting_are_not_called_missing(shared_redis: RedisServer, namespace: str) -> None:
    async with serving(shared_redis.url, namespace, workers=0) as api:

        async def workers() -> dict[str, Any]:
            found: dict[str, Any] = (await api.client.get("/readyz")).json()["dependencies"]["workers"]
            return found

        assert "no worker" in (await workers())["detail"]
        api.services.starting = lambda: 1
        told = await workers()
        assert "1 worker is starting" in told["detail"]
        assert not told["ok"]
