"""Steps of human proofs: theorems opened in the embedded Lean, and each proof replayed tactic by tactic.

Best effort: proofs are cut by layout (`prover.data.mining.blocks`), and one counts only if its last step closes the
theorem, as checked by Lean's kernel. Term proofs are left out.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from prover.core.held_out import is_held_out
from prover.core.proof_state import Advanced, Closed
from prover.core.theorem import Theorem
from prover.data.mining.blocks import steps, tactic_blocks, without_proofs
from prover.data.mining.traces import cited
from prover.environments.environment import ProofSession
from prover.environments.holes import FileEnvironment, Hole, OpenedFile
from prover.errors import InvalidTheoremError

STEP_TIMEOUT_S = 20.0


@dataclass(frozen=True, slots=True)
class ProjectFile:
    """A Lean file to mine."""

    name: str
    path: Path


async def mine_file(file: ProjectFile, environment: FileEnvironment, known: Mapping[str, int]) -> dict[str, Any]:
    """Return the line of results: the file's theorems, with the steps of those whose proof could be replayed.

    `known`: the library's theorems, which steps may cite.

    Raises:
        ProofEnvironmentError: the proof assistant failed.
    """
    result: dict[str, Any] = {"problem": file.name, "error": None, "theorems": []}
    try:
        text = file.path.read_text(encoding="utf-8").replace("\r\n", "\n")
    except (OSError, UnicodeDecodeError) as error:
        return result | {"error": f"file: {error}"}
    blocks = tactic_blocks(text)
    if not blocks:
        return result
    # All proofs are replaced by `sorry` at once: Lean reads the file once, and every theorem is a hole in it.
    bare = without_proofs(text, blocks)
    places = {text.count("\n", 0, block.start) + 1: block for block in blocks}
    try:
        async with environment.open_file(Theorem.from_text(bare)) as opened:
            for hole in opened.holes:
                block = places.get(hole.line)
                if block is None or hole.kind != "tactic":
                    continue
                row: dict[str, Any] = {"name": hole.declaration, "steps": [], "error": _obstacle(hole)}
                if row["error"] is None:
                    row |= await _follow(opened, hole, block.lines, known)
                result["theorems"].append(row)
    except InvalidTheoremError as error:
        reasons = [error.reason, *(message.text for message in error.messages), error.hint or ""]
        return result | {"error": f"file: {'; '.join(filter(None, reasons))}"[:2000]}
    return result


def _obstacle(hole: Hole) -> str | None:
    if is_held_out(hole.declaration, hole.goal or ""):
        return "held out for evaluation"
    return hole.obstacle


async def _follow(opened: OpenedFile, hole: Hole, lines: tuple[str, ...], known: Mapping[str, int]) -> dict[str, Any]:
    """Replay a proof, cut as finely as Lean can follow."""
    why = "no tactics"
    for flat in (True, False):
        tactics = steps(lines, flat=flat)
        async with opened.open(hole) as session:
            rows, why = await _play(session, tactics, known)
        if not why:
            return {"steps": rows, "error": None}
        if tactics == steps(lines, flat=False):
            break
    return {"steps": [], "error": why}


async def _play(
    session: ProofSession, tactics: Sequence[str], known: Mapping[str, int]
) -> tuple[list[dict[str, Any]], str]:
    """Return the steps, and why the proof could not be replayed (empty: it closes the theorem)."""
    rows: list[dict[str, Any]] = []
    state = session.initial
    for number, tactic in enumerate(tactics, start=1):
        rows.append({"state": state.text, "tactic": tactic, "premises": cited(tactic, known)})
        (outcome,) = await session.apply(state, [tactic], timeout_s=STEP_TIMEOUT_S)
        match outcome:
            case Closed() if number == len(tactics):
                return rows, ""
            case Closed():
                return [], f"step {number} of {len(tactics)} closes the theorem already"
            case Advanced(state):
                pass
            case _:
                return [], f"step {number}: {outcome.message.splitlines()[0] if outcome.message else 'failed'}"[:300]
    return [], "goals are left"
