"""Signs that the header gives its own types a meaning for: `+` of vectors, `∈` and `∪` of sets, `≤` of points.

What they mean stands in an instance, and no automation looks into it. So these instances are unfolded wherever they
occur. `a + b` reaches them by way of `instHAdd`, as it does for all types; for the others it is folded again.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from prover.core.proof_state import Goal
from prover.policies.automation.definitions import stated
from prover.policies.header import Header
from prover.policies.texts import defined

_HETEROGENEOUS = ("Add", "Sub", "Mul", "Div", "Mod", "Pow", "SMul", "Append")
_BY_WAY_OF = {
    **{name: f"instH{name}" for name in _HETEROGENEOUS},
    "Append": "instHAppendOfAppend",
    "LE": "ge_iff_le",
    "LT": "gt_iff_lt",
    "Setoid": "instHasEquivOfSetoid",
}
_FOLDED = {name: f"{name}.{name.lower()}_eq_h{name}" for name in _HETEROGENEOUS}
_FOLDED["SMul"] = "SMul.smul_eq_hSMul"
_NUMERALS = {"Zero": "(0 : {type}) = Zero.zero", "One": "(1 : {type}) = One.one"}
_DIRECT = {f"H{name}" for name in _HETEROGENEOUS} | {"Neg", "Inv", "Dvd", "Min", "Max", "Complement", "HasEquiv"}
_DIRECT |= {
    "Membership",
    "HasSubset",
    "HasSSubset",
    "Union",
    "Inter",
    "SDiff",
    "EmptyCollection",
    "Singleton",
    "Insert",
}
_CLASSES = sorted({*_BY_WAY_OF, *_NUMERALS, *_DIRECT}, key=len, reverse=True)
_NAMED_BY_LEAN = re.compile(rf"(?:.*\.)?inst({'|'.join(_CLASSES)})(?=[A-Z_]|$)")


def operations(goal: Goal, header: Header) -> str:
    """Return the tactic that unfolds the signs of the header's own types, or "" where none occurs.

    With them what hypotheses and target are instances of, such as `IsLeast s a`: it speaks of these signs.
    """
    found = dict(_instances(goal, header))
    if not found:
        return ""
    classes = sorted(set(found.values()))
    rules = [*map(defined, stated(goal, header)), *(_BY_WAY_OF[each] for each in classes if each in _BY_WAY_OF)]
    rules += [*_numerals(header, classes), *found]
    folded = ", ".join(_FOLDED[each] for each in classes if each in _FOLDED)
    again = f"\ntry simp only [{folded}] at *" if folded else ""
    return f"simp only [{', '.join(rules)}] at *{again}"


def _instances(goal: Goal, header: Header) -> Iterator[tuple[str, str]]:
    """Yield the instances that occur, with their class."""
    for name in goal.instances:
        if match := _NAMED_BY_LEAN.match(name):
            yield name, match[1]
    for instance in header.instances:
        if instance.name in goal.definitions and instance.class_name in _CLASSES:
            yield instance.name, instance.class_name


def _numerals(header: Header, classes: Sequence[str]) -> Iterator[str]:
    """Yield the rules for 0 and 1, which simp does not look into."""
    for instance in header.instances:
        if instance.class_name in classes and instance.class_name in _NUMERALS:
            equation = _NUMERALS[instance.class_name].format(type=instance.type)
            yield f"show ∀ {instance.binders}, {equation} from rfl" if instance.binders else f"show {equation} from rfl"
