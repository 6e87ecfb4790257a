"""Looking for a counterexample in one PISA process, and for a proof that the statement is false because of it."""

from __future__ import annotations

import logging
import time
from collections.abc import Sequence
from dataclasses import dataclass

from prover.environments.isabelle.answers import Applied, Failed
from prover.environments.isabelle.client import CallTimeoutError
from prover.environments.isabelle.counterexamples import TOOLS, Suggestion, read_suggestion, tool_ml
from prover.environments.isabelle.pool import ServerPool
from prover.environments.isabelle.terms import (
    Node,
    denies,
    read_proposition,
    type_instances,
    type_text,
    type_variables_of,
    variables_of,
)
from prover.environments.isabelle.verification import Run
from prover.environments.isabelle.witness import new_mark
from prover.environments.syntax.isabelle.negation import NAME, at_values, refutation_text
from prover.environments.syntax.isabelle.statement import IsabelleStatement
from prover.errors import EnvironmentProtocolError

logger = logging.getLogger(__name__)

METHODS = ("simp", "auto", "presburger", "code_simp", "force")
"""What shows that an instance is false, the plainest first. `eval` is not among them: it rests on an oracle."""
INSTANCE = "prover_instance"
READING_S, PROVING_S = 60.0, 60.0
LONGEST_TOOL_S = 25  # PISA ends a command after 30
_UNDETERMINED = "int"


@dataclass(frozen=True, slots=True)
class Denial:
    """A theorem that says a statement is false, tactics that prove it, and for which values. Not verified."""

    text: str
    tactics: tuple[str, ...]
    suggestion: Suggestion


@dataclass(frozen=True, slots=True)
class Findings:
    """What the tools claim, and the first claim that was shown. `silent`: tools that did not run, and why."""

    suggestions: tuple[Suggestion, ...] = ()
    denial: Denial | None = None
    silent: tuple[str, ...] = ()


async def look_for_counterexamples(
    pool: ServerPool, imports: tuple[str, ...], statement: IsabelleStatement, *, tool_s: float
) -> Findings:
    """Ask the tools, each for `tool_s` seconds. The time to boot the process does not count.

    Raises:
        InvalidTheoremError: Isabelle cannot read the statement.
        ProofEnvironmentError: the server does not answer, or ended.
    """
    seconds = max(1, min(LONGEST_TOOL_S, round(tool_s)))
    lease = await pool.lease()
    try:
        run = Run(lease.client, time.monotonic() + READING_S + PROVING_S + 2 * seconds * len(TOOLS))
        return await _Search(run, imports, statement).findings(seconds)
    finally:
        await lease.close()


class _Search:
    """The commands of one search."""

    def __init__(self, run: Run, imports: tuple[str, ...], statement: IsabelleStatement) -> None:
        self._run = run
        self._imports = imports
        self._statement = statement

    async def findings(self, seconds: int) -> Findings:
        """Ask one tool after the other, until what one says is shown."""
        suggestions: list[Suggestion] = []
        silent: list[str] = []
        denial = None
        try:
            before = await self._run.begun(self._statement, self._imports)
            stated = await self._run.ours(before, self._statement.text, self._statement)
            for tool in TOOLS:
                mark = new_mark()
                answer, _ = await self._run.apply(stated, tool_ml(tool, mark, seconds=seconds))
                try:
                    told = answer.message if isinstance(answer, Failed) else ""
                    suggestion = read_suggestion(tool, told, mark)
                except EnvironmentProtocolError as error:
                    silent.append(str(error))
                    continue
                if suggestion is None:
                    continue
                suggestions.append(suggestion)
                if suggestion.can_be_stated and (denial := await self._denial(before, suggestion)):
                    break
        except CallTimeoutError:
            silent.append("the time is spent")
        return Findings(tuple(suggestions), denial, tuple(silent))

    async def _denial(self, before: str, suggestion: Suggestion) -> Denial | None:
        """Return a theorem which says that the statement is false, if one can be stated and proved from the values."""
        claimed = await self._run.ours(before, f"{self._statement.text}\n  sorry", self._statement)
        try:
            general = await self._proposition(claimed, self._statement.name)
            variables = variables_of(general)
            types = _types(general, suggestion)
            written = {
                name: type_text(suggestion.types[name])
                for name, type_ in variables.items()
                if name in suggestion.types and type_variables_of(("V", name, "0", type_))
            }
            text = refutation_text(self._statement, tuple(variables), written, types)
            if text is None or not set(suggestion.values) >= set(variables):
                return None
            fact = at_values({name: suggestion.values[name] for name in variables})
            tactic = await self._proved(before, text, [f"using {fact} by {method}" for method in METHODS])
            if tactic is None or not await self._denied(before, claimed, text, general, types):
                return None
        except (EnvironmentProtocolError, RecursionError) as error:
            logger.info("what %s says cannot be made a theorem: %s", suggestion.by, str(error)[:500])
            return None
        header = f"{self._statement.header.strip()}\n\n" if self._statement.header.strip() else ""
        return Denial(f"{header}{text}", (tactic,), suggestion)

    async def _proved(self, before: str, text: str, tactics: Sequence[str]) -> str | None:
        """Return the first tactic that proves a theorem."""
        answer, stated = await self._run.apply(before, text)
        if not isinstance(answer, Applied) or not answer.state:
            return None
        for tactic in tactics:
            answer, name = await self._run.apply(stated, tactic)
            if isinstance(answer, Applied) and not answer.state and await self._run.at_level_0(name):
                return tactic
        return None

    async def _denied(self, before: str, claimed: str, text: str, general: Node, types: dict[str, str]) -> bool:
        """Does Isabelle read the theorem as one which says that the statement is false?"""
        if types:
            chosen = " and ".join(f'{name} = "{type_}"' for name, type_ in types.items())
            claimed = await self._read(claimed, f"lemmas {INSTANCE} = {self._statement.name}[where {chosen}]")
            general = await self._proposition(claimed, INSTANCE)
        refuted = await self._read(before, f"{text}\n  sorry")
        return denies(await self._proposition(refuted, NAME), general)

    async def _read(self, state: str, text: str) -> str:
        answer, name = await self._run.apply(state, text)
        if isinstance(answer, Failed):
            raise EnvironmentProtocolError(answer.message)
        return name

    async def _proposition(self, state: str, name: str) -> Node:
        propositions = (await self._run.witness(state, (name,))).propositions
        if len(propositions) != 1:
            raise EnvironmentProtocolError(f"{name} is not one proposition")
        return read_proposition(propositions[0])


def _types(general: Node, suggestion: Suggestion) -> dict[str, str]:
    """Return a type for each type variable of a statement: that of the values, where they show it."""
    found = dict.fromkeys(type_variables_of(general), _UNDETERMINED)
    for name, type_ in variables_of(general).items():
        if name in suggestion.types:
            chosen = type_instances(type_, suggestion.types[name])
            found |= {variable: type_text(value) for variable, value in chosen.items()}
    return found
