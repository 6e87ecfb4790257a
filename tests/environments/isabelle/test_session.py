from __future__ import annotations

import asyncio
import json
import shlex
import socket
import time
from collections import defaultdict
from pathlib import Path
from typing import Any

import psutil
import pytest

from prover.core.proof_state import Advanced, Closed, GaveUp, ProofState, Rejected, TimedOut
from prover.core.theorem import Theorem
from prover.environments.cached import CachedEnvironment
from prover.environments.isabelle.answers import Applied, Failed
from prover.environments.isabelle.client import DEFAULT
from prover.environments.isabelle.environment import IsabelleEnvironment
from prover.environments.isabelle.pool import ServerPool
from prover.errors import EnvironmentUnavailableError, InvalidTheoremError
from prover.policies.automation.isabelle_closers import IsabelleClosersPolicy
from prover.policies.scripted import ScriptedPolicy
from prover.proving.prove import prove_theorem
from prover.storage.cache import MemoryCache
from tests.conftest import HUNG_S
from tests.environments.isabelle.relays import IMPORTS, PATHS, Relay, free_ports, relaying, standin

AND = r'lemma t: "A \<and> B \<longrightarrow> B \<and> A"'
CANTOR = "lemma t: \"\\<not> (\\<exists>f :: 'a \\<Rightarrow> 'a set. surj f)\""
STEPS = (
    "apply (rule impI)",
    "apply (erule conjE)",
    "apply (rule conjI)",
    "apply assumption",
    "apply assumption",
    "done",
)


async def follow(session: Any, steps: tuple[str, ...]) -> ProofState:
    state = session.initial
    for step in steps:
        (outcome,) = await session.apply(state, [step], timeout_s=10)
        assert isinstance(outcome, Advanced), outcome
        state = outcome.state
    return state  # type: ignore[no-any-return]


async def test_every_recorded_step_is_read_as_what_it_was(relay: Relay, recordings: Path) -> None:
    scripts: dict[tuple[str, int], list[dict[str, Any]]] = defaultdict(list)
    for row in map(json.loads, recordings.read_text().splitlines()):
        scripts[row["theorem"], row["script"]].append(row)
    seen: dict[str, int] = defaultdict(int)
    lease = await relay.pool().lease()
    try:
        answer = await lease.client.apply(DEFAULT, "theory T imports Main begin", "base", timeout_s=10)
        assert answer == Applied("")
        for number, rows in enumerate(scripts.values()):
            if rows[0].get("mode_after") != "proof" or rows[0]["command"].startswith("schematic"):
                continue
            at = "base"
            for row in rows:
                if row["mode_before"] == "theory" and row["step_index"] > 0:
                    break
                answer = await lease.client.apply(at, row["command"], f"s{number}_{row['step_index']}", timeout_s=10)
                match row["status"]:
                    case "ok":
                        assert answer == Applied(row["state_after"]), row["command"]
                        at = f"s{number}_{row['step_index']}"
                        assert await lease.client.is_at_level_0(at, timeout_s=10) == (row["level_after"] == 0)
                    case "error":
                        assert isinstance(answer, Failed)
                        assert not answer.timed_out
                    case "timeout":
                        assert isinstance(answer, Failed)
                        assert answer.timed_out, answer
                seen[row["status"]] += 1
    finally:
        await lease.close()
    assert seen["ok"] > 700
    assert seen["error"] > 120
    assert seen["timeout"] >= 8


async def test_outcomes_are_told_apart(isabelle: IsabelleEnvironment) -> None:
    async with isabelle.open(Theorem.from_text(CANTOR)) as session:
        tactics = ["by auto", "by blast", "sorry", "oops", "ML_val \\<open>1\\<close>", "by best", "by auto"]
        outcomes = await session.apply(session.initial, tactics, timeout_s=10)
    assert [type(outcome) for outcome in outcomes] == [Rejected, TimedOut, GaveUp, GaveUp, Rejected, Closed]


async def test_goal_that_mentions_an_error_is_a_goal(tmp_path: Path, recordings: Path) -> None:
    goal = "proof (prove)\ngoal (1 subgoal):\n 1. error x \\<longrightarrow> Step error: \\<and> error x"
    first = {
        "theorem": "err", "script": 0, "step_index": 0, "command": 'lemma err: "error x \\<longrightarrow> error x"',
        "state_before": "", "mode_before": "theory", "status": "ok", "state_after": goal, "mode_after": "proof",
        "level_after": 1,
    }  # fmt: skip
    then = first | {"step_index": 1, "command": "by simp", "state_before": goal, "mode_before": "proof",
                    "state_after": "", "mode_after": "theory", "level_after": 0}  # fmt: skip
    extra = tmp_path / "extra.jsonl"
    extra.write_text(f"{json.dumps(first)}\n{json.dumps(then)}\n")
    with relaying(free_ports(4), *standin(str(extra))) as relay:
        theorem = Theorem.from_text('lemma mine: "error x \\<longrightarrow> error x"')
        record = await prove_theorem(theorem, environment=relay.environment(), generator=ScriptedPolicy(["by simp"]))
    assert record.proved


async def test_lost_process_is_replaced_and_its_states_are_made_again(isabelle: IsabelleEnvironment) -> None:
    async with isabelle.open(Theorem.from_text(AND)) as session:
        state = await follow(session, STEPS[:3])
        crash, advanced = await session.apply(state, ["apply crash", "apply assumption"], timeout_s=10)
    assert isinstance(crash, TimedOut)
    assert isinstance(advanced, Advanced)


async def test_hanging_process_is_replaced(isabelle: IsabelleEnvironment, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("prover.environments.isabelle.driver.OWN_LIMIT_S", 0.2)
    monkeypatch.setattr("prover.environments.isabelle.driver.OVERDUE_S", 0.2)
    async with isabelle.open(Theorem.from_text(AND)) as session:
        state = await follow(session, STEPS[:2])
        hang, advanced = await session.apply(state, ["apply hang", STEPS[2]], timeout_s=10, effort=[0.1, 10.0])
    assert isinstance(hang, TimedOut)
    assert isinstance(advanced, Advanced)


async def test_slow_answer_is_waited_for_before_the_next_question(isabelle: IsabelleEnvironment) -> None:
    """Two calls at once would be an error of the stand-in."""
    async with isabelle.open(Theorem.from_text(AND)) as session:
        slow, advanced = await session.apply(
            session.initial, ["apply slow", STEPS[0]], timeout_s=10, effort=[0.05, 10.0]
        )
    assert isinstance(slow, TimedOut)
    assert isinstance(advanced, Advanced)


async def test_cancelled_question_is_waited_for_as_well(isabelle: IsabelleEnvironment) -> None:
    async with isabelle.open(Theorem.from_text(AND)) as session:
        asking = asyncio.ensure_future(session.apply(session.initial, ["apply slow"], timeout_s=10))
        await asyncio.sleep(0.05)
        asking.cancel()
        await asyncio.gather(asking, return_exceptions=True)
        (advanced,) = await session.apply(session.initial, [STEPS[0]], timeout_s=10)
    assert isinstance(advanced, Advanced)


async def test_state_behind_a_gap_is_not_taken_for_one_without(isabelle: IsabelleEnvironment) -> None:
    """`have ... sorry` and `have ... by simp` print the same; only what came without `sorry` may be gone on from."""
    chain = 'lemma t: fixes a b c :: nat assumes h0: "a < b" and h1: "b < c" shows "a < c"'
    async with isabelle.open(Theorem.from_text(chain)) as session:
        state = await follow(session, ("proof -", "from h0", 'have "a + 1 \\<le> b"'))
        gap, filled = await session.apply(state, ["sorry", "by simp"], timeout_s=10)
        assert isinstance(gap, GaveUp)
        assert isinstance(filled, Advanced)
        assert [known.tactic for known in session._states.values()][-1] == "by simp"


async def test_released_first_state_can_be_used(isabelle: IsabelleEnvironment) -> None:
    async with isabelle.open(Theorem.from_text(AND)) as session:
        state = await follow(session, STEPS[:2])
        session.release([session.initial, state])
        (first,) = await session.apply(session.initial, [STEPS[0]], timeout_s=10)
        (second,) = await session.apply(state, [STEPS[2]], timeout_s=10)
    assert isinstance(first, Advanced)
    assert isinstance(second, Advanced)


async def test_hammer_writes_what_it_found(isabelle: IsabelleEnvironment) -> None:
    theorem = Theorem.from_text(r'lemma t: "distinct xs \<Longrightarrow> card (set xs) = length xs"')
    generator = ScriptedPolicy(["by simp", "normalhammer"])
    record = await prove_theorem(theorem, environment=isabelle, generator=generator)
    assert record.proved
    assert record.search.tactics == ("by (induct xs) auto",)
    assert "normalhammer" not in (record.proof or "normalhammer")


async def test_hammer_is_not_asked_where_there_are_no_provers(relay: Relay) -> None:
    async with relay.environment(provers=False).open(Theorem.from_text(AND)) as session:
        (outcome,) = await session.apply(session.initial, ["normalhammer"], timeout_s=10)
    assert isinstance(outcome, Rejected)


async def test_header_stands_before_the_theorem(isabelle: IsabelleEnvironment) -> None:
    text = 'definition f :: nat where "f = 1"\n\n' + AND
    async with isabelle.open(Theorem.from_text(text)) as session:
        assert session.theorem.header == 'definition f :: nat where "f = 1"'
        await follow(session, STEPS[:1])


async def test_imports_must_be_the_servers(isabelle: IsabelleEnvironment) -> None:
    with pytest.raises(InvalidTheoremError, match="Main"):
        async with isabelle.open(Theorem.from_text('theory T imports HOL.Real begin lemma t: "True" end')):
            pass


async def test_statement_that_isabelle_cannot_read_is_refused_with_its_message(isabelle: IsabelleEnvironment) -> None:
    with pytest.raises(InvalidTheoremError, match="Inner syntax error"):
        async with isabelle.open(Theorem.from_text('lemma t: "ERROR + ="')):
            pass


async def test_cache_tells_theorems_with_the_same_goal_but_other_assumptions_apart(
    isabelle: IsabelleEnvironment,
) -> None:
    cached = CachedEnvironment(isabelle, MemoryCache())
    with_it = 'lemma zip_len: assumes "length xs = length ys" shows "length (zip xs ys) = length xs"'
    without = 'lemma zip_len: "length (zip xs ys) = length xs"'
    async with cached.open(Theorem.from_text(with_it)) as session:
        (closed,) = await session.apply(session.initial, ["using assms by simp"], timeout_s=10)
        first = session.initial
    async with cached.open(Theorem.from_text(without)) as session:
        assert session.initial == first
        (rejected,) = await session.apply(session.initial, ["using assms by simp"], timeout_s=10)
    assert isinstance(closed, Closed)
    assert isinstance(rejected, Rejected)


async def test_one_place_is_enough_for_a_search_and_its_verification(recordings: Path) -> None:
    with relaying(free_ports(4), *standin(str(recordings)), most=1) as relay:
        environment = relay.environment(places=1, provers=False)
        records = await asyncio.gather(
            *(
                prove_theorem(Theorem.from_text(text), environment=environment, generator=IsabelleClosersPolicy())
                for text in (AND.replace(" t:", " u:"), 'lemma t: "rev (rev xs) = xs"')
            )
        )
    assert [record.proved for record in records] == [True, True]


async def test_session_goes_on_after_it_made_room(recordings: Path) -> None:
    with relaying(free_ports(4), *standin(str(recordings)), most=1) as relay:
        environment = relay.environment(places=1)
        async with environment.open(Theorem.from_text(AND)) as session:
            state = await follow(session, STEPS[:2])
            verification = await environment.check(Theorem.from_text(AND), STEPS, timeout_s=30)
            (outcome,) = await session.apply(state, [STEPS[2]], timeout_s=10)
    assert verification.accepted
    assert isinstance(outcome, Advanced)


async def test_no_process_is_left_when_the_client_leaves(recordings: Path) -> None:
    with relaying(free_ports(4), *standin(str(recordings))) as relay:
        async with relay.environment().open(Theorem.from_text(AND)) as session:
            await session.apply(session.initial, ["apply child"], timeout_s=10)
            running = [process.pid for process in psutil.process_iter(["cmdline"]) if is_ours(process, recordings)]
            assert len(running) == 1
            end = time.monotonic() + HUNG_S
            while not (sleeping := [p.pid for p in psutil.process_iter(["cmdline"]) if is_sleeping(p)]):
                assert time.monotonic() < end, "no child was started"
                await asyncio.sleep(0.02)
        await gone(running + sleeping)


async def test_no_child_is_left_that_was_just_being_started(recordings: Path) -> None:
    with relaying(free_ports(4), *standin(str(recordings))) as relay:
        for _ in range(5):
            async with relay.environment().open(Theorem.from_text(AND)) as session:
                await session.apply(session.initial, ["apply child"], timeout_s=10)
        await asyncio.sleep(0.5)
        await gone([process.pid for process in psutil.process_iter(["cmdline"]) if is_sleeping(process)])


async def test_no_ended_process_stays_in_the_list_of_processes(recordings: Path) -> None:
    with relaying(free_ports(4), "sh", "-c", shlex.join(standin(str(recordings))) + "; true") as relay:
        for _ in range(3):  # the shell and what it started are killed together; who is orphaned by that is the relay's
            async with relay.environment().open(Theorem.from_text(AND)) as session:
                await session.apply(session.initial, ["apply child"], timeout_s=10)
        async with asyncio.timeout(HUNG_S):
            while len(psutil.Process(relay.process.pid).children()) > 1:  # noqa: ASYNC110  # its guard; nothing tells of the others
                await asyncio.sleep(0.02)


async def test_no_process_is_left_when_the_relay_is_stopped(recordings: Path) -> None:
    with relaying(free_ports(4), *standin(str(recordings))) as relay:
        lease = await relay.pool().lease()
        running = [process.pid for process in psutil.process_iter(["cmdline"]) if is_ours(process, recordings)]
        assert running
        relay.process.terminate()
        await gone(running)
        await lease.close()


async def test_no_process_is_left_when_the_relay_is_killed(recordings: Path) -> None:
    with relaying(free_ports(4), *standin(str(recordings))) as relay:
        async with relay.environment().open(Theorem.from_text(AND)) as session:
            await session.apply(session.initial, ["apply child"], timeout_s=60)
            started = await running_under(relay)
            relay.process.kill()
            await gone(started)


async def running_under(relay: Relay) -> list[int]:
    """Wait for the child that PISA has just been told to start; return it and all others."""
    end = time.monotonic() + HUNG_S
    while True:
        family = psutil.Process(relay.process.pid).children(recursive=True)
        if any(process.cmdline() == ["sleep", "600"] for process in family):
            return [process.pid for process in family]
        assert time.monotonic() < end, "no child was started"
        await asyncio.sleep(0.02)


async def test_port_of_another_process_is_never_taken_for_ours(recordings: Path) -> None:
    ports = free_ports(2)
    with socket.socket() as other:
        other.bind(("127.0.0.1", int(ports.split("-")[0])))
        other.listen()
        with relaying(ports, *standin(str(recordings))) as relay:
            async with relay.environment().open(Theorem.from_text(AND)) as session:
                (outcome,) = await session.apply(session.initial, [STEPS[0]], timeout_s=10)
    assert isinstance(outcome, Advanced)


async def test_process_with_too_much_memory_is_ended(recordings: Path) -> None:
    with relaying(free_ports(4), *standin(str(recordings)), memory_mb=5) as relay:
        async with relay.environment().open(Theorem.from_text(AND)) as session:
            running = [process.pid for process in psutil.process_iter(["cmdline"]) if is_ours(process, recordings)]
            await gone(running)
            (outcome,) = await session.apply(session.initial, [STEPS[0]], timeout_s=10)
    assert isinstance(outcome, Advanced)


async def test_server_that_is_not_there_is_a_machine_fault_with_advice() -> None:
    pool = ServerPool([f"127.0.0.1:{free_ports(1).split('-')[0]}"], places=1, paths=PATHS, boot_timeout_s=HUNG_S)
    environment = IsabelleEnvironment(pool, version="none", imports=IMPORTS)
    with pytest.raises(EnvironmentUnavailableError, match=r"no Isabelle server answers .*servers/isabelle"):
        async with environment.open(Theorem.from_text(AND)):
            pass


async def test_patience_waits_for_a_server_that_is_being_started(
    recordings: Path, caplog: pytest.LogCaptureFixture
) -> None:
    ports = free_ports(5)
    own, others = ports.split("-")[0], f"{int(ports.split('-')[0]) + 1}-{ports.split('-')[1]}"
    pool = ServerPool([f"127.0.0.1:{own}"], places=1, paths=PATHS, boot_timeout_s=HUNG_S, patient=True)
    leasing = asyncio.ensure_future(pool.lease())
    end = time.monotonic() + HUNG_S
    while "no Isabelle server answers" not in caplog.text:
        assert time.monotonic() < end
        await asyncio.sleep(0.02)
    with relaying(others, *standin(str(recordings)), port=int(own)):
        await (await leasing).close()


def is_ours(process: psutil.Process, recordings: Path) -> bool:
    command = process.info["cmdline"] or []
    mine = "tests.environments.isabelle.pisa" in command and str(recordings) in command
    return mine and "--provers" not in command and "--listen" not in command


def is_sleeping(process: psutil.Process) -> bool:
    return process.info["cmdline"] == ["sleep", "600"] and process.status() != psutil.STATUS_ZOMBIE


def is_running(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


async def gone(pids: list[int]) -> None:
    end = time.monotonic() + HUNG_S
    while any(map(is_running, pids)):
        assert time.monotonic() < end, "a process is still there"
        await asyncio.sleep(0.05)
