"""A tactic tried by having Lean read the whole theorem: where the REPL cannot run it on a state.

The REPL gives a `sorry` the environment from before its command. What the statement itself adds (the auxiliary
definitions of a pattern match in it) is missing there, and no tactic comes to an end. In a whole command it is there.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from prover.core.effort import Limit
from prover.core.proof_state import Advanced, Closed, GaveUp, Rejected, TacticOutcome, TimedOut
from prover.environments.lean_repl.answers import CommandAnswer
from prover.environments.lean_repl.elaboration import OUT_OF_EFFORT, elaborate, header_environment
from prover.environments.lean_repl.process import ReplProcess
from prover.environments.syntax.lean.statement import LeanStatement
from prover.environments.syntax.lean.states import state_of

_UNKNOWN = re.compile(r"unknown (constant|declaration) ['`](?P<name>[^`]+?)['`](?=\s|$|[,;)]|\.(\s|$))", re.IGNORECASE)
_MATCHER = re.compile(r"\.match_\d+")
_UNSOLVED = "unsolved goals\n"


def needs_whole_commands(message: str, name: str) -> bool:
    """Is this error one of a tactic that misses what the theorem's own command defines?"""
    found = _UNKNOWN.search(message)
    return found is not None and (_MATCHER.search(found["name"]) is not None or found["name"].startswith(f"{name}."))


async def try_whole(
    process: ReplProcess, statement: LeanStatement, tactics: Sequence[str], *, timeout_s: float
) -> TacticOutcome:
    """Return what becomes of the last of these tactics, the ones before it being known to work.

    Raises:
        AnswerTimeoutError: it takes too long; the process has been ended.
        SessionCrashedError: the process ended.
    """
    before = await header_environment(process, statement, timeout_s=timeout_s)
    if statement.heartbeats and len(tactics) > 1:  # each has its own limit elsewhere
        statement = statement.within(statement.heartbeats * len(tactics))
    text = statement.with_proof("\n".join(tactics))[len(statement.header) :]
    by = (statement.text.count("\n") + 1, len(statement.text) - (statement.text.rfind("\n") + 1) + len(" := "))
    answer = await elaborate(process, text, before, timeout_s=timeout_s)
    found = outcome_of(answer, by)
    return GaveUp("the proof uses sorry") if isinstance(found, Closed) and answer.uses_sorry else found


def outcome_of(answer: CommandAnswer, by: tuple[int, int]) -> TacticOutcome:
    """Return what became of the tactics behind the `by` at this line and column: open goals are an error there."""
    open_goals = [e for e in answer.errors if (e.line, e.column) == by and e.text.startswith(_UNSOLVED)]
    if others := [error.text for error in answer.errors if error not in open_goals]:
        spent = next((text for text in others if OUT_OF_EFFORT.search(text)), None)
        return Rejected(others[0]) if spent is None else TimedOut(spent, limit=Limit.EFFORT)
    if open_goals:
        return Advanced(state_of(open_goals[0].text.removeprefix(_UNSOLVED).strip("\n").split("\n\n")))
    return Closed()
