r"""Isabelle steps that need no model: its own automation, what a state's mode asks for, induction; last the hammer.

The weights of the methods are the shares of 126 goals (80 exercises, 46 of miniF2F) that each closes alone within five
seconds in Isabelle/HOL, theory Main. Every further step is a guess below them.
"""

from __future__ import annotations

import math
import re
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass

from prover.core.proof_state import ProofState
from prover.core.theorem import Theorem
from prover.environments.syntax.isabelle.statement import IsabelleStatement
from prover.policies.automation.isabelle_locales import predicates, steps_of_predicates
from prover.policies.automation.isabelle_obtaining import steps_of_obtaining
from prover.policies.automation.isabelle_theory import Theory, steps_of
from prover.policies.generator import Proposal, TacticCandidate, portion

HAMMER = "normalhammer"
HAMMER_EFFORT = 45.0  # units, which are seconds here
METHODS = (
    ("auto", 0.460),
    ("simp", 0.357),
    ("force", 0.476),
    ("fastforce", 0.468),
    ("blast", 0.143),
    ("presburger", 0.198),
    ("arith", 0.230),
    ("linarith", 0.143),
    ("(auto simp: algebra_simps power2_eq_square)", 0.452),
    ("(auto simp: field_simps)", 0.444),
    ("metis", 0.087),
    ("algebra", 0.032),
    ("meson", 0.079),
    ("argo", 0.063),
    ("(simp add: algebra_simps)", 0.06),
    ("(auto split: if_splits)", 0.05),
    ("iprover", 0.02),
    ("satx", 0.01),
    ("order", 0.01),
    ("sos", 0.008),
)
"""What a gap of a sketch is filled with as well, in this order: the cheap and likely first."""
HAMMER_WEIGHT = 0.004
ASSUMED = 0.6
"""With assumptions in the statement, a method without them is worth so much less."""
_GOAL = re.compile(r"^ 1\. (.*?)(?=^ 2\. |\Z)", re.MULTILINE | re.DOTALL)
_SYMBOL = re.compile(r"\\<\^?\w+>")
_INNER_NAME = re.compile(r"(?<![\w.'?])[a-z][a-z0-9']*(?![\w'(]|\.\w)")
UNFOLDED = (
    (r"\binj\b|\binj_on\b", ("inj_on_def",)),
    (r"\bsurj\b|\brange\b", ("surj_def",)),
    (r"\bdvd\b", ("dvd_def",)),
    (r"\b(?:even|odd)\b", ("even_iff_mod_2_eq_zero",)),
    (r"\bmod\b|\bdiv\b", ("mod_Suc", "div_Suc")),
    (r"\^", ("power2_eq_square", "power_Suc", "algebra_simps")),
    (r"\\<circ>", ("comp_def",)),
    (r"\\<inverse>", ("converse_iff",)),
    (r"\bfact\b", ("fact_reduce",)),
)
"""Facts of the library for what a goal mentions."""
_AT_LEAST = re.compile(r"(?P<least>\d+|\([^()]*\)) (?:\\<le>|<) (?P<name>[a-z]\w?)\b")
_NO_VARIABLES = frozenset({"if", "let", "in", "of", "o", "or", "hd", "tl", "id", "else", "cases"})
MOST_VARIABLES = 3


@dataclass(frozen=True, slots=True)
class View:
    """A state as printed: its mode, first goal, and whether facts are at hand."""

    mode: str
    goal: str
    facts: bool
    solved: bool

    @classmethod
    def of(cls, state: ProofState) -> View:
        """Read a state."""
        text = state.text
        mode = next((m for m in ("prove", "state", "chain") if text.startswith(f"proof ({m})")), "prove")
        goal = _GOAL.search(text)
        facts = "using this:" in text or "\nthis:" in text or mode == "chain"
        return cls(mode, goal[1] if goal else "", facts, "No subgoals!" in text)

    def variables(self) -> list[str]:
        """Return names in the goal that may be variables, the most frequent first."""
        bound = re.findall(r"(?:\\<And>|\\<forall>|\\<exists>|\\<lambda>|\\<Sum>|\\<Prod>)\s*([a-z][\w']*)", self.goal)
        names = [n for n in _INNER_NAME.findall(_SYMBOL.sub(" ", self.goal)) if len(n) <= 2 or n.endswith("s")]
        counts = {name: names.count(name) for name in names if name not in _NO_VARIABLES and name not in bound}
        return sorted(counts, key=lambda name: -counts[name])[:MOST_VARIABLES]


class IsabelleClosersPolicy:
    """Isabelle's automation and simple structure; deterministic, `seed` changes nothing."""

    reproducible = True

    def __init__(
        self, *, hammer: bool = False, assumes: bool = False, theory: Theory | None = None, about: str = ""
    ) -> None:
        """`assumes`: the statement has assumptions; `theory`: what stands before it; `about`: the statement itself."""
        self._hammer = hammer
        self._assumes = assumes
        self._theory = theory or Theory()
        self._about = about
        self.identity = f"isabelle-closers@3{'+hammer' if hammer else ''}"

    @asynccontextmanager
    async def for_theorem(self, theorem: Theorem) -> AsyncIterator[IsabelleClosersPolicy]:
        """Give the policy that knows the theorem's assumptions and what stands before it."""
        statement = IsabelleStatement.read(theorem.source)
        theory = Theory.read(statement.header)
        yield IsabelleClosersPolicy(hammer=self._hammer, assumes=statement.assumes, theory=theory, about=statement.text)

    async def propose(self, states: Sequence[ProofState], *, n: int, seed: int, tried: int = 0) -> list[Proposal]:
        """Return candidates for each state."""
        return [portion(self._candidates(View.of(state)), n, tried) for state in states]

    def _candidates(self, view: View) -> list[TacticCandidate]:
        best: dict[str, TacticCandidate] = {}
        for source, steps in (
            ("automation", self._automation(view)),
            ("structure", self._structure(view)),
            ("theory", self._from_theory(view)),
            ("induction", _inductions(view)),
            ("library", self._from_library(view)),
            ("obtaining", steps_of_obtaining(view.goal, assumes=self._assumes) if view.mode == "prove" else ()),
            ("hammer", iter(((HAMMER, HAMMER_WEIGHT),) if self._hammer and view.mode == "prove" else ())),
        ):
            for tactic, weight in steps:
                effort = HAMMER_EFFORT if source == "hammer" else math.inf
                best.setdefault(tactic, TacticCandidate(tactic, math.log(weight), source, effort))
        return sorted(best.values(), key=lambda candidate: -candidate.logprob)

    def _automation(self, view: View) -> Iterator[tuple[str, float]]:
        if view.solved:
            yield ("done" if view.mode == "prove" else "qed"), 0.9
            return
        for method, weight in METHODS:
            if view.mode == "state":
                then = "then " if view.facts else ""
                yield f"{then}show ?thesis by {method}", weight * 0.5
                if then:
                    yield f"show ?thesis by {method}", weight * 0.1
            elif view.mode == "chain":
                yield f"show ?thesis by {method}", weight * 0.5
            elif self._assumes and not view.facts:
                yield f"using assms by {method}", weight
                yield f"by {method}", weight * ASSUMED
            else:
                yield f"by {method}", weight

    def _from_theory(self, view: View) -> Iterator[tuple[str, float]]:
        if view.solved or view.mode != "prove":
            return
        variables = [name for name in view.variables() if name not in self._theory.names]
        yield from steps_of(self._theory, view.goal, using=self._using(view), variables=variables)
        found = predicates(self._theory.locales, f"{self._about}\n{view.goal}")
        yield from steps_of_predicates(found, view.goal, using=self._using(view))

    def _from_library(self, view: View) -> Iterator[tuple[str, float]]:
        if view.solved or view.mode != "prove":
            return
        using = self._using(view)
        for pattern, facts in UNFOLDED:
            if re.search(pattern, view.goal):
                simp = " ".join(facts)
                yield f"{using}by (auto simp: {simp})", 0.12
                yield f"{using}by (simp add: {simp})", 0.06
                yield f"{using}by (metis {simp})", 0.03
        if r"\<exists>!" in view.goal:
            yield f"{using}by (metis)", 0.05
        for found in _AT_LEAST.finditer(view.goal):
            yield f"by (induct {found['name']} rule: nat_induct_at_least) (auto simp: algebra_simps)", 0.1
            yield f"by (induct {found['name']} rule: nat_induct_at_least) auto", 0.1

    def _using(self, view: View) -> str:
        return "using assms " if self._assumes and not view.facts else ""

    def _structure(self, view: View) -> Iterator[tuple[str, float]]:
        if view.solved or view.mode != "prove":
            return
        if self._assumes and not view.facts:
            yield "using assms", 0.02
        yield "apply auto", 0.03
        yield "apply simp", 0.02
        yield "apply clarsimp", 0.01
        yield "apply safe", 0.01
        yield "apply (rule ccontr)", 0.003
        if re.search(r"\\<longrightarrow>|-->", view.goal):
            yield "apply (rule impI)", 0.03
        if re.search(r"\\<forall>|\bALL\b", view.goal):
            yield "apply (intro allI impI)", 0.03
        if re.search(r"\\<longleftrightarrow>", view.goal):
            yield "apply (rule iffI)", 0.02
        if re.search(r"\\<and>", view.goal):
            yield "apply (intro conjI)", 0.02
            yield "apply (elim conjE)", 0.01
            yield "apply (rule conjI)", 0.01
            yield "apply (erule conjE)", 0.01
        if re.search(r"\\<or>", view.goal):
            yield "apply (elim disjE)", 0.02
        yield "apply assumption", 0.02
        yield "apply (rule ext)", 0.002


def _inductions(view: View) -> Iterator[tuple[str, float]]:
    if view.solved or view.mode != "prove":
        return
    for place, name in enumerate(view.variables()):
        worth = 0.7**place
        yield f"by (induct {name}) auto", 0.04 * worth
        yield f"by (induct {name}) simp_all", 0.03 * worth
        yield f"by (induct {name}) (auto simp: algebra_simps power2_eq_square)", 0.02 * worth
        yield f"by (cases {name}) auto", 0.02 * worth
        if others := " ".join(other for other in view.variables() if other != name):
            yield f"by (induct {name} arbitrary: {others}) auto", 0.03 * worth
        yield f"apply (induct {name})", 0.012 * worth
        yield f"apply (cases {name})", 0.006 * worth
