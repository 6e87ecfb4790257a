"""Transcripts of the embedded Lean: a statement and tactics, each tried on the last state reached.

Blocks of NAME.in are separated by `---`; NAME.expected holds what Lean answered. After a change that is meant:
`pytest tests/golden --update-golden`, and read the difference.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from prover.core.proof_state import Advanced, Closed, TacticOutcome
from prover.core.theorem import Theorem
from prover.environments.lean_wasm.environment import LeanWasmEnvironment
from prover.errors import InvalidTheoremError

TRANSCRIPTS = sorted((Path(__file__).parent / "lean").glob("*.in"))


def shown(outcome: TacticOutcome) -> str:
    match outcome:
        case Advanced(state):
            return f"advanced\n{state.text}"
        case Closed():
            return "closed"
        case _:
            return f"{type(outcome).__name__.lower()}\n{outcome.message}"


async def transcript(lean: LeanWasmEnvironment, text: str) -> str:
    statement, *tactics = (block.strip("\n") for block in text.split("\n---\n"))
    try:
        async with lean.open(Theorem.from_text(statement)) as session:
            answers = [f"{session.theorem.name}\n{session.initial.text}"]
            state = session.initial
            for tactic in tactics:
                (outcome,) = await session.apply(state, [tactic], timeout_s=300)
                answers.append(shown(outcome))
                if isinstance(outcome, Advanced):
                    state = outcome.state
    except InvalidTheoremError as error:
        answers = [f"invalid: {error.reason}", *(f"{m.line}:{m.column}: {m.text}" for m in error.messages)]
    return "\n---\n".join(answers) + "\n"


@pytest.mark.parametrize("path", TRANSCRIPTS, ids=lambda path: path.stem)
async def test_transcript(path: Path, lean: LeanWasmEnvironment, request: pytest.FixtureRequest) -> None:
    answered = await transcript(lean, path.read_text())
    expected = path.with_suffix(".expected")
    if request.config.getoption("--update-golden"):
        expected.write_text(answered)
    assert answered == expected.read_text()


def test_every_transcript_has_its_expectation() -> None:
    assert TRANSCRIPTS
    assert {p.stem for p in TRANSCRIPTS} == {p.stem for p in (Path(__file__).parent / "lean").glob("*.expected")}
