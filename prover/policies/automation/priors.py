"""How likely and how cheap each kind of tactic is: measured, see `benchmarks/priors.py`.

The table beside this file gives weights to families of tactics: `grind [P, P, P, P]`, `induction x <;> simp_all`,
`finite`. A family without a measurement keeps the weight that its author guessed.
"""

from __future__ import annotations

import functools
import importlib.resources
import json
import re

AGAIN = 0.85  # for each further tactic of one family at one goal
ONE_LINERS = frozenset(
    {"automation", "definitions", "library definitions", "structure", "induction", "premises", "representation"}
)
"""Sources whose tactics differ in kind; those of any other source differ only in how they finish."""
_LIST = re.compile(r"\[([^\]]*)\]")
_WORD = re.compile(r"[^\W\d][\w.'!?✝]*")
_TACTIC_WORDS = """
rfl simp omega assumption contradiction simp_all grind decide kernel exact exact? infer_instance
bv_omega ac_rfl arith subst_vars intros intro constructor refine cases induction rcases obtain with
at using generalizing unfold split ext exfalso symm congr funext left right exists apply rw simpa
clear zero succ nil cons refl step only fun Classical.byContradiction Nat.strongRecOn
"""
_KEPT = frozenset(_TACTIC_WORDS.split())
_FINISHES = ("omega", "grind", "simp_all", "decide +kernel", "rfl", "simp")


def family_of(source: str, tactic: str) -> str:
    """Return the kind of a tactic: its text without the names of this goal."""
    if source in ONE_LINERS:
        return f"{source}: {_plain(tactic.replace(chr(10), ' '), count_lists=source == 'premises')}"
    first = "by contradiction, " if tactic.startswith("refine Classical.byContradiction") else ""
    last = tactic.rsplit("<;>", 1)[-1].split("\n")[-1].strip()
    return f"{source}: {first}{last if last in _FINISHES else 'first' if last.startswith('first') else '...'}"


def _plain(text: str, *, count_lists: bool) -> str:
    lists = _LIST.sub(lambda found: f"[{len(found[1].split(','))}]" if count_lists else "[...]", text)
    named = _WORD.sub(lambda found: found[0] if found[0] in _KEPT else "x", lists)
    return re.sub(r"x( x)+", "x", named)


@functools.cache
def measured() -> dict[str, float]:
    """Return the weights of the families that were measured."""
    table = importlib.resources.files("prover.policies") / "priors.json"
    try:
        return dict(json.loads(table.read_text(encoding="utf-8"))["weights"])
    except FileNotFoundError:
        return {}


def reweighted(source: str, tactic: str, guess: float, seen: dict[str, int]) -> float:
    """Return the measured weight of a tactic, or the guess. `seen` counts the families at this goal."""
    family = family_of(source, tactic)
    if family.startswith("structure: intro "):
        return guess  # what it leads to is measured, see benchmarks/priors.py
    weight = measured().get(family)
    if weight is None:
        return guess
    times = seen.get(family, 0)
    seen[family] = times + 1
    return weight * AGAIN**times
