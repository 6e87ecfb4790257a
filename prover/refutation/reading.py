"""What a statement is about, asked of Lean: its variables, which of them are proofs, and the user's own types."""

from __future__ import annotations

import re
from collections.abc import Sequence

from prover.core.proof_state import Advanced, Closed, Goal, ProofState
from prover.environments.environment import ProofSession
from prover.refutation.types import TypeTerm
from prover.refutation.values import Constructor, Constructors, Field, Values
from prover.refutation.variables import Kind, Variable, named, readable, variables_of

TACTIC_S = 60.0
MOST_TYPES = 12
FOR_TYPES = ("Bool", "Nat")  # what is put for a type variable, to ask for constructors
_CASE = re.compile(r"\Acase refine_1\.(\S+)")


async def introduced(session: ProofSession) -> tuple[ProofState, tuple[Variable, ...]]:
    """Return the state in which all that the statement quantifies over is introduced, and has names."""
    state = await _advanced(session, "intros") or session.initial
    found = variables_of(state.goals[0])
    if not any(variable.nameless for variable in found):
        return state, found
    _, names = named(found)
    state = await _advanced(session, f"intros; rename_i {' '.join(names)}") or state
    return state, variables_of(state.goals[0])


async def kinds_of(
    session: ProofSession, state: ProofState, variables: Sequence[Variable]
) -> list[tuple[Variable, Kind]]:
    """Say what each variable is: a proof, an instance that Lean finds, or else data."""
    kinds = []
    for variable in variables:
        if variable.type is not None and Values().known(with_types(variable.type, variables)):
            kind = Kind.DATA
        elif await _holds(session, state, f"have := And.intro {variable.name} trivial"):
            kind = Kind.PROOF
        elif await _holds(session, state, f"have : {variable.text} := inferInstance"):
            kind = Kind.INSTANCE
        else:
            kind = Kind.DATA
        kinds.append((variable, kind))
    return kinds


async def constructors(session: ProofSession, kinds: Sequence[tuple[Variable, Kind]]) -> Constructors:
    """Return the constructors of the types and classes of variables that are not Lean's own."""
    variables = tuple(variable for variable, kind in kinds if kind is not Kind.PROOF)
    return await constructors_of(
        session, [with_types(v.type, variables, choice) for v in variables if v.type for choice in FOR_TYPES]
    )


async def constructors_of(session: ProofSession, types: Sequence[TypeTerm]) -> Constructors:
    """Return the constructors of types without variables, and of the types that they are made of."""
    waiting = list(types)
    found: Constructors = {}
    seen: set[str] = set()
    while waiting and len(seen) < MOST_TYPES:
        type_ = waiting.pop(0)
        if str(type_) in seen or Values(found).known(type_):
            waiting += [argument for argument in type_.arguments if str(argument) not in seen]
            seen.add(str(type_))
            continue
        seen.add(str(type_))
        if made := await _constructors_of(session, type_):
            found[str(type_)] = made
            waiting += [field.type for constructor in made for field in constructor.fields if field.type]
        waiting += type_.arguments
    return found


async def _constructors_of(session: ProofSession, type_: TypeTerm) -> tuple[Constructor, ...]:
    """Return the constructors of a type without variables: Lean takes a value of it apart."""
    state = await _advanced(session, f"exfalso; refine (fun (x : {type_}) => ?_) (?_ : {type_}); cases x")
    context = {variable.name for variable in variables_of(session.initial.goals[0])}
    made = []
    for goal in state.goals if state else ():
        name = _CASE.match(goal.text)
        if name is None:  # the goal that asks for a value
            continue
        made.append(Constructor(f".{name[1]}", _fields(goal, context)))
    return tuple(made)


def _fields(goal: Goal, context: set[str]) -> tuple[Field, ...]:
    """Return what a constructor takes, from the goal of its case; what reads like no type is taken for a proof."""
    fields = []
    for variable in variables_of(goal):
        if variable.name not in context:
            fields.append(Field(readable(variable.name), variable.type))
    return tuple(fields)


def with_types(type_: TypeTerm, variables: Sequence[Variable], choice: str = FOR_TYPES[0]) -> TypeTerm:
    """Return a type with a type for each type variable."""
    names = {v.name for v in variables if v.type is not None and v.type.head in ("Type", "Sort")}
    return type_.substituted({name: TypeTerm(choice) for name in names})


async def _advanced(session: ProofSession, tactic: str) -> ProofState | None:
    (outcome,) = await session.apply(session.initial, [tactic], timeout_s=TACTIC_S)
    return outcome.state if isinstance(outcome, Advanced) else None


async def _holds(session: ProofSession, state: ProofState, tactic: str) -> bool:
    (outcome,) = await session.apply(state, [tactic], timeout_s=TACTIC_S)
    return isinstance(outcome, Advanced | Closed)
