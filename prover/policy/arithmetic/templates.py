"""The arithmetic templates in one table. A new one is a function in a file of its own and a line here."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from prover.policy.arithmetic.at_variables import at_variables, functional_equations
from prover.policy.arithmetic.common_divisors import common_divisors
from prover.policy.arithmetic.divisibility import divisibility
from prover.policy.arithmetic.divisors import divisors
from prover.policy.arithmetic.finite import finite
from prover.policy.arithmetic.finite_sets import finite_sets
from prover.policy.arithmetic.instances import instances
from prover.policy.arithmetic.linear_systems import rational_systems
from prover.policy.arithmetic.polynomials import squares, zero_products
from prover.policy.arithmetic.powers import powers
from prover.policy.arithmetic.products import products
from prover.policy.arithmetic.recurrences import recurrences
from prover.policy.arithmetic.residues import residues
from prover.policy.arithmetic.roots import roots
from prover.policy.arithmetic.splits import splits
from prover.policy.arithmetic.witnesses import witnesses
from prover.policy.terms import GoalView, Weighted

Template = Callable[[GoalView], Iterator[Weighted]]

TEMPLATES: dict[str, Template] = {
    "finite": finite,
    "split": splits,
    "residues": residues,
    "powers": powers,
    "gcd": common_divisors,
    "divisors": divisors,
    "roots": roots,
    "instances": instances,
    "witness": witnesses,
    "linear system": rational_systems,
    "signs": products,
    "squares": squares,
    "zero products": zero_products,
    "divisibility": divisibility,
    "at variables": at_variables,
    "functional equation": functional_equations,
    "recurrence": recurrences,
    "finite set": finite_sets,
}
"""All templates, by the name that records and reports give as the source of a tactic."""
