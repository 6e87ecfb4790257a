"""What a project with Mathlib adds to the search for a counterexample: its automation, and what `plausible` suggests.

Nothing here is believed. An instance counts when its negation is proved, whoever suggested it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from prover.core.proof_state import Advanced, Rejected
from prover.core.theorem import Theorem
from prover.environments.environment import ProofSession
from prover.refutation.counterexamples import INFERRED, Instance, instance_of
from prover.refutation.reading import TACTIC_S
from prover.refutation.variables import Kind, Variable

STEPS = (
    "norm_num",
    "push_neg; norm_num",
    "intro h; norm_num at h",
    "intro h; linarith",
    *(f"push_neg; exact ⟨{witness}, by norm_num⟩" for witness in (0, 1)),
)
"""What decides about an instance of numbers that are not computed with, such as the reals."""
PLAUSIBLE = "plausible (config := { numInst := 300, randomSeed := some 0 })"
_FOUND = "Found a counter-example!"
_VALUE = re.compile(r"^(?P<name>[^\s:]+) := (?P<value>.+)$")
_ATOM = re.compile(r"[\w.']+|\[[^\]]*\]|\"[^\"]*\"")


def has_libraries(theorem: Theorem) -> bool:
    """Does the statement import more than what is always there?"""
    return any(module != "Init" for module in theorem.imports)


async def steps_known_to(session: ProofSession) -> tuple[str, ...]:
    """Return the STEPS that can be read there; one that cannot would spoil the others."""
    asked = [f"first | skip | ({step})" for step in STEPS]
    outcomes = await session.apply(session.initial, asked, timeout_s=TACTIC_S)
    return tuple(step for step, outcome in zip(STEPS, outcomes, strict=False) if isinstance(outcome, Advanced))


async def suggested_by_plausible(session: ProofSession, kinds: Sequence[tuple[Variable, Kind]]) -> list[Instance]:
    """Return the instance that `plausible` takes for a counterexample, if it is there and finds one."""
    outcomes = await session.apply(session.initial, [PLAUSIBLE], timeout_s=TACTIC_S)
    if not outcomes or not isinstance(outcomes[0], Rejected):
        return []
    found = instance_from(outcomes[0].message, kinds)
    return [found] if found else []


def instance_from(message: str, kinds: Sequence[tuple[Variable, Kind]]) -> Instance | None:
    """Return the instance of a statement that a message of `plausible` has, or None."""
    printed = plausible_values(message)
    values: dict[str, str] = {}
    for variable, kind in kinds:
        if kind is Kind.INSTANCE:
            values[variable.name] = INFERRED
        elif kind is Kind.DATA and variable.name in printed:
            value = printed[variable.name]
            is_type = variable.type is not None and variable.type.head in ("Type", "Sort")
            values[variable.name] = value.strip('"') if is_type else _argument(value)
        elif kind is Kind.DATA:
            return None
    return instance_of(kinds, values) if printed else None


def plausible_values(message: str) -> dict[str, str]:
    r"""Return the values in a message of `plausible`: a line each, behind its headline; the last of a name counts.

    >>> plausible_values("=====\nFound a counter-example!\nx := 3\nguard: ⋯\nissue: 3 < 2 does not hold\n-----")
    {'x': '3'}
    """
    _, found, rest = message.partition(_FOUND)
    lines = rest.splitlines() if found else []
    return {match["name"]: match["value"].strip() for line in lines if (match := _VALUE.match(line.strip()))}


def _argument(value: str) -> str:
    """Return a value as it may stand behind a function."""
    return value if _ATOM.fullmatch(value) else f"({value})"
