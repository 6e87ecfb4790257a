"""Tactics that need no model: Lean's own automation, the steps that a goal's shape suggests, arithmetic.

Log-probabilities are priors: what closes many goals cheaply comes first, what only rearranges comes later.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace

from prover.core.proof_state import Goal, ProofState
from prover.core.theorem import Theorem
from prover.policies.arithmetic.templates import TEMPLATES
from prover.policies.automation.antisymmetry import antisymmetry
from prover.policies.automation.bijections import bijections
from prover.policies.automation.both_ends import both_ends
from prover.policies.automation.bounded import bounded
from prover.policies.automation.cancelling import cancelling
from prover.policies.automation.classical import classical
from prover.policies.automation.confluence import confluence
from prover.policies.automation.contents import contents
from prover.policies.automation.definitions import library_definitions, unfoldings
from prover.policies.automation.enumerations import enumerations
from prover.policies.automation.equal_remainders import equal_remainders
from prover.policies.automation.erasing import erasing
from prover.policies.automation.existence import existence
from prover.policies.automation.exploration import exploration
from prover.policies.automation.folds import folds
from prover.policies.automation.generalising import generalising
from prover.policies.automation.groups import groups
from prover.policies.automation.induction import induction_steps
from prover.policies.automation.inductive_existence import inductive_existence
from prover.policies.automation.instantiation import instantiation
from prover.policies.automation.iteration import iteration
from prover.policies.automation.lemmas import lemmas
from prover.policies.automation.listed import listed
from prover.policies.automation.measures import measures
from prover.policies.automation.mutual import mutual
from prover.policies.automation.operations import operations
from prover.policies.automation.pointwise import pointwise
from prover.policies.automation.priors import reweighted
from prover.policies.automation.recursion import recursion
from prover.policies.automation.recursive_functions import recursive_functions
from prover.policies.automation.relations import relations
from prover.policies.automation.representations import representation_steps
from prover.policies.automation.representatives import representatives
from prover.policies.automation.rule_induction import rule_induction
from prover.policies.automation.rule_laws import rule_laws
from prover.policies.automation.saturation import opening, saturation
from prover.policies.automation.schroeder_bernstein import schroeder_bernstein
from prover.policies.automation.singletons import singletons
from prover.policies.automation.smart_constructors import smart_constructors
from prover.policies.automation.structures import opened_structures
from prover.policies.automation.thresholds import thresholds
from prover.policies.automation.uniqueness import uniqueness
from prover.policies.automation.value_tables import value_tables
from prover.policies.automation.vocabulary import vocabulary
from prover.policies.generator import Proposal, TacticCandidate, portion
from prover.policies.header import Header
from prover.policies.premises.retrieval import Premises, PremiseSource, premise_steps
from prover.policies.terms import GoalView, Term

MOST_PREMISES = 32
CLEAR = math.log(0.5)  # a candidate this likely is tried before any other is asked for
OPENING = 0.90
"""For steps by which nothing is lost: `intro`, `obtain` for what exists, what the header's signs mean."""
SPLITTING = 0.20
"""For goals that fall into two, which automation may close at once."""
BEFORE_OPENING = 0.02
QUICK = 3.0  # units of effort
FIRST = 1.0
"""Units for a first try of what is not made for the shape of the goal. Of such tactics that close one, 99 in 100 take
less; those that run on would take most of a search."""
METHODS = {
    "existence": existence,
    "bijections": bijections,
    "inductive existence": inductive_existence,
    "recursive function": recursive_functions,
    "iteration": iteration,
    "bounded": bounded,
    "thresholds": thresholds,
    "uniqueness": uniqueness,
    "instantiation": instantiation,
    "structures": opened_structures,
    "singletons": singletons,
    "enumerations": enumerations,
    "two injections": schroeder_bernstein,
    "representatives": representatives,
    "antisymmetry": antisymmetry,
    "groups": groups,
    "cancelling": cancelling,
    "recursion": recursion,
    "equal remainders": equal_remainders,
    "rules": rule_induction,
    "laws of rules": rule_laws,
    "measure": measures,
    "mutual": mutual,
    "relations": relations,
    "confluence": confluence,
    "lemma": lemmas,
    "smart constructors": smart_constructors,
    "contents": contents,
    "erasing": erasing,
    "folds": folds,
    "both ends": both_ends,
    "generalising": generalising,
    "exploration": exploration,
    "classical": classical,
    "listed": listed,
    "pointwise": pointwise,
    "saturation": saturation,
    "value table": value_tables,
}
"""The methods of a first course, by the name that records give as the source of their tactics."""
EFFORTS = {
    "induction": 4.0,
    "definitions": 5.0,
    **dict.fromkeys(METHODS, 3.0),
    **dict.fromkeys(("cancelling", "exploration", "laws of rules"), 5.0),  # many lemmas in one
    **dict.fromkeys(TEMPLATES, 10.0),
}
MOST_DEFINITIONS = 10
REMEMBERED = 500  # goals
STAYING = 1.2
"""Nats by which the rest of a goal's tactics goes before the goals that the first of them left: it closes more."""

# Cheap and likely first: a search stops at the first that closes.
AUTOMATION = (
    ("rfl", 0.10),
    ("simp", 0.16),
    ("omega", 0.14),
    ("assumption", 0.05),
    ("contradiction", 0.03),
    ("simp_all", 0.12),
    ("grind", 0.18),
    ("decide +kernel", 0.08),
    ("exact?", 0.012),
    ("infer_instance", 0.01),
    ("bv_omega", 0.008),
    ("ac_rfl", 0.008),
    ("simp +arith", 0.006),
    ("subst_vars <;> decide +kernel", 0.01),
    ("simp_all <;> omega", 0.02),
    ("simp_all <;> grind", 0.01),
    ("intros <;> simp_all <;> grind", 0.01),
)
CLOSED = (("decide", 0.96), ("decide +kernel", 0.95))
# Applied to each variable that the goal or a hypothesis of these types gives.
DATA_CASES = {"Nat", "List", "Bool", "Option", "Fin", "Int", "Prod", "Sum", "Unit", "Subtype", "Sigma", "Array"}
PROOF_CASES = {"And", "Or", "Exists", "Iff", "False", "Eq", "HEq", "Nonempty", "PProd"}


class ClosersPolicy:
    """Lean's automation, structural steps, arithmetic, and library theorems if there is a `library` to look in.

    Deterministic: `seed` changes nothing.
    """

    reproducible = True

    def __init__(
        self, library: PremiseSource | None = None, *, premises: Premises | None = None, header: Header | None = None
    ) -> None:
        """Prepare. `header`: what it defines, whether or not a goal mentions it."""
        self.identity = "closers@3" if library else "closers-without-premises@3"
        self._header = header or Header()
        self._library = library
        self._premises = premises
        self._transfers = premises.transfers if premises else {}
        self._known: dict[Goal, list[TacticCandidate]] = {}

    @asynccontextmanager
    async def for_theorem(self, theorem: Theorem) -> AsyncIterator[ClosersPolicy]:
        """Give the policy that cites what this theorem may rest on; see TheoremAware."""
        premises = await self._library.for_theorem(theorem) if self._library else None
        yield ClosersPolicy(self._library, premises=premises, header=Header.of(theorem))

    async def propose(self, states: Sequence[ProofState], *, n: int, seed: int, tried: int = 0) -> list[Proposal]:
        """Return candidates for the first goal of each state."""
        proposals = []
        for state in states:
            proposals.append(clear_first(self.candidates(state.goals[0]), n, tried))
        return proposals

    def candidates(self, goal: Goal) -> list[TacticCandidate]:
        """Return all candidates for a goal, the likeliest first."""
        if goal not in self._known:  # a search asks again when it has tried the first of them
            if len(self._known) >= REMEMBERED:
                self._known.clear()
            self._known[goal] = self._all(goal)
        return self._known[goal]

    def _all(self, goal: Goal) -> list[TacticCandidate]:
        view = GoalView.of(goal)
        definitions = self._definitions(goal)
        view = replace(view, cited=self._header.cited(view.definitions), header=self._header)
        with_header = replace(view, definitions=definitions, cited=self._header.cited(definitions))
        best: dict[str, TacticCandidate] = {}
        seen: dict[str, int] = {}
        for source, steps in (
            ("automation", _automation(goal)),
            ("definitions", unfoldings(goal, self._header)),
            ("library definitions", self._library_definitions(goal)),
            ("operations", [(unfolded, OPENING)] if (unfolded := operations(goal, self._header)) else []),
            ("structure", structural_steps(goal, view)),
            ("induction", induction_steps(goal, view)),
            *((name, method(with_header)) for name, method in METHODS.items()),
            *((name, template(view)) for name, template in TEMPLATES.items()),
            ("premises", self._premise_steps(goal)),
            ("representation", self._representation_steps(goal)),
        ):
            for tactic, guess in steps:
                weight = reweighted(source, tactic, guess, seen)
                known = best.get(tactic)
                if known is None or known.logprob < math.log(weight):
                    effort = EFFORTS.get(source, QUICK)
                    first = effort if source in METHODS or source in TEMPLATES else FIRST
                    best[tactic] = TacticCandidate(tactic, math.log(weight), source, effort, first)
        if any(candidate.logprob > CLEAR for candidate in best.values()):
            later = math.log(BEFORE_OPENING)  # whatever closes the goal now closes it then, when more can be said
            best = {
                tactic: c if c.logprob > CLEAR or tactic.startswith("intro ") else replace(c, logprob=c.logprob + later)
                for tactic, c in best.items()
            }
            if goal.target in {"→", "Not"} and not goal.hypotheses:  # a closed statement may be decided as it is
                for tactic, weight in CLOSED:
                    best[tactic] = TacticCandidate(tactic, math.log(weight), "automation", QUICK)
        return sorted(best.values(), key=lambda candidate: -candidate.logprob)

    def _definitions(self, goal: Goal) -> tuple[str, ...]:
        """Return the definitions that occur and, if there are any, the header's others, which may define them."""
        rest = [name for name in self._header.functions if name not in goal.definitions] if goal.definitions else []
        return (*goal.definitions, *rest[: max(0, MOST_DEFINITIONS - len(goal.definitions))])

    def _premise_steps(self, goal: Goal) -> Iterator[tuple[str, float]]:
        if self._premises is None:
            return iter(())
        variables = [(h.name, h.head) for h in goal.hypotheses if h.head in DATA_CASES]
        return premise_steps(self._premises.for_goal(goal, MOST_PREMISES), variables)

    def _library_definitions(self, goal: Goal) -> Iterator[tuple[str, float]]:
        if self._premises is None:
            return iter(())
        return library_definitions(goal, self._premises.index.rarity, self._premises.for_goal(goal, 4))

    def _representation_steps(self, goal: Goal) -> Iterator[tuple[str, float]]:
        premises = self._premises.for_goal(goal, MOST_PREMISES) if self._premises else []
        return representation_steps(goal, self._transfers, premises)


def clear_first(candidates: Sequence[TacticCandidate], n: int, tried: int) -> Proposal:
    """Return the next n candidates; clear ones alone, so that what they lead to is looked at before any other."""
    clear = sum(candidate.logprob > CLEAR for candidate in candidates)
    staying = 0.0 if clear else STAYING
    return portion(candidates, n if tried >= clear else min(n, clear - tried), tried, staying)


def _automation(goal: Goal) -> Iterator[tuple[str, float]]:
    """Lean's own tactics. A library has nothing for `p x`, and looking through all of it is the dearest of them."""
    return ((tactic, weight) for tactic, weight in AUTOMATION if tactic != "exact?" or goal.target != "variable")


def structural_steps(goal: Goal, view: GoalView) -> Iterator[tuple[str, float]]:
    """Yield steps for a goal by the shape of its target and hypotheses, with their weights."""
    yield from _openings(goal, view)
    for hypothesis in goal.hypotheses:
        head = hypothesis.head
        if head == "And":
            yield f"obtain ⟨{hypothesis.name}, {hypothesis.name}_r⟩ := {hypothesis.name}", 0.05
        elif head == "Or":
            yield f"rcases {hypothesis.name} with {hypothesis.name} | {hypothesis.name}", 0.06
            yield f"rcases {hypothesis.name} with {hypothesis.name} | {hypothesis.name} <;> simp_all", 0.02
        elif head in PROOF_CASES:
            yield f"cases {hypothesis.name}", 0.015
        elif head == "→":
            yield f"apply {hypothesis.name}", 0.015
        elif head == "Not":
            yield f"apply {hypothesis.name}", 0.008
        elif head in goal.definitions:
            yield f"obtain ⟨w_{hypothesis.name}, {hypothesis.name}⟩ := {hypothesis.name}", 0.02
            yield f"obtain ⟨w_{hypothesis.name}, rfl⟩ := {hypothesis.name}", 0.02
        elif head in DATA_CASES:
            yield f"cases {hypothesis.name}", 0.004
            yield f"cases {hypothesis.name} <;> simp_all", 0.012
            yield f"cases {hypothesis.name} <;> grind", 0.010
    if len(goal.hypotheses) > 1:
        names = [h.name for h in goal.hypotheses if h.head in {"Bool", "Option", "List", "Nat"}][:2]
        if len(names) == 2:
            both = f"cases {names[0]} <;> cases {names[1]}"
            yield f"{both} <;> simp_all", 0.01
            yield f"{both} <;> grind", 0.008
    if goal.target not in {"→", "Not"}:
        yield "split", 0.008
        yield "split <;> simp_all", 0.01
        yield "split <;> omega", 0.008
        yield "ext", 0.004
        yield "ext <;> simp", 0.005
        yield "ext <;> grind", 0.008
        yield "exfalso", 0.004
    yield "refine Classical.byContradiction fun hcontra => ?_", 0.003


def _openings(goal: Goal, view: GoalView) -> Iterator[tuple[str, float]]:
    """Steps by which nothing is lost, one kind at a time: in another order they only lead to the same goals again."""
    introductions = list(_introductions(goal, view))
    if goal.target in {"→", "Not"}:
        yield from introductions
    elif opened := opening(goal, view):
        yield opened, OPENING
        yield from ((tactic, min(weight, SPLITTING)) for tactic, weight in introductions)
    else:
        yield from introductions
        if all(weight < OPENING for _, weight in introductions):
            yield from ((step, OPENING) for step in itertools.islice(vocabulary(view), 1))


def _introductions(goal: Goal, view: GoalView) -> Iterator[tuple[str, float]]:
    taken = {hypothesis.name for hypothesis in goal.hypotheses}
    match goal.target:
        case "→" | "Not":
            names = list(binder_names(view.target, taken))
            if names:
                yield f"intro {' '.join(names)}", OPENING
                yield f"intro {names[0]}", 0.03
        case "Equivalence":  # its three laws
            yield "constructor <;> try dsimp only", OPENING
        case "And" | "Iff":
            alone = _is_of_higher_order(view.target) or _joins_universals(view.target)
            alone = alone or any(part.head in view.header.rules for part in view.target.args)
            yield "constructor", OPENING if alone else SPLITTING
            yield "refine ⟨?_, ?_⟩ <;> simp_all", 0.01
            yield "constructor <;> intro h <;> simp_all", 0.02
            yield "constructor <;> intro h <;> grind", 0.02
        case defined if defined in goal.definitions:
            yield "intro x", 0.03
            yield "intro x hx", 0.05
            yield "constructor", 0.02
        case "Or":
            yield "left", 0.03
            yield "right", 0.03
        case "Exists":
            names = [h.name for h in goal.hypotheses if h.head not in {"Sort", "variable"}]
            for witness in ("0", "1", "2", *reversed(names[-4:])):
                yield f"exists {witness}", 0.02
            yield "constructor", 0.005
        case "Eq":
            yield "funext x", 0.01
            yield "congr", 0.005
            yield "symm", 0.002
        case _:
            yield "constructor", 0.004


def _is_of_higher_order(term: Term) -> bool:
    """Does it speak of all functions or predicates? As a whole, automation does not close that."""
    return any(part.head in {"∀", "∃"} and part.args and part.args[0].head == "→" for part in term)


def _joins_universals(term: Term) -> bool:
    """Does it say several things of everything? Each gets its own variables, and its own proof."""
    return term.head == "∧" and any(part.head == "∀" or _joins_universals(part) for part in term.args)


def binder_names(term: Term, taken: set[str]) -> Iterator[str]:
    """Names for everything that `intro` can introduce: the binders' own where they are free."""
    used = set(taken)
    while term.head in {"∀", "→"} or term.head == "¬":
        wanted = term.name if term.head == "∀" and term.name.isidentifier() else "h"
        name = next(n for n in (wanted, *(f"{wanted}{i}" for i in range(1, 100))) if n not in used)
        used.add(name)
        yield name
        if term.head == "¬":
            return
        term = term.args[1]
