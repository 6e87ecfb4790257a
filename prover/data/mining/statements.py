"""Library theorems as problems: each type is printed by Lean, read back, and kept if it still says the same."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Protocol

from prover.core.held_out import is_held_out
from prover.core.library import Library
from prover.core.proof_state import Closed
from prover.core.theorem import Theorem
from prover.environments.environment import ProofEnvironment
from prover.errors import InvalidTheoremError

NAME = "library_theorem"
"""The name of every mined statement; its own name would reveal too much about its proof."""
CHECK_TIMEOUT_S = 5.0

# From the usual notation to fully explicit. Printed text does not always elaborate again: a proof may be
# printed as `⋯`, a structure without its type, a function without the type of its variable.
_PRINTED = (
    (),
    ("pp.proofs true", "pp.structureInstances false"),
    (
        "pp.proofs true",
        "pp.structureInstances false",
        "pp.fieldNotation false",
        "pp.funBinderTypes true",
        "pp.numericTypes true",
    ),
    (
        "pp.proofs true",
        "pp.structureInstances false",
        "pp.explicit true",
        "pp.funBinderTypes true",
        "pp.notation false",
    ),
)
_UNIVERSE = re.compile(r"\bu_\d+\b")


class KeyedEnvironment(ProofEnvironment, Protocol):
    """A proof assistant that can compare statements."""

    async def key(self, theorem: Theorem) -> str:
        """Return the statement's key, see LibraryTheorem."""


@dataclass(frozen=True, slots=True)
class LibraryStatement:
    """A library theorem to be stated."""

    name: str
    module: str
    key: str
    imports: tuple[str, ...]


def held_out_names(library: Library) -> frozenset[str]:
    """Return the theorems of a library that are held out for evaluation, and those that state the same."""
    keys = {theorem.key for theorem in library.theorems if is_held_out(theorem.name)}
    return frozenset(theorem.name for theorem in library.theorems if theorem.key in keys)


def library_statements(library: Library, imports: tuple[str, ...], *, held_out: bool = False) -> list[LibraryStatement]:
    """Return the theorems to mine; with `held_out`, those held out for evaluation by their own name instead.

    Of several with the same statement, the first by name is taken.
    """
    kept = held_out_names(library)
    chosen: dict[str, LibraryStatement] = {}
    for theorem in sorted(library.theorems, key=lambda theorem: theorem.name):
        if is_held_out(theorem.name) if held_out else theorem.name not in kept:
            module = library.modules[theorem.module][0] if theorem.module >= 0 else ""
            statement = LibraryStatement(theorem.name, module, theorem.key, imports)
            chosen.setdefault(theorem.key, statement)
    return list(chosen.values())


async def restate(wanted: LibraryStatement, environment: KeyedEnvironment) -> dict[str, Any]:
    """Return the line of results: the statement as a problem, or why it cannot be stated.

    Raises:
        ProofEnvironmentError: the proof assistant failed.
    """
    imports = "".join(f"import {module}\n" for module in wanted.imports if wanted.imports != ("Init",))
    why = ""
    for number, options in enumerate(_PRINTED):
        try:
            printed = await _print(wanted, imports, options, environment)
            statement = f"theorem {NAME}{_universes(printed)} : {printed}"
            same = await _same(wanted, Theorem.from_text(f"{imports}{statement}"), environment)
        except InvalidTheoremError as error:
            why = "; ".join([error.reason, *(message.text for message in error.messages)])[:300]
            continue
        if same is None:
            why = "the printed type is another"
            continue
        return {
            "problem": wanted.name,
            "error": None,
            "row": {
                "name": wanted.name,
                "split": "held-out" if is_held_out(wanted.name) else "library",
                "module": wanted.module,
                "header": imports.strip(),
                "statement": statement,
                "forbid": [wanted.name],
            },
            "printed": number,
            "same": same,
        }
    return {"problem": wanted.name, "error": f"statement: {why}", "row": None}


async def _print(wanted: LibraryStatement, imports: str, options: Iterable[str], environment: ProofEnvironment) -> str:
    settings = "".join(f"set_option {option} in\n" for option in options)
    asking = Theorem.from_text(f"{imports}{settings}theorem {NAME} : type_of% @{wanted.name}")
    async with environment.open(asking) as session:
        return session.initial.text.removeprefix("⊢ ")


async def _same(wanted: LibraryStatement, theorem: Theorem, environment: KeyedEnvironment) -> str | None:
    """Return how the statement matches the library theorem: `key` or `unfolds`, or None if it does not."""
    if await environment.key(theorem) == wanted.key:
        return "key"
    async with environment.open(theorem) as session:
        (outcome,) = await session.apply(session.initial, [f"exact @{wanted.name}"], timeout_s=CHECK_TIMEOUT_S)
    return "unfolds" if isinstance(outcome, Closed) else None


def _universes(printed: str) -> str:
    names = sorted(set(_UNIVERSE.findall(printed)), key=lambda name: int(name[2:]))
    return f".{{{', '.join(names)}}}" if names else ""
