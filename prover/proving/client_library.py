"""Goals of a client that has Mathlib, for an assistant that has not: what the client can try in its own Lean.

Untried suggestions cost the client one elaboration each, so Mathlib's tactics go along by the shape of the goal. Where
Mathlib only prints core types by other names, the goal can still be read, and core tactics tried.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Sequence
from contextlib import suppress

from prover.core.theorem import Theorem, split_imports
from prover.errors import InvalidTheoremError
from prover.policies.automation.mathlib_steps import mathlib_steps
from prover.policies.generator import TacticCandidate
from prover.proving.goal_text import theorem_of_goal
from prover.proving.suggestions import RANK, Outcome, Suggestion, SuggestionOptions

SOURCE = "mathlib"
CORE_OFFSET = -2.0
"""Nats added to what the policy for core Lean proposes: in such a goal Mathlib's own tactics are likelier."""
NOTATION = {"ℕ": "Nat", "ℤ": "Int", "ℚ": "Rat"}
"""Mathlib's notation for types that core Lean has."""
SAME_EVERYWHERE = frozenset({"omega", "rfl", "ac_rfl", "decide", "decide +kernel", "assumption", "contradiction"})
"""What fails in core Lean fails with Mathlib; of anything that simplifies this cannot be said."""
_OF_MATHLIB = re.compile(r"[ℕℤℚℝℂ∑∏∫√‖]|\b(?:Finset|Set|Multiset|Real|Polynomial|MvPolynomial|Matrix)\b|→[+*]")


def meant_for_mathlib(state: str, header: str, identity: str) -> bool:
    """Is this the goal of a client that has Mathlib, while the assistant has not?

    Some clients send no header, and a header may import Mathlib by way of other modules: then the goal's text decides.
    """
    if not identity.startswith("lean4@") or "mathlib" in identity.lower():
        return False
    try:
        roots = {module.partition(".")[0] for module in split_imports(header)[0]}
    except InvalidTheoremError:
        roots = set()
    return "Mathlib" in roots or _OF_MATHLIB.search(state) is not None


def readings(state: str, header: str, identity: str) -> Iterator[Theorem]:
    """Yield what a printed goal may be read back as: behind its header, or else by itself.

    Raises:
        InvalidTheoremError: the text holds no goal.
    """
    alone = notation(state) if meant_for_mathlib(state, header, identity) else ""
    theorem_of_goal(state)
    for before in dict.fromkeys((header if header.strip() else alone, alone)):
        with suppress(InvalidTheoremError):  # of the header's text
            yield theorem_of_goal(state, header=before)


def mathlib_candidates(goal: str) -> list[TacticCandidate]:
    """Return Mathlib's tactics for a printed goal, for the client to try."""
    return [TacticCandidate(step.tactic, math.log(step.weight), SOURCE, step.effort) for step in mathlib_steps(goal)]


def notation(state: str) -> str:
    """Return a header by which core Lean reads Mathlib's names for its types."""
    return "".join(f'notation "{sign}" => {name}\n' for sign, name in NOTATION.items() if sign in state)


def with_client(
    suggestions: Sequence[Suggestion], client: Sequence[TacticCandidate], options: SuggestionOptions
) -> list[Suggestion]:
    """Return the suggestions with those that only the client can try; what closes the goal stays first."""
    known = {suggestion.tactic: suggestion for suggestion in suggestions}
    for suggestion in suggestions:
        if suggestion.outcome is not Outcome.CLOSES:
            lowered = suggestion.logprob + CORE_OFFSET
            known[suggestion.tactic] = suggestion.model_copy(update={"logprob": lowered})
    for candidate in client:
        before = known.get(candidate.tactic)
        if not candidate.tactic.startswith(options.prefix.lstrip()):
            continue
        if before is None:
            about = {"tactic": candidate.tactic, "logprob": candidate.logprob, "source": candidate.source}
            known[candidate.tactic] = Suggestion.model_validate(about)
        elif before.outcome is not Outcome.CLOSES:
            may_work = before.outcome is Outcome.FAILS and candidate.tactic not in SAME_EVERYWHERE
            changed = {"outcome": Outcome.UNTRIED, "message": None} if may_work else {}
            likelier = max(before.logprob, candidate.logprob)
            known[candidate.tactic] = before.model_copy(update=changed | {"logprob": likelier})
    together = {**RANK, Outcome.UNTRIED: RANK[Outcome.ADVANCES]}
    ranked = sorted(known.values(), key=lambda suggestion: (together[suggestion.outcome], -suggestion.logprob))
    return ranked[: options.n]
