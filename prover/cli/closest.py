"""What `prover prove` says of a statement that it neither proves nor refutes: how far it got, and what would help."""

from __future__ import annotations

from rich.text import Text

from prover.cli.show import console
from prover.core.budget import TACTIC_EFFORT
from prover.core.record import Advice, ProofRecord, UnfinishedProof

LONGEST_PATH = 90
MOST_LINES = 10
"""Of the goal that is shown; its last lines count, where it says what is to be shown."""
MARK = "-- Unfinished: `sorry` stands where `prover prove` left a goal open."


def show_closest(record: ProofRecord) -> None:
    """Print the most promising unfinished proof in a few lines."""
    if not record.closest:
        return
    closest = record.closest[0]
    console.print(Text.assemble(("closest", "bold"), f": after {_path(closest)}, {_goals(closest)}"), soft_wrap=True)
    lines = closest.goals[0].splitlines()
    if len(lines) > MOST_LINES:
        lines = ["…", *lines[1 - MOST_LINES :]]
    for line in lines:
        console.print(Text(f"  {line}"), soft_wrap=True)


def show_advice(record: ProofRecord) -> None:
    """Print what would help."""
    if record.advice:
        option = _option(record.advice, record)
        console.print(Text.assemble(("hint: ", "bold"), record.advice.words, option), soft_wrap=True)


def marked(record: ProofRecord) -> str | None:
    """Return the most promising unfinished proof as a file, which says what it is; None if there is none."""
    return f"{MARK}\n{record.closest[0].source.rstrip()}\n" if record.closest else None


def _path(closest: UnfinishedProof) -> str:
    """Return the first line of each tactic, as many tactics as fit."""
    firsts = [_first(tactic) for tactic in closest.tactics]
    shown, length = 0, 0
    while shown < len(firsts) and (shown == 0 or length + len(firsts[shown]) <= LONGEST_PATH):
        length += len(firsts[shown]) + 2
        shown += 1
    path = ", ".join(f"`{first}`" for first in firsts[:shown])
    return path if shown == len(firsts) else f"{path} and {len(firsts) - shown} more"


def _first(tactic: str) -> str:
    first, *others = tactic.splitlines()
    first = first if len(first) <= LONGEST_PATH else f"{first[: LONGEST_PATH - 2]} …"
    return f"{first} …" if others and not first.endswith("…") else first


def _goals(closest: UnfinishedProof) -> str:
    number = len(closest.goals)
    return "one goal is open:" if number == 1 else f"{number} goals are open, the first:"


def _option(advice: Advice, record: ProofRecord) -> str:
    """Return the option of this command that the advice is about."""
    budget = record.budget
    match advice.kind:
        case "effort":
            return f" (--effort {2 * budget.effort:g})"
        case "time":
            return f" (--timeout {2 * budget.timeout_s:g})"
        case "expansions":
            return f" (--expansions {2 * budget.expansions})"
        case "tactic_effort":
            return f" (--tactic-effort {2 * (budget.tactic_effort or TACTIC_EFFORT):g})"
        case "model":
            return " (--model URL)"
        case "mathlib":
            return " (--environment lean-project)"
        case "form":
            return ""
