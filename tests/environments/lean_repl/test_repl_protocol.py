"""The client against recorded transcripts of the real REPL, in a real process: framing, shapes, slowness, crashes."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import psutil
import pytest

from prover.environments.lean_repl.answers import (
    CommandAnswer,
    Refusal,
    StepAnswer,
    read_command,
    read_step,
)
from prover.environments.lean_repl.process import AnswerTimeoutError, MemoryExceededError, ReplProcess
from prover.environments.lean_repl.whole_commands import needs_whole_commands
from prover.errors import EnvironmentProtocolError, EnvironmentUnavailableError, SessionCrashedError
from tests.conftest import HUNG_S, ROOT
from tests.environments.lean_repl.replay import answers, requests, transcripts


@pytest.fixture(scope="module")
def folder(shared_data: Path) -> Path:
    return shared_data / "repl_transcripts"


@asynccontextmanager
async def replaying(folder: Path, *names: str) -> AsyncIterator[ReplProcess]:
    command = (sys.executable, "-m", "tests.environments.lean_repl.replay", str(folder), *names)
    process = await ReplProcess.start(command, ROOT)
    try:
        yield process
    finally:
        await process.close()


def read(asked: dict[str, object], told: dict[str, object]) -> CommandAnswer | StepAnswer | Refusal:
    step = "tactic" in asked or "unpickleProofStateFrom" in asked or "proofState" in asked
    return read_step(told) if step else read_command(told)


async def test_every_recorded_answer_arrives_as_it_was_and_is_read(folder: Path) -> None:
    names = transcripts(folder)
    assert len(names) > 60
    completed = 0
    async with replaying(folder, *names) as process:
        for name in names:
            for text, expected in zip(
                requests(folder / f"{name}.in"), answers(folder / f"{name}.expected.out"), strict=True
            ):
                asked = json.loads(text)
                told = await process.request(asked, timeout_s=300)
                assert told == json.loads(expected), name
                answer = read(asked, told)
                if isinstance(answer, StepAnswer) and answer.completed:
                    completed += 1
                    assert told["proofStatus"] == "Completed"
                    assert "messages" not in told or all(m["severity"] != "error" for m in told["messages"])
    assert completed > 10


@pytest.mark.parametrize(
    ("name", "step", "meaning"),
    [
        ("proof_step", 3, "completed"),
        ("proof_step", 1, "goals"),
        ("invalid_tactic", 1, "error"),  # an ordinary answer with an error
        ("unknown_tactic", 1, "refused"),  # a message alone
        ("self_proof_check", 2, "refused"),
        ("unknown_proof_state", 1, "lost"),
        ("unknown_environment", 0, "lost"),
        ("tactic_mode_sorry", 1, "gave up"),
        ("have_by_sorry", 2, "gave up"),
        ("name_generator", 2, "incomplete"),  # no goals, and yet no proof
        ("name_generator", 7, "error"),
    ],
)
def test_what_a_recorded_answer_means(folder: Path, name: str, step: int, meaning: str) -> None:
    asked = json.loads(requests(folder / f"{name}.in")[step])
    answer = read(asked, json.loads(answers(folder / f"{name}.expected.out")[step]))
    match answer:
        case Refusal():
            found = "lost" if answer.lost else "refused"
        case StepAnswer():
            found = (
                "error" if answer.error
                else "gave up" if answer.gave_up
                else "completed" if answer.completed
                else "goals" if answer.goals
                else "incomplete"
            )  # fmt: skip
        case _:
            raise AssertionError(answer)
    assert found == meaning
    if isinstance(answer, StepAnswer):
        assert answer.completed == (meaning == "completed")


@pytest.mark.parametrize("word", ["'sorry'", "`sorry`"])
def test_sorry_is_noticed_in_the_words_of_old_and_new_lean(word: str) -> None:
    place = {"line": 1, "column": 0}
    message = {"severity": "warning", "pos": place, "endPos": place, "data": f"declaration uses {word}"}
    answer = read_command({"env": 0, "messages": [message]})
    assert isinstance(answer, CommandAnswer)
    assert answer.uses_sorry


@pytest.mark.parametrize("answer", [{}, {"env": "zero"}, {"proofState": None}])
def test_answers_of_no_known_shape_are_refused(answer: dict[str, object]) -> None:
    with pytest.raises(EnvironmentProtocolError):
        (read_step if "proofState" in answer else read_command)(answer)


async def test_process_that_does_not_answer_in_time_is_ended(folder: Path) -> None:
    async with replaying(folder, "readme", "--slow") as process:
        asked = [json.loads(text) for text in requests(folder / "readme.in")]
        await process.request(asked[0])
        await process.request(asked[1])
        with pytest.raises(AnswerTimeoutError):
            await process.request(asked[2], timeout_s=0.2)
        assert not process.alive
        with pytest.raises(SessionCrashedError):
            await process.request(asked[2])


async def test_process_that_takes_too_much_memory_is_ended(folder: Path) -> None:
    async with replaying(folder, "term_sorry", "--slow") as process:
        (asked,) = requests(folder / "term_sorry.in")
        with pytest.raises(MemoryExceededError):
            await process.request(json.loads(asked), timeout_s=300, most_mb=0.001)
        assert not process.alive


async def test_crash_is_told_with_the_last_words(folder: Path) -> None:
    async with replaying(folder, "readme", "--die") as process:
        asked = [json.loads(text) for text in requests(folder / "readme.in")]
        await process.request(asked[0])
        await process.request(asked[1])
        with pytest.raises(SessionCrashedError, match="out of memory"):
            await process.request(asked[2])


@pytest.mark.parametrize("said", ["no JSON", "[1]"])
async def test_what_is_no_answer_is_a_fault_of_the_protocol(said: str) -> None:
    process = await ReplProcess.start(("sh", "-c", f"read x; echo '{said}'; echo; sleep 100"), ROOT)
    with pytest.raises(EnvironmentProtocolError):
        await process.request({"cmd": "x"})
    assert not process.alive
    await process.close()


async def test_program_that_is_not_there() -> None:
    with pytest.raises(EnvironmentUnavailableError, match="no-such-lake does not start"):
        await ReplProcess.start(("no-such-lake",), ROOT)


async def test_cancelled_request_ends_the_process_and_what_it_started() -> None:
    process = await ReplProcess.start(("sh", "-c", "read x; sleep 1000; true"), ROOT)
    asking = asyncio.ensure_future(process.request({"cmd": "x"}))
    family: list[psutil.Process] = []
    while not any(child.name() == "sleep" and child.cmdline()[1] == "1000" for child in family):
        family = psutil.Process(process.pid).children(recursive=True)
        await asyncio.sleep(0.01)
    asking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asking
    assert not process.alive
    _, left = psutil.wait_procs(family, timeout=HUNG_S)
    assert not left
    await process.close()


SUGGESTIONS = {
    "Try this: exact Nat.add_comm a b": "exact Nat.add_comm a b",
    "Try this:\n  [apply] exact foo' h": "exact foo' h",
    "Try these:\n  [apply] exact first\n  [apply] exact second": "exact first",
    "Try these:\n• exact first\n• exact second": "exact first",
    "Try this: simp only [a,\n  b]": "simp only [a,\n  b]",
    "Try this: refine foo ?_\n-- Remaining subgoals:\n-- ⊢ 1 = 1": "refine foo ?_",
    "1 = 1 : Prop": None,
}


@pytest.mark.parametrize("told", SUGGESTIONS)
def test_suggestion_is_read_in_the_words_of_old_and_new_lean(told: str) -> None:
    place = {"line": 0, "column": 0}
    message = {"severity": "info", "pos": place, "endPos": place, "data": told}
    answer = read_step({"proofState": 1, "goals": [], "proofStatus": "Completed", "messages": [message]})
    assert isinstance(answer, StepAnswer)
    assert answer.suggestion == SUGGESTIONS[told]


def test_repl_that_says_nothing_of_proofs_is_of_no_use() -> None:
    with pytest.raises(EnvironmentUnavailableError, match=r"v4\.19"):
        read_step({"proofState": 1, "goals": []})


@pytest.mark.parametrize(
    ("message", "name", "needs"),
    [
        ("(kernel) unknown constant 't.match_1'", "t", True),
        ("unknown constant 'foo'.match_1'", "foo'", True),
        ("Unknown constant `N.foo'.match_1.splitter`", "N.foo'", True),
        ("not a proof: Error: kernel type check failed: (kernel) declaration has free variables, x", "t", False),
        ("unknown constant 't._proof_1'", "t", True),
        ("unknown constant 'Nat.no_such'", "t", False),
        ("unknown identifier 't.match_1'", "t", False),
    ],
)
def test_constants_of_the_theorems_own_command_are_told_from_others(message: str, name: str, needs: bool) -> None:
    assert needs_whole_commands(message, name) is needs
