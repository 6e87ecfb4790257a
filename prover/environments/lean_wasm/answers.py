"""What the Node process answers, read from its JSON: goals, messages, and why a statement cannot be used."""

from __future__ import annotations

import re
from collections.abc import Sequence

from prover.core.proof_state import Goal, Hypothesis, ProofState
from prover.environments.lean_wasm.process import Answer
from prover.environments.syntax.lean.names import hint_for
from prover.environments.syntax.lean.states import renumbered
from prover.errors import InvalidTheoremError, Message


def state_of(goals: Sequence[Answer]) -> ProofState:
    """Read goals."""
    return ProofState(
        tuple(
            Goal(
                text,
                goal["target"],
                tuple(Hypothesis(name, head, term) for name, head, term in goal["hypotheses"]),
                tuple(goal["definitions"]),
                goal["term"],
                instances=tuple(goal["instances"]),
            )
            for text, goal in zip(renumbered(goal["text"] for goal in goals), goals, strict=True)
        )
    )


def messages_of(answer: Answer) -> tuple[Message, ...]:
    """Read messages."""
    return tuple(Message(m["severity"], m["text"], m["line"], m["column"]) for m in answer.get("messages", ()))


_HINTS = (
    (r"is not a proposition", "a theorem states something that can be true or false; use `def` for data"),
    (
        r"(?i)unknown (identifier|constant)",
        "is the name spelt right and its namespace open? The embedded Lean has no Mathlib",
    ),
    (r"unexpected (token|end of input|identifier)", "the form is: theorem NAME BINDERS : TYPE"),
    (r"universe", "name universe levels with `universe u` or `theorem t.{u}`"),
)


def invalid_theorem(answer: Answer, source: str) -> InvalidTheoremError:
    """Build the error for a statement that Lean cannot use."""
    reason = str(answer["invalid"])
    messages = tuple({(message.severity, message.text): message for message in reversed(messages_of(answer))}.values())[
        ::-1
    ]
    if answer.get("timedOut"):
        reason = "Lean needs too long to read the statement"
    everything = "\n".join([source, reason, *(message.text for message in messages)])
    hint = hint_for(source, (message.text for message in messages if message.severity == "error"))
    hint = hint or next((hint for pattern, hint in _HINTS if messages and re.search(pattern, everything)), None)
    return InvalidTheoremError(reason, messages=messages, hint=hint)
