"""What a statement is about, asked of Lean: its variables, which of them are proofs, and the user's own types."""

from __future__ import annotations

import re
from collections.abc import Sequence

from prover.core.proof_state import Advanced, Closed, ProofState
from prover.core.theorem import Theorem
from prover.environments.environment import ProofEnvironment, ProofSession
from prover.environments.syntax.lean.statement import LeanStatement
from prover.errors import InvalidTheoremError
from prover.refutation.types import TypeTerm
from prover.refutation.values import Constructor, Constructors, Values
from prover.refutation.variables import Kind, Variable, variables_of

TACTIC_S = 60.0
MOST_TYPES = 12
FOR_TYPES = ("Bool", "Nat")  # what is put for a type variable, to ask for constructors
_CASE = re.compile(r"\Acase (\S+)")


async def introduced(session: ProofSession) -> tuple[ProofState, tuple[Variable, ...]]:
    """Return the state in which all that the statement quantifies over is introduced, and has names."""
    state = await _advanced(session, "intros") or session.initial
    found = variables_of(state.goals[0])
    if not any(variable.nameless for variable in found):
        return state, found
    used = {variable.name for variable in found}
    names = []
    for variable in found:
        if variable.nameless:
            base = variable.name.partition("✝")[0]
            names.append(next(n for n in (base, *(f"{base}_{i}" for i in range(1, 1000))) if n not in used))
            used.add(names[-1])
    state = await _advanced(session, f"intros; rename_i {' '.join(names)}") or state
    return state, variables_of(state.goals[0])


async def kinds_of(
    session: ProofSession, state: ProofState, variables: Sequence[Variable]
) -> list[tuple[Variable, Kind]]:
    """Say what each variable is: a proof, an instance that Lean finds, or else data."""
    kinds = []
    for variable in variables:
        if variable.type is not None and Values().known(_with_types(variable.type, variables)):
            kind = Kind.DATA
        elif await _holds(session, state, f"have := And.intro {variable.name} trivial"):
            kind = Kind.PROOF
        elif await _holds(session, state, f"have : {variable.text} := inferInstance"):
            kind = Kind.INSTANCE
        else:
            kind = Kind.DATA
        kinds.append((variable, kind))
    return kinds


async def constructors(
    theorem: Theorem, kinds: Sequence[tuple[Variable, Kind]], environment: ProofEnvironment
) -> Constructors:
    """Return the constructors of those types of data that are not Lean's own."""
    variables = tuple(variable for variable, kind in kinds if kind is Kind.DATA)
    waiting = [_with_types(v.type, variables, choice) for v in variables if v.type for choice in FOR_TYPES]
    found: Constructors = {}
    seen: set[str] = set()
    while waiting and len(seen) < MOST_TYPES:
        type_ = waiting.pop(0)
        if str(type_) in seen or Values(found).known(type_):
            waiting += [argument for argument in type_.arguments if str(argument) not in seen]
            seen.add(str(type_))
            continue
        seen.add(str(type_))
        if made := await _constructors_of(theorem, type_, environment):
            found[str(type_)] = made
            waiting += [field for constructor in made for field in constructor.fields]
        waiting += type_.arguments
    return found


async def _constructors_of(theorem: Theorem, type_: TypeTerm, environment: ProofEnvironment) -> tuple[Constructor, ...]:
    header = LeanStatement.read(theorem.body)
    text = f"{header.header.rstrip()}\n\ntheorem prover_type (x : {type_}) : False\n{header.ending.strip()}\n"
    imports = "".join(f"import {module}\n" for module in theorem.imports if module != "Init")
    try:
        async with environment.open(Theorem.from_text(imports + text)) as session:
            state = await _advanced(session, "cases x")
    except InvalidTheoremError:
        return ()
    made = []
    for goal in state.goals if state else ():
        name = _CASE.match(goal.text)
        fields = [variable.type for variable in variables_of(goal)]
        if name is None or not all(fields):
            return ()
        made.append(Constructor(f".{name[1]}", tuple(field for field in fields if field)))
    return tuple(made)


def _with_types(type_: TypeTerm, variables: Sequence[Variable], choice: str = FOR_TYPES[0]) -> TypeTerm:
    """Return a type with a type for each type variable."""
    names = {v.name for v in variables if v.type is not None and v.type.head in ("Type", "Sort")}
    return type_.substituted({name: TypeTerm(choice) for name in names})


async def _advanced(session: ProofSession, tactic: str) -> ProofState | None:
    (outcome,) = await session.apply(session.initial, [tactic], timeout_s=TACTIC_S)
    return outcome.state if isinstance(outcome, Advanced) else None


async def _holds(session: ProofSession, state: ProofState, tactic: str) -> bool:
    (outcome,) = await session.apply(state, [tactic], timeout_s=TACTIC_S)
    return isinstance(outcome, Advanced | Closed)
